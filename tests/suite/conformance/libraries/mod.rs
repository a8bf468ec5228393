//! What a receiver got, judged as receivers judge it: by the official Standard Webhooks libraries of Python and of
//! JavaScript, on the bytes as they came off a socket. Their versions are pinned, and installed below `target/`.

mod bytes;

use crate::end_to_end::{http::Message, node::Modules, place, process::Process, python::Tools};
use base64::{Engine, engine::general_purpose::STANDARD};
use bundler::signature::SigningSecret;
use serde_json::{Value, json};
use std::{fs, path::PathBuf, time::Duration};

const LIMIT: Duration = Duration::from_mins(1);
const TAKEN: &str = "taken";
const NOT_SIGNED: &str = "refused: No matching signature found";
pub(crate) const TOO_OLD: &str = "refused: Message timestamp too old";

/// Both libraries, ready to judge.
pub(crate) struct Libraries {
    tools: &'static Tools,
    modules: Modules,
}

/// A request and a secret, and what is to be said of them.
struct Case {
    request: Message,
    secret: String,
    verdict: &'static str,
}

impl Libraries {
    pub(crate) fn installed() -> Self {
        let tools = Tools::installed();
        Self { tools, modules: Modules::installed(tools) }
    }

    /// Panics unless both libraries take the request with each of its secrets, and with no other; nor one that was
    /// changed on its way, nor one that was kept back.
    pub(crate) fn assert_take(&self, name: &str, request: &Message, secrets: &[SigningSecret]) {
        let case = |secret: &SigningSecret, request: Message, verdict| Case {
            request,
            secret: secret.reveal().to_owned(),
            verdict,
        };
        let mut cases = vec![case(&SigningSecret::from_bytes([0; 32]), request.clone(), NOT_SIGNED)];
        for secret in secrets {
            cases.push(case(secret, request.clone(), TAKEN));
            cases.push(case(secret, with_body_changed(request), NOT_SIGNED));
            for header in ["webhook-id", "webhook-timestamp"] {
                // The last digit of either.
                cases.push(case(secret, with_header(request, header, changed), NOT_SIGNED));
            }
            cases.push(case(secret, with_header(request, "webhook-timestamp", minutes_older), TOO_OLD));
        }
        self.judge(name, &cases);
    }

    /// Panics unless both libraries refuse the request with the right secret, and say this of it.
    pub(crate) fn assert_refuse(&self, name: &str, request: &Message, secret: &SigningSecret, verdict: &'static str) {
        self.judge(name, &[Case { request: request.clone(), secret: secret.reveal().to_owned(), verdict }]);
    }

    fn judge(&self, name: &str, cases: &[Case]) {
        let file = place::run_folder().join(format!("{name}-cases.json"));
        let json: Vec<Value> = cases.iter().map(Case::json).collect();
        fs::write(&file, Value::from(json).to_string()).expect("the cases are written");
        let expected: Vec<_> = cases.iter().map(|case| case.verdict).collect();
        let python = Process::start(&format!("{name}-pypi"), self.tools.program("python"), |command| {
            command.arg("-I").arg(script("verify.py")).arg(&file);
        });
        let node = Process::start(&format!("{name}-npm"), self.tools.program("node"), |command| {
            command.arg(script("verify.cjs")).arg(&file).env("NODE_PATH", self.modules.folder());
        });
        for (library, process) in [("PyPI", python), ("npm", node)] {
            let said = process.finish(LIMIT);
            assert_eq!(said.lines().collect::<Vec<_>>(), expected, "{library} on {name}");
        }
    }
}

impl Case {
    fn json(&self) -> Value {
        let Self { request, secret, verdict: _ } = self;
        json!({ "secret": secret, "headers": request.headers, "body": STANDARD.encode(&request.body) })
    }
}

fn with_body_changed(request: &Message) -> Message {
    let mut body = request.body.clone();
    // What a proxy does that mends documents.
    body.push(b'\n');
    Message { body, ..request.clone() }
}

fn with_header(request: &Message, name: &str, change: impl Fn(&str) -> String) -> Message {
    let mut changed = request.clone();
    let (_, value) = changed.headers.iter_mut().find(|(field, _)| field == name).expect(name);
    *value = change(value);
    changed
}

fn changed(value: &str) -> String {
    let (rest, last) = value.split_at(value.len() - 1);
    format!("{rest}{}", if last == "0" { "1" } else { "0" })
}

fn minutes_older(seconds: &str) -> String {
    (seconds.parse::<u64>().expect("seconds") - 10 * 60).to_string()
}

fn script(name: &str) -> PathBuf {
    place::repository().join("tests/suite/conformance/libraries").join(name)
}
