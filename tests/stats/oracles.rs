//! The same questions, answered by scipy, statsmodels and ruptures: tests/oracles/stats.py made the answers.

use gcrucible::stats::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Oracles {
    changepoints: Vec<Changepoints>,
    ranks: Vec<Ranks>,
    medians: Vec<Median>,
    distributions: Distributions,
    holm: Vec<Holm>,
    slopes: Vec<Slope>,
    quantiles: Vec<Quantiles>,
    cautious: Vec<Cautious>,
    fisher: Vec<Fisher>,
    growths: Vec<Growths>,
    rounds: Vec<Rounds>,
}

#[derive(Deserialize)]
struct Rounds {
    a: Vec<f64>,
    b: Vec<f64>,
    ratio: f64,
    /// Level -> ends.
    bounds: std::collections::BTreeMap<String, [f64; 2]>,
    /// Against the nearer edge of a band of 5 %.
    p: f64,
}

#[derive(Deserialize)]
struct Changepoints {
    name: String,
    cost: String,
    values: Vec<f64>,
    penalty: f64,
    changes: Vec<usize>,
}

#[derive(Deserialize)]
struct Ranks {
    a: Vec<f64>,
    b: Vec<f64>,
    p: f64,
    shift: f64,
}

#[derive(Deserialize)]
struct Median {
    values: Vec<f64>,
    level: f64,
    /// The narrowest pair of order statistics that holds; None where there is none.
    exact: Option<[f64; 2]>,
    interpolated: [f64; 2],
}

#[derive(Deserialize)]
struct Distributions {
    t: Vec<T>,
    normal: Vec<Normal>,
}

#[derive(Deserialize)]
struct T {
    p: f64,
    df: f64,
    t: f64,
}

#[derive(Deserialize)]
struct Normal {
    p: f64,
    z: f64,
}

#[derive(Deserialize)]
struct Holm {
    p: Vec<f64>,
    adjusted: Vec<f64>,
    rejected: Vec<bool>,
}

#[derive(Deserialize)]
struct Slope {
    x: Vec<f64>,
    y: Vec<f64>,
    slope: f64,
}

#[derive(Deserialize)]
struct Quantiles {
    values: Vec<f64>,
    q: Vec<f64>,
    quantiles: Vec<f64>,
}

#[derive(Deserialize)]
struct Cautious {
    values: Vec<f64>,
    level: f64,
    interval: [f64; 2],
}

#[derive(Deserialize)]
struct Fisher {
    f: f64,
    d1: f64,
    d2: f64,
    p: f64,
}

/// Exponents and predictions: value, lower and upper end at 95 %.
#[derive(Deserialize)]
struct Growths {
    name: String,
    x: Vec<f64>,
    y: Vec<f64>,
    exponent: [f64; 3],
    bend: Option<OracleBend>,
    strays: bool,
    at: Vec<f64>,
    predicted: Vec<[f64; 3]>,
}

#[derive(Deserialize)]
struct OracleBend {
    at: f64,
    before: [f64; 3],
    after: [f64; 3],
    p: f64,
}

fn oracles() -> Oracles {
    serde_json::from_str(include_str!("../oracles/stats.json")).unwrap()
}

fn alike(found: f64, wanted: f64, share: f64, what: &str) {
    let room = share * wanted.abs().max(1e-3);
    assert!(
        (found - wanted).abs() <= room,
        "{what}: {found}, the oracle says {wanted}"
    );
}

#[test]
fn changes_are_those_that_ruptures_finds() {
    let cases = oracles().changepoints;
    assert!(cases.iter().any(|c| c.cost == "normal" && !c.changes.is_empty()));
    for c in cases {
        let found = changepoints(&c.values, c.penalty).unwrap();
        assert_eq!(
            found, c.changes,
            "{}, penalty {}, cost {}",
            c.name, c.penalty, c.cost
        );
    }
}

#[test]
fn rank_tests_and_shifts_are_those_of_scipy_with_and_without_ties() {
    for c in oracles().ranks {
        alike(mann_whitney(&c.a, &c.b).unwrap(), c.p, 1e-9, "p");
        alike(hodges_lehmann(&c.a, &c.b).unwrap(), c.shift, 1e-9, "shift");
    }
}

#[test]
fn intervals_of_a_median_are_interpolated_within_the_exact_ones() {
    for c in oracles().medians {
        let what = format!("n = {}, level {}", c.values.len(), c.level);
        let found = median_interval(&c.values, c.level).unwrap();
        alike(found.lo, c.interpolated[0], 1e-9, &what);
        alike(found.hi, c.interpolated[1], 1e-9, &what);
        let (lo, hi) = match c.exact {
            Some([lo, hi]) => (lo, hi),
            None => {
                let all = sorted(&c.values).unwrap();
                (all[0], all[all.len() - 1])
            }
        };
        assert!(lo <= found.lo && found.hi <= hi, "{what}");
        assert!(c.exact.is_some() || (found.lo, found.hi) == (lo, hi), "{what}");
    }
}

#[test]
fn quantiles_of_students_t_and_the_normal_are_those_of_scipy() {
    for c in oracles().distributions.t {
        let what = format!("t at {} with {} degrees", c.p, c.df);
        alike(t_quantile(c.p, c.df), c.t, 1e-7, &what);
        alike(t_cdf(c.t, c.df), c.p, 1e-9, &what);
    }
    for c in oracles().distributions.normal {
        alike(normal_quantile(c.p), c.z, 1e-7, &format!("normal at {}", c.p));
        alike(normal_cdf(c.z), c.p, 1e-9, &format!("normal up to {}", c.z));
    }
}

#[test]
fn corrections_are_those_of_statsmodels() {
    for c in oracles().holm {
        let steps = holm(&c.p, 0.05);
        for ((step, adjusted), rejected) in steps.iter().zip(&c.adjusted).zip(&c.rejected) {
            alike(step.adjusted, *adjusted, 1e-9, "adjusted p");
            assert_eq!(step.adjusted <= 0.05, *rejected);
        }
    }
}

#[test]
fn slopes_and_quantiles_are_those_of_scipy_and_numpy() {
    for c in oracles().slopes {
        let points: Vec<(f64, f64)> = c.x.into_iter().zip(c.y).collect();
        alike(slope(&points).unwrap(), c.slope, 1e-9, "slope");
    }
    for c in oracles().quantiles {
        for (q, wanted) in c.q.iter().zip(&c.quantiles) {
            alike(quantile(&c.values, *q).unwrap(), *wanted, 1e-9, "quantile");
        }
    }
}

#[test]
fn intervals_that_decisions_are_made_by_are_those_of_scipy_below_six_values_and_from_there_on() {
    let cases = oracles().cautious;
    assert!(cases.iter().any(|c| c.values.len() < 6) && cases.iter().any(|c| c.values.len() >= 6));
    for c in cases {
        let what = format!("n = {}, level {}", c.values.len(), c.level);
        let found = cautious_median_interval(&c.values, c.level).unwrap();
        alike(found.lo, c.interval[0], 1e-7, &what);
        alike(found.hi, c.interval[1], 1e-7, &what);
    }
    assert_eq!(cautious_median_interval(&[1.0], 0.95), None);
}

#[test]
fn a_ratio_by_rounds_of_one_work_is_scipys_paired_t_test_of_logarithms() {
    for case in oracles().rounds {
        let rounds: Vec<(f64, f64)> = case.a.iter().copied().zip(case.b.iter().copied()).collect();
        let found = ratio_by_rounds(&[&rounds]).unwrap();
        alike(found.estimate(), case.ratio, 1e-9, "ratio");
        for (level, [lo, hi]) in &case.bounds {
            let bounds = found.interval(level.parse().unwrap());
            alike(bounds.lo, *lo, 1e-6, level);
            alike(bounds.hi, *hi, 1e-6, level);
        }
        alike(found.p_outside(0.05), case.p, 1e-6, "p");
    }
}

#[test]
fn the_f_distribution_is_that_of_scipy() {
    for c in oracles().fisher {
        let what = format!("F up to {} with {} and {} degrees", c.f, c.d1, c.d2);
        alike(f_cdf(c.f, c.d1, c.d2), c.p, 1e-9, &what);
    }
}

#[test]
fn growth_and_its_intervals_are_those_of_statsmodels() {
    let cases = oracles().growths;
    assert!(cases.iter().any(|c| c.bend.is_some()) && cases.iter().any(|c| c.strays));
    for c in cases {
        let points: Vec<(f64, f64)> = c.x.into_iter().zip(c.y).collect();
        let found = growth(&points, 0.95, 0.1).unwrap();
        let same = |of: Exponent, wanted: [f64; 3]| {
            for (found, wanted) in [of.value, of.lo, of.hi].into_iter().zip(wanted) {
                alike(found, wanted, 1e-7, &c.name);
            }
        };
        same(found.exponent, c.exponent);
        assert_eq!(found.strays, c.strays, "{}", c.name);
        assert_eq!(found.bend.is_some(), c.bend.is_some(), "{}", c.name);
        if let (Some(found), Some(wanted)) = (found.bend, c.bend) {
            alike(found.at, wanted.at, 1e-9, &c.name);
            alike(found.p, wanted.p, 1e-6, &c.name);
            same(found.before, wanted.before);
            same(found.after, wanted.after);
        }
        for (at, [value, lo, hi]) in c.at.iter().zip(c.predicted) {
            let bounds = found.predict(*at, 0.95);
            alike(found.at(*at), value, 1e-6, &c.name);
            alike(bounds.lo, lo, 1e-6, &c.name);
            alike(bounds.hi, hi, 1e-6, &c.name);
        }
    }
}
