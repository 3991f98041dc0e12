use super::*;
use crate::artifact::event::Place;
use crate::artifact::unit::Ns;

const M: u64 = 1 << 20;

fn tell(model: &mut Model, ms: u64, what: What) {
    model.hear(&Event {
        at: Some(Ns(ms * 1_000_000)),
        place: Place::default(),
        gc: None,
        what,
    });
}

/// 1000 MB of heap, 100 MB old, 10 MB of survivors; eden is the rest of 600 MB and fills in 590 ms; a pause takes 10 ms of both CPUs.
fn steady(collections: u64) -> Model {
    let mut model = Model::default();
    for (name, value) in [
        ("CPUs", "2 total, 2 available"),
        ("Heap Region Size", "1M"),
        ("Heap Max Capacity", "1000M"),
        ("Concurrent Workers", "1"),
    ] {
        tell(&mut model, 0, What::Setting { name, value });
    }
    for n in 1..=collections {
        let at = n * 600;
        for (name, before, after) in [("Eden", 590, 0), ("Survivor", 10, 10), ("Old", 100, 100)] {
            let regions = |n| Amount::Regions(n);
            let space = Space {
                name,
                before: regions(before),
                after: regions(after),
                capacity: None,
            };
            tell(&mut model, at, What::Space(space));
        }
        let duration = Ns(10_000_000);
        tell(
            &mut model,
            at,
            What::Declared {
                name: "Pause Young",
                note: None,
                duration,
            },
        );
        tell(
            &mut model,
            at,
            What::Cycle(Cycle {
                kind: "Young",
                before: Some(Bytes(700 * M)),
                after: Some(Bytes(110 * M)),
                capacity: Some(Bytes(1000 * M)),
                duration: Some(duration),
                ..Cycle::default()
            }),
        );
        tell(
            &mut model,
            at,
            What::Cpu {
                user: Ns(20_000_000),
                system: Ns(0),
                real: duration,
            },
        );
    }
    model
}

fn near(figure: f64, expected: f64) {
    assert!((figure / expected - 1.0).abs() < 0.02, "{figure}, not {expected}");
}

fn at(model: &Model, mb: u64) -> Forecast {
    model.at(Setting::HeapMax(Bytes(mb * M)), Bytes(mb * M))
}

#[test]
fn the_present_heap_is_predicted_as_it_was_seen() {
    let forecast = at(&steady(40), 1000);
    near(forecast.cycles_per_s.unwrap(), 1000.0 / 600.0);
    near(forecast.peak_heap.unwrap().0 as f64, 700.0 * M as f64);
    near(forecast.gc_cpu_share.unwrap(), 20.0 / 1200.0);
}

#[test]
fn eden_grows_with_the_heap_and_survivors_do_not() {
    // 1190 MB of eden; the pause is the same, for the same survivors.
    let forecast = at(&steady(40), 2000);
    near(forecast.cycles_per_s.unwrap(), 1000.0 / 1200.0);
    near(forecast.gc_cpu_share.unwrap(), 20.0 / 2400.0);
}

#[test]
fn a_heap_that_the_old_regions_fill_has_a_reason_and_no_figures() {
    let forecast = at(&steady(40), 125);
    assert_eq!(
        (forecast.cycles_per_s, forecast.peak_heap, forecast.gc_cpu_share),
        (None, None, None)
    );
    assert!(
        forecast.note().contains("full collections would follow"),
        "{}",
        forecast.note()
    );
}

#[test]
fn without_a_steady_state_there_are_reasons_and_no_figures() {
    let forecast = at(&steady(5), 500);
    assert_eq!(
        (forecast.cycles_per_s, forecast.peak_heap, forecast.gc_cpu_share),
        (None, None, None)
    );
    assert!(forecast.note().contains("no steady level"), "{}", forecast.note());
}

#[test]
fn a_heap_below_its_maximum_is_not_bound_by_it() {
    let mut model = steady(40);
    model.max = Some(4000 * M);
    assert!(
        at(&model, 2000).note().contains("did not bind"),
        "{}",
        at(&model, 2000).note()
    );
}

#[test]
fn too_few_ticks_of_cpu_are_no_share() {
    let forecast = at(&steady(9), 1000);
    assert!(forecast.cycles_per_s.is_some());
    assert_eq!(forecast.gc_cpu_share, None);
    assert!(forecast.note().contains("ticks of 10 ms"), "{}", forecast.note());
    assert!(at(&steady(40), 1000).gc_cpu_share.is_some());
}

#[test]
fn an_eden_kept_small_for_the_pause_goal_is_no_matter_of_the_heap() {
    let mut model = steady(40);
    // The same collections, each of a fifth of the room.
    let mut sum = model.history.steady(STEADY).unwrap().0;
    sum.volume /= 5.0;
    sum.plain_volume /= 5.0;
    model.history = History::default();
    model.history.push(sum);
    let forecast = at(&model, 2000);
    assert_eq!((forecast.cycles_per_s, forecast.gc_cpu_share), (None, None));
    assert!(forecast.note().contains("pause goal"), "{}", forecast.note());
}
