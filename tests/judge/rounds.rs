//! Costs of sides that ran in turn are compared round by round: what the machine did in a round, both met.

use gcrucible::artifact::axis::Axis;
use gcrucible::artifact::plan::Mode;
use gcrucible::artifact::verdict::{Decision, Verdict};

use crate::build::*;

/// Five rounds of which each is slow or fast for both; `b` needs a tenth more.
const WAVES: [f64; 5] = [100.0, 180.0, 75.0, 140.0, 95.0];

fn slower(waves: &[f64]) -> Vec<f64> {
    let stray = runs("stray", waves.len(), 1.0, 0.005);
    waves
        .iter()
        .zip(stray)
        .map(|(wave, stray)| 1.1 * wave * stray)
        .collect()
}

fn ratio(verdict: &Verdict) -> (f64, f64, f64) {
    let ratio = verdict.ratio.unwrap();
    (ratio.lo, ratio.value, ratio.hi)
}

#[test]
fn waves_that_both_sides_meet_hide_no_difference() {
    let case = || throughput(WAVES.into(), slower(&WAVES));
    let apart = case().on(Axis::Throughput);
    assert_eq!(apart.decision, Decision::Undecided);
    let together = case().in_turn().on(Axis::Throughput);
    let (lo, value, hi) = ratio(&together);
    assert!(
        lo < 1.0 / 1.1 && 1.0 / 1.1 < hi && hi / lo < 1.05,
        "{lo} {value} {hi}"
    );
    let of_work = together.works[0].ratio;
    assert_eq!(of_work.value, value, "a single work's ratio is that of the axis");
}

#[test]
fn a_round_that_only_one_side_has_is_left_out() {
    let case = throughput(WAVES.into(), slower(&WAVES)).in_turn();
    let verdict = case
        .edit("w/b", |cell| {
            // Its third run failed.
            cell.rounds = vec![1, 2, 4, 5];
            cell.valid = 4;
            cell.metrics.get_mut("wall_ns").unwrap().values.remove(2);
        })
        .on(Axis::Throughput);
    assert_eq!(verdict.works[0].rounds, Some(4));
    let (lo, _, hi) = ratio(&verdict);
    assert!(hi / lo < 1.08, "the rounds still match: {lo} {hi}");
    assert_eq!((verdict.works[0].n_a, verdict.works[0].n_b), (5, 4));
}

#[test]
fn sides_with_less_than_two_rounds_in_common_are_compared_as_two_samples() {
    let in_no_round = throughput(WAVES.into(), slower(&WAVES))
        .in_turn()
        .edit("w/b", |cell| cell.rounds = vec![5, 6, 7, 8, 9])
        .on(Axis::Throughput);
    let apart = throughput(WAVES.into(), slower(&WAVES)).on(Axis::Throughput);
    assert_eq!(in_no_round.ratio, apart.ratio);
}

/// Two rounds are few, however many runs each side has of its own.
#[test]
fn what_so_few_runs_can_show_is_reckoned_from_the_rounds_in_common() {
    let two = |rounds: [u32; 5]| {
        throughput(WAVES.into(), WAVES.map(|v| 3.0 * v).into())
            .in_turn()
            .edit("w/b", |cell| {
                cell.rounds = rounds.into();
                // The rounds' ratios are not all the same.
                cell.metrics.get_mut("wall_ns").unwrap().values[0] *= 1.001;
            })
            .on(Axis::Throughput)
    };
    assert_eq!(two([1, 2, 3, 4, 5]).decision, Decision::AWins);
    // Values of rounds 1 and 2 stay where they are.
    let few = two([1, 2, 7, 8, 9]);
    assert_eq!(
        (few.decision, few.works[0].rounds),
        (Decision::Undecided, Some(2))
    );
}

#[test]
fn so_are_metrics_of_which_not_every_run_has_a_value() {
    let case = throughput(WAVES.into(), slower(&WAVES))
        .in_turn()
        .edit("w/b", |cell| {
            cell.metrics.get_mut("wall_ns").unwrap().values.pop();
        });
    let apart = throughput(WAVES.into(), slower(&WAVES)[..4].to_vec());
    assert_eq!(case.on(Axis::Throughput).ratio, apart.on(Axis::Throughput).ratio);
}

#[test]
fn memory_and_tails_have_no_waves_to_share_and_are_compared_as_two_samples() {
    for (axis, mode, metric) in [
        (Axis::Memory, Mode::Closed, "memory_peak_over_live"),
        (Axis::Tail, Mode::Open, "response_p999_ns"),
    ] {
        let case = || {
            let case = Case::new(&["a", "b"]).work("w", mode, &[axis]);
            let scaled = |values: Vec<f64>| values.into_iter().map(|v| v * MS).collect::<Vec<_>>();
            case.cell("a", &[(metric, scaled(WAVES.into()))])
                .cell("b", &[(metric, scaled(slower(&WAVES)))])
        };
        assert_eq!(case().in_turn().on(axis).ratio, case().on(axis).ratio, "{axis:?}");
    }
}

#[test]
fn swapping_the_sides_mirrors_it_exactly() {
    let case = || throughput(WAVES.into(), slower(&WAVES)).in_turn();
    let (there, back) = (case().on(Axis::Throughput), case().swapped().on(Axis::Throughput));
    let ((lo, value, hi), (back_lo, back_value, back_hi)) = (ratio(&there), ratio(&back));
    for (x, y) in [(lo, back_hi), (value, back_value), (hi, back_lo)] {
        assert!((x * y - 1.0).abs() < 1e-12, "{x} {y}");
    }
}
