//! Holm's step-down correction for several questions asked of the same data (Holm 1979).

/// What one question gets, in the order of the p-values given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HolmStep {
    /// Holm-adjusted p, 0..1: rejected at `alpha` where it is at most `alpha`.
    pub adjusted: f64,
    /// Confidence level at which this question's interval is to be taken: 1 - alpha / (m - rank), where the rank stops rising at the
    /// first question that is not rejected. An interval at this level excludes the null only if Holm rejects, and never the reverse.
    pub level: f64,
}

/// Controls the chance of one wrong rejection among all of `p` at `alpha`. A p that is NaN counts as 1. Equal p's share nothing: they
/// rank in the order given, which cannot change whether any of them is rejected.
pub fn holm(p: &[f64], alpha: f64) -> Vec<HolmStep> {
    let p: Vec<f64> = p.iter().map(|v| if v.is_nan() { 1.0 } else { *v }).collect();
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&i, &j| p[i].total_cmp(&p[j]).then(i.cmp(&j)));
    let mut steps = vec![
        HolmStep {
            adjusted: 1.0,
            level: 1.0 - alpha,
        };
        p.len()
    ];
    let mut running = 0.0_f64;
    let mut stopped = None;
    for (rank, &i) in order.iter().enumerate() {
        running = running.max((p[i] * (p.len() - rank) as f64).min(1.0));
        if running > alpha {
            stopped.get_or_insert(rank);
        }
        let divisor = p.len() - stopped.unwrap_or(rank);
        steps[i] = HolmStep {
            adjusted: running,
            level: 1.0 - alpha / divisor as f64,
        };
    }
    steps
}
