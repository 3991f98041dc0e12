//! When is a load beyond what a collector carries? A queue is played through: requests on a Poisson schedule, one server a thread, and
//! stops during which nobody serves. What the runner would have kept of it is then judged.

use gcrucible::artifact::observation::{Observation, Slowest};
use gcrucible::artifact::unit::Ns;

use super::{MS, PERCENTILES, blank, histogram, is, metrics, observation};

const BEGIN: u64 = 1_000 * MS;
const WINDOW: u64 = 3_000 * MS;
const SLICES: u64 = 1_000;
const THREADS: u64 = 2;

struct Random(u64);

impl Random {
    /// splitmix64, in (0, 1].
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (((z ^ (z >> 31)) >> 11) + 1) as f64 / (1u64 << 53) as f64
    }
}

/// A queue to play through; times in ns since the begin of the window.
struct Queue {
    /// Offered, requests a second over all threads.
    rate: f64,
    /// ns that a request takes, by the thread and the time at which it is served.
    service: fn(u64, u64) -> u64,
    /// (from, to): no request is served in between.
    stops: Vec<(u64, u64)>,
    seed: u64,
}

/// 10 000 requests a second are what two servers of 200 us carry.
fn steady(rate: f64) -> Queue {
    Queue {
        rate,
        service: |_, _| 200_000,
        stops: Vec::new(),
        seed: 1,
    }
}

impl Queue {
    fn stopped(mut self, from_ms: u64, for_ms: u64) -> Queue {
        self.stops.push((from_ms * MS, (from_ms + for_ms) * MS));
        self
    }

    fn play(&self) -> Observation {
        let mut requests: Vec<(u64, u64, u64)> = Vec::new();
        let mut end = 0;
        for thread in 0..THREADS {
            let mut random = Random(self.seed * 1000 + thread);
            let (mut due, mut free) = (0.0, 0);
            loop {
                due += -random.next().ln() * 1e9 * THREADS as f64 / self.rate;
                let intended = due as u64;
                if intended >= WINDOW {
                    break;
                }
                let start = self.past_stops(free.max(intended));
                free = self.served(thread, start);
                requests.push((intended, free - intended, free - start));
                end = end.max(free);
            }
        }
        let mut slices = vec![None::<Slowest>; SLICES as usize];
        for (intended, response, _) in &requests {
            let slice = &mut slices[(intended * SLICES / WINDOW) as usize];
            if slice.is_none_or(|s| s.response.0 < *response) {
                *slice = Some(Slowest {
                    intended: Ns(BEGIN + intended),
                    response: Ns(*response),
                });
            }
        }
        let mut o = observation();
        o.ops = requests.len() as u64;
        o.rate = Some(self.rate);
        o.marks.insert("begin".into(), Ns(BEGIN));
        o.marks.insert("end".into(), Ns(BEGIN + end));
        o.histograms
            .insert("response".into(), histogram(requests.iter().map(|r| r.1)));
        o.histograms
            .insert("service".into(), histogram(requests.iter().map(|r| r.2)));
        o.slowest = slices.into_iter().flatten().collect();
        o
    }

    fn past_stops(&self, mut at: u64) -> u64 {
        for (from, to) in &self.stops {
            if (*from..*to).contains(&at) {
                at = *to;
            }
        }
        at
    }

    /// A stop that begins within a request is added to it.
    fn served(&self, thread: u64, start: u64) -> u64 {
        let mut end = start + (self.service)(thread, start);
        for (from, to) in &self.stops {
            if (start..end).contains(from) {
                end += to - from;
            }
        }
        end
    }
}

#[track_caller]
fn carried(queue: &Queue) {
    let all = metrics(&queue.play());
    is(&all, "saturated", 0.0);
    assert!(all.contains_key("response_p50_ns"));
}

#[track_caller]
fn beyond(queue: &Queue) {
    let all = metrics(&queue.play());
    is(&all, "saturated", 1.0);
    blank(&all, PERCENTILES);
    let (offered, achieved) = (all["rate"], all["ops_per_s"]);
    assert!(
        achieved < offered,
        "{achieved} a second of {offered} is still told"
    );
    assert!(all.contains_key("service_p99_ns"));
}

#[test]
fn a_steady_load_is_carried_up_to_the_capacity() {
    for seed in 1..=8 {
        for rate in [1_000.0, 5_000.0, 8_500.0, 9_800.0] {
            carried(&Queue { seed, ..steady(rate) });
        }
    }
}

#[test]
fn more_than_the_capacity_makes_the_backlog_grow() {
    for seed in 1..=8 {
        for rate in [10_500.0, 12_000.0, 20_000.0] {
            beyond(&Queue { seed, ..steady(rate) });
        }
    }
}

#[test]
fn one_long_stop_that_drains_is_no_saturation() {
    // A second of three, and as long again to work the queue off: the median request waited, and yet the load is carried.
    let queue = steady(5_000.0).stopped(600, 1_000);
    let o = queue.play();
    carried(&queue);
    assert!(metrics(&o)["response_p50_ns"] > 100e6);
}

#[test]
fn one_long_stop_that_the_window_leaves_no_time_to_work_off_is_none_either() {
    for at in [100, 900, 1_500, 1_900, 2_300, 2_700] {
        carried(&steady(8_500.0).stopped(at, 500));
    }
    // It outlasts the schedule by more than half a second.
    carried(&steady(5_000.0).stopped(2_900, 600));
}

#[test]
fn stops_that_come_again_and_drain_are_carried() {
    let mut queue = steady(7_000.0);
    for at in (100..3_000).step_by(300) {
        queue = queue.stopped(at, 50);
    }
    carried(&queue);
}

#[test]
fn stops_that_come_again_before_the_last_was_worked_off_are_not() {
    for step in [300, 700] {
        let mut queue = steady(8_000.0);
        for at in (100..3_000).step_by(step) {
            queue = queue.stopped(at, step as u64 * 2 / 5);
        }
        beyond(&queue);
    }
}

#[test]
fn a_slow_start_that_is_made_up_for_is_carried() {
    carried(&Queue {
        service: |_, at| if at < 500 * MS { 600_000 } else { 200_000 },
        ..steady(5_000.0)
    });
}

#[test]
fn a_backlog_that_begins_to_grow_at_half_of_the_window_is_seen() {
    beyond(&Queue {
        service: |_, at| if at > 1_400 * MS { 400_000 } else { 200_000 },
        ..steady(6_000.0)
    });
}

#[test]
fn one_thread_that_cannot_keep_up_is_not_hidden_by_the_other() {
    for seed in 1..=8 {
        for rate in [500.0, 2_000.0] {
            // The second takes all that it has, and a fifth more; in many slices only the first has a request.
            let queue = Queue {
                seed,
                service: if rate < 1_000.0 {
                    |thread, _| if thread == 1 { 4_800_000 } else { 200_000 }
                } else {
                    |thread, _| if thread == 1 { 1_200_000 } else { 200_000 }
                },
                ..steady(rate)
            };
            beyond(&queue);
        }
    }
}

#[test]
fn long_requests_are_no_queue() {
    // 20 ms each, and each thread is asked for one every 50 ms.
    carried(&Queue {
        service: |_, _| 20 * MS,
        ..steady(40.0)
    });
}

#[test]
fn without_the_slowest_requests_the_length_of_the_window_decides() {
    let mut o = steady(12_000.0).play();
    o.slowest.clear();
    is(&metrics(&o), "saturated", 1.0);
    let mut o = steady(5_000.0).play();
    o.slowest.clear();
    is(&metrics(&o), "saturated", 0.0);
}

/// The figures of docs/METHOD.md.
#[test]
#[ignore = "half a minute: cargo test --test sample saturation -- --ignored --nocapture"]
fn how_sharp_the_line_is() {
    let called = |rate: f64| {
        let saturated = |seed: &u64| {
            let queue = Queue {
                seed: *seed,
                ..steady(rate)
            };
            metrics(&queue.play())["saturated"] > 0.0
        };
        let n = (1..=100).filter(saturated).count();
        eprintln!("offered {rate} of 10000 requests a second: {n} of 100 windows are saturated");
        n
    };
    assert_eq!([called(9_500.0), called(9_800.0)], [0, 0]);
    called(10_000.0);
    called(10_200.0);
    assert_eq!(called(10_500.0), 100);
}
