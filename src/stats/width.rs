//! The interval of a median that decisions are made by: how wide is it, and how many values would make it narrow enough?

use super::{Bounds, median, sorted, t_quantile};

/// Interval of the median at `level` (0..1) for those who ask it whether something is so, and must not be told yes too often.
///
/// From order statistics without interpolation ([`whole_order_statistics`]) where the extremes of so few values reach the level at all: at 95 %
/// from six values on. Interpolated ones ([`super::median_interval`]) cover what they are called and no more, and a rule that stops when the
/// width happens to be small needs more: with them it kept 89 % where these keep 92.
/// Below that, minimum to maximum would claim too much (three values cover the median three times of four), and Student's t on the
/// standard error of a normal sample's median, s sqrt(pi / 2n), stands in, around the median; it is never narrower than the range.
/// None for fewer than two values, or a value that is not finite.
pub fn cautious_median_interval(values: &[f64], level: f64) -> Option<Bounds> {
    let n = values.len();
    let middle = median(values)?;
    if n < 2 {
        return None;
    }
    if enough_for_order_statistics(n, level) {
        let (lo, hi) = whole_order_statistics(&sorted(values)?, level);
        return Some(Bounds { lo, hi });
    }
    let mean = values.iter().sum::<f64>() / n as f64;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1) as f64;
    let error = (variance * std::f64::consts::FRAC_PI_2 / n as f64).sqrt();
    let half = t_quantile(0.5 + level / 2.0, (n - 1) as f64) * error;
    Some(Bounds {
        lo: middle - half,
        hi: middle + half,
    })
}

/// Half of [`cautious_median_interval`] at `level` (0..1), over the median.
/// None where there is none, or for a median of zero unless all values are zero, whose width is 0.
pub fn relative_half_width(values: &[f64], level: f64) -> Option<f64> {
    let bounds = cautious_median_interval(values, level)?;
    let middle = median(values)?;
    if values.iter().all(|v| *v == 0.0) {
        return Some(0.0);
    }
    let width = (bounds.hi - bounds.lo) / 2.0 / middle.abs();
    Some(width).filter(|w| w.is_finite())
}

/// The k-th smallest and k-th largest value, for the largest k whose coverage 1 - 2 P(Binomial(n, 1/2) < k) reaches `level`. Source: David &
/// Nagaraja, Order Statistics, 7.1. At least one value.
fn whole_order_statistics(ascending: &[f64], level: f64) -> (f64, f64) {
    let n = ascending.len();
    let miss = (1.0 - level) / 2.0;
    let mut k = 0;
    // In logarithms: 2^-n is zero in f64 beyond n = 1074.
    let mut ln_choose = 0.0;
    let mut tail = 0.0;
    for i in 0..n / 2 {
        tail += (ln_choose - n as f64 * std::f64::consts::LN_2).exp();
        if tail > miss {
            break;
        }
        k = i;
        ln_choose += ((n - i) as f64 / (i + 1) as f64).ln();
    }
    (ascending[k], ascending[n - 1 - k])
}

/// Minimum to maximum of n values cover the median with 1 - 2^(1-n).
fn enough_for_order_statistics(n: usize, level: f64) -> bool {
    1.0 - 0.5_f64.powi(n as i32 - 1) >= level
}

/// The smallest number of values, above `n`, whose interval would probably be as narrow as `goal` if that of `n` values has the relative
/// half-width `width`: it shrinks as t / sqrt(n). None above `most`.
pub fn values_for_width(width: f64, n: usize, goal: f64, level: f64, most: usize) -> Option<usize> {
    let factor = |n: usize| t_quantile(0.5 + level / 2.0, (n - 1) as f64) / (n as f64).sqrt();
    if n < 2 || !width.is_finite() || goal <= 0.0 {
        return None;
    }
    let scale = width / factor(n);
    let enough = |more: usize| scale * factor(more) <= goal;
    if n >= most || !enough(most) {
        return None;
    }
    // The width only shrinks: halve the range.
    let (mut low, mut high) = (n + 1, most);
    while low < high {
        let middle = low.midpoint(high);
        if enough(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(high)
}
