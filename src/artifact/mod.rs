//! What is on disk between the stages. One file per artifact; every type that crosses a stage lives here, and nothing else does.
//!
//! A JSON artifact is an envelope `{kind, format, parents, body}`: `format` lets an older program refuse a newer file by name, and
//! `parents` names the files it was computed from by SHA-256, so that a stale one is detected.

pub mod analysis;
pub mod axis;
pub mod calibration;
pub mod definition;
pub mod distilled;
pub mod doubt;
pub mod envelope;
pub mod event;
pub mod exit;
pub mod explanation;
pub mod finding;
pub mod fragmentation;
pub mod goal;
pub mod growth;
pub mod host;
pub mod interference;
pub mod ledger;
pub mod line;
pub mod metric;
pub mod observation;
pub mod outcome;
mod pair;
pub mod plan;
pub mod quiet;
pub mod recorder;
pub mod run_dir;
pub mod sample;
pub mod selftest;
pub mod settled;
pub mod steady;
pub mod tracker;
pub mod tradeoff;
pub mod unit;
pub mod usage;
pub mod verdict;
pub mod view;

pub use envelope::{Body, read, read_at, write};
pub use run_dir::RunDir;
