//! Time that threads lost beside the pauses, or in pauses that should not have been needed.

use super::{Kind, Look, tried};
use crate::artifact::event::Stall;
use crate::artifact::finding::{Fault, Measure, Severity, Try};
use crate::artifact::unit::Ns;

/// A healthy process has none of these; a rare one that costs less than this share of the time is worth a note only.
const RARE: f64 = 0.001;
/// Share of the log's time that paced threads were held back, summed over threads: a hundredth is felt in no percentile below p99.
const PACED: f64 = 0.01;

pub fn look(look: &mut Look) {
    let of = look.cycles();
    if look.kind != Kind::Go {
        counted(
            look,
            Stall::Full,
            "full collections that nobody asked for",
            |count, total, max| Fault::FullCollections {
                count,
                of,
                total,
                max,
            },
        );
    }
    match look.kind {
        Kind::G1 => counted(
            look,
            Stall::EvacuationFailure,
            "evacuation failures",
            |count, total, max| Fault::EvacuationFailures {
                count,
                of,
                total,
                max,
            },
        ),
        Kind::Z => {
            let threads = look
                .account
                .halts
                .of(Stall::Allocation)
                .map_or(0, |s| s.threads());
            counted(
                look,
                Stall::Allocation,
                "allocation stalls",
                |count, total, max| Fault::AllocationStalls {
                    count,
                    threads,
                    total,
                    max,
                },
            );
        }
        Kind::Shenandoah => {
            counted(
                look,
                Stall::Degenerated,
                "degenerated collections",
                |count, total, max| Fault::Degenerated {
                    count,
                    of,
                    total,
                    max,
                },
            );
            paced(look);
        }
        _ => {}
    }
}

fn counted(look: &mut Look, kind: Stall, name: &str, fault: impl Fn(u64, Ns, Ns) -> Fault) {
    let stalled = look.account.halts.of(kind);
    let count = stalled.map_or(0, |s| s.tally.count());
    look.check(
        name,
        Some(Measure::Count(count)),
        Measure::Count(0),
        "a process with room enough has none",
        count > 0,
    );
    let Some(stalled) = stalled else { return };
    let share = look.share_of_span(stalled.tally.total().0);
    let rare = look.subject.span.is_some() && share < RARE;
    let severity = if rare { Severity::Note } else { Severity::Slow };
    let fault = fault(count, stalled.tally.total(), stalled.tally.max());
    let (evidence, tries) = (stalled.worst.list(), tries(look, kind));
    look.find(severity, share, fault, evidence, tries);
}

fn paced(look: &mut Look) {
    let Some(stalled) = look.account.halts.of(Stall::Pacing) else {
        return;
    };
    let share = look.share_of_span(stalled.tally.total().0);
    let found = share > PACED;
    look.check(
        "threads held back by the pacer, of the time",
        Some(Measure::Share(share)),
        Measure::Share(PACED),
        "summed over threads; the pacer slows allocation down before memory runs out",
        found,
    );
    if found {
        let fault = Fault::Pacing {
            threads: stalled.threads(),
            total: stalled.tally.total(),
            max: stalled.tally.max(),
            share,
        };
        let (evidence, tries) = (stalled.worst.list(), tries(look, Stall::Pacing));
        look.find(Severity::Slow, share, fault, evidence, tries);
    }
}

fn tries(look: &Look, kind: Stall) -> Vec<Try> {
    // Where the live set all but fills the heap, no setting but a larger one helps.
    let larger = look.limit().map(|limit| {
        look.larger_heap(
            limit.0 as f64 * 1.5,
            "half as much again: room for what is allocated while a collection runs",
        )
    });
    let others = match (look.kind, kind) {
        (Kind::G1, Stall::Full) => vec![
            tried(
                "-XX:InitiatingHeapOccupancyPercent=30",
                "marking begins earlier (45 unless set), so that mixed collections come in time",
            ),
            tried(
                "-XX:ConcGCThreads=2",
                "or more: marking that ends sooner (a quarter of the parallel workers unless set)",
            ),
        ],
        (Kind::G1, _) => vec![
            tried(
                "-XX:G1ReservePercent=20",
                "more room kept free for survivors (10 unless set)",
            ),
            tried(
                "-XX:InitiatingHeapOccupancyPercent=30",
                "marking begins earlier (45 unless set), so that old regions are freed in time",
            ),
        ],
        (Kind::Z, _) => vec![
            tried(
                "-XX:ZAllocationSpikeTolerance=5",
                "collections begin earlier (2 unless set), for allocation in bursts",
            ),
            tried(
                "-XX:ConcGCThreads=2",
                "or more: the collector catches up sooner, for CPU that the program then lacks",
            ),
        ],
        (Kind::Shenandoah, _) => vec![
            tried(
                "-XX:ShenandoahMinFreeThreshold=20",
                "collections begin earlier (10 unless set)",
            ),
            tried(
                "-XX:ConcGCThreads=2",
                "or more: the collector keeps up with allocation",
            ),
        ],
        (Kind::Serial | Kind::Parallel, _) => vec![tried(
            "-Xmn",
            "a larger young generation: fewer objects reach the old one before they die",
        )],
        _ => vec![],
    };
    larger.into_iter().chain(others).collect()
}
