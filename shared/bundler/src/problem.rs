//! Problem details (RFC 9457): how every refusal over HTTP looks.

use crate::native::FieldError;
use serde::Serialize;

/// A problem document. `type` is left out: "about:blank", the status says what kind it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    pub status: u16,
    pub title: &'static str,
    pub detail: String,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, title: title(status), detail: detail.into(), errors: Vec::new() }
    }

    /// What was sent reads, but some of its fields are wrong.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] => format!("{} {}", if one.pointer.is_empty() { "the event" } else { &one.pointer }, one.detail),
            many => format!("{} fields are missing or wrong", many.len()),
        };
        Self { errors, ..Self::new(422, detail) }
    }
}

fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Error",
    }
}
