//! Memory that ran out, and a live set close to its limit.

use super::{Kind, Look, tried};
use crate::artifact::event::Stall;
use crate::artifact::explanation::LiveBasis;
use crate::artifact::finding::{Fault, Measure, Severity};

/// The work of a collection is proportional to the live set and what it frees to the rest, so its cost per allocated byte grows as
/// live / (limit - live): at 80 % it is four times that of a half full heap, and the next megabyte costs more still.
const FILLED: f64 = 0.8;
/// Less collector CPU than this is no spiral, however full the heap.
const SPIRAL_CPU: f64 = 0.1;
/// Pauses of stop-the-world collectors count in the same way.
const SPIRAL_STOPS: f64 = 0.1;

pub fn look(look: &mut Look) {
    let words = look.account.out_of_memory.list();
    if let Some(first) = words.first() {
        let fault = Fault::OutOfMemory {
            words: first.what.clone(),
            count: look.account.out_of_memory_count,
        };
        let tries = look.limit().map(|limit| {
            look.larger_heap(
                limit.0 as f64 * 1.5,
                "half as much again; if it fails there too, the live set grows without bound: look at a heap dump",
            )
        });
        let dump = tried("-XX:+HeapDumpOnOutOfMemoryError", "to see what holds the memory");
        look.find(
            Severity::Failing,
            1.0,
            fault,
            words,
            tries.into_iter().chain([dump]).collect(),
        );
    }
    let Some(headroom) = look.figures.heap.headroom.filter(|h| h.is_hard()) else {
        return;
    };
    let filled = headroom.filled();
    let (cpu, stops) = (look.cpu_share(), look.stop_share());
    let forced_to_stop = [Stall::Full, Stall::Allocation, Stall::Degenerated]
        .into_iter()
        .any(|kind| look.account.halts.of(kind).is_some());
    let suffers =
        cpu.is_some_and(|s| s > SPIRAL_CPU) || stops.is_some_and(|s| s > SPIRAL_STOPS) || forced_to_stop;
    let found = filled > FILLED && suffers;
    look.check(
        "live set of the limit, where the collector is busy",
        Some(Measure::Share(filled)),
        Measure::Share(FILLED),
        "a collection costs live / (limit - live) per byte: four times as much here as in a half full heap",
        found,
    );
    if found {
        let fault = Fault::LiveNearLimit {
            live: headroom.live,
            limit: headroom.limit,
            filled,
            basis: look
                .figures
                .heap
                .live
                .as_ref()
                .map_or(LiveBasis::Lows, |live| live.basis),
            cpu_share: cpu,
            stop_share: stops,
        };
        let mut tries = vec![look.larger_heap(
            headroom.live.0 as f64 * 2.0,
            "twice the live set: collections become about four times as rare",
        )];
        if look.kind == Kind::Go {
            tries.push(tried(
                "GOGC=100 beside the limit",
                "so that the limit is a last resort and not what paces every cycle",
            ));
        } else {
            tries.push(tried(
                "-XX:+UseCompactObjectHeaders",
                "JDK 25 and later: smaller objects, the same data in less heap",
            ));
        }
        let evidence = look.account.fullest.list();
        look.find(
            Severity::Failing,
            cpu.unwrap_or(0.0).max(stops.unwrap_or(0.0)),
            fault,
            evidence,
            tries,
        );
    }
}
