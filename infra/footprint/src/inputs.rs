//! What a function finds when it starts and what it is asked to do first: the environment that Lambda and
//! `template.yaml` give it, and one event for each.

use crate::Result;
use bundler::event::HttpUrl;
use bundler::file::{Copying, File, FileKey, FileState, Source};
use bundler::header::CustomHeaders;
use bundler::id::{KeyPart, WorkspaceId};
use bundler::limits::COPIED_FILE_BYTES;
use bundler::table::item;
use bundler::timestamp::Timestamp;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// The environment of every function, the same in every run but for the two ports.
pub(crate) fn environment(runtime_api: SocketAddr, aws_port: u16) -> Vec<(&'static str, String)> {
    let aws = format!("https://localhost:{aws_port}");
    let mut environment = vec![
        ("AWS_LAMBDA_RUNTIME_API", runtime_api.to_string()),
        ("AWS_ENDPOINT_URL", aws.clone()),
        ("COPY_QUEUE_URL", format!("{aws}/000000000000/copies")),
        ("DELIVERY_QUEUE_URL", format!("{aws}/000000000000/deliveries.fifo")),
    ];
    environment.extend(FIXED.map(|(name, value)| (name, value.to_owned())));
    environment
}

/// The event that a function gets first: one that leads to its first request to AWS.
pub(crate) fn event(function: &str) -> Result<String> {
    let event = match function {
        "ingest" => function_url_request("/v1/workspaces/acme/messages", &native_event()),
        // What nobody has to make for this: any key that is not the admin's leads to the secret too.
        "settings" => function_url_request("/v1/workspaces/acme/portal-links", &json!({})),
        "sender" => sqs_record(&delivery_reference().to_string()),
        "attachments" => sqs_record(&file_key()?.to_reference()),
        _ => json!({}),
    };
    Ok(event.to_string())
}

/// What else a function finds whose file comes from this machine, over plain HTTP. Only against an emulator does it take
/// that, which its endpoint says it has here.
pub(crate) const OF_A_LOCAL_SOURCE: [(&str, &str); 2] = [("ALLOW_HTTP", "true"), ("ALLOW_PRIVATE_RECEIVERS", "true")];

/// The table's answer about the file of the attachments' event: it is to be copied from this address, for the first time.
pub(crate) fn file_item(source: SocketAddr) -> Result<Value> {
    let url = HttpUrl::parse(&format!("http://{source}/file"))?;
    let key = file_key()?;
    let file = File {
        at: key.timestamp,
        key,
        size: Some(COPIED_FILE_BYTES),
        mimetype: "application/octet-stream".to_owned(),
        state: FileState::Pending(Copying { source: Source::Url { url, headers: CustomHeaders::default() }, tries: 0 }),
        waiting: Vec::new(),
        is_released: false,
        revision: 0,
    };
    let item = file.to_item();
    let mut attributes = json!({ "pk": { "S": item.key.pk }, "sk": { "S": item.key.sk } });
    for (name, value) in item.attributes {
        attributes[name] = match value {
            item::Value::Text(text) => json!({ "S": text }),
            item::Value::Number(number) => json!({ "N": number.to_string() }),
            item::Value::Bytes(_) => return Err("a file's item has bytes".into()),
        };
    }
    Ok(json!({ "Item": attributes }))
}

const FIXED: [(&str, &str); 33] = [
    // Lambda's own.
    ("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE"),
    ("AWS_DEFAULT_REGION", "eu-central-1"),
    ("AWS_EXECUTION_ENV", "AWS_Lambda_Image"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
    ("AWS_LAMBDA_FUNCTION_NAME", "footprint"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/footprint"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/03/02/[$LATEST]0123456789abcdef0123456789abcdef"),
    ("AWS_REGION", "eu-central-1"),
    ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("AWS_SESSION_TOKEN", "IQoJb3JpZ2luX2VjEXAMPLE"),
    ("LANG", "en_US.UTF-8"),
    ("LAMBDA_TASK_ROOT", "/var/task"),
    ("PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin"),
    ("TZ", ":UTC"),
    // The template's.
    ("AGGREGATION_UNIT_SECONDS", "3600"),
    ("ALLOW_HTTP", "false"),
    ("ALLOW_PRIVATE_RECEIVERS", "false"),
    ("DEAD_LETTER_QUEUE_ARN", "arn:aws:sqs:eu-central-1:000000000000:given-up.fifo"),
    ("DISABLE_AT_ERROR", "11"),
    ("FILES_BUCKET", "footprint"),
    ("GRAPH_URL", "https://graph.facebook.com"),
    ("GRAPH_VERSION", "v24.0"),
    ("LINKS_ROLE_ARN", "arn:aws:iam::000000000000:role/footprint-links"),
    ("LOG_LEVEL", "INFO"),
    ("PLATFORM_NAME", "TimelinesAI"),
    ("RETRY_WAITS", "1m,5m,15m,30m,1h,2h,3h,4h,5h,6h"),
    ("SECRET_ARN", "arn:aws:secretsmanager:eu-central-1:000000000000:secret:footprint-AbCdEf"),
    ("SENDER_FUNCTION", "footprint-sender"),
    ("TABLE_NAME", "footprint"),
    ("UPSTREAM_SECRET_ARN", "arn:aws:secretsmanager:eu-central-1:000000000000:secret:upstreams-AbCdEf"),
    ("WARN_AT_ERROR", "5"),
];

fn native_event() -> Value {
    json!({
        "workspace_id": "acme",
        "whatsapp_account": { "full_name": "Amnon Haha", "email": "amnon@acme.example", "phone": "+972500000000" },
        "chat": {
            "full_name": "John Doe",
            "responsible_name": "Amnon",
            "responsible_email": "amnon@acme.example",
            "chat_url": "https://app.timelines.ai/chat/10010001/messages/",
            "chat_id": "10010001",
            "is_new_chat": true,
            "is_group": false,
            "phone": "+972540000000"
        },
        "message": {
            "direction": "sent",
            "timestamp": "2026-03-02T09:25:29+0000",
            "message_id": "ddfskhsd76dsfs6dsd5skjsdhf",
            "sender": { "full_name": "John Doe", "phone": "+972540000000" },
            "recipient": { "full_name": "Jane Smith", "phone": "+972550000000" },
            "text": "lorem ipsum"
        }
    })
}

/// What the delivery queue carries: the name of a delivery, never its content.
fn delivery_reference() -> Value {
    json!({ "workspace": "acme", "webhook": "default", "chat": "10010001", "due": "20260302T100000" })
}

fn file_key() -> Result<FileKey> {
    Ok(FileKey {
        workspace: WorkspaceId::parse("acme")?,
        chat: KeyPart::of("10010001"),
        timestamp: Timestamp::parse("2026-03-02T09:30:00Z").ok_or("the file's message has no moment")?,
        message: KeyPart::of("1"),
    })
}

/// A Function URL's event (payload format 2.0).
fn function_url_request(path: &str, body: &Value) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "authorization": "Bearer x",
            "content-type": "application/json",
            "host": "footprint.lambda-url.eu-central-1.on.aws",
            "user-agent": "footprint",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https"
        },
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "footprint",
            "domainName": "footprint.lambda-url.eu-central-1.on.aws",
            "domainPrefix": "footprint",
            "http": {
                "method": "POST",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "footprint"
            },
            "requestId": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
            "routeKey": "$default",
            "stage": "$default",
            "time": "02/Mar/2026:09:25:30 +0000",
            "timeEpoch": 1_772_443_530_000_u64
        },
        "body": body.to_string(),
        "isBase64Encoded": false
    })
}

/// A batch of one record of the FIFO queue, as Lambda's poller hands it over.
fn sqs_record(body: &str) -> Value {
    json!({ "Records": [{
        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": body,
        "attributes": {
            "ApproximateFirstReceiveTimestamp": "1772445645001",
            "ApproximateReceiveCount": "1",
            "MessageDeduplicationId": "footprint",
            "MessageGroupId": "acme#default#0",
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "SentTimestamp": "1772445645000",
            "SequenceNumber": "18849496460467696128"
        },
        "messageAttributes": {},
        "md5OfBody": "00000000000000000000000000000000",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:deliveries.fifo",
        "awsRegion": "eu-central-1"
    }] })
}
