//! Threads that are slow to stop.

use super::{Kind, Look, tried};
use crate::artifact::explanation::StopBasis;
use crate::artifact::finding::{Fault, Measure, Severity};
use crate::artifact::unit::Ns;

/// Of the stops' time: a thread in ordinary code reaches a safepoint within microseconds.
const SHARE: f64 = 0.2;
/// Below this share of the log's time it does not matter which part of a stop is the longer.
const MATERIAL: f64 = 0.001;
/// One such wait is as long as a pause that people would complain of.
const LONG: Ns = Ns(10_000_000);

pub fn look(look: &mut Look) {
    let stops = &look.figures.stops;
    if stops.basis != StopBasis::Safepoints {
        return;
    }
    let (share, total, max) = (stops.reaching_share, stops.reaching.total, stops.reaching.max);
    let material = look.share_of_span(total.0) > MATERIAL;
    let much = material && share.is_some_and(|share| share > SHARE);
    let long = max > LONG;
    look.check(
        "time to safepoint, of the stops",
        share.map(Measure::Share),
        Measure::Share(SHARE),
        "counts where it takes a thousandth of the time; a thread in ordinary code stops within microseconds",
        much,
    );
    look.check(
        "longest time to safepoint",
        Some(Measure::Time(max)),
        Measure::Time(LONG),
        "all other threads stand still while one is waited for",
        long,
    );
    if !(much || long) {
        return;
    }
    let fault = Fault::TimeToSafepoint {
        share,
        total,
        max,
        operation: look.account.halts.slow_operation.clone().unwrap_or_default(),
    };
    let mut tries = vec![tried(
        "-XX:+UnlockDiagnosticVMOptions -XX:+SafepointTimeout -XX:SafepointTimeoutDelay=10",
        "names the threads that take longer than 10 ms",
    )];
    if matches!(look.kind, Kind::Serial | Kind::Parallel) {
        tries.push(tried(
            "-XX:+UseCountedLoopSafepoints",
            "long counted loops ask too (the other collectors' default)",
        ));
    }
    tries.push(tried(
        "more CPUs, or fewer busy processes beside it",
        "a thread that does not get a CPU cannot stop; page faults and swapping do the same",
    ));
    let evidence = look.account.halts.slowest.list();
    let harm = look.share_of_span(total.0);
    look.find(Severity::Slow, harm, fault, evidence, tries);
}
