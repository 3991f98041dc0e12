//! What the runs of a cell are said to have done: flat, warm-up, slowdown or no steady state.

use gcrucible::artifact::doubt::Doubt;
use gcrucible::artifact::observation::{Observation, Progress};
use gcrucible::artifact::steady::{Course, Steady};
use gcrucible::artifact::unit::Ns;

use crate::build::*;

/// 100 blocks on two threads, of which the second takes 1 ms more; `time` gives a block's in units of 10 us, and there is some noise.
fn progress(time: impl Fn(usize) -> u64) -> Progress {
    let thread = |more: u64| {
        (0..100)
            .map(|i| Ns(10_000 * (time(i) + more + (i as u64 * 7919) % 13)))
            .collect()
    };
    Progress {
        block: 10,
        threads: vec![thread(0), thread(100)],
    }
}

fn told(o: &mut Observation, progress: Progress) {
    o.ops = 2 * 10 * 100;
    o.progress = Some(progress);
}

fn warming(until: usize) -> impl Fn(usize) -> u64 {
    move |i| if i < until { 2000 } else { 1000 }
}

fn steady(change: impl Fn(&mut Observation)) -> (Option<Steady>, Vec<Doubt>) {
    let cell = cell(&rounds(12, change), &constant(12, &[("gc_cycles", 5.0)]));
    (cell.steady, cell.doubts)
}

#[test]
fn a_run_that_does_not_tell_has_no_course_and_no_doubt() {
    assert_eq!(steady(|_| ()), (None, vec![]));
}

#[test]
fn equal_blocks_are_flat_and_threads_are_merged_by_their_mean() {
    let (found, doubts) = steady(|o| told(o, progress(|_| 1000)));
    let found = found.unwrap();
    assert_eq!(
        (found.count(Course::Flat), found.told(), doubts),
        (12, 12, vec![])
    );
    let worst = found.worst.unwrap();
    assert_eq!((worst.invocation.as_str(), worst.block), ("r1", 10));
    assert_eq!(worst.times[0], Ns(10_500_000));
    assert_eq!(worst.times.len(), 100);
}

#[test]
fn runs_that_reach_no_steady_state_or_reach_it_late_are_doubted_and_counted() {
    let (found, doubts) = steady(|o| {
        let until = match o.round {
            1 => 3,  // 6 % of the time
            2 => 30, // 45 %
            3 => 90, // 95 %: what is left is not enough for a state
            _ => 0,
        };
        told(o, progress(warming(until)));
    });
    let found = found.unwrap();
    assert_eq!(
        doubts,
        [Doubt::NoSteadyState {
            invocations: 2,
            of: 12
        }]
    );
    let course = |i: usize| (found.runs[i].course, (found.runs[i].before * 100.0).round());
    assert_eq!(course(0), (Course::WarmUp, 6.0));
    assert_eq!(course(1), (Course::WarmUp, 45.0));
    assert_eq!(found.runs[2].course, Course::NoSteadyState);
    assert_eq!(course(3), (Course::Flat, 0.0));
    assert_eq!(found.worst.unwrap().invocation, "r3");
}

#[test]
fn a_slowdown_is_told_and_not_doubted() {
    let (found, doubts) = steady(|o| told(o, progress(|i| if i < 40 { 1000 } else { 1500 })));
    assert_eq!((found.unwrap().count(Course::Slowdown), doubts), (12, vec![]));
}

#[test]
fn a_last_block_with_fewer_operations_is_no_other_blocks_equal_and_is_left_out() {
    let (found, _) = steady(|o| {
        told(o, progress(|i| if i < 99 { 1000 } else { 300 }));
        o.ops -= 2 * 7;
    });
    let found = found.unwrap();
    assert_eq!((found.runs[0].blocks, found.runs[0].outliers), (99, 0));
}

#[test]
fn runs_of_few_blocks_are_too_short_for_a_course() {
    let (found, doubts) = steady(|o| {
        told(o, progress(warming(10)));
        for thread in &mut o.progress.as_mut().unwrap().threads {
            thread.truncate(31);
        }
    });
    let found = found.unwrap();
    assert_eq!(
        (found.count(Course::TooShort), found.told(), found.worst),
        (12, 0, None)
    );
    assert_eq!(doubts, []);
}

#[test]
fn short_blocks_are_merged_so_that_the_series_is_not_the_schedulers() {
    // 100 blocks of 10.5 ms become 1.05 ms: five make 5 ms.
    let (found, _) = steady(|o| {
        told(o, progress(|_| 1000));
        for time in o.progress.as_mut().unwrap().threads.iter_mut().flatten() {
            time.0 /= 10;
        }
    });
    let found = found.unwrap();
    assert_eq!(
        (found.runs[0].blocks, found.runs[0].course),
        (20, Course::TooShort)
    );
    let (found, _) = steady(|o| {
        told(o, progress(|_| 1000));
        for time in o.progress.as_mut().unwrap().threads.iter_mut().flatten() {
            time.0 /= 4;
        }
    });
    let worst = found.unwrap().worst.unwrap();
    assert_eq!((worst.block, worst.times.len()), (20, 50));
    assert!(worst.times.iter().all(|t| t.0 >= 5_000_000));
}

#[test]
fn a_stray_block_is_counted_and_stays() {
    let (found, _) = steady(|o| told(o, progress(|i| if i == 50 { 40_000 } else { 1000 })));
    let found = found.unwrap();
    assert_eq!((found.runs[0].course, found.runs[0].outliers), (Course::Flat, 1));
    let worst = found.worst.unwrap();
    assert_eq!(
        (worst.outliers, worst.times[50].0 > 400_000_000),
        (vec![50], true)
    );
}

#[test]
fn nonsense_from_an_old_file_makes_no_panic() {
    for (block, threads) in [
        (0, vec![]),
        (1, vec![]),
        (0, vec![vec![Ns(1)]]),
        (1, vec![vec![], vec![Ns(1)]]),
        (1, vec![vec![Ns(0); 100]]),
        (1, vec![vec![Ns(u64::MAX); 100]]),
    ] {
        let (found, _) = steady(|o| {
            o.ops = u64::MAX;
            o.progress = Some(Progress {
                block,
                threads: threads.clone(),
            });
        });
        assert_eq!(found.unwrap().runs.len(), 12);
    }
}
