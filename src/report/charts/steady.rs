//! Did the work reach a steady state? Every closed-loop cell in a table, and the run that is furthest from one as a drawing.

use serde_json::{Value, json};

use crate::artifact::axis::Axis;
use crate::artifact::plan::{Collector, Work};
use crate::artifact::steady::{Course, RunCourse, Series, Steady, WARMING};
use crate::report::axes;
use crate::report::charts::{Figure, Key, layout, plain};
use crate::report::format;
use crate::report::source::Source;
use crate::report::table::{Entry, Row, Table};

type Cell<'a> = (&'a Work, &'a Collector, &'a Steady);

/// None where no run told how its work progressed.
pub fn figure(source: &Source) -> Option<Figure> {
    let works = source.works(Axis::Throughput);
    let cells: Vec<Cell> = works
        .iter()
        .flat_map(|w| source.plan.collectors.iter().map(move |c| (*w, c)))
        .filter_map(|(w, c)| Some((w, c, source.summary(&w.id, &c.name)?.steady.as_ref()?)))
        .collect();
    if cells.is_empty() {
        return None;
    }
    let mut figure = Figure::new(
        "throughput-steady",
        "Did the work reach a steady state?",
        &format!(
            "Each run's window is cut into blocks of equal work, at most 256 and of 5 ms and more, and change points of their times (PELT) into states. Flat: one state. Warm-up: the last state is the \
             fastest. Slowdown: one before it was faster. No steady state: the last state holds for less than a quarter of the time, or drifts. States within 5 % of each other are one, \
             and what passes (a collection and its like) is part of the state that it passes in. This is a label: nothing is trimmed and no number leaves a block out. A run without a steady \
             state, or one that warms up for more than {} of its window, is a doubt beside its numbers.",
            format::percent(WARMING)
        ),
    );
    let mut traced = vec![];
    if let Some((work, collector, series)) = worst(&cells)
        && let Some((data, layout)) = drawing(source, collector, series)
    {
        figure.key = vec![
            Key::new("line-solid", "time of a block, mean of the threads"),
            Key::new("line-dashed", "mean of a state"),
            Key::new("mark-diamond", "outlier, kept"),
        ];
        let title = format!(
            "The run furthest from one: {}, {}, {}: {}",
            work.id,
            collector.name,
            series.invocation,
            word(series.course)
        );
        figure.panel(&title, 240, data, layout);
        if let Some(cell) = source.cell(&work.id, &collector.name) {
            traced.push((cell.id.clone(), series.invocation.clone()));
        }
    }
    figure.open = true;
    figure.table = table(source, &works, &cells);
    Some(if traced.is_empty() {
        figure.traced_to_works(source, &works)
    } else {
        figure.traced_to_runs(&traced)
    })
}

/// Of the cell with most runs in doubt, or else with the longest way to its last state.
fn worst<'a>(cells: &[Cell<'a>]) -> Option<(&'a Work, &'a Collector, &'a Series)> {
    let before = |s: &Steady| s.runs.iter().map(|r| r.before).fold(0.0, f64::max);
    let rank = |s: &Steady| (s.in_doubt() as f64 / s.told().max(1) as f64, before(s));
    let mut worst: Option<(&Cell, &Series)> = None;
    for cell in cells {
        let Some(series) = &cell.2.worst else { continue };
        if worst.is_none_or(|(other, _)| rank(cell.2) > rank(other.2)) {
            worst = Some((cell, series));
        }
    }
    worst.map(|((work, collector, _), series)| (*work, *collector, series))
}

/// Time of each block over the time since the first began.
fn drawing(source: &Source, collector: &Collector, series: &Series) -> Option<(Vec<Value>, Value)> {
    let colour = source.palette.of(&collector.name).colour;
    let mut ends = vec![0.0];
    for time in &series.times {
        ends.push(ends[ends.len() - 1] + time.0 as f64);
    }
    let times: Vec<f64> = series.times.iter().map(|t| t.0 as f64).collect();
    let middle = |i: usize| (ends[i] + ends[i + 1]) / 2.0;
    let middles: Vec<f64> = (0..times.len()).map(middle).collect();
    let text = |i: usize| {
        format!(
            "block {}: {}",
            format::count(i as f64 + 1.0),
            format::ns(times[i])
        )
    };
    let outliers: Vec<usize> = series
        .outliers
        .iter()
        .map(|i| *i as usize)
        .filter(|i| *i < times.len())
        .collect();
    let mut data = vec![
        json!({
            "type": "scatter", "mode": "lines", "name": "block", "x": middles, "y": times,
            "text": (0..times.len()).map(text).collect::<Vec<_>>(), "hovertemplate": "%{text}<extra></extra>",
            "line": { "color": colour, "width": 1.2 },
        }),
        json!({
            "type": "scatter", "mode": "markers", "name": "outlier",
            "x": outliers.iter().map(|i| middles[*i]).collect::<Vec<_>>(), "y": outliers.iter().map(|i| times[*i]).collect::<Vec<_>>(),
            "text": outliers.iter().map(|i| text(*i)).collect::<Vec<_>>(), "hovertemplate": "%{text}, outlier<extra></extra>",
            "marker": { "color": colour, "symbol": "diamond-open", "size": 8 },
        }),
    ];
    let begins = series.states.iter().map(|s| s.0 as usize);
    let until = begins.skip(1).chain([times.len()]);
    for ((begin, mean), end) in series.states.iter().zip(until) {
        let (Some(from), Some(to)) = (ends.get(*begin as usize), ends.get(end)) else {
            continue;
        };
        let said = format!("state of {}", plain(&format::ns(mean.0 as f64)));
        data.push(json!({
            "type": "scatter", "mode": "lines", "name": "state", "x": [from, to], "y": [mean.0, mean.0],
            "hovertemplate": format!("{said}<extra></extra>"), "line": { "color": colour, "width": 2.4, "dash": "dash" },
        }));
    }
    let x = axes::linear("since the first block", &[ends[times.len()]], axes::ns_tick)?;
    let y = axes::linear(
        &format!(
            "a block of {}",
            format::things(usize::try_from(series.block).ok()?, "operation")
        ),
        &times,
        axes::ns_tick,
    )?;
    Some((data, layout(&vec![("xaxis", x), ("yaxis", y)])))
}

fn table(source: &Source, works: &[&Work], cells: &[Cell]) -> Table {
    let mut head = vec!["work".to_owned()];
    let shown = source.collectors(works);
    head.extend(shown.iter().map(|c| c.name.clone()));
    let of = |work: &Work, collector: &Collector| {
        let mut its = cells.iter();
        its.find(|(w, c, _)| w.id == work.id && c.name == collector.name)
            .map_or_else(Entry::none, |(_, _, steady)| entry(steady))
    };
    let rows = works
        .iter()
        .filter(|work| cells.iter().any(|(w, _, _)| w.id == work.id))
        .map(|work| Row {
            head: work.id.clone(),
            note: String::new(),
            cells: shown.iter().map(|c| of(work, c)).collect(),
        })
        .collect();
    Table {
        caption: "Runs by what their blocks did; below it the longest share of a window before the last state, and outliers, which are in every number".into(),
        head,
        rows,
    }
}

/// "2 flat, 1 warm-up", and how long the longest took.
fn entry(steady: &Steady) -> Entry {
    let counts: Vec<String> = Course::ALL
        .into_iter()
        .map(|course| (steady.count(course), word(course)))
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{} {word}", format::count(n as f64)))
        .collect();
    let before = steady.runs.iter().map(|r| r.before).fold(0.0, f64::max);
    let sum = |of: fn(&RunCourse) -> u32| steady.runs.iter().map(|r| u64::from(of(r))).sum::<u64>();
    let mut notes = vec![];
    if before > 0.0 {
        notes.push(format!("{} before it", format::share(before)));
    }
    let outliers = sum(|r| r.outliers);
    if outliers > 0 {
        let all = format::count(sum(|r| r.blocks) as f64);
        notes.push(format!(
            "{} of {all} blocks outliers",
            format::count(outliers as f64)
        ));
    }
    Entry::prose(counts.join(", ")).note(notes.join(", "))
}

fn word(course: Course) -> &'static str {
    match course {
        Course::Flat => "flat",
        Course::WarmUp => "warm-up",
        Course::Slowdown => "slowdown",
        Course::NoSteadyState => "no steady state",
        Course::TooShort => "too short to tell",
    }
}
