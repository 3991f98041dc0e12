use super::*;
use crate::artifact::event::Place;
use crate::artifact::unit::Ns;

const CPU_MS: u64 = 20;

struct Program {
    /// Percent; None with a limit's goal.
    gogc: Option<u64>,
    goal: u64,
    reachable: u64,
    /// MB allocated during marking.
    growth: u64,
    idle_ms: u64,
    cycles: u64,
}

impl Program {
    /// Two CPUs; mutators allocate 1 MB a CPU ms; marking takes 20 CPU ms whatever the goal.
    fn run(&self) -> Model {
        let mut model = Model::default();
        let (mut at, mut live) = (0, self.reachable + self.growth);
        for number in 0..self.cycles {
            let goal = self.gogc.map_or(self.goal, |gogc| live + live * gogc / 100);
            let ms = (goal - live + CPU_MS) / 2;
            at += ms;
            let mark = 4;
            let mb = |n: u64| Some(Bytes(n << 20));
            let event = |what| Event {
                at: None,
                place: Place::default(),
                gc: Some(number + 2),
                what,
            };
            model.hear(&event(What::GoCpu(GoCpu {
                marking: Ns(mark * 1_000_000),
                assist: Ns(5_000_000),
                background: Ns(15_000_000),
                idle: Ns(self.idle_ms * 1_000_000),
                procs: 2,
                ..GoCpu::default()
            })));
            model.hear(&event(What::Cycle(Cycle {
                kind: "mark",
                begun: Some(Ns((at - mark) * 1_000_000)),
                duration: Some(Ns(mark * 1_000_000)),
                before: mb(goal - self.growth),
                at_the_end: mb(goal),
                live: mb(self.reachable + self.growth),
                goal: mb(goal),
                ..Cycle::default()
            })));
            live = self.reachable + self.growth;
        }
        model
    }
}

fn steady() -> Program {
    Program {
        gogc: Some(100),
        goal: 0,
        reachable: 70,
        growth: 30,
        idle_ms: 0,
        cycles: 40,
    }
}

fn near(figure: f64, expected: f64) {
    assert!((figure / expected - 1.0).abs() < 0.02, "{figure}, not {expected}");
}

#[test]
fn the_present_setting_is_predicted_as_it_was_seen() {
    let forecast = steady().run().at(Setting::Gogc(100));
    // 100 MB to allocate at 1 MB a CPU ms and 20 CPU ms of marking, on two CPUs: 60 ms.
    near(forecast.cycles_per_s.unwrap(), 1000.0 / 60.0);
    near(forecast.peak_heap.unwrap().0 as f64, 200.5 * MIB);
    near(forecast.gc_cpu_share.unwrap(), 20.0 / 120.0);
}

#[test]
fn at_half_the_gogc_less_is_allocated_during_marking_and_stays() {
    // live = 70 + 0.3 x live / 2, so 82.35; goal 123.5; 41.2 MB to allocate in (41.2 + 20) / 2 ms.
    let forecast = steady().run().at(Setting::Gogc(50));
    near(forecast.peak_heap.unwrap().0 as f64, 123.5 * MIB);
    near(forecast.cycles_per_s.unwrap(), 1000.0 / 30.6);
    near(forecast.gc_cpu_share.unwrap(), 20.0 / 61.2);
}

#[test]
fn a_load_from_outside_allocates_at_the_same_rate_whatever_the_collector_takes() {
    let model = Program {
        idle_ms: 60,
        ..steady()
    }
    .run();
    let forecast = model.at(Setting::Gogc(50));
    near(forecast.cycles_per_s.unwrap(), 1000.0 / 60.0 * 100.0 / 41.2);
    assert!(
        forecast.note().contains("allocation rate is taken to stay"),
        "{}",
        forecast.note()
    );
}

#[test]
fn half_and_double_and_a_limit_are_what_is_tried() {
    let settings: Vec<Setting> = steady().run().settings();
    assert_eq!(settings[..2], [Setting::Gogc(50), Setting::Gogc(200)]);
    assert!(matches!(settings[2], Setting::MemoryLimit(_)));
}

#[test]
fn a_limit_is_predicted_with_its_overhead_said() {
    let limit = Bytes(300 << 20);
    let forecast = steady().run().at(Setting::MemoryLimit(limit));
    near(
        forecast.peak_heap.unwrap().0 as f64,
        (300.0 - 8.0 - 12.0) * 0.97 * MIB,
    );
    assert!(
        forecast.note().contains("not in a gctrace"),
        "{}",
        forecast.note()
    );
}

#[test]
fn a_limit_below_the_live_heap_has_a_reason_and_no_figures() {
    let forecast = steady().run().at(Setting::MemoryLimit(Bytes(80 << 20)));
    assert_eq!((forecast.cycles_per_s, forecast.peak_heap), (None, None));
    assert!(forecast.note().contains("without end"), "{}", forecast.note());
}

#[test]
fn a_goal_that_stays_while_the_live_heap_grows_is_a_limits() {
    let mut model = Program {
        gogc: None,
        goal: 300,
        ..steady()
    }
    .run();
    model.first_goal = Some(295.0 * MIB);
    assert!(matches!(model.steady().unwrap().1, Regime::Limit(_)));
    model.first_goal = Some(8.0 * MIB);
    assert!(matches!(model.steady().unwrap().1, Regime::Gogc(_)));
}

#[test]
fn without_a_steady_state_there_are_reasons_and_no_figures() {
    for cycles in [0, 1, 6] {
        let forecast = Program { cycles, ..steady() }.run().at(Setting::Gogc(50));
        assert_eq!(
            (forecast.cycles_per_s, forecast.peak_heap, forecast.gc_cpu_share),
            (None, None, None)
        );
        assert!(forecast.note().contains("no steady level"), "{}", forecast.note());
    }
}

#[test]
fn goal_and_limit_are_each_others_inverse() {
    for limit in [16.0, 64.0, 1024.0, 65536.0] {
        near(limit_of(goal_of(limit * MIB, MIB), MIB), limit * MIB);
    }
}
