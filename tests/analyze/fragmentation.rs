//! Epochs, blocks and the drop of the load: what a cell's runs come to together.

use gcrucible::artifact::axis::Axis;
use gcrucible::artifact::fragmentation::{Course, Fragmentation, LONG_RUN};
use gcrucible::artifact::observation::*;
use gcrucible::artifact::sample::Sample;
use gcrucible::artifact::unit::{Bytes, Ns};

use crate::build::*;

const MS: u64 = 1_000_000;

fn epoch(index: u32, resident: u64) -> Epoch {
    Epoch {
        index,
        at: Ns(1),
        live: Bytes(1000),
        heap_used: Bytes(1100),
        heap_committed: Bytes(1500),
        resident: Bytes(resident),
        held: None,
        waste: None,
    }
}

fn told(observations: &[Observation], samples: &[Sample]) -> Fragmentation {
    cell(observations, samples).fragmentation.unwrap()
}

/// Runs with these slopes, each over 20 epochs.
fn sloped(slopes: &[f64]) -> Fragmentation {
    let observations = rounds(slopes.len() as u32, |o| {
        o.epochs = (0..20).map(|index| epoch(index, 1000)).collect();
    });
    let samples: Vec<Sample> = (1..)
        .zip(slopes)
        .map(|(round, slope)| sample(round, "frag_slope", *slope))
        .collect();
    told(&observations, &samples)
}

#[test]
fn a_course_is_told_where_the_interval_of_the_runs_slopes_allows_it() {
    let course = |slopes: &[f64]| sloped(slopes).slope.unwrap().course;
    assert_eq!(course(&[0.030, 0.031, 0.032]), Course::Rises);
    assert_eq!(course(&[-0.030, -0.031, -0.032]), Course::Falls);
    assert_eq!(course(&[0.0001, -0.0001, 0.0]), Course::Flat);
    // All rise, but three runs as far apart as these might as well have been others.
    assert_eq!(course(&[0.01, 0.03, 0.09]), Course::NotKnown);
    // Certainly above zero, and certainly less than matters: neither.
    assert_eq!(course(&[0.0020, 0.0025, 0.0030]), Course::NotKnown);
    assert_eq!(course(&[0.03]), Course::NotKnown);
}

#[test]
fn a_slope_says_of_how_many_runs_and_epochs_it_is_and_what_counts_as_flat() {
    let slope = sloped(&[0.01, 0.03, 0.02, 0.04]).slope.unwrap();
    assert_eq!((slope.n, slope.epochs, slope.median), (4, 19, 0.025));
    let (lo, hi) = slope.interval.unwrap();
    assert!(lo < 0.01 && hi > 0.04, "few runs: wider than their range");
    assert!((slope.band * f64::from(LONG_RUN) - Axis::Fragmentation.band()).abs() < 1e-12);
    let one = sloped(&[0.01]).slope.unwrap();
    assert_eq!((one.n, one.interval), (1, None));
}

/// Live 1000, of which 100 remain; samples every 10 ms for 400 ms after the drop.
fn dropped(o: &mut Observation, resident: impl Fn(u64) -> u64) {
    let drop = 50_000 + 100 * MS * u64::from(o.round);
    o.marks.insert("drop".into(), Ns(drop));
    o.marks.insert("return".into(), Ns(drop + 400 * MS));
    let sample = |i: u64| (Ns(drop - 5 * MS + i * 10 * MS), Bytes(resident(i * 10)));
    o.memory.series = (0..60).map(sample).collect();
}

#[test]
fn a_return_curve_is_the_median_over_runs_at_common_times_since_each_ones_own_drop() {
    let observations = rounds(3, |o| {
        let left = 100 * u64::from(o.round);
        dropped(o, move |ms| if ms < 200 { 2000 } else { left });
    });
    let returned = told(&observations, &[]).returned.unwrap();
    assert_eq!(returned.waited, Ns(400 * MS));
    assert_eq!(returned.curve.first(), Some(&(Ns(0), 20.0)));
    assert_eq!(returned.curve.last(), Some(&(Ns(400 * MS), 2.0)));
    assert!(returned.curve.iter().is_sorted_by_key(|(at, _)| *at));
    let at_200 = returned.curve.iter().find(|(at, _)| *at >= Ns(200 * MS)).unwrap();
    assert_eq!(at_200.1, 2.0, "before the drop lay half a sample");
}

#[test]
fn a_run_that_never_gave_back_is_kept_as_one_that_did_not() {
    let observations = rounds(3, |o| {
        let left = if o.round == 2 { 126 } else { 125 };
        dropped(o, move |ms| if ms < 100 { 2000 } else { left });
    });
    let returned = told(&observations, &[]).returned.unwrap();
    assert_eq!(returned.within, [Some(Ns(95 * MS)), None, Some(Ns(95 * MS))]);
    assert_eq!((returned.never(), returned.median()), (1, Some(Ns(95 * MS))));
}

#[test]
fn the_shortest_wait_ends_the_curve_of_all() {
    let observations = rounds(2, |o| {
        dropped(o, |_| 2000);
        if o.round == 2 {
            let drop = o.marks["drop"].0;
            o.marks.insert("return".into(), Ns(drop + 50 * MS));
        }
    });
    let returned = told(&observations, &[]).returned.unwrap();
    assert_eq!(returned.waited, Ns(50 * MS));
    assert_eq!(returned.curve.last(), Some(&(Ns(50 * MS), 20.0)));
}

#[test]
fn blocks_are_counted_by_size_and_the_largest_is_one_that_every_run_could_have() {
    let observations = rounds(3, |o| {
        let probe = |mib: u64, took| Probe {
            bytes: Bytes(mib << 20),
            took,
        };
        let round = u64::from(o.round);
        o.probes = vec![probe(1, Some(Ns(round))), probe(2, Some(Ns(10 * round)))];
        // The second run is refused 4 MiB; the others go on.
        o.probes.push(probe(4, (round != 2).then_some(Ns(5))));
        if round != 2 {
            o.probes.push(probe(8, Some(Ns(9))));
        }
    });
    let told = told(&observations, &[]);
    let counts: Vec<(u64, u32, u32)> = told
        .blocks
        .iter()
        .map(|b| (b.bytes.0 >> 20, b.asked, b.served))
        .collect();
    assert_eq!(counts, [(1, 3, 3), (2, 3, 3), (4, 3, 2), (8, 2, 2)]);
    let largest = told.largest().unwrap();
    assert_eq!(
        (largest.bytes, largest.took.as_ref().unwrap().median),
        (Bytes(2 << 20), 20.0)
    );
    assert_eq!(told.refused().unwrap().bytes, Bytes(4 << 20));
}

#[test]
fn what_is_held_free_and_wasted_is_a_median_over_the_runs_that_tell() {
    let observations = rounds(3, |o| {
        let mut e = epoch(0, 2000);
        e.held = (o.round != 2).then_some(Bytes(100 * u64::from(o.round)));
        o.epochs = vec![e];
    });
    let epochs = cell(&observations, &[]).epochs;
    assert_eq!(epochs[0].held_over_live, Some(0.2));
    assert_eq!(epochs[0].waste_over_live, None);
}

#[test]
fn epochs_count_pages_that_are_mapped_more_than_once_once_as_their_metric_does() {
    let observations = rounds(1, |o| {
        o.epochs = vec![epoch(0, 3000)];
        o.memory.rss.insert("end".into(), Bytes(3000));
        o.memory.pss.insert("end".into(), Bytes(1000));
    });
    let resident = cell(&observations, &[]).epochs[0].resident_over_live;
    assert!((resident - 1.0).abs() < 1e-12, "{resident}");
}

#[test]
fn a_work_without_epochs_and_without_a_drop_has_none_of_it() {
    assert_eq!(cell(&rounds(2, |_| ()), &[]).fragmentation, None);
}
