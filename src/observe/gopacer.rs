//! What Go prints about its plans: `GODEBUG=gcpacertrace=1` (mgcpacer.go, mgcsweep.go) and `scavtrace=1` (mgcscavenge.go), 1.22 to 1.27.

use super::listener::Out;
use super::quantity::count;
use crate::artifact::event::{Pacer, What};
use crate::artifact::unit::Bytes;

/// forcegchelper in proc.go, with gctrace=1: there was no cycle for two minutes. (`(forced)` in a cycle's own line is something else: runtime.GC().)
const PERIODIC: &str = "GC forced";

/// Does the line want to be one of these?
pub fn is_meant(line: &str) -> bool {
    line.starts_with("pacer: ")
        || line == PERIODIC
        || line.starts_with("scav ") && line.contains(" KiB work (bg), ")
}

/// Tells what it says; false for a line that is not whole. These lines have no time and no number: they belong to the cycle around them.
pub fn line(text: &str, out: &mut Out) -> bool {
    if text == PERIODIC {
        out.tell(What::Trigger { reason: PERIODIC });
        return true;
    }
    let what = match text.strip_prefix("pacer: ") {
        Some(rest) => start(rest)
            .or_else(|| end(rest))
            .or_else(|| swept(rest))
            .map(What::Pacer),
        None => scavenged(text),
    };
    match what {
        Some(what) => {
            out.tell(what);
            true
        }
        None => false,
    }
}

/// `assist ratio=+1.234567e+000 (scan 10 MB in 20->30 MB) workers=1+2.500000e-001`
fn start(text: &str) -> Option<Pacer> {
    let (ratio, rest) = text.strip_prefix("assist ratio=")?.split_once(" (scan ")?;
    let (scan, rest) = rest.split_once(" MB in ")?;
    let (from, rest) = rest.split_once("->")?;
    let (to, workers) = rest.split_once(" MB) workers=")?;
    let (dedicated, fractional) = workers.split_once('+')?;
    Some(Pacer::Start {
        assist_ratio: float(ratio)?,
        scan: megabytes(scan)?,
        from: megabytes(from)?,
        to: megabytes(to)?,
        dedicated: count(dedicated)?,
        fractional: float(fractional)?,
    })
}

/// `26% CPU (25 exp.) for 1+2+3 B work (4 B exp.) in 5 B -> 6 B (∆goal 7, cons/mark +1.000000e+000)`
fn end(text: &str) -> Option<Pacer> {
    let (cpu, rest) = text.split_once("% CPU (")?;
    let (expected, rest) = rest.split_once(" exp.) for ")?;
    let (work, rest) = rest.split_once(" B work (")?;
    let (expected_work, rest) = rest.split_once(" B exp.) in ")?;
    let (trigger, rest) = rest.split_once(" B -> ")?;
    let (live, rest) = rest.split_once(" B (∆goal ")?;
    let (over_goal, rest) = rest.split_once(", cons/mark ")?;
    let cons_mark = rest.strip_suffix(')')?;
    let mut work = work.split('+').map(|bytes| count(bytes).map(Bytes));
    Some(Pacer::End {
        cpu_percent: cpu.parse().ok()?,
        expected_percent: expected.parse().ok()?,
        heap_work: work.next()??,
        stack_work: work.next()??,
        globals_work: work.next()??,
        expected_work: Bytes(count(expected_work)?),
        trigger: Bytes(count(trigger)?),
        live: Bytes(count(live)?),
        over_goal: over_goal.parse().ok()?,
        cons_mark: float(cons_mark)?,
    })
}

/// `sweep done at heap size 4MB; allocated 0MB during sweep; swept 10 pages at +1.500000e+000 pages/byte`
fn swept(text: &str) -> Option<Pacer> {
    let (heap, rest) = text
        .strip_prefix("sweep done at heap size ")?
        .split_once("MB; allocated ")?;
    let (allocated, rest) = rest.split_once("MB during sweep; swept ")?;
    let (pages, rest) = rest.split_once(" pages at ")?;
    rest.strip_suffix(" pages/byte")?;
    Some(Pacer::Swept {
        heap: megabytes(heap)?,
        allocated: megabytes(allocated)?,
        pages: count(pages)?,
    })
}

/// `scav 12 KiB work (bg), 0 KiB work (eager), 3400 KiB now, 80% util (forced)`
fn scavenged(text: &str) -> Option<What<'static>> {
    let (background, rest) = text.strip_prefix("scav ")?.split_once(" KiB work (bg), ")?;
    let (eager, rest) = rest.split_once(" KiB work (eager), ")?;
    let (now, rest) = rest.split_once(" KiB now, ")?;
    rest.split_once("% util")?;
    let kib = |figure: &str| count(figure)?.checked_mul(1 << 10).map(Bytes);
    Some(What::Scavenged {
        background: kib(background)?,
        eager: kib(eager)?,
        released_now: kib(now)?,
    })
}

/// As the runtime's print has it: `+1.234567e+000`, and `NaN`, `+Inf`.
fn float(figure: &str) -> Option<f64> {
    figure.parse().ok()
}

fn megabytes(figure: &str) -> Option<Bytes> {
    count(figure)?.checked_mul(1 << 20).map(Bytes)
}
