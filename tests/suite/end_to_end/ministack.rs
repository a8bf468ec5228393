//! The emulator of AWS: it holds what the template declares, and runs the functions' binaries as processes of its own.

use super::process::Process;
use super::python::Tools;
use super::{http, place};
use std::ffi::OsString;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::Command;
use std::time::{Duration, Instant};

const READY_LIMIT: Duration = Duration::from_mins(1);
const READY_PAUSE: Duration = Duration::from_millis(50);
const REGION: &str = "us-east-1";
const KEY: &str = "test";

/// A running emulator. It ends with this value, and the functions that it runs with it.
pub(crate) struct MiniStack {
    address: SocketAddr,
    _process: Process,
}

impl MiniStack {
    /// Starts an empty one on a free port of the loopback interface, and waits until it answers.
    pub(crate) fn start(tools: &Tools) -> Self {
        Self::start_as("ministack", tools)
    }

    /// As `start`, under another name beside the first.
    pub(crate) fn start_as(name: &str, tools: &Tools) -> Self {
        let address = free_address();
        let process =
            Process::start(name, tools.program("ministack"), |command| prepare(command, name, address, tools));
        let deadline = Instant::now() + READY_LIMIT;
        while !is_healthy(address) {
            let ended = process.ended_within(READY_PAUSE);
            assert!(ended.is_none(), "MiniStack ended while it started:\n{}", process.last_lines());
            assert!(Instant::now() < deadline, "MiniStack is not ready:\n{}", process.last_lines());
        }
        Self { address, _process: process }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Gives a command what a client of the emulator needs, and nothing of the developer's own settings for AWS.
    pub(crate) fn introduce(&self, command: &mut Command, tools: &Tools) {
        command.env_clear().envs(environment(self.address, tools));
    }
}

fn prepare(command: &mut Command, name: &str, address: SocketAddr, tools: &Tools) {
    let state = place::run_folder().join(format!("{name}-state"));
    fs::create_dir_all(&state).expect("a folder of the run is created");
    // The functions inherit this environment. With AWS_ENDPOINT_URL in it they call the emulator.
    command.env_clear().envs(environment(address, tools));
    command.env("GATEWAY_PORT", address.port().to_string());
    command.env("BIND_HOST", address.ip().to_string()).env("MINISTACK_HOST", address.ip().to_string());
    // Each function calls with its own role's credentials, so a permission that the template lacks is missed here too.
    command.env("AUTH", "true");
    // These would listen on every interface, and Docker is nobody's business here.
    command.env("IOT_MTLS_ENABLED", "0").env("SFTP_ENABLED", "0");
    command.env("DOCKER_HOST", format!("unix://{}", state.join("no-docker.sock").display()));
    command.env("STATE_DIR", &state).env("S3_DATA_DIR", &state).env("TMPDIR", &state);
}

/// What a client of the emulator needs, by the names of AWS's own variables.
pub(crate) fn variable(address: SocketAddr, name: &str) -> Option<String> {
    match name {
        "AWS_ENDPOINT_URL" => Some(format!("http://{address}")),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some(KEY.to_owned()),
        "AWS_REGION" => Some(REGION.to_owned()),
        _ => None,
    }
}

pub(crate) fn environment(address: SocketAddr, tools: &Tools) -> [(&'static str, OsString); 9] {
    [
        ("PATH", tools.search_path()),
        ("HOME", place::home_folder().into()),
        ("AWS_ENDPOINT_URL", format!("http://{address}").into()),
        ("AWS_ACCESS_KEY_ID", KEY.into()),
        ("AWS_SECRET_ACCESS_KEY", KEY.into()),
        ("AWS_REGION", REGION.into()),
        ("AWS_DEFAULT_REGION", REGION.into()),
        ("NO_PROXY", address.ip().to_string().into()),
        ("SAM_CLI_TELEMETRY", "0".into()),
    ]
}

fn is_healthy(address: SocketAddr) -> bool {
    http::request(address, "GET /_ministack/health", &[], b"").is_ok_and(|answer| answer.status() == 200)
}

/// A port that was free a moment ago. The system hands out others before it comes back to this one.
pub(crate) fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("the loopback interface has a free port");
    listener.local_addr().expect("a bound socket has an address")
}
