//! A ladder of loads for the made-up run: two rungs beside the common rate, the upper one too much for one collector.

use super::*;

/// The work at the common rate.
pub const COMMON: &str = "cache.open@64MiB";
/// Shares of each collector's own capacity.
pub const LOADS: [f64; 2] = [0.3, 0.85];
/// Who is saturated on the upper one.
pub const SATURATED: &str = "shenandoah";

pub fn rung(fraction: f64) -> String {
    format!("{COMMON}:own{}%", fraction * 100.0)
}

/// After the works of [`super::plan`].
pub fn rungs(common: &Work) -> Vec<Work> {
    let of = |fraction: f64| Work {
        id: rung(fraction),
        axes: vec![],
        series: None,
        ladder: Some(common.id.clone()),
        ..common.clone()
    };
    LOADS.map(of).to_vec()
}

pub fn load(work: &Work) -> Load {
    let of_rung = LOADS.into_iter().find(|f| rung(*f) == work.id);
    Load {
        fraction: of_rung.unwrap_or(0.5),
        of: match of_rung {
            Some(_) => Capacity::Own,
            None => Capacity::Slowest,
        },
        seconds: 10.0,
        rate: None,
    }
}

/// Operations a second, by the place of the collector in the plan.
pub fn capacity(place: usize) -> f64 {
    120_000.0 + 9_000.0 * place as f64
}

/// What a rung's cell was offered and achieved.
pub fn offered(fraction: f64, place: usize) -> f64 {
    capacity(place) * fraction
}
