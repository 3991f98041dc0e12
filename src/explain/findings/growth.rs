//! A live set that grows and grows.

use super::{Kind, Look, tried};
use crate::artifact::explanation::LiveBasis;
use crate::artifact::finding::{Fault, Measure, Severity};
use crate::artifact::unit::Ns;

/// Programs start, load and warm up in less; what grows in a shorter log need not grow for ever.
const SHORTEST: u64 = 60_000_000_000;
/// Growth over the second half of the log, as a share of the live set at its begin: less is a cache that breathes.
const MATERIAL: f64 = 0.1;
/// What lies there after a collection holds garbage too, so it has to say more.
const MATERIAL_LOWS: f64 = 0.2;
/// The interval's lower end, as a share of the slope: it is well above zero.
const SURE: f64 = 0.5;

pub fn look(look: &mut Look) {
    let Some(live) = look.figures.heap.live.as_ref() else {
        return;
    };
    let material = match live.basis {
        LiveBasis::Told => MATERIAL,
        LiveBasis::Lows => MATERIAL_LOWS,
    };
    let long = look.subject.span.is_some_and(|span| span.0 >= SHORTEST);
    let trend = live.trend.filter(|_| long);
    let growth = trend.map(|t| t.slope * (t.over.0 as f64 / 1e9) / (t.from.0 as f64).max(1.0));
    let sure = trend.is_some_and(|t| t.lo > 0.0 && t.lo >= SURE * t.slope);
    let found = sure && growth.is_some_and(|growth| growth > material);
    look.check(
        "growth of the live set over the log's second half",
        growth.map(Measure::Share),
        Measure::Share(material),
        "less is a cache that breathes; the interval of the slope must lie above half of it, and the log last a minute",
        found,
    );
    let (true, Some(trend)) = (found, trend) else {
        return;
    };
    let limit = look.figures.heap.headroom.filter(|h| h.is_hard());
    let until_limit = limit.map(|h| {
        let left = h.limit.0.saturating_sub(h.live.0) as f64;
        Ns((left / trend.slope * 1e9) as u64)
    });
    let fault = Fault::Leak {
        per_s: trend.slope,
        lo: trend.lo,
        hi: trend.hi,
        from: trend.from,
        last: live.last,
        over: trend.over,
        until_limit,
    };
    let evidence = look.account.fullest.list();
    let tries = match look.kind {
        Kind::Go => vec![
            tried(
                "go tool pprof -diff_base old.pb.gz new.pb.gz",
                "two heap profiles some time apart, -sample_index=inuse_space: what grew between them",
            ),
            tried(
                "a goroutine profile",
                "goroutines that never end keep what they refer to",
            ),
        ],
        _ => vec![
            tried(
                "jcmd PID GC.class_histogram",
                "twice, some time apart: which class grew",
            ),
            tried(
                "-XX:StartFlightRecording:settings=profile",
                "the old object samples name who holds the memory",
            ),
        ],
    };
    look.find(
        Severity::Failing,
        growth.unwrap_or(0.0).min(1.0),
        fault,
        evidence,
        tries,
    );
}
