//! The rungs of a ladder of loads: the same work at shares of each collector's own capacity.

use super::cells::WorkPlan;
use crate::artifact::definition::suite::CellGroup;
use crate::artifact::plan::{Capacity, Load, Work};

/// A work for each share that the group lists. None where the person fixed the rate: then no capacity is measured.
pub fn rungs(common: &WorkPlan, group: &CellGroup) -> Vec<WorkPlan> {
    let Some(load) = common.load.as_ref().filter(|l| l.rate.is_none()) else {
        return Vec::new();
    };
    let rung = |fraction: &f64| WorkPlan {
        work: Work {
            id: format!("{}:own{}%", common.work.id, percent(*fraction)),
            axes: Vec::new(),
            series: None,
            ladder: Some(common.work.id.clone()),
            expected_checksum: None,
            ..common.work.clone()
        },
        load: Some(Load {
            fraction: *fraction,
            of: Capacity::Own,
            ..load.clone()
        }),
        ..common.clone()
    };
    group.loads.iter().flatten().map(rung).collect()
}

/// `70`, `33.3`
fn percent(fraction: f64) -> f64 {
    (fraction * 1000.0).round() / 10.0
}
