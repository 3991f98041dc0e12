//! Figures: small multiples of plotly specifications, each with its table and the runs it comes from.
//!
//! Colours of paper, text and grid are left to the style sheet, so that a drawn chart follows light, dark and print.

use serde::Serialize;
use serde_json::{Value, json};

use crate::artifact::axis::Axis;
use crate::artifact::plan::Work;
use crate::artifact::tradeoff::Price;

use super::axes::Axes;
use super::format;
use super::section::Group;
use super::source::{Source, raw_link};
use super::table::Table;

mod close_up;
mod felt;
mod fragmentation;
mod large_heap;
mod load;
mod memory;
mod mmu;
mod pause;
mod percentile;
mod returned;
mod rows;
mod steady;
mod sweep;
mod tail;
mod throughput;
mod time_space;
mod timeline;

/// Points of one trace; more only cost time, no screen shows them.
pub const MAX_POINTS: usize = 2000;

#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    pub id: String,
    pub title: String,
    /// How to read it.
    pub caption: String,
    pub key: Vec<Key>,
    /// Collectors that it shows, by name; empty: all of the page.
    pub collectors: Vec<String>,
    /// `halves` or `thirds`: how wide a panel is at most.
    pub columns: &'static str,
    pub panels: Vec<Panel>,
    /// Said where there are none.
    pub empty: &'static str,
    /// What the drawing says, in words.
    pub said: Vec<Group>,
    pub table: Table,
    /// The table is what the figure is about: it stands open.
    pub open: bool,
    /// Further tables, closed.
    pub more: Vec<More>,
    pub sources: Vec<Origin>,
    /// "Raw files: 12 cells, 58 of 60 runs valid"
    pub origin: String,
}

/// One mark of the figure and what it means; collectors have the page's common key.
#[derive(Clone, Debug, Serialize)]
pub struct Key {
    /// Class of the sample, or `symbol` with an outline.
    pub sample: &'static str,
    pub outline: String,
    pub text: String,
}

impl Key {
    pub fn new(sample: &'static str, text: &str) -> Key {
        Key {
            sample,
            outline: String::new(),
            text: text.to_owned(),
        }
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct Panel {
    pub id: String,
    pub title: String,
    /// For those who cannot see it.
    pub label: String,
    /// Pixels.
    pub height: u32,
    /// `{data, layout}` for plotly.
    pub spec: Value,
}

#[derive(Clone, Debug, Serialize)]
pub struct More {
    pub summary: &'static str,
    pub table: Table,
}

/// A cell and its raw folders.
#[derive(Clone, Debug, Serialize)]
pub struct Origin {
    pub cell: String,
    pub runs: Vec<Run>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Run {
    pub text: String,
    pub href: String,
    /// Empty where the run counts.
    pub outcome: String,
}

/// Every figure of an axis, also those without data: they say so. A close-up of requests is there only where there are some.
pub fn figures(source: &Source, axis: Axis) -> Vec<Figure> {
    match axis {
        Axis::Pause => [
            pause::curves(source),
            felt::figure(source),
            mmu::figure(source),
            timeline::figure(source, Axis::Pause),
        ]
        .into_iter()
        .chain(close_up::figure(source, Axis::Pause))
        .collect(),
        Axis::Throughput => time_space::figure(source, "throughput-memory", &[Price::Wall, Price::Cpu])
            .into_iter()
            .chain([throughput::time_space(source), throughput::relative_bars(source)])
            .chain(steady::figure(source))
            .collect(),
        Axis::Memory => vec![memory::over_live(source), memory::over_time(source)],
        Axis::Tail => [tail::curves(source), load::figure(source)]
            .into_iter()
            .chain(time_space::figure(source, "tail-memory", &[Price::Tail]))
            .collect(),
        Axis::Fragmentation => vec![fragmentation::epochs(source), returned::figure(source)],
        Axis::LargeHeap => [large_heap::series(source)]
            .into_iter()
            .chain(sweep::figure(source))
            .collect(),
    }
}

impl Figure {
    pub fn new(id: &str, title: &str, caption: &str) -> Figure {
        Figure {
            id: id.to_owned(),
            title: title.to_owned(),
            caption: caption.to_owned(),
            key: vec![],
            collectors: vec![],
            columns: "thirds",
            panels: vec![],
            empty: "No valid run gave data for this chart.",
            said: vec![],
            table: Table::default(),
            open: false,
            more: vec![],
            sources: vec![],
            origin: String::new(),
        }
    }

    /// Adds a panel; its id is the figure's with a number.
    pub fn panel(&mut self, title: &str, height: u32, data: Vec<Value>, layout: Value) {
        self.panels.push(Panel {
            id: format!("{}-{}", self.id, self.panels.len() + 1),
            title: title.to_owned(),
            label: format!("{}: {title}. The numbers are in the table below.", self.title),
            height,
            spec: json!({ "data": data, "layout": layout }),
        });
        // One, two and four fill rows of two.
        self.columns = if [1, 2, 4].contains(&self.panels.len()) {
            "halves"
        } else {
            "thirds"
        };
    }

    /// The runs behind the figure: every measured invocation of these works under every collector.
    pub fn traced_to_works(mut self, source: &Source, works: &[&Work]) -> Figure {
        let cells: Vec<&str> = works
            .iter()
            .flat_map(|w| {
                source
                    .plan
                    .collectors
                    .iter()
                    .filter_map(|c| source.cell(&w.id, &c.name))
            })
            .map(|c| c.id.as_str())
            .collect();
        if self.collectors.is_empty() {
            self.collectors = source.collectors(works).iter().map(|c| c.name.clone()).collect();
        }
        let (mut valid, mut all) = (0, 0);
        for cell in &cells {
            let runs: Vec<Run> = source
                .invocations(cell)
                .into_iter()
                .map(|(invocation, round, outcome)| Run {
                    text: round.to_string(),
                    href: raw_link(invocation),
                    outcome: outcome.unwrap_or_default().to_owned(),
                })
                .collect();
            all += runs.len();
            valid += runs.iter().filter(|r| r.outcome.is_empty()).count();
            self.sources.push(Origin {
                cell: (*cell).to_owned(),
                runs,
            });
        }
        self.origin = format!(
            "Raw files: {}, {} of {} valid",
            format::things(cells.len(), "cell"),
            format::count(valid as f64),
            format::things(all, "run")
        );
        self
    }

    /// Only these invocations, for a figure that shows single runs.
    pub fn traced_to_runs(mut self, runs: &[(String, String)]) -> Figure {
        for (cell, invocation) in runs {
            // A cell is named `<work>/<collector>`.
            let name = cell.rsplit_once('/').map_or("", |(_, name)| name).to_owned();
            if !self.collectors.contains(&name) {
                self.collectors.push(name);
            }
            self.sources.push(Origin {
                cell: cell.clone(),
                runs: vec![Run {
                    text: invocation.clone(),
                    href: raw_link(invocation),
                    outcome: String::new(),
                }],
            });
        }
        self.origin = format!("Raw files: {}", format::things(runs.len(), "single run"));
        self
    }
}

/// Text for plotly, which reads a subset of HTML.
pub fn plain(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// The layout all panels share.
pub fn layout(axes: &Axes) -> Value {
    let mut layout = json!({
        "margin": { "l": 8, "r": 10, "t": 6, "b": 8 },
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": { "size": 11, "family": "system-ui, sans-serif" },
        "showlegend": false,
        "hovermode": "closest",
        "hoverlabel": { "font": { "size": 11 } },
    });
    for (name, axis) in axes {
        layout[*name] = axis.clone();
    }
    layout
}

/// Indices of at most `limit` points that keep the first, the last and the highest point of each stretch.
pub fn thin(values: &[f64], limit: usize) -> Vec<usize> {
    if values.len() <= limit {
        return (0..values.len()).collect();
    }
    let buckets = limit.saturating_sub(2).max(1);
    let inner = values.len() - 2;
    let mut kept = vec![0];
    for bucket in 0..buckets {
        let from = 1 + bucket * inner / buckets;
        let to = 1 + (bucket + 1) * inner / buckets;
        if let Some(highest) = (from..to).max_by(|a, b| values[*a].total_cmp(&values[*b])) {
            kept.push(highest);
        }
    }
    kept.push(values.len() - 1);
    kept
}

/// Whiskers from an interval, on both sides of a value.
pub fn whiskers(middle: &[f64], lo: &[f64], hi: &[f64]) -> Value {
    let plus: Vec<f64> = middle.iter().zip(hi).map(|(m, h)| (h - m).max(0.0)).collect();
    let minus: Vec<f64> = middle.iter().zip(lo).map(|(m, l)| (m - l).max(0.0)).collect();
    json!({ "type": "data", "symmetric": false, "array": plus, "arrayminus": minus, "thickness": 1, "width": 3 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_the_ends_and_the_peak() {
        let mut values = vec![1.0; 10_000];
        values[7_777] = 9.0;
        let kept = thin(&values, MAX_POINTS);
        assert!(kept.len() <= MAX_POINTS);
        assert!(kept.contains(&7_777) && kept[0] == 0 && kept[kept.len() - 1] == 9_999);
        assert!(kept.windows(2).all(|w| w[0] < w[1]));
    }

    #[test]
    fn a_label_cannot_bring_markup_into_a_chart() {
        assert_eq!(plain("<a href=x>&"), "&lt;a href=x&gt;&amp;");
    }
}
