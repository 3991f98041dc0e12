//! Start, work and cost.

use super::{Row, ratio};
use crate::artifact::unit::Ns;

pub fn extract(row: &mut Row) {
    let o = row.observation;
    let between = |from: &str, to: &str| {
        let (from, to) = (o.marks.get(from)?, o.marks.get(to)?);
        to.0.checked_sub(from.0).map(|ns| ns as f64)
    };
    let wall = between("begin", "end");
    let seconds = wall.map(|ns| ns / 1e9);
    row.put("start_ns", between("spawned", "start"));
    row.put("setup_ns", between("start", "setup"));
    row.put("wall_ns", wall);
    row.put("ops_per_s", seconds.and_then(|s| ratio(o.ops as f64, s)));

    let ns = |n: Option<Ns>| n.map(|n| n.0 as f64);
    let (process, collector) = (ns(o.cpu.process), ns(o.cpu.collector));
    row.put("cpu_ns", process);
    row.put("gc_cpu_ns", collector);
    row.put(
        "gc_cpu_share",
        collector.zip(process).and_then(|(gc, all)| ratio(gc, all)),
    );
    let assist = ns(o.cpu.assist);
    row.put("assist_cpu_ns", assist);
    row.put(
        "assist_share",
        assist.zip(collector).and_then(|(a, gc)| ratio(a, gc)),
    );

    let allocated = o.allocated.map(|b| b.0 as f64);
    row.put("alloc_bytes", allocated);
    row.put(
        "gc_cpu_per_gb_ns",
        collector
            .zip(allocated)
            .and_then(|(gc, bytes)| ratio(gc, bytes / 1e9)),
    );
    row.put(
        "alloc_rate",
        allocated.zip(seconds).and_then(|(b, s)| ratio(b, s)),
    );
    row.put(
        "alloc_overhead",
        allocated.and_then(|b| ratio(b, o.requested.0 as f64)),
    );
    let counted = o.after.get("gc_cycles").zip(o.before.get("gc_cycles"));
    row.put(
        "gc_cycles",
        counted
            .and_then(|(after, before)| after.checked_sub(*before))
            .map(|n| n as f64),
    );
    row.put("rate", o.rate);
    row.put("live_bytes", Some(o.live.0 as f64));
}
