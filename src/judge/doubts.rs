//! Which doubts bear on a verdict, and on each of its works.

use crate::artifact::analysis::CellSummary;
use crate::artifact::axis::Axis;
use crate::artifact::doubt::Doubt;

use super::compare::{Asked, Comparison, Standing, Who};
use super::decision::under_floor;
use super::equal_memory;
use super::large_heap;

/// Rounds below which an interval is rough.
const ENOUGH_ROUNDS: u32 = 10;
/// Ratio of measured peaks beyond which part of the cost was bought with memory.
const EQUAL_MEMORY: f64 = 1.25;
/// The axis asks about heaps above this.
const LARGE_HEAP: u64 = 32 << 30;

/// Of one work: what its two cells say that matters to the axis, and what only the pair can show.
pub(super) fn of_work(asked: &Asked<'_>, comparison: &Comparison<'_>) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    for doubt in both(comparison).flat_map(|cell| &cell.doubts) {
        if bears_on(asked.question.axis, doubt) {
            push(&mut doubts, doubt.clone());
        }
    }
    for doubt in [
        unequal_memory(asked, comparison),
        turns(asked, comparison),
        noise(asked, comparison),
    ]
    .into_iter()
    .flatten()
    {
        push(&mut doubts, doubt);
    }
    doubts
}

/// Of the verdict: few rounds, works that are left out and why, failures summed over works; of what concerns single works the gravest.
pub(super) fn of_verdict(asked: &Asked<'_>) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    if let Some(rounds) = fewest_rounds(asked).filter(|n| *n < ENOUGH_ROUNDS) {
        doubts.push(Doubt::FewRounds { rounds });
    }
    if let Some(failures) = failures(asked) {
        doubts.push(failures);
    }
    for comparison in &asked.works {
        left_out(asked, comparison, &mut doubts);
    }
    let per_work: Vec<Doubt> = asked.works.iter().flat_map(|c| of_work(asked, c)).collect();
    for kind in [
        gravest_memory,
        first_turn,
        gravest_noise,
        gravest_watcher,
        no_collections,
    ] {
        if let Some(doubt) = kind(&per_work) {
            push(&mut doubts, doubt);
        }
    }
    if asked.question.axis == Axis::LargeHeap {
        let largest = asked.works.iter().map(|c| c.work.live.0).max();
        if let Some(largest) = largest.filter(|l| *l < LARGE_HEAP) {
            doubts.push(Doubt::SmallSeries { largest });
        }
    }
    doubts
}

fn push(doubts: &mut Vec<Doubt>, doubt: Doubt) {
    if !doubts.contains(&doubt) {
        doubts.push(doubt);
    }
}

fn both<'a>(comparison: &Comparison<'a>) -> impl Iterator<Item = &'a CellSummary> {
    comparison.a.into_iter().chain(comparison.b)
}

/// Whether a cell's doubt concerns what the axis measures.
fn bears_on(axis: Axis, doubt: &Doubt) -> bool {
    let pause = matches!(axis, Axis::Pause | Axis::LargeHeap);
    let tail = matches!(axis, Axis::Tail | Axis::LargeHeap);
    let memory = matches!(axis, Axis::Memory | Axis::Fragmentation);
    match doubt {
        Doubt::Failures { .. } | Doubt::FewRounds { .. } | Doubt::NoCollections => true,
        Doubt::WatcherDisagrees { .. } | Doubt::BucketEdge { .. } | Doubt::PartlyRead { .. } => pause,
        Doubt::Saturated { .. } | Doubt::TailTooShort { .. } => tail,
        Doubt::MultiplyMapped { .. } | Doubt::LiveDiffers { .. } => memory,
        Doubt::NoSteadyState { .. } => axis == Axis::Throughput || tail,
        // The pair's own account of these two follows; the rest is said of machines and verdicts, not of cells.
        _ => false,
    }
}

fn unequal_memory(asked: &Asked<'_>, comparison: &Comparison<'_>) -> Option<Doubt> {
    if asked.question.axis != Axis::Throughput {
        return None;
    }
    if let Some(reading) = &comparison.reading {
        let ratio = (reading.a / reading.b).max(reading.b / reading.a);
        return equal_memory::richer(reading).map(|_| Doubt::NoCommonMemory { ratio });
    }
    let peak = |cell: Option<&CellSummary>| Some(cell?.metrics.get("rss_peak")?.median).filter(|v| *v > 0.0);
    let (a, b) = (peak(comparison.a)?, peak(comparison.b)?);
    let ratio = (a / b).max(b / a);
    (ratio > EQUAL_MEMORY).then_some(Doubt::UnequalMemory { ratio })
}

/// Whether more memory changes who is ahead, beyond the band on both sides.
fn turns(asked: &Asked<'_>, comparison: &Comparison<'_>) -> Option<Doubt> {
    let reading = comparison.reading.as_ref()?;
    let [(from, first), (to, last)] = reading.ends?;
    let edge = 1.0 + asked.question.axis.band();
    let turns = (first > edge && last < 1.0 / edge) || (first < 1.0 / edge && last > edge);
    turns.then_some(Doubt::TurnsWithMemory {
        from_live: from / reading.live,
        from_ratio: first,
        to_live: to / reading.live,
        to_ratio: last,
    })
}

fn noise(asked: &Asked<'_>, comparison: &Comparison<'_>) -> Option<Doubt> {
    under_floor(asked, comparison).map(|(value, floor)| Doubt::UnderNoiseFloor {
        value_ns: value as u64,
        floor_ns: floor as u64,
    })
}

fn fewest_rounds(asked: &Asked<'_>) -> Option<u32> {
    let compared = asked
        .works
        .iter()
        .filter(|c| !matches!(c.standing, Standing::Missing(_)));
    compared.flat_map(both).map(|cell| cell.valid).min()
}

/// Invalid runs of both sides over the axis's works, also where none was valid and the comparison therefore has no side.
fn failures(asked: &Asked<'_>) -> Option<Doubt> {
    let pair = asked.question.pair;
    let cells = asked.works.iter().flat_map(|c| {
        [&pair.a, &pair.b]
            .into_iter()
            .filter_map(|name| asked.question.cell(c.work, name))
    });
    let (failed, of) = cells.fold((0_u32, 0_u32), |(failed, of), cell| {
        (
            failed.saturating_add(cell.invalid),
            of.saturating_add(cell.valid).saturating_add(cell.invalid),
        )
    });
    (failed > 0).then_some(Doubt::Failures { failed, of })
}

/// Why a work has no ratio.
fn left_out(asked: &Asked<'_>, comparison: &Comparison<'_>, doubts: &mut Vec<Doubt>) {
    let pair = asked.question.pair;
    let missing = |who: &Who, work: &str| Doubt::MissingWork {
        work: work.to_owned(),
        collector: match who {
            Who::A => pair.a.clone(),
            Who::B => pair.b.clone(),
        },
    };
    match &comparison.standing {
        Standing::Missing(sides) => {
            for who in sides {
                push(doubts, missing(who, &comparison.work.id));
            }
        }
        Standing::BothSaturated | Standing::SomeSaturated | Standing::Speaks { .. } => {
            let cells = both(comparison).flat_map(|cell| &cell.doubts);
            for doubt in cells.filter(|d| matches!(d, Doubt::Saturated { .. })) {
                push(doubts, doubt.clone());
            }
        }
        Standing::NoPauses | Standing::SomeWithoutPauses => push(doubts, Doubt::NoCollections),
        Standing::Measured { .. } => {}
    }
    if asked.question.axis == Axis::LargeHeap {
        for work in large_heap::beyond(&asked.question, comparison.work) {
            for (who, name) in [(Who::A, &pair.a), (Who::B, &pair.b)] {
                let valid = asked.question.cell(work, name).map_or(0, |c| c.valid);
                if valid == 0 {
                    push(doubts, missing(&who, &work.id));
                }
            }
        }
    }
}

fn gravest_memory(doubts: &[Doubt]) -> Option<Doubt> {
    gravest(doubts, |d| match d {
        Doubt::UnequalMemory { ratio } | Doubt::NoCommonMemory { ratio } => Some(*ratio),
        _ => None,
    })
}

fn first_turn(doubts: &[Doubt]) -> Option<Doubt> {
    gravest(doubts, |d| {
        matches!(d, Doubt::TurnsWithMemory { .. }).then_some(0.0)
    })
}

fn gravest_noise(doubts: &[Doubt]) -> Option<Doubt> {
    gravest(doubts, |d| match d {
        Doubt::UnderNoiseFloor { value_ns, .. } => Some(-(*value_ns as f64)),
        _ => None,
    })
}

fn gravest_watcher(doubts: &[Doubt]) -> Option<Doubt> {
    gravest(doubts, |d| match d {
        Doubt::WatcherDisagrees { watcher_ns, .. } => Some(*watcher_ns as f64),
        _ => None,
    })
}

fn no_collections(doubts: &[Doubt]) -> Option<Doubt> {
    gravest(doubts, |d| (*d == Doubt::NoCollections).then_some(0.0))
}

fn gravest(doubts: &[Doubt], weight: impl Fn(&Doubt) -> Option<f64>) -> Option<Doubt> {
    doubts
        .iter()
        .filter_map(|d| Some((weight(d)?, d)))
        .max_by(|x, y| x.0.total_cmp(&y.0))
        .map(|(_, d)| d.clone())
}
