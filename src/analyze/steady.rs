//! Did the runs of a cell reach a steady state? Each is asked by itself; nothing is trimmed and no number changes for it.

use crate::artifact::observation::{Observation, Progress};
use crate::artifact::steady::{Course, RunCourse, Series, Steady};
use crate::artifact::unit::Ns;
use crate::stats;

use super::admit::Admitted;

/// Shorter blocks, on average, are merged: one that another process's time slice falls into would take many times as long as its neighbours, and
/// the series would tell of the scheduler.
const SHORTEST_NS: f64 = 5e6;

/// None where no run tells how its work progressed.
pub(super) fn steady(runs: &[Admitted<'_>]) -> Option<Steady> {
    let told = |run: &Admitted<'_>| Some(one(&run.observation, run.observation.progress.as_ref()?));
    let told: Vec<(RunCourse, Option<Series>)> = runs.iter().filter_map(told).collect();
    if told.is_empty() {
        return None;
    }
    // The first of equals: max_by would keep the last.
    let rank = |run: &RunCourse| (run.is_in_doubt(), severity(run.course), run.before);
    let mut worst: Option<(&RunCourse, &Series)> = None;
    for (run, series) in told.iter().filter_map(|(run, s)| Some((run, s.as_ref()?))) {
        if worst.is_none_or(|(other, _)| rank(run) > rank(other)) {
            worst = Some((run, series));
        }
    }
    let worst = worst.map(|(_, series)| series.clone());
    Some(Steady {
        runs: told.into_iter().map(|(run, _)| run).collect(),
        worst,
    })
}

fn severity(course: Course) -> u8 {
    match course {
        Course::TooShort => 0,
        Course::Flat => 1,
        Course::Slowdown => 2,
        Course::WarmUp => 3,
        Course::NoSteadyState => 4,
    }
}

fn one(run: &Observation, progress: &Progress) -> (RunCourse, Option<Series>) {
    let (together, times) = merged(run, progress);
    let found = stats::steadiness(&times);
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let course = found.as_ref().map_or(Course::TooShort, |f| named(f.course));
    let row = RunCourse {
        invocation: run.invocation.clone(),
        course,
        before: found.as_ref().map_or(0.0, |f| f.before),
        blocks: count(times.len()),
        outliers: count(found.as_ref().map_or(0, |f| f.outliers.len())),
    };
    let series = found.map(|f| Series {
        invocation: run.invocation.clone(),
        course,
        block: progress.block.saturating_mul(together),
        times: times.iter().map(|t| Ns(t.round() as u64)).collect(),
        states: f
            .states
            .iter()
            .map(|(begin, mean)| (count(*begin), Ns(mean.round() as u64)))
            .collect(),
        outliers: f.outliers.iter().map(|i| count(*i)).collect(),
    });
    (row, series)
}

/// How many neighbours were merged into each block, and the blocks' times, ns: mean over threads. What is left over at the end (the runner's last block may
/// have fewer operations) is no other block's equal and left out here.
fn merged(run: &Observation, progress: &Progress) -> (u64, Vec<f64>) {
    let threads = progress.threads.len().max(1) as u64;
    let whole = run
        .ops
        .checked_div(threads)
        .and_then(|ops| ops.checked_div(progress.block))
        .map_or(0, |n| usize::try_from(n).unwrap_or(usize::MAX));
    let blocks = progress
        .threads
        .iter()
        .map(Vec::len)
        .min()
        .unwrap_or(0)
        .min(whole);
    let mean = |i: usize| progress.threads.iter().map(|t| t[i].0 as f64).sum::<f64>() / threads as f64;
    let times: Vec<f64> = (0..blocks).map(mean).collect();
    let average = times.iter().sum::<f64>() / times.len() as f64;
    let together = if average > 0.0 {
        ((SHORTEST_NS / average).ceil() as usize).max(1)
    } else {
        1
    };
    let merged = times.chunks_exact(together).map(|c| c.iter().sum()).collect();
    (together as u64, merged)
}

fn named(course: stats::Course) -> Course {
    match course {
        stats::Course::Flat => Course::Flat,
        stats::Course::WarmUp => Course::WarmUp,
        stats::Course::Slowdown => Course::Slowdown,
        stats::Course::NoSteadyState => Course::NoSteadyState,
    }
}
