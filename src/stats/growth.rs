//! How y grows with x: y = a x^b, by least squares in logarithms, with one change of the exponent where the data ask for it.
//!
//! **What scatters.** Several values at each x tell how far values scatter by themselves, and how far the x as a whole lie off the line.
//! Where the second is hardly more than the first explains (the F test of lack of fit, at the lax level [`POOLED`] that a preliminary test needs: Bancroft
//! 1944), the residuals of all values are the error, with n - 2 degrees of freedom. Where it is more, no number of repetitions makes the line truer:
//! the error is then the scatter of the x around the line, with k - 2 degrees of freedom for k different x, which widens every interval. (Draper &
//! Smith, Applied Regression Analysis, 1.5 and 2.2.)
//!
//! **A break** is a bend of the line at one of the x, with at least two x at or below it and two above. It is told where the change of exponent
//! differs from zero at [`BREAK`] over the number of places that were tried (Bonferroni: the best of several places was chosen for being the
//! best), and the intervals of the two exponents are apart. It is a claim about x, so it is held to their scatter whatever the values say: the test is the F
//! test of the two nested fits with the larger of the two errors and k - 3 degrees of freedom (its root, t). With the values' error, lines whose x lay off
//! by as much as the mean of the values scatters had a break in 5 to 15 % of simulated cases. Four x can hardly show one.
//! An information criterion was not taken: it has no level, and does not know of the search.

use super::distribution::{f_cdf, t_cdf, t_quantile};
use super::order::Bounds;

/// Level of the test of lack of fit from which on the x are the error.
const POOLED: f64 = 0.25;
/// And at which it is told.
const MISFIT: f64 = 0.05;
/// Level of the test of a break, over all places.
const BREAK: f64 = 0.01;
/// Different x that a line needs: two lie on one always.
const LEAST: usize = 3;
/// Exponents nearer than this differ by rounding.
const ROUNDING: f64 = 1e-9;

/// A value and its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponent {
    pub value: f64,
    pub lo: f64,
    pub hi: f64,
}

/// What may be said of the growth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// The whole interval of the exponent lies within the band that was asked for.
    Flat,
    /// It lies above zero.
    Grows,
    /// It lies below zero.
    Falls,
    /// There are two exponents.
    Breaks,
    /// None of these.
    Unknown,
}

/// Two exponents with one value of y between them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bend {
    /// The largest x to which the first exponent holds.
    pub at: f64,
    pub before: Exponent,
    pub after: Exponent,
    /// Of "there is one exponent", corrected for the places that were tried.
    pub p: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Growth {
    pub law: Law,
    /// Of the one line through all points, also where it bends.
    pub exponent: Exponent,
    /// The best bend that there is, where it is told ([`Law::Breaks`]).
    pub bend: Option<Bend>,
    /// The x lie off the line (the bent one, where it bends) by more than values scatter: no such law, or not this one.
    pub strays: bool,
    fit: Fit,
}

/// The growth of y over the x of `points`, each of which may have several y; intervals at `level` (0..1), `flat` the largest exponent,
/// on either side of zero, that is called flat. Their order is of no account. None for fewer than three different x, or a number that is not finite
/// and above zero.
pub fn growth(points: &[(f64, f64)], level: f64, flat: f64) -> Option<Growth> {
    let positive = |v: f64| v.is_finite() && v > 0.0;
    if !points.iter().all(|(x, y)| positive(*x) && positive(*y)) {
        return None;
    }
    let mut logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    logs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut places: Vec<f64> = logs.iter().map(|(x, _)| *x).collect();
    places.dedup();
    if places.len() < LEAST {
        return None;
    }
    let line = Fit::new(&logs, None)?;
    let exponent = line.exponent(BEFORE, level);
    if let Some((fit, bend)) = bent(&logs, &places, level) {
        return Some(Growth {
            law: Law::Breaks,
            exponent,
            bend: Some(bend),
            strays: fit.strays,
            fit,
        });
    }
    let law = if exponent.lo >= -flat && exponent.hi <= flat {
        Law::Flat
    } else if exponent.lo > 0.0 {
        Law::Grows
    } else if exponent.hi < 0.0 {
        Law::Falls
    } else {
        Law::Unknown
    };
    Some(Growth {
        law,
        exponent,
        bend: None,
        strays: line.strays,
        fit: line,
    })
}

impl Growth {
    /// y on the line at `x` > 0.
    pub fn at(&self, x: f64) -> f64 {
        self.fit.at(x.ln()).exp()
    }

    /// Where one further value at `x` > 0 would lie with probability `level`, if the line went on as it is.
    pub fn predict(&self, x: f64, level: f64) -> Bounds {
        let (middle, reach) = (self.fit.at(x.ln()), self.fit.reach(x.ln(), level));
        Bounds {
            lo: (middle - reach).exp(),
            hi: (middle + reach).exp(),
        }
    }
}

/// The best place for a bend, if the data ask for one.
fn bent(logs: &[(f64, f64)], places: &[f64], level: f64) -> Option<(Fit, Bend)> {
    // Two x at or below it and two above.
    let tried = places.get(1..places.len().saturating_sub(2))?;
    let fits = tried.iter().filter_map(|at| Fit::new(logs, Some(*at)));
    let best = fits.min_by(|a, b| a.residue.total_cmp(&b.residue))?;
    let change = best.exponent(CHANGE, level);
    if change.value.abs() < ROUNDING {
        return None;
    }
    let t = change.value.abs() / best.error(&CHANGE);
    let p = (2.0 * t_cdf(-t, best.freedom) * tried.len() as f64).min(1.0);
    let bend = Bend {
        at: (best.knot? + best.centre).exp(),
        before: best.exponent(BEFORE, level),
        after: best.exponent(AFTER, level),
        p,
    };
    let apart = bend.before.hi < bend.after.lo || bend.after.hi < bend.before.lo;
    (p <= BREAK && apart).then_some((best, bend))
}

/// Coefficients: level, exponent, change of the exponent beyond the knot.
type Row = [f64; 3];
const BEFORE: Row = [0.0, 1.0, 0.0];
const CHANGE: Row = [0.0, 0.0, 1.0];
const AFTER: Row = [0.0, 1.0, 1.0];

/// Least squares over logarithms.
#[derive(Clone, Debug, PartialEq)]
struct Fit {
    /// Mean of the x, from which all are measured.
    centre: f64,
    /// From the centre.
    knot: Option<f64>,
    coefficients: Row,
    /// Of the normal equations.
    inverse: [Row; 3],
    /// Sum of squared residuals.
    residue: f64,
    variance: f64,
    freedom: f64,
    strays: bool,
}

impl Fit {
    /// `logs` ascend in x. None where there are not more values than coefficients, or the coefficients are not determined.
    fn new(logs: &[(f64, f64)], knot: Option<f64>) -> Option<Fit> {
        let n = logs.len() as f64;
        let centre = logs.iter().map(|(x, _)| x).sum::<f64>() / n;
        let knot = knot.map(|k| k - centre);
        let count = if knot.is_some() { 3 } else { 2 };
        let (mut normal, mut right) = ([[0.0; 3]; 3], [0.0; 3]);
        for (x, y) in logs {
            let row = row(x - centre, knot);
            for i in 0..count {
                right[i] += row[i] * y;
                for j in 0..count {
                    normal[i][j] += row[i] * row[j];
                }
            }
        }
        let inverse = inverse(normal, count)?;
        let coefficients: Row = std::array::from_fn(|i| product(&inverse[i], &right));
        let mut fit = Fit {
            centre,
            knot,
            coefficients,
            inverse,
            residue: logs
                .iter()
                .map(|(x, y)| (y - product(&coefficients, &row(x - centre, knot))).powi(2))
                .sum(),
            variance: 0.0,
            freedom: n - count as f64,
            strays: false,
        };
        if fit.freedom < 1.0 {
            return None;
        }
        fit.variance = fit.residue / fit.freedom;
        fit.choose_error(logs, count);
        Some(fit)
    }

    /// Splits the residue into the scatter of values at one x and that of the x around the line.
    fn choose_error(&mut self, logs: &[(f64, f64)], count: usize) {
        let (mut within, mut between, mut places) = (0.0, 0.0, 0.0);
        for group in logs.chunk_by(|a, b| a.0 == b.0) {
            let mean = group.iter().map(|(_, y)| y).sum::<f64>() / group.len() as f64;
            within += group.iter().map(|(_, y)| (y - mean).powi(2)).sum::<f64>();
            between += group.len() as f64 * (mean - self.at(group[0].0)).powi(2);
            places += 1.0;
        }
        let (inner, outer) = (logs.len() as f64 - places, places - count as f64);
        if inner < 1.0 || outer < 1.0 {
            return;
        }
        // Of equal values at each x the residue is rounding.
        let p = match between < ROUNDING * ROUNDING {
            true => 1.0,
            false => 1.0 - f_cdf((between / outer) / (within / inner), outer, inner),
        };
        self.strays = p < MISFIT;
        if self.knot.is_some() {
            self.variance = self.variance.max(between / outer);
            self.freedom = outer;
        } else if p < POOLED {
            self.variance = between / outer;
            self.freedom = outer;
        }
    }

    /// ln y at ln x.
    fn at(&self, x: f64) -> f64 {
        product(&self.coefficients, &row(x - self.centre, self.knot))
    }

    /// Standard error of a sum of coefficients.
    fn error(&self, of: &Row) -> f64 {
        (self.variance * self.leverage(of)).sqrt()
    }

    fn leverage(&self, of: &Row) -> f64 {
        let through: Row = std::array::from_fn(|i| product(&self.inverse[i], of));
        product(of, &through).max(0.0)
    }

    /// Half of the prediction interval of a further value, in logarithms.
    fn reach(&self, x: f64, level: f64) -> f64 {
        let row = row(x - self.centre, self.knot);
        let error = (self.variance * (1.0 + self.leverage(&row))).sqrt();
        t_quantile(0.5 + level / 2.0, self.freedom) * error
    }

    fn exponent(&self, of: Row, level: f64) -> Exponent {
        let value = product(&of, &self.coefficients);
        let half = t_quantile(0.5 + level / 2.0, self.freedom) * self.error(&of);
        Exponent {
            value,
            lo: value - half,
            hi: value + half,
        }
    }
}

/// `x` from the centre.
fn row(x: f64, knot: Option<f64>) -> Row {
    [1.0, x, knot.map_or(0.0, |k| (x - k).max(0.0))]
}

fn product(a: &Row, b: &Row) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Of the upper left `count` rows and columns, zero elsewhere; by Gauss and Jordan with pivots. None for a singular one.
fn inverse(mut of: [Row; 3], count: usize) -> Option<[Row; 3]> {
    let mut inverse = [[0.0; 3]; 3];
    for (i, row) in inverse.iter_mut().enumerate().take(count) {
        row[i] = 1.0;
    }
    for column in 0..count {
        let pivot = (column..count).max_by(|a, b| of[*a][column].abs().total_cmp(&of[*b][column].abs()))?;
        of.swap(column, pivot);
        inverse.swap(column, pivot);
        let by = of[column][column];
        if by.abs() < 1e-12 {
            return None;
        }
        for j in 0..count {
            of[column][j] /= by;
            inverse[column][j] /= by;
        }
        for other in (0..count).filter(|i| *i != column) {
            let by = of[other][column];
            for j in 0..count {
                of[other][j] -= by * of[column][j];
                inverse[other][j] -= by * inverse[column][j];
            }
        }
    }
    Some(inverse)
}
