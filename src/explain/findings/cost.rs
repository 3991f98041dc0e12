//! CPU and time that collecting takes, and memory that would buy it back.

use super::{FEWEST_CYCLES, Kind, Look, tried};
use crate::artifact::finding::{Fault, Measure, Severity};

/// Of the CPUs' time. Go plans to mark with 25 % of them while a cycle runs, so 15 % on the whole means that a cycle runs more than half
/// of the time.
const CPU: f64 = 0.15;
/// Of the log's time: a stop takes every thread, so this much is lost on every CPU.
const STOPS: f64 = 0.1;
/// A heap below this is small beside what a machine with several CPUs has: more memory is the cheapest cure.
const SMALL: u64 = 1 << 30;
/// Below this the collector's CPU is not worth saving, but its memory may be.
const IDLE_CPU: f64 = 0.01;
/// GOGC from here on: two thirds of the heap are garbage before a cycle ends.
const HIGH_GOGC: f64 = 200.0;
/// Less live heap than this gives too little back.
const WORTH: u64 = 64 << 20;
/// Of the cycles' CPU. Dedicated workers are planned to do all of the marking; what mutators must do shows up in their latency.
const ASSISTS: f64 = 0.25;

pub fn look(look: &mut Look) {
    let enough = look.cycles() >= FEWEST_CYCLES;
    let (cpu, stops) = (look.cpu_share(), look.stop_share());
    let busy = cpu.is_some_and(|s| s > CPU);
    // A heap that is all but full has its own finding, and the same cure.
    let explained = look.has("live set close to the limit");
    let collecting = enough && (busy || stops.is_some_and(|s| s > STOPS));
    look.check(
        "CPU of the collector, of all CPUs",
        cpu.map(Measure::Share),
        Measure::Share(CPU),
        "more memory costs less than this, where there is some",
        enough && busy,
    );
    look.check(
        "time stopped",
        stops.map(Measure::Share),
        Measure::Share(STOPS),
        "a stop takes all threads, so this share is lost on every CPU",
        enough && stops.is_some_and(|s| s > STOPS),
    );
    if look.kind == Kind::Go {
        go(look, collecting && !explained, enough);
    } else if collecting && !explained {
        too_much(look);
    }
}

fn go(look: &mut Look, collecting: bool, enough: bool) {
    let gogc = look.subject.gogc.map(|g| g.percent);
    let peak = look.figures.heap.peak;
    let cpu = look.cpu_share().unwrap_or(0.0);
    let held = look.subject.held_at.is_some();
    if let (true, false, Some(peak)) = (collecting, held, peak.filter(|p| p.0 < SMALL)) {
        let twice = gogc.map_or(200, |g| (g / 50.0).round().max(1.0) as u64 * 100);
        let fault = Fault::GogcTooLow {
            cpu_share: cpu,
            peak,
            gogc,
        };
        let tries = vec![
            tried(
                format!("GOGC={twice}"),
                "half as many cycles; the heap grows by about the live set",
            ),
            tried(
                "GOMEMLIMIT=<what the machine can spare> with GOGC=off",
                "as few cycles as that memory allows; leave a margin for what is no Go heap",
            ),
        ];
        let evidence = look.account.spent.costly.list();
        look.find(Severity::Slow, cpu, fault, evidence, tries);
    } else if collecting {
        too_much(look);
    }
    if let (Some(gogc), Some(live), Some(peak), true) = (
        gogc,
        look.figures.heap.live.as_ref().map(|l| l.median),
        peak,
        enough,
    ) {
        let found = gogc >= HIGH_GOGC && cpu < IDLE_CPU && live.0 >= WORTH && look.cpu_share().is_some();
        look.check(
            "GOGC, where the collector is all but idle",
            Some(Measure::Percent(gogc)),
            Measure::Percent(HIGH_GOGC),
            "two thirds of the heap and more are garbage before a cycle ends",
            found,
        );
        if found {
            let fault = Fault::GogcTooHigh {
                cpu_share: cpu,
                peak,
                live,
                gogc,
            };
            let tries = vec![tried(
                "GOGC=100",
                "half of the heap is live at most: less memory, for CPU that is hardly used now",
            )];
            let evidence = look.account.largest.list();
            look.find(Severity::Wasteful, 0.0, fault, evidence, tries);
        }
    }
    let assists = look.figures.cost.as_ref().and_then(|c| c.assists);
    let found = enough && cpu > IDLE_CPU && assists.is_some_and(|share| share > ASSISTS);
    look.check(
        "assists, of the cycles' CPU",
        assists.map(Measure::Share),
        Measure::Share(ASSISTS),
        "workers are planned to do all of the marking; what mutators do shows up in their latency",
        found,
    );
    if let (true, Some(share)) = (found, assists) {
        let fault = Fault::AssistsDominate {
            share,
            cpu_share: look.cpu_share(),
        };
        let tries = vec![
            match look.limit() {
                Some(limit) => look.larger_heap(
                    limit.0 as f64 * 1.5,
                    "half as much again: marking may begin earlier before the goal",
                ),
                None => tried(
                    "GOGC=200",
                    "a goal further away: allocation need not outrun marking",
                ),
            },
            tried(
                "fewer allocations in bursts",
                "go tool pprof -sample_index=alloc_space: who allocates while a cycle runs",
            ),
        ];
        let evidence = look.account.spent.assisted.list();
        look.find(Severity::Slow, cpu * share, fault, evidence, tries);
    }
}

fn too_much(look: &mut Look) {
    let (cpu_share, stop_share) = (look.cpu_share(), look.stop_share());
    let limit = look.limit();
    let live = look.figures.heap.headroom.map(|headroom| headroom.live);
    let fault = Fault::CollectingTooMuch {
        cpu_share,
        stop_share,
        limit,
        live,
    };
    let mut tries: Vec<_> = limit
        .map(|limit| {
            look.larger_heap(
                limit.0 as f64 * 2.0,
                "twice the heap: less than half as many collections, of the same work each",
            )
        })
        .into_iter()
        .collect();
    match look.kind {
        Kind::Go if limit.is_none() => tries.push(tried(
            "GOGC=200",
            "half as many cycles as at 100; the heap grows by about the live set",
        )),
        Kind::Serial => tries.push(tried(
            "-XX:+UseParallelGC",
            "the same work on all CPUs, where there is more than one",
        )),
        _ => {}
    }
    tries.push(tried(
        "fewer allocations",
        "collections are as frequent as allocation makes them; a profile of allocations names the places",
    ));
    let evidence = match look.kind {
        Kind::Go => look.account.spent.costly.list(),
        _ => look.account.halts.longest.list(),
    };
    let harm = cpu_share.unwrap_or(0.0).max(stop_share.unwrap_or(0.0));
    look.find(Severity::Slow, harm, fault, evidence, tries);
}
