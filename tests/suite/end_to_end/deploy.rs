//! The template as `sam deploy` brings it up on the emulator, with the functions that cargo built for this machine.

use super::aws::Aws;
use super::http::{self, Message};
use super::ministack::MiniStack;
use super::process::Process;
use super::python::Tools;
use super::{build, ministack, place, sources};
use ::aws::{connection, over_hyper, table::Table};
use bundler::table::{self, Item, sweep::LowWater};
use bundler::timestamp::Timestamp;
use bundler::window::{self, AggregationUnit};
use serde_json::{Value, json};
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long an hour of a window lasts in these tests.
pub(crate) const AGGREGATION_UNIT_SECONDS: u32 = 10;

/// At so many errors in a row a webhook is disabled in these tests.
pub(crate) const DISABLE_AT_ERROR: u32 = 4;

/// And its owner warned.
pub(crate) const WARN_AT_ERROR: u32 = 2;

const NAME: &str = "bundlehook";
const SENDER: &str = "webhooks@bundlehook.example";
const DEPLOY_LIMIT: Duration = Duration::from_mins(5);

static STACK: LazyLock<Stack> = LazyLock::new(Stack::deploy);

/// A deployed stack. One serves all tests; it and its processes end with the test binary.
pub(crate) struct Stack {
    outputs: Vec<(String, String)>,
    aws: Aws,
    ministack: MiniStack,
}

impl Stack {
    pub(crate) fn deployed() -> &'static Self {
        &STACK
    }

    /// Posts a body to a path of ingest's Function URL.
    pub(crate) fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Message {
        self.ask("POST", path, headers, body)
    }

    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Message {
        let url = self.output("IngestUrl");
        let id = url.trim_start_matches("https://").split('.').next().expect("a URL has a host");
        // On AWS the id is in the host's name, which no resolver knows here.
        let request = format!("{method} /_aws/lambda-url/{id}{path}");
        http::request(self.ministack.address(), &request, headers, body).expect("the emulator answers")
    }

    /// Runs a function, named as its binary is, and returns its answer; an error of the function is in it as it came.
    pub(crate) fn invoke(&self, function: &str, event: &Value) -> Value {
        let parameters =
            json!({ "FunctionName": self.physical_name(&resource(function)), "Payload": event.to_string() });
        let answer = self.aws.call("lambda", "invoke", &parameters);
        let payload = answer["Payload"].as_str().expect("an invocation has a payload");
        serde_json::from_str(payload).expect("a payload is JSON")
    }

    /// Lets the aggregator look for what is due, as the schedule does once a minute.
    pub(crate) fn tick(&self) {
        let answer = self.invoke("aggregator", &json!({}));
        assert!(answer.get("errorType").is_none(), "{answer}");
    }

    /// The table, as the functions see it.
    pub(crate) fn table(&self) -> Table {
        let http_client = over_hyper::http_client(over_hyper::connector().expect("the client builds"));
        let variable = |name: &str| ministack::variable(self.address(), name);
        let config = connection::configure(http_client, variable).expect("the variables are there");
        Table::new(&config, self.output("TableName").to_owned())
    }

    /// What a function logged, oldest first, without the lines that the runtime writes around each invocation.
    pub(crate) fn log_lines(&self, function: &str) -> Vec<Value> {
        let mut parameters = json!({ "logGroupName": format!("/aws/lambda/{NAME}-{function}") });
        let mut lines = Vec::new();
        loop {
            let page = self.aws.call("logs", "filter_log_events", &parameters);
            let events = page["events"].as_array().expect("a page has events");
            let messages = events.iter().filter_map(|event| event["message"].as_str());
            lines.extend(messages.filter(|message| !is_platform_line(message)).map(parsed));
            match page["nextToken"].as_str() {
                Some(token) => parameters["nextToken"] = token.into(),
                None => return lines,
            }
        }
    }

    /// Puts an item into the table.
    pub(crate) fn put(&self, item: &Item) {
        let mut attributes = json!({ "pk": { "S": item.key.pk }, "sk": { "S": item.key.sk } });
        for (name, value) in &item.attributes {
            attributes[name] = match value {
                table::Value::Text(text) => json!({ "S": text }),
                table::Value::Number(number) => json!({ "N": number.to_string() }),
                table::Value::Bytes(_) => panic!("no item that the tests put holds bytes"),
            };
        }
        self.aws.call("dynamodb", "put_item", &json!({ "TableName": self.output("TableName"), "Item": attributes }));
    }

    /// The value of one of the template's outputs.
    pub(crate) fn output(&self, key: &str) -> &str {
        let output = self.outputs.iter().find(|(output, _)| output == key);
        &output.unwrap_or_else(|| panic!("the template has no output {key}")).1
    }

    /// Where the emulator answers.
    pub(crate) fn address(&self) -> SocketAddr {
        self.ministack.address()
    }

    /// For what the stack has no word of its own for.
    pub(crate) fn aws(&self) -> &Aws {
        &self.aws
    }

    pub(crate) fn physical_name(&self, resource: &str) -> String {
        let parameters = json!({ "StackName": NAME, "LogicalResourceId": resource });
        let answer = self.aws.call("cloudformation", "describe_stack_resource", &parameters);
        let name = &answer["StackResourceDetail"]["PhysicalResourceId"];
        name.as_str().expect("a resource has a physical id").to_owned()
    }

    fn deploy() -> Self {
        let tools = Tools::installed();
        let template = built_template(tools);
        let ministack = MiniStack::start(tools);
        let deploy = Process::start("sam-deploy", tools.program("sam"), |command| {
            ministack.introduce(command, tools);
            command.args(["deploy", "--stack-name", NAME, "--resolve-s3", "--capabilities", "CAPABILITY_IAM"]);
            command.args(["--no-confirm-changeset", "--no-progressbar", "--template-file"]).arg(&template);
            command.arg("--parameter-overrides").args(parameters()).current_dir(place::run_folder());
        });
        deploy.finish(DEPLOY_LIMIT);
        let aws = Aws::of(&ministack, tools);
        aws.call("ses", "verify_email_identity", &json!({ "EmailAddress": SENDER }));
        let stack = Self { outputs: outputs(&aws), aws, ministack };
        // As if it had ticked before: the very first tick looks at the 25,600 partitions of the last day.
        let unit = AggregationUnit::from_seconds(AGGREGATION_UNIT_SECONDS).expect("the unit is within its bounds");
        stack.put(&LowWater { due: window::last_due(unit, now()), shards: 0 }.to_item());
        stack
    }
}

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    Timestamp::from_seconds(since.as_secs()).expect("the moment can be written")
}

fn parameters() -> [String; 10] {
    [
        format!("Architecture={}", build::architecture()),
        "AllowHttp=true".to_owned(),
        "AllowPrivateReceivers=true".to_owned(),
        "LogLevel=DEBUG".to_owned(),
        format!("AggregationUnitSeconds={AGGREGATION_UNIT_SECONDS}"),
        "RetryWaits=5s,5s,5s".to_owned(),
        format!("DisableAtError={DISABLE_AT_ERROR}"),
        format!("WarnAtError={WARN_AT_ERROR}"),
        format!("SenderEmail={SENDER}"),
        format!("GraphUrl={}", sources::origin()),
    ]
}

fn built_template(tools: &Tools) -> PathBuf {
    let folder = place::run_folder().join("built");
    fs::create_dir_all(&folder).expect("a folder of the run is created");
    let script = Process::start("built-template", tools.program("python"), |command| {
        command.arg("-I").arg(place::script("built_template.py"));
        command.arg(place::repository().join("template.yaml")).arg(&folder);
        command.args(build::functions().iter().map(|(name, file)| format!("{name}={}", file.display())));
    });
    script.finish(Duration::from_mins(1));
    folder.join("template.yaml")
}

fn outputs(aws: &Aws) -> Vec<(String, String)> {
    let answer = aws.call("cloudformation", "describe_stacks", &json!({ "StackName": NAME }));
    let outputs = answer["Stacks"][0]["Outputs"].as_array().expect("the template has outputs");
    let text = |value: &Value| value.as_str().expect("an output is text").to_owned();
    outputs.iter().map(|output| (text(&output["OutputKey"]), text(&output["OutputValue"]))).collect()
}

/// The resource of a function: `ingest` is `IngestFunction`.
fn resource(function: &str) -> String {
    let (initial, rest) = function.split_at(1);
    initial.to_uppercase() + rest + "Function"
}

fn is_platform_line(message: &str) -> bool {
    ["START ", "END ", "REPORT "].iter().any(|start| message.starts_with(start))
}

fn parsed(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|_| panic!("a function wrote a line that is not JSON: {line}"))
}
