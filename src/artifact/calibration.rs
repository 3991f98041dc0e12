//! calibration.json: capacities found before the rounds, and the common rates chosen from them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::envelope::Body;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Cell id -> operations per second, closed loop, flat out.
    pub capacity: BTreeMap<String, f64>,
    /// Work id -> the rate offered to every collector, operations per second over all threads.
    pub rate: BTreeMap<String, f64>,
}

impl Body for Calibration {
    const KIND: &'static str = "calibration";
    const FILE: &'static str = "calibration.json";
    const FORMAT: u32 = 1;
}
