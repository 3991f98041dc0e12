//! Collections that no allocation made necessary, and a heap that is resized to and fro.

use super::{Kind, Look, tried};
use crate::artifact::finding::{Fault, Measure, Severity};
use crate::artifact::unit::Bytes;

/// Of all collections. One or two at a program's end or in a test are nobody's habit.
const ASKED: f64 = 0.05;
const FEWEST_ASKED: u64 = 3;
/// Changes of direction: growing at first and shrinking at night is one.
const REVERSALS: u64 = 4;
/// Of all collections.
const REVERSED: f64 = 0.05;
/// Fewer are no rhythm.
const FEWEST_PERIODIC: u64 = 3;

pub fn look(look: &mut Look) {
    asked(look);
    periodic(look);
    if !matches!(look.kind, Kind::Go) {
        resized(look);
    }
}

fn asked(look: &mut Look) {
    let causes = &look.account.causes;
    let (count, of) = (causes.asked, look.cycles());
    let share = if of > 0 { count as f64 / of as f64 } else { 0.0 };
    let found = count >= FEWEST_ASKED && share > ASKED;
    let (time, evidence) = (causes.asked_time, causes.asked_at.list());
    look.check(
        "collections that somebody asked for",
        Some(Measure::Share(share)),
        Measure::Share(ASKED),
        "the collector knows better when to collect; three and more are a habit",
        found,
    );
    if !found {
        return;
    }
    let fault = Fault::ExplicitCollections {
        count,
        of,
        total: crate::artifact::unit::Ns(time),
    };
    let tries = match look.kind {
        Kind::Go => vec![tried(
            "no runtime.GC() and debug.FreeOSMemory()",
            "each marks the whole heap, and its caller waits until it has been swept",
        )],
        Kind::Serial | Kind::Parallel | Kind::OtherJvm => vec![tried(
            "-XX:+DisableExplicitGC",
            "System.gc() does nothing; not where direct buffers rely on it",
        )],
        _ => vec![
            tried(
                "-XX:+ExplicitGCInvokesConcurrent",
                "System.gc() collects beside the program instead of stopping it",
            ),
            tried(
                "-XX:+DisableExplicitGC",
                "System.gc() does nothing; not where direct buffers rely on it",
            ),
        ],
    };
    let harm = look.share_of_span(time);
    look.find(Severity::Wasteful, harm, fault, evidence, tries);
}

fn periodic(look: &mut Look) {
    let causes = &look.account.causes;
    let (count, of) = (causes.periodic, look.cycles());
    // Why Go's first cycle began is told by no line before it.
    let untold = u64::from(look.kind == Kind::Go);
    let found = count >= FEWEST_PERIODIC && causes.periodic + causes.asked + untold >= of;
    let evidence = causes.periodic_at.list();
    let share = if of > 0 { count as f64 / of as f64 } else { 0.0 };
    look.check(
        "collections that came by the clock",
        Some(Measure::Share(share)),
        Measure::Share(1.0),
        "where all of them do, the process is idle",
        found,
    );
    if !found {
        return;
    }
    let tries = match look.kind {
        Kind::G1 => vec![tried(
            "-XX:G1PeriodicGCInterval=0",
            "no collections while nothing is allocated; memory is then not given back either",
        )],
        Kind::Z => vec![tried(
            "-XX:-ZProactive",
            "no collections while nothing is allocated",
        )],
        Kind::Shenandoah => vec![tried(
            "-XX:ShenandoahGuaranteedGCInterval=0",
            "no collections while nothing is allocated",
        )],
        _ => vec![],
    };
    look.find(
        Severity::Note,
        0.0,
        Fault::OnlyPeriodic { count, of },
        evidence,
        tries,
    );
}

fn resized(look: &mut Look) {
    let heap = &look.account.heap;
    let Some((least, most)) = heap.capacity else {
        return;
    };
    let (reversals, changes) = (heap.reversals, heap.changes);
    let found = reversals >= REVERSALS && reversals as f64 > REVERSED * look.cycles() as f64;
    let evidence = heap.resized.list();
    look.check(
        "changes of direction of the heap's size",
        Some(Measure::Count(reversals)),
        Measure::Count(REVERSALS - 1),
        "growing once and shrinking once is adapting; to and fro is work for the kernel and page faults for threads",
        found,
    );
    if found {
        let fault = Fault::ResizingChurn {
            reversals,
            changes,
            least: Bytes(least),
            most: Bytes(most),
        };
        let size = super::in_mib(most as f64);
        let tries = vec![tried(
            format!("-Xms{size}m"),
            "a heap that begins where it ends up, and is not shrunk below",
        )];
        look.find(Severity::Wasteful, 0.0, fault, evidence, tries);
    }
}
