//! Memory overhead: resident memory over live payload, and over time.

use serde_json::{Value, json};

use crate::artifact::axis::Axis;
use crate::artifact::plan::Work;
use crate::report::axes;
use crate::report::charts::rows::{self, Span};
use crate::report::charts::throughput::table;
use crate::report::charts::{Figure, Key, MAX_POINTS, layout, plain, thin};
use crate::report::format;
use crate::report::source::Source;
use crate::report::table::{Entry, Row, Table};

const PEAK: &str = "memory_peak_over_live";
const MEAN: &str = "memory_mean_over_live";
const REST: &str = "rest_rss_over_live";

/// Peak, mean and resting memory over live payload, a panel per work.
pub fn over_live(source: &Source) -> Figure {
    let works = source.works(Axis::Memory);
    let shown = source.collectors(&works);
    let mut figure = Figure::new(
        "memory-over-live",
        "Resident memory over live payload",
        "1 × would be a process that holds nothing but its payload. Pale to the peak, full to the mean over the window; the diamond is what \
         remains after a forced collection.",
    );
    figure.key = vec![
        Key::new("bar-pale", "peak"),
        Key::new("bar-plain", "mean"),
        Key::new("mark-diamond", "at rest, after a forced collection"),
    ];
    let spans = |work: &Work, metric: &str| -> Vec<Option<Span>> {
        shown
            .iter()
            .map(|c| source.estimate(&work.id, &c.name, metric).map(Span::from))
            .collect()
    };
    let texts = |spans: &[Option<Span>], word: &str| -> Vec<String> {
        spans
            .iter()
            .map(|s| s.map_or(String::new(), |s| format!("{word}: {}", format::times(s.value))))
            .collect()
    };
    let reach: Vec<f64> = works
        .iter()
        .flat_map(|w| [PEAK, MEAN, REST].into_iter().flat_map(move |m| spans(w, m)))
        .flatten()
        .flat_map(|s| [s.value, s.hi])
        .collect();
    if let Some(x) = axes::linear("resident / live payload", &reach, axes::times_tick) {
        for work in &works {
            let (peak, mean, rest) = (spans(work, PEAK), spans(work, MEAN), spans(work, REST));
            let data: Vec<Value> = [
                rows::bars(source, &shown, &peak, 0.42, true, texts(&peak, "peak")),
                rows::bars(source, &shown, &mean, 1.0, false, texts(&mean, "mean")),
                rows::marks(source, &shown, &rest, "diamond", texts(&rest, "at rest")),
            ]
            .into_iter()
            .flatten()
            .collect();
            if !data.is_empty() {
                let axes = vec![
                    ("xaxis", x.clone()),
                    ("yaxis", axes::names_down(&rows::names(&shown))),
                ];
                let mut layout = layout(&axes);
                layout["barmode"] = json!("overlay");
                figure.panel(&work.id, rows::height(&shown), data, layout);
            }
        }
    }
    figure.table = table(source, &works, &[PEAK, MEAN, REST, "rest_committed_over_live"]);
    figure.traced_to_works(source, &works)
}

/// Resident memory of one run per collector, a panel per work.
pub fn over_time(source: &Source) -> Figure {
    let works = source.works(Axis::Memory);
    let mut figure = Figure::new(
        "memory-over-time",
        "Resident memory over time",
        "The run of each cell whose headline is its median, sampled from outside. Zero is the begin of the measured window; before it the \
         live set is built. The dotted line is the live payload.",
    );
    figure.key = vec![Key::new("line-dotted", "live payload")];
    let (mut runs, mut rows) = (vec![], vec![]);
    for work in &works {
        let lines: Vec<_> = source
            .plan
            .collectors
            .iter()
            .filter_map(|c| Some((c, source.summary(&work.id, &c.name)?.timeline.as_ref()?)))
            .filter(|(_, t)| !t.rss.is_empty())
            .collect();
        let live = work.live.0 as f64;
        let bytes: Vec<f64> = lines
            .iter()
            .flat_map(|(_, t)| t.rss.iter().map(|r| r.1.0 as f64))
            .chain([live])
            .collect();
        let times: Vec<f64> = lines
            .iter()
            .flat_map(|(_, t)| t.rss.iter().map(|r| r.0 as f64))
            .collect();
        let (Some(x), Some(y)) = (
            axes::linear("time in the run", &times, axes::ns_tick),
            axes::linear_bytes("resident", &bytes),
        ) else {
            continue;
        };
        let mut data = vec![];
        for (collector, timeline) in &lines {
            let resident: Vec<f64> = timeline.rss.iter().map(|r| r.1.0 as f64).collect();
            let kept = thin(&resident, MAX_POINTS);
            data.push(json!({
                "type": "scatter", "mode": "lines", "name": plain(&collector.name),
                "line": { "color": source.palette.of(&collector.name).colour, "width": 1.5 },
                "x": kept.iter().map(|i| timeline.rss[*i].0).collect::<Vec<_>>(),
                "y": kept.iter().map(|i| resident[*i]).collect::<Vec<_>>(),
                "text": kept.iter().map(|i| format::bytes(resident[*i])).collect::<Vec<_>>(),
                "hovertemplate": "%{text}",
            }));
            if let Some(cell) = source.cell(&work.id, &collector.name) {
                runs.push((cell.id.clone(), timeline.invocation.clone()));
            }
            let highest = resident.iter().copied().fold(0.0, f64::max);
            let last = resident.last().copied().unwrap_or(f64::NAN);
            rows.push(Row {
                head: work.id.clone(),
                note: collector.name.clone(),
                cells: vec![
                    Entry::prose(timeline.invocation.clone()),
                    Entry::value(format::count(resident.len() as f64)),
                    Entry::value(format::bytes(highest)),
                    Entry::value(format::bytes(last)),
                ],
            });
        }
        let mut layout = layout(&vec![("xaxis", x), ("yaxis", y)]);
        layout["shapes"] = json!([{
            "type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": live, "y1": live,
            "line": { "width": 1.2, "dash": "dot", "color": "#8b8f93" },
        }]);
        figure.panel(&work.id, 240, data, layout);
    }
    figure.table = Table {
        caption: "The runs drawn".into(),
        head: ["work, collector", "run", "samples drawn", "highest", "last"]
            .map(str::to_owned)
            .to_vec(),
        rows,
    };
    figure.traced_to_runs(&runs)
}
