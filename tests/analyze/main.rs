//! From samples and observations to estimates, curves, timelines and doubts.

mod build;
mod distilled;
mod doubts;
mod estimates;
mod fragmentation;
mod growth;
mod steady;
mod suffered;
mod tradeoff;
