//! What tests need and customers must not have: the functions refuse it where `AWS_ENDPOINT_URL` names no emulator on
//! this machine.

use super::{build, place};
use std::path::Path;
use std::process::Command;

/// What the template sets for production. No runtime answers: a function that does not refuse ends with another error.
const PRODUCTION: [(&str, &str); 25] = [
    ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1"),
    ("AWS_LAMBDA_FUNCTION_NAME", "function"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
    ("AWS_REGION", "us-east-1"),
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("TABLE_NAME", "table"),
    ("DELIVERY_QUEUE_URL", "https://queue.example.org/d.fifo"),
    ("COPY_QUEUE_URL", "https://queue.example.org/copies"),
    ("GRAPH_URL", "https://graph.facebook.com"),
    ("GRAPH_VERSION", "v24.0"),
    ("LINKS_ROLE_ARN", "arn:aws:iam::000000000000:role/links"),
    ("SECRET_ARN", "secret"),
    ("UPSTREAM_SECRET_ARN", "upstreams"),
    ("SENDER_FUNCTION", "sender"),
    ("FILES_BUCKET", "files"),
    ("PLATFORM_NAME", "TimelinesAI"),
    ("ALLOW_HTTP", "false"),
    ("ALLOW_PRIVATE_RECEIVERS", "false"),
    ("AGGREGATION_UNIT_SECONDS", "3600"),
    ("DEAD_LETTER_QUEUE_ARN", "arn:aws:sqs:us-east-1:000000000000:given-up.fifo"),
    ("RETRY_WAITS", "1m,5m"),
    ("DISABLE_AT_ERROR", "11"),
    ("WARN_AT_ERROR", "5"),
];

#[test]
fn what_is_for_tests_is_refused_outside_the_emulator() {
    let _turn = place::turn();
    for (name, binary) in build::functions() {
        let (variable, value, refusal) = match name.as_str() {
            "ingest" | "aggregator" => {
                ("AGGREGATION_UNIT_SECONDS", "10", "may be other than 3600 only against an emulator")
            }
            "sender" | "settings" | "attachments" => {
                ("ALLOW_PRIVATE_RECEIVERS", "true", "not public may be called only against an emulator")
            }
            other => panic!("{other} has nothing to refuse yet: say what"),
        };
        assert!(!start(&binary, &[]).contains("emulator"), "{name} refuses what production sets");
        for elsewhere in
            ["", "https://dynamodb.us-east-1.amazonaws.com", "http://localhost.example.org", "http://10.0.0.1"]
        {
            let said = start(&binary, &[(variable, value), ("AWS_ENDPOINT_URL", elsewhere)]);
            assert!(said.contains(refusal), "{name} with {elsewhere:?} said {said}");
        }
        let said = start(&binary, &[(variable, value), ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")]);
        assert!(!said.contains("emulator"), "{name} refuses against an emulator: {said}");
    }
}

/// What a function says when it ends, which it does at once: there is no runtime to wait for.
fn start(binary: &Path, changes: &[(&str, &str)]) -> String {
    let mut command = Command::new(binary);
    command.env_clear().envs(PRODUCTION).envs(changes.iter().copied());
    let output = command.output().expect("a function starts");
    assert!(!output.status.success(), "a function without a runtime ended well");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}
