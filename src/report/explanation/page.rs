//! An explanation as one page that needs nothing else.

use serde_json::{Value, json};
use tera::{Context, Tera};

use super::{figures, words};
use crate::artifact::explanation::{Explanation, Level, Mark};
use crate::artifact::unit::Bytes;
use crate::report::charts::{layout, plain};
use crate::report::page::{SCRIPT, STYLE, packed_library, script_json};
use crate::report::table::{Entry, Row, Table};
use crate::report::{ReportError, axes, format};

const TEMPLATES: [(&str, &str); 2] = [
    ("explain.html", include_str!("../../../templates/explain.html")),
    ("parts.html", include_str!("../../../templates/parts.html")),
];
const MORE_STYLE: &str = include_str!("../../../templates/explain.css");

/// These have a contrast of at least 3 to light and dark paper (report::palette).
const HEAP: &str = "#0b79bf";
const LIVE: &str = "#0b9a72";
const CAPACITY: &str = "#808488";
const STOP: &str = "#d55e00";
const STALL: &str = "#c0392b";

/// The page. Same explanation, same bytes.
///
/// # Errors
/// Only where the program itself is at fault: a template that does not fit, a chart library that is not there.
pub fn page(e: &Explanation) -> Result<String, ReportError> {
    let mut tera = Tera::new();
    tera.add_raw_templates(TEMPLATES)?;
    let mut context = Context::from_serialize(&view(e)?)?;
    context.insert("style", &format!("{STYLE}{MORE_STYLE}"));
    context.insert("script", SCRIPT);
    context.insert("library", packed_library()?);
    Ok(tera.render("explain.html", &context)?)
}

fn view(e: &Explanation) -> Result<Value, ReportError> {
    let findings: Vec<Value> = e
        .findings
        .iter()
        .map(|finding| {
            let evidence: Vec<Value> = finding
                .evidence
                .iter()
                .map(|x| json!({ "place": e.place(x.place), "figure": words::measure(x.figure), "what": x.what }))
                .collect();
            json!({
                "name": format::sentence_case(finding.fault.name()),
                "facts": format::sentence_case(&words::facts(&finding.fault)),
                "consequence": words::consequence(&finding.fault),
                "evidence": evidence,
                "tries": finding.tries,
            })
        })
        .collect();
    Ok(json!({
        "headline": figures::headline(e),
        "warnings": figures::warnings(e),
        "files": e.files.join(", "),
        "findings": findings,
        "verdict": format::sentence_case(&figures::verdict(e)),
        "figures": table("Figures of the whole log", &figures::figures(e)),
        "subject": table("What the log says of its process", &figures::subject(e)),
        "predictions": predictions(e),
        "checks": checks(e),
        "panels": panels(e)?,
        "thinned": thinned(e),
    }))
}

fn table(caption: &str, rows: &[figures::Row]) -> Table {
    Table {
        caption: caption.to_owned(),
        head: vec!["what".to_owned(), "value".to_owned()],
        rows: rows
            .iter()
            .map(|row| Row {
                head: format::sentence_case(row.name.trim_start()),
                note: String::new(),
                cells: vec![Entry::prose(row.value.clone()).note(row.note.clone())],
            })
            .collect(),
    }
}

fn predictions(e: &Explanation) -> Option<Table> {
    let value = |text: Option<String>| text.map_or_else(Entry::none, Entry::value);
    let rows: Vec<Row> = e
        .predictions
        .iter()
        .map(|p| Row {
            head: p.setting.clone(),
            note: p.note.clone(),
            cells: vec![
                value(p.cycles_per_s.map(format::significant)),
                value(p.peak_heap.map(words::bytes)),
                value(p.gc_cpu_share.map(format::share)),
            ],
        })
        .collect();
    (!rows.is_empty()).then(|| Table {
        caption: "What other settings would do".to_owned(),
        head: ["setting", "cycles a second", "peak heap", "collector's CPU"]
            .map(str::to_owned)
            .to_vec(),
        rows,
    })
}

fn checks(e: &Explanation) -> Table {
    Table {
        caption: "Everything that was looked for; a threshold stands where its reason says".to_owned(),
        head: ["what", "found", "threshold"].map(str::to_owned).to_vec(),
        rows: e
            .checks
            .iter()
            .map(|check| {
                let (found, threshold) = words::check(check);
                let found = if check.exceeded {
                    format!("{found}: found")
                } else {
                    found
                };
                Row {
                    head: format::sentence_case(&check.name),
                    note: String::new(),
                    cells: vec![
                        Entry::value(found),
                        Entry::prose(threshold).note(check.reason.clone()),
                    ],
                }
            })
            .collect(),
    }
}

fn thinned(e: &Explanation) -> String {
    let timeline = &e.timeline;
    let most = timeline
        .stops_per_mark
        .max(timeline.stalls_per_mark)
        .max(timeline.cycles_per_level);
    if most < 2 {
        return String::new();
    }
    format!(
        "Of {} stops, {} stalls and {} collections that follow each other the longest, or the highest and lowest level, are drawn.",
        words::count(timeline.stops_per_mark),
        words::count(timeline.stalls_per_mark),
        words::count(timeline.cycles_per_level)
    )
}

/// Two charts on one clock: the heap, and what stood still.
fn panels(e: &Explanation) -> Result<Vec<Value>, ReportError> {
    let timeline = &e.timeline;
    let marks = timeline.stops.iter().chain(&timeline.stalls);
    let end = marks
        .map(|m| m.at.0)
        .chain(timeline.heap.iter().map(|l| l.at.0))
        .max();
    let Some(end) = end.filter(|end| *end > 0) else {
        return Ok(vec![]);
    };
    let Some(mut x) = axes::linear("time in the log", &[end as f64], axes::ns_tick) else {
        return Ok(vec![]);
    };
    // Marks at zero would be cut in half.
    x["range"] = json!([-0.015 * end as f64, 1.03 * end as f64]);
    let mut panels = Vec::new();
    let mut add =
        |id: &str, title: &str, height: u32, data: Vec<Value>, y: Option<Value>| -> Result<(), ReportError> {
            if let (Some(y), false) = (y, data.is_empty()) {
                let spec =
                    json!({ "data": data, "layout": layout(&vec![("xaxis", x.clone()), ("yaxis", y)]) });
                panels
                    .push(json!({ "id": id, "title": title, "height": height, "spec": script_json(&spec)? }));
            }
            Ok(())
        };
    let sizes: Vec<f64> = timeline
        .heap
        .iter()
        .flat_map(|l| [l.before, l.after, l.capacity, l.live])
        .flatten()
        .map(|b| b.0 as f64)
        .collect();
    add(
        "heap",
        "Heap",
        260,
        heap(&timeline.heap),
        axes::linear_bytes("heap", &sizes),
    )?;
    let lengths: Vec<f64> = timeline
        .stops
        .iter()
        .chain(&timeline.stalls)
        .map(|m| m.duration.0.max(1) as f64)
        .collect();
    let stood = [
        marks_of(e, "stop", STOP, "circle", &timeline.stops),
        marks_of(e, "stall", STALL, "diamond", &timeline.stalls),
    ];
    add(
        "stops",
        "Stops and stalls, by their length",
        230,
        stood.into_iter().flatten().collect(),
        axes::log("length", &lengths, axes::ns_tick),
    )?;
    Ok(panels)
}

fn heap(levels: &[Level]) -> Vec<Value> {
    type Pick = fn(&Level) -> Option<Bytes>;
    let lines: [(&str, &str, &str, f64, Pick); 4] = [
        ("size or goal", CAPACITY, "dash", 1.2, |l| l.capacity),
        ("before", HEAP, "solid", 1.2, |l| l.before),
        ("after", HEAP, "dot", 1.2, |l| l.after),
        ("live", LIVE, "solid", 2.0, |l| l.live),
    ];
    lines
        .into_iter()
        .filter_map(|(name, colour, dash, width, pick)| {
            let points: Vec<(u64, f64)> = levels.iter().filter_map(|l| Some((l.at.0, pick(l)?.0 as f64))).collect();
            let mode = if points.len() == 1 { "markers" } else { "lines" };
            (!points.is_empty()).then(|| {
                json!({
                    "type": "scatter", "mode": mode, "name": name, "line": { "color": colour, "width": width, "dash": dash },
                    "marker": { "color": colour },
                    "x": points.iter().map(|p| p.0).collect::<Vec<_>>(),
                    "y": points.iter().map(|p| p.1).collect::<Vec<_>>(),
                    "text": points.iter().map(|p| format!("{name}: {} at {}", format::bytes(p.1), format::ns(p.0 as f64))).collect::<Vec<_>>(),
                    "hovertemplate": "%{text}<extra></extra>",
                })
            })
        })
        .collect()
}

fn marks_of(e: &Explanation, name: &str, colour: &str, symbol: &str, marks: &[Mark]) -> Option<Value> {
    let text = |m: &Mark| {
        let what = plain(&format!("{name}: {}, {}", m.what, e.place(m.place)));
        format!("{what}: {} at {}", words::ns(m.duration), words::ns(m.at))
    };
    (!marks.is_empty()).then(|| {
        json!({
            "type": "scatter", "mode": "markers", "name": name,
            "marker": { "color": colour, "symbol": symbol, "size": if symbol == "diamond" { 8 } else { 5 } },
            "x": marks.iter().map(|m| m.at.0).collect::<Vec<_>>(),
            "y": marks.iter().map(|m| m.duration.0.max(1)).collect::<Vec<_>>(),
            "text": marks.iter().map(text).collect::<Vec<_>>(),
            "hovertemplate": "%{text}<extra></extra>",
        })
    })
}
