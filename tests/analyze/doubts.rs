//! When each doubt speaks, and when it does not.

use gcrucible::artifact::doubt::Doubt;
use gcrucible::artifact::observation::Observation;
use gcrucible::artifact::unit::Bytes;

use crate::build::*;

/// The doubts of twelve equal rounds: none of them is for few rounds.
fn doubts(change: impl Fn(&mut Observation), metrics: &[(&str, f64)]) -> Vec<Doubt> {
    cell(&rounds(12, change), &constant(12, metrics)).doubts
}

#[test]
fn doubts_speak_where_their_rule_says_and_only_there() {
    assert_eq!(doubts(|_| (), &[("gc_cycles", 5.0)]), []);
    assert_eq!(doubts(|_| (), &[("gc_cycles", 0.0)]), [Doubt::NoCollections]);
    assert_eq!(
        cell(&rounds(9, |_| ()), &[]).doubts,
        [Doubt::FewRounds { rounds: 9 }]
    );

    let live = |found| doubts(move |o| o.memory.rest_used = Some(Bytes(found)), &[]);
    assert_eq!(live(1250), []);
    assert_eq!(
        live(1251),
        [Doubt::LiveDiffers {
            asked: 1000,
            found: 1251
        }]
    );
    assert_eq!(
        live(700),
        [Doubt::LiveDiffers {
            asked: 1000,
            found: 700
        }]
    );

    let mapped = |rss| {
        doubts(
            move |o| {
                o.memory.rss.insert("end".into(), Bytes(rss));
                o.memory.pss.insert("end".into(), Bytes(100));
            },
            &[],
        )
    };
    assert_eq!(mapped(110), []);
    assert_eq!(mapped(300), [Doubt::MultiplyMapped { rss: 300, pss: 100 }]);

    assert_eq!(doubts(|o| o.log_understood = Some(1.0), &[]), []);
    let partly = doubts(|o| o.log_understood = Some(0.5), &[]);
    assert_eq!(
        partly,
        [Doubt::PartlyRead {
            understood_percent: 50.0
        }]
    );

    let short = |n| {
        doubts(
            move |o| drop(o.histograms.insert("response".into(), histogram(1..=n))),
            &[],
        )
    };
    assert_eq!(short(100_000), []);
    assert_eq!(
        short(10_000),
        [Doubt::TailTooShort {
            quantile: 0.9999,
            n: 10_000
        }]
    );
    assert_eq!(short(9_999).len(), 2);
}

#[test]
fn a_thread_that_stood_still_is_believed_unless_the_idle_control_stood_still_too() {
    let seen = |watcher: f64, control: f64| {
        doubts(
            |_| (),
            &[
                ("pause_max_ns", 1e5),
                ("watcher_max_ns", watcher),
                ("control_max_ns", control),
            ],
        )
    };
    assert_eq!(
        seen(1e8, 1e5),
        [Doubt::WatcherDisagrees {
            declared_ns: 100_000,
            watcher_ns: 100_000_000
        }]
    );
    assert_eq!(seen(1e8, 9e7), []);
    assert_eq!(seen(1.9e5, 1e4), []);
}

#[test]
fn the_noise_floor_is_pooled_from_the_idle_control_and_marks_what_lies_under_it() {
    let observations = rounds(12, noisy);
    let found = analysis(&observations, &constant(12, &[("pause_max_ns", 20_000.0)]));
    let noise = found.noise.unwrap();
    assert_eq!(noise.n, 12_000);
    assert!((50_000..50_100).contains(&noise.p99.0));
    let expected = Doubt::UnderNoiseFloor {
        value_ns: 20_000,
        floor_ns: noise.p99.0,
    };
    assert_eq!(found.cells[CELL].doubts, [expected]);
    assert_eq!(analysis(&rounds(12, |_| ()), &[]).noise, None);
}
