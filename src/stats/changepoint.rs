//! Where does a series change its mean or its spread? PELT (Killick, Fearnhead & Eckley, "Optimal Detection of Changepoints With a
//! Linear Computational Cost", JASA 2012): the exact optimum of cost + penalty over all segmentations, in about linear time.

/// Shortest segment: two values are the fewest that have a spread.
const SHORTEST: usize = 2;

/// A segment's variance is taken as at least this share of the whole series': two neighbours that happen to be equal would otherwise fit
/// infinitely well.
const LEAST_VARIANCE: f64 = 1e-6;

/// 15 ln n: what Barrett et al. (OOPSLA'17) take for this cost, five times the usual 3 ln n (a mean, a variance and a place for each
/// change). Times of neighbouring blocks depend on each other, and to a cost that assumes none each dependence looks like a change.
pub fn warmup_penalty(n: usize) -> f64 {
    15.0 * (n.max(1) as f64).ln()
}

/// Indices at which a new segment begins, ascending, without 0: those that minimise the sum of the segments' costs plus `penalty` (at
/// least 0) for each change. No segment is shorter than two.
///
/// The cost of m values is twice the negative log-likelihood of a normal distribution of their own mean and variance, constants left out:
/// m ln v + (sum of squares around the mean) / v, where v is their variance (over m), but no less than a millionth of the whole series'.
/// Values are brought to the whole's mean and spread first, so that their unit is of no account.
///
/// Empty for a series without spread or too short for a change; None for a value that is not finite, values too large to be squared, or a
/// penalty that is negative or not finite.
pub fn changepoints(values: &[f64], penalty: f64) -> Option<Vec<usize>> {
    if !penalty.is_finite() || penalty < 0.0 {
        return None;
    }
    let Some(costs) = Costs::new(values)? else {
        return Some(Vec::new());
    };
    let n = values.len();
    // best[t]: of the first t values; from[t]: where their last segment begins.
    let mut best = vec![f64::INFINITY; n + 1];
    let mut from = vec![0; n + 1];
    best[0] = -penalty;
    let mut begins = vec![Begin::at(0)];
    for t in SHORTEST..=n {
        for begin in &begins {
            let found = best[begin.at] + costs.of(begin.at, t) + penalty;
            if found < best[t] {
                best[t] = found;
                from[t] = begin.at;
            }
        }
        // Splitting never raises the cost, so what is no better than a new segment at t now is none later; but a new segment at t has
        // its least length only from t + SHORTEST on.
        for begin in &mut begins {
            if best[begin.at] + costs.of(begin.at, t) >= best[t] {
                begin.until = begin.until.min(t + SHORTEST);
            }
        }
        begins.retain(|begin| t + 1 < begin.until);
        let next = t + 1 - SHORTEST;
        if next >= SHORTEST {
            begins.push(Begin::at(next));
        }
    }
    let mut found: Vec<usize> =
        std::iter::successors(Some(from[n]), |at| (*at > 0).then(|| from[*at])).collect();
    found.pop();
    found.reverse();
    Some(found)
}

/// A place where the last segment may begin.
struct Begin {
    at: usize,
    /// From here on another place is at least as good.
    until: usize,
}

impl Begin {
    fn at(at: usize) -> Begin {
        Begin {
            at,
            until: usize::MAX,
        }
    }
}

/// Sums of what lies before each index, of values brought to mean 0 and variance 1.
struct Costs {
    sums: Vec<f64>,
    squares: Vec<f64>,
}

impl Costs {
    /// None for values without a finite variance, Some(None) for values without any.
    fn new(values: &[f64]) -> Option<Option<Costs>> {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let spread = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
        if values.len() < 2 * SHORTEST {
            return values.iter().all(|v| v.is_finite()).then_some(None);
        }
        if !spread.is_finite() {
            return None;
        }
        // Equal values may differ from their mean by a rounding.
        if spread <= 1e-14 * mean.abs() {
            return Some(None);
        }
        let (mut sums, mut squares) = (vec![0.0], vec![0.0]);
        let (mut sum, mut square) = (0.0, 0.0);
        for value in values {
            let brought = (value - mean) / spread;
            sum += brought;
            square += brought * brought;
            sums.push(sum);
            squares.push(square);
        }
        Some(Some(Costs { sums, squares }))
    }

    /// Of the values `begin..end`.
    fn of(&self, begin: usize, end: usize) -> f64 {
        let m = (end - begin) as f64;
        let mean = (self.sums[end] - self.sums[begin]) / m;
        let variance = ((self.squares[end] - self.squares[begin]) / m - mean * mean).max(0.0);
        let v = variance.max(LEAST_VARIANCE);
        m * (v.ln() + variance / v)
    }
}
