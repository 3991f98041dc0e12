//! What came of the epochs of a cell's runs, of the blocks they were asked for, and of the drop of their load.

use std::collections::BTreeMap;

use crate::artifact::analysis::EpochSummary;
use crate::artifact::axis::Axis;
use crate::artifact::fragmentation::{Block, Course, Fragmentation, LONG_RUN, Returned, Slope, Wait};
use crate::artifact::observation::Epoch;
use crate::artifact::unit::{Bytes, Ns};
use crate::stats::{self, Bounds};

use super::admit::Admitted;
use super::estimates::estimate;

const LEVEL: f64 = 0.95;
/// Times of a return curve after the drop itself.
const STEPS: u64 = 60;

/// None where the runs have neither epochs nor a drop.
pub(super) fn fragmentation(runs: &[Admitted<'_>]) -> Option<Fragmentation> {
    let found = Fragmentation {
        slope: slope(runs),
        returned: returned(runs),
        blocks: blocks(runs),
    };
    (found != Fragmentation::default()).then_some(found)
}

/// Flat is what comes to no more than the axis's band of the payload over a long run: levels that differ by as much are called the same.
fn slope(runs: &[Admitted<'_>]) -> Option<Slope> {
    let sloped = || {
        runs.iter()
            .filter_map(|run| Some((run, *run.values.get("frag_slope")?)))
    };
    let slopes: Vec<f64> = sloped().map(|(_, slope)| slope).collect();
    let epochs = sloped().map(|(run, _)| run.observation.epochs.len().saturating_sub(1));
    let interval = stats::cautious_median_interval(&slopes, LEVEL);
    let band = Axis::Fragmentation.band() / f64::from(LONG_RUN);
    Some(Slope {
        median: stats::median(&slopes)?,
        interval: interval.map(|b| (b.lo, b.hi)),
        n: count(slopes.len()),
        epochs: count(epochs.min()?),
        band,
        course: interval.map_or(Course::NotKnown, |bounds| course(bounds, band)),
    })
}

fn course(slopes: Bounds, band: f64) -> Course {
    match slopes {
        Bounds { lo, .. } if lo > band => Course::Rises,
        Bounds { hi, .. } if hi < -band => Course::Falls,
        Bounds { lo, hi } if -band <= lo && hi <= band => Course::Flat,
        _ => Course::NotKnown,
    }
}

fn returned(runs: &[Admitted<'_>]) -> Option<Returned> {
    let waits: Vec<Wait<'_>> = runs.iter().filter_map(|run| run.observation.wait()).collect();
    let waited = waits.iter().map(Wait::lasted).min()?;
    let height = |since: Ns| {
        let of =
            |wait: &Wait<'_>| Some(wait.resident(Ns(wait.drop.0.saturating_add(since.0)))? / wait.remaining);
        stats::median(&waits.iter().filter_map(of).collect::<Vec<_>>())
    };
    // Most comes back early: times lie as the squares do.
    let since = |step: u64| Ns((waited.0 as f64 * (step as f64 / STEPS as f64).powi(2)) as u64);
    let mut times: Vec<Ns> = (0..=STEPS).map(since).collect();
    times.dedup();
    Some(Returned {
        curve: times.into_iter().filter_map(|t| Some((t, height(t)?))).collect(),
        waited,
        within: waits.iter().map(Wait::returned).collect(),
    })
}

fn blocks(runs: &[Admitted<'_>]) -> Vec<Block> {
    let mut by_size: BTreeMap<Bytes, Vec<Option<Ns>>> = BTreeMap::new();
    for probe in runs.iter().flat_map(|run| &run.observation.probes) {
        by_size.entry(probe.bytes).or_default().push(probe.took);
    }
    by_size
        .into_iter()
        .map(|(bytes, asked)| {
            let took: Vec<f64> = asked.iter().flatten().map(|t| t.0 as f64).collect();
            Block {
                bytes,
                asked: count(asked.len()),
                served: count(took.len()),
                took: estimate(took),
            }
        })
        .collect()
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Medians over runs of each epoch's ratios to its live payload; each page counts once.
pub(super) fn epochs(runs: &[Admitted<'_>]) -> Vec<EpochSummary> {
    let mut by_index: BTreeMap<u32, Vec<(&Epoch, f64)>> = BTreeMap::new();
    for run in runs {
        let counted_once = run.observation.memory.counted_once("end");
        for epoch in run.observation.epochs.iter().filter(|e| e.live.0 > 0) {
            by_index
                .entry(epoch.index)
                .or_default()
                .push((epoch, counted_once));
        }
    }
    by_index
        .into_iter()
        .filter_map(|(index, epochs)| {
            let over_live = |bytes: fn(&Epoch, f64) -> Option<f64>| {
                let ratio = |(e, once): &(&Epoch, f64)| Some(bytes(e, *once)? / e.live.0 as f64);
                stats::median(&epochs.iter().filter_map(ratio).collect::<Vec<_>>())
            };
            Some(EpochSummary {
                index,
                committed_over_live: over_live(|e, _| Some(e.heap_committed.0 as f64))?,
                resident_over_live: over_live(|e, once| Some(e.resident.0 as f64 * once))?,
                used_over_live: over_live(|e, _| Some(e.heap_used.0 as f64))?,
                held_over_live: over_live(|e, _| Some(e.held?.0 as f64)),
                waste_over_live: over_live(|e, _| Some(e.waste?.0 as f64)),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_course_is_told_only_where_the_whole_interval_lies_on_one_side_of_an_edge() {
        let of = |lo, hi| course(Bounds { lo, hi }, 0.25);
        assert_eq!(of(0.26, 0.9), Course::Rises);
        assert_eq!(of(-0.9, -0.26), Course::Falls);
        assert_eq!(of(-0.25, 0.25), Course::Flat);
        for (lo, hi) in [(0.24, 0.9), (-0.9, -0.24), (-0.1, 0.26), (-0.3, 0.3)] {
            assert_eq!(of(lo, hi), Course::NotKnown, "{lo} to {hi}");
        }
    }
}
