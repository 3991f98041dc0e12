//! What the slowest requests met. An overlap in time is no proof of a cause: slices without a slow request are counted beside them, as
//! the share that chance alone would give.

use std::collections::BTreeMap;

use crate::artifact::analysis::{Attribution, CloseUp, Event, EventKind, Met, Overlap, SlowRequest};
use crate::artifact::observation::Observation;
use crate::artifact::unit::Ns;

use super::admit::Admitted;

/// What happened from `begin` to `end` on the clock of the requests.
struct Happened<'a> {
    kind: EventKind,
    what: &'a str,
    begin: u64,
    end: u64,
}

/// Of all runs together; None where no run has requests by slices and a p99.9.
pub(super) fn of_runs(runs: &[Admitted<'_>]) -> Option<Attribution> {
    runs.iter().filter_map(of_run).reduce(together)
}

pub(super) fn of_run(run: &Admitted<'_>) -> Option<Attribution> {
    let p999 = p999(run)?;
    let observation = &run.observation;
    let begin = *observation.marks.get("begin")?;
    if observation.slowest.is_empty() {
        return None;
    }
    let happened = Events::of(observation);
    let mut found = Attribution {
        p999: (p999, p999),
        invocation: observation.invocation.clone(),
        tolerance: happened.tolerance,
        ..Attribution::default()
    };
    let mut most: BTreeMap<String, u32> = BTreeMap::new();
    for slow in &observation.slowest {
        let seen = happened.seen_by(slow.intended, slow.response);
        let met = seen.most();
        if slow.response > p999 {
            seen.count(&mut found.beyond, slow.response);
            if let Some(met) = &met {
                *most.entry(met.what.clone()).or_default() += 1;
            }
        } else {
            seen.count(&mut found.within, slow.response);
        }
        if found.slowest.as_ref().is_none_or(|s| slow.response > s.response) {
            found.slowest = Some(SlowRequest {
                at: since(begin, slow.intended),
                response: slow.response,
                met,
            });
        }
    }
    found.most = by_number(most);
    Some(found)
}

/// Each slice's slowest request, for the picture.
pub(super) fn slow_requests(observation: &Observation, begin: Ns) -> Vec<SlowRequest> {
    let happened = Events::of(observation);
    let requests = observation.slowest.iter().map(|slow| SlowRequest {
        at: since(begin, slow.intended),
        response: slow.response,
        met: happened.seen_by(slow.intended, slow.response).most(),
    });
    requests.collect()
}

/// The slowest request, and what of the collector's was no further from it than it took itself.
pub(super) fn close_up(observation: &Observation, begin: Ns) -> Option<CloseUp> {
    /// The longest are kept.
    const MOST: usize = 400;
    let mut slowest = *observation.slowest.first()?;
    for slow in &observation.slowest {
        if slow.response > slowest.response {
            slowest = *slow;
        }
    }
    let happened = Events::of(observation);
    let from = slowest.intended.0.saturating_sub(slowest.response.0);
    let to = slowest
        .intended
        .0
        .saturating_add(2 * slowest.response.0.min(u64::MAX / 4));
    let near = happened.all.iter().filter(|h| h.begin < to && h.end > from);
    let mut events: Vec<Event> = near
        .map(|h| Event {
            kind: h.kind,
            what: h.what.to_owned(),
            at: since(begin, Ns(h.begin)),
            duration: Ns(h.end - h.begin),
        })
        .collect();
    events.sort_by_key(|e| std::cmp::Reverse(e.duration));
    events.truncate(MOST);
    events.sort_by_key(|e| (e.at, e.kind));
    Some(CloseUp {
        request: SlowRequest {
            at: since(begin, slowest.intended),
            response: slowest.response,
            met: happened.seen_by(slowest.intended, slowest.response).most(),
        },
        events,
    })
}

pub(super) fn p999(run: &Admitted<'_>) -> Option<Ns> {
    run.values.get("response_p999_ns").map(|ns| Ns(*ns as u64))
}

fn since(begin: Ns, at: Ns) -> i64 {
    i64::try_from(i128::from(at.0) - i128::from(begin.0)).unwrap_or(i64::MAX)
}

/// Everything that may have held a request up, each kind in order of its begin.
struct Events<'a> {
    all: Vec<Happened<'a>>,
    tolerance: Ns,
}

impl<'a> Events<'a> {
    fn of(observation: &'a Observation) -> Self {
        let ended = |kind, what, at: Ns, lasted: Ns| Happened {
            kind,
            what,
            begin: at.0.saturating_sub(lasted.0),
            end: at.0,
        };
        let pauses = observation.pauses.events.iter();
        let stops = pauses.map(|p| ended(EventKind::Stop, p.operation.as_str(), p.at, p.total));
        let stalls = observation.stalls.iter().filter(|s| s.stops_a_thread());
        let stalls = stalls.map(|s| ended(EventKind::Stall, s.kind.as_str(), s.at, s.duration));
        let cycles = observation.cycles.iter().filter_map(|c| {
            let lasted = c.duration?;
            let end = Ns(c.at.0.saturating_add(lasted.0));
            Some(ended(EventKind::Cycle, c.kind.as_str(), end, lasted))
        });
        Events {
            all: stops.chain(stalls).chain(cycles).collect(),
            tolerance: observation.pauses.placed_to,
        }
    }

    fn seen_by(&self, intended: Ns, response: Ns) -> Seen<'_> {
        let (begin, end) = (intended.0, intended.0.saturating_add(response.0));
        let near = |h: &&Happened| {
            h.begin <= end.saturating_add(self.tolerance.0) && h.end >= begin.saturating_sub(self.tolerance.0)
        };
        let overlap = |h: &Happened| h.end.min(end).saturating_sub(h.begin.max(begin));
        Seen(self.all.iter().filter(near).map(|h| (h, overlap(h))).collect())
    }
}

/// What overlaps one request, and by how many ns.
struct Seen<'a>(Vec<(&'a Happened<'a>, u64)>);

impl Seen<'_> {
    fn has(&self, kind: EventKind) -> bool {
        self.0.iter().any(|(h, _)| h.kind == kind)
    }

    fn count(&self, met: &mut Met, response: Ns) {
        let (stop, stall) = (self.has(EventKind::Stop), self.has(EventKind::Stall));
        let cycle = !stop && !stall && self.has(EventKind::Cycle);
        met.slices += 1;
        met.stop += u32::from(stop);
        met.stall += u32::from(stall);
        met.cycle += u32::from(cycle);
        met.nothing += u32::from(!(stop || stall || cycle));
        met.half += u32::from(self.held() >= response.0.div_ceil(2).max(1));
    }

    /// The longest overlap with a stop or a stall; stops and stalls of several threads may overlap each other, so they are not added up.
    /// Stops never overlap stops: those are.
    fn held(&self) -> u64 {
        let of = |kind| {
            self.0
                .iter()
                .filter(move |(h, _)| h.kind == kind)
                .map(|(_, ns)| *ns)
        };
        let stopped = of(EventKind::Stop).fold(0, u64::saturating_add);
        stopped.max(of(EventKind::Stall).max().unwrap_or(0))
    }

    /// A stop or a stall, the one that overlaps longest (the longer of two that only the tolerance lets meet it), or else a cycle.
    fn most(&self) -> Option<Overlap> {
        let length = |h: &Happened| h.end - h.begin;
        let found = self.0.iter().max_by(|(x, x_ns), (y, y_ns)| {
            let rank = |h: &Happened| h.kind != EventKind::Cycle;
            let key = |h: &Happened, ns: u64| (rank(h), ns, length(h));
            // The first of equals: max_by would keep the last.
            key(x, *x_ns).cmp(&key(y, *y_ns)).then(y.begin.cmp(&x.begin))
        });
        found.map(|(h, ns)| Overlap {
            what: h.what.to_owned(),
            duration: Ns(length(h)),
            overlap: Ns(*ns),
        })
    }
}

fn together(mut all: Attribution, run: Attribution) -> Attribution {
    let add = |to: &mut Met, of: Met| {
        to.slices += of.slices;
        to.stop += of.stop;
        to.stall += of.stall;
        to.cycle += of.cycle;
        to.nothing += of.nothing;
        to.half += of.half;
    };
    add(&mut all.beyond, run.beyond);
    add(&mut all.within, run.within);
    all.p999 = (all.p999.0.min(run.p999.0), all.p999.1.max(run.p999.1));
    all.tolerance = all.tolerance.max(run.tolerance);
    let mut most: BTreeMap<String, u32> = all.most.into_iter().collect();
    for (what, slices) in run.most {
        *most.entry(what).or_default() += slices;
    }
    all.most = by_number(most);
    let response = |slowest: &Option<SlowRequest>| slowest.as_ref().map(|s| s.response);
    if response(&run.slowest) > response(&all.slowest) {
        (all.slowest, all.invocation) = (run.slowest, run.invocation);
    }
    all
}

/// Most frequent first, then by name.
fn by_number(most: BTreeMap<String, u32>) -> Vec<(String, u32)> {
    let mut most: Vec<(String, u32)> = most.into_iter().collect();
    most.sort_by(|x, y| y.1.cmp(&x.1).then_with(|| x.0.cmp(&y.0)));
    most
}
