//! One axis: what was measured, what came out, why, and what to doubt.

use serde::Serialize;

use crate::artifact::axis::Axis;
use crate::artifact::metric::metric;
use crate::artifact::plan::Work;

use super::caveats::{self, Caveat};
use super::charts::{self, Figure};
use super::distilled::{self, LowerBound};
use super::enough;
use super::floor;
use super::format;
use super::growth;
use super::minimum;
use super::source::Source;
use super::summary::{self, Cell};
use super::table::{Entry, Row, Table, measured};

#[derive(Clone, Debug, Serialize)]
pub struct Section {
    pub id: &'static str,
    pub title: &'static str,
    pub measured: String,
    pub decided: String,
    /// Band and level of the verdicts.
    pub rule: String,
    pub verdicts: Vec<Cell>,
    /// (what others say, sentences on it)
    pub claims: Vec<Group>,
    pub figures: Vec<Figure>,
    pub works: Table,
    pub ratios: Table,
    /// Of the throughput axis only.
    pub lower_bound: LowerBound,
    /// Of the memory axis only: what speed needs.
    pub enough: Table,
    /// And the least with which each works at all.
    pub minimum: Table,
    pub also: Table,
    /// Of the large-heap axis only: how figures grow, and what that says of larger machines, pair by pair.
    pub growth: Table,
    pub answers: Vec<Group>,
    /// (pair, sentences)
    pub mechanisms: Vec<Group>,
    pub caveats: Vec<Caveat>,
    /// Why there are no works, where there are none.
    pub empty: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Group {
    pub head: String,
    pub items: Vec<String>,
}

pub fn section(source: &Source, axis: Axis) -> Section {
    let works = source.works(axis);
    Section {
        id: axis.id(),
        title: axis.title(),
        measured: measured_how(axis).to_owned(),
        decided: summary::decided_by(axis),
        rule: rule(source, axis),
        verdicts: source
            .plan
            .pairs
            .iter()
            .map(|pair| summary::cell(source, pair, axis))
            .collect(),
        claims: claims(source, axis),
        figures: charts::figures(source, axis),
        works: works_table(source, axis, &works),
        ratios: ratios(source, axis, &works),
        lower_bound: match axis {
            Axis::Throughput => distilled::lower_bound(source),
            _ => LowerBound::default(),
        },
        enough: match axis {
            Axis::Memory => enough::table(source),
            _ => Table::default(),
        },
        minimum: match axis {
            Axis::Memory => minimum::table(source),
            _ => Table::default(),
        },
        also: also(source, axis, &works),
        growth: match axis {
            Axis::LargeHeap => growth::table(source),
            _ => Table::default(),
        },
        answers: match axis {
            Axis::LargeHeap => growth::answers(source),
            _ => Vec::new(),
        },
        mechanisms: mechanisms(source, axis),
        caveats: caveats::caveats(source, axis, &works),
        empty: if works.is_empty() {
            "No work of this suite informs this axis.".to_owned()
        } else {
            String::new()
        },
    }
}

/// What the axis asks and how the number is had; the method's words, once.
fn measured_how(axis: Axis) -> &'static str {
    match axis {
        Axis::Pause => {
            "How long is the world stopped? From the request to stop until all threads run again, by the runtime's own exact account, beside what a \
             thread inside the process suffered and what an idle process saw at the same time."
        }
        Axis::Throughput => {
            "What does the work cost? The same fixed work in closed loop, wall and CPU time of the whole process, with the memory each run really used."
        }
        Axis::Memory => {
            "How much memory does a live byte cost? Resident memory, sampled from outside during the measured window, over the payload that is live by construction."
        }
        Axis::Tail => {
            "How late is the unlucky request? Requests arrive on a fixed, seeded schedule at one rate for all collectors; response time counts from the moment a request \
             was due, and late requests are never skipped."
        }
        Axis::Fragmentation => {
            "Does memory become unusable? The live payload stays the same over epochs while its object sizes shift; memory is read after a forced collection at the end of each."
        }
        Axis::LargeHeap => {
            "How does all this grow? The same work at live payloads that grow, up to what the suite asks of this machine; sizes run in turn, shuffled in each round."
        }
    }
}

/// The metrics shown beside the headline.
fn also_shown(axis: Axis) -> &'static [&'static str] {
    match axis {
        Axis::Pause => &[
            "pause_p50_ns",
            "pause_p99_ns",
            "pause_count",
            "pause_total_ns",
            "pause_share",
            "ttsp_max_ns",
            "ttsp_total_ns",
            "stall_count",
            "stall_total_ns",
            "stall_max_ns",
            "pacing_total_ns",
            "assist_cpu_ns",
            "watcher_p99_ns",
            "watcher_max_ns",
            "control_max_ns",
        ],
        Axis::Throughput => &[
            "cpu_ns",
            "ops_per_s",
            "gc_cpu_share",
            "gc_cpu_ns",
            "assist_cpu_ns",
            "alloc_rate",
            "alloc_overhead",
            "gc_cycles",
            "rss_peak",
            "setup_ns",
            "start_ns",
        ],
        Axis::Memory => &[
            "memory_mean_over_live",
            "rest_rss_over_live",
            "rest_used_over_live",
            "rest_committed_over_live",
            "rss_peak",
            "rss_high_water",
            "live_bytes",
        ],
        Axis::Tail => &[
            "response_p50_ns",
            "service_p50_ns",
            "response_p99_ns",
            "service_p99_ns",
            "service_p999_ns",
            "response_p9999_ns",
            "response_max_ns",
            "tail_ratio",
            "saturated",
            "rate",
            "ops_per_s",
            "rss_peak",
        ],
        Axis::Fragmentation => &[
            "frag_committed_over_live",
            "frag_held_over_live",
            "frag_waste_over_live",
            "frag_slope",
            "frag_block_bytes",
            "frag_block_ns",
            "return_rss_over_live",
            "return_share",
            "return_ns",
        ],
        Axis::LargeHeap => &[
            "response_p99_ns",
            "pause_max_ns",
            "pause_p99_ns",
            "stall_max_ns",
            "gc_cpu_share",
            "cycle_ns",
            "forced_ns",
            "trace_rate",
            "memory_peak_over_live",
            "setup_ns",
            "saturated",
        ],
    }
}

fn rule(source: &Source, axis: Axis) -> String {
    let level = source
        .lead()
        .and_then(|pair| source.verdict(pair, axis))
        .map(|v| {
            format!(
                " The leading pair's interval is at {}, corrected for six axes.",
                format::level(v.level)
            )
        });
    format!(
        "A win needs an interval outside ±{} of equality; inside it is a tie.{}",
        format::level(axis.band()),
        level.unwrap_or_default()
    )
}

/// Headline per work: a column per collector, then the leading pair's ratio.
fn works_table(source: &Source, axis: Axis, works: &[&Work]) -> Table {
    let Some(metric) = metric(axis.headline()) else {
        return Table::default();
    };
    let shown = source.collectors(works);
    let mut head = vec!["work".to_owned()];
    head.extend(shown.iter().map(|c| c.name.clone()));
    let lead = source.lead();
    if let Some(pair) = lead {
        head.push(format!("{} / {}", pair.a, pair.b));
    }
    let rows = works
        .iter()
        .map(|work| {
            let mut cells: Vec<Entry> = shown
                .iter()
                .map(|c| {
                    let entry = measured(source, &work.id, &c.name, metric);
                    match source.summary(&work.id, &c.name) {
                        Some(summary) => entry.doubts(&summary.doubts),
                        None => entry,
                    }
                })
                .collect();
            if let Some(pair) = lead {
                cells.push(ratio(source, pair, axis, &work.id));
            }
            Row {
                head: work.id.clone(),
                note: work.summary.clone(),
                cells,
            }
        })
        .collect();
    Table {
        caption: format!(
            "{} ({}): median over runs, 95 % interval, number of runs",
            format::sentence_case(summary::headline_words(axis)),
            metric.name
        ),
        head,
        rows,
    }
}

fn ratio(source: &Source, pair: &crate::artifact::plan::Pair, axis: Axis, work: &str) -> Entry {
    source
        .verdict(pair, axis)
        .and_then(|v| v.works.iter().find(|w| w.work == work))
        .map_or_else(Entry::none, |w| {
            let bounds = format::bounds(w.ratio.lo, w.ratio.hi);
            let note = match &w.reading {
                Some(r) if r.a == r.b => format!("{bounds} at {} live", format::times(r.a / r.live)),
                Some(r) => format!(
                    "{bounds} at {} and {} live",
                    format::times(r.a / r.live),
                    format::times(r.b / r.live)
                ),
                None => bounds,
            };
            let note = match w.rounds {
                Some(n) => format!("{note}, by {}", format::things(n as usize, "round")),
                None => note,
            };
            let mut entry = Entry::value(format::times(w.ratio.value))
                .note(note)
                .doubts(&w.doubts);
            entry.under = floor::doubted(&w.doubts);
            entry
        })
}

/// Ratio per work of every pair but the leading one, which the first table has.
fn ratios(source: &Source, axis: Axis, works: &[&Work]) -> Table {
    let others: Vec<_> = source.plan.pairs.iter().skip(1).collect();
    if others.is_empty() || works.is_empty() {
        return Table::default();
    }
    let mut head = vec!["work".to_owned()];
    head.extend(others.iter().map(|p| format!("{} / {}", p.a, p.b)));
    Table {
        caption: "Ratio with interval, of medians unless it says by rounds".to_owned(),
        head,
        rows: works
            .iter()
            .map(|work| Row {
                head: work.id.clone(),
                note: String::new(),
                cells: others.iter().map(|p| ratio(source, p, axis, &work.id)).collect(),
            })
            .collect(),
    }
}

/// The other metrics, a row per work and metric; rows without any value are left out.
fn also(source: &Source, axis: Axis, works: &[&Work]) -> Table {
    let shown = source.collectors(works);
    let mut head = vec!["work, metric".to_owned()];
    head.extend(shown.iter().map(|c| c.name.clone()));
    let mut rows = vec![];
    for work in works {
        for metric in also_shown(axis).iter().filter_map(|m| metric(m)) {
            let cells: Vec<Entry> = shown
                .iter()
                .map(|c| measured(source, &work.id, &c.name, metric))
                .collect();
            if cells.iter().any(|c| c.kind == "value") {
                rows.push(Row {
                    head: work.id.clone(),
                    note: format!("{}: {}", metric.name, metric.sentence),
                    cells,
                });
            }
        }
    }
    Table {
        caption: "Medians over runs with 95 % intervals".to_owned(),
        head,
        rows,
    }
}

fn claims(source: &Source, axis: Axis) -> Vec<Group> {
    let of_axis = source.verdicts.claims.iter().filter(|c| c.axis == axis);
    of_axis
        .map(|c| Group {
            head: format!("“{}”", c.claim),
            items: c.answer.clone(),
        })
        .collect()
}

fn mechanisms(source: &Source, axis: Axis) -> Vec<Group> {
    source
        .plan
        .pairs
        .iter()
        .filter_map(|pair| {
            let verdict = source.verdict(pair, axis)?;
            (!verdict.mechanism.is_empty()).then(|| Group {
                head: format!("{} against {}", pair.a, pair.b),
                items: verdict.mechanism.clone(),
            })
        })
        .collect()
}
