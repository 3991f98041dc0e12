//! CPU of the collector where it has threads of its own, told by their names.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{ObserveError, read_csv};
use crate::artifact::run_dir::Raw;
use crate::artifact::unit::Ns;

/// A line of threads.csv.
#[derive(Deserialize)]
pub struct Row {
    phase: String,
    tid: u64,
    name: String,
    cpu_ns: u64,
}

/// All that is not a collector's.
pub const OTHER: &str = "other";

pub fn rows(raw: &Raw) -> Result<Vec<Row>, ObserveError> {
    read_csv(&raw.threads())
}

/// CPU between two holds per pattern, and of the rest. Empty if a hold is missing. A thread born between
/// them counts from 0; one that died between them took its account with it.
pub fn between_holds(rows: &[Row], patterns: &[String], from: &str, to: &str) -> BTreeMap<String, Ns> {
    let at = |phase: &str| -> BTreeMap<u64, &Row> {
        rows.iter()
            .filter(|r| r.phase == phase)
            .map(|r| (r.tid, r))
            .collect()
    };
    let (before, after) = (at(from), at(to));
    let mut groups = BTreeMap::new();
    if before.is_empty() || after.is_empty() {
        return groups;
    }
    for pattern in patterns.iter().map(String::as_str).chain([OTHER]) {
        groups.insert(pattern.to_owned(), Ns(0));
    }
    for (tid, row) in after {
        let spent = row
            .cpu_ns
            .saturating_sub(before.get(&tid).map_or(0, |r| r.cpu_ns));
        let pattern = patterns.iter().find(|p| matches(p, &row.name));
        let group = groups.entry(pattern.map_or(OTHER, |p| p).to_owned()).or_default();
        group.0 = group.0.saturating_add(spent);
    }
    groups
}

/// Is a thread of that name the collector's?
pub fn is_of(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| matches(pattern, name))
}

/// `GC Thread#*`: how the names begin; the star may be left out, since threads of a pool are numbered behind their name. The kernel
/// keeps 15 bytes of a name, so a longer pattern is compared as far as that.
fn matches(pattern: &str, name: &str) -> bool {
    const KEPT: usize = 15;
    let begins = pattern.strip_suffix('*').unwrap_or(pattern).as_bytes();
    name.as_bytes().starts_with(&begins[..begins.len().min(KEPT)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(phase: &str, tid: u64, name: &str, cpu_ns: u64) -> Row {
        Row {
            phase: phase.into(),
            tid,
            name: name.into(),
            cpu_ns,
        }
    }

    #[test]
    fn the_collector_is_told_by_its_threads_names() {
        let rows = [
            row("setup", 1, "mutator-0", 100),
            row("setup", 2, "GC Thread#0", 10),
            row("end", 1, "mutator-0", 600),
            row("end", 2, "GC Thread#0", 40),
            row("end", 3, "Shenandoah GC T", 7),
            row("rest", 2, "GC Thread#0", 9_999),
        ];
        let patterns = ["GC Thread#".to_owned(), "Shenandoah GC Threads#*".to_owned()];
        let groups = between_holds(&rows, &patterns, "setup", "end");
        let cpu: Vec<(&str, u64)> = groups.iter().map(|(k, v)| (k.as_str(), v.0)).collect();
        assert_eq!(
            cpu,
            [("GC Thread#", 30), ("Shenandoah GC Threads#*", 7), ("other", 500)]
        );
    }

    #[test]
    fn a_star_at_the_end_changes_nothing() {
        for pattern in ["VM Thread", "VM Thread*", "VM"] {
            assert!(matches(pattern, "VM Thread"), "{pattern}");
            assert!(!matches(pattern, "mutator-0"), "{pattern}");
        }
    }

    #[test]
    fn without_both_holds_there_is_no_account() {
        assert!(between_holds(&[row("setup", 1, "x", 1)], &[], "setup", "end").is_empty());
    }
}
