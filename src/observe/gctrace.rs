//! Go's `GODEBUG=gctrace=1` lines (1.22 to 1.27), which share stderr with everything else a process complains about.
//!
//! `gc 5 @0.123s 4%: 0.018+1.2+0.004 ms clock, 0.037+0.5/1.0/0+0.008 ms cpu, 4->4->1 MB, 5 MB goal, 0 MB stacks, 0 MB globals, 2 P (forced)`
//! (mgc.go, gcMarkTermination). Three digits, and a stamp of 1 ms since the runtime began: good for a picture, not for an account.

use std::io::{self, BufRead};

use super::collections::Log;
use super::lines::Lines;
use super::quantity::scaled;
use crate::artifact::observation::{Cycle, Pause};
use crate::artifact::unit::{Bytes, Ns};

/// One cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    pub number: u64,
    /// Since the runtime began, at sweep termination.
    pub at: Ns,
    /// Wall time: sweep termination (stopped), marking (concurrent), mark termination (stopped).
    pub clock: [Ns; 3],
    /// MB at its start, at its end, and marked live.
    pub heap: [Bytes; 3],
    pub goal: Bytes,
    /// Asked for by runtime.GC().
    pub forced: bool,
}

/// Finds a trace in a line that may begin with somebody else's unfinished words.
pub fn parse(line: &str) -> Option<Trace> {
    line.match_indices("gc ")
        .find_map(|(at, _)| trace(line.get(at..)?))
}

fn trace(text: &str) -> Option<Trace> {
    let (number, rest) = text.strip_prefix("gc ")?.split_once(" @")?;
    let (at, rest) = rest.split_once("s ")?;
    let (_percent, rest) = rest.split_once('%')?; // `4%: ` or `4% (checking for goroutine leaks): `
    let (_, rest) = rest.split_once(": ")?;
    let (clock, rest) = rest.split_once(" ms clock, ")?;
    let (_cpu, rest) = rest.split_once(" ms cpu, ")?;
    let (heap, rest) = rest.split_once(" MB, ")?;
    let (goal, rest) = rest.split_once(" MB goal, ")?;
    rest.split_once(" P")
        .filter(|(_, end)| end.is_empty() || end.starts_with(' '))?;
    Some(Trace {
        number: scaled(number, 0)?,
        at: Ns(scaled(at, 9)?),
        clock: three(clock.split('+').map(|ms| scaled(ms, 6).map(Ns)))?,
        heap: three(heap.split("->").map(megabytes))?,
        goal: megabytes(goal)?,
        forced: rest.contains("(forced)"),
    })
}

fn megabytes(figure: &str) -> Option<Bytes> {
    scaled(figure, 0)?.checked_mul(1 << 20).map(Bytes)
}

fn three<T>(mut parts: impl Iterator<Item = Option<T>>) -> Option<[T; 3]> {
    let all = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(all)
}

/// Reads a whole stderr. `began` is the CLOCK_MONOTONIC instant at which the runtime began. Only lines that want to be traces count.
pub fn read(input: impl BufRead, began: Ns) -> io::Result<Log> {
    let mut log = Log::default();
    let mut lines = Lines::new(input);
    while let Some(text) = lines.next_line()? {
        let trace = parse(text.text).filter(|_| text.complete);
        if trace.is_none() && !(text.text.starts_with("gc ") && text.text.contains(" @")) {
            continue;
        }
        log.lines += 1;
        if let Some(trace) = trace {
            log.understood += 1;
            push(&trace, began, &mut log);
        }
    }
    Ok(log)
}

fn push(trace: &Trace, began: Ns, log: &mut Log) {
    let start = began.0.saturating_add(trace.at.0);
    let [sweep, mark, term] = trace.clock.map(|ns| ns.0);
    let lasted = sweep.saturating_add(mark).saturating_add(term);
    let mut pause = |operation: &str, after: u64, total: u64| {
        log.pauses.push(Pause {
            at: Ns(start.saturating_add(after)),
            operation: operation.to_owned(),
            reaching: Ns(0), // not told; the stopping buckets know
            total: Ns(total),
        });
    };
    pause("sweep termination", sweep, sweep);
    pause("mark termination", lasted, term);
    let [before, _, after] = trace.heap;
    log.cycles.push(Cycle {
        at: Ns(start),
        kind: "mark".into(),
        cause: trace.forced.then(|| "forced".to_owned()),
        before: Some(before),
        after: Some(after),
        capacity: Some(trace.goal),
        duration: Some(Ns(lasted)),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "gc 5 @0.123s 4%: 0.018+1.2+0.004 ms clock, 0.037+0.5/1.0/0+0.008 ms cpu, 4->5->1 MB, 6 MB goal, 0 MB stacks, 0 MB globals, 2 P";

    #[test]
    fn a_cycle_is_two_pauses_around_concurrent_marking() {
        let trace = parse(LINE).unwrap();
        assert_eq!(
            (trace.number, trace.at, trace.forced),
            (5, Ns(123_000_000), false)
        );
        assert_eq!(trace.clock, [Ns(18_000), Ns(1_200_000), Ns(4_000)]);
        assert_eq!(
            (trace.heap.map(|b| b.0 >> 20), trace.goal.0 >> 20),
            ([4, 5, 1], 6)
        );
    }

    #[test]
    fn other_words_on_stderr_do_not_hide_it() {
        let text =
            format!("gc runs\nhalf a line, {LINE} (forced)\npanic: gc 1 @ x\n{LINE}\ngc 7 @0.2s 4%: cut");
        let log = read(text.as_bytes(), Ns(1_000_000_000)).unwrap();
        assert_eq!(
            (log.lines, log.understood, log.cycles.len(), log.pauses.len()),
            (3, 2, 2, 4)
        );
        assert_eq!(log.cycles[0].cause.as_deref(), Some("forced"));
        assert_eq!(log.pauses[0].at, Ns(1_123_018_000));
    }

    #[test]
    fn the_goroutine_leak_check_of_1_26_is_a_cycle_too() {
        assert!(parse(&LINE.replace("4%:", "4% (checking for goroutine leaks):")).is_some());
    }

    #[test]
    fn a_cut_line_is_no_trace() {
        for end in 0..LINE.len() {
            assert_eq!(parse(&LINE[..end]), None, "{}", &LINE[..end]);
        }
    }
}
