//! Calls to the emulator's AWS interfaces, by `aws.py`, which runs as long as this value lives.

use super::ministack::MiniStack;
use super::place;
use super::python::Tools;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

pub(crate) struct Aws {
    caller: Mutex<Caller>,
}

struct Caller {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Aws {
    pub(crate) fn of(ministack: &MiniStack, tools: &Tools) -> Self {
        let mut command = Command::new(tools.program("python"));
        ministack.introduce(&mut command, tools);
        let errors = File::create(place::run_folder().join("aws.log")).expect("a log file is created");
        command.arg("-I").arg(place::script("aws.py")).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors);
        let mut process = command.spawn().expect("the tools have a Python");
        let input = process.stdin.take();
        let output = BufReader::new(process.stdout.take().expect("its output is a pipe"));
        Self { caller: Mutex::new(Caller { process, input, output }) }
    }

    /// Calls an operation, named as boto3 names it; panics with the error if there is one.
    pub(crate) fn call(&self, service: &str, operation: &str, parameters: &Value) -> Value {
        match self.try_call(service, operation, parameters) {
            Ok(result) => result,
            Err(error) => panic!("{service} {operation}: {error}"),
        }
    }

    /// Calls an operation, named as boto3 names it.
    pub(crate) fn try_call(&self, service: &str, operation: &str, parameters: &Value) -> Result<Value, String> {
        let line = json!({ "service": service, "operation": operation, "parameters": parameters });
        let mut answer: Value = self.caller.lock().expect("a call does not panic half way").exchange(&line);
        match answer["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(answer["result"].take()),
        }
    }
}

impl Caller {
    fn exchange(&mut self, line: &Value) -> Value {
        let input = self.input.as_mut().expect("its input is open until it is dropped");
        writeln!(input, "{line}").expect("aws.py takes a line");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("aws.py answers with a line");
        serde_json::from_str(&answer).expect("aws.py answers in JSON")
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        // It ends when its input does.
        self.input = None;
        let _ = self.process.wait();
    }
}
