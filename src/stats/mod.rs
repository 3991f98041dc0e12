//! Pure mathematics: knows nothing of benchmarks, collectors or files.
//!
//! Every function takes plain numbers and answers None (or an empty result) where the question has no answer; none panics on data.

mod bootstrap;
mod changepoint;
mod coverage;
mod distribution;
mod front;
mod growth;
mod holm;
mod mean;
mod mmu;
mod order;
mod ranks;
mod ratio;
mod seed;
mod steady;
mod trend;
mod width;

pub use bootstrap::bootstrap_median;
pub use changepoint::{changepoints, warmup_penalty};
pub use coverage::{AS_PROMISED, Coverage, Interval, coverage};
pub use distribution::{f_cdf, normal_cdf, normal_quantile, t_cdf, t_quantile};
pub use front::{interpolate_log, least_within, pareto};
pub use growth::{Bend, Exponent, Growth, Law, growth};
pub use holm::{HolmStep, holm};
pub use mean::mean_interval;
pub use mmu::mmu;
pub use order::{Bounds, median, median_interval, quantile, quantile_sorted, sorted};
pub use ranks::{hodges_lehmann, mann_whitney, separation_floor};
pub use ratio::{RatioEstimate, Side, ratio_by_rounds, ratio_of_medians};
pub use seed::derive_seed;
pub use steady::{Course, Steadiness, steadiness};
pub use trend::{interpolate, slope};
pub use width::{cautious_median_interval, relative_half_width, values_for_width};
