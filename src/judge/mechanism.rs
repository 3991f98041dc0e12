//! Why? One to three sentences from what was measured, never from reputation.

use crate::artifact::analysis::CellSummary;
use crate::artifact::axis::Axis;
use crate::artifact::plan::Work;
use crate::stats;

use super::compare::{Asked, Comparison, Grounds, Standing, Who};
use super::decision::{Held, Outcome};
use super::equal_memory;
use super::fragmentation;
use super::large_heap;
use super::numbers::{bytes, digits, of_metric};

/// A measured number and the words around it.
type Fact = (&'static str, &'static str, &'static str);

const THROUGHPUT: &[Fact] = &[
    ("gc_cycles", "", " collections"),
    ("gc_cpu_share", "the collector took ", " of CPU"),
    ("assist_cpu_ns", "assists ", ""),
    ("alloc_rate", "allocating ", ""),
    ("cpu_ns", "CPU ", " in all"),
    ("rss_peak", "peak memory ", ""),
];
const PAUSE: &[Fact] = &[
    ("pause_count", "", " pauses"),
    ("pause_total_ns", "", " in all"),
    ("pause_max_ns", "the longest ", ""),
    ("ttsp_max_ns", "up to ", " of it to reach a safepoint"),
    ("stall_count", "", " stalls"),
    ("stall_max_ns", "the longest stall ", ""),
    ("pacing_total_ns", "threads held back for ", " in all"),
    ("watcher_max_ns", "a thread stood still for up to ", ""),
];
const MEMORY: &[Fact] = &[
    ("rss_peak", "peak ", ""),
    ("rss_mean", "mean ", ""),
    ("rest_rss_over_live", "at rest ", " x the live payload"),
    ("rest_used_over_live", "of which in use ", " x"),
    ("alloc_overhead", "allocated ", " x what was asked for"),
    ("gc_cycles", "", " collections"),
];
const TAIL: &[Fact] = &[
    ("response_p999_ns", "p99.9 response ", ""),
    ("service_p999_ns", "p99.9 service ", ""),
    ("watcher_max_ns", "a thread stood still for up to ", ""),
    ("pause_max_ns", "longest pause ", ""),
    ("stall_max_ns", "longest stall ", ""),
    ("pacing_total_ns", "threads held back for ", " in all"),
    ("gc_cpu_share", "the collector took ", " of CPU"),
];
const FRAGMENTATION: &[Fact] = &[
    ("frag_committed_over_live", "committed ", " x the live payload"),
    ("frag_resident_over_live", "resident ", " x"),
    ("frag_held_over_live", "free but held ", " x"),
    ("frag_waste_over_live", "waste inside what is in use ", " x"),
    (
        "return_share",
        "gave back ",
        " of what it could after the load dropped",
    ),
];
const LARGE_HEAP: &[Fact] = &[
    ("response_p999_ns", "p99.9 response ", ""),
    ("pause_max_ns", "longest pause ", ""),
    ("gc_cpu_share", "the collector took ", " of CPU"),
    ("gc_cycles", "", " collections"),
];

fn facts_of(axis: Axis) -> &'static [Fact] {
    match axis {
        Axis::Pause => PAUSE,
        Axis::Throughput => THROUGHPUT,
        Axis::Memory => MEMORY,
        Axis::Tail => TAIL,
        Axis::Fragmentation => FRAGMENTATION,
        Axis::LargeHeap => LARGE_HEAP,
    }
}

/// In order: what decided without a ratio or held a win back, the facts of the work where the sides differ most, growth over sizes.
pub(super) fn sentences(asked: &Asked<'_>, outcome: &Outcome) -> Vec<String> {
    [
        explanation(asked, outcome),
        facts(asked),
        readings(asked),
        growth(asked),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn explanation(asked: &Asked<'_>, outcome: &Outcome) -> Option<String> {
    let voices: Vec<String> = asked.works.iter().filter_map(|c| voice(asked, c)).collect();
    let held = outcome.held_back.map(|held| match held {
        Held::Saturation => {
            "The interval alone would be a win, but for the side that was saturated in more of its runs".to_owned()
        }
        Held::NoiseFloor => {
            "The interval alone would be a win, but it rests on values under this machine's noise floor".to_owned()
        }
        Held::NoCollections => {
            "The interval alone would be a win, but it rests on works in which the winner did not collect".to_owned()
        }
        Held::Memory => {
            "The interval alone would be a win, but for works on which the winner had more memory than the other was ever measured with".to_owned()
        }
        Held::TooFewRuns => format!(
            "The interval alone would decide, but with so few runs chance alone could order them so with p = {}",
            digits(asked.p().unwrap_or(1.0))
        ),
        Held::Contradiction => "The works contradict each other".to_owned(),
    });
    let parts: Vec<String> = held.into_iter().chain(voices).collect();
    (!parts.is_empty()).then(|| format!("{}.", parts.join("; ")))
}

/// What a work says that has no ratio.
fn voice(asked: &Asked<'_>, c: &Comparison<'_>) -> Option<String> {
    let work = &c.work.id;
    match &c.standing {
        Standing::Speaks { for_, grounds } => {
            let (here, there) = match for_ {
                Who::A => (name(asked, Who::A), name(asked, Who::B)),
                Who::B => (name(asked, Who::B), name(asked, Who::A)),
            };
            Some(match grounds {
                Grounds::Saturation => {
                    format!(
                        "on {work} {there} could not carry the offered rate and {here} could, so that there is no ratio"
                    )
                }
                Grounds::NoPauses => {
                    format!(
                        "on {work} no run of {here} paused and every run of {there} did, so that there is no ratio"
                    )
                }
            })
        }
        Standing::SomeSaturated => Some(format!(
            "on {work} some runs carried the offered rate and others did not, so that there is no ratio"
        )),
        Standing::BothSaturated => Some(format!("on {work} neither could carry the offered rate")),
        Standing::NoPauses => Some(format!("on {work} neither paused inside the window")),
        Standing::SomeWithoutPauses => Some(format!(
            "on {work} some runs paused and others did not, so that there is no ratio"
        )),
        Standing::Measured { .. } | Standing::Missing(_) => None,
    }
}

fn name<'a>(asked: &Asked<'a>, who: Who) -> &'a str {
    let pair = asked.question.pair;
    asked.question.label(match who {
        Who::A => &pair.a,
        Who::B => &pair.b,
    })
}

/// Both sides' numbers on the work whose ratio is farthest from 1, or else on the first that has any.
fn facts(asked: &Asked<'_>) -> Option<String> {
    let distance = |c: &Comparison<'_>| match &c.standing {
        Standing::Measured { a, b, .. } => match (stats::median(a), stats::median(b)) {
            (Some(a), Some(b)) => (a / b).ln().abs(),
            _ => -1.0,
        },
        _ => -1.0,
    };
    let shown = asked.works.iter().filter(|c| c.a.is_some() || c.b.is_some());
    // Of equals the first: reversed, since max_by keeps the last.
    let c = shown.rev().max_by(|x, y| distance(x).total_cmp(&distance(y)))?;
    let sides: Vec<String> = [(Who::A, c.a), (Who::B, c.b)]
        .into_iter()
        .filter_map(|(who, cell)| {
            Some(format!(
                "{}: {}",
                name(asked, who),
                list(asked.question.axis, cell?)?
            ))
        })
        .collect();
    let place = if asked.sizes().len() > 1 {
        format!("Where they differ most, on {}", c.work.id)
    } else {
        format!("On {}", c.work.id)
    };
    (!sides.is_empty()).then(|| format!("{place}, {}.", sides.join("; ")))
}

fn list(axis: Axis, cell: &CellSummary) -> Option<String> {
    let mut known: Vec<String> = facts_of(axis)
        .iter()
        .filter_map(|(metric, before, after)| {
            let median = cell.metrics.get(*metric)?.median;
            Some(format!("{before}{}{after}", of_metric(metric, median)))
        })
        .collect();
    if axis == Axis::Fragmentation {
        known.extend(cell.fragmentation.iter().flat_map(fragmentation::facts));
    }
    (!known.is_empty()).then(|| known.join(", "))
}

/// Where the curves over memory were read, and what the ratio is at the ends of what both have shown.
fn readings(asked: &Asked<'_>) -> Option<String> {
    let told: Vec<String> = asked
        .works
        .iter()
        .filter_map(|c| {
            let (reading, task) = (c.reading.as_ref()?, c.work.task());
            let times = |memory: f64| digits(memory / reading.live);
            Some(match reading.ends {
                _ if equal_memory::richer(reading).is_some() => format!(
                    "{task} has no memory in common, and is read where the two come nearest: {} at {} x live, {} at {} x",
                    name(asked, Who::A),
                    times(reading.a),
                    name(asked, Who::B),
                    times(reading.b)
                ),
                Some([(from, first), (to, last)]) => format!(
                    "{task} at {} x live; with {} to {} x the ratio goes from {} to {}",
                    times(reading.a),
                    times(from),
                    times(to),
                    digits(first),
                    digits(last)
                ),
                None => format!("{task} at {} x live", times(reading.a)),
            })
        })
        .collect();
    (!told.is_empty()).then(|| format!("Read at equal measured memory: {}.", told.join("; ")))
}

/// Large heap: the headline from the smallest to the largest live payload of each series; a series that is judged by another metric
/// than the verdict's is told here and is no part of the ratio.
fn growth(asked: &Asked<'_>) -> Option<String> {
    if asked.question.axis != Axis::LargeHeap {
        return None;
    }
    let mut parts = Vec::new();
    for (series, works) in large_heap::series(&asked.question) {
        let Some(largest) = works
            .iter()
            .rev()
            .find(|w| large_heap::carried(&asked.question, w))
        else {
            continue;
        };
        let Some(smallest) = large_heap::smallest(&asked.question, largest) else {
            continue;
        };
        let metric = large_heap::metric(largest);
        let sides: Vec<String> = [Who::A, Who::B]
            .into_iter()
            .filter_map(|who| side_growth(asked, who, metric, smallest, largest))
            .collect();
        if !sides.is_empty() {
            let aside = if metric == asked.metric {
                ""
            } else {
                " (not part of the ratio)"
            };
            parts.push(format!(
                "{series}{aside} from {} to {} live, {metric}: {}",
                bytes(smallest.live.0 as f64),
                bytes(largest.live.0 as f64),
                sides.join("; ")
            ));
        }
    }
    (!parts.is_empty()).then(|| format!("Growth of {}.", parts.join(". ")))
}

fn side_growth(asked: &Asked<'_>, who: Who, metric: &str, smallest: &Work, largest: &Work) -> Option<String> {
    let pair = asked.question.pair;
    let collector = match who {
        Who::A => &pair.a,
        Who::B => &pair.b,
    };
    let median =
        |work: &Work, metric: &str| Some(asked.question.cell(work, collector)?.metrics.get(metric)?.median);
    let (from, to) = (median(smallest, metric)?, median(largest, metric)?);
    let factor = if from > 0.0 {
        format!(" ({} x)", digits(to / from))
    } else {
        String::new()
    };
    let shares = median(smallest, "gc_cpu_share").zip(median(largest, "gc_cpu_share"));
    let share = shares.map_or_else(String::new, |(small, large)| {
        let text = |v| of_metric("gc_cpu_share", v);
        format!(", collector's share of CPU {} to {}", text(small), text(large))
    });
    Some(format!(
        "{} {} to {}{factor}{share}",
        name(asked, who),
        of_metric(metric, from),
        of_metric(metric, to)
    ))
}
