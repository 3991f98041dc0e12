//! Minimum mutator utilisation of a cell: per run exact, then the median and the worst over runs.

use std::collections::BTreeMap;

use crate::artifact::analysis::{Mmu, MmuPoint};
use crate::artifact::observation::Observation;
use crate::artifact::unit::Ns;
use crate::stats;

use super::admit::Admitted;

const MS: u64 = 1_000_000;
/// 1 ms to 10 s (docs/METHOD.md, rule of pauses).
const WINDOWS: [u64; 13] = [
    MS,
    2 * MS,
    5 * MS,
    10 * MS,
    20 * MS,
    50 * MS,
    100 * MS,
    200 * MS,
    500 * MS,
    1_000 * MS,
    2_000 * MS,
    5_000 * MS,
    10_000 * MS,
];

/// One value a window; None where the window is longer than the run's.
type Row = Vec<Option<f64>>;

/// None where no run tells of pauses.
pub(super) fn mmu(runs: &[Admitted<'_>]) -> Option<Mmu> {
    let told: Vec<&Observation> = runs
        .iter()
        .map(|run| &run.observation)
        .filter(|o| o.log_understood.is_some())
        .collect();
    let stopped: Vec<Row> = told.iter().filter_map(|o| while_stopped(o)).collect();
    if stopped.is_empty() {
        return None;
    }
    let stalled: Vec<Row> = told
        .iter()
        .filter(|o| o.tells_stalls())
        .filter_map(|o| of_the_worst_thread(o))
        .collect();
    let stalls = || told.iter().flat_map(|o| &o.stalls);
    let unplaced = stalls().filter(|s| s.is_unplaced()).map(|s| s.duration.0);
    let assists: Vec<u64> = told.iter().filter_map(|o| Some(o.cpu.assist?.0)).collect();
    Some(Mmu {
        stopped: points(&stopped),
        stalled: points(&stalled),
        stalls: stalls().filter(|s| s.stops_a_thread()).count() as u64,
        unplaced: Ns(unplaced.fold(0, u64::saturating_add)),
        assists: (!assists.is_empty()).then(|| Ns(assists.iter().fold(0, |sum, ns| sum.saturating_add(*ns)))),
        placed_to: told.iter().map(|o| o.pauses.placed_to).max().unwrap_or_default(),
        rounded: told.iter().any(|o| !o.pauses.buckets.is_empty()),
    })
}

fn points(rows: &[Row]) -> Vec<MmuPoint> {
    let at = |(i, window): (usize, &u64)| {
        // A median over the longer runs alone would be of other runs than the point before.
        let values: Vec<f64> = rows.iter().map(|row| *row.get(i)?).collect::<Option<_>>()?;
        Some(MmuPoint {
            window: Ns(*window),
            median: stats::median(&values)?,
            worst: values.iter().copied().fold(1.0, f64::min),
            n: u32::try_from(values.len()).unwrap_or(u32::MAX),
        })
    };
    WINDOWS.iter().enumerate().filter_map(at).collect()
}

fn while_stopped(o: &Observation) -> Option<Row> {
    let (begin, span) = window(o)?;
    Some(stats::mmu(&stops(o, begin), span, &WINDOWS))
}

/// Stops, and the stalls of one thread; of all threads that stalled, the least in each window. A stall without a thread's name may have
/// been anyone's and counts for each.
fn of_the_worst_thread(o: &Observation) -> Option<Row> {
    let (begin, span) = window(o)?;
    let mut stalls: BTreeMap<Option<&str>, Vec<(u64, u64)>> = BTreeMap::new();
    for stall in o.stalls.iter().filter(|s| s.stops_a_thread()) {
        let thread = stalls.entry(stall.thread.as_deref()).or_default();
        thread.push(interval(begin, stall.at, stall.duration));
    }
    let anyone: Vec<(u64, u64)> = stops(o, begin)
        .into_iter()
        .chain(stalls.remove(&None).unwrap_or_default())
        .collect();
    let mut least = stats::mmu(&anyone, span, &WINDOWS);
    for own in stalls.into_values() {
        let lost: Vec<(u64, u64)> = anyone.iter().copied().chain(own).collect();
        for (least, found) in least.iter_mut().zip(stats::mmu(&lost, span, &WINDOWS)) {
            *least = least.zip(found).map(|(a, b)| a.min(b));
        }
    }
    Some(least)
}

fn stops(o: &Observation, begin: Ns) -> Vec<(u64, u64)> {
    let events = o.pauses.events.iter();
    events.map(|p| interval(begin, p.at, p.total)).collect()
}

/// What ended at `at`, since `begin`; what lies before is cut off.
fn interval(begin: Ns, at: Ns, lasted: Ns) -> (u64, u64) {
    let since = |ns: u64| ns.saturating_sub(begin.0);
    (since(at.0.saturating_sub(lasted.0)), since(at.0))
}

fn window(o: &Observation) -> Option<(Ns, u64)> {
    let (begin, end) = o.marks.get("begin").zip(o.marks.get("end"))?;
    Some((*begin, end.0.saturating_sub(begin.0)))
}
