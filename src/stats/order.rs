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

/// Distribution-free interval of the median: the k-th smallest and k-th largest value, for the largest k whose coverage
/// 1 - 2 P(Binomial(n, 1/2) < k) reaches `level` (0..1). Minimum and maximum where n is too small for that. None as [`median`].
/// Source: David & Nagaraja, Order Statistics, 7.1.
pub fn median_interval(values: &[f64], level: f64) -> Option<Bounds> {
    let ascending = sorted(values)?;
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
    Some(Bounds {
        lo: ascending[k],
        hi: ascending[n - 1 - k],
    })
}
