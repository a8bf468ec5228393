//! The four ways in, known by the shape of what Lambda hands over, and what it is handed back.
//! Whoever is on one of them can write nothing that puts it on another: what comes over HTTP, by the queue or by the bus
//! is always within what Lambda makes around it.

use aws::{
    batch::{Batch, PartialAnswer},
    function_url,
};
use serde::{Deserialize, Serialize};
use serde_json::{Error, value::RawValue};

/// An event of Lambda's.
pub(crate) enum Way {
    FunctionUrl(function_url::Event),
    UpstreamQueue(Batch),
    /// The `detail` of an EventBridge event.
    EventBus(Box<RawValue>),
    /// Everything else: a native event, an array of them, or nothing that is known.
    Direct,
}

/// What tells the ways apart, as it came. A native event has none of these fields.
#[derive(Deserialize)]
struct Marks<'a> {
    #[serde(borrow, rename = "requestContext")]
    request_context: Option<&'a RawValue>,
    #[serde(borrow, rename = "Records")]
    records: Option<&'a RawValue>,
    #[serde(borrow, rename = "detail-type")]
    detail_type: Option<&'a RawValue>,
    #[serde(borrow)]
    detail: Option<&'a RawValue>,
}

impl Way {
    /// The error is an event that Lambda did not make, though it looks like one of its own.
    pub(crate) fn of(payload: &RawValue) -> Result<Self, Error> {
        let text = payload.get();
        // An array would read as well: as the fields in their order.
        let marks = if text.starts_with('{') { serde_json::from_str::<Marks<'_>>(text).ok() } else { None };
        match marks {
            Some(Marks { request_context: Some(_), .. }) => serde_json::from_str(text).map(Self::FunctionUrl),
            Some(Marks { records: Some(_), .. }) => serde_json::from_str(text).map(Self::UpstreamQueue),
            Some(Marks { detail_type: Some(_), detail: Some(detail), .. }) => Ok(Self::EventBus(detail.to_owned())),
            Some(_) | None => Ok(Self::Direct),
        }
    }
}

/// What Lambda is handed back.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    FunctionUrl(function_url::Answer),
    UpstreamQueue(PartialAnswer),
    /// Nobody reads it.
    EventBus,
    Direct(Box<RawValue>),
}

impl Answer {
    /// A document of our own, as it is.
    pub(crate) fn direct(document: Vec<u8>) -> Result<Self, Error> {
        let text = String::from_utf8(document).map_err(serde::de::Error::custom)?;
        RawValue::from_string(text).map(Self::Direct)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json, value::to_raw_value};

    fn check(payload: &Value, expected: &str) {
        let raw = to_raw_value(payload).expect("JSON");
        let way = match Way::of(&raw) {
            Ok(Way::FunctionUrl(_)) => "function URL",
            Ok(Way::UpstreamQueue(_)) => "queue",
            Ok(Way::EventBus(_)) => "bus",
            Ok(Way::Direct) => "direct",
            Err(_) => "refused",
        };
        assert_eq!(way, expected, "{payload}");
    }

    fn call(body: &Value) -> Value {
        json!({
            "version": "2.0", "rawPath": "/v1/workspaces/acme/messages", "rawQueryString": "Records=[]&detail={}",
            "headers": { "records": "[]", "detail-type": "message" },
            "requestContext": { "http": { "method": "POST", "path": "/" } },
            "body": body.to_string(), "isBase64Encoded": false,
        })
    }

    fn batch(body: &Value) -> Value {
        json!({ "Records": [{ "messageId": "1", "body": body.to_string(), "eventSource": "aws:sqs" }] })
    }

    fn bus(detail: &Value) -> Value {
        json!({ "version": "0", "id": "1", "source": "bundlehook.upstream", "detail-type": "message", "detail": detail })
    }

    #[test]
    fn each_way_is_known_by_its_shape() {
        let event = json!({ "workspace_id": "acme", "chat": {}, "message": {} });
        check(&call(&event), "function URL");
        check(&batch(&event), "queue");
        check(&bus(&event), "bus");
        for direct in [event.clone(), json!([event]), json!([1, [], {}, null]), json!({}), json!(null), json!("text")] {
            check(&direct, "direct");
        }
    }

    #[test]
    fn nothing_within_one_way_leads_to_another() {
        let shapes = [call(&json!({})), batch(&json!({})), bus(&json!({}))];
        for inner in &shapes {
            check(&call(inner), "function URL");
            check(&batch(inner), "queue");
            check(&bus(inner), "bus");
            check(&json!([inner]), "direct");
        }
    }

    #[test]
    fn what_only_looks_like_lambdas_own_is_refused() {
        check(&json!({ "requestContext": {} }), "refused");
        check(&json!({ "Records": [{ "s3": {} }] }), "refused");
        check(&json!({ "Records": 1 }), "refused");
    }

    #[test]
    fn an_answer_to_a_direct_invocation_is_the_document_itself() {
        let answer = Answer::direct(b"{\"results\":[]}".to_vec()).expect("a document");
        assert_eq!(serde_json::to_string(&answer).expect("JSON"), "{\"results\":[]}");
        assert_eq!(serde_json::to_string(&Answer::EventBus).expect("JSON"), "null");
    }
}
