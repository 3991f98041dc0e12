//! Minimum mutator utilisation: what the worst moment of any length leaves to the mutators.

use serde_json::{Value, json};

use crate::artifact::analysis::{Mmu, MmuPoint};
use crate::artifact::axis::Axis;
use crate::artifact::plan::Collector;
use crate::artifact::unit::Ns;
use crate::report::axes;
use crate::report::charts::{Figure, Key, layout, plain};
use crate::report::format;
use crate::report::section::Group;
use crate::report::source::Source;
use crate::report::table::{Entry, Row, Table};

/// A panel per work, two lines per collector.
pub fn figure(source: &Source) -> Figure {
    let works = source.works(Axis::Pause);
    let mut figure = Figure::new(
        "pause-mmu",
        "MMU: what the worst moment leaves to the mutators",
        "Minimum mutator utilisation (Cheng & Blelloch, PLDI'01): of all windows of a length, wherever they begin, the one in which mutators could run least; median over \
         runs. A curve at 0 % up to 10 ms says that for 10 ms nothing ran; one that stays low far to the right has stops that crowd. What counts as lost is stopped time, from the request to \
         stop until all threads run again (solid), and with it the stalls of that thread which lost most (dashed: one thread's view, while others ran). Collector work beside the mutators, on other \
         cores or between their instructions, slows them and is not counted.",
    );
    figure.key = vec![
        Key::new("line-solid", "world stopped"),
        Key::new("line-dashed", "stopped or stalled, the worst thread"),
    ];
    let all: Vec<_> = works
        .iter()
        .flat_map(|w| source.plan.collectors.iter().map(move |c| (*w, c)))
        .filter_map(|(w, c)| Some((w, c, source.summary(&w.id, &c.name)?.mmu.as_ref()?)))
        .collect();
    let windows: Vec<f64> = all
        .iter()
        .flat_map(|(_, _, mmu)| mmu.stopped.iter().map(|p| p.window.0 as f64))
        .collect();
    if let Some(x) = axes::log("window", &windows, axes::ns_tick).map(|x| axes::few_ticks(x, 5)) {
        let y = axes::linear("left to mutators", &[0.0, 1.0], axes::share_tick);
        for work in &works {
            let data: Vec<Value> = all
                .iter()
                .filter(|(w, _, _)| w.id == work.id)
                .flat_map(|(_, c, mmu)| lines(source, c, mmu))
                .collect();
            if let (false, Some(y)) = (data.is_empty(), y.clone()) {
                figure.panel(
                    &work.id,
                    260,
                    data,
                    layout(&vec![("xaxis", x.clone()), ("yaxis", y)]),
                );
            }
        }
    }
    figure.said = source
        .plan
        .collectors
        .iter()
        .filter_map(|c| {
            let its: Vec<&Mmu> = all.iter().filter(|a| a.1.name == c.name).map(|a| a.2).collect();
            (!its.is_empty()).then(|| Group {
                head: c.name.clone(),
                items: vec![what_counts(&its)],
            })
        })
        .collect();
    figure.table = table(
        &all.iter()
            .map(|(w, c, mmu)| (w.id.as_str(), *c, *mmu))
            .collect::<Vec<_>>(),
    );
    figure.traced_to_works(source, &works)
}

fn lines(source: &Source, collector: &Collector, mmu: &Mmu) -> Vec<Value> {
    let style = source.palette.of(&collector.name);
    let mut kinds = vec![(&mmu.stopped, "stopped", "solid")];
    // Without a stall both are one.
    if mmu.stalled != mmu.stopped {
        kinds.push((&mmu.stalled, "stopped or stalled", "dash"));
    }
    kinds
        .into_iter()
        .filter(|(points, _, _)| !points.is_empty())
        .map(|(points, word, dash)| {
            let text: Vec<String> = points
                .iter()
                .map(|p| {
                    format!(
                        "{} of any {}, worst run {}",
                        format::share(p.median),
                        format::ns(p.window.0 as f64),
                        format::share(p.worst)
                    )
                })
                .collect();
            json!({
                "type": "scatter", "mode": "lines+markers", "name": plain(&format!("{} {word}", collector.name)),
                "x": points.iter().map(|p| p.window.0).collect::<Vec<_>>(),
                "y": points.iter().map(|p| p.median).collect::<Vec<_>>(),
                "text": text, "hovertemplate": "%{text}", "cliponaxis": false,
                "line": { "color": style.colour, "width": if dash == "solid" { 1.8 } else { 1.2 }, "dash": dash },
                "marker": { "color": style.colour, "symbol": style.symbol, "size": if dash == "solid" { 5 } else { 3 } },
            })
        })
        .collect()
}

/// What is in a collector's curves and what is not, as far as its runs told.
fn what_counts(its: &[&Mmu]) -> String {
    let sum = |of: fn(&Mmu) -> u64| its.iter().map(|mmu| of(mmu)).fold(0, u64::saturating_add);
    let time = |ns: u64| format::ns(ns as f64);
    let mut said = vec!["Stops count.".to_owned()];
    if its.iter().all(|mmu| mmu.stalled.is_empty()) {
        said.push("Stalls are not told, so there is no second curve.".to_owned());
    } else {
        said.push(match sum(|mmu| mmu.stalls) {
            0 => {
                "Stalls would count; there was none with a place in time, and both curves are one.".to_owned()
            }
            n => format!(
                "{} of single threads count in the second curve.",
                format::things(usize::try_from(n).unwrap_or(usize::MAX), "stall")
            ),
        });
    }
    if its.iter().any(|mmu| mmu.assists.is_some()) {
        said.push(format!(
            "Assists ({} of CPU in these runs) do not: they have no place in time, so the curve flatters.",
            time(sum(|mmu| mmu.assists.unwrap_or_default().0))
        ));
    }
    let unplaced = sum(|mmu| mmu.unplaced.0);
    if unplaced > 0 {
        said.push(format!(
            "Pacing ({} over all threads) does not: only sums of it are told.",
            time(unplaced)
        ));
    }
    if its.iter().any(|mmu| mmu.rounded) {
        said.push(
            "The log tells pauses to three digits and places cycles to 1 ms, so windows of a few ms are rough.".to_owned(),
        );
    }
    said.join(" ")
}

fn table(all: &[(&str, &Collector, &Mmu)]) -> Table {
    let mut windows: Vec<Ns> = all
        .iter()
        .flat_map(|(_, _, mmu)| mmu.stopped.iter().map(|p| p.window))
        .collect();
    windows.sort_unstable();
    windows.dedup();
    let row = |work: &str, note: String, points: &[MmuPoint]| Row {
        head: work.to_owned(),
        note,
        cells: windows
            .iter()
            .map(|window| match points.iter().find(|p| p.window == *window) {
                Some(p) => {
                    Entry::value(format::share(p.median)).note(format!("worst {}", format::share(p.worst)))
                }
                None => Entry::none(),
            })
            .collect(),
    };
    let rows = all
        .iter()
        .flat_map(|(work, c, mmu)| {
            let mut rows = vec![row(work, format!("{}, stopped", c.name), &mmu.stopped)];
            if !mmu.stalled.is_empty() {
                rows.push(row(work, format!("{}, stopped or stalled", c.name), &mmu.stalled));
            }
            rows
        })
        .collect();
    let mut head = vec!["work, collector".to_owned()];
    head.extend(windows.iter().map(|w| axes::ns_tick(w.0 as f64)));
    Table {
        caption: "Least share of a window that is left to the mutators: median over runs, and the worst run. Blank where one of the runs is shorter than the window".into(),
        head,
        rows,
    }
}
