//! How long a plan will take, before it is begun: from what its suite states of processes like these, never from a measurement of this machine.

use crate::artifact::definition::quantity;
use crate::artifact::definition::suite::Pace;
use crate::artifact::plan::{Cell, Plan, Purpose, Work};

/// Seconds of all processes, one after the other.
pub fn seconds(plan: &Plan, pace: &Pace) -> f64 {
    let speed = quantity::bytes(&pace.live_per_second).map_or(f64::INFINITY, |b| b as f64);
    let of = |purpose: Purpose, cell: &Cell| {
        let each = |w: &Work| w.live.0 as f64 / f64::from(w.threads.max(1));
        let live = plan.work(&cell.work).map_or(0.0, each);
        pace.process_seconds + live / speed + window(purpose, cell, pace)
    };
    plan.invocations
        .iter()
        .filter_map(|i| Some(of(i.purpose, plan.cell(&i.cell)?)))
        .sum()
}

/// With warm-up. A calibration is a closed loop, also of a work that is an open one.
fn window(purpose: Purpose, cell: &Cell, pace: &Pace) -> f64 {
    let value = |key: &str| {
        let mut values = cell.request.iter().filter(|(k, _)| k == key);
        values.next().and_then(|(_, v)| v.parse().ok()).unwrap_or(0.0)
    };
    let (warmup, ops) = (value("warmup_ops"), value("ops"));
    match &cell.load {
        Some(load) if purpose == Purpose::Measure => warmup / pace.ops_per_second + load.seconds,
        _ => (warmup + ops) / pace.ops_per_second,
    }
}
