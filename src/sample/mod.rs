//! Stage sample: observed/ -> samples.csv, tracker.csv. Each metric of [`crate::artifact::metric::METRICS`] becomes one number an invocation, or none;
//! what the workload measured itself comes after them.

mod backlog;
mod cycles;
mod latency;
mod memory;
mod pauses;
mod tracker;
mod window;

pub use pauses::lengths as pause_lengths;

use crate::artifact::metric::{METRICS, VALUE, unit};
use crate::artifact::observation::Observation;
use crate::artifact::plan::Purpose;
use crate::artifact::sample::Sample;
use crate::artifact::tracker::Second;

/// Samples of the valid measured observations, in their order and then in the order of the table of metrics.
///
/// A metric without a sound value has no sample: a quantile with fewer than ten values beyond it, a percentile under saturation, a
/// counter that the runtime does not keep. Blank, never a stand-in.
pub fn extract(observations: &[Observation]) -> Vec<Sample> {
    observations.iter().filter(counts).flat_map(samples_of).collect()
}

/// Second by second, the runs that [`extract`] takes samples of, in their order; none of those whose runner did not look.
pub fn track(observations: &[Observation]) -> Vec<Second> {
    let counting = observations.iter().filter(counts);
    counting.flat_map(tracker::seconds).collect()
}

fn counts(observation: &&Observation) -> bool {
    observation.purpose == Purpose::Measure && observation.outcome.is_finished()
}

fn samples_of(observation: &Observation) -> Vec<Sample> {
    let mut row = Row {
        observation,
        samples: Vec::new(),
    };
    window::extract(&mut row);
    cycles::extract(&mut row);
    pauses::extract(&mut row);
    latency::extract(&mut row);
    memory::extract(&mut row);
    tracker::extract(&mut row);
    let place = |name: &str| METRICS.iter().position(|m| m.name == name);
    row.samples.sort_by_key(|s| place(&s.metric));
    for (name, value) in &observation.values {
        row.put(&format!("{VALUE}{name}"), Some(*value));
    }
    row.samples
}

/// The samples of one observation.
struct Row<'a> {
    observation: &'a Observation,
    samples: Vec<Sample>,
}

impl Row<'_> {
    /// Takes a value up; no value, or one that is not finite, leaves the metric blank.
    fn put(&mut self, name: &str, value: Option<f64>) {
        let found = unit(name);
        debug_assert!(found.is_some(), "{name} is not in the table of metrics");
        if let (Some(unit), Some(value)) = (found, value.filter(|v| v.is_finite())) {
            self.samples.push(Sample {
                cell: self.observation.cell.clone(),
                invocation: self.observation.invocation.clone(),
                round: self.observation.round,
                metric: name.to_owned(),
                value,
                unit: unit.id().to_owned(),
            });
        }
    }
}

/// None where the denominator is 0.
fn ratio(a: f64, b: f64) -> Option<f64> {
    (b > 0.0).then(|| a / b)
}

/// A quantile, as the share of values beyond it: 1 in `beyond`.
#[derive(Clone, Copy)]
struct Quantile {
    beyond: u64,
}

impl Quantile {
    const P50: Quantile = Quantile { beyond: 2 };
    const P99: Quantile = Quantile { beyond: 100 };
    const P999: Quantile = Quantile { beyond: 1_000 };
    const P9999: Quantile = Quantile { beyond: 10_000 };

    /// n (1 - q) >= 10: at least ten values lie beyond it, so it is more than a guess at the maximum.
    fn sound(self, n: u64) -> bool {
        n >= self.beyond.saturating_mul(10)
    }

    /// 0..1
    fn q(self) -> f64 {
        1.0 - 1.0 / self.beyond as f64
    }

    /// Nearest rank among n values, from 1.
    fn rank(self, n: u64) -> u64 {
        n - n / self.beyond
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_needs_ten_values_beyond_it() {
        assert!(Quantile::P99.sound(1_000) && !Quantile::P99.sound(999));
        assert!(Quantile::P9999.sound(100_000) && !Quantile::P9999.sound(99_999));
        assert!(Quantile::P50.sound(20) && !Quantile::P50.sound(19));
    }

    #[test]
    fn the_nearest_rank_leaves_the_share_beyond() {
        assert_eq!(Quantile::P99.rank(1_000), 990);
        assert_eq!(Quantile::P50.rank(21), 11);
    }
}
