//! After the axes: rules, failures, method, environment, cost of measuring.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::artifact::plan::{Budget, Cell, Invocation, Mode, Purpose, Work};

use crate::stats::{self, Coverage, Interval};

use super::format;
use super::source::{Source, raw_link, reason};
use super::table::{Entry, Row, Table};

#[derive(Clone, Debug, Serialize)]
pub struct Rule {
    pub condition: String,
    pub choices: Vec<String>,
    pub evidence: String,
}

pub fn rules(source: &Source) -> Vec<Rule> {
    source
        .verdicts
        .rules
        .iter()
        .map(|r| Rule {
            condition: r.condition.clone(),
            choices: r.choices.clone(),
            evidence: r.evidence.clone(),
        })
        .collect()
}

/// Invocations of one cell that ended the same way.
#[derive(Clone, Debug, Serialize)]
pub struct FailureGroup {
    pub outcome: String,
    pub reason: String,
    pub cells: Vec<FailedCell>,
    pub count: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct FailedCell {
    pub cell: String,
    pub runs: Vec<FailedRun>,
}

#[derive(Clone, Debug, Serialize)]
pub struct FailedRun {
    pub invocation: String,
    pub href: String,
}

/// Every failure, grouped by outcome and reason, then by cell.
pub fn failures(source: &Source) -> Vec<FailureGroup> {
    let mut groups: BTreeMap<(&str, String), BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for failure in &source.analysis.failures {
        groups
            .entry((failure.outcome.name(), reason(&failure.outcome)))
            .or_default()
            .entry(&failure.cell)
            .or_default()
            .push(&failure.invocation);
    }
    groups
        .into_iter()
        .map(|((outcome, reason), cells)| FailureGroup {
            outcome: outcome.to_owned(),
            reason,
            count: format::things(cells.values().map(Vec::len).sum(), "run"),
            cells: cells
                .into_iter()
                .map(|(cell, runs)| FailedCell {
                    cell: cell.to_owned(),
                    runs: runs
                        .into_iter()
                        .map(|r| FailedRun {
                            invocation: r.to_owned(),
                            href: raw_link(r),
                        })
                        .collect(),
                })
                .collect(),
        })
        .collect()
}

#[derive(Clone, Debug, Serialize)]
pub struct Method {
    pub sentences: Vec<String>,
    pub works: Table,
    pub collectors: Table,
    pub commands: Vec<Command>,
}

/// One cell's exact command, as an example of its collector's flags.
#[derive(Clone, Debug, Serialize)]
pub struct Command {
    pub collector: String,
    pub cell: String,
    pub text: String,
}

pub fn method(source: &Source) -> Method {
    let plan = source.plan;
    let runs = |purpose| {
        let of = |i: &&Invocation| i.purpose == purpose && i.round <= source.rounds();
        plan.invocations.iter().filter(of).count()
    };
    let mut sentences = vec![
        format!(
            "{} of {}: {}, each a fresh process, those of one work next to each other, in an order shuffled within each round from seed {}; before them {} to calibrate rates, which are no results.",
            format::things(source.rounds() as usize, "round"),
            format::things(plan.cells.len(), "cell"),
            format::things(runs(Purpose::Measure), "measured run"),
            plan.seed,
            format::things(runs(Purpose::Calibrate), "run"),
        ),
        "A number is the median over runs with its 95 % interval; where there are too few runs for one, the interval is the range. Quantiles are taken run by run; pooled \
         histograms are for pictures only. No outlier is dropped."
            .to_owned(),
        "An axis compares two collectors by the geometric mean over works of the ratio of their medians, with a hierarchical bootstrap interval (Student's t on the \
         bootstrap's standard error where the runs are too few for its resolution), corrected over the six axes (Holm). Costs of fixed work are compared round by round, since both sides of a round meet what the machine does meanwhile: \
         the geometric mean over rounds of the ratio inside each, with Student's t on its logarithm over rounds. It is a win when the interval lies outside the equivalence band, a tie when it lies inside, undecided otherwise."
            .to_owned(),
        "Every run is checked before it counts: equal checksums over all collectors of a work, and no fewer bytes allocated than the work asked for.".to_owned(),
        "Memory is read from outside on the clock the runner stamps its window with; nothing is polled or printed inside the window.".to_owned(),
    ];
    sentences.insert(3, covered(source));
    Method {
        sentences,
        works: works(source),
        collectors: collectors(source),
        commands: commands(source),
    }
}

/// What the nominal level of the intervals is worth for as many runs as there are.
fn covered(source: &Source) -> String {
    // Of works that inform an axis: others may have fewer rounds, and no verdict.
    let informs = |cell: &&Cell| source.plan.work(&cell.work).is_some_and(|w| !w.axes.is_empty());
    let runs = source
        .plan
        .cells
        .iter()
        .filter(informs)
        .filter_map(|cell| source.analysis.cells.get(&cell.id))
        .map(|c| c.valid)
        .filter(|n| *n > 0)
        .min();
    let Some(n) = runs.and_then(|n| usize::try_from(n).ok()) else {
        return "No cell has a valid run, so no interval says anything.".to_owned();
    };
    let shares = |c: &Coverage| format!("{} to {}", format::share(c.least), format::share(c.most));
    let of = |interval| stats::coverage(interval, n);
    match (of(Interval::Median), of(Interval::Ratio), of(Interval::Rounds)) {
        (Some(median), Some(ratio), Some(rounds)) => {
            let kept = if [&median, &ratio, &rounds]
                .into_iter()
                .all(Coverage::is_as_promised)
            {
                "All are within two points of what they promise."
            } else {
                "Read them as what they cover, not as what they are called."
            };
            format!(
                "What the intervals are worth: with {} a side, simulated from six shapes of skewed and heavy-tailed values, intervals of nominal 95 % covered the truth in {} of samples \
                 (of a median), in {} (of a ratio of two medians) and in {} (of a ratio by rounds). {kept} The cell with fewest valid runs has {}.",
                format::things(median.n, "run"),
                shares(&median),
                shares(&ratio),
                shares(&rounds),
                format::count(n as f64)
            )
        }
        _ => "The cell with fewest valid runs has one: its intervals are a single value and cover nothing."
            .to_owned(),
    }
}

fn works(source: &Source) -> Table {
    let head = [
        "work",
        "axes",
        "loop",
        "live payload",
        "memory budget",
        "threads",
        "offered rate",
    ];
    Table {
        caption: "The works".to_owned(),
        head: head.map(str::to_owned).to_vec(),
        rows: source
            .plan
            .works
            .iter()
            .map(|work| Row {
                head: work.id.clone(),
                note: work.summary.clone(),
                cells: vec![
                    Entry::prose(work.axes.iter().map(|a| a.id()).collect::<Vec<_>>().join(", ")),
                    Entry::prose(work.mode.id()),
                    Entry::value(format::bytes(work.live.0 as f64)),
                    Entry::value(match work.budget {
                        Budget::Default => "out of the box".to_owned(),
                        Budget::TimesLive(times) => format!("{} live", format::times(times)),
                    }),
                    Entry::value(format::count(f64::from(work.threads))),
                    offered(source, work),
                ],
            })
            .collect(),
    }
}

/// The rate, and how it was found.
fn offered(source: &Source, work: &Work) -> Entry {
    if work.mode == Mode::Closed {
        return Entry::none();
    }
    let load = source
        .plan
        .cells
        .iter()
        .find(|c| c.work == work.id && c.load.is_some())
        .and_then(|c| c.load.as_ref());
    if let Some(rate) = load.and_then(|l| l.rate) {
        return Entry::value(format::rate(rate)).note("fixed by the suite");
    }
    if work.ladder.is_some() {
        return own_share(source, work);
    }
    match source.calibration.and_then(|c| c.rate.get(&work.id)) {
        Some(rate) => {
            let note = load.map_or(String::new(), |l| {
                format!(
                    "{} of the slowest collector's capacity, for {}",
                    format::percent(l.fraction),
                    format::ns(l.seconds * 1e9)
                )
            });
            Entry::value(format::rate(*rate)).note(note)
        }
        None => Entry::none().note("not calibrated"),
    }
}

/// On a rung each collector has a rate of its own.
fn own_share(source: &Source, work: &Work) -> Entry {
    let cells = || source.plan.cells.iter().filter(|c| c.work == work.id);
    let rates: Vec<f64> = cells()
        .filter_map(|c| source.calibration?.own.get(&c.id).copied())
        .collect();
    let lo = rates.iter().copied().reduce(f64::min);
    let hi = rates.iter().copied().reduce(f64::max);
    let load = cells().find_map(|c| c.load.as_ref());
    let (Some(lo), Some(hi), Some(load)) = (lo, hi, load) else {
        return Entry::none().note("not calibrated");
    };
    let text = format!("{} to {}", format::rate(lo), format::rate(hi));
    Entry::value(text).note(format!(
        "{} of each collector's own capacity, for {}",
        format::percent(load.fraction),
        format::ns(load.seconds * 1e9)
    ))
}

fn collectors(source: &Source) -> Table {
    let capacity = |name: &str| {
        let capacities = &source.calibration?.capacity;
        let found: Vec<f64> = source
            .plan
            .cells
            .iter()
            .filter(|c| c.collector == name)
            .filter_map(|c| capacities.get(&c.id).copied())
            .collect();
        let lo = found.iter().copied().reduce(f64::min)?;
        let hi = found.iter().copied().reduce(f64::max)?;
        Some(if found.len() == 1 {
            format::rate(lo)
        } else {
            format!("{} to {}", format::rate(lo), format::rate(hi))
        })
    };
    Table {
        caption: "The collectors".to_owned(),
        head: ["collector", "version", "tags", "calibrated capacity", "available"]
            .map(str::to_owned)
            .to_vec(),
        rows: source
            .plan
            .collectors
            .iter()
            .map(|c| Row {
                head: c.name.clone(),
                note: c.label.clone(),
                cells: vec![
                    Entry::prose(c.version.clone()),
                    Entry::prose(c.tags.join(", ")),
                    capacity(&c.name).map_or_else(Entry::none, Entry::value),
                    match &c.unavailable {
                        None => Entry::prose("yes"),
                        Some(reason) => Entry::prose(format!("not started: {reason}")),
                    },
                ],
            })
            .collect(),
    }
}

fn commands(source: &Source) -> Vec<Command> {
    source
        .plan
        .collectors
        .iter()
        .filter_map(|collector| {
            let cell = source.plan.cells.iter().find(|c| c.collector == collector.name)?;
            let env = cell.env.iter().map(|(k, v)| format!("{k}={v}"));
            Some(Command {
                collector: collector.name.clone(),
                cell: cell.id.clone(),
                text: env.chain(cell.argv.iter().cloned()).collect::<Vec<_>>().join(" "),
            })
        })
        .collect()
}

/// Facts of the machine, as rows of two columns.
pub fn environment(source: &Source) -> Table {
    let host = &source.verdicts.host;
    let mut rows: Vec<(String, String)> = vec![];
    let mut add = |name: &str, value: Option<String>| {
        rows.push((name.to_owned(), value.unwrap_or_else(|| format::NONE.to_owned())));
    };
    add("begun", Some(host.started.clone()));
    add("CPU", Some(host.cpu.clone()));
    add("microcode", host.microcode.clone());
    add("CPUs usable", Some(format::count(f64::from(host.cores))));
    add("memory", Some(format::bytes(host.memory.0 as f64)));
    add(
        "cgroup",
        Some(match host.cgroup_memory {
            Some(limit) => format!("{}, limit {}", host.cgroup, format::bytes(limit.0 as f64)),
            None => format!("{}, no memory limit", host.cgroup),
        }),
    );
    add("kernel", Some(host.kernel.clone()));
    add("system", Some(host.os.clone()));
    add("frequency governor", host.governor.clone());
    add("transparent huge pages", host.transparent_huge_pages.clone());
    add(
        "huge pages set aside",
        host.huge_pages_reserved.map(|b| format::bytes(b.0 as f64)),
    );
    add("NUMA nodes", Some(format::count(f64::from(host.numa_nodes))));
    add(
        "swap",
        Some(format!(
            "{} in use of {}",
            format::bytes(host.swap_used.0 as f64),
            format::bytes(host.swap_total.0 as f64)
        )),
    );
    add("clock source", host.clock_source.clone());
    add("virtualised", host.virtualised.clone());
    add(
        "load before the first run",
        Some(format::significant(host.load_before)),
    );
    add(
        "load before the last run",
        host.load_after.map(format::significant),
    );
    for (tool, version) in &host.versions {
        add(&format!("version of {tool}"), Some(version.clone()));
    }
    for (path, hash) in &host.binaries {
        add(&format!("SHA-256 of {path}"), Some(hash.clone()));
    }
    add("commit of the driver", host.commit.clone());
    Table {
        caption: "The machine and what ran on it".to_owned(),
        head: vec!["fact".into(), "value".into()],
        rows: rows
            .into_iter()
            .map(|(head, value)| Row {
                head,
                note: String::new(),
                cells: vec![Entry::prose(value)],
            })
            .collect(),
    }
}
