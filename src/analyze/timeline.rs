//! One representative run on one clock.

use std::collections::BTreeMap;

use crate::artifact::analysis::{Estimate, Timeline};
use crate::artifact::plan::Work;
use crate::artifact::unit::Ns;

use super::admit::Admitted;
use super::attribution;

const MOST_POINTS: usize = 1000;

/// Of the run whose headline lies nearest the median. The headline is that of the first axis of the work which the cell has a value for,
/// or else the length of the window. None without a run that has both ends of its window.
pub(super) fn timeline(
    work: Option<&Work>,
    runs: &[Admitted<'_>],
    metrics: &BTreeMap<String, Estimate>,
) -> Option<Timeline> {
    let headlines = work.into_iter().flat_map(|w| w.axes.iter().map(|a| a.headline()));
    let headline = headlines
        .chain(["wall_ns"])
        .find(|name| metrics.contains_key(*name));
    let distance = |run: &Admitted<'_>| -> f64 {
        let centre = headline.and_then(|name| metrics.get(name)).map(|e| e.median);
        let value = headline.and_then(|name| run.values.get(name));
        match (centre, value) {
            (Some(centre), Some(value)) => (value - centre).abs(),
            _ => f64::INFINITY,
        }
    };
    // The first of equals: min_by keeps it.
    let run = runs.iter().min_by(|x, y| distance(x).total_cmp(&distance(y)))?;
    let seen = &run.observation;
    let begin = seen.marks.get("begin")?;
    let end = seen.marks.get("end")?;
    let since = |at: Ns| i64::try_from(i128::from(at.0) - i128::from(begin.0)).unwrap_or(i64::MAX);
    Some(Timeline {
        invocation: seen.invocation.clone(),
        window: Ns(end.0.saturating_sub(begin.0)),
        rss: thin(&seen.memory.series, |(_, rss)| rss.0)
            .into_iter()
            .map(|(at, rss)| (since(at), rss))
            .collect(),
        pauses: thin(&seen.pauses.events, |p| p.total.0)
            .into_iter()
            .map(|p| (since(p.at), p.total, p.operation))
            .collect(),
        stalls: thin(&seen.stalls, |s| s.duration.0)
            .into_iter()
            .map(|s| (since(s.at), s.duration, s.kind))
            .collect(),
        heap: thin(&seen.cycles, |c| c.before.map_or(0, |b| b.0))
            .into_iter()
            .map(|c| (since(c.at), c.before, c.after))
            .collect(),
        slow: thin(&attribution::slow_requests(seen, *begin), |s| s.response.0),
        p999: attribution::p999(run),
        attribution: attribution::of_run(run),
        close_up: attribution::close_up(seen, *begin),
    })
}

/// At most [`MOST_POINTS`] of `points`, in order: the highest of each run of neighbours, so that no peak is lost.
fn thin<T: Clone>(points: &[T], height: impl Fn(&T) -> u64) -> Vec<T> {
    let neighbours = points.len().div_ceil(MOST_POINTS).max(1);
    points
        .chunks(neighbours)
        .filter_map(|chunk| chunk.iter().max_by_key(|p| height(p)))
        .cloned()
        .collect()
}
