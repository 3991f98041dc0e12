//! The table of metrics: name, unit, sentence. Samples carry these names, and those of a workload's own values; docs/METRICS.md is generated from
//! it.

use serde::{Deserialize, Serialize};

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    Ns,
    Bytes,
    BytesPerSecond,
    PerSecond,
    Count,
    Ratio,
}

impl Unit {
    pub fn id(self) -> &'static str {
        match self {
            Unit::Ns => "ns",
            Unit::Bytes => "bytes",
            Unit::BytesPerSecond => "bytes/s",
            Unit::PerSecond => "1/s",
            Unit::Count => "count",
            Unit::Ratio => "ratio",
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Metric {
    pub name: &'static str,
    pub unit: Unit,
    /// Lower is better; None where the metric explains and does not judge.
    pub lower_is_better: Option<bool>,
    pub sentence: &'static str,
}

const fn m(name: &'static str, unit: Unit, lower: Option<bool>, sentence: &'static str) -> Metric {
    Metric {
        name,
        unit,
        lower_is_better: lower,
        sentence,
    }
}

const LESS: Option<bool> = Some(true);
const MORE: Option<bool> = Some(false);

/// Every metric of samples.csv, one value an invocation at most.
pub const METRICS: &[Metric] = &[
    m(
        "start_ns",
        Unit::Ns,
        LESS,
        "from spawn to the runner's first instruction after parsing its request: cold start",
    ),
    m("setup_ns", Unit::Ns, LESS, "time to build the live set"),
    m(
        "wall_ns",
        Unit::Ns,
        LESS,
        "length of the measured window: wall time for fixed work in closed loop",
    ),
    m(
        "ops_per_s",
        Unit::PerSecond,
        MORE,
        "operations per second of wall time inside the window",
    ),
    m(
        "cpu_ns",
        Unit::Ns,
        LESS,
        "CPU of the whole process inside the window, user and system",
    ),
    m(
        "gc_cpu_ns",
        Unit::Ns,
        LESS,
        "CPU attributable to the collector inside the window; the attribution is stated per runtime",
    ),
    m("gc_cpu_share", Unit::Ratio, LESS, "gc_cpu_ns / cpu_ns"),
    m(
        "gc_cpu_per_gb_ns",
        Unit::Ns,
        LESS,
        "gc_cpu_ns for each GB (10^9 bytes) of alloc_bytes: what an allocation costs the collector",
    ),
    m(
        "assist_cpu_ns",
        Unit::Ns,
        LESS,
        "Go: CPU of mutators made to mark or sweep for the collector",
    ),
    m("assist_share", Unit::Ratio, None, "Go: assist_cpu_ns / gc_cpu_ns"),
    m(
        "alloc_bytes",
        Unit::Bytes,
        None,
        "bytes the runtime says were allocated inside the window",
    ),
    m(
        "alloc_rate",
        Unit::BytesPerSecond,
        None,
        "alloc_bytes over wall time",
    ),
    m(
        "alloc_overhead",
        Unit::Ratio,
        LESS,
        "alloc_bytes / bytes the workload asked for: headers, rounding, pointers",
    ),
    m(
        "gc_cycles",
        Unit::Count,
        None,
        "collections inside the window, by the runtime's own count",
    ),
    m(
        "cycle_ns",
        Unit::Ns,
        LESS,
        "median length, from beginning to end, of the collections of the whole heap (not of a generation) that began inside the window",
    ),
    m(
        "forced_ns",
        Unit::Ns,
        LESS,
        "length of the second of the two collections forced after the window, of a heap that holds the live payload and little else",
    ),
    m(
        "trace_rate",
        Unit::BytesPerSecond,
        MORE,
        "live payload that the collector works through in a second of its CPU, over those two collections: marking, and moving where a forced collection moves; blank where it has no CPU of its own in them",
    ),
    m(
        "pause_count",
        Unit::Count,
        LESS,
        "collector stop-the-world pauses inside the window",
    ),
    m(
        "pause_total_ns",
        Unit::Ns,
        LESS,
        "their sum, from the request to stop until all threads run again",
    ),
    m("pause_share", Unit::Ratio, LESS, "pause_total_ns / wall_ns"),
    m("pause_p50_ns", Unit::Ns, LESS, "median pause"),
    m(
        "pause_p99_ns",
        Unit::Ns,
        LESS,
        "99th percentile of pauses; blank where fewer than 10 pauses lie beyond it",
    ),
    m("pause_max_ns", Unit::Ns, LESS, "longest pause"),
    m(
        "cycle_max_ns",
        Unit::Ns,
        LESS,
        "longest collection, of a generation or of the whole heap, that began inside the window: from its beginning to its end, concurrent work included",
    ),
    m(
        "ttsp_max_ns",
        Unit::Ns,
        LESS,
        "longest time to safepoint: from the request to stop until all threads had stopped",
    ),
    m(
        "ttsp_total_ns",
        Unit::Ns,
        LESS,
        "sum of the times to safepoint, a part of pause_total_ns",
    ),
    m("ttsp_share", Unit::Ratio, None, "ttsp_total_ns / pause_total_ns"),
    m(
        "stall_count",
        Unit::Count,
        LESS,
        "allocation and relocation stalls, degenerated and full collections, failed evacuations inside the window",
    ),
    m("stall_total_ns", Unit::Ns, LESS, "their sum over threads"),
    m("stall_max_ns", Unit::Ns, LESS, "longest of them"),
    m(
        "pacing_total_ns",
        Unit::Ns,
        LESS,
        "threads held back to allocate more slowly, sum over threads: of short waits, which are told as sums only and are in no stall_*; blank without any",
    ),
    m(
        "pause_p99_worst_second_ns",
        Unit::Ns,
        LESS,
        "largest 99th percentile of the pauses of any single second (tracker.csv): of fewer than 100 in that second it is the longest; blank for windows below 2 s",
    ),
    m(
        "tracked_share",
        Unit::Ratio,
        None,
        "share of the window's whole seconds of which tracker.csv tells every column (that there was no pause, too); blank for windows below 2 s",
    ),
    m(
        "tracked_cpu_over_account",
        Unit::Ratio,
        None,
        "gc_cpu_ns of all rows of tracker.csv / gc_cpu_ns of the window, which is read apart from them; blank for windows below 2 s",
    ),
    m(
        "watcher_p99_ns",
        Unit::Ns,
        LESS,
        "99th percentile of how late a thread inside the process woke from a 1 ms sleep",
    ),
    m(
        "watcher_max_ns",
        Unit::Ns,
        LESS,
        "the latest it woke: a stop as a thread suffers it",
    ),
    m(
        "control_p99_ns",
        Unit::Ns,
        None,
        "the same in an idle process beside the run: the noise floor",
    ),
    m(
        "control_max_ns",
        Unit::Ns,
        None,
        "the latest the idle process woke",
    ),
    m(
        "response_p50_ns",
        Unit::Ns,
        LESS,
        "median response time, from the intended start; open loop",
    ),
    m(
        "response_p99_ns",
        Unit::Ns,
        LESS,
        "99th percentile of response time",
    ),
    m(
        "response_p999_ns",
        Unit::Ns,
        LESS,
        "99.9th percentile of response time",
    ),
    m(
        "response_p9999_ns",
        Unit::Ns,
        LESS,
        "99.99th percentile of response time",
    ),
    m("response_max_ns", Unit::Ns, LESS, "slowest response"),
    m(
        "service_p50_ns",
        Unit::Ns,
        LESS,
        "median service time, from the actual start",
    ),
    m(
        "service_p99_ns",
        Unit::Ns,
        LESS,
        "99th percentile of service time",
    ),
    m(
        "service_p999_ns",
        Unit::Ns,
        LESS,
        "99.9th percentile of service time: what a closed loop would have called latency",
    ),
    m("tail_ratio", Unit::Ratio, LESS, "response p99.9 / p99"),
    m(
        "saturated",
        Unit::Count,
        LESS,
        "1 where the backlog grew: the rate is beyond what this collector carries, no percentiles",
    ),
    m(
        "rate",
        Unit::PerSecond,
        None,
        "offered rate; the same for every collector of a work, but on the rungs of a ladder of loads",
    ),
    m(
        "live_bytes",
        Unit::Bytes,
        None,
        "live payload at the end of the window, known by construction",
    ),
    m(
        "rss_peak",
        Unit::Bytes,
        LESS,
        "highest resident memory sampled inside the window (PSS-corrected where pages are mapped more than once)",
    ),
    m(
        "rss_mean",
        Unit::Bytes,
        LESS,
        "time-weighted mean of resident memory over the window",
    ),
    m(
        "rss_high_water",
        Unit::Bytes,
        LESS,
        "VmHWM at the end of the window, set-up included",
    ),
    m(
        "memory_peak_over_live",
        Unit::Ratio,
        LESS,
        "rss_peak / live payload",
    ),
    m(
        "memory_mean_over_live",
        Unit::Ratio,
        LESS,
        "rss_mean / live payload",
    ),
    m(
        "rest_rss_over_live",
        Unit::Ratio,
        LESS,
        "resident memory after a forced collection / live payload",
    ),
    m(
        "rest_used_over_live",
        Unit::Ratio,
        LESS,
        "heap in use by the runtime's own count after a forced collection / live payload",
    ),
    m(
        "rest_committed_over_live",
        Unit::Ratio,
        LESS,
        "heap the runtime holds after a forced collection / live payload",
    ),
    m(
        "frag_resident_over_live",
        Unit::Ratio,
        LESS,
        "resident / live after a forced collection (none where the work is `unforced`), last epoch",
    ),
    m(
        "frag_committed_over_live",
        Unit::Ratio,
        LESS,
        "committed / live after a forced collection (none where the work is `unforced`), last epoch",
    ),
    m(
        "frag_held_over_live",
        Unit::Ratio,
        LESS,
        "committed but free by the runtime's own account / live after a forced collection (none where the work is `unforced`), last epoch; blank where it does not tell",
    ),
    m(
        "frag_waste_over_live",
        Unit::Ratio,
        LESS,
        "what the runtime calls waste inside what is in use / live, last epoch; blank where it does not tell",
    ),
    m(
        "frag_slope",
        Unit::Ratio,
        LESS,
        "least-squares slope of resident / live per epoch, first epoch left out",
    ),
    m(
        "frag_block_bytes",
        Unit::Bytes,
        MORE,
        "largest block that could be had after the last epoch, of sizes that double as far as was asked; blank where none was asked for, or none could be had",
    ),
    m(
        "frag_block_ns",
        Unit::Ns,
        LESS,
        "how long it took until that block could be used",
    ),
    m(
        "return_rss_over_live",
        Unit::Ratio,
        LESS,
        "resident memory / live payload at the end of the wait after the load dropped to 10 %",
    ),
    m(
        "return_share",
        Unit::Ratio,
        MORE,
        "share of the memory held at the drop beyond the remaining live payload that was given back by then",
    ),
    m(
        "return_ns",
        Unit::Ns,
        LESS,
        "time after the drop until resident memory was within 25 % of the remaining live payload; blank if it never was",
    ),
];

/// What threads suffer, side by side: stopped, time to safepoint, stalls, pacing, assists, what a thread saw, what an idle process saw.
pub const SUFFERED: [&str; 15] = [
    "pause_p99_ns",
    "pause_max_ns",
    "pause_share",
    "ttsp_max_ns",
    "ttsp_share",
    "stall_count",
    "stall_total_ns",
    "stall_max_ns",
    "pacing_total_ns",
    "assist_cpu_ns",
    "assist_share",
    "watcher_p99_ns",
    "watcher_max_ns",
    "control_p99_ns",
    "control_max_ns",
];

/// The metric of that name; None for an unknown one.
pub fn metric(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|m| m.name == name)
}

/// What a workload measures itself is a metric of this prefix: `value.object_bytes`.
pub const VALUE: &str = "value.";

/// Unit of a metric, or of a workload's own value; None for what is neither.
pub fn unit(name: &str) -> Option<Unit> {
    match name.strip_prefix(VALUE) {
        Some(value) => is_value(value).then(|| unit_of_value(value)),
        None => metric(name).map(|m| m.unit),
    }
}

/// May a workload call a value of its own so? Lower-case letters, digits and underscores, a letter first.
pub fn is_value(name: &str) -> bool {
    let usual = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    name.bytes().next().is_some_and(|b| b.is_ascii_lowercase()) && name.bytes().all(usual)
}

/// A value's name ends in its unit, so that the line of a runner needs no other; without one it is a count.
fn unit_of_value(name: &str) -> Unit {
    let ends: [(&str, Unit); 6] = [
        ("_bytes_per_s", Unit::BytesPerSecond),
        ("_per_s", Unit::PerSecond),
        ("_ns", Unit::Ns),
        ("_bytes", Unit::Bytes),
        ("_ratio", Unit::Ratio),
        ("_share", Unit::Ratio),
    ];
    let found = ends.into_iter().find(|(end, _)| name.ends_with(end));
    found.map_or(Unit::Count, |(_, unit)| unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> String {
        let mut page = "# What every column of samples.csv means\n\nOne value an invocation at most; a blank means that it is not known or has no meaning there. \
             What a workload measures itself (`[value]` in its file) is here as `value.<name>`, and the name ends in the unit. Made from \
             src/artifact/metric.rs (`UPDATE_DOCS=1 cargo test --lib metric`).\n\n| metric | unit | better | what it is |\n|---|---|---|---|\n"
            .to_owned();
        for metric in METRICS {
            let better = match metric.lower_is_better {
                Some(true) => "lower",
                Some(false) => "higher",
                None => "",
            };
            let (name, unit) = (metric.name, metric.unit.id());
            page += &format!("| `{name}` | {unit} | {better} | {} |\n", metric.sentence);
        }
        page += "\n## What every column of tracker.csv means\n\nOne row a second of each measured run, from its window alone; a blank means that it is not told. A second whose 99th percentile of pauses is taken from a \
             histogram of the whole run so far would hide what happened in it: these are of that second. Made from src/artifact/tracker.rs.\n\n| column | what it is |\n|---|---|\n";
        for (name, sentence) in crate::artifact::tracker::COLUMNS {
            page += &format!("| `{name}` | {sentence} |\n");
        }
        page
    }

    #[test]
    fn the_page_in_docs_says_the_same() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/METRICS.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, page()).unwrap();
        }
        let found = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            found == page(),
            "docs/METRICS.md is old: UPDATE_DOCS=1 cargo test --lib metric"
        );
    }

    #[test]
    fn a_value_tells_its_unit_by_its_end() {
        for (name, expected) in [
            ("value.object_bytes", Some(Unit::Bytes)),
            ("value.marked_bytes_per_s", Some(Unit::BytesPerSecond)),
            ("value.store_ns", Some(Unit::Ns)),
            ("value.barrier_share", Some(Unit::Ratio)),
            ("value.reported", Some(Unit::Count)),
            ("value.", None),
            ("value.Reported", None),
            ("value.2nd", None),
            ("wall_ns", Some(Unit::Ns)),
            ("reported", None),
        ] {
            assert_eq!(unit(name), expected, "{name}");
        }
    }

    #[test]
    fn a_metric_has_one_meaning() {
        for (at, one) in METRICS.iter().enumerate() {
            assert!(
                METRICS[at + 1..].iter().all(|other| other.name != one.name),
                "{}",
                one.name
            );
        }
    }
}
