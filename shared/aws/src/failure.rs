//! A failed request in the core's words.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use bundler::ports::PortError;

/// The service's code, or how the request broke off. Never the service's message, which may repeat what was sent.
pub(crate) fn port_error<E: ProvideErrorMetadata, R>(doing: &'static str, error: &SdkError<E, R>) -> PortError {
    let code = match error {
        SdkError::ServiceError(service) => service.err().code().unwrap_or("unknown service error"),
        SdkError::TimeoutError(_) => "timed out",
        SdkError::DispatchFailure(_) => "no connection",
        SdkError::ResponseError(_) => "unreadable answer",
        SdkError::ConstructionFailure(_) => "request could not be built",
        _ => "unknown error",
    };
    PortError { doing, code: code.to_owned() }
}

/// Whether a write found that its condition does not hold.
#[cfg(feature = "table")]
pub(crate) fn is_condition<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.as_service_error().and_then(|service| service.code()) == Some("ConditionalCheckFailedException")
}
