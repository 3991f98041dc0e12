//! Accounts at instants of the window: what the runner tells of itself, and beside it what its collector had spent by then.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::collections::Spent;
use super::memory::Samples;
use super::{ObserveError, read_csv, threads};
use crate::artifact::observation::Tick;
use crate::artifact::plan::Collector;
use crate::artifact::run_dir::Raw;
use crate::artifact::unit::{Bytes, Ns};

/// What a runner may answer: of a longer window it tells the beginning and the end.
const MOST_TICKS: usize = 4096;

/// `at:cpu:allocated:used`, the last of them empty where the runtime does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    pub at: Ns,
    pub cpu: Ns,
    pub allocated: Bytes,
    pub used: Option<Bytes>,
}

/// The line `ticks`. The runner has told the marks before: the first tick comes before the window, the last one after it.
pub fn read(value: &str, marks: &BTreeMap<String, Ns>) -> Result<Vec<Told>, String> {
    let mark = |name: &str| marks.get(name).copied();
    let (begin, end) = mark("begin")
        .zip(mark("end"))
        .ok_or("comes before mark.begin and mark.end")?;
    let mut all: Vec<Told> = Vec::new();
    for entry in value.split(';') {
        let bad = |what: &str| {
            let shown: String = entry.chars().take(60).collect();
            format!("`{shown}` {what}")
        };
        let told = told(entry).ok_or_else(|| bad("is not at:cpu:allocated:used"))?;
        if all.last().is_some_and(|before| before.at >= told.at) {
            return Err(bad("is not later than the one before it"));
        }
        let shrank = |before: &Told| before.cpu > told.cpu || before.allocated > told.allocated;
        if all.last().is_some_and(shrank) {
            return Err(bad("has less than the one before it"));
        }
        if all.len() == MOST_TICKS {
            return Err(format!("are more than {MOST_TICKS}"));
        }
        all.push(told);
    }
    let first = all
        .first()
        .is_some_and(|tick| tick.at <= begin && mark("warmup").is_none_or(|warm| tick.at >= warm));
    let last = all
        .last()
        .is_some_and(|tick| tick.at >= end && mark("rest").is_none_or(|rest| tick.at <= rest));
    if !first || !last {
        return Err("do not begin just before the window and end just after it".to_owned());
    }
    Ok(all)
}

fn told(entry: &str) -> Option<Told> {
    let fields: Vec<&str> = entry.splitn(5, ':').collect();
    let [at, cpu, allocated, used] = fields[..] else {
        return None;
    };
    Some(Told {
        at: Ns(at.parse().ok()?),
        cpu: Ns(cpu.parse().ok()?),
        allocated: Bytes(allocated.parse().ok()?),
        used: match used {
            "" => None,
            used => Some(Bytes(used.parse().ok()?)),
        },
    })
}

/// What was told, with what others know of the same instants.
pub fn ticks(told: &[Told], samples: &Samples, collector: Option<&Account>) -> Vec<Tick> {
    let tick = |told: &Told| Tick {
        at: told.at,
        cpu: told.cpu,
        allocated: told.allocated,
        used: told.used,
        resident: samples.at(told.at),
        collector: collector.and_then(|account| account.at(told.at)),
    };
    told.iter().map(tick).collect()
}

/// CPU so far at instants, in order of time; it never falls.
#[derive(Debug, PartialEq)]
pub struct Account {
    points: Vec<(Ns, Ns)>,
    /// So far beyond its ends nothing is thought to have been spent.
    reach: u64,
}

/// A line of seconds.csv.
#[derive(Deserialize)]
struct Second {
    t_ns: u64,
    tid: u64,
    name: String,
    cpu_ns: u64,
}

impl Account {
    /// Of the collector's threads where it has some that were looked at, else of its log where that tells CPU; None where neither does.
    pub fn of(collector: &Collector, raw: &Raw, spent: &[Spent]) -> Result<Option<Account>, ObserveError> {
        if collector.gc_threads.is_empty() {
            return Ok((collector.log == "gctrace").then(|| Account::of_cycles(spent)));
        }
        let rows: Vec<Second> = read_csv(&raw.seconds())?;
        Ok(Account::of_threads(rows, &collector.gc_threads))
    }

    /// A thread that is gone keeps what it had. A look may be late by what the machine lets it wait.
    fn of_threads(mut rows: Vec<Second>, patterns: &[String]) -> Option<Account> {
        const LATE_NS: u64 = 100_000_000;
        rows.sort_by_key(|row| row.t_ns);
        let mut known: BTreeMap<u64, u64> = BTreeMap::new();
        let mut points = Vec::new();
        for look in rows.chunk_by(|a, b| a.t_ns == b.t_ns) {
            for row in look.iter().filter(|row| threads::is_of(patterns, &row.name)) {
                let cpu = known.entry(row.tid).or_default();
                *cpu = row.cpu_ns.max(*cpu);
            }
            let sum = known.values().fold(0, |sum: u64, cpu| sum.saturating_add(*cpu));
            points.push((Ns(look[0].t_ns), Ns(sum)));
        }
        (!points.is_empty()).then_some(Account {
            points,
            reach: LATE_NS,
        })
    }

    /// The log is of the process's whole life: outside of cycles nothing is spent.
    fn of_cycles(spent: &[Spent]) -> Account {
        let mut points = vec![(Ns(0), Ns(0))];
        let mut sum = Ns(0);
        for cycle in spent {
            // Stamps are cut to 1 ms: one cycle may seem to begin before the end of another.
            let before = points.last().map_or(Ns(0), |(at, _)| *at);
            let begun = cycle.begun.max(before);
            points.push((begun, sum));
            sum.0 = sum.0.saturating_add(cycle.cpu.0);
            let ended = cycle.begun.0.saturating_add(cycle.length.0);
            points.push((Ns(ended.max(begun.0)), sum));
        }
        Account {
            points,
            reach: u64::MAX,
        }
    }

    /// Straight between two points; None beyond its reach.
    fn at(&self, t: Ns) -> Option<Ns> {
        let after = self.points.partition_point(|(at, _)| *at <= t);
        let before = after.checked_sub(1).and_then(|i| self.points.get(i));
        match (before, self.points.get(after)) {
            (Some((from, least)), Some((to, most))) => {
                let part = u128::from(t.0 - from.0) * u128::from(most.0.saturating_sub(least.0));
                let more = part / u128::from(to.0 - from.0);
                Some(Ns(least
                    .0
                    .saturating_add(u64::try_from(more).unwrap_or(u64::MAX))))
            }
            (Some((near, cpu)), None) | (None, Some((near, cpu))) => {
                (near.0.abs_diff(t.0) <= self.reach).then_some(*cpu)
            }
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(points: &[(u64, u64)], reach: u64) -> Account {
        Account {
            points: points.iter().map(|&(at, cpu)| (Ns(at), Ns(cpu))).collect(),
            reach,
        }
    }

    #[test]
    fn an_account_is_straight_between_its_points_and_level_within_its_reach() {
        let account = account(&[(100, 10), (200, 30), (200, 40), (300, 40)], 50);
        for (t, cpu) in [
            (49, None),
            (50, Some(10)),
            (100, Some(10)),
            (150, Some(20)),
            (200, Some(40)),
            (250, Some(40)),
            (350, Some(40)),
            (351, None),
        ] {
            assert_eq!(account.at(Ns(t)), cpu.map(Ns), "at {t}");
        }
        let large = [(0, 0), (u64::MAX, u64::MAX)];
        assert_eq!(self::account(&large, 0).at(Ns(1 << 63)), Some(Ns(1 << 63)));
        assert_eq!(self::account(&[], 50).at(Ns(1)), None);
    }

    #[test]
    fn the_collectors_threads_are_added_up_and_one_that_is_gone_keeps_its_part() {
        let row = |t_ns, tid, name: &str, cpu_ns| Second {
            t_ns,
            tid,
            name: name.into(),
            cpu_ns,
        };
        let rows = vec![
            row(10, 1, "mutator-0", 900),
            row(10, 2, "GC Thread#0", 5),
            row(10, 3, "GC Thread#1", 7),
            row(20, 1, "mutator-0", 950),
            row(20, 3, "GC Thread#1", 9),
            row(20, 4, "GC Thread#2", 1),
        ];
        let found = Account::of_threads(rows, &["GC Thread#*".to_owned()]).unwrap();
        assert_eq!(found, account(&[(10, 12), (20, 15)], found.reach));
        assert_eq!(Account::of_threads(Vec::new(), &[]), None);
    }

    #[test]
    fn a_cycles_cpu_is_spread_over_its_length() {
        let spent = |begun, length, cpu| Spent {
            begun: Ns(begun),
            length: Ns(length),
            cpu: Ns(cpu),
        };
        // The second seems to begin before the end of the first, the third has no length.
        let found = Account::of_cycles(&[spent(100, 50, 10), spent(140, 60, 20), spent(300, 0, 5)]);
        for (t, cpu) in [
            (0, 0),
            (99, 0),
            (125, 5),
            (150, 10),
            (175, 20),
            (200, 30),
            (299, 30),
            (300, 35),
            (u64::MAX, 35),
        ] {
            assert_eq!(found.at(Ns(t)), Some(Ns(cpu)), "at {t}");
        }
    }
}
