//! What the end-to-end tests share: run a tool, start the sandbox or moto, run the clients of others.
//!
//! Cargo puts all executables into one folder and tells a test only where those of its own package are, so a test
//! names one of these (`env!("CARGO_BIN_EXE_…")`) and finds the others beside it.

mod clients;
mod moto;
mod run;
mod sandbox;

pub use clients::{client, clients};
pub use moto::Moto;
pub use run::{Ran, Tools};
pub use sandbox::Sandbox;
