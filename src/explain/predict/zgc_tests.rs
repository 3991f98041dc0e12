use super::*;
use crate::artifact::event::Place;
use crate::artifact::unit::Ns;

const M: u64 = 1 << 20;

/// 1000 MB: a collection of 20 ms of one worker begins at 700 MB and leaves 200 MB; 1 MB a ms between.
fn steady(collections: u64, stalls: bool) -> Model {
    of("Collection", collections, stalls)
}

fn of(kind: &str, collections: u64, stalls: bool) -> Model {
    let mut model = Model::default();
    let mut tell = |ms: u64, what: What| {
        model.hear(&Event {
            at: Some(Ns(ms * 1_000_000)),
            place: Place::default(),
            gc: None,
            what,
        });
    };
    for (name, value) in [
        ("CPUs", "2 total, 2 available"),
        ("Heap Max Capacity", "1000M"),
        ("GC Workers for Old Generation", "1 (dynamic)"),
        ("GC Workers for Young Generation", "1 (dynamic)"),
    ] {
        tell(0, What::Setting { name, value });
    }
    for n in 1..=collections {
        let at = n * 520;
        let duration = Ns(20_000_000);
        if stalls {
            let kind = Stall::Allocation;
            tell(
                at,
                What::Stall {
                    kind,
                    thread: None,
                    duration,
                },
            );
        }
        tell(
            at,
            What::Phase {
                name: "Concurrent Mark",
                duration,
            },
        );
        tell(
            at,
            What::Cycle(Cycle {
                kind,
                cause: Some("Allocation Rate"),
                begun: Some(Ns((at - 20) * 1_000_000)),
                duration: Some(duration),
                before: Some(Bytes(700 * M)),
                after: Some(Bytes(200 * M)),
                ..Cycle::default()
            }),
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
fn more_heap_is_more_time_between_collections() {
    let forecast = at(&steady(40, false), 2000);
    near(forecast.cycles_per_s.unwrap(), 1000.0 / 1520.0);
    near(forecast.peak_heap.unwrap().0 as f64, 1700.0 * M as f64);
    near(forecast.gc_cpu_share.unwrap(), 20.0 / 3040.0);
}

#[test]
fn the_present_heap_is_predicted_as_it_was_seen() {
    near(at(&steady(40, false), 1000).cycles_per_s.unwrap(), 1000.0 / 520.0);
}

#[test]
fn what_cannot_be_known_has_a_reason_and_no_figures() {
    for (model, heap, words) in [
        (steady(40, false), 400, "mutators stall"),
        (steady(40, true), 2000, "stalled 39 times"),
        (steady(4, false), 2000, "no steady level"),
        (Model::default(), 2000, "does not say its -Xmx"),
    ] {
        let forecast = at(&model, heap);
        assert_eq!(
            (forecast.cycles_per_s, forecast.peak_heap, forecast.gc_cpu_share),
            (None, None, None)
        );
        assert!(forecast.note().contains(words), "{}", forecast.note());
    }
}

#[test]
fn several_workers_are_no_known_cpu() {
    let mut model = steady(40, false);
    model.setting("GC Workers", "4 (dynamic)");
    let forecast = at(&model, 2000);
    assert!(forecast.cycles_per_s.is_some());
    assert_eq!(forecast.gc_cpu_share, None);
    assert!(forecast.note().contains("workers"), "{}", forecast.note());
}

#[test]
fn when_two_generations_are_collected_has_a_reason_and_no_figure() {
    let forecast = at(&of("Minor", 40, false), 2000);
    assert_eq!(
        (forecast.cycles_per_s, forecast.peak_heap, forecast.gc_cpu_share),
        (None, None, None)
    );
    assert!(forecast.note().contains("two generations"), "{}", forecast.note());
}
