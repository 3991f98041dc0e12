//! What measuring itself cost in this run, each figure beside its goal.

use serde::Serialize;

use crate::artifact::analysis::{Instrument, Noise, PerOperation, RecorderCost};
use crate::artifact::plan::{Cell, Mode, Work};
use crate::artifact::recorder::{IN_A_ROW, OF_EACH};

use super::format;
use super::source::Source;
use super::table::{Entry, Row, Table};

#[derive(Clone, Debug, Serialize)]
pub struct Cost {
    pub sentences: Vec<String>,
    pub goals: Table,
    /// Recording beside the fastest operation of each closed-loop work; without rows where the recorder was not timed.
    pub shares: Table,
}

const NOT_MEASURED: &str = "not measured in this run";

pub fn cost(source: &Source) -> Cost {
    Cost {
        sentences: [sampler(source), recorder(source), quiet(source), noise(source)]
            .into_iter()
            .chain(scraped(source))
            .collect(),
        goals: goals(&source.analysis.instrument),
        shares: shares(source),
    }
}

fn sampler(source: &Source) -> String {
    let instrument = &source.analysis.instrument;
    match instrument.sampler_share {
        Some(share) => format!(
            "The memory sampler took {} and used {} of one core while it did; the driver's own resident memory never passed {}.",
            format::things(
                usize::try_from(instrument.samples).unwrap_or(usize::MAX),
                "sample"
            ),
            format::share(share),
            format::bytes(instrument.driver_rss.0 as f64)
        ),
        None => "What the sampler cost is not known: no run was sampled.".to_owned(),
    }
}

fn recorder(source: &Source) -> String {
    if source.analysis.instrument.recorder.is_empty() {
        return "What recording an operation costs was not measured in this run.".to_owned();
    }
    "Each runner timed its own recorder before the first run, by the functions that the measured loops call. An operation of the open loop that starts late reads the \
     clock once, since its start is the end of the one before it; one that was waited for reads it once more, and that reading ends the wait. Rounds follow each other \
     without work between them: caches are warm."
        .to_owned()
}

fn quiet(source: &Source) -> String {
    match &source.analysis.quiet {
        Some(noise) => format!(
            "The machine alone: before each round, with nothing of ours running, an idle process, asleep for 1 ms at a time, woke {}. Above 1 ms at p99 the \
             report would be branded untrusted.",
            lateness(noise)
        ),
        None => "What the machine does on its own is not known: no control watcher ran before the rounds."
            .to_owned(),
    }
}

fn noise(source: &Source) -> String {
    match &source.analysis.noise {
        Some(noise) => format!(
            "Noise floor: the same process beside the runs woke {}; there it also waits for mutators and collector threads that fill the cores. Nothing is \
             subtracted; what lies below the p99 is not a finding.",
            lateness(noise)
        ),
        None => "The noise floor is not known: no control watcher ran.".to_owned(),
    }
}

/// None where nobody asked: most runs serve no metrics.
fn scraped(source: &Source) -> Option<String> {
    let scraped = source.analysis.instrument.scraped?;
    let things = |n: u64, thing| format::things(usize::try_from(n).unwrap_or(usize::MAX), thing);
    Some(format!(
        "Live metrics were served: {} beside {}, for {} of CPU on the machine that was measured.",
        things(scraped.scrapes, "request"),
        things(scraped.processes, "run"),
        format::ns(scraped.cpu.0 as f64)
    ))
}

fn lateness(noise: &Noise) -> String {
    format!(
        "{} late at the median, {} at p99 and {} at worst ({})",
        format::ns(noise.p50.0 as f64),
        format::ns(noise.p99.0 as f64),
        format::ns(noise.max.0 as f64),
        format::things(usize::try_from(noise.n).unwrap_or(usize::MAX), "wake-up")
    )
}

fn goals(instrument: &Instrument) -> Table {
    let mut rows = vec![];
    for (runtime, cost) in &instrument.recorder {
        let paths = [
            ("closed loop", cost.closed, true),
            ("open loop, started late", cost.open, true),
            ("open loop, waited for", cost.waited, true),
            ("a clock reading alone", cost.clock, false),
        ];
        for (path, found, aim) in paths {
            let head = format!("{runtime}: {path}");
            let goal = aim.then_some(Instrument::RECORDING_GOAL);
            rows.push(match found {
                Some(found) => judged(head, found.median, goal, format::ns, fastest(found)),
                None => unknown(head, goal.map(format::ns)),
            });
        }
    }
    if rows.is_empty() {
        rows.push(unknown(
            "recording an operation".to_owned(),
            Some(format::ns(Instrument::RECORDING_GOAL)),
        ));
    }
    let (share, memory) = (Instrument::SAMPLER_GOAL, Instrument::DRIVER_GOAL);
    let head = "memory sampler, share of one core".to_owned();
    rows.push(match instrument.sampler_share {
        Some(found) => judged(head, found, Some(share), format::share, String::new()),
        None => unknown(head, Some(format::share(share))),
    });
    let head = "driver, resident during a run".to_owned();
    rows.push(match instrument.driver_rss.0 {
        0 => unknown(head, Some(format::bytes(memory))),
        found => judged(head, found as f64, Some(memory), format::bytes, String::new()),
    });
    Table {
        caption: "Cost and goal".to_owned(),
        head: ["what", "measured", "at most", "goal"]
            .map(str::to_owned)
            .to_vec(),
        rows,
    }
}

fn fastest(found: PerOperation) -> String {
    let rounds = usize::try_from(found.rounds).unwrap_or(usize::MAX);
    format!(
        "median of {}, fastest {}",
        format::things(rounds, "round"),
        format::ns(found.fastest)
    )
}

fn judged(head: String, found: f64, goal: Option<f64>, show: fn(f64) -> String, note: String) -> Row {
    let word = goal.map(|goal| if found <= goal { "met" } else { "missed" });
    Row {
        head,
        note: String::new(),
        cells: vec![
            Entry::value(show(found)).note(note),
            goal.map_or_else(Entry::none, |goal| Entry::value(show(goal))),
            word.map_or_else(Entry::none, Entry::prose),
        ],
    }
}

fn unknown(head: String, goal: Option<String>) -> Row {
    Row {
        head,
        note: String::new(),
        cells: vec![
            Entry::prose(NOT_MEASURED),
            goal.map_or_else(Entry::none, Entry::value),
            Entry::none(),
        ],
    }
}

fn shares(source: &Source) -> Table {
    Table {
        caption: "Recording beside the fastest operation of a closed loop".to_owned(),
        head: [
            "work",
            "fastest collector",
            "median operation",
            "recording, per operation",
            "share",
            "at most",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: source
            .plan
            .works
            .iter()
            .filter(|w| w.mode == Mode::Closed)
            .filter_map(|w| share(source, w))
            .collect(),
    }
}

/// The collector with the shortest median service time, of those whose recorder was timed.
fn share(source: &Source, work: &Work) -> Option<Row> {
    let collectors = source.plan.collectors.iter().filter_map(|collector| {
        let cell = source.cell(&work.id, &collector.name)?;
        let service = source
            .estimate(&work.id, &collector.name, "service_p50_ns")?
            .median;
        let cost = source.analysis.instrument.recorder.get(&collector.runtime)?;
        Some((service, per_operation(cell, cost)?, &collector.name))
    });
    let (service, recording, name) = collectors.min_by(|x, y| x.0.total_cmp(&y.0))?;
    (service > 0.0).then(|| Row {
        head: work.id.clone(),
        note: String::new(),
        cells: vec![
            Entry::prose(name.clone()),
            Entry::value(format::ns(service)),
            Entry::value(format::ns(recording)),
            Entry::value(format::share(recording / service)),
            Entry::value(format::share(Instrument::THROUGHPUT_GOAL)),
        ],
    })
}

/// ns that recording adds to an operation of the cell, whether that operation is one of the recorded or not.
fn per_operation(cell: &Cell, cost: &RecorderCost) -> Option<f64> {
    let closed = cost.closed?.median;
    let some = cell.request.iter().any(|(k, v)| k == "record" && v == "2");
    if some {
        // One reading more for each row: it has a beginning.
        return Some((IN_A_ROW * closed + cost.clock?.median) / OF_EACH);
    }
    Some(closed)
}
