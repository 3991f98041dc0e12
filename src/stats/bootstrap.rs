//! The percentile bootstrap of a median (Efron & Tibshirani 1993, chapter 13).
//!
//! No BCa: its acceleration needs a jackknife, which is inconsistent for medians (ibid., chapter 11). Small samples are instead paid for
//! by the expansion that [`super::ratio`] describes.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

use super::order::{Bounds, median_sorted, quantile_sorted, sorted};

/// Interval of the median at `level` (0..1) from `resamples` resamples. Contains the median. None as [`super::median`], or for no
/// resamples. Caution: below about 10 values the nominal level is not reached; prefer [`super::median_interval`], which states what it
/// can do.
pub fn bootstrap_median(values: &[f64], level: f64, resamples: usize, seed: u64) -> Option<Bounds> {
    let ascending = sorted(values)?;
    let mut medians = vec![0.0; resamples];
    resample(&ascending, seed, |i, m| medians[i] = m, resamples);
    medians.sort_by(f64::total_cmp);
    let miss = (1.0 - level) / 2.0;
    let centre = median_sorted(&ascending);
    Some(Bounds {
        lo: quantile_sorted(&medians, miss)?.min(centre),
        hi: quantile_sorted(&medians, 1.0 - miss)?.max(centre),
    })
}

/// Calls `take(i, median of resample i)`. Draws ranks of the ascending values and counts them, so that a median costs a walk and no sort.
pub(super) fn resample(ascending: &[f64], seed: u64, mut take: impl FnMut(usize, f64), resamples: usize) {
    let n = ascending.len();
    let mut generator = Pcg64Mcg::seed_from_u64(seed);
    let mut counts = vec![0_u32; n];
    for i in 0..resamples {
        counts.fill(0);
        for _ in 0..n / 2 {
            let bits = generator.next_u64();
            counts[below(bits as u32, n)] += 1;
            counts[below((bits >> 32) as u32, n)] += 1;
        }
        if n % 2 == 1 {
            counts[below(generator.next_u32(), n)] += 1;
        }
        take(i, median_of_counts(ascending, &counts));
    }
}

/// A number in 0..n; the bias of n / 2^32 is far below what 10 000 resamples can show.
fn below(bits: u32, n: usize) -> usize {
    ((u64::from(bits) * n as u64) >> 32) as usize
}

fn median_of_counts(ascending: &[f64], counts: &[u32]) -> f64 {
    let n = ascending.len();
    let (low_rank, high_rank) = ((n - 1) / 2, n / 2);
    let mut seen = 0;
    let mut low = None;
    for (value, count) in ascending.iter().zip(counts) {
        seen += *count as usize;
        if seen > low_rank && low.is_none() {
            low = Some(*value);
        }
        if seen > high_rank {
            return (low.unwrap_or(*value) + value) / 2.0;
        }
    }
    ascending[n - 1]
}
