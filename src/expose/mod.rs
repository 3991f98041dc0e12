//! A run in progress, as OpenMetrics text over HTTP, for whoever asks; [`crate::cmd`] feeds it with plain data.
//!
//! [`board`] holds what there is to tell, [`catalog`] is the table of metrics, [`points`] takes their series, [`text`] writes them down, [`server`] answers. Nothing here
//! works unless it is asked: a scrape takes CPU from the very machine that is measured, so that each one is written down beside the run.

pub mod address;
pub mod board;
pub mod catalog;
pub mod points;
pub mod server;
pub mod text;

pub use board::Board;
pub use server::Server;
