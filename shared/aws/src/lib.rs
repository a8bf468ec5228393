//! The adapters: the core's ports on AWS, one request for one method, and what a function's `main` is made of.
//! No decision is taken here: conditions are those that the ports state.

pub mod connection;
pub mod edge;
#[cfg(feature = "queue")]
pub mod queue;
#[cfg(feature = "secret")]
pub mod secret;
#[cfg(feature = "table")]
pub mod table;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use bundler::ports::PortError;

/// A failed request in the core's words: the service's code, or how the request broke off. Never the service's
/// message, which may repeat what was sent.
fn port_error<E: ProvideErrorMetadata, R>(doing: &'static str, error: &SdkError<E, R>) -> PortError {
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
