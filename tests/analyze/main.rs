//! From samples and observations to estimates, curves, timelines and doubts.

mod build;
mod doubts;
mod estimates;
mod suffered;
