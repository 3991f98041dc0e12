//! Stop-the-world time, stalls, and what the watchers saw.

use super::latency::decode;
use super::{Quantile, Row, ratio};
use crate::artifact::observation::{Bucket, Observation, Stall};
use crate::artifact::unit::Ns;

pub fn extract(row: &mut Row) {
    let o = row.observation;
    let wall = o
        .marks
        .get("begin")
        .zip(o.marks.get("end"))
        .map(|(b, e)| e.0.saturating_sub(b.0) as f64);
    if let Some(pauses) = Distribution::of(o) {
        row.put("pause_count", Some(pauses.n as f64));
        row.put("pause_total_ns", Some(pauses.total));
        row.put("pause_share", wall.and_then(|w| ratio(pauses.total, w)));
        row.put("pause_p50_ns", pauses.quantile(Quantile::P50));
        row.put("pause_p99_ns", pauses.quantile(Quantile::P99));
        row.put("pause_max_ns", pauses.max());
        let reaches = reaches(o);
        let reached = reaches.as_ref().map(|r| r.total);
        row.put("ttsp_max_ns", reaches.as_ref().and_then(Distribution::max));
        row.put("ttsp_total_ns", reached);
        row.put("ttsp_share", reached.and_then(|r| ratio(r, pauses.total)));
    }
    let lengths = o.cycles.iter().filter_map(|c| c.duration);
    row.put("cycle_max_ns", lengths.max().map(|ns| ns.0 as f64));
    if o.tells_stalls() {
        let (pacing, stalls): (Vec<&Stall>, Vec<&Stall>) = o.stalls.iter().partition(|s| s.is_unplaced());
        let lengths = || stalls.iter().map(|s| s.duration.0);
        let paced = pacing.iter().map(|s| s.duration.0 as f64).sum();
        row.put("pacing_total_ns", (!pacing.is_empty()).then_some(paced));
        row.put("stall_count", Some(stalls.len() as f64));
        row.put("stall_total_ns", Some(lengths().map(|ns| ns as f64).sum()));
        row.put("stall_max_ns", lengths().max().map(|ns| ns as f64));
    }
    for watcher in ["watcher", "control"] {
        if let Some(late) = decode(o, watcher) {
            let p99 = Quantile::P99
                .sound(late.len())
                .then(|| late.value_at_quantile(Quantile::P99.q()) as f64);
            row.put(&format!("{watcher}_p99_ns"), p99);
            row.put(
                &format!("{watcher}_max_ns"),
                (!late.is_empty()).then(|| late.max() as f64),
            );
        }
    }
}

/// Pauses in ascending order of length, with their counts; a bucket's at its upper edge. None where nobody tells of pauses at all.
pub fn lengths(o: &Observation) -> Option<Vec<(Ns, u64)>> {
    Distribution::of(o).map(|pauses| pauses.steps)
}

/// Lengths in ascending order, with their counts.
struct Distribution {
    steps: Vec<(Ns, u64)>,
    n: u64,
    total: f64,
}

impl Distribution {
    /// From buckets where the runtime has no exact events, else from events; None where nobody tells of pauses at all.
    fn of(o: &Observation) -> Option<Self> {
        if o.pauses.buckets.is_empty() {
            o.log_understood?;
            return Some(Self::of_lengths(o.pauses.events.iter().map(|p| p.total)));
        }
        Some(Self::of_buckets(&o.pauses.buckets))
    }

    fn of_lengths(lengths: impl Iterator<Item = Ns>) -> Self {
        let mut steps: Vec<(Ns, u64)> = lengths.map(|ns| (ns, 1)).collect();
        steps.sort_unstable();
        Distribution {
            n: steps.len() as u64,
            total: steps.iter().map(|(ns, _)| ns.0 as f64).sum(),
            steps,
        }
    }

    /// A bucket's pauses count at its upper edge for quantiles and the maximum (never less than the truth), at its middle for the sum.
    fn of_buckets(buckets: &[Bucket]) -> Self {
        let mut steps: Vec<(Ns, u64)> = buckets.iter().map(|b| (upper_edge(b), b.count)).collect();
        steps.sort_unstable();
        let middle = |b: &Bucket| (b.lo.0 as f64 + upper_edge(b).0 as f64) / 2.0;
        Distribution {
            n: steps.iter().map(|(_, count)| count).sum(),
            total: buckets.iter().map(|b| middle(b) * b.count as f64).sum(),
            steps,
        }
    }

    fn quantile(&self, quantile: Quantile) -> Option<f64> {
        if !quantile.sound(self.n) {
            return None;
        }
        let rank = quantile.rank(self.n);
        let mut passed = 0;
        let found = self.steps.iter().find(|(_, count)| {
            passed += count;
            passed >= rank
        });
        found.map(|(ns, _)| ns.0 as f64)
    }

    fn max(&self) -> Option<f64> {
        self.steps.last().map(|(ns, _)| ns.0 as f64)
    }
}

/// The last bucket of Go's histograms is open above (printed as 2^63 - 1): its lower edge is all one knows.
fn upper_edge(bucket: &Bucket) -> Ns {
    const OPEN: Ns = Ns(i64::MAX as u64);
    if bucket.hi >= OPEN { bucket.lo } else { bucket.hi }
}

/// Times to safepoint; None where the runtime does not tell.
fn reaches(o: &Observation) -> Option<Distribution> {
    match o.pauses.stopping_buckets.is_empty() {
        false => Some(Distribution::of_buckets(&o.pauses.stopping_buckets)),
        // Events of a runtime with buckets do not know how long it took to stop.
        true if o.pauses.buckets.is_empty() => Some(Distribution::of_lengths(
            o.pauses.events.iter().map(|p| p.reaching),
        )),
        true => None,
    }
}
