//! The open loop's arrivals.

use crate::random::split;

/// "arrivals" in ASCII; keeps the schedule's generator apart from the workload's.
const ARRIVALS_SALT: u64 = 0x6172_7269_7661_6c73;

/// Thread `t`'s Poisson process: the intended starts of `n` operations, as ns after the window's begin. `rate` is in
/// operations per second over all threads.
pub fn arrivals(seed: u64, t: usize, threads: usize, rate: u64, n: u64) -> Vec<u64> {
    let mut random = split(seed ^ ARRIVALS_SALT, t);
    let gap = 1e9 * threads as f64 / rate as f64;
    let mut at = 0.0;
    (0..n)
        .map(|_| {
            let uniform = ((random.next() >> 11) + 1) as f64 / (1u64 << 53) as f64; // in (0, 1], so that its logarithm is finite
            at -= uniform.ln() * gap;
            at as u64
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_are_a_poisson_process_of_the_rate() {
        let offsets = arrivals(42, 0, 2, 2000, 20_000); // 1000 a second for this thread
        assert!(offsets.is_sorted());
        let seconds = *offsets.last().unwrap() as f64 / 1e9;
        assert!((19.4..20.6).contains(&seconds), "{seconds} s for 20 000 arrivals");
        let gaps: Vec<f64> = offsets.windows(2).map(|w| (w[1] - w[0]) as f64 / 1e6).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let variance = gaps.iter().map(|g| (g - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
        assert!(
            (0.9..1.1).contains(&(variance / (mean * mean))),
            "exponential gaps have variance mean^2"
        );
    }

    #[test]
    fn golden_values_and_schedules_of_their_own_for_threads_and_seeds() {
        assert_eq!(arrivals(42, 0, 2, 20_000, 3), [225_157, 377_811, 444_059]);
        let first = arrivals(42, 0, 2, 2000, 100);
        assert_eq!(first, arrivals(42, 0, 2, 2000, 100));
        assert_ne!(first, arrivals(42, 1, 2, 2000, 100));
        assert_ne!(first, arrivals(43, 0, 2, 2000, 100));
    }
}
