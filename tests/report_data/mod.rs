//! A small, complete run: made up from formulas, shaped like a real one. Nothing here was measured.
//!
//! Five collectors, one of them a reference; closed and open works, a series of three sizes. Values follow from a seeded
//! generator, so that every test sees the same page.
#![allow(dead_code)]

use std::collections::BTreeMap;

use gcrucible::artifact::analysis::*;
use gcrucible::artifact::axis::Axis;
use gcrucible::artifact::calibration::Calibration;
use gcrucible::artifact::doubt::Doubt;
use gcrucible::artifact::host::Host;
use gcrucible::artifact::outcome::Outcome;
use gcrucible::artifact::plan::*;
use gcrucible::artifact::selftest::Selftest;
use gcrucible::artifact::settled::Settled;
use gcrucible::artifact::unit::{Bytes, Ns};
use gcrucible::artifact::verdict::*;

mod distilled;
pub mod ladder;
mod measured;
pub mod sweep;
mod tradeoffs;

pub const ROUNDS: u32 = 5;
const MIB: u64 = 1 << 20;

pub struct Run {
    pub plan: Plan,
    pub analysis: Analysis,
    pub verdicts: Verdicts,
    pub calibration: Calibration,
    pub selftest: Option<Selftest>,
    pub settled: Option<Settled>,
}

impl Run {
    pub fn render(&self) -> (gcrucible::artifact::view::View, String) {
        gcrucible::report::render(
            &self.plan,
            &self.analysis,
            &self.verdicts,
            Some(&self.calibration),
            gcrucible::report::Beside {
                selftest: self.selftest.as_ref(),
                settled: self.settled.as_ref(),
            },
        )
        .unwrap()
    }
}

/// Everything ran; a few runs failed.
pub fn complete() -> Run {
    let plan = plan();
    let mut analysis = measured::analysis(&plan);
    analysis.failures = vec![
        Failure {
            invocation: invocation("fragment.closed@64MiB/shenandoah", 2),
            cell: "fragment.closed@64MiB/shenandoah".into(),
            outcome: Outcome::OutOfMemory {
                reason: "java.lang.OutOfMemoryError: Java heap space".into(),
            },
        },
        Failure {
            invocation: invocation("graph.closed@64MiB/zgc", 4),
            cell: "graph.closed@64MiB/zgc".into(),
            outcome: Outcome::TimedOut { after_s: 120 },
        },
    ];
    analysis.failures.extend(sweep::failures(&plan));
    let verdicts = measured::verdicts(&plan, &analysis);
    let calibration = Calibration {
        capacity: plan
            .cells
            .iter()
            .filter(|c| c.load.as_ref().is_some_and(|l| l.of == Capacity::Slowest))
            .map(|c| (c.id.clone(), ladder::capacity(place(&plan, c))))
            .collect(),
        runs: BTreeMap::new(),
        own: plan
            .cells
            .iter()
            .filter_map(|c| Some((c, c.load.as_ref().filter(|l| l.of == Capacity::Own)?)))
            .map(|(c, load)| (c.id.clone(), ladder::offered(load.fraction, place(&plan, c))))
            .collect(),
        rate: plan
            .works
            .iter()
            .filter(|w| w.mode == Mode::Open && w.ladder.is_none())
            .map(|w| (w.id.clone(), 60_000.0))
            .collect(),
    };
    Run {
        plan,
        analysis,
        verdicts,
        calibration,
        selftest: None,
        settled: None,
    }
}

/// The same plan on a machine without a JDK and with a neighbour: every JVM cell is a row that says so.
pub fn without_a_jvm() -> Run {
    let mut run = complete();
    let reason = "no JDK found: set JAVA_HOME or install one";
    for collector in &mut run.plan.collectors {
        if collector.runtime == "jvm" {
            collector.unavailable = Some(reason.into());
        }
    }
    run.analysis.failures.clear();
    for cell in &run.plan.cells {
        if run.plan.collector(&cell.collector).unwrap().runtime != "jvm" {
            continue;
        }
        run.analysis.cells.insert(cell.id.clone(), CellSummary::default());
        for round in 1..=ROUNDS {
            run.analysis.failures.push(Failure {
                invocation: invocation(&cell.id, round),
                cell: cell.id.clone(),
                outcome: Outcome::NotStarted {
                    reason: reason.into(),
                },
            });
        }
    }
    for verdict in &mut run.verdicts.verdicts {
        verdict.decision = Decision::NoData;
        verdict.ratio = None;
        verdict.works.clear();
        verdict.mechanism.clear();
        verdict.doubts.clear();
        verdict.rounds_to_decide = None;
    }
    run.verdicts.rules.clear();
    run.analysis.growths = gcrucible::analyze::growths_of_cells(&run.plan, &run.analysis.cells);
    run.verdicts.untrusted = vec![
        Doubt::Stranger {
            name: "backup".into(),
            cpu_percent: 83.0,
        },
        Doubt::NoiseFloor { p99_ns: 2_400_000 },
    ];
    run
}

/// A plan of which nothing ran at all.
pub fn nothing_ran() -> Run {
    let mut run = complete();
    run.analysis = Analysis::default();
    run.verdicts.verdicts.clear();
    run.verdicts.rules.clear();
    run
}

/// Of the cell's collector in the plan.
fn place(plan: &Plan, cell: &Cell) -> usize {
    let mut all = plan.collectors.iter();
    all.position(|c| c.name == cell.collector).unwrap()
}

pub fn invocation(cell: &str, round: u32) -> String {
    format!("r{round}-{}", cell.replace(['/', '%', ':', '+', '='], "-"))
}

fn collector(name: &str, label: &str, runtime: &str, version: &str, tags: &[&str]) -> Collector {
    Collector {
        name: name.into(),
        label: label.into(),
        runtime: runtime.into(),
        version: version.into(),
        tags: tags.iter().map(|t| (*t).into()).collect(),
        log: if runtime == "jvm" { "unified" } else { "none" }.into(),
        gc_threads: vec![],
        setting_of: None,
        unavailable: None,
    }
}

fn work(
    workload: &str,
    variant: Option<&str>,
    mode: Mode,
    mib: u64,
    axes: &[Axis],
    series: Option<&str>,
    summary: &str,
) -> Work {
    let variant_id = variant.map_or(String::new(), |v| format!(".{v}"));
    Work {
        id: format!("{workload}{variant_id}.{}@{mib}MiB", mode.id()),
        workload: workload.into(),
        variant: variant.map(Into::into),
        mode,
        live: Bytes(mib * MIB),
        budget: Budget::Default,
        threads: 4,
        axes: axes.to_vec(),
        series: series.map(Into::into),
        ladder: None,
        block: None,
        rounds: None,
        swept: None,
        summary: summary.into(),
        expected_checksum: None,
    }
}

fn plan() -> Plan {
    use Axis::*;
    let jdk = "openjdk version \"25.0.1\" 2025-10-21";
    let collectors = vec![
        collector(
            "go",
            "Go (GOGC=100)",
            "go",
            "go version go1.27 linux/amd64",
            &["default", "concurrent"],
        ),
        collector("g1", "G1", "jvm", jdk, &["default", "generational", "moving"]),
        collector(
            "zgc",
            "ZGC",
            "jvm",
            jdk,
            &["concurrent", "generational", "moving"],
        ),
        collector("shenandoah", "Shenandoah", "jvm", jdk, &["concurrent", "moving"]),
        collector(
            "rust",
            "Rust (system allocator)",
            "rust",
            "rustc 1.95.0",
            &["no-gc"],
        ),
    ];
    let (open, closed) = (Mode::Open, Mode::Closed);
    let series = "a session store at sizes that double";
    let mut works = vec![
        work(
            "churn",
            None,
            closed,
            64,
            &[Pause, Throughput, Memory],
            None,
            "Young garbage, a fraction of which survives into a long-lived table.",
        ),
        work(
            "churn",
            None,
            open,
            64,
            &[Pause, Tail],
            None,
            "Young garbage at a fixed rate of arrivals.",
        ),
        work(
            "cache",
            None,
            closed,
            64,
            &[Pause, Throughput, Memory],
            None,
            "A session store: requests parsed, entries replaced and evicted.",
        ),
        work(
            "graph",
            None,
            closed,
            64,
            &[Pause, Throughput, Memory],
            None,
            "A long-lived pointer graph, walked and rewired.",
        ),
        work(
            "slices",
            Some("values"),
            closed,
            64,
            &[Throughput, Memory],
            None,
            "Large arrays of plain values, replaced in chunks.",
        ),
        work(
            "trees",
            None,
            closed,
            64,
            &[Throughput],
            None,
            "Binary trees, a few of which are kept.",
        ),
        work(
            "fragment",
            None,
            closed,
            64,
            &[Fragmentation],
            None,
            "Object sizes that shift from epoch to epoch, with sparse survivors.",
        ),
        work(
            "cache",
            None,
            open,
            64,
            &[Tail, LargeHeap],
            Some("cache.open"),
            series,
        ),
        work("cache", None, open, 128, &[LargeHeap], Some("cache.open"), series),
        work("cache", None, open, 256, &[LargeHeap], Some("cache.open"), series),
    ];
    works.extend(ladder::rungs(
        works.iter().find(|w| w.id == ladder::COMMON).unwrap(),
    ));
    works.extend(sweep::works());
    let mut cells = vec![];
    let mut invocations = vec![];
    for work in &works {
        for c in &collectors {
            cells.push(Cell {
                id: format!("{}/{}", work.id, c.name),
                work: work.id.clone(),
                collector: c.name.clone(),
                argv: vec![
                    format!("runners/{}", c.runtime),
                    format!("-Dcollector={}", c.name),
                ],
                env: BTreeMap::from([("LC_ALL".into(), "C".into())]),
                request: vec![("workload".into(), work.workload.clone())],
                timeout_s: 120,
                load: (work.mode == Mode::Open).then(|| ladder::load(work)),
            });
        }
    }
    let calibrated = |c: &&Cell| c.load.as_ref().is_some_and(|l| l.of == Capacity::Slowest);
    for cell in cells.iter().filter(calibrated) {
        invocations.push(Invocation {
            id: format!("c-{}", cell.id.replace(['/', '%', ':'], "-")),
            cell: cell.id.clone(),
            round: 0,
            purpose: Purpose::Calibrate,
        });
    }
    for round in 1..=ROUNDS {
        for cell in &cells {
            invocations.push(Invocation {
                id: invocation(&cell.id, round),
                cell: cell.id.clone(),
                round,
                purpose: Purpose::Measure,
            });
        }
    }
    let pair = |b: &str| Pair {
        a: "go".into(),
        b: b.into(),
    };
    Plan {
        minimums: vec![],
        suite: "synthetic".into(),
        question: "Which collector should carry a session store that must answer within milliseconds?".into(),
        seed: 42,
        rounds: ROUNDS,
        pairs: vec![pair("g1"), pair("zgc"), pair("shenandoah")],
        collectors,
        works,
        cells,
        invocations,
        goal: None,
        stopping: None,
    }
}

pub fn host() -> Host {
    Host {
        started: "2026-11-24T09:30:00Z".into(),
        cpu: "Imaginary CPU 9000".into(),
        microcode: None,
        cores: 8,
        memory: Bytes(32 << 30),
        cgroup_memory: Some(Bytes(16 << 30)),
        cgroup: "v2".into(),
        kernel: "6.1.0".into(),
        os: "Debian GNU/Linux 12".into(),
        governor: Some("performance".into()),
        transparent_huge_pages: Some("madvise".into()),
        huge_pages_reserved: Some(Bytes(0)),
        numa_nodes: 1,
        swap_total: Bytes(0),
        swap_used: Bytes(0),
        clock_source: Some("tsc".into()),
        virtualised: None,
        load_before: 0.08,
        load_after: Some(0.91),
        versions: BTreeMap::from([
            ("go".into(), "go1.27 linux/amd64".into()),
            ("java".into(), "25.0.1".into()),
            ("gcrucible".into(), "0.1.0".into()),
        ]),
        binaries: BTreeMap::from([("runners/go".into(), "00".repeat(32))]),
        commit: None,
        doubts: vec![],
    }
}

pub fn noise() -> Noise {
    Noise {
        p50: Ns(58_000),
        p99: Ns(96_000),
        max: Ns(640_000),
        n: 1_250_000,
    }
}
