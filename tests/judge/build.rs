//! Synthetic plans and analyses.

use std::collections::BTreeMap;

use gcrucible::artifact::analysis::{Analysis, CellSummary, Estimate, Noise};
use gcrucible::artifact::axis::Axis;
use gcrucible::artifact::host::Host;
use gcrucible::artifact::plan::*;
use gcrucible::artifact::unit::{Bytes, Ns};
use gcrucible::artifact::verdict::{Verdict, Verdicts};
use gcrucible::judge;
use gcrucible::stats::derive_seed;

pub const MS: f64 = 1e6;

/// A plan and its analysis, built cell by cell; the pair is (a, b).
pub struct Case {
    pub plan: Plan,
    pub analysis: Analysis,
}

impl Case {
    pub fn new(collectors: &[&str]) -> Self {
        let plan = Plan {
            suite: "test".into(),
            question: "?".into(),
            seed: 1,
            rounds: 10,
            pairs: vec![Pair {
                a: "a".into(),
                b: "b".into(),
            }],
            collectors: collectors.iter().map(|name| collector(name)).collect(),
            works: Vec::new(),
            cells: Vec::new(),
            invocations: Vec::new(),
            minimums: Vec::new(),
            goal: None,
            stopping: None,
        };
        let noise = Some(Noise {
            p50: Ns(1_000),
            p99: Ns(100_000),
            max: Ns(900_000),
            n: 100_000,
        });
        Case {
            plan,
            analysis: Analysis {
                noise,
                ..Analysis::default()
            },
        }
    }

    pub fn work(mut self, id: &str, mode: Mode, axes: &[Axis]) -> Self {
        self.plan.works.push(Work {
            id: id.into(),
            workload: "w".into(),
            variant: None,
            mode,
            live: Bytes(1 << 20),
            budget: Budget::Default,
            threads: 1,
            axes: axes.to_vec(),
            series: None,
            ladder: None,
            block: None,
            rounds: None,
            swept: None,
            summary: String::new(),
            expected_checksum: None,
        });
        self
    }

    /// The work named last is one of a series.
    pub fn of_series(mut self, series: &str, live: u64) -> Self {
        let work = self.plan.works.last_mut().unwrap();
        (work.series, work.live) = (Some(series.into()), Bytes(live));
        self
    }

    /// A cell of the work named last.
    pub fn cell(mut self, collector: &str, metrics: &[(&str, Vec<f64>)]) -> Self {
        let work = self.plan.works.last().unwrap().id.clone();
        let id = format!("{work}/{collector}");
        self.plan.cells.push(Cell {
            id: id.clone(),
            work,
            collector: collector.into(),
            argv: Vec::new(),
            env: BTreeMap::new(),
            request: Vec::new(),
            timeout_s: 1,
            load: None,
        });
        let estimates = metrics
            .iter()
            .map(|(name, values)| ((*name).to_owned(), estimate(values)));
        let summary = CellSummary {
            valid: metrics.iter().map(|(_, v)| v.len() as u32).max().unwrap_or(0),
            metrics: estimates.collect(),
            ..CellSummary::default()
        };
        self.analysis.cells.insert(id, summary);
        self
    }

    pub fn edit(mut self, cell: &str, change: impl FnOnce(&mut CellSummary)) -> Self {
        change(self.analysis.cells.get_mut(cell).unwrap());
        self
    }

    /// All runs of all cells so far were made in turn, in rounds 1, 2, ...
    pub fn in_turn(mut self) -> Self {
        for cell in self.analysis.cells.values_mut() {
            cell.rounds = (1..=cell.valid).collect();
        }
        self
    }

    pub fn swapped(mut self) -> Self {
        self.plan.pairs[0] = Pair {
            a: "b".into(),
            b: "a".into(),
        };
        self
    }

    pub fn judge(&self) -> Verdicts {
        judge::decide(&self.plan, &self.analysis, &Host::default(), 42)
    }

    pub fn on(&self, axis: Axis) -> Verdict {
        self.judge()
            .verdicts
            .into_iter()
            .find(|v| v.axis == axis)
            .unwrap()
    }
}

pub fn collector(name: &str) -> Collector {
    Collector {
        name: name.into(),
        label: name.to_uppercase(),
        runtime: "r".into(),
        version: "1".into(),
        tags: if name == "none" {
            vec!["no-gc".into()]
        } else {
            Vec::new()
        },
        log: "none".into(),
        gc_threads: Vec::new(),
        setting_of: None,
        unavailable: None,
    }
}

pub fn estimate(values: &[f64]) -> Estimate {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    Estimate {
        median: (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0,
        lo: sorted[0],
        hi: sorted[n - 1],
        n: n as u32,
        values: values.to_vec(),
    }
}

/// `n` runs around `centre` with a relative spread of about `noise`, reproducible by `name`.
pub fn runs(name: &str, n: usize, centre: f64, noise: f64) -> Vec<f64> {
    (0..n)
        .map(|i| {
            let bits = derive_seed(i as u64, &[name]) >> 11;
            let uniform = bits as f64 / (1_u64 << 53) as f64;
            centre * (noise * (2.0 * uniform - 1.0)).exp()
        })
        .collect()
}

pub fn throughput(a: Vec<f64>, b: Vec<f64>) -> Case {
    Case::new(&["a", "b"])
        .work("w", Mode::Closed, &[Axis::Throughput])
        .cell("a", &[("wall_ns", a)])
        .cell("b", &[("wall_ns", b)])
}

pub fn tail(a: &[(&str, Vec<f64>)], b: &[(&str, Vec<f64>)]) -> Case {
    Case::new(&["a", "b"])
        .work("o", Mode::Open, &[Axis::Tail])
        .cell("a", a)
        .cell("b", b)
}

pub fn pauses(a: &[(&str, Vec<f64>)], b: &[(&str, Vec<f64>)]) -> Case {
    Case::new(&["a", "b"])
        .work("p", Mode::Closed, &[Axis::Pause])
        .cell("a", a)
        .cell("b", b)
}
