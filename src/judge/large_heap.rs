//! The large-heap axis: one work a series, at the largest live payload that both sides carry.

use std::collections::BTreeMap;

use crate::artifact::axis::Axis;
use crate::artifact::plan::{Mode, Work};

use super::compare::{PAUSE, Question};

/// What a series is judged by: response times where it is an open loop, pauses where it is a closed one.
pub(super) fn metric(work: &Work) -> &'static str {
    match work.mode {
        Mode::Open => Axis::LargeHeap.headline(),
        Mode::Closed => PAUSE,
    }
}

/// Series name -> its works, by live payload ascending; of the series that both sides were to do.
pub(super) fn series<'a>(question: &Question<'a>) -> BTreeMap<&'a str, Vec<&'a Work>> {
    let mut series: BTreeMap<&str, Vec<&Work>> = BTreeMap::new();
    for work in &question.plan.works {
        if let Some(name) = work
            .series
            .as_deref()
            .filter(|_| work.axes.contains(&Axis::LargeHeap) && planned(question, work))
        {
            series.entry(name).or_default().push(work);
        }
    }
    for works in series.values_mut() {
        works.sort_by_key(|w| w.live);
    }
    series
}

fn planned(question: &Question<'_>, work: &Work) -> bool {
    let to_do = |name: &String| {
        let mut cells = question.plan.cells.iter();
        cells.any(|c| c.work == work.id && c.collector == *name)
    };
    to_do(&question.pair.a) && to_do(&question.pair.b)
}

/// Whether both sides have a valid run.
pub(super) fn carried(question: &Question<'_>, work: &Work) -> bool {
    [&question.pair.a, &question.pair.b]
        .into_iter()
        .all(|c| question.cell(work, c).is_some_and(|s| s.valid > 0))
}

/// The headline, and for each series that has it the largest work that both sides carry (the largest of all where there is none).
/// Response times and pauses are not averaged: closed series count only where there is no open one.
pub(super) fn works<'a>(question: &Question<'a>) -> (&'static str, Vec<&'a Work>) {
    let largest: Vec<&Work> = series(question)
        .values()
        .filter_map(|works| {
            let carried = works.iter().rev().find(|w| carried(question, w));
            carried.or(works.last()).copied()
        })
        .collect();
    let headline = Axis::LargeHeap.headline();
    let chosen = if largest.is_empty() || largest.iter().any(|w| metric(w) == headline) {
        headline
    } else {
        PAUSE
    };
    let works = largest.into_iter().filter(|w| metric(w) == chosen).collect();
    (chosen, works)
}

/// Works of the series beyond the one that was judged: one side or both could not run them.
pub(super) fn beyond<'a>(question: &Question<'a>, judged: &Work) -> Vec<&'a Work> {
    series(question)
        .into_values()
        .flatten()
        .filter(|w| w.series == judged.series && w.live > judged.live)
        .collect()
}

/// The smallest work of the same series that both sides carry, where it is smaller than `judged`.
pub(super) fn smallest<'a>(question: &Question<'a>, judged: &Work) -> Option<&'a Work> {
    series(question)
        .into_values()
        .flatten()
        .filter(|w| w.series == judged.series && w.live < judged.live)
        .find(|w| carried(question, w))
}
