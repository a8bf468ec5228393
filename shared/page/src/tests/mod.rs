//! The pages of invented workspaces, held against golden files and against the rules that every page keeps.

mod escaping;
mod fixtures;
mod golden;
mod markup;
mod rules;
mod sentences;
mod states;
