//! Splits, draws, and the judge's own rule on runs of which the truth is known.

use gcrucible::artifact::axis::Axis;
use gcrucible::artifact::host::Host;
use gcrucible::artifact::plan::{Mode, Work};
use gcrucible::artifact::selftest::Outcome;
use gcrucible::judge;
use gcrucible::prove::resample::{Run, Sides, Slowdown, Tally, draw, found, no_winner, split, trial};
use proptest::prelude::*;

use super::{collector, pool, scripted, work};

fn throughput() -> Work {
    work("w.closed@1MiB", Mode::Closed, &[Axis::Throughput, Axis::Pause])
}

/// What the judge makes of `n` pairs of sides.
fn judged<'a>(n: u64, sides: impl Fn(u64) -> Option<Sides<'a>>) -> Tally {
    let mut tally = Tally::default();
    let measured = scripted(throughput(), "", 1);
    for seed in 0..n {
        let Some(sides) = sides(seed) else { break };
        let (plan, analysis) = trial(&measured, Axis::Throughput, &collector(), &[sides], None, seed);
        let verdicts = judge::decide(&plan, &analysis, &Host::default(), seed).verdicts;
        let verdict = verdicts.iter().find(|v| v.axis == Axis::Throughput).unwrap();
        assert!(
            (verdict.level - 0.95).abs() < 1e-12,
            "one question has no correction"
        );
        tally.count(verdict);
    }
    tally
}

#[test]
fn equal_runs_split_at_random_have_no_winner() {
    let (runs, work) = (pool(40, 1e9, 0.03, 7), throughput());
    let tally = judged(40, |seed| split(&work, &runs, 20, seed));
    assert_eq!(tally.trials, 40);
    assert_eq!(
        no_winner(Axis::Throughput, "X", 40, 20, &tally).outcome,
        Outcome::Passed
    );
}

#[test]
fn a_rule_that_finds_winners_among_equals_fails() {
    let tally = Tally {
        trials: 200,
        a_wins: 6,
        b_wins: 5,
        ..Tally::default()
    };
    assert_eq!(
        no_winner(Axis::Tail, "X", 40, 20, &tally).outcome,
        Outcome::Failed
    );
    let fewer = Tally { b_wins: 4, ..tally };
    assert_eq!(
        no_winner(Axis::Tail, "X", 40, 20, &fewer).outcome,
        Outcome::Passed
    );
}

#[test]
fn splits_without_anything_to_judge_are_no_proof() {
    let without = Tally {
        trials: 200,
        no_data: 200,
        ..Tally::default()
    };
    for tally in [without, Tally::default()] {
        assert_eq!(no_winner(Axis::Tail, "X", 0, 0, &tally).outcome, Outcome::Failed);
    }
}

#[test]
fn a_large_slowdown_is_found_and_none_is_not() {
    let (work, plain) = (throughput(), pool(24, 1e9, 0.01, 1));
    let tally_of = |slow: &[Run]| judged(20, |seed| draw(&work, &plain, slow, 5, seed));
    let slowdown = |factor: f64, permille: u64| Slowdown {
        permille,
        measured: factor,
        tallies: [(5, tally_of(&pool(24, factor * 1e9, 0.01, 2)))].into(),
    };
    let large = found("X", 5, 50, &[slowdown(1.05, 50), slowdown(1.3, 300)]);
    assert_eq!(large.outcome, Outcome::Passed, "{large:?}");
    assert!(
        large.note.ends_with("5 runs: 30 %"),
        "only the larger one loses: {}",
        large.note
    );
    let none = found("X", 5, 50, &[slowdown(1.0, 50)]);
    assert_eq!(none.outcome, Outcome::Failed, "{none:?}");
    assert!(none.note.contains("none of the slowdowns"), "{}", none.note);
    let absent = found("X", 5, 50, &[]);
    assert_eq!(absent.outcome, Outcome::Failed);
}

/// Waves of 20 %, as a shared machine has them, against a slowdown of 10 %.
#[test]
fn a_slowdown_is_found_in_waves_that_both_sides_of_a_round_meet() {
    let (work, waves) = (throughput(), pool(20, 1.0, 0.2, 3));
    let in_waves = |runs: Vec<Run>, shift: usize| -> Vec<Run> {
        let wave = |i: usize| waves[(i + shift) % waves.len()].values["wall_ns"];
        let mut runs = runs;
        for (i, run) in runs.iter_mut().enumerate() {
            *run.values.get_mut("wall_ns").unwrap() *= wave(i);
        }
        runs
    };
    let plain = in_waves(pool(20, 1e9, 0.01, 1), 0);
    let found = |shift: usize| {
        let slow = in_waves(pool(20, 1.1e9, 0.01, 2), shift);
        let tally = judged(20, |seed| draw(&work, &plain, &slow, 5, seed));
        assert_eq!(tally.trials, 20);
        tally.b_larger
    };
    assert!(found(0) >= 18, "met by both: {}", found(0));
    assert!(found(7) <= 6, "each its own: {}", found(7));
}

#[test]
fn runs_are_drawn_from_rounds_that_both_cells_have() {
    let (work, mut a, mut b) = (throughput(), pool(6, 1.0, 0.1, 1), pool(6, 1.0, 0.1, 2));
    a.remove(0);
    b.remove(5);
    let rounds = |runs: &[&Run]| runs.iter().map(|r| r.round).collect::<Vec<_>>();
    let sides = draw(&work, &a, &b, 4, 9).unwrap();
    let mut drawn = rounds(&sides.a);
    assert_eq!(drawn, rounds(&sides.b));
    drawn.sort_unstable();
    assert_eq!(drawn, [2, 3, 4, 5]);
    assert!(draw(&work, &a, &b, 5, 9).is_none());
}

#[test]
fn the_fewest_runs_that_find_it_are_named() {
    let of = |found: u32| Tally {
        trials: 100,
        b_larger: found,
        ..Tally::default()
    };
    let slow = |tallies: [(usize, Tally); 2]| Slowdown {
        permille: 50,
        measured: 1.05,
        tallies: tallies.into(),
    };
    let late = found("X", 5, 50, &[slow([(5, of(79)), (10, of(80))])]);
    assert_eq!(late.outcome, Outcome::Failed);
    assert!(late.note.contains("80 % of trials: 10 a side"), "{}", late.note);
    let never = found("X", 5, 50, &[slow([(5, of(0)), (10, of(79))])]);
    assert!(
        never.note.contains("none of the numbers of runs"),
        "{}",
        never.note
    );
    // Too few runs for a trial of ten.
    let five = found("X", 5, 50, &[slow([(5, of(80)), (10, Tally::default())])]);
    assert_eq!(five.outcome, Outcome::Passed);
    assert!(
        !five.figures.iter().any(|f| f.name.contains("10 runs")),
        "{five:?}"
    );
}

#[test]
fn a_speed_up_is_no_slowdown_that_was_found() {
    let (work, plain, fast) = (throughput(), pool(24, 1e9, 0.01, 1), pool(24, 0.7e9, 0.01, 2));
    let tally = judged(10, |seed| draw(&work, &plain, &fast, 5, seed));
    assert_eq!((tally.b_larger, tally.a_larger, tally.b_wins), (0, 10, 10));
}

proptest! {
    #[test]
    fn a_split_uses_no_run_twice_and_follows_from_its_seed(n in 2usize..50, each in 1usize..30, seed: u64) {
        let work = throughput();
        let run = |i: usize| Run { round: i as u32, ..Run::default() };
        let runs: Vec<Run> = (0..n).map(run).collect();
        let values = |s: &Sides| -> Vec<u32> { s.a.iter().chain(&s.b).map(|r| r.round).collect() };
        match split(&work, &runs, each, seed) {
            None => prop_assert!(n < 2 * each),
            Some(sides) => {
                let neighbours = sides.a.iter().zip(&sides.b).all(|(a, b)| a.round / 2 == b.round / 2);
                prop_assert!(neighbours, "what is compared ran one after the other");
                prop_assert_eq!((sides.a.len(), sides.b.len()), (each, each));
                let mut all = values(&sides);
                prop_assert_eq!(&all, &values(&split(&work, &runs, each, seed).unwrap()));
                all.sort_unstable();
                all.dedup();
                prop_assert_eq!(all.len(), 2 * each);
            }
        }
    }
}
