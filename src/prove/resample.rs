//! The decision rule against runs of which the truth is known: splits of one cell's runs, which have no winner, and runs of a cell that was
//! made slower. A trial is an ordinary plan and analysis of two collectors, so that the judge's own rule decides it.

use std::collections::BTreeMap;

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::artifact::analysis::{Analysis, CellSummary, Estimate, Noise};
use crate::artifact::axis::Axis;
use crate::artifact::plan::{Cell, Collector, Pair, Plan, Work};
use crate::artifact::sample::Sample;
use crate::artifact::selftest::{Bound, Figure, Proof, Unit};
use crate::artifact::verdict::{Decision, Verdict};
use crate::stats;

/// Splits and trials of each kind.
pub const TRIALS: u32 = 200;
/// Share of splits without a difference that may have a winner.
const FALSE_WINS: f64 = 0.05;
/// Share of trials that must find the slowdown.
const POWER: f64 = 0.8;

/// One valid process.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    pub round: u32,
    /// Metric -> value.
    pub values: BTreeMap<String, f64>,
}

/// The valid runs of a cell, in the order of their samples.
pub fn runs(samples: &[Sample], cell: &str) -> Vec<Run> {
    let mut order: Vec<&str> = Vec::new();
    let mut runs: BTreeMap<&str, Run> = BTreeMap::new();
    for sample in samples.iter().filter(|s| s.cell == cell) {
        if !runs.contains_key(sample.invocation.as_str()) {
            order.push(&sample.invocation);
        }
        let run = runs.entry(&sample.invocation).or_default();
        run.round = sample.round;
        run.values.insert(sample.metric.clone(), sample.value);
    }
    order.into_iter().filter_map(|id| runs.remove(id)).collect()
}

/// The two sides of one work. Run i of `a` and run i of `b` were made next to each other, as those of one round are.
pub struct Sides<'a> {
    pub work: &'a Work,
    pub a: Vec<&'a Run>,
    pub b: Vec<&'a Run>,
}

/// `each` runs for each side, none twice: of neighbours in time, drawn at random, one goes to each side, and chance says which. None where there are
/// too few.
pub fn split<'a>(work: &'a Work, runs: &'a [Run], each: usize, seed: u64) -> Option<Sides<'a>> {
    let mut neighbours: Vec<&[Run]> = runs.chunks_exact(2).collect();
    if each == 0 || neighbours.len() < each {
        return None;
    }
    let mut random = Pcg64::seed_from_u64(seed);
    neighbours.shuffle(&mut random);
    let sides = neighbours[..each].iter().map(|two| {
        let first = random.random_range(0..2);
        (&two[first], &two[1 - first])
    });
    let (a, b) = sides.unzip();
    Some(Sides { work, a, b })
}

/// `each` runs of one cell against those of another in the same rounds. None where they have too few rounds in common.
pub fn draw<'a>(work: &'a Work, a: &'a [Run], b: &'a [Run], each: usize, seed: u64) -> Option<Sides<'a>> {
    let other = |run: &Run| b.iter().find(|other| other.round == run.round);
    let mut rounds: Vec<(&Run, &Run)> = a.iter().filter_map(|run| Some((run, other(run)?))).collect();
    if each == 0 || rounds.len() < each {
        return None;
    }
    rounds.shuffle(&mut Pcg64::seed_from_u64(seed));
    let (a, b) = rounds.into_iter().take(each).unzip();
    Some(Sides { work, a, b })
}

/// A plan and an analysis of collectors `a` and `b` on one axis, and on no other: the verdict is not corrected for other questions, which
/// would make wins rarer. Both are `collector`, whose cells of these works the plan `measured` has.
pub fn trial(
    measured: &Plan,
    axis: Axis,
    collector: &Collector,
    sides: &[Sides],
    noise: Option<&Noise>,
    seed: u64,
) -> (Plan, Analysis) {
    let named = |name: &str| Collector {
        name: name.to_owned(),
        label: name.to_owned(),
        ..collector.clone()
    };
    let mut plan = Plan {
        seed,
        pairs: vec![Pair {
            a: "a".into(),
            b: "b".into(),
        }],
        collectors: vec![named("a"), named("b")],
        works: Vec::new(),
        cells: Vec::new(),
        invocations: Vec::new(),
        ..measured.clone()
    };
    let mut analysis = Analysis {
        noise: noise.cloned(),
        ..Analysis::default()
    };
    for Sides { work, a, b } in sides {
        let of = |c: &&Cell| c.work == work.id && c.collector == collector.name;
        let Some(cell) = measured.cells.iter().find(of) else {
            continue;
        };
        for (name, runs) in [("a", a), ("b", b)] {
            let id = format!("{}/{name}", work.id);
            analysis.cells.insert(id.clone(), summary(runs));
            plan.cells.push(Cell {
                id,
                collector: name.to_owned(),
                ..cell.clone()
            });
        }
        plan.works.push(Work {
            axes: vec![axis],
            ..(*work).clone()
        });
    }
    (plan, analysis)
}

fn summary(runs: &[&Run]) -> CellSummary {
    let mut values: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (metric, value) in runs.iter().flat_map(|r| &r.values) {
        values.entry(metric).or_default().push(*value);
    }
    let estimate = |values: Vec<f64>| Estimate {
        median: stats::median(&values).unwrap_or(f64::NAN),
        lo: values.iter().copied().fold(f64::INFINITY, f64::min),
        hi: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        n: values.len() as u32,
        values,
    };
    CellSummary {
        valid: runs.len() as u32,
        rounds: (1..=runs.len() as u32).collect(),
        metrics: values
            .into_iter()
            .map(|(metric, values)| (metric.to_owned(), estimate(values)))
            .collect(),
        ..CellSummary::default()
    }
}

/// What the judge said of the trials.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    pub trials: u32,
    pub a_wins: u32,
    pub b_wins: u32,
    pub ties: u32,
    pub no_data: u32,
    /// The interval of a / b lies below 1: b was found the larger.
    pub b_larger: u32,
    /// The interval lies above 1.
    pub a_larger: u32,
}

impl Tally {
    pub fn count(&mut self, verdict: &Verdict) {
        self.trials += 1;
        match verdict.decision {
            Decision::AWins => self.a_wins += 1,
            Decision::BWins => self.b_wins += 1,
            Decision::Tie => self.ties += 1,
            Decision::NoData => self.no_data += 1,
            Decision::Undecided => {}
        }
        if let Some(ratio) = verdict.ratio {
            self.b_larger += u32::from(ratio.hi < 1.0);
            self.a_larger += u32::from(ratio.lo > 1.0);
        }
    }

    pub fn add(&mut self, other: &Tally) {
        self.trials += other.trials;
        self.a_wins += other.a_wins;
        self.b_wins += other.b_wins;
        self.ties += other.ties;
        self.no_data += other.no_data;
        self.b_larger += other.b_larger;
        self.a_larger += other.a_larger;
    }

    fn share(&self, of: u32) -> f64 {
        f64::from(of) / f64::from(self.trials)
    }
}

/// A/A: `tally` is of splits into sides of `each` runs.
pub fn no_winner(axis: Axis, subject: &str, runs: usize, each: usize, tally: &Tally) -> Proof {
    let what = format!(
        "{}, {runs} equal runs split into {each} and {each}",
        axis.title().to_lowercase()
    );
    if tally.trials == 0 || tally.no_data > 0 {
        return Proof::failed(what, subject, "some splits had nothing to judge");
    }
    let wins = tally.share(tally.a_wins + tally.b_wins);
    Proof::of(
        what,
        subject,
        vec![
            Figure::bounded(
                "splits with a winner",
                wins,
                Unit::Share,
                Bound::AtMost(FALSE_WINS),
            ),
            Figure::plain("tie", tally.share(tally.ties), Unit::Share),
            Figure::plain(
                "interval without 1",
                tally.share(tally.a_larger + tally.b_larger),
                Unit::Share,
            ),
            Figure::plain("splits", f64::from(tally.trials), Unit::Count),
        ],
    )
}

/// One known slowdown: `permille` was asked for, `measured` is the ratio of medians over all runs.
pub struct Slowdown {
    pub permille: u64,
    pub measured: f64,
    /// Runs a side -> what the judge said of so many.
    pub tallies: BTreeMap<usize, Tally>,
}

/// Is the slowdown `target` found at `each` runs a side? One as large as the band of equivalence lies on its edge, where no number of runs makes
/// a win; so "found" means that the interval excludes 1 on the right side. What the decision rule makes of it, of larger slowdowns and of more
/// runs stands beside without a bound.
pub fn found(subject: &str, each: usize, target: u64, slowdowns: &[Slowdown]) -> Proof {
    let what = format!("a runner {} slower, {each} runs against {each}", percent(target));
    let at = |s: &Slowdown| s.tallies.get(&each).filter(|t| t.trials > 0).cloned();
    if !slowdowns.iter().any(|s| s.permille == target && at(s).is_some()) {
        return Proof::failed(what, subject, "there are too few valid runs");
    }
    let mut figures = Vec::new();
    for s in slowdowns {
        for (runs, tally) in s.tallies.iter().filter(|(_, t)| t.trials > 0) {
            let name = |figure: &str| format!("{} slower, {runs} runs: {figure}", percent(s.permille));
            let found = tally.share(tally.b_larger);
            let figure = name("trials that find it (interval without 1)");
            figures.push(if (s.permille, *runs) == (target, each) {
                Figure::bounded(&figure, found, Unit::Share, Bound::AtLeast(POWER))
            } else {
                Figure::plain(&figure, found, Unit::Share)
            });
            let loses = tally.share(tally.a_wins);
            figures.push(Figure::plain(&name("trials that it loses"), loses, Unit::Share));
        }
        let name = format!("{} slower: measured over all runs", percent(s.permille));
        figures.push(Figure::plain(&name, s.measured, Unit::Ratio));
    }
    let trials = slowdowns.iter().filter_map(at).map(|t| t.trials).max();
    figures.push(Figure::plain(
        "trials of each",
        f64::from(trials.unwrap_or(0)),
        Unit::Count,
    ));
    Proof::of(what, subject, figures).note(format!(
        "{}; {}",
        enough_runs(target, slowdowns),
        enough_slowdown(each, slowdowns)
    ))
}

fn enough_runs(target: u64, slowdowns: &[Slowdown]) -> String {
    let tallies = slowdowns
        .iter()
        .filter(|s| s.permille == target)
        .flat_map(|s| &s.tallies);
    let enough = tallies
        .filter(|(_, t)| t.trials > 0 && t.share(t.b_larger) >= POWER)
        .map(|(runs, _)| runs)
        .min();
    let (target, power) = (percent(target), share(POWER));
    match enough {
        Some(runs) => format!("the fewest runs tried that find {target} in {power} of trials: {runs} a side"),
        None => format!("none of the numbers of runs tried finds {target} in {power} of trials"),
    }
}

fn enough_slowdown(each: usize, slowdowns: &[Slowdown]) -> String {
    let loses = |s: &&Slowdown| {
        s.tallies
            .get(&each)
            .is_some_and(|t| t.trials > 0 && t.share(t.a_wins) >= POWER)
    };
    let power = share(POWER);
    match slowdowns.iter().filter(loses).map(|s| s.permille).min() {
        Some(permille) => format!(
            "the least slowdown tried that loses by the decision rule in {power} of trials of {each} runs: {}",
            percent(permille)
        ),
        None => format!(
            "none of the slowdowns tried loses by the decision rule in {power} of trials of {each} runs"
        ),
    }
}

fn percent(permille: u64) -> String {
    format!("{} %", permille as f64 / 10.0)
}

fn share(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}
