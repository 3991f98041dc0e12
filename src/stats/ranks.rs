//! Comparisons of two samples that use only their order, or their differences.

use super::order::{median, sorted};

/// Largest n1 + n2 for which [`mann_whitney`] counts every arrangement.
const LARGEST: usize = 100;

/// Two-sided p of the exact Mann-Whitney test: how rarely would chance order the two samples at least as unevenly? Ties are handled
/// exactly, by counting over midranks. None if a sample is empty, a value is not finite, or n1 + n2 > 100.
/// Source: Mann & Whitney 1947; Streitberg & Roehmel 1986 for the counting with ties.
pub fn mann_whitney(a: &[f64], b: &[f64]) -> Option<f64> {
    let all = sorted(&[a, b].concat())?;
    if a.is_empty() || b.is_empty() || all.len() > LARGEST {
        return None;
    }
    // Twice the midrank, so that ranks of ties stay whole.
    let double_rank = |v: f64| {
        let below = all.partition_point(|x| *x < v);
        let upto = all.partition_point(|x| *x <= v);
        below + upto + 1
    };
    let ranks: Vec<usize> = all.iter().map(|v| double_rank(*v)).collect();
    let observed: usize = a.iter().map(|v| double_rank(*v)).sum();
    let total: usize = ranks.iter().sum();
    // ways[k][s]: subsets of k ranks with sum s.
    let mut ways = vec![vec![0.0_f64; total + 1]; a.len() + 1];
    ways[0][0] = 1.0;
    for rank in ranks {
        for k in (1..=a.len()).rev() {
            let (fewer, more) = ways.split_at_mut(k);
            for s in rank..=total {
                more[0][s] += fewer[k - 1][s - rank];
            }
        }
    }
    let sums = &ways[a.len()];
    let all_ways: f64 = sums.iter().sum();
    let low: f64 = sums[..=observed].iter().sum();
    let high: f64 = sums[observed..].iter().sum();
    Some((2.0 * low.min(high) / all_ways).min(1.0))
}

/// Hodges-Lehmann shift: the median of all differences a - b, in the unit of the data. None if a sample is empty or a value is not
/// finite. Source: Hodges & Lehmann 1963.
pub fn hodges_lehmann(a: &[f64], b: &[f64]) -> Option<f64> {
    let differences: Vec<f64> = a.iter().flat_map(|x| b.iter().map(move |y| x - y)).collect();
    median(&differences)
}

/// The smallest two-sided p that samples of these sizes can have at all: even if every value of one side lay below every value of the
/// other in every group, chance alone does that with probability 2 / prod C(n_a + n_b, n_a). Three runs against three can never be
/// better than 0.1, whatever a bootstrap of three values says.
pub fn separation_floor(sizes: &[(usize, usize)]) -> f64 {
    let ln_choose =
        |n: usize, k: usize| -> f64 { (0..k).map(|i| ((n - i) as f64 / (i + 1) as f64).ln()).sum() };
    let ln_ways: f64 = sizes.iter().map(|&(a, b)| ln_choose(a + b, a)).sum();
    (2.0 * (-ln_ways).exp()).min(1.0)
}
