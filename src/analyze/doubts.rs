//! What casts doubt on a cell's numbers. Each rule says when it speaks.

use std::collections::BTreeMap;

use crate::artifact::analysis::Estimate;
use crate::artifact::doubt::Doubt;
use crate::artifact::metric::{Unit, metric};
use crate::artifact::plan::{Mode, Work};
use crate::artifact::steady::Steady;
use crate::artifact::unit::Ns;

use super::admit::Admitted;
use super::curves::upper_edge;
use super::estimates::median_of;

/// Below this, an interval hangs on one or two values.
const ENOUGH_ROUNDS: u32 = 10;
/// Live payload by construction against the runtime's own count; object headers alone come to this for small objects.
const LIVE_TOLERANCE: f64 = 0.25;
/// RSS over PSS; shared libraries stay below it, pages mapped twice do not.
const MAPPED_TOLERANCE: f64 = 1.25;
/// Share of a log's lines that must be understood.
const UNDERSTOOD: f64 = 0.99;

pub(super) struct Context<'a> {
    pub work: Option<&'a Work>,
    /// False for references without a collector.
    pub collected: bool,
    pub runs: &'a [Admitted<'a>],
    pub metrics: &'a BTreeMap<String, Estimate>,
    pub invalid: u32,
    pub steady: Option<&'a Steady>,
}

impl Context<'_> {
    fn any(&self, name: &str, test: impl Fn(f64) -> bool) -> bool {
        self.metrics
            .get(name)
            .is_some_and(|e| e.values.iter().any(|v| test(*v)))
    }
}

/// What a cell is held against once all of them are known.
pub(super) struct Floor<'a> {
    pub work: Option<&'a Work>,
    /// False for references without a collector.
    pub collected: bool,
    pub metrics: &'a BTreeMap<String, Estimate>,
    /// 99th percentile of the idle control, ns.
    pub floor_ns: Option<u64>,
}

impl Floor<'_> {
    fn median(&self, name: &str) -> Option<f64> {
        self.metrics.get(name).map(|e| e.median)
    }
}

/// What speaks of a cell alone; [`Doubts::with_floor`] puts the rest between.
pub(super) struct Doubts {
    runs: Vec<Doubt>,
    tails: Vec<Doubt>,
    accounts: Vec<Doubt>,
}

impl Doubts {
    /// In the order of the enum, each at most once but for tails and noise (one a quantile, one a metric).
    pub(super) fn with_floor(self, floor: &Floor<'_>) -> Vec<Doubt> {
        let Doubts {
            runs,
            tails,
            accounts,
        } = self;
        runs.into_iter()
            .chain(under_noise_floor(floor))
            .chain(tails)
            .chain(watcher_disagrees(floor))
            .chain(accounts)
            .collect()
    }
}

pub(super) fn doubts(c: &Context<'_>) -> Doubts {
    let valid = u32::try_from(c.runs.len()).unwrap_or(u32::MAX);
    let few = (1..ENOUGH_ROUNDS)
        .contains(&valid)
        .then_some(Doubt::FewRounds { rounds: valid });
    let failures = (c.invalid > 0).then_some(Doubt::Failures {
        failed: c.invalid,
        of: valid.saturating_add(c.invalid),
    });
    let idle = (c.collected && c.any("gc_cycles", |v| v == 0.0)).then_some(Doubt::NoCollections);
    let accounts = bucket_edge(c)
        .into_iter()
        .chain(live_differs(c))
        .chain(multiply_mapped(c))
        .chain(no_steady_state(c))
        .chain(partly_read(c));
    Doubts {
        runs: [few, failures, idle].into_iter().flatten().collect(),
        tails: saturated(c).into_iter().chain(tail_too_short(c)).collect(),
        accounts: accounts.collect(),
    }
}

/// A headline duration that an idle process would have seen as well. Wall time is no gap and has no such floor.
fn under_noise_floor(c: &Floor<'_>) -> Vec<Doubt> {
    let axes = c.work.map_or(&[][..], |w| &w.axes);
    let mut names: Vec<&str> = axes
        .iter()
        .map(|a| a.headline())
        .filter(|n| *n != "wall_ns" && metric(n).is_some_and(|m| m.unit == Unit::Ns))
        .collect();
    names.dedup();
    names
        .iter()
        .filter_map(|name| {
            let (value, floor) = (c.median(name)?, c.floor_ns?);
            (value > 0.0 && value < floor as f64).then_some(Doubt::UnderNoiseFloor {
                value_ns: value as u64,
                floor_ns: floor,
            })
        })
        .collect()
}

/// Any run whose backlog grew; the backlog is how late the slowest of the last requests was, or where that was not kept how much
/// longer the window took than the schedule; median over those runs.
fn saturated(c: &Context<'_>) -> Option<Doubt> {
    let is = |run: &Admitted<'_>| run.values.get("saturated").is_some_and(|v| *v > 0.0);
    let backlog = |run: &Admitted<'_>| {
        if let Some(last) = run.observation.slowest.last() {
            return Some(last.response.0 as f64 / 1e6);
        }
        let rate = run.observation.rate.filter(|r| *r > 0.0)?;
        let wall = run.values.get("wall_ns")?;
        Some((wall - run.observation.ops as f64 / rate * 1e9).max(0.0) / 1e6)
    };
    c.runs.iter().any(is).then(|| Doubt::Saturated {
        backlog_ms: median_of(c.runs, |run| is(run).then(|| backlog(run))?).unwrap_or(0.0) as u64,
    })
}

/// p99.9 and p99.99 need ten requests beyond them in every run.
fn tail_too_short(c: &Context<'_>) -> Vec<Doubt> {
    let open = c.work.is_some_and(|w| w.mode == Mode::Open);
    let least = c.runs.iter().filter_map(|run| run.counts.get("response")).min();
    let Some(&n) = least.filter(|_| open) else {
        return Vec::new();
    };
    [(0.999, 10_000), (0.9999, 100_000)]
        .into_iter()
        .filter(|(_, needed)| n < *needed)
        .map(|(quantile, _)| Doubt::TailTooShort { quantile, n })
        .collect()
}

/// A thread inside the process stood still for more than twice the longest declared pause, and for more than twice what the idle
/// control saw in the same runs, so that the machine is not to blame.
fn watcher_disagrees(c: &Floor<'_>) -> Option<Doubt> {
    let watcher = c.median("watcher_max_ns")?;
    let declared = c.median("pause_max_ns").unwrap_or(0.0);
    let machine = c
        .median("control_max_ns")
        .unwrap_or(0.0)
        .max(c.floor_ns.unwrap_or(0) as f64);
    (c.collected && watcher > 2.0 * declared && watcher > 2.0 * machine).then_some(Doubt::WatcherDisagrees {
        declared_ns: declared as u64,
        watcher_ns: watcher as u64,
    })
}

/// The longest pause is known only to its bucket: the one of the run with the longest.
fn bucket_edge(c: &Context<'_>) -> Option<Doubt> {
    let buckets = c.runs.iter().flat_map(|run| &run.observation.pauses.buckets);
    let last = buckets.filter(|b| b.count > 0).max_by_key(|b| upper_edge(b))?;
    Some(Doubt::BucketEdge {
        lo_ns: last.lo.0,
        hi_ns: Ns(upper_edge(last)).0,
    })
}

fn live_differs(c: &Context<'_>) -> Option<Doubt> {
    let found = median_of(c.runs, |run| Some(run.observation.memory.rest_used?.0 as f64))?;
    let asked = median_of(c.runs, |run| Some(run.observation.live.0 as f64)).filter(|v| *v > 0.0)?;
    ((found - asked).abs() > LIVE_TOLERANCE * asked).then_some(Doubt::LiveDiffers {
        asked: asked as u64,
        found: found as u64,
    })
}

/// At the hold where the two differ most.
fn multiply_mapped(c: &Context<'_>) -> Option<Doubt> {
    c.runs
        .iter()
        .flat_map(|run| {
            let memory = &run.observation.memory;
            memory
                .rss
                .iter()
                .filter_map(|(phase, rss)| Some((rss.0, memory.pss.get(phase)?.0)))
        })
        .filter(|(rss, pss)| *pss > 0 && *rss as f64 > MAPPED_TOLERANCE * *pss as f64)
        .max_by(|x, y| (x.0 as f64 / x.1 as f64).total_cmp(&(y.0 as f64 / y.1 as f64)))
        .map(|(rss, pss)| Doubt::MultiplyMapped { rss, pss })
}

/// Runs without a steady state, or with one that came late, of those long enough to have one.
fn no_steady_state(c: &Context<'_>) -> Option<Doubt> {
    let steady = c.steady.filter(|s| s.in_doubt() > 0)?;
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Some(Doubt::NoSteadyState {
        invocations: count(steady.in_doubt()),
        of: count(steady.told()),
    })
}

/// Of the run whose log was understood least.
fn partly_read(c: &Context<'_>) -> Option<Doubt> {
    let least = c
        .runs
        .iter()
        .filter_map(|run| run.observation.log_understood)
        .min_by(f64::total_cmp)?;
    (least < UNDERSTOOD).then_some(Doubt::PartlyRead {
        understood_percent: least * 100.0,
    })
}
