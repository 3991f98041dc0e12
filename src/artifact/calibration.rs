//! calibration.json: capacities found before the rounds, and the rates chosen from them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::envelope::Body;
use super::plan::{Cell, Mode, Work};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Cell id -> operations per second, closed loop, flat out: the least of its runs.
    pub capacity: BTreeMap<String, f64>,
    /// Cell id -> what each of its calibration runs showed, in their order.
    #[serde(default)]
    pub runs: BTreeMap<String, Vec<f64>>,
    /// Work id -> the rate offered to every collector, operations per second over all threads.
    pub rate: BTreeMap<String, f64>,
    /// Cell id of a rung -> the rate offered to this collector alone.
    #[serde(default)]
    pub own: BTreeMap<String, f64>,
}

/// The work at whose capacities `work`'s common rate is found. Works of one task (equal requests: they differ in budget alone) share
/// that of the first in the plan's order, and a series shares that of its first payload: what they are compared over is then the
/// budget or the payload, and not the load.
pub fn calibrated_at<'a>(works: &'a [Work], cells: &[Cell], work: &'a Work) -> &'a Work {
    let first = works
        .iter()
        .find(|w| w.series.is_some() && w.series == work.series && w.mode == work.mode)
        .unwrap_or(work);
    let request = |work: &Work| {
        let cell = cells.iter().find(|c| c.work == work.id);
        cell.map(|c| c.request.as_slice())
    };
    let wanted = request(first);
    // A later payload of a series is never calibrated for itself.
    let own = |w: &&Work| w.series.is_none() || w.id == first.id;
    works
        .iter()
        .filter(|w| w.mode == Mode::Open && w.ladder.is_none())
        .filter(own)
        .find(|w| wanted.is_some() && request(w) == wanted)
        .unwrap_or(first)
}

impl Body for Calibration {
    const KIND: &'static str = "calibration";
    const FILE: &'static str = "calibration.json";
    const FORMAT: u32 = 1;
}
