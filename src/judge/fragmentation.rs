//! What the epochs and the drop of the load say: facts for the mechanism of a verdict, and the answer to a claim that is often made.

use crate::artifact::analysis::{Analysis, CellSummary, Estimate};
use crate::artifact::axis::Axis;
use crate::artifact::fragmentation::{Course, Fragmentation, LONG_RUN, Returned, Slope};
use crate::artifact::plan::{Collector, Plan, Work};
use crate::artifact::verdict::Claim;
use crate::stats::{self, Bounds, derive_seed};

use super::compare::{RESAMPLES, cell};
use super::numbers::{bytes, digits, duration};

const CLAIM: &str = "A non-moving heap fragments over a long run";
const LEVEL: f64 = 0.95;

/// The course of memory over epochs, when memory was given back, the largest block.
pub(super) fn facts(told: &Fragmentation) -> Vec<String> {
    let block = told.largest().and_then(|b| {
        let took = duration(b.took.as_ref()?.median);
        Some(format!(
            "a block of {} could be had in {took}",
            bytes(b.bytes.0 as f64)
        ))
    });
    let slope = told.slope.as_ref().map(|slope| {
        let word = match slope.course {
            Course::Rises => "rising",
            Course::Flat => "flat",
            Course::Falls => "falling",
            Course::NotKnown => "rising or not is not known",
        };
        format!("{word} ({})", an_epoch(slope))
    });
    [slope, told.returned.as_ref().and_then(when), block]
        .into_iter()
        .flatten()
        .collect()
}

/// `3.1 % of the live payload an epoch [2.8, 3.4]`
fn an_epoch(slope: &Slope) -> String {
    let percent = |v: f64| digits(v * 100.0);
    let interval = slope.interval.map_or_else(String::new, |(lo, hi)| {
        format!(" [{}, {}]", percent(lo), percent(hi))
    });
    format!(
        "{} % of the live payload an epoch{interval}",
        percent(slope.median)
    )
}

fn when(returned: &Returned) -> Option<String> {
    let (never, of) = (returned.never(), returned.within.len());
    let waited = duration(returned.waited.0 as f64);
    let most = returned.median().map(|t| duration(t.0 as f64));
    match most {
        _ if of == 0 => None,
        Some(at) if never == 0 => Some(format!("within 25 % of what stayed after {at}")),
        Some(at) => Some(format!(
            "within 25 % of what stayed after {at} at the median, but in {never} of {of} runs not within {waited}"
        )),
        None => Some(format!(
            "not within 25 % of what stayed in {waited} in {never} of {of} runs"
        )),
    }
}

/// A collector on a work with epochs.
struct Case<'a> {
    work: &'a Work,
    collector: &'a Collector,
    cell: &'a CellSummary,
}

impl Case<'_> {
    fn slope(&self) -> Option<&Slope> {
        self.cell.fragmentation.as_ref()?.slope.as_ref()
    }

    fn level(&self) -> Option<&Estimate> {
        let level = self.cell.metrics.get(Axis::Fragmentation.headline())?;
        level.values.iter().all(|v| *v > 0.0).then_some(level)
    }
}

/// Works that inform the axis, and others with a course of several runs over epochs at whose ends a collection was forced: without one, what is not yet collected is in
/// the course.
fn shifts(plan: &Plan, analysis: &Analysis, work: &Work) -> bool {
    let mut cells = plan.cells.iter().filter(|c| c.work == work.id);
    work.axes.contains(&Axis::Fragmentation)
        || cells.any(|cell| {
            let told = analysis
                .cells
                .get(&cell.id)
                .and_then(|c| c.fragmentation.as_ref());
            cell.forces_collections()
                && told
                    .and_then(|told| told.slope.as_ref())
                    .is_some_and(|slope| slope.n > 1)
        })
}

/// None where no heap whose objects stay in place has a known course.
pub(super) fn claim(plan: &Plan, analysis: &Analysis, seed: u64) -> Option<Claim> {
    let works: Vec<&Work> = plan.works.iter().filter(|w| shifts(plan, analysis, w)).collect();
    let cases = |moving: bool| -> Vec<Case<'_>> {
        let collectors = plan
            .collectors
            .iter()
            .filter(|c| c.frees() && c.moves() == moving);
        let all = collectors.flat_map(|collector| works.iter().map(move |work| (*work, collector)));
        all.filter_map(|(work, collector)| {
            let cell = cell(plan, analysis, work, &collector.name).filter(|c| c.valid > 0)?;
            Some(Case {
                work,
                collector,
                cell,
            })
        })
        .collect()
    };
    let (staying, moving) = (cases(false), cases(true));
    let first = courses(&staying, &moving)?;
    let answer = [Some(first), levels(&staying, &moving, seed)];
    Some(Claim {
        axis: Axis::Fragmentation,
        claim: CLAIM.to_owned(),
        answer: answer.into_iter().flatten().collect(),
    })
}

/// Does resident memory rise from epoch to epoch?
fn courses(staying: &[Case<'_>], moving: &[Case<'_>]) -> Option<String> {
    let (stay, moved) = (Courses::of(staying), Courses::of(moving));
    if stay.of_all() == stay.not_known {
        return None;
    }
    let slopes = staying.iter().chain(moving).filter_map(Case::slope);
    let epochs = slopes.map(|s| s.epochs).min()?;
    let others = if moved.of_all() > 0 {
        format!(
            "; of heaps whose objects are moved ({}) it {}",
            moved.names,
            moved.words()
        )
    } else {
        String::new()
    };
    let settled = stay.flat + stay.falls;
    let answer = match stay.rises {
        _ if epochs.saturating_add(1) < LONG_RUN => "so few epochs are no long run",
        0 if stay.not_known == 0 => "the claim does not hold here",
        0 => "the claim does not hold here where a course is known",
        _ if settled > 0 => "the claim holds here in part",
        _ if stay.not_known > 0 => "the claim holds here where a course is known",
        _ => "the claim holds here",
    };
    Some(format!(
        "Over the {epochs} epochs after the first, resident memory / live payload of heaps whose objects stay in place ({}) {}{others}: {answer}.",
        stay.names,
        stay.words()
    ))
}

#[derive(Default)]
struct Courses<'a> {
    names: String,
    rises: usize,
    flat: usize,
    falls: usize,
    not_known: usize,
    /// The case that rises most.
    steepest: Option<(&'a Case<'a>, &'a Slope)>,
}

impl<'a> Courses<'a> {
    fn of(cases: &'a [Case<'a>]) -> Courses<'a> {
        let mut courses = Courses::default();
        let mut names: Vec<&str> = Vec::new();
        for (case, slope) in cases.iter().filter_map(|c| Some((c, c.slope()?))) {
            if !names.contains(&case.collector.name.as_str()) {
                names.push(&case.collector.name);
            }
            match slope.course {
                Course::Rises => courses.rises += 1,
                Course::Flat => courses.flat += 1,
                Course::Falls => courses.falls += 1,
                Course::NotKnown => courses.not_known += 1,
            }
            let steeper = courses.steepest.is_none_or(|(_, s)| slope.median > s.median);
            if slope.course == Course::Rises && steeper {
                courses.steepest = Some((case, slope));
            }
        }
        courses.names = names.join(", ");
        courses
    }

    fn of_all(&self) -> usize {
        self.rises + self.flat + self.falls + self.not_known
    }

    /// "rises in 1 of 4 cases (most ...), is flat in 2 and not known in 1"
    fn words(&self) -> String {
        let most = self.steepest.map_or_else(String::new, |(case, slope)| {
            format!(
                " (most {} on {}: {})",
                case.collector.name,
                case.work.id,
                an_epoch(slope)
            )
        });
        let mut parts = vec![format!(
            "rises in {} of {} cases{most}",
            self.rises,
            self.of_all()
        )];
        for (n, word) in [
            (self.flat, "is flat"),
            (self.falls, "falls"),
            (self.not_known, "is not known"),
        ] {
            if n > 0 {
                parts.push(format!("{word} in {n}"));
            }
        }
        parts.join(", ")
    }
}

/// A heap whose objects stay against one whose objects are moved, on the same work.
struct Ends<'a> {
    stays: &'a Case<'a>,
    moves: &'a Case<'a>,
    /// Medians of resident / live at the last epoch.
    levels: (f64, f64),
    ratio: Bounds,
}

/// Who ends with more memory, and where is it the other way round? None where no pair can be told apart or called the same.
fn levels(staying: &[Case<'_>], moving: &[Case<'_>], seed: u64) -> Option<String> {
    let pairs = staying.iter().flat_map(|s| {
        let same = moving.iter().filter(move |m| m.work.id == s.work.id);
        same.filter_map(move |m| ends(s, m, seed))
    });
    let pairs: Vec<Ends<'_>> = pairs.collect();
    let edge = 1.0 + Axis::Fragmentation.band();
    let mut more: Vec<&Ends<'_>> = pairs.iter().filter(|p| p.ratio.lo > edge).collect();
    let mut less: Vec<&Ends<'_>> = pairs.iter().filter(|p| p.ratio.hi < 1.0 / edge).collect();
    let inside = |p: &&Ends<'_>| p.ratio.lo >= 1.0 / edge && p.ratio.hi <= edge;
    let same = pairs.iter().filter(inside).count();
    if more.len() + less.len() + same == 0 {
        return None;
    }
    let of = |p: &Ends<'_>| p.levels.0 / p.levels.1;
    more.sort_by(|x, y| of(y).total_cmp(&of(x)));
    less.sort_by(|x, y| of(x).total_cmp(&of(y)));
    let mut parts = vec![
        format!(
            "more in {} of {} comparisons{}",
            more.len(),
            pairs.len(),
            extreme(&more)
        ),
        match less[..] {
            [] => "less in none".to_owned(),
            _ => format!("less in {}, on {}{}", less.len(), places(&less), extreme(&less)),
        },
    ];
    let open = pairs.len() - more.len() - less.len() - same;
    if same > 0 {
        let band = digits(Axis::Fragmentation.band() * 100.0);
        parts.push(format!("as much to within {band} % in {same}"));
    }
    if open > 0 {
        parts.push(format!("undecided in {open}"));
    }
    Some(format!(
        "At the last epoch a heap whose objects stay in place holds, per live byte and against one whose objects are moved, {} (95 % intervals, each by itself).",
        parts.join("; ")
    ))
}

/// None where so few runs cannot be told apart at all.
fn ends<'a>(stays: &'a Case<'a>, moves: &'a Case<'a>, seed: u64) -> Option<Ends<'a>> {
    let (s, m) = (stays.level()?, moves.level()?);
    if stats::separation_floor(&[(s.values.len(), m.values.len())]) > 1.0 - LEVEL {
        return None;
    }
    let side = |case: &Case<'_>, level: &'a Estimate| stats::Side {
        values: &level.values,
        seed: derive_seed(
            seed,
            &[
                &case.work.id,
                &case.collector.name,
                Axis::Fragmentation.headline(),
            ],
        ),
    };
    let ratio = stats::ratio_of_medians(&[(side(stays, s), side(moves, m))], RESAMPLES)?;
    Some(Ends {
        stays,
        moves,
        levels: (s.median, m.median),
        ratio: ratio.interval(LEVEL),
    })
}

/// " (most go against zgc on w: 1.45 x against 1.21 x, ratio [1.1, 1.3])", of the first
fn extreme(pairs: &[&Ends<'_>]) -> String {
    pairs.first().map_or_else(String::new, |p| {
        format!(
            " (most {} against {} on {}: {} x against {} x live, ratio [{}, {}])",
            p.stays.collector.name,
            p.moves.collector.name,
            p.stays.work.id,
            digits(p.levels.0),
            digits(p.levels.1),
            digits(p.ratio.lo),
            digits(p.ratio.hi)
        )
    })
}

/// Their works, each once.
fn places(pairs: &[&Ends<'_>]) -> String {
    let mut works: Vec<&str> = Vec::new();
    for pair in pairs {
        if !works.contains(&pair.stays.work.id.as_str()) {
            works.push(&pair.stays.work.id);
        }
    }
    works.join(", ")
}
