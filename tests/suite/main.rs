//! Every test that looks at the system from outside, in one binary.

mod again;
mod api;
mod browser;
#[cfg(unix)]
mod conformance;
mod contract;
mod crash;
mod deliver;
#[cfg(unix)]
mod end_to_end;
mod failing;
mod files;
mod gather;
mod golden;
mod owner;
mod personal_data;
mod portal;
mod schema;
mod simulation;
mod sweep;
mod tidy;
mod upstreams;
mod ways;
mod world;
mod zones;
