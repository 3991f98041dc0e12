//! `gcrucible` runs the same allocation workloads in Go, on the JVM and in Rust and compares their garbage collectors on six axes.
//!
//! One folder per stage of the data flow; stages import [`artifact`] and never each other; only [`cmd`] knows two of them.

pub mod analyze;
pub mod artifact;
pub mod cmd;
pub mod define;
pub mod explain;
pub mod expose;
pub mod judge;
pub mod observe;
pub mod plan;
pub mod prove;
pub mod publish;
pub mod report;
pub mod run;
pub mod sample;
pub mod stats;
pub mod toolchain;
