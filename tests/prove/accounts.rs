//! Stalls against response times, without a process.

use gcrucible::artifact::interference::Stalled;
use gcrucible::artifact::observation::Slowest;
use gcrucible::artifact::unit::Ns;
use gcrucible::prove::arrivals;
use gcrucible::prove::stalls::{Account, LENGTHS, Schedule, account, layout};
use hdrhistogram::Histogram;
use proptest::prelude::*;

const BEGIN: u64 = 1_000_000_000;
const SCHEDULE: Schedule = Schedule {
    seed: 42,
    threads: 2,
    rate: 2000,
    ops: 2000,
};
const OPERATION: u64 = 30_000;

/// How the requests of a stopped server are recorded.
#[derive(Clone, Copy, PartialEq)]
enum Recorder {
    /// From intended start.
    Honest,
    /// A request that is late is never sent: coordinated omission.
    Omitting,
    /// From actual start.
    Service,
}

/// Two threads that serve in 30 us, and no thread runs while stopped.
fn serve(stalls: &[Stalled], recorder: Recorder) -> (Histogram<u64>, Vec<Slowest>) {
    let mut histogram = Histogram::new_with_bounds(1, 3_600_000_000_000, 3).unwrap();
    let mut told = Vec::new();
    for t in 0..SCHEDULE.threads {
        let mut free = 0;
        for offset in arrivals(SCHEDULE.seed, t, SCHEDULE.threads, SCHEDULE.rate, SCHEDULE.ops) {
            let due = BEGIN + offset;
            if recorder == Recorder::Omitting && free > due + 1_000_000 {
                continue;
            }
            let mut start = due.max(free);
            let mut end = start + OPERATION;
            for s in stalls {
                if (s.stopping.0..s.continued.0).contains(&start) {
                    (start, end) = (s.continued.0, s.continued.0 + OPERATION);
                } else if start < s.stopping.0 && end > s.stopping.0 {
                    end += s.continued.0 - s.stopping.0;
                }
            }
            free = end;
            let from = if recorder == Recorder::Service { start } else { due };
            histogram.record(end - from).unwrap();
            told.push(Slowest {
                intended: Ns(due),
                response: Ns(end - due),
            });
        }
    }
    told.sort_by_key(|s| s.intended);
    (histogram, told)
}

fn stall(at: u64, length: u64) -> Stalled {
    Stalled {
        stopping: Ns(at),
        stopped: Ns(at + 20_000),
        continuing: Ns(at + length),
        continued: Ns(at + length + 5_000),
    }
}

fn stalls(length: u64) -> Vec<Stalled> {
    (0..4)
        .map(|n| stall(BEGIN + 200_000_000 + n * (length + 50_000_000), length))
        .collect()
}

fn seen(stalls: &[Stalled], recorder: Recorder) -> Account {
    let (response, told) = serve(stalls, recorder);
    let (service, _) = serve(stalls, Recorder::Service);
    account(&SCHEDULE, Ns(BEGIN), stalls, &response, &service, &told).unwrap()
}

#[test]
fn a_response_time_for_each_request_that_was_due_accounts_for_all_and_service_times_for_one_a_thread() {
    for length in [5_000_000, 20_000_000, 100_000_000] {
        let stalls = stalls(length);
        let found = seen(&stalls, Recorder::Honest);
        assert!(found.due >= 4 * 2 * length as usize / 1_000_000 / 2, "{found:?}");
        assert_eq!(found.accounted, found.due);
        assert!(found.in_service <= 4 * 2, "{found:?}");
        assert_eq!(found.longest.0, length - 20_000);
        let (least, most) = found.wait;
        assert!(least <= most && most.0 <= length + 5_000, "{found:?}");
        assert!(
            least.0 >= length - 2_000_000,
            "a request is due soon after one of four stalls began: {found:?}"
        );
        assert!(
            found.slowest >= least && found.slowest.0 <= most.0 + 1_000_000,
            "{found:?}"
        );
    }
}

#[test]
fn a_loop_that_leaves_late_requests_out_is_found_out() {
    let found = seen(&stalls(100_000_000), Recorder::Omitting);
    assert!(found.accounted * 20 < found.due, "{found:?}");
}

#[test]
fn a_stall_that_the_response_times_have_at_half_its_length_is_not_accounted_for() {
    let made = stalls(100_000_000);
    let half: Vec<Stalled> = made.iter().map(|s| stall(s.stopping.0, 50_000_000)).collect();
    let (response, told) = serve(&half, Recorder::Honest);
    let found = account(&SCHEDULE, Ns(BEGIN), &made, &response, &response, &told).unwrap();
    assert!(found.accounted * 100 < found.due * 60, "{found:?}");
}

#[test]
fn a_runner_whose_requests_are_not_in_the_schedule_proves_nothing() {
    let made = stalls(20_000_000);
    let (response, mut told) = serve(&made, Recorder::Honest);
    told[100].intended.0 += 10;
    let why = account(&SCHEDULE, Ns(BEGIN), &made, &response, &response, &told).unwrap_err();
    assert!(why.contains("not in the schedule"), "{why}");
}

#[test]
fn a_schedule_is_read_from_the_request_as_it_was_sent() {
    let request = "protocol=1\nseed=42\nthreads=2\nops=2000\nrate=2000\nrun\n";
    assert_eq!(Schedule::of(request), Some(SCHEDULE));
    assert_eq!(Schedule::of("seed=42\nthreads=2\nops=2000\nrun\n"), None);
}

proptest! {
    #[test]
    fn no_recorded_value_accounts_for_two_requests(
        at in 150_000_000u64..400_000_000,
        length in 1_000_000u64..300_000_000,
    ) {
        let made = [stall(BEGIN + at, length)];
        let honest = seen(&made, Recorder::Honest);
        prop_assert_eq!(honest.accounted, honest.due);
        // Without stalls no request waits for anything but the one before it.
        let (calm, told) = serve(&[], Recorder::Honest);
        let none = account(&SCHEDULE, Ns(BEGIN), &made, &calm, &calm, &told).unwrap();
        prop_assert!(none.accounted <= none.due);
        let long = calm.iter_recorded().filter(|v| v.value_iterated_to() >= length / 2).map(|v| v.count_at_value()).sum::<u64>();
        prop_assert!(long > 0 || none.accounted <= none.due / 2 + 3, "{:?}", none);
    }

    #[test]
    fn stalls_are_laid_out_one_after_the_other_inside_the_window(seed: u64) {
        for (length, count) in LENGTHS {
            let (asked, seconds) = layout(length, count, seed);
            prop_assert_eq!(asked.len(), count);
            prop_assert!(asked[0].after.0 >= 200_000_000);
            for pair in asked.windows(2) {
                // A gap in which a backlog of twice the usual load is worked off.
                prop_assert!(pair[1].after.0 >= pair[0].after.0 + length.0 * 3 / 2 + 20_000_000);
            }
            let last = asked[count - 1];
            prop_assert!((last.after.0 + last.length.0) as f64 / 1e9 + 0.2 < seconds);
        }
    }
}
