//! Commands that tell and do not measure: list, request, build.

use std::path::Path;

use super::cli::{Build, List, Request};
use super::runners;
use super::{Ending, usage};
use crate::artifact::definition::name::unknown;
use crate::artifact::definition::suite::CellGroup;
use crate::artifact::definition::{Definitions, SuiteDef};
use crate::artifact::plan::Mode;
use crate::plan::Selection;
use crate::toolchain::Effort;
use crate::{define, plan};

pub fn list(project: &Path, args: &List) -> anyhow::Result<Ending> {
    let defs = define::load(project).map_err(usage)?;
    if args.json {
        let object = serde_json::json!({
            "workloads": defs.workloads, "runtimes": defs.runtimes, "suites": defs.suites,
        });
        println!("{}", serde_json::to_string_pretty(&object)?);
        return Ok(Ending::Ok);
    }
    println!("workloads");
    for def in defs.workloads.values() {
        let modes: Vec<&str> = def.modes.iter().map(|m| m.id()).collect();
        println!("  {:<14} {} ({})", def.name, def.summary, modes.join(", "));
    }
    println!("\ncollectors");
    for runtime in defs.runtimes.values() {
        for collector in &runtime.collectors {
            println!(
                "  {:<16} {:<44} {}",
                collector.name,
                collector.label,
                collector.tags.join(", ")
            );
        }
    }
    println!("\nsuites");
    for suite in defs.suites.values() {
        let takes = match suite.pace {
            Some(_) => "as long as `plan` estimates for this machine".to_owned(),
            None => format!("about {} min on 2 cores", suite.minutes),
        };
        println!(
            "  {:<14} {} rounds, {takes}: {}",
            suite.name, suite.rounds, suite.question
        );
    }
    Ok(Ending::Ok)
}

/// Prints the request of a preset, for a runner started by hand.
pub fn request(project: &Path, args: &Request) -> anyhow::Result<Ending> {
    let defs = define::load(project).map_err(usage)?;
    let mode = match args.mode.as_str() {
        "closed" => Mode::Closed,
        "open" => Mode::Open,
        other => return Err(usage(unknown("mode", other, ["closed", "open"]))),
    };
    let Some(def) = defs.workloads.get(&args.workload) else {
        return Err(usage(unknown(
            "workload",
            &args.workload,
            defs.workloads.keys().map(String::as_str),
        )));
    };
    let Some(preset) = def.presets.get(&args.preset) else {
        return Err(usage(unknown(
            "preset",
            &args.preset,
            def.presets.keys().map(String::as_str),
        )));
    };
    if !def.modes.contains(&mode) {
        return Err(usage(format!(
            "workload `{}` has no mode `{}`",
            args.workload, args.mode
        )));
    }
    let suite = single(&defs, args, mode);
    let plan = plan::expand(
        &defs,
        &suite,
        &Selection::default(),
        &plan::Runners::new(),
        super::planning::machine(),
    )
    .map_err(usage)?;
    for cell in plan.cells.iter().take(1) {
        for (key, value) in &cell.request {
            println!("{key}={value}");
        }
        if mode == Mode::Open {
            println!("rate={}", preset.verify_rate.unwrap_or(10_000));
        }
    }
    println!("run");
    Ok(Ending::Ok)
}

fn single(defs: &Definitions, args: &Request, mode: Mode) -> SuiteDef {
    SuiteDef {
        name: "request".into(),
        question: String::new(),
        pace: None,
        minutes: 0.0,
        rounds: 1,
        seed: 42,
        preset: args.preset.clone(),
        collectors: defs
            .collector_names()
            .first()
            .map(|n| vec![(*n).to_owned()])
            .unwrap_or_default(),
        pairs: Vec::new(),
        selftest: false,
        goal: None,
        groups: vec![CellGroup {
            workload: args.workload.clone(),
            mode,
            axes: Vec::new(),
            mark: None,
            rounds: None,
            variants: args.variant.clone().map(|v| vec![v]),
            live: None,
            grow: Default::default(),
            only: None,
            also: Vec::new(),
            budgets: None,
            series: false,
            ops: None,
            warmup_ops: None,
            open_seconds: None,
            return_ms: None,
            probe_bytes: None,
            force: None,
            parameters: Default::default(),
            over: None,
            load: None,
            loads: None,
        }],
    }
}

/// Builds every runner that can be had here, and says what cannot and why.
pub fn build(project: &Path, args: &Build) -> anyhow::Result<Ending> {
    let defs = define::load(project).map_err(usage)?;
    let names: Vec<String> = defs.collector_names().iter().map(|n| (*n).to_owned()).collect();
    let effort = Effort {
        offline: args.offline,
        force: args.force,
    };
    let built = runners::prepare(project, &defs, &names, effort, &mut |line| eprintln!("{line}"));
    let mut ending = Ending::Ok;
    for (name, runner) in &built.runners {
        match runner {
            Ok(at) => println!("{name:<16} {}", at.version),
            Err(reason) => {
                ending = Ending::Invalid;
                println!("{name:<16} not available: {reason}");
            }
        }
    }
    Ok(ending)
}
