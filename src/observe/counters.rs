//! The runtime's own counters: differences over the window.

use super::runner_output::Response;
use crate::artifact::observation::{Bucket, Cpu};
use crate::artifact::plan::Collector;
use crate::artifact::unit::Ns;
use std::collections::BTreeMap;

/// After less before; None if a side is missing or the counter went backwards.
pub fn difference(response: &Response, name: &str) -> Option<u64> {
    let after = response.after.counters.get(name)?;
    after.checked_sub(*response.before.counters.get(name)?)
}

/// What a cumulative histogram gained over the window; None if the runner does not report it.
/// The error names a histogram that lost counts.
pub fn bucket_difference(response: &Response, name: &str) -> Result<Option<Vec<Bucket>>, String> {
    let Some(after) = response.after.buckets.get(name) else {
        return Ok(None);
    };
    let empty = Vec::new();
    let before = response.before.buckets.get(name).unwrap_or(&empty);
    let mut left: BTreeMap<(Ns, Ns), u64> = before.iter().map(|b| ((b.lo, b.hi), b.count)).collect();
    let mut gained = Vec::new();
    for bucket in after {
        let had = left.remove(&(bucket.lo, bucket.hi)).unwrap_or(0);
        let count = bucket
            .count
            .checked_sub(had)
            .ok_or_else(|| format!("stdout: `buckets.{name}` went backwards"))?;
        if count > 0 {
            gained.push(Bucket { count, ..*bucket });
        }
    }
    if left.values().any(|&count| count > 0) {
        return Err(format!("stdout: `buckets.{name}` went backwards"));
    }
    Ok(Some(gained))
}

/// CPU of the threads that are the collector's.
pub fn of_collector(threads: &BTreeMap<String, Ns>) -> Ns {
    let named = threads
        .iter()
        .filter(|(group, _)| *group != super::threads::OTHER);
    Ns(named.map(|(_, ns)| ns.0).fold(0u64, u64::saturating_add))
}

/// CPU inside the window. The collector's share comes from its threads where it has some, else from the runtime's account.
pub fn cpu(response: &Response, collector: &Collector, threads: BTreeMap<String, Ns>) -> Cpu {
    let counter = |name: &str| difference(response, name).map(Ns);
    let (attributed, attribution) = if !collector.gc_threads.is_empty() && !threads.is_empty() {
        let names = collector.gc_threads.join(", ");
        (Some(of_collector(&threads)), format!("threads named {names}"))
    } else if let Some(account) = counter("gc_cpu_ns") {
        let what = match counter("go.idle_mark_cpu_ns") {
            Some(_) => "/cpu/classes/gc minus idle marking, of cycles that ended",
            None => "the runtime's own account",
        };
        (Some(account), what.to_owned())
    } else if !collector.collects() {
        (Some(Ns(0)), "no collector".to_owned())
    } else {
        (None, "unknown".to_owned())
    };
    Cpu {
        process: counter("cpu_ns"),
        collector: attributed,
        attribution,
        assist: counter("go.assist_cpu_ns"),
        idle_mark: counter("go.idle_mark_cpu_ns"),
        threads,
    }
}
