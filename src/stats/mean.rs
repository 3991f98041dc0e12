//! The mean of a few values that may be zero or below, with Student's interval.

use super::distribution::t_quantile;
use super::order::Bounds;

/// Arithmetic mean and its interval at `level` (0..1), exact for normal values. None for fewer than two values, or one that is not finite.
pub fn mean_interval(values: &[f64], level: f64) -> Option<(f64, Bounds)> {
    let n = values.len() as f64;
    if values.len() < 2 || values.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let reach = -t_quantile((1.0 - level) / 2.0, n - 1.0) * (variance / n).sqrt();
    Some((
        mean,
        Bounds {
            lo: mean - reach,
            hi: mean + reach,
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Student's own figures (1908): extra hours of sleep under the second drug, n = 10, mean 2.33, s = 2.0022; t(0.975, 9) = 2.2622.
    #[test]
    fn students_own_sample_has_its_interval() {
        let hours = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        let (mean, bounds) = mean_interval(&hours, 0.95).unwrap();
        assert!((mean - 2.33).abs() < 1e-12);
        assert!(
            (bounds.lo - 0.8977).abs() < 1e-3 && (bounds.hi - 3.7623).abs() < 1e-3,
            "{bounds:?}"
        );
    }

    #[test]
    fn equal_values_are_their_own_interval_and_one_has_none() {
        assert_eq!(
            mean_interval(&[2.0; 3], 0.95).unwrap().1,
            Bounds { lo: 2.0, hi: 2.0 }
        );
        assert_eq!(mean_interval(&[2.0], 0.95), None);
        assert_eq!(mean_interval(&[2.0, f64::NAN], 0.95), None);
    }
}
