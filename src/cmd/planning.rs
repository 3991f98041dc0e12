//! From the command line to a plan.

use std::collections::BTreeMap;
use std::path::Path;

use super::cli::{PlanArgs, Select};
use super::{Ending, precision, runners, usage};
use crate::artifact::definition::name::unknown;
use crate::artifact::definition::{Definitions, SuiteDef, quantity};
use crate::artifact::plan::{Budget, Capacity, Cell, Pair, Plan, Purpose};
use crate::define;
use crate::plan::{self, Machine, Selection};
use crate::run::host;

/// A suite by name.
pub fn suite<'a>(defs: &'a Definitions, name: &str) -> anyhow::Result<&'a SuiteDef> {
    defs.suites
        .get(name)
        .ok_or_else(|| usage(unknown("suite", name, defs.suites.keys().map(String::as_str))))
}

pub fn selection(select: &Select) -> anyhow::Result<Selection> {
    if select.rate.is_some_and(|r| !r.is_finite() || r < 1.0) {
        return Err(usage("--rate: must be at least 1 operation per second"));
    }
    Ok(Selection {
        collectors: select.collectors.clone(),
        workloads: select.workloads.clone(),
        rounds: select.rounds,
        live: select
            .live
            .as_deref()
            .map(quantity::bytes)
            .transpose()
            .map_err(|m| usage(format!("--live: {m}")))?,
        seed: select.seed,
        rate: select.rate,
        pairs: named_pairs(&select.pair)?,
        until: select
            .until
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(|m| usage(format!("--until: {m}")))?,
    })
}

/// Each value of `--pair`; None where there is none.
pub fn named_pairs(values: &[String]) -> anyhow::Result<Option<Vec<Pair>>> {
    let pairs: Vec<Pair> = values
        .iter()
        .map(|text| text.parse().map_err(|m| usage(format!("--pair: {m}"))))
        .collect::<Result<_, _>>()?;
    Ok((!pairs.is_empty()).then_some(pairs))
}

pub fn machine() -> Machine {
    let (cores, memory) = host::capacity();
    Machine { cores, memory }
}

/// `gcrucible plan`: prints what would run.
pub fn plan(project: &Path, args: &PlanArgs) -> anyhow::Result<Ending> {
    let defs = define::load(project).map_err(usage)?;
    if args.check {
        println!(
            "definitions are sound: {} workloads, {} collectors, {} suites",
            defs.workloads.len(),
            defs.collector_names().len(),
            defs.suites.len()
        );
        return Ok(Ending::Ok);
    }
    let suite = suite(&defs, &args.select.suite)?;
    let selection = selection(&args.select)?;
    let names = plan::collectors_wanted(&defs, suite, &selection).map_err(usage)?;
    let runners = runners::foresee(project, &defs, &names, args.select.offline);
    let plan = plan::expand(&defs, suite, &selection, &runners, machine()).map_err(usage)?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&plan)?);
    } else {
        for line in foretold(&defs, suite, &selection, &plan).map_err(usage)? {
            println!("{line}");
        }
        print!("{}", show(&plan));
    }
    Ok(Ending::Ok)
}

/// What a person should know of a plan before it is begun: how long it may take, where the suite's sizes come from the machine, and which
/// it is too small for.
pub fn foretold(
    defs: &Definitions,
    suite: &SuiteDef,
    selection: &Selection,
    plan: &Plan,
) -> Result<Vec<String>, plan::PlanError> {
    let mut lines = Vec::new();
    if let Some(pace) = &suite.pace {
        lines.push(format!(
            "about {} by the pace that the suite states ({} s a process, {} of live payload and {} operations a second and thread): an estimate, nothing of it was measured here",
            duration(plan::estimate::seconds(plan, pace)),
            pace.process_seconds,
            pace.live_per_second,
            pace.ops_per_second
        ));
    }
    for beyond in plan::left_out(defs, suite, selection, machine())? {
        lines.push(format!(
            "left out, since this machine's memory is too small: {beyond}"
        ));
    }
    Ok(lines)
}

/// `3 h 20 min`, `45 min`
fn duration(seconds: f64) -> String {
    let minutes = (seconds / 60.0).ceil() as u64;
    match minutes / 60 {
        0 => format!("{minutes} min"),
        hours => format!("{hours} h {} min", minutes % 60),
    }
}

/// Commands as a shell would take them: environment, program and arguments, then the request.
fn show(plan: &Plan) -> String {
    let measured = plan
        .invocations
        .iter()
        .filter(|i| i.purpose == Purpose::Measure)
        .count();
    let mut text = format!(
        "suite {}: {} works x {} collectors, {} rounds: {measured} measured processes, {} for calibration, seed {}\n",
        plan.suite,
        plan.works.len(),
        plan.collectors.len(),
        plan.rounds,
        plan.invocations.len() - measured,
        plan.seed
    );
    if let Some(rule) = &plan.stopping {
        text += &format!(
            "these are the most: from round {} on no further one is begun when headlines are within {}\n",
            rule.at_least,
            precision::widths(&rule.goal)
        );
    }
    let mut ladders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for work in &plan.works {
        if let Some(ladder) = &work.ladder {
            ladders.entry(ladder).or_default().push(&work.id);
        }
    }
    for (ladder, rungs) in ladders {
        text += &format!(
            "ladder of loads beside {ladder}: {}; each collector at shares of its own capacity, compared by no verdict\n",
            rungs.join(", ")
        );
    }
    for collector in plan.collectors.iter().filter(|c| c.unavailable.is_some()) {
        text += &format!(
            "{}: not started: {}\n",
            collector.name,
            collector.unavailable.as_deref().unwrap_or("")
        );
    }
    for cell in &plan.cells {
        let env: Vec<String> = cell
            .env
            .iter()
            .map(|(k, v)| format!("{k}={}", quote(v)))
            .collect();
        let argv: Vec<String> = cell.argv.iter().map(|a| quote(a)).collect();
        let request: Vec<String> = cell.request.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let load = cell.load.as_ref().map_or(String::new(), |load| {
            let rate = match (load.rate, load.of) {
                (Some(rate), _) => rate.to_string(),
                (None, Capacity::Slowest) => {
                    format!("({} x the slowest collector's capacity)", load.fraction)
                }
                (None, Capacity::Own) => format!("({} x {}'s own capacity)", load.fraction, cell.collector),
            };
            format!(" rate={rate} ops=rate*{}s/threads", load.seconds)
        });
        text += &format!(
            "\n{}{}\n  {} {}\n  < {}{load}\n",
            cell.id,
            below_minimum(plan, cell),
            env.join(" "),
            argv.join(" "),
            request.join(" ")
        );
    }
    text
}

/// " (below ...)" where calibration found that it takes more memory.
fn below_minimum(plan: &Plan, cell: &Cell) -> String {
    let Some(work) = plan.work(&cell.work) else {
        return String::new();
    };
    let mut known = plan.minimums.iter();
    let known = known.find(|m| m.task == work.task() && m.collector == cell.collector);
    match (work.budget, known.and_then(|m| m.times_live)) {
        (Budget::TimesLive(times), Some(least)) if times < least => {
            format!(" (below the {least}x live that it was found to need)")
        }
        _ => String::new(),
    }
}

fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:+,{}@%#*".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
