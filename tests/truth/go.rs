//! Go's gctrace beside the runtime's exact accounts of the same cycles.

use std::collections::BTreeMap;

use gcrucible::artifact::event::{GoCpu, What, Writer};

use super::live::{self, Answer};

/// What a cycle's line tells: its two stops, and its CPU.
#[derive(Default)]
struct Cycle {
    stops: Vec<u64>,
    cpu: GoCpu,
}

/// fmtNSAsMS in mgc.go cuts off what is behind two digits (whole ms from 10 ms on), so a figure stands for a range.
#[derive(Clone, Copy, Default)]
struct Range {
    from: u64,
    to: u64,
}

impl Range {
    fn of(printed: u64) -> Range {
        let mut step = 1000;
        while printed / step >= 100 {
            step *= 10;
        }
        if printed >= 10_000_000 {
            step = 1_000_000;
        }
        Range {
            from: printed,
            to: printed + step,
        }
    }

    fn sum(printed: impl Iterator<Item = u64>) -> Range {
        printed.map(Range::of).fold(Range::default(), |sum, one| Range {
            from: sum.from + one.from,
            to: sum.to + one.to,
        })
    }

    /// How far an exact figure lies outside, as a share of it.
    fn off(self, exact: u64) -> f64 {
        let outside = self.from.saturating_sub(exact) as f64 - exact.saturating_sub(self.to) as f64;
        outside / exact.max(1) as f64
    }

    fn middle(self) -> f64 {
        (self.from + self.to) as f64 / 2.0
    }
}

/// A cumulative histogram: bounds -> count.
fn buckets(text: &str) -> BTreeMap<(u64, u64), u64> {
    let parts = text.split(';').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let [lo, hi, count]: [u64; 3] = part
                .split(':')
                .map(|n| n.parse().unwrap())
                .collect::<Vec<_>>()
                .try_into()
                .unwrap();
            ((lo, hi), count)
        })
        .collect()
}

struct Window<'a> {
    answer: &'a Answer,
    cycles: BTreeMap<u64, Cycle>,
    first: u64,
    last: u64,
}

impl Window<'_> {
    fn grown(&self, counter: &str) -> u64 {
        let read = |when: &str| -> u64 { self.answer.value(&format!("{when}.{counter}")).parse().unwrap() };
        read("after") - read("before")
    }

    fn sum(&self, figure: impl Fn(&GoCpu) -> u64) -> Range {
        Range::sum(self.inside().map(|c| figure(&c.cpu)))
    }

    /// Matched by number: the trace's clock is too coarse to tell.
    fn inside(&self) -> impl Iterator<Item = &Cycle> {
        self.cycles
            .range(self.first + 1..=self.last)
            .map(|(_, cycle)| cycle)
    }
}

/// The window's bucket counts times their lower and their upper bounds, and the counts before and after it.
fn histogram(window: &Window, name: &str) -> (Range, [u64; 2]) {
    let before = buckets(window.answer.value(&format!("before.buckets.{name}")));
    let after = buckets(window.answer.value(&format!("after.buckets.{name}")));
    let mut sum = Range::default();
    for (bounds, count) in &after {
        let count = count - before.get(bounds).copied().unwrap_or(0);
        sum.from += count * bounds.0;
        sum.to += count * bounds.1;
    }
    (sum, [before.values().sum(), after.values().sum()])
}

/// A stop of the trace lasts from before the request to stop, the runtime's from where it is made (mgc.go, tSweepTerm; proc.go,
/// stopTheWorldWithSema), a few ns later; both end at the same reading of the clock.
fn pauses(window: &Window) -> Result<(), String> {
    let (exact, [earlier, all]) = histogram(window, "sched_pauses_total_gc");
    // Each cycle stops twice; what there is more belongs to a cycle under way at that moment. Mark termination that finds more work is
    // counted each time (mgc.go, restartedDueTo27993), but the trace has its last time only: then these numbers do not fit.
    let (before, after) = (
        earlier.wrapping_sub(2 * window.first) as usize,
        all.wrapping_sub(2 * window.last) as usize,
    );
    if before > 2 || after > 2 {
        return Err(format!(
            "{before} and {after} stops of no cycle before and after the window"
        ));
    }
    let own = window.inside().flat_map(|c| c.stops.iter().copied()).skip(before);
    let next = window.cycles.get(&(window.last + 1));
    let beyond = next.into_iter().flat_map(|c| c.stops.iter().copied()).take(after);
    let stops: Vec<u64> = own.chain(beyond).collect();
    let traced = Range::sum(stops.iter().copied());
    println!(
        "go: pauses: trace {}, {:.3} to {:.3} ms; /sched/pauses/total/gc {}, {:.3} to {:.3} ms; of cycles under way: {before} before, {after} after the window",
        stops.len(),
        ms(traced.from),
        ms(traced.to),
        all - earlier,
        ms(exact.from),
        ms(exact.to)
    );
    assert_eq!(stops.len() as u64, all - earlier, "a stop is missing");
    if traced.from > exact.to || traced.to < exact.from {
        return Err("the trace's sum lies outside the buckets'".to_owned());
    }
    Ok(())
}

/// Marking agrees class by class. The pauses do not, and cannot: the trace takes every CPU for stopped from the request until the world has
/// been started, the runtime (accumulateGCPauseTime in mgc.go) each from when it has stopped, and sweep termination only until the world
/// is about to be started. So the trace's is an upper bound, and what is left of mark termination without stopping a lower one.
fn cpu(window: &Window) -> Result<(), String> {
    let marking = [
        ("assist", "go.assist_cpu_ns", window.sum(|c| c.assist.0)),
        (
            "background",
            "go.dedicated_cpu_ns",
            window.sum(|c| c.background.0),
        ),
        ("idle", "go.idle_mark_cpu_ns", window.sum(|c| c.idle.0)),
    ];
    let mut wrong = Vec::new();
    for (class, counter, traced) in marking {
        let exact = window.grown(counter);
        println!(
            "go: CPU {class}: trace {:.3} to {:.3} ms, {counter} {:.3} ms ({:+.2} % from the middle)",
            ms(traced.from),
            ms(traced.to),
            ms(exact),
            100.0 * (traced.middle() / exact.max(1) as f64 - 1.0)
        );
        if traced.off(exact).abs() > 0.05 {
            wrong.push(class);
        }
    }
    let of = |figure: fn(&GoCpu) -> u64| window.sum(figure);
    let (sweep, mark) = (of(|c| c.sweep_termination.0), of(|c| c.mark_termination.0));
    let (stopping, _) = histogram(window, "sched_pauses_stopping_gc");
    let procs = window.inside().map(|c| u64::from(c.cpu.procs)).max().unwrap_or(1);
    let (most, least) = (sweep.to + mark.to, mark.from.saturating_sub(procs * stopping.to));
    let pausing = window.grown("go.pause_cpu_ns");
    println!(
        "go: CPU stopped: trace {:.3} to {:.3} ms, at least {:.3} ms of it while all were stopped; go.pause_cpu_ns {:.3} ms",
        ms(sweep.from + mark.from),
        ms(most),
        ms(least),
        ms(pausing)
    );
    if pausing > most || pausing < least {
        wrong.push("stopped");
    }
    let marked = window.grown("gc_cpu_ns") - pausing;
    let (assist, background) = (of(|c| c.assist.0), of(|c| c.background.0));
    let traced = Range {
        from: assist.from + background.from,
        to: assist.to + background.to,
    };
    println!(
        "go: CPU marking: trace {:.3} to {:.3} ms, /cpu/classes/gc without pauses and idle {:.3} ms ({:+.2} % from the middle)",
        ms(traced.from),
        ms(traced.to),
        ms(marked),
        100.0 * (traced.middle() / marked.max(1) as f64 - 1.0)
    );
    if traced.off(marked).abs() > 0.05 {
        wrong.push("marking");
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("CPU differs: {wrong:?}"))
    }
}

fn ms(ns: u64) -> f64 {
    ns as f64 / 1e6
}

#[test]
fn gos_trace_agrees_with_the_runtimes_own_accounts() {
    let Some(cell) = live::cell("go") else { return };
    live::thrice("go", || {
        let answer = live::run(&cell.argv, cell, &[("ops", "20000")]);
        let mut cycles: BTreeMap<u64, Cycle> = BTreeMap::new();
        live::hear(Writer::Go, &answer.stderr, |event| {
            let cycle = cycles.entry(event.gc.unwrap_or_default()).or_default();
            match &event.what {
                What::Stop(stop) => cycle.stops.push(stop.total.0),
                What::GoCpu(cpu) => cycle.cpu = *cpu,
                _ => {}
            }
        });
        let read = |key: &str| -> u64 { answer.value(key).parse().unwrap() };
        let window = Window {
            answer: &answer,
            cycles,
            first: read("before.gc_cycles"),
            last: read("after.gc_cycles"),
        };
        let count = window.inside().count() as u64;
        println!(
            "go: {count} cycles in the window, numbers {} to {}",
            window.first + 1,
            window.last
        );
        assert!(count >= 50, "too few cycles to compare: {count}");
        assert_eq!(count, window.last - window.first, "a cycle has no line");
        pauses(&window).and(cpu(&window))
    });
}
