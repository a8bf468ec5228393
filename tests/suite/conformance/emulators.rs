//! The emulators: processes without a stack, of the same tools as the end-to-end tests, which install them.

use crate::end_to_end::{
    http,
    ministack::{self, MiniStack},
    process::Process,
    python::Tools,
};
use aws::{connection, over_hyper};
use std::{
    net::SocketAddr,
    sync::LazyLock,
    time::{Duration, Instant},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Emulator {
    MiniStack,
    Moto,
}

const READY_LIMIT: Duration = Duration::from_mins(1);
const READY_PAUSE: Duration = Duration::from_millis(50);

static MINISTACK: LazyLock<MiniStack> =
    LazyLock::new(|| MiniStack::start_as("conformance-ministack", Tools::installed()));
static MOTO: LazyLock<Moto> = LazyLock::new(Moto::start);

struct Moto {
    address: SocketAddr,
    _process: Process,
}

impl Emulator {
    pub(crate) const ALL: [Self; 2] = [Self::MiniStack, Self::Moto];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::MiniStack => "MiniStack",
            Self::Moto => "moto",
        }
    }

    /// How many of so many sequences are played on it: all, or those that it has time for while the other plays all.
    pub(crate) fn share(self, sequences: u64) -> u64 {
        match self {
            Self::MiniStack => sequences,
            Self::Moto => sequences / 4,
        }
    }

    /// See `gaps`.
    pub(crate) fn remembers_deduplication_ids(self) -> bool {
        match self {
            Self::MiniStack => true,
            Self::Moto => false,
        }
    }

    /// How many are played at the same time: by measurement, as many as keep it busy.
    pub(crate) fn workers(self) -> usize {
        match self {
            Self::MiniStack => 3,
            Self::Moto => 12,
        }
    }

    /// Starts it, if it is not running yet; it ends with the test binary.
    fn address(self) -> SocketAddr {
        match self {
            Self::MiniStack => MINISTACK.address(),
            Self::Moto => MOTO.address,
        }
    }

    /// What the adapters reach it by: the functions' own connection.
    pub(crate) fn config(self) -> aws::Config {
        let http_client = over_hyper::http_client(over_hyper::connector().expect("the client builds"));
        let variable = |name: &str| ministack::variable(self.address(), name);
        connection::configure(http_client, variable).expect("the variables are there")
    }
}

impl Moto {
    fn start() -> Self {
        let (tools, address) = (Tools::installed(), ministack::free_address());
        let process = Process::start("moto", tools.program("moto_server"), |command| {
            command.env_clear().envs(ministack::environment(address, tools));
            command.args(["--host", &address.ip().to_string(), "--port", &address.port().to_string()]);
        });
        let deadline = Instant::now() + READY_LIMIT;
        while !http::request(address, "GET /moto-api/", &[], b"").is_ok_and(|answer| answer.status() == 200) {
            let ended = process.ended_within(READY_PAUSE);
            assert!(ended.is_none(), "moto ended while it started:\n{}", process.last_lines());
            assert!(Instant::now() < deadline, "moto is not ready:\n{}", process.last_lines());
        }
        Self { address, _process: process }
    }
}
