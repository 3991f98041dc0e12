//! Fragmentation: memory per live byte over epochs of shifting object sizes, and the largest block that can still be had.

use serde_json::{Value, json};

use crate::artifact::analysis::{CellSummary, EpochSummary};
use crate::artifact::axis::Axis;
use crate::artifact::fragmentation::{Block, Course, Fragmentation, Slope};
use crate::artifact::metric::metric;
use crate::artifact::plan::{Cell, Collector, Work};
use crate::report::axes;
use crate::report::charts::{Figure, MAX_POINTS, More, layout, plain};
use crate::report::format;
use crate::report::source::Source;
use crate::report::table::{Entry, Row, Table, measured};

type Pick = fn(&EpochSummary) -> Option<f64>;
/// The last two are drawn where a runtime tells them.
const KINDS: [(&str, Pick); 4] = [
    ("resident / live", |e| Some(e.resident_over_live)),
    ("committed / live", |e| Some(e.committed_over_live)),
    ("free but held / live", |e| e.held_over_live),
    ("waste / live", |e| e.waste_over_live),
];

/// Works that inform the axis, and others that have epochs: the same asked otherwise, say without forced collections.
pub fn works<'a>(source: &Source<'a>) -> Vec<&'a Work> {
    let with_epochs = |w: &Work| {
        let mut collectors = source.plan.collectors.iter();
        collectors.any(|c| {
            source
                .summary(&w.id, &c.name)
                .is_some_and(|s| !s.epochs.is_empty())
        })
    };
    let all = source.plan.works.iter();
    all.filter(|w| w.axes.contains(&Axis::Fragmentation) || with_epochs(w))
        .collect()
}

pub type Line<'a> = (&'a Work, &'a Collector, &'a CellSummary);

/// Every planned cell of these works, in the plan's order.
pub fn lines<'a>(source: &Source<'a>, works: &[&'a Work]) -> Vec<Line<'a>> {
    let cells = works
        .iter()
        .flat_map(|w| source.plan.collectors.iter().map(move |c| (*w, c)));
    cells
        .filter_map(|(w, c)| Some((w, c, source.summary(&w.id, &c.name)?)))
        .collect()
}

pub fn told<'a>(line: &Line<'a>) -> Option<&'a Fragmentation> {
    line.2.fragmentation.as_ref()
}

fn forced(source: &Source, work: &Work) -> bool {
    let mut cells = source.plan.cells.iter().filter(|c| c.work == work.id);
    cells.all(Cell::forces_collections)
}

/// Its id, and what its requests ask otherwise.
pub fn title(source: &Source, work: &Work) -> String {
    if forced(source, work) {
        work.id.clone()
    } else {
        format!("{}, no collection forced", work.id)
    }
}

pub fn row(source: &Source, (work, collector, _): &Line, cells: Vec<Entry>) -> Row {
    Row {
        head: title(source, work),
        note: collector.name.clone(),
        cells,
    }
}

/// Memory over live payload per epoch, a panel per work and kind.
pub fn epochs(source: &Source) -> Figure {
    let works = works(source);
    let lines = lines(source, &works);
    let slopes: Vec<&Slope> = lines.iter().filter_map(|l| told(l)?.slope.as_ref()).collect();
    let rule = slopes.first().map_or_else(String::new, |slope| {
        format!(
            " A course is told only where the 95 % interval of the slope over runs lies above (rises), below (falls) or inside (flat) ±{} of the payload an epoch.",
            format::share(slope.band)
        )
    });
    let mut figure = Figure::new(
        "fragmentation-epochs",
        "Memory per live byte, epoch by epoch",
        &format!(
            "After a forced collection at the end of each epoch; medians over runs. The payload stays the same while the sizes of its objects \
             shift: a line that rises is memory that cannot be used again. Resident is what the kernel holds for the process, all else the runtime's own count, where it tells.{rule}"
        ),
    );
    let points = || lines.iter().flat_map(|(_, _, summary)| summary.epochs.iter());
    // Works without forced collections have a scale of their own: what is not yet collected would flatten all others.
    let scale = |forced_ones: bool| {
        let heights: Vec<f64> = lines
            .iter()
            .filter(|(work, _, _)| forced(source, work) == forced_ones)
            .flat_map(|(_, _, summary)| &summary.epochs)
            .flat_map(|e| KINDS.iter().filter_map(move |(_, pick)| pick(e)))
            .collect();
        axes::linear("memory / live payload", &heights, axes::times_tick)
    };
    let scales = [scale(false), scale(true)];
    let indices: Vec<f64> = points().map(|e| f64::from(e.index)).collect();
    if let Some(x) = axes::numbered("epoch", &indices) {
        for work in &works {
            let Some(y) = &scales[usize::from(forced(source, work))] else {
                continue;
            };
            // Of the works beside the axis the first kind alone: the table has the rest.
            let shown = match work.axes.contains(&Axis::Fragmentation) {
                true => &KINDS[..],
                false => &KINDS[..1],
            };
            for (kind, pick) in shown.iter().copied() {
                let of_work = lines.iter().filter(|(w, _, _)| w.id == work.id);
                let data: Vec<Value> = of_work.filter_map(|line| trace(source, line, pick)).collect();
                if !data.is_empty() {
                    let axes = vec![("xaxis", x.clone()), ("yaxis", y.clone())];
                    figure.panel(
                        &format!("{}: {kind}", title(source, work)),
                        260,
                        data,
                        layout(&axes),
                    );
                }
            }
        }
    }
    figure.table = last_epoch(source, &lines);
    let blocks = blocks(source, &lines);
    if !blocks.rows.is_empty() {
        figure.more.push(More {
            summary: "The largest block that could still be had",
            table: blocks,
        });
    }
    figure.traced_to_works(source, &works)
}

fn trace(source: &Source, (_, collector, summary): &Line, pick: Pick) -> Option<Value> {
    let drawn: Vec<(u32, f64)> = summary
        .epochs
        .iter()
        .filter_map(|e| Some((e.index, pick(e).filter(|v| v.is_finite())?)))
        .take(MAX_POINTS)
        .collect();
    let style = source.palette.of(&collector.name);
    let text: Vec<String> = drawn
        .iter()
        .map(|(index, value)| format!("epoch {index}: {}", format::times(*value)))
        .collect();
    (!drawn.is_empty()).then(|| {
        json!({
            "type": "scatter", "mode": "lines+markers", "name": plain(&collector.name),
            "x": drawn.iter().map(|p| p.0).collect::<Vec<_>>(), "y": drawn.iter().map(|p| p.1).collect::<Vec<_>>(),
            "text": text, "hovertemplate": "%{text}", "line": { "color": style.colour, "width": 1.5 },
            "marker": { "symbol": style.symbol, "size": 6 },
        })
    })
}

fn last_epoch(source: &Source, lines: &[Line]) -> Table {
    let columns: Vec<_> = [
        "frag_resident_over_live",
        "frag_committed_over_live",
        "frag_held_over_live",
        "frag_waste_over_live",
    ]
    .iter()
    .filter_map(|name| metric(name))
    .collect();
    let rows = lines.iter().filter(|(_, _, summary)| !summary.epochs.is_empty());
    Table {
        caption: "Last epoch, over the live payload: medians over runs with 95 % intervals. The slope is a median over runs, too".into(),
        head: [
            "work, collector",
            "epochs",
            "resident",
            "committed",
            "free but held",
            "waste",
            "used",
            "slope an epoch",
            "course",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: rows
            .map(|line| {
                let (work, collector, summary) = line;
                let used = summary.epochs.last().map_or(f64::NAN, |e| e.used_over_live);
                let slope = told(line).and_then(|f| f.slope.as_ref());
                let mut cells = vec![Entry::value(format::count(summary.epochs.len() as f64))];
                cells.extend(
                    columns
                        .iter()
                        .map(|m| measured(source, &work.id, &collector.name, m)),
                );
                cells.push(Entry::value(format::times(used)));
                cells.push(slope.map_or_else(Entry::none, slope_entry));
                cells.push(slope.map_or_else(Entry::none, |s| Entry::prose(course(s.course))));
                row(source, line, cells)
            })
            .collect(),
    }
}

fn slope_entry(slope: &Slope) -> Entry {
    let runs = format!("n {}", slope.n);
    Entry::value(format::times(slope.median)).note(match slope.interval {
        Some((lo, hi)) => format!("{}, {runs}", format::bounds(lo, hi)),
        None => runs,
    })
}

fn course(course: Course) -> &'static str {
    match course {
        Course::Rises => "rises",
        Course::Flat => "flat",
        Course::Falls => "falls",
        Course::NotKnown => "not known",
    }
}

/// A row per collector that was asked for blocks.
fn blocks(source: &Source, lines: &[Line]) -> Table {
    let asked = lines
        .iter()
        .filter_map(|line| Some((line, told(line).filter(|f| !f.blocks.is_empty())?)));
    Table {
        caption: "After the last epoch, with all survivors alive: blocks of 1 MiB and twice as large each time, until one cannot be had or none larger is asked for".into(),
        head: [
            "work, collector",
            "largest in every run",
            "until it could be used",
            "smallest refused",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: asked
            .map(|(line, told)| {
                let largest = told.largest();
                let size = |b: &Block| Entry::value(format::bytes(b.bytes.0 as f64));
                let took = largest.and_then(|b| metric("frag_block_ns").zip(b.took.as_ref()));
                row(
                    source,
                    line,
                    vec![
                        largest.map_or_else(Entry::none, size),
                        took.map_or_else(Entry::none, |(metric, estimate)| {
                            let (text, interval) = format::estimate(metric, estimate);
                            Entry::value(text).note(format!("{interval}, n {}", estimate.n))
                        }),
                        match told.refused() {
                            Some(b) => size(b).note(format!(
                                "in {} of {}",
                                b.asked.saturating_sub(b.served),
                                format::things(b.asked as usize, "run")
                            )),
                            None => Entry::prose("nothing larger was asked for"),
                        },
                    ],
                )
            })
            .collect(),
    }
}
