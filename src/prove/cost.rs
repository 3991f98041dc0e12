//! What measuring costs, against its goals, and that one part of it, the sampler, changes no result.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use super::decode;
use crate::artifact::analysis::{Instrument, RecorderCost};
use crate::artifact::selftest::{Bound, Figure, Proof, Unit};
use crate::artifact::verdict::{Decision, Verdict};

/// Fewer ratios of stretches than this in one process say nothing.
const STRETCHES: u64 = 100;

/// By runtime, then by path; a path that was not timed is a failure, since nothing is known of it.
pub fn recording(recorder: &BTreeMap<String, RecorderCost>) -> Vec<Proof> {
    let mut proofs = Vec::new();
    for (runtime, cost) in recorder {
        let paths = [
            ("recording an operation, closed loop", cost.closed),
            ("recording an operation, open loop, started late", cost.open),
            ("recording an operation, open loop, waited for", cost.waited),
        ];
        for (what, found) in paths {
            let Some(found) = found else {
                proofs.push(Proof::failed(what, runtime, "it could not be timed"));
                continue;
            };
            let goal = Bound::AtMost(Instrument::RECORDING_GOAL);
            let mut figures = vec![Figure::bounded("median", found.median, Unit::Ns, goal)];
            if let Some(clock) = cost.clock {
                figures.push(Figure::plain("a clock reading alone", clock.median, Unit::Ns));
            }
            proofs.push(Proof::of(what, runtime, figures));
        }
    }
    proofs
}

/// `outputs` are what processes of one cell with `alternate=1` printed.
pub fn throughput(work: &str, collector: &str, outputs: &[String]) -> Proof {
    let what = format!("throughput lost to recording, {work}");
    let processes: Vec<Histogram<u64>> = outputs.iter().filter_map(|o| ratios(o)).collect();
    let Some((first, others)) = processes.split_first() else {
        return Proof::failed(what, collector, "no process told of it");
    };
    let fall = |ratios: &Histogram<u64>| 1.0 - 1e6 / ratios.value_at_quantile(0.5) as f64;
    let mut pooled = first.clone();
    for ratios in others {
        if pooled.add(ratios).is_err() {
            return Proof::failed(what, collector, "the histograms have different bounds");
        }
    }
    let own = || processes.iter().map(fall);
    let goal = Bound::AtMost(Instrument::THROUGHPUT_GOAL);
    Proof::of(
        what,
        collector,
        vec![
            Figure::bounded("median over all", fall(&pooled), Unit::Share, goal),
            Figure::plain(
                "least of a process",
                own().fold(f64::INFINITY, f64::min),
                Unit::Share,
            ),
            Figure::plain("most", own().fold(f64::NEG_INFINITY, f64::max), Unit::Share),
            Figure::plain("processes", processes.len() as f64, Unit::Count),
        ],
    )
}

/// Of one process, in parts per million.
fn ratios(output: &str) -> Option<Histogram<u64>> {
    let text = output.lines().find_map(|l| l.strip_prefix("hist.ratio="))?;
    decode(text).ok().filter(|ratios| ratios.len() >= STRETCHES)
}

pub fn driver(instrument: &Instrument) -> Vec<Proof> {
    let share = instrument.sampler_share.unwrap_or(f64::NAN);
    vec![
        Proof::of(
            "sampling memory",
            "driver",
            vec![
                Figure::bounded(
                    "of a core",
                    share,
                    Unit::Share,
                    Bound::AtMost(Instrument::SAMPLER_GOAL),
                ),
                Figure::plain("samples", instrument.samples as f64, Unit::Count),
            ],
        ),
        Proof::of(
            "resident memory",
            "driver",
            vec![Figure::bounded(
                "at most seen",
                instrument.driver_rss.0 as f64,
                Unit::Bytes,
                Bound::AtMost(Instrument::DRIVER_GOAL),
            )],
        ),
    ]
}

/// The verdict on wall time of runs with the sampler (a) against runs without it (b), made in turn.
pub fn sampler(subject: &str, verdict: Option<&Verdict>) -> Proof {
    let what = "wall time with the sampler over that without it";
    let Some((verdict, ratio)) = verdict.and_then(|v| Some((v, v.ratio?))) else {
        return Proof::failed(what, subject, "there are no valid runs of both");
    };
    let wins = matches!(verdict.decision, Decision::AWins | Decision::BWins);
    let n = verdict.works.iter().map(|w| w.n_a.min(w.n_b)).min().unwrap_or(0);
    Proof::of(
        what,
        subject,
        vec![
            Figure::plain("ratio", ratio.value, Unit::Ratio),
            Figure::plain("from", ratio.lo, Unit::Ratio),
            Figure::plain("to", ratio.hi, Unit::Ratio),
            Figure::bounded(
                "winners by the decision rule",
                f64::from(u32::from(wins)),
                Unit::Count,
                Bound::AtMost(0.0),
            ),
            Figure::plain("runs of each", f64::from(n), Unit::Count),
        ],
    )
}
