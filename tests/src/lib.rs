//! What tests and the tool `cargo sim` share: random numbers from a seed, and the simulation. Tests are in `suite/`.

pub mod random;
pub mod simulation;
