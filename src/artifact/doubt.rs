//! Every warning the tool can give, as a value: facts in the variant, advice in its Display. Computed once, carried beside the
//! number it concerns.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "doubt", rename_all = "kebab-case")]
pub enum Doubt {
    // The machine.
    FewCores {
        cores: u32,
    },
    SwapInUse {
        bytes: u64,
    },
    BusyMachine {
        load: f64,
        cores: u32,
    },
    Stranger {
        name: String,
        cpu_percent: f64,
    },
    NoiseFloor {
        p99_ns: u64,
    },
    // A result.
    FewRounds {
        rounds: u32,
    },
    Failures {
        failed: u32,
        of: u32,
    },
    UnequalMemory {
        ratio: f64,
    },
    NoCommonMemory {
        ratio: f64,
    },
    TurnsWithMemory {
        from_live: f64,
        from_ratio: f64,
        to_live: f64,
        to_ratio: f64,
    },
    OtherReading {
        ratio: f64,
        lo: f64,
        hi: f64,
    },
    NoCollections,
    UnderNoiseFloor {
        value_ns: u64,
        floor_ns: u64,
    },
    Saturated {
        backlog_ms: u64,
    },
    TailTooShort {
        quantile: f64,
        n: u64,
    },
    WatcherDisagrees {
        declared_ns: u64,
        watcher_ns: u64,
    },
    BucketEdge {
        lo_ns: u64,
        hi_ns: u64,
    },
    LiveDiffers {
        asked: u64,
        found: u64,
    },
    MultiplyMapped {
        rss: u64,
        pss: u64,
    },
    NoSteadyState {
        invocations: u32,
        of: u32,
    },
    SmallSeries {
        largest: u64,
    },
    PartlyRead {
        understood_percent: f64,
    },
    MissingWork {
        work: String,
        collector: String,
    },
    // Between the sides of a comparison of two run folders.
    OtherTime {
        a: String,
        b: String,
    },
    OtherVersion {
        a: String,
        b: String,
    },
    OtherDriver {
        a: String,
        b: String,
    },
    OtherFlags {
        a: String,
        b: String,
    },
    OtherRate {
        a: f64,
        b: f64,
    },
}

impl Doubt {
    /// Two or three words for all doubts of the kind.
    pub fn name(&self) -> &'static str {
        match self {
            Doubt::FewCores { .. } => "few cores",
            Doubt::SwapInUse { .. } => "swap in use",
            Doubt::BusyMachine { .. } => "busy machine",
            Doubt::Stranger { .. } => "another busy process",
            Doubt::NoiseFloor { .. } => "noisy machine",
            Doubt::FewRounds { .. } => "few rounds",
            Doubt::Failures { .. } => "failed runs",
            Doubt::UnequalMemory { .. } => "unequal memory",
            Doubt::NoCommonMemory { .. } => "no common memory",
            Doubt::TurnsWithMemory { .. } => "depends on memory",
            Doubt::OtherReading { .. } => "another reading differs",
            Doubt::NoCollections => "no collection",
            Doubt::UnderNoiseFloor { .. } => "under the noise floor",
            Doubt::Saturated { .. } => "saturated",
            Doubt::TailTooShort { .. } => "tail too short",
            Doubt::WatcherDisagrees { .. } => "a thread disagrees",
            Doubt::BucketEdge { .. } => "known to a bucket",
            Doubt::LiveDiffers { .. } => "live payload differs",
            Doubt::MultiplyMapped { .. } => "pages mapped twice",
            Doubt::NoSteadyState { .. } => "no steady state",
            Doubt::SmallSeries { .. } => "small heaps",
            Doubt::PartlyRead { .. } => "log partly read",
            Doubt::MissingWork { .. } => "work left out",
            Doubt::OtherTime { .. } => "not in turn",
            Doubt::OtherVersion { .. } => "other version",
            Doubt::OtherDriver { .. } => "other gcrucible",
            Doubt::OtherFlags { .. } => "other flags",
            Doubt::OtherRate { .. } => "other rate",
        }
    }
}

/// "64.0 MiB"
fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / 1_048_576.0)
}

impl std::fmt::Display for Doubt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ms = |ns: &u64| *ns as f64 / 1e6;
        match self {
            Doubt::FewCores { cores } => {
                write!(
                    f,
                    "only {cores} core(s): collector threads and mutators take turns; measure on more"
                )
            }
            Doubt::SwapInUse { bytes } => {
                write!(f, "{} of swap are in use; swapoff before measuring", mib(*bytes))
            }
            Doubt::BusyMachine { load, cores } => {
                write!(
                    f,
                    "load average was {load:.1} on {cores} cores before the start; stop what else is running"
                )
            }
            Doubt::Stranger { name, cpu_percent } => {
                write!(
                    f,
                    "another process ({name}) used {cpu_percent:.0} % of a CPU before the start; stop it"
                )
            }
            Doubt::NoiseFloor { p99_ns } => {
                write!(
                    f,
                    "an idle process saw gaps of {:.2} ms at p99, so nothing shorter is a finding here; stop what else runs, or measure on a machine of your own",
                    ms(p99_ns)
                )
            }
            Doubt::FewRounds { rounds } => {
                write!(
                    f,
                    "{rounds} rounds: the interval is rough; more of them (--rounds 10) narrow it"
                )
            }
            Doubt::Failures { failed, of } => write!(
                f,
                "{failed} of {of} runs failed or are invalid; see the list of failures"
            ),
            Doubt::UnequalMemory { ratio } => {
                write!(
                    f,
                    "measured peak memory differs by {ratio:.2} x although the budget is the same: part of the cost was bought with memory"
                )
            }
            Doubt::NoCommonMemory { ratio } => write!(
                f,
                "there is no amount of memory that both were measured with; where they come nearest, one has {ratio:.2} x the other's"
            ),
            Doubt::TurnsWithMemory {
                from_live,
                from_ratio,
                to_live,
                to_ratio,
            } => write!(
                f,
                "who is ahead depends on the memory given: the ratio is {from_ratio:.2} at {from_live:.1} x live and {to_ratio:.2} at {to_live:.1} x"
            ),
            Doubt::OtherReading { ratio, lo, hi } => write!(
                f,
                "memory out of the box and memory needed for speed point to different sides: to come within 10 % of its own least wall time the first needs {ratio:.2} x [{lo:.2}, {hi:.2}] the second's"
            ),
            Doubt::NoCollections => f.write_str(
                "no collection fell into the measured window; the figure says nothing about collecting",
            ),
            Doubt::UnderNoiseFloor { value_ns, floor_ns } => write!(
                f,
                "{:.3} ms lies under this machine's noise floor of {:.3} ms",
                ms(value_ns),
                ms(floor_ns)
            ),
            Doubt::Saturated { backlog_ms } => {
                write!(
                    f,
                    "saturated: requests were {backlog_ms} ms late at the end of the window and the backlog grew; no percentiles"
                )
            }
            Doubt::TailTooShort { quantile, n } => {
                write!(
                    f,
                    "p{} needs more than {n} requests a run (n(1-q) >= 10); blank",
                    quantile * 100.0
                )
            }
            Doubt::WatcherDisagrees {
                declared_ns,
                watcher_ns,
            } => write!(
                f,
                "the runtime declares at most {:.2} ms, a thread inside the process stood still for {:.2} ms: believe the thread",
                ms(declared_ns),
                ms(watcher_ns)
            ),
            Doubt::BucketEdge { lo_ns, hi_ns } => write!(
                f,
                "known only to a histogram bucket, {:.3} to {:.3} ms; the upper edge is used",
                ms(lo_ns),
                ms(hi_ns)
            ),
            Doubt::LiveDiffers { asked, found } => write!(
                f,
                "asked for a live payload of {}, the runtime counts {} after a forced collection",
                mib(*asked),
                mib(*found)
            ),
            Doubt::MultiplyMapped { rss, pss } => {
                write!(
                    f,
                    "RSS {} counts pages mapped more than once; PSS {} is used",
                    mib(*rss),
                    mib(*pss)
                )
            }
            Doubt::NoSteadyState { invocations, of } => {
                write!(
                    f,
                    "{invocations} of {of} runs reached no steady state, or only after a tenth of the window: figures of the work are in part those of another state; longer windows \
                     or more warm-up would tell"
                )
            }
            Doubt::SmallSeries { largest } => write!(
                f,
                "the largest live payload was {} MiB: this says little about heaps above 32 GB",
                largest >> 20
            ),
            Doubt::PartlyRead { understood_percent } => {
                write!(
                    f,
                    "only {understood_percent:.1} % of the log's lines were understood"
                )
            }
            Doubt::MissingWork { work, collector } => {
                write!(
                    f,
                    "{work} has no valid run under {collector} and is left out of the mean"
                )
            }
            Doubt::OtherTime { a, b } => write!(
                f,
                "the sides did not run in turn but at {a} and {b}: what the machine did meanwhile is in the ratio; compare each with itself, too"
            ),
            Doubt::OtherVersion { a, b } => write!(
                f,
                "the toolchains differ ({a}; {b}): the ratio is of compiler, library and collector together"
            ),
            Doubt::OtherDriver { a, b } => write!(
                f,
                "the folders were made by different gcrucibles ({a}; {b}), whose workloads may differ; run both with one"
            ),
            Doubt::OtherFlags { a, b } => {
                write!(f, "the settings differ ({a}; {b}): the ratio is theirs as well")
            }
            Doubt::OtherRate { a, b } => write!(
                f,
                "requests were offered at {a}/s and {b}/s; --rate offers the same"
            ),
        }
    }
}
