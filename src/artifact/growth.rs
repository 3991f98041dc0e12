//! How figures grow with the live payload over a series of works, and where the fitted law would lie beyond what was measured.

use serde::{Deserialize, Serialize};

use super::tradeoff::Spread;
use super::unit::Bytes;

/// One metric of one collector over one series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Growth {
    pub series: String,
    pub collector: String,
    pub metric: String,
    /// Ascending; every payload of the series that this collector was to carry.
    pub sizes: Vec<Size>,
    /// None for fewer than three payloads of which every run has a value above zero.
    pub law: Option<Law>,
}

/// A payload of the series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    pub live: Bytes,
    /// Runs with a value above zero.
    pub runs: u32,
    /// Runs that failed, were saturated, or have no value, or zero, which has no logarithm. Those that are left are not any runs, so a payload with one such
    /// run is no part of the law.
    pub without: u32,
}

impl Size {
    pub fn counts(&self) -> bool {
        self.runs > 0 && self.without == 0
    }
}

/// What may be said of it (src/stats/growth.rs has the rules).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    Flat,
    Grows,
    Falls,
    Breaks,
    NotKnown,
}

/// figure = a x payload ^ exponent, fitted to every run in logarithms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Law {
    pub word: Word,
    /// Of one line through all payloads; 95 % interval.
    pub exponent: Spread,
    pub bend: Option<Bend>,
    /// The payloads lie off the line by more than their runs scatter: intervals are as wide as that makes them.
    pub strays: bool,
    /// (payload, the figure on the line), at the payloads that were measured.
    pub fitted: Vec<(Bytes, f64)>,
    /// Beyond the largest of them, ascending: where one further run would lie with 95 %, if the law went on. Not measured, and no ground for a verdict.
    /// Empty for shares, which end at 1 and follow no power law there.
    pub beyond: Vec<Beyond>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bend {
    /// The largest payload to which the first exponent holds.
    pub at: Bytes,
    pub before: Spread,
    pub after: Spread,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beyond {
    pub live: Bytes,
    pub value: f64,
    pub lo: f64,
    pub hi: f64,
}

impl Law {
    pub const LEVEL: f64 = 0.95;
    /// The largest exponent that is called flat: eight times the payload (4 GiB to 32) then changes a figure by 23 % at most, which is about the band within
    /// which pauses and tails are called equal.
    pub const FLAT: f64 = 0.1;
    /// Payloads of machines that one would like to know about.
    pub const REACH: [Bytes; 3] = [Bytes(32 << 30), Bytes(64 << 30), Bytes(128 << 30)];

    pub fn beyond_at(&self, live: Bytes) -> Option<&Beyond> {
        self.beyond.iter().find(|b| b.live == live)
    }

    /// The payloads it was fitted to: smallest, largest.
    pub fn span(&self) -> Option<(Bytes, Bytes)> {
        Some((self.fitted.first()?.0, self.fitted.last()?.0))
    }
}

/// What is followed over the payload, in the order of the report.
pub const GROWN: [&str; 10] = [
    "response_p999_ns",
    "pause_max_ns",
    "pause_p99_ns",
    "stall_max_ns",
    "gc_cpu_share",
    "cycle_ns",
    "forced_ns",
    "trace_rate",
    "memory_peak_over_live",
    "setup_ns",
];
