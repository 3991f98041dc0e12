//! `gcrucible calibrate`: with how little memory does each collector still do the work? (METHOD, *Equal memory*.)
//!
//! Bisection over budgets, multiples of the live payload 5 % apart; single runs find the place, five of five confirm it. What was found is a
//! definition file, written after each finding, so that a second call goes on where the first one stopped.

mod search;

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::cli::Calibrate;
use super::{Ending, STOP, folder, planning, runners, usage};
use crate::artifact::axis::Axis;
use crate::artifact::definition::suite::Grow;
use crate::artifact::definition::{Definitions, Minimum, MinimumFile, SuiteDef, quantity};
use crate::artifact::observation::Observation;
use crate::artifact::plan::{Mode, Plan, Work};
use crate::artifact::run_dir::RunDir;
use crate::artifact::{Body, envelope};
use crate::plan::{Machine, Runners, Selection};
use crate::toolchain::Effort;
use crate::{define, observe, plan, run};

use search::{Pass, Probed, RUNS, SLOWEST, finished, life, rule, smallest, wall};

/// Budgets are this far apart.
const STEP: f64 = 1.05;
/// Budgets beyond this many times the payload are not tried: what needs more is told as such.
const MOST: f64 = 16.0;
/// Where the search begins.
const FIRST: f64 = 2.0;
/// Of the machine's memory, a budget may be this share.
const SHARE: f64 = 0.7;

pub fn calibrate(project: &Path, args: &Calibrate) -> anyhow::Result<Ending> {
    let defs = define::load(project).map_err(usage)?;
    let suite = fixed_work(planning::suite(&defs, &args.suite)?);
    let selection = Selection {
        collectors: args.collectors.clone(),
        workloads: args.workloads.clone(),
        rounds: Some(1),
        ..Selection::default()
    };
    let names: Vec<String> = plan::collectors_wanted(&defs, &suite, &selection)
        .map_err(usage)?
        .into_iter()
        .filter(|name| takes_a_budget(&defs, name))
        .collect();
    let path = match &args.to {
        Some(path) => path.clone(),
        None => define::minimums_of(project, &suite.preset),
    };
    let mut file = known(&path, &suite.preset)?;
    let effort = Effort {
        offline: args.offline,
        force: false,
    };
    let built = runners::prepare(project, &defs, &names, effort, &mut |line| eprintln!("{line}"));
    let machine = planning::machine();
    let host = run::host::look(super::now(), built.versions, built.binaries);
    for doubt in &host.doubts {
        eprintln!("untrusted: {doubt}");
    }
    let place = format!(
        "{}, {} cores, {:.1} GiB",
        host.cpu,
        host.cores,
        host.memory.0 as f64 / f64::from(1 << 30)
    );
    let searcher = Searcher {
        defs: &defs,
        suite: &suite,
        runners: &built.runners,
        machine,
        folder: match &args.to {
            Some(path) => beside(path),
            None => folder::fresh(project, &format!("calibrate-{}", suite.preset)),
        },
        place,
    };
    let tasks = searcher.tasks(&selection)?;
    let mut complete = true;
    for task in &tasks {
        for name in &names {
            let version = match built.runners.get(name) {
                Some(Ok(at)) => at.version.clone(),
                Some(Err(reason)) => {
                    eprintln!("{} under {name}: not started: {reason}", task.id);
                    complete = false;
                    continue;
                }
                None => continue,
            };
            let known = file
                .minimums
                .iter()
                .position(|m| m.task == task.id && m.collector == *name);
            if let Some(at) = known.filter(|_| !args.refresh) {
                let other = if file.minimums[at].version == version {
                    ""
                } else {
                    ", by another version"
                };
                eprintln!(
                    "{} under {name}: known{other} (--refresh finds it again)",
                    task.id
                );
                continue;
            }
            let Some(found) = searcher.find(task, name, &version)? else {
                eprintln!(
                    "stopped: what was found is kept in {}; call again to go on",
                    path.display()
                );
                STOP.store(true, Ordering::Relaxed);
                return Ok(Ending::Invalid);
            };
            eprintln!("{} under {name}: {}", task.id, told(&found));
            complete &= found.times_live.is_some();
            match known {
                Some(at) => file.minimums[at] = found,
                None => file.minimums.push(found),
            }
            write(&path, &file)?;
        }
    }
    if args.json {
        println!("{}", serde_json::to_string(&file)?);
    } else {
        println!("{}", path.display());
    }
    Ok(if complete { Ending::Ok } else { Ending::Invalid })
}

/// A folder that is not there yet: what ran before is no finding of today.
fn beside(path: &Path) -> PathBuf {
    let name = |n: u32| {
        path.with_extension(if n == 1 {
            "raw".to_owned()
        } else {
            format!("raw-{n}")
        })
    };
    let mut names = (1..).map(name).filter(|p| !p.exists());
    names.next().unwrap_or_else(|| name(1))
}

/// What the file has, if there is one.
fn known(path: &Path, preset: &str) -> anyhow::Result<MinimumFile> {
    if !path.exists() {
        return Ok(MinimumFile {
            preset: preset.to_owned(),
            minimums: Vec::new(),
        });
    }
    let file: MinimumFile = define::read(path).map_err(usage)?;
    if file.preset != preset {
        return Err(usage(format!(
            "{}: is of preset `{}`, this suite's is `{preset}`; choose another --to",
            path.display(),
            file.preset
        )));
    }
    Ok(file)
}

/// Only what is done in fixed amounts and judged by its cost; one budget is as good as another here.
fn fixed_work(suite: &SuiteDef) -> SuiteDef {
    let mut suite = suite.clone();
    suite
        .groups
        .retain(|g| g.mode == Mode::Closed && g.axes.contains(&Axis::Throughput));
    suite.pairs.clear();
    for group in &mut suite.groups {
        group.budgets = None;
        group.axes = vec![Axis::Throughput];
    }
    suite
}

fn takes_a_budget(defs: &Definitions, name: &str) -> bool {
    let base = name.split('@').next().unwrap_or(name);
    defs.collector(base)
        .is_some_and(|(_, c)| !c.budget_flags.is_empty() || !c.budget_env.is_empty())
}

fn write(path: &Path, file: &MinimumFile) -> anyhow::Result<()> {
    let head = format!(
        "# Smallest memory budgets with which each collector does the fixed work of preset {0}, found by `gcrucible calibrate`.\n\
         # Review a change before committing it; nothing here changes unless someone asks (--refresh).\n",
        file.preset
    );
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    envelope::write_atomic(path, (head + &toml::to_string(file)?).as_bytes())?;
    Ok(())
}

fn told(found: &Minimum) -> String {
    let below = match (found.fails_at, &found.fails_with) {
        (Some(at), Some(how)) => format!("; {at} x {how}"),
        _ => "; less was not tried".to_owned(),
    };
    match found.times_live {
        Some(times) => format!("{times} x live{below}"),
        None => format!("no budget up to {MOST} x live passes{below}"),
    }
}

struct Searcher<'a> {
    defs: &'a Definitions,
    suite: &'a SuiteDef,
    runners: &'a Runners,
    machine: Machine,
    /// Everything that ran is kept below it.
    folder: PathBuf,
    /// The machine in words.
    place: String,
}

impl Searcher<'_> {
    fn tasks(&self, selection: &Selection) -> anyhow::Result<Vec<Work>> {
        let plan = self.plan(self.suite, selection)?;
        Ok(plan.works)
    }

    fn plan(&self, suite: &SuiteDef, selection: &Selection) -> anyhow::Result<Plan> {
        plan::expand(self.defs, suite, selection, self.runners, self.machine).map_err(usage)
    }

    /// None: the person stopped it.
    fn find(&self, task: &Work, collector: &str, version: &str) -> anyhow::Result<Option<Minimum>> {
        let base = collector.split('@').next().unwrap_or(collector);
        let soft = self.defs.collector(base).is_some_and(|(_, c)| c.soft_budget);
        let Some(free) = self.run(task, collector, None, 1, None)? else {
            return Ok(None);
        };
        let mut minimum = Minimum {
            task: task.id.clone(),
            collector: collector.to_owned(),
            times_live: None,
            fails_at: None,
            fails_with: None,
            runs: 0,
            peak_over_live: None,
            slowdown: None,
            rule: rule(soft),
            version: version.to_owned(),
            host: self.place.clone(),
            found: super::now(),
        };
        let Some(wall) = free.first().and_then(wall).filter(|_| free.iter().all(finished)) else {
            minimum.fails_with = free.first().map(|o| format!("without a limit: {}", o.outcome));
            return Ok(Some(minimum));
        };
        let pass = Pass { soft, wall };
        let budgets = self.budgets(task);
        let mut stopped = false;
        // None stands for "passed"; a stop is a failure that ends the search.
        let mut probe = |at: usize, runs: u32| -> anyhow::Result<Probed> {
            let patience = free.first().map(life).unwrap_or_default() * SLOWEST;
            match self.run(task, collector, Some(budgets[at]), runs, Some(patience))? {
                None => {
                    stopped = true;
                    Ok(Probed::Stopped)
                }
                Some(seen) => Ok(pass.judge(&seen, runs, budgets[at] * task.live.0 as f64)),
            }
        };
        let first = budgets.iter().position(|b| *b >= FIRST).unwrap_or(0);
        let found = smallest(budgets.len(), first, &mut probe)?;
        if stopped {
            return Ok(None);
        }
        (minimum.fails_at, minimum.fails_with) = match found.failed {
            Some((at, how)) => (Some(budgets[at]), Some(how)),
            None => (None, None),
        };
        if let Some((at, seen)) = found.passed {
            minimum.times_live = Some(budgets[at]);
            minimum.runs = RUNS;
            minimum.peak_over_live = Some(two(seen.peak / task.live.0 as f64));
            minimum.slowdown = Some(two(seen.slowdown));
        }
        Ok(Some(minimum))
    }

    /// Ascending multiples of the live payload.
    fn budgets(&self, task: &Work) -> Vec<f64> {
        let room = self.machine.memory as f64 * SHARE / task.live.0 as f64;
        (0..)
            .map(|k| two(STEP.powi(k)))
            .take_while(|b| *b <= MOST.min(room))
            .collect()
    }

    /// So many fresh processes of one task under one collector; None where the person stopped it.
    fn run(
        &self,
        task: &Work,
        collector: &str,
        budget: Option<f64>,
        runs: u32,
        patience: Option<f64>,
    ) -> anyhow::Result<Option<Vec<Observation>>> {
        let mut suite = self.suite.clone();
        suite.groups.retain(|g| g.workload == task.workload);
        for group in &mut suite.groups {
            group.also.clear();
            group.only = None;
            group.grow = Grow::default();
            group.variants = task.variant.clone().map(|v| vec![v]);
            group.live = Some(vec![quantity::show_bytes(task.live.0)]);
            group.budgets = budget.map(|b| vec![b]);
        }
        let selection = Selection {
            collectors: Some(vec![collector.to_owned()]),
            rounds: Some(runs),
            ..Selection::default()
        };
        let mut plan = self.plan(&suite, &selection)?;
        if let Some(patience) = patience {
            for cell in &mut plan.cells {
                cell.timeout_s = (patience.ceil() as u64).max(5);
            }
        }
        let name = format!("{}-{collector}", task.id.replace(['/', ':'], "-"));
        let budget = budget.map_or("free".to_owned(), |b| format!("{b}x-{runs}"));
        let dir = RunDir::new(self.folder.join(name).join(budget));
        if !dir.root().join(Plan::FILE).exists() {
            envelope::write(dir.root(), &plan, &[])?;
        }
        let around = run::Surroundings {
            control: Vec::new(),
            stop: &STOP,
        };
        if !run::execute(&plan, &dir, &around, &mut |_| {})? {
            return Ok(None);
        }
        Ok(Some(observe::parse(&plan, &dir)?))
    }
}

/// To two digits after the point: budgets are choices and should look like them.
fn two(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
