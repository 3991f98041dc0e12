//! What is wrong with a process, as values: facts in the variant, words in the report.

use serde::{Deserialize, Serialize};

use super::event::Place;
use super::explanation::LiveBasis;
use super::unit::{Bytes, Ns};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub severity: Severity,
    /// Share of time or CPU that it takes, 0..1, where it can be told.
    pub harm: f64,
    pub fault: Fault,
    /// The lines that show it best, at most [`Finding::EVIDENCE`].
    pub evidence: Vec<Evidence>,
    /// What to try, the likeliest first.
    pub tries: Vec<Try>,
}

impl Finding {
    pub const EVIDENCE: usize = 5;
}

/// Worst first: findings are ordered by it, then by harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// It fails, or soon will.
    Failing,
    /// Threads wait, or CPU is lost.
    Slow,
    /// Memory or work that is not needed.
    Wasteful,
    Note,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    pub place: Place,
    pub figure: Measure,
    /// What the line is about: `Pause Full`, a thread, a cause.
    pub what: String,
}

/// A setting, and what it does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Try {
    /// As one types it: `-Xmx1536m`.
    pub setting: String,
    pub why: String,
}

/// A number with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "unit", content = "value", rename_all = "kebab-case")]
pub enum Measure {
    Time(Ns),
    Size(Bytes),
    /// 0..1
    Share(f64),
    Count(u64),
    /// Bytes a second.
    Speed(f64),
    Percent(f64),
}

/// Something that was looked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    pub name: String,
    /// None where the log does not tell.
    pub found: Option<Measure>,
    /// More than this is a finding.
    pub threshold: Measure,
    /// Why there.
    pub reason: String,
    pub exceeded: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum Fault {
    OutOfMemory {
        words: String,
        count: u64,
    },
    LiveNearLimit {
        live: Bytes,
        limit: Bytes,
        filled: f64,
        basis: LiveBasis,
        cpu_share: Option<f64>,
        stop_share: Option<f64>,
    },
    Leak {
        per_s: f64,
        lo: f64,
        hi: f64,
        from: Bytes,
        last: Bytes,
        over: Ns,
        until_limit: Option<Ns>,
    },
    FullCollections {
        count: u64,
        of: u64,
        total: Ns,
        max: Ns,
    },
    EvacuationFailures {
        count: u64,
        of: u64,
        total: Ns,
        max: Ns,
    },
    AllocationStalls {
        count: u64,
        threads: u64,
        total: Ns,
        max: Ns,
    },
    Degenerated {
        count: u64,
        of: u64,
        total: Ns,
        max: Ns,
    },
    Pacing {
        threads: u64,
        total: Ns,
        max: Ns,
        share: f64,
    },
    CollectingTooMuch {
        cpu_share: Option<f64>,
        stop_share: Option<f64>,
        limit: Option<Bytes>,
        live: Option<Bytes>,
    },
    GogcTooLow {
        cpu_share: f64,
        peak: Bytes,
        gogc: Option<f64>,
    },
    GogcTooHigh {
        cpu_share: f64,
        peak: Bytes,
        live: Bytes,
        gogc: f64,
    },
    AssistsDominate {
        share: f64,
        cpu_share: Option<f64>,
    },
    Humongous {
        collections: u64,
        of: u64,
        peak: Option<Bytes>,
        region: Option<Bytes>,
    },
    PrematurePromotion {
        promoted: Bytes,
        kept_share: f64,
        reclaimed_share: f64,
    },
    ExplicitCollections {
        count: u64,
        of: u64,
        total: Ns,
    },
    ResizingChurn {
        reversals: u64,
        changes: u64,
        least: Bytes,
        most: Bytes,
    },
    TimeToSafepoint {
        share: Option<f64>,
        total: Ns,
        max: Ns,
        operation: String,
    },
    OnlyPeriodic {
        count: u64,
        of: u64,
    },
}

impl Fault {
    /// Two or three words for all faults of the kind.
    pub fn name(&self) -> &'static str {
        match self {
            Fault::OutOfMemory { .. } => "out of memory",
            Fault::LiveNearLimit { .. } => "live set close to the limit",
            Fault::Leak { .. } => "live set grows",
            Fault::FullCollections { .. } => "full collections",
            Fault::EvacuationFailures { .. } => "evacuation failures",
            Fault::AllocationStalls { .. } => "allocation stalls",
            Fault::Degenerated { .. } => "degenerated collections",
            Fault::Pacing { .. } => "threads paced",
            Fault::CollectingTooMuch { .. } => "collecting too much",
            Fault::GogcTooLow { .. } => "GOGC too low",
            Fault::GogcTooHigh { .. } => "GOGC higher than it need be",
            Fault::AssistsDominate { .. } => "assists dominate",
            Fault::Humongous { .. } => "humongous allocations",
            Fault::PrematurePromotion { .. } => "premature promotion",
            Fault::ExplicitCollections { .. } => "explicit collections",
            Fault::ResizingChurn { .. } => "heap resized to and fro",
            Fault::TimeToSafepoint { .. } => "slow to reach safepoints",
            Fault::OnlyPeriodic { .. } => "only periodic collections",
        }
    }
}
