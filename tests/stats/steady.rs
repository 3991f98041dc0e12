//! Changes of state: the search against a slower one that tries everything, and what a run's blocks are called.

use gcrucible::stats::*;
use proptest::prelude::*;

use super::Draws;

/// The cost that `changepoints` documents, by its definition.
fn cost(values: &[f64], whole: f64) -> f64 {
    let m = values.len() as f64;
    let mean = values.iter().sum::<f64>() / m;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / m / whole;
    let v = variance.max(1e-6);
    m * (v.ln() + variance / v)
}

fn total(values: &[f64], changes: &[usize], penalty: f64) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let whole = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    let mut ends = changes.to_vec();
    ends.push(values.len());
    let mut begin = 0;
    let mut sum = penalty * changes.len() as f64;
    for end in ends {
        sum += cost(&values[begin..end], whole);
        begin = end;
    }
    sum
}

/// Optimal partitioning (Jackson et al. 2005): nothing is pruned.
fn least(values: &[f64], penalty: f64) -> f64 {
    let n = values.len();
    let mean = values.iter().sum::<f64>() / n as f64;
    let whole = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n as f64;
    let mut best = vec![f64::INFINITY; n + 1];
    best[0] = -penalty;
    for end in 2..=n {
        for begin in 0..=end - 2 {
            best[end] = best[end].min(best[begin] + penalty + cost(&values[begin..end], whole));
        }
    }
    best[n]
}

fn series() -> impl Strategy<Value = Vec<f64>> {
    // Levels and spreads that change, and rounded values, so that neighbours are equal now and then.
    let piece = (1.0_f64..50.0, 0.0_f64..5.0, 1_usize..25, any::<bool>());
    let value = |mean: f64, spread: f64, whole: bool, unit: f64| {
        let v = mean + spread * unit;
        if whole { v.round() } else { v }
    };
    prop::collection::vec((piece, prop::collection::vec(-1.0_f64..1.0, 25)), 1..6).prop_map(move |pieces| {
        let of = |((mean, spread, n, whole), units): ((f64, f64, usize, bool), Vec<f64>)| {
            (0..n)
                .map(|i| value(mean, spread, whole, units[i]))
                .collect::<Vec<_>>()
        };
        pieces.into_iter().flat_map(of).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn pruning_never_misses_the_best_segmentation(values in series(), penalty in 0.0_f64..100.0) {
        let found = changepoints(&values, penalty).unwrap();
        let mut ends = vec![0];
        ends.extend(&found);
        ends.push(values.len());
        prop_assert!(found.is_empty() || ends.windows(2).all(|w| w[1] - w[0] >= 2), "{:?}", found);
        let spread = values.iter().any(|v| *v != values[0]);
        if spread && values.len() >= 4 {
            let (ours, best) = (total(&values, &found, penalty), least(&values, penalty));
            prop_assert!((ours - best).abs() <= 1e-6 * best.abs().max(1.0), "{} costs {}, {} is possible", found.len(), ours, best);
        } else {
            prop_assert!(found.is_empty());
        }
    }

    #[test]
    fn no_series_makes_it_panic_and_what_is_told_fits_the_series(values in prop::collection::vec(any::<f64>(), 0..80)) {
        let finite = values.iter().all(|v| v.is_finite());
        prop_assert!(changepoints(&values, 10.0).is_none_or(|_| finite));
        if let Some(told) = steadiness(&values) {
            prop_assert!((0.0..=1.0).contains(&told.before));
            prop_assert_eq!(told.states[0].0, 0);
        }
    }

    #[test]
    fn the_unit_of_time_is_of_no_account(seed in 0_u64..1000, unit in 1e-6_f64..1e6) {
        let times = warm_up(&mut Draws(seed), 60);
        let scaled: Vec<f64> = times.iter().map(|t| t * unit).collect();
        let (x, y) = (steadiness(&times).unwrap(), steadiness(&scaled).unwrap());
        prop_assert_eq!(x.course, y.course);
        prop_assert_eq!(x.outliers, y.outliers);
    }
}

#[test]
fn bad_data_have_no_changes_and_no_course() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(changepoints(&[1.0, 2.0, bad, 4.0], 10.0), None);
        assert_eq!(changepoints(&[bad], 10.0), None);
        assert_eq!(changepoints(&[1.0, 2.0], bad), None);
        let mut times = vec![1.0; 100];
        times[50] = bad;
        assert_eq!(steadiness(&times), None);
    }
    assert_eq!(changepoints(&[1.0; 5], -1.0), None);
    assert_eq!(changepoints(&[1e300, -1e300, 1e300, 1.0], 1.0), None);
    assert_eq!(changepoints(&[], 10.0), Some(vec![]));
    assert_eq!(changepoints(&[3.7; 50], 0.0), Some(vec![]));
    assert_eq!(steadiness(&[1.0; 31]), None);
    assert_eq!(steadiness(&[0.0; 100]), None);
    assert_eq!(steadiness(&[1.0; 32]).unwrap().course, Course::Flat);
}

// The runner's most blocks; noise of 2 % of a block's time is what an idle machine shows.
const BLOCKS: usize = 256;

fn noisy(draws: &mut Draws, of: impl Fn(usize) -> f64) -> Vec<f64> {
    (0..BLOCKS)
        .map(|i| of(i) * (0.02 * draws.normal()).exp())
        .collect()
}

fn warm_up(draws: &mut Draws, blocks: usize) -> Vec<f64> {
    noisy(draws, |i| if i < blocks { 2.0 } else { 1.0 })
}

/// How often each course is found in a hundred series.
fn courses(make: impl FnMut(&mut Draws) -> Vec<f64>) -> [u32; 4] {
    courses_of(100, make)
}

fn courses_of(series: u64, mut make: impl FnMut(&mut Draws) -> Vec<f64>) -> [u32; 4] {
    let mut counts = [0; 4];
    for seed in 0..series {
        let told = steadiness(&make(&mut Draws(seed * 100_000))).unwrap();
        counts[match told.course {
            Course::Flat => 0,
            Course::WarmUp => 1,
            Course::Slowdown => 2,
            Course::NoSteadyState => 3,
        }] += 1;
    }
    counts
}

#[test]
fn noise_alone_is_flat() {
    assert_eq!(courses(|d| noisy(d, |_| 1.0)), [100, 0, 0, 0]);
    // Skewed: every block a sum of few long operations.
    let skewed = |d: &mut Draws| (0..BLOCKS).map(|_| (0.5 * d.normal()).exp()).collect();
    assert!(courses(skewed)[0] >= 99);
}

#[test]
fn a_step_is_a_warm_up_or_a_slowdown_and_its_place_is_found() {
    assert_eq!(courses(|d| warm_up(d, 64)), [0, 100, 0, 0]);
    assert_eq!(
        courses(|d| noisy(d, |i| if i < 64 { 1.0 } else { 1.3 })),
        [0, 0, 100, 0]
    );
    let told = steadiness(&warm_up(&mut Draws(5), 64)).unwrap();
    assert_eq!(told.states.iter().map(|s| s.0).collect::<Vec<_>>(), [0, 64]);
    // 64 blocks of 2 before 192 of 1.
    assert!((told.before - 0.4).abs() < 0.01, "{}", told.before);
}

#[test]
fn a_step_within_the_tolerance_is_none() {
    assert_eq!(
        courses(|d| noisy(d, |i| if i < 128 { 1.03 } else { 1.0 })),
        [100, 0, 0, 0]
    );
}

#[test]
fn code_that_is_compiled_bit_by_bit_warms_up() {
    let curve = |i: usize| 1.0 + 4.0 * (-(i as f64) / 12.0).exp();
    assert_eq!(courses(|d| noisy(d, curve)), [0, 100, 0, 0]);
}

#[test]
fn a_drift_and_a_change_near_the_end_leave_no_steady_state() {
    let drift = |i: usize| 1.0 + 1.5 * i as f64 / BLOCKS as f64;
    for found in [
        courses(|d| noisy(d, drift)),
        courses(|d| noisy(d, |i| 1.0 / drift(i))),
    ] {
        // Now and then the last segment of a drift is long and level enough to pass for a state, but never for the only one.
        assert!(found[0] == 0 && found[3] >= 95, "{found:?}");
    }
    // 60 blocks of 1 after 196 of 2 are 13 % of the time.
    assert_eq!(courses(|d| warm_up(d, 196)), [0, 0, 0, 100]);
}

/// Every `period` blocks a collector takes `share` of each of `burst` blocks.
fn collecting(period: usize, burst: usize, share: f64) -> impl Fn(usize) -> f64 {
    move |i| {
        if i % period >= period - burst {
            1.0 / (1.0 - share)
        } else {
            1.0
        }
    }
}

#[test]
fn a_collectors_saw_tooth_is_a_steady_state_whatever_its_period() {
    for period in [2, 3, 5, 8, 13, 21, 34, 55, 80] {
        for burst in [1, period / 4, period / 2].into_iter().filter(|b| *b > 0) {
            for share in [0.2, 0.5, 0.9] {
                let found = courses_of(10, |d| noisy(d, collecting(period, burst, share)));
                assert_eq!(
                    found,
                    [10, 0, 0, 0],
                    "period {period}, bursts of {burst}, share {share}"
                );
            }
        }
    }
}

#[test]
fn bursts_that_become_denser_are_no_warm_up_and_a_warm_up_under_a_saw_tooth_is_seen() {
    let both = |i: usize| collecting(8, 2, 0.5)(i) * if i < 64 { 2.0 } else { 1.0 };
    assert_eq!(courses(|d| noisy(d, both)), [0, 100, 0, 0]);
    // The heap fills before the first collection: what comes after is slower, and lasts.
    let first = |i: usize| if i < 50 { 1.0 } else { collecting(6, 3, 0.5)(i) };
    assert_eq!(courses(|d| noisy(d, first)), [0, 0, 100, 0]);
}

#[test]
fn stray_blocks_are_told_and_make_no_segment() {
    let stray = [7, 100, 101, 200, 255];
    let mut times = noisy(&mut Draws(3), |_| 1.0);
    for i in stray {
        times[i] = 25.0;
    }
    let told = steadiness(&times).unwrap();
    assert_eq!(told.course, Course::Flat);
    for i in stray {
        assert!(told.outliers.contains(&i), "{i} is not among {:?}", told.outliers);
    }
    // They are in the run's time all the same.
    let mut early = warm_up(&mut Draws(3), 32);
    early[200] = 96.0;
    let told = steadiness(&early).unwrap();
    assert_eq!(told.course, Course::WarmUp);
    assert!((told.before - 64.0 / 384.0).abs() < 0.01, "{}", told.before);
}

#[test]
fn one_long_excursion_is_part_of_its_state_and_one_that_lasts_is_not() {
    let one = |from: usize, to: usize| move |i: usize| if (from..to).contains(&i) { 2.0 } else { 1.0 };
    assert_eq!(courses(|d| noisy(d, one(100, 140))), [100, 0, 0, 0]);
    assert_eq!(courses(|d| noisy(d, one(60, 150))), [0, 100, 0, 0]);
}

#[test]
fn a_run_of_ever_other_levels_has_no_steady_state() {
    let levels = [1.0, 1.9, 1.3, 2.4, 1.6, 3.0, 2.1, 1.15];
    assert_eq!(courses(|d| noisy(d, |i| levels[i / 32])), [0, 0, 0, 100]);
}
