//! Everything here is in `suite/`.
