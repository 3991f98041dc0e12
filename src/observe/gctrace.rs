//! Go's `GODEBUG=gctrace=1` lines (1.22 to 1.27), which share stderr with everything else a process complains about.
//!
//! `gc 5 @0.123s 4%: 0.018+1.2+0.004 ms clock, 0.037+0.5/1.0/0+0.008 ms cpu, 4->4->1 MB, 5 MB goal, 0 MB stacks, 0 MB globals, 2 P (forced)`
//! (mgc.go, gcMarkTermination). fmtNSAsMS prints two digits (whole ms from 10 ms on) and cuts the rest off, so that sums come out some 2 % low;
//! the stamp has 1 ms and counts from where the runtime began: good for a picture, not for an account.

use super::cursor::Cursor;
use super::listener::Out;
use crate::artifact::event::{Cycle, GoCpu, Place, Stop, What};
use crate::artifact::unit::{Bytes, Ns};

/// One cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    pub number: u64,
    /// Since the runtime began, at sweep termination.
    pub at: Ns,
    /// Wall time: sweep termination (stopped), marking (concurrent), mark termination (stopped).
    pub clock: [Ns; 3],
    pub cpu: GoCpu,
    /// MB at its start, at its end, and marked live.
    pub heap: [Bytes; 3],
    pub goal: Bytes,
    pub stacks: Bytes,
    pub globals: Bytes,
    /// Asked for by runtime.GC().
    pub forced: bool,
}

/// Finds a trace in a line that may begin with somebody else's unfinished words.
pub fn parse(line: &str) -> Option<Trace> {
    if line.starts_with("gc ")
        && let Some(trace) = trace(line)
    {
        return Some(trace);
    }
    memchr::memmem::find_iter(line.as_bytes(), b"gc ")
        .filter(|at| *at > 0)
        .find_map(|at| trace(line.get(at..)?))
}

/// Does the line want to be a trace?
pub fn is_meant(line: &str) -> bool {
    let mut cursor = Cursor::new(line);
    let mut read = || {
        cursor.words("gc ")?;
        cursor.count()?;
        cursor.words(" @")
    };
    read().is_some()
}

fn trace(text: &str) -> Option<Trace> {
    let mut cursor = Cursor::new(text);
    let c = &mut cursor;
    c.words("gc ")?;
    let number = c.count()?;
    c.words(" @")?;
    let at = Ns(c.scaled(9)?);
    c.words("s ")?;
    let percent = c.count()?;
    c.words("%")?;
    if c.words(": ").is_none() {
        c.words(" (checking for goroutine leaks): ")?;
    }
    let clock = [ms(c, "+")?, ms(c, "+")?, ms(c, " ms clock, ")?];
    let sweep_termination = ms(c, "+")?;
    let (assist, background, idle) = (ms(c, "/")?, ms(c, "/")?, ms(c, "+")?);
    let mark_termination = ms(c, " ms cpu, ")?;
    let heap = [megabytes(c, "->")?, megabytes(c, "->")?, megabytes(c, " MB, ")?];
    let goal = megabytes(c, " MB goal, ")?;
    let stacks = megabytes(c, " MB stacks, ")?;
    let globals = megabytes(c, " MB globals, ")?;
    let procs = c.count()?.try_into().ok()?;
    c.words(" P")?;
    if !(c.rest().is_empty() || c.rest().starts_with(' ')) {
        return None;
    }
    Some(Trace {
        number,
        at,
        clock,
        cpu: GoCpu {
            marking: clock[1],
            sweep_termination,
            assist,
            background,
            idle,
            mark_termination,
            percent: percent.try_into().ok()?,
            procs,
        },
        heap,
        goal,
        stacks,
        globals,
        forced: c.rest().starts_with(" (forced)"),
    })
}

/// A figure in ms, and what follows it. Inlined, so that no call compares words whose length is known.
#[inline(always)]
fn ms(cursor: &mut Cursor, end: &str) -> Option<Ns> {
    let value = cursor.scaled(6)?;
    cursor.words(end)?;
    Some(Ns(value))
}

#[inline(always)]
fn megabytes(cursor: &mut Cursor, end: &str) -> Option<Bytes> {
    let value = cursor.count()?.checked_mul(1 << 20)?;
    cursor.words(end)?;
    Some(Bytes(value))
}

impl Trace {
    /// Two stops around concurrent marking, and the cycle with its CPU.
    pub fn tell(&self, place: Place, out: &mut Out) {
        let [sweep, mark, term] = self.clock;
        let after = |lasted: u64| Some(Ns(self.at.0.saturating_add(lasted)));
        let whole = sweep.0.saturating_add(mark.0).saturating_add(term.0);
        for (operation, end, total) in [
            ("sweep termination", sweep.0, sweep),
            ("mark termination", whole, term),
        ] {
            out.begin(after(end), place, Some(self.number));
            out.tell(What::Stop(Stop {
                operation,
                collection: true,
                reaching: None, // not told; the runtime's histogram of stopping knows
                cleanup: None,
                inside: None,
                leaving: None,
                total,
            }));
        }
        out.tell(What::GoCpu(self.cpu));
        let [before, at_the_end, live] = self.heap;
        out.tell(What::Cycle(Cycle {
            kind: "mark",
            cause: self.forced.then_some("forced"),
            begun: Some(self.at),
            duration: Some(Ns(whole)),
            before: Some(before),
            at_the_end: Some(at_the_end),
            after: Some(live),
            goal: Some(self.goal),
            live: Some(live),
            stacks: Some(self.stacks),
            globals: Some(self.globals),
            asked: self.forced,
            ..Cycle::default()
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "gc 5 @0.123s 4%: 0.018+1.2+0.004 ms clock, 0.037+0.5/1.0/0+0.008 ms cpu, 4->5->1 MB, 6 MB goal, 0 MB stacks, 0 MB globals, 2 P";

    #[test]
    fn every_field_is_read() {
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
        assert_eq!(
            trace.cpu,
            GoCpu {
                marking: Ns(1_200_000),
                sweep_termination: Ns(37_000),
                assist: Ns(500_000),
                background: Ns(1_000_000),
                idle: Ns(0),
                mark_termination: Ns(8_000),
                percent: 4,
                procs: 2,
            }
        );
        assert!(parse(&format!("{LINE} (forced)")).unwrap().forced);
    }

    #[test]
    fn somebody_elses_unfinished_words_do_not_hide_it() {
        assert_eq!(parse(&format!("half a line, gc 1 @ {LINE}")), parse(LINE));
        assert_eq!(parse("gc runs"), None);
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
