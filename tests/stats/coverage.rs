//! How often does an interval of nominal 95 % hold the truth? src/stats/coverage.csv is made here.

use std::fmt::Write;
use std::path::Path;

use gcrucible::stats::{
    AS_PROMISED, Interval, cautious_median_interval, coverage, median_interval, normal_quantile,
    ratio_by_rounds,
};

use super::{Draws, ratio};

const SIZES: [usize; 10] = [2, 3, 4, 5, 6, 8, 10, 15, 20, 30];
const ALL: [Interval; 3] = [Interval::Median, Interval::Ratio, Interval::Rounds];
const TRIALS: u32 = 4000;
/// Simulated again by every run of the test.
const FIRST: u32 = 100;
const HEAD: &str = "interval,n,shape,trials,held,held of the first 100\n";

/// What runs of a benchmark may be spread like: skewed, and with heavy tails.
#[derive(Clone, Copy, Debug)]
enum Shape {
    LogNormal(f64),
    Exponential,
    /// Of minimum 1 and this exponent.
    Pareto(f64),
    /// Three degrees of freedom, around 1000: no ratio has room for a negative value.
    StudentT,
    /// Log-normal of 0.2; every tenth value is five times as large.
    Outliers,
}

const SHAPES: [(&str, Shape); 6] = [
    ("log-normal 0.2", Shape::LogNormal(0.2)),
    ("log-normal 0.8", Shape::LogNormal(0.8)),
    ("exponential", Shape::Exponential),
    ("Pareto 2.5", Shape::Pareto(2.5)),
    ("Student t 3", Shape::StudentT),
    ("outliers", Shape::Outliers),
];

impl Shape {
    fn draw(self, d: &mut Draws) -> f64 {
        match self {
            Shape::LogNormal(sigma) => (sigma * d.normal()).exp(),
            Shape::Exponential => -(1.0 - d.uniform()).ln(),
            Shape::Pareto(exponent) => (1.0 - d.uniform()).powf(-1.0 / exponent),
            Shape::StudentT => {
                let squares: f64 = (0..3).map(|_| d.normal().powi(2)).sum();
                1000.0 + d.normal() / (squares / 3.0).sqrt()
            }
            Shape::Outliers => {
                let value = (0.2 * d.normal()).exp();
                if d.uniform() < 0.1 { 5.0 * value } else { value }
            }
        }
    }

    fn median(self) -> f64 {
        match self {
            Shape::LogNormal(_) => 1.0,
            Shape::Exponential => std::f64::consts::LN_2,
            Shape::Pareto(exponent) => 2_f64.powf(1.0 / exponent),
            Shape::StudentT => 1000.0,
            // No outlier is so small: the median of all is a higher quantile of the others.
            Shape::Outliers => (0.2 * normal_quantile(0.5 / 0.9)).exp(),
        }
    }
}

/// How many of `trials` samples of `n` values have the truth in their interval.
fn held(of: Interval, shape: Shape, n: usize, trials: u32) -> u32 {
    let mut d = Draws(1_000_000 * n as u64);
    let mut waves = Draws(1_000_003);
    let mut sample = || (0..n).map(|_| shape.draw(&mut d)).collect::<Vec<f64>>();
    let mut one = || match of {
        Interval::Median => median_interval(&sample(), 0.95).unwrap().contains(shape.median()),
        Interval::Ratio => {
            let (a, b) = (sample(), sample());
            ratio(&a, &b, 1000).unwrap().interval(0.95).contains(1.0)
        }
        Interval::Rounds => {
            let (a, b) = (sample(), sample());
            let rounds: Vec<(f64, f64)> = a
                .into_iter()
                .zip(b)
                .map(|(a, b)| {
                    let wave = (0.3 * waves.normal()).exp();
                    (wave * a, wave * b)
                })
                .collect();
            ratio_by_rounds(&[&rounds]).unwrap().interval(0.95).contains(1.0)
        }
    };
    (0..trials).filter(|_| one()).count() as u32
}

fn simulated() -> String {
    let mut table = HEAD.to_owned();
    for of in ALL {
        for n in SIZES {
            for (name, shape) in SHAPES {
                let (all, first) = (held(of, shape, n, TRIALS), held(of, shape, n, FIRST));
                writeln!(table, "{},{n},{name},{TRIALS},{all},{first}", of.id()).unwrap();
            }
        }
    }
    table
}

#[test]
fn the_table_of_coverage_is_what_simulation_finds() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/stats/coverage.csv");
    if std::env::var_os("UPDATE_COVERAGE").is_some() {
        std::fs::write(&path, simulated()).unwrap();
    }
    let table = std::fs::read_to_string(&path).unwrap();
    assert!(table.starts_with(HEAD));
    let mut rows = table.lines().skip(1);
    for of in ALL {
        for n in SIZES {
            for (name, shape) in SHAPES {
                let row = rows.next().unwrap_or_default();
                let first = held(of, shape, n, FIRST);
                assert!(
                    row.starts_with(&format!("{},{n},{name},{TRIALS},", of.id()))
                        && row.ends_with(&format!(",{first}")),
                    "`{row}`: {first} of the first {FIRST} are held now; UPDATE_COVERAGE=1 cargo test --test stats coverage"
                );
            }
        }
    }
    assert_eq!(rows.next(), None);
}

#[test]
fn intervals_of_a_median_hold_what_they_promise_from_five_values_on() {
    for n in SIZES.into_iter().filter(|n| *n >= 5) {
        let found = coverage(Interval::Median, n).unwrap();
        assert!(found.is_as_promised(), "{found:?}");
    }
}

#[test]
fn intervals_of_a_ratio_hold_no_less_than_they_promise_from_three_values_on() {
    for n in SIZES.into_iter().filter(|n| *n >= 3) {
        assert!(
            coverage(Interval::Ratio, n).unwrap().least >= AS_PROMISED.0,
            "n = {n}"
        );
        let rounds = coverage(Interval::Rounds, n).unwrap();
        assert!(rounds.least >= AS_PROMISED.0, "{rounds:?}");
    }
}

#[test]
fn a_number_of_values_between_two_rows_has_the_lower_ones_coverage() {
    assert_eq!(coverage(Interval::Median, 12).unwrap().n, 10);
    assert_eq!(coverage(Interval::Ratio, 1000).unwrap().n, 30);
    assert_eq!(coverage(Interval::Ratio, 1), None);
}

/// Printed with `--nocapture`; docs/METHOD.md quotes it.
#[test]
fn intervals_that_decisions_are_made_by_hold_what_they_promise_from_two_values_on() {
    const TRIALS: u32 = 2000;
    for n in SIZES {
        let shares = SHAPES.map(|(_, shape)| {
            let mut d = Draws(7_000_000 * n as u64);
            let mut one = || {
                let values: Vec<f64> = (0..n).map(|_| shape.draw(&mut d)).collect();
                let bounds = cautious_median_interval(&values, 0.95).unwrap();
                bounds.contains(shape.median())
            };
            let held = (0..TRIALS).filter(|_| one()).count();
            100.0 * held as f64 / f64::from(TRIALS)
        });
        let least = shares.iter().copied().fold(f64::INFINITY, f64::min);
        let most = shares.iter().copied().fold(0.0, f64::max);
        println!("n = {n}: {least:.1} to {most:.1} %");
        assert!(least >= 100.0 * AS_PROMISED.0, "n = {n}: {shares:?}");
    }
}
