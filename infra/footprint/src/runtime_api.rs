//! The part of Lambda that a function talks to: the runtime API, over plain HTTP on a loopback port. It hands out the
//! script's event and takes what comes back.

use crate::Result;
use crate::http::{self, Request};
use crate::script::{Asked, Script, Stage, Step};
use std::io::{self, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

/// Serves until the process ends, and returns where.
pub(crate) fn start(stage: Stage) -> Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if let Some(script) = stage.script() {
                thread::spawn(move || {
                    if let Err(error) = serve(stream, &script) {
                        script.tell(Step::Trouble(format!("runtime API: {error}")));
                    }
                });
            }
        }
    });
    Ok(address)
}

fn serve(stream: TcpStream, script: &Script) -> io::Result<()> {
    let mut connection = BufReader::new(stream);
    while let Some(request) = http::read_request(&mut connection)? {
        let is_poll = request.method == "GET";
        if script.is_answered(if is_poll { Asked::Poll } else { Asked::Outcome(outcome(&request)) }) {
            let answer = if is_poll { event(&script.event) } else { http::answer(&[], "") };
            connection.get_mut().write_all(&answer)?;
        }
    }
    Ok(())
}

/// An event under the headers that Lambda gives it.
fn event(body: &str) -> Vec<u8> {
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        // Far enough ahead that no run on any machine comes near it: 2100-01-01.
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:000000000000:function:footprint"),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0"),
        ("content-type", "application/json"),
    ];
    http::answer(&headers, body)
}

/// The last part of the path tells a result (`response`) from a failure (`error`).
fn outcome(request: &Request) -> String {
    let kind = request.path.rsplit('/').next().unwrap_or_default();
    format!("{kind} {}", String::from_utf8_lossy(&request.body))
}
