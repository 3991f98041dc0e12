//! Who wins which axis, by how much, and how sure are we?
//!
//! For a pair and an axis: the geometric mean over works of median(a) / median(b) of the headline metric, its bootstrap interval over
//! fresh processes ([`crate::stats::ratio_of_medians`]), and a band of equivalence from 1/(1+band) to 1+band. A side wins when the whole
//! interval lies beyond the band, they tie when it lies inside, and it is undecided otherwise. Six questions are asked of each pair, so
//! levels are Holm-corrected; docs/METHOD.md has the reasons, `decision` the exact rule and what else can stand in the way of a win.

mod compare;
mod decision;
mod doubts;
mod equal_memory;
mod fragmentation;
mod large_heap;
mod ledger;
mod mechanism;
mod numbers;
mod rules;

use crate::artifact::analysis::{Analysis, Noise};
use crate::artifact::axis::Axis;
use crate::artifact::doubt::Doubt;
use crate::artifact::host::Host;
use crate::artifact::plan::{Pair, Plan};
use crate::artifact::verdict::{Decision, Interval, Verdict, Verdicts, WorkRatio};
use crate::stats::{self, HolmStep};

pub use ledger::settle;

use compare::{Asked, Comparison, Question, Standing};

/// Chance of one wrong win among the six axes of a pair.
const ALPHA: f64 = 0.05;
/// Noise at p99 beyond which nothing on this machine is to be trusted, ns.
const LOUDEST_FLOOR: u64 = 1_000_000;

/// Every pair of the plan on every axis. The same arguments give the same bytes; `seed` feeds the resampling and nothing else, and each
/// side of each work has a stream of its own, so that the verdict on (b, a) mirrors the one on (a, b).
pub fn decide(plan: &Plan, analysis: &Analysis, host: &Host, seed: u64) -> Verdicts {
    // Beside a run the idle process waits for the run as well, most of all where collector and mutators fill every core: that is a floor
    // under findings, not a fault of the machine. Only where nothing else is known is the machine judged by it.
    let floor = analysis.quiet.as_ref().or(analysis.noise.as_ref());
    Verdicts {
        verdicts: plan
            .pairs
            .iter()
            .flat_map(|pair| decide_pair(plan, analysis, pair, seed))
            .collect(),
        rules: rules::rules(plan, analysis),
        claims: fragmentation::claim(plan, analysis, seed).into_iter().collect(),
        untrusted: untrusted(host, floor),
        host: host.clone(),
    }
}

/// What brands all that is measured on this machine: its own doubts, and what an idle process sees there.
pub fn untrusted(host: &Host, floor: Option<&Noise>) -> Vec<Doubt> {
    let loud = floor
        .map(|n| n.p99.0)
        .filter(|p99| *p99 > LOUDEST_FLOOR)
        .map(|p99_ns| Doubt::NoiseFloor { p99_ns });
    let new = loud.filter(|d| !host.doubts.contains(d));
    host.doubts.iter().cloned().chain(new).collect()
}

fn decide_pair(plan: &Plan, analysis: &Analysis, pair: &Pair, seed: u64) -> Vec<Verdict> {
    let asked: Vec<Asked<'_>> = Axis::ALL
        .into_iter()
        .map(|axis| {
            Asked::new(Question {
                plan,
                analysis,
                pair,
                axis,
                seed,
            })
        })
        .collect();
    // Only questions that have a ratio are tests; one without data costs the others nothing.
    let p: Vec<f64> = asked.iter().filter_map(Asked::p).collect();
    let mut steps = stats::holm(&p, ALPHA).into_iter();
    asked
        .iter()
        .map(|a| verdict(a, a.p().and_then(|_| steps.next())))
        .collect()
}

fn verdict(asked: &Asked<'_>, step: Option<HolmStep>) -> Verdict {
    let Question { pair, axis, .. } = asked.question;
    let level = step.map_or(1.0 - ALPHA, |s| s.level);
    let outcome = decision::decide(asked, step, ALPHA);
    let enough = match axis {
        Axis::Memory => enough(&asked.question),
        _ => Vec::new(),
    };
    let mut doubts = doubts::of_verdict(asked);
    doubts.extend(other_reading(asked, &outcome, &enough, level));
    Verdict {
        axis,
        a: pair.a.clone(),
        b: pair.b.clone(),
        decision: outcome.decision,
        metric: asked.metric.to_owned(),
        ratio: outcome.ratio,
        level,
        band: axis.band(),
        works: asked.works.iter().filter_map(|c| work_ratio(asked, c)).collect(),
        enough: enough.iter().filter_map(|c| work_ratio(asked, c)).collect(),
        rounds_to_decide: outcome.rounds_to_decide,
        mechanism: mechanism::sentences(asked, &outcome),
        doubts,
    }
}

/// The other reading of the memory axis: what each needs to do a task within 10 % of its own least wall time.
fn enough<'a>(question: &Question<'a>) -> Vec<Comparison<'a>> {
    equal_memory::enough(question)
        .into_iter()
        .map(|(work, a, b)| Comparison {
            work,
            a: None,
            b: None,
            standing: Standing::Measured {
                a,
                b,
                rounds: Vec::new(),
            },
            reading: None,
        })
        .collect()
}

/// Where it contradicts the verdict at the verdict's own level.
fn other_reading(
    asked: &Asked<'_>,
    outcome: &decision::Outcome,
    enough: &[Comparison<'_>],
    level: f64,
) -> Option<Doubt> {
    let ratio = asked.ratio(&enough.iter().collect::<Vec<_>>())?;
    let bounds = ratio.interval(level);
    let edge = 1.0 + asked.question.axis.band();
    let contradicts = match outcome.decision {
        Decision::AWins => bounds.lo > edge,
        Decision::BWins => bounds.hi < 1.0 / edge,
        _ => false,
    };
    contradicts.then_some(Doubt::OtherReading {
        ratio: ratio.estimate(),
        lo: bounds.lo,
        hi: bounds.hi,
    })
}

/// None for a work without a ratio; the verdict's doubts and mechanism tell why.
fn work_ratio(asked: &Asked<'_>, comparison: &Comparison<'_>) -> Option<WorkRatio> {
    let Standing::Measured { a, b, rounds } = &comparison.standing else {
        return None;
    };
    let ratio = asked.ratio(&[comparison])?;
    let bounds = ratio.interval(1.0 - ALPHA);
    Some(WorkRatio {
        work: comparison.work.id.clone(),
        a: stats::median(a)?,
        b: stats::median(b)?,
        ratio: Interval {
            value: ratio.estimate(),
            lo: bounds.lo,
            hi: bounds.hi,
        },
        n_a: u32::try_from(a.len()).unwrap_or(u32::MAX),
        n_b: u32::try_from(b.len()).unwrap_or(u32::MAX),
        rounds: u32::try_from(rounds.len()).ok().filter(|n| *n >= 2),
        doubts: doubts::of_work(asked, comparison),
        reading: comparison.reading,
    })
}
