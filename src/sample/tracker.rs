//! Second by second: what a run did between one look at its accounts and the next.

use std::cmp::Reverse;

use super::{Quantile, Row, ratio};
use crate::artifact::observation::{Observation, Tick};
use crate::artifact::tracker::Second;
use crate::artifact::unit::{Bytes, Ns};

const SECOND_NS: u64 = 1_000_000_000;
/// A row that is shorter is no whole second: the rest of a window, or what lies between a late look and the next.
const WHOLE_NS: u64 = SECOND_NS / 10 * 9;
/// Shorter windows have no seconds to speak of.
const LEAST_SECONDS: u64 = 2;

/// The rows of a run, in order of time; none of a runner that did not look.
pub fn seconds(o: &Observation) -> Vec<Second> {
    let collected = collected(o);
    let mut pauses = pauses(o);
    let count = o.ticks.len().saturating_sub(1);
    let second = |(n, ends): (usize, &[Tick])| {
        let (from, to) = (&ends[0], &ends[1]);
        let length = to.at.0 - from.at.0;
        let allocated = to.allocated.0.saturating_sub(from.allocated.0);
        let grown = to.used.zip(from.used).map(|(to, from)| difference(to, from));
        // A pause that a coarse clock places behind the window belongs to its last second.
        let until = if n + 1 == count { Ns(u64::MAX) } else { to.at };
        let lengths = pauses.as_mut().map(|all| take_until(all, until));
        let spent = to.collector.zip(from.collector);
        let spent = spent.and_then(|(to, from)| to.0.checked_sub(from.0));
        Second {
            cell: o.cell.clone(),
            invocation: o.invocation.clone(),
            second: n,
            length_ns: length,
            live_bytes: last_by(&collected, to.at).map(|bytes| bytes.0),
            heap_bytes: to.used.map(|bytes| bytes.0),
            alloc_bytes_per_s: per_second(i128::from(allocated), length)
                .try_into()
                .unwrap_or(u64::MAX),
            freed_bytes_per_s: grown.map(|grown| {
                let freed = per_second(i128::from(allocated) - grown, length);
                freed
                    .clamp(i64::MIN.into(), i64::MAX.into())
                    .try_into()
                    .unwrap_or_default()
            }),
            pauses: lengths.as_ref().map(Vec::len),
            pause_p99_ns: lengths.and_then(p99),
            gc_cpu_ns: spent,
            gc_cpu_share: spent
                .and_then(|spent| ratio(spent as f64, to.cpu.0.saturating_sub(from.cpu.0) as f64)),
            rss_bytes: to.resident.map(|bytes| bytes.0),
        }
    };
    o.ticks.windows(2).enumerate().map(second).collect()
}

/// When collections ended and what was in use then, in order of time.
fn collected(o: &Observation) -> Vec<(Ns, Bytes)> {
    let ended = |at: Ns, lasted: Option<Ns>| Ns(at.0.saturating_add(lasted.unwrap_or_default().0));
    let cycles = o.cycles.iter();
    let mut all: Vec<(Ns, Bytes)> = cycles
        .filter_map(|c| Some((ended(c.at, c.duration), c.after?)))
        .collect();
    all.sort_by_key(|(at, _)| *at);
    all
}

fn last_by(all: &[(Ns, Bytes)], t: Ns) -> Option<Bytes> {
    let after = all.partition_point(|(at, _)| *at <= t);
    all.get(after.checked_sub(1)?).map(|(_, bytes)| *bytes)
}

/// When pauses ended and how long they were, the first of them last; None where nobody tells of pauses.
fn pauses(o: &Observation) -> Option<Vec<(Ns, Ns)>> {
    o.log_understood?;
    let mut all: Vec<(Ns, Ns)> = o.pauses.events.iter().map(|p| (p.at, p.total)).collect();
    all.sort_by_key(|(at, _)| Reverse(*at));
    Some(all)
}

/// Lengths of those that ended by then, taken off the end.
fn take_until(pauses: &mut Vec<(Ns, Ns)>, until: Ns) -> Vec<Ns> {
    let keep = pauses.partition_point(|(at, _)| *at > until);
    pauses.drain(keep..).map(|(_, length)| length).collect()
}

/// By nearest rank; None of none.
fn p99(mut lengths: Vec<Ns>) -> Option<u64> {
    lengths.sort_unstable();
    let rank = Quantile::P99.rank(lengths.len() as u64) as usize;
    lengths.get(rank.checked_sub(1)?).map(|ns| ns.0)
}

fn difference(to: Bytes, from: Bytes) -> i128 {
    i128::from(to.0) - i128::from(from.0)
}

/// Rounded down.
fn per_second(bytes: i128, length: u64) -> i128 {
    (bytes * i128::from(SECOND_NS)).div_euclid(i128::from(length.max(1)))
}

pub fn extract(row: &mut Row) {
    let o = row.observation;
    let ends = o.marks.get("begin").zip(o.marks.get("end"));
    let whole = ends.map_or(0, |(begin, end)| end.0.saturating_sub(begin.0) / SECOND_NS);
    if whole < LEAST_SECONDS || o.ticks.is_empty() {
        return;
    }
    let seconds = seconds(o);
    let told = seconds.iter().filter(|s| s.length_ns >= WHOLE_NS && is_told(s));
    let told = (told.count() as u64).min(whole);
    row.put("tracked_share", ratio(told as f64, whole as f64));
    // A second without an account would make the sum too small.
    let spent: Option<f64> = seconds.iter().map(|s| s.gc_cpu_ns.map(|ns| ns as f64)).sum();
    let account = o.cpu.collector.map(|ns| ns.0 as f64);
    row.put(
        "tracked_cpu_over_account",
        spent.zip(account).and_then(|(sum, account)| ratio(sum, account)),
    );
    let worst = seconds.iter().filter_map(|s| s.pause_p99_ns).max();
    row.put("pause_p99_worst_second_ns", worst.map(|ns| ns as f64));
}

/// Has it every column? (That there was no pause is told, too.)
fn is_told(s: &Second) -> bool {
    s.live_bytes.is_some()
        && s.freed_bytes_per_s.is_some()
        && s.pauses.is_some()
        && s.gc_cpu_share.is_some()
        && s.rss_bytes.is_some()
}
