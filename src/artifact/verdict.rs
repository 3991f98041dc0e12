//! verdict.json: who wins which axis, by how much, and how sure we are.

use serde::{Deserialize, Serialize};

use super::axis::Axis;
use super::doubt::Doubt;
use super::envelope::Body;
use super::host::Host;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdicts {
    /// Pairs in the plan's order, axes in the canonical order within each.
    pub verdicts: Vec<Verdict>,
    /// Sentences "for ...: choose ...", computed from the data.
    pub rules: Vec<DecisionRule>,
    /// What this run has to say of sentences that are often said; nothing where its data say nothing.
    #[serde(default)]
    pub claims: Vec<Claim>,
    /// The machine's doubts and the noise floor's: not empty brands the whole report untrusted.
    pub untrusted: Vec<Doubt>,
    /// Carried along so that the report has one source for the machine.
    pub host: Host,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    AWins,
    BWins,
    /// The interval lies inside the equivalence band.
    Tie,
    Undecided,
    /// One side has no valid run of any work that informs the axis.
    NoData,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    pub axis: Axis,
    pub a: String,
    pub b: String,
    pub decision: Decision,
    /// Headline metric.
    pub metric: String,
    /// Geometric mean over works of median(a) / median(b), with its interval at the Holm-adjusted level.
    pub ratio: Option<Interval>,
    /// Confidence level the interval was taken at, 0..1.
    pub level: f64,
    /// Half-width of the equivalence band.
    pub band: f64,
    pub works: Vec<WorkRatio>,
    /// Memory axis: memory with which each does a task within 10 % of its own least wall time; shown beside the verdict, not part of it.
    #[serde(default)]
    pub enough: Vec<WorkRatio>,
    /// Rounds that would probably decide, where undecided.
    pub rounds_to_decide: Option<u32>,
    /// One or two sentences built from measured numbers.
    pub mechanism: Vec<String>,
    pub doubts: Vec<Doubt>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    pub value: f64,
    pub lo: f64,
    pub hi: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkRatio {
    pub work: String,
    /// Medians.
    pub a: f64,
    pub b: f64,
    pub ratio: Interval,
    pub n_a: u32,
    pub n_b: u32,
    /// Rounds that both sides have, where the ratio is that of a and b inside each and the interval that over rounds; None where it is the
    /// ratio of the two medians.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounds: Option<u32>,
    pub doubts: Vec<Doubt>,
    /// Where both were read off their curves over memory; None where the ratio is that of the work's own runs.
    #[serde(default)]
    pub reading: Option<Reading>,
}

/// Where two time-space curves were read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Measured peak memory of each side there, bytes: the same unless the curves have none in common.
    pub a: f64,
    pub b: f64,
    /// Live payload, bytes.
    pub live: f64,
    /// Least and most memory that both have shown, with the ratio of medians there; None where that is one point or nothing.
    pub ends: Option<[(f64, f64); 2]>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionRule {
    /// "p99.9 below 2 ms and memory below 3 x live"
    pub condition: String,
    /// Collectors that met it, cheapest in CPU first.
    pub choices: Vec<String>,
    /// The numbers it rests on.
    pub evidence: String,
}

/// A sentence that others assert, and the answer, built from measured numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Whose section of the report it stands in.
    pub axis: Axis,
    pub claim: String,
    /// Sentences.
    pub answer: Vec<String>,
}

impl Body for Verdicts {
    const KIND: &'static str = "verdict";
    const FILE: &'static str = "verdict.json";
    const FORMAT: u32 = 1;
}
