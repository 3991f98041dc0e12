//! Order statistics: medians, quantiles and the distribution-free interval of a median.

use serde::{Deserialize, Serialize};

/// Two ends of an interval, `lo <= hi`, in the unit of the data.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    pub lo: f64,
    pub hi: f64,
}

impl Bounds {
    pub fn contains(&self, value: f64) -> bool {
        self.lo <= value && value <= self.hi
    }
}

/// An ascending copy; None if it would be empty or a value is NaN or infinite: such values are for the caller to refuse.
pub fn sorted(values: &[f64]) -> Option<Vec<f64>> {
    if values.is_empty() || values.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let mut copy = values.to_vec();
    copy.sort_by(f64::total_cmp);
    Some(copy)
}

/// The middle value, or the mean of the two middle ones; None for no values or a value that is not finite.
pub fn median(values: &[f64]) -> Option<f64> {
    Some(median_sorted(&sorted(values)?))
}

pub(super) fn median_sorted(ascending: &[f64]) -> f64 {
    let n = ascending.len();
    (ascending[(n - 1) / 2] + ascending[n / 2]) / 2.0
}

/// Quantile `q` in 0..1 by linear interpolation between order statistics (type 7 of Hyndman & Fan 1996); None as [`median`], or for
/// a `q` outside 0..1.
pub fn quantile(values: &[f64], q: f64) -> Option<f64> {
    quantile_sorted(&sorted(values)?, q)
}

/// As [`quantile`], of values already in ascending order.
pub fn quantile_sorted(ascending: &[f64], q: f64) -> Option<f64> {
    if ascending.is_empty() || !(0.0..=1.0).contains(&q) {
        return None;
    }
    let place = q * (ascending.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = place.ceil() as usize;
    Some(ascending[below] + (place - below as f64) * (ascending[above] - ascending[below]))
}

/// Distribution-free interval of the median at `level` (0..1): between the k-th smallest and largest value, for the largest k whose coverage
/// 1 - 2 P(Binomial(n, 1/2) < k) reaches the level, and the next narrower pair, interpolated as far as the level lies between their
/// coverages. The k-th pair alone covers far more than it is asked for (97.9 % for 95 % at n = 10), and its coverage jumps with n. Minimum and maximum where
/// n is too small for the level (95 % needs 6 values): [`super::coverage`] says what these cover. Contains the median. None as [`median`].
///
/// Source: Hettmansperger & Sheather, "Confidence Intervals Based on Interpolated Order Statistics" (1986). They find the interpolation all but
/// free of the distribution; `tests/stats/coverage.rs` simulates ours.
pub fn median_interval(values: &[f64], level: f64) -> Option<Bounds> {
    let ascending = sorted(values)?;
    let n = ascending.len();
    let end = |k: usize| Bounds {
        lo: ascending[k - 1],
        hi: ascending[n - k],
    };
    let (k, held, next) = innermost(n, level);
    // Of an even number the two middle values are as far in as there is.
    if held <= level || 2 * (k + 1) > n + 1 {
        return Some(end(k));
    }
    let (outer, inner) = (end(k), end(k + 1));
    let share = (held - level) / (held - next);
    let (n, k) = (n as f64, k as f64);
    let weight = (n - k) * share / (k + (n - 2.0 * k) * share);
    let between = |outer: f64, inner: f64| outer + weight * (inner - outer);
    let centre = median_sorted(&ascending);
    Some(Bounds {
        lo: between(outer.lo, inner.lo).min(centre),
        hi: between(outer.hi, inner.hi).max(centre),
    })
}

/// The largest k, 1 at least and n / 2 at most, whose coverage reaches `level`, its coverage, and that of k + 1.
fn innermost(n: usize, level: f64) -> (usize, f64, f64) {
    // In logarithms: 2^-n is zero in f64 beyond n = 1074.
    let chance = |ln_choose: f64| (ln_choose - n as f64 * std::f64::consts::LN_2).exp();
    let mut ln_choose = 0.0;
    let mut tail = chance(ln_choose);
    let mut k = 1;
    loop {
        ln_choose += ((n + 1 - k) as f64 / k as f64).ln();
        let wider = tail + chance(ln_choose);
        if k + 1 > n / 2 || 1.0 - 2.0 * wider < level {
            return (k, 1.0 - 2.0 * tail, 1.0 - 2.0 * wider);
        }
        tail = wider;
        k += 1;
    }
}
