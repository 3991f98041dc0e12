//! The table of what is served: name, type, unit, labels, sentence, source, and where it stands in a [`Snapshot`]. docs/LIVE.md is generated from it.

use super::board::Snapshot;
use super::points::{Point, Value, current, point, response, seconds, told, used};

/// Before every name.
pub const PREFIX: &str = "gcrucible";

/// Types of OpenMetrics. It has summaries, too; quantiles are gauges here, since each is of one process and of none before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
    Histogram,
    /// Always 1: its labels are what it tells.
    Info,
}

/// Base units, as Prometheus wants them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Seconds,
    Bytes,
}

pub struct Exposed {
    /// Between the prefix and the unit.
    pub name: &'static str,
    pub kind: Kind,
    /// None: a number of things.
    pub unit: Option<Unit>,
    pub labels: &'static [&'static str],
    pub help: &'static str,
    pub source: &'static str,
    /// Its series; a family without any is left out.
    pub read: fn(&Snapshot) -> Vec<Point>,
}

impl Kind {
    pub fn id(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
            Kind::Info => "info",
        }
    }
}

impl Unit {
    pub fn id(self) -> &'static str {
        match self {
            Unit::Seconds => "seconds",
            Unit::Bytes => "bytes",
        }
    }
}

impl Exposed {
    /// Of the family, as `# TYPE` names it.
    pub fn family(&self) -> String {
        let unit = self.unit.map(|unit| format!("_{}", unit.id()));
        format!("{PREFIX}_{}{}", self.name, unit.unwrap_or_default())
    }

    /// As one asks for it; a histogram has `_bucket`, `_count` and `_sum` besides.
    pub fn series(&self) -> String {
        let suffix = match self.kind {
            Kind::Counter => "_total",
            Kind::Info => "_info",
            Kind::Gauge | Kind::Histogram => "",
        };
        self.family() + suffix
    }
}

const COLLECTOR: &[&str] = &["collector"];
const CELL: &[&str] = &["cell", "collector"];

pub const EXPOSED: &[Exposed] = &[
    Exposed {
        name: "run",
        kind: Kind::Info,
        unit: None,
        labels: &["suite", "version"],
        help: "The run: its suite and the version of gcrucible.",
        source: "plan.json",
        read: |s| {
            let run = s.told.run.iter();
            run.map(|r| point([&r.suite, &r.version], Value::Info)).collect()
        },
    },
    Exposed {
        name: "planned_invocations",
        kind: Kind::Gauge,
        unit: None,
        labels: &[],
        help: "Processes that this driver has to run, at most: a rule may end the run before, and what an interrupted run left done is not among them.",
        source: "plan.json, raw/",
        read: |s| {
            let run = s.told.run.iter();
            run.map(|r| point([], Value::Count(r.planned))).collect()
        },
    },
    Exposed {
        name: "invocations",
        kind: Kind::Counter,
        unit: None,
        labels: &["outcome"],
        help: "Processes that ended, calibration included. Whether checksums agree is asked at the end of the run only.",
        source: "observation of each process when it has ended",
        read: |s| {
            let all = s.told.outcomes.iter();
            all.map(|(name, n)| point([name], Value::Count(*n))).collect()
        },
    },
    Exposed {
        name: "current_invocation",
        kind: Kind::Info,
        unit: None,
        labels: &[
            "cell",
            "workload",
            "collector",
            "runtime",
            "mode",
            "round",
            "purpose",
        ],
        help: "The process that runs; none between two. Round 0 is calibration.",
        source: "plan.json",
        read: |s| s.told.current.iter().map(current).collect(),
    },
    Exposed {
        name: "runner_cpu",
        kind: Kind::Counter,
        unit: Some(Unit::Seconds),
        labels: &["collector", "state"],
        help: "CPU of all processes of a collector, the present one included; state is user or system.",
        source: "/proc/PID/stat (10 ms ticks) of the present one, wait4 of those that ended",
        read: |s| {
            used(s, |u| {
                let (user, system) = (Value::Number(seconds(u.user)), Value::Number(seconds(u.system)));
                vec![("user", user), ("system", system)]
            })
        },
    },
    Exposed {
        name: "runner_page_faults",
        kind: Kind::Counter,
        unit: None,
        labels: &["collector", "kind"],
        help: "Page faults of all processes of a collector, the present one included; major ones waited for a disk, minor ones did not.",
        source: "as runner_cpu",
        read: |s| {
            used(s, |u| {
                let (minor, major) = (Value::Count(u.minor_faults), Value::Count(u.major_faults));
                vec![("minor", minor), ("major", major)]
            })
        },
    },
    Exposed {
        name: "runner_resident_memory",
        kind: Kind::Gauge,
        unit: Some(Unit::Bytes),
        labels: COLLECTOR,
        help: "Resident memory of the present process, pages that are mapped more than once counted as often.",
        source: "/proc/PID/stat",
        read: |s| {
            let seen = s.seen.iter();
            seen.filter_map(|(name, seen)| Some(point([name], Value::Count(seen.resident?.0))))
                .collect()
        },
    },
    Exposed {
        name: "runner_threads",
        kind: Kind::Gauge,
        unit: None,
        labels: COLLECTOR,
        help: "Threads of the present process.",
        source: "/proc/PID/stat",
        read: |s| {
            let seen = s.seen.iter();
            seen.map(|(name, seen)| point([name], Value::Count(seen.threads)))
                .collect()
        },
    },
    Exposed {
        name: "gc_pause",
        kind: Kind::Histogram,
        unit: Some(Unit::Seconds),
        labels: COLLECTOR,
        help: "Stop-the-world pauses inside measured windows, from the request to stop until all threads run again.",
        source: "finished processes: the collector's log, or the runtime's histogram, each bucket at its upper edge",
        read: |s| told(s, |t| t.pauses.clone().map(Value::Pauses)),
    },
    Exposed {
        name: "gc_cycles",
        kind: Kind::Counter,
        unit: None,
        labels: COLLECTOR,
        help: "Collections inside measured windows, by the runtime's own count.",
        source: "finished processes: metric gc_cycles",
        read: |s| told(s, |t| t.cycles.map(Value::Count)),
    },
    Exposed {
        name: "gc_cpu",
        kind: Kind::Counter,
        unit: Some(Unit::Seconds),
        labels: COLLECTOR,
        help: "CPU attributable to the collector inside measured windows.",
        source: "finished processes: metric gc_cpu_ns",
        read: |s| told(s, |t| t.gc_cpu.map(|ns| Value::Number(seconds(ns)))),
    },
    Exposed {
        name: "gc_stall",
        kind: Kind::Counter,
        unit: Some(Unit::Seconds),
        labels: COLLECTOR,
        help: "Time that threads lost to allocation and relocation stalls, degenerated and full collections inside measured windows, summed over threads.",
        source: "finished processes: metric stall_total_ns",
        read: |s| told(s, |t| t.stalled.map(|ns| Value::Number(seconds(ns)))),
    },
    Exposed {
        name: "allocated",
        kind: Kind::Counter,
        unit: Some(Unit::Bytes),
        labels: COLLECTOR,
        help: "What the runtime says was allocated inside measured windows.",
        source: "finished processes: metric alloc_bytes",
        read: |s| told(s, |t| t.allocated.map(|b| Value::Count(b.0))),
    },
    Exposed {
        name: "response_time",
        kind: Kind::Gauge,
        unit: Some(Unit::Seconds),
        labels: &["cell", "collector", "quantile"],
        help: "Open loop: response time from the intended start, of the latest finished process of the cell alone. Without those quantiles that too few requests lie beyond, and without any where the backlog grew.",
        source: "finished processes: metrics response_p50_ns to response_p9999_ns",
        read: |s| s.told.latest.iter().flat_map(response).collect(),
    },
    Exposed {
        name: "saturated",
        kind: Kind::Gauge,
        unit: None,
        labels: CELL,
        help: "Open loop: 1 where the backlog grew in the latest finished process of the cell, 0 where it did not.",
        source: "finished processes: metric saturated",
        read: |s| {
            let cells = s.told.latest.iter();
            cells
                .map(|(cell, l)| point([cell, &l.collector], Value::Count(u64::from(l.saturated))))
                .collect()
        },
    },
    Exposed {
        name: "scrapes",
        kind: Kind::Counter,
        unit: None,
        labels: &[],
        help: "Requests for these metrics that were answered before this one.",
        source: "the thread that answers",
        read: |s| vec![point([], Value::Count(s.scraped))],
    },
    Exposed {
        name: "serving_cpu",
        kind: Kind::Counter,
        unit: Some(Unit::Seconds),
        labels: &[],
        help: "CPU that answering took: so much of the machine was not the runners' alone.",
        source: "the thread that answers",
        read: |s| vec![point([], Value::Number(seconds(s.serving)))],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "| series | type | unit | labels | what it is | from |\n|---|---|---|---|---|---|\n";

    fn table() -> String {
        let mut table = HEAD.to_owned();
        for row in EXPOSED {
            let labels: Vec<String> = row.labels.iter().map(|l| format!("`{l}`")).collect();
            let unit = row.unit.map_or("", Unit::id);
            table += &format!(
                "| `{}` | {} | {unit} | {} | {} | {} |\n",
                row.series(),
                row.kind.id(),
                labels.join(", "),
                row.help,
                row.source
            );
        }
        table
    }

    #[test]
    fn the_page_in_docs_lists_the_same() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/LIVE.md");
        let page = std::fs::read_to_string(path).unwrap_or_default();
        let (before, _) = page.split_once(HEAD).expect("docs/LIVE.md has the table's head");
        let expected = format!("{before}{}", table());
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &expected).unwrap();
        }
        let found = std::fs::read_to_string(path).unwrap();
        assert!(
            found == expected,
            "docs/LIVE.md is old: UPDATE_DOCS=1 cargo test --lib catalog"
        );
    }

    #[test]
    fn names_are_as_prometheus_wants_them() {
        for (at, row) in EXPOSED.iter().enumerate() {
            let usual = |b: u8| b.is_ascii_lowercase() || b == b'_';
            assert!(row.name.bytes().all(usual), "{}", row.name);
            for suffix in [
                "_total", "_info", "_count", "_sum", "_bucket", "_created", "_seconds", "_bytes",
            ] {
                assert!(!row.name.ends_with(suffix), "{} is said twice", row.series());
            }
            // The encoder takes sentences as they are.
            assert!(!row.help.contains(['\n', '\\', '"']), "{}", row.name);
            let others = EXPOSED[at + 1..].iter().map(Exposed::family);
            assert!(
                others.into_iter().all(|other| other != row.family()),
                "{}",
                row.name
            );
        }
    }
}
