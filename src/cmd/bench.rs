//! `gcrucible bench`: build, plan, run, and everything after.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::cli::{Bench, Resume, Selftest};
use super::live::{Both, Live};
use super::progress::Progress;
use super::runners;
use super::{Ending, STOP, claims, folder, planning, same_machine, selftest, stages, summary, until, usage};
use crate::artifact::envelope;
use crate::artifact::host::Host;
use crate::artifact::ledger::Questions;
use crate::artifact::plan::{Pair, Plan};
use crate::artifact::run_dir::RunDir;
use crate::toolchain::Effort;
use crate::{define, plan, run};

pub fn bench(project: &Path, args: &Bench) -> anyhow::Result<Ending> {
    let defs = define::load(project).map_err(usage)?;
    let suite = planning::suite(&defs, &args.select.suite)?;
    let selection = planning::selection(&args.select)?;
    let names = plan::collectors_wanted(&defs, suite, &selection).map_err(usage)?;
    // Refuse before building what cannot be run.
    let machine = planning::machine();
    plan::expand(&defs, suite, &selection, &plan::Runners::new(), machine).map_err(usage)?;
    let live = Live::start(&args.serve)?;
    let effort = Effort {
        offline: args.select.offline,
        force: false,
    };
    let built = runners::prepare(project, &defs, &names, effort, &mut |line| eprintln!("{line}"));
    let plan = plan::expand(&defs, suite, &selection, &built.runners, machine).map_err(usage)?;
    for collector in &plan.collectors {
        if let Some(reason) = &collector.unavailable {
            eprintln!("{}: not started: {reason}", collector.name);
        }
    }
    refuse_what_compares_nothing(&plan)?;
    for line in planning::foretold(&defs, suite, &selection, &plan).map_err(usage)? {
        eprintln!("{line}");
    }
    let dir = RunDir::new(
        args.out
            .clone()
            .unwrap_or_else(|| folder::fresh(project, &suite.name)),
    );
    if suite.selftest && !dir.root().join("plan.json").exists() && !prove(project, args)? {
        return Ok(Ending::Invalid);
    }
    prepare_folder(project, &dir, &plan, None, built)?;
    execute(&dir, &plan, args.json, live.as_ref())
}

/// The self-test that a suite asks for. What fails in it is told here and in the report, and stops nothing; false when the person did.
fn prove(project: &Path, args: &Bench) -> anyhow::Result<bool> {
    let all = Selftest {
        only: None,
        collectors: None,
        offline: args.select.offline,
        out: None,
        json: false,
    };
    let Some((_, found)) = selftest::prove(project, &all)? else {
        eprintln!("stopped in the self-test; `gcrucible selftest` goes on with it");
        return Ok(false);
    };
    eprint!("{}", selftest::table(&found, false));
    Ok(true)
}

/// Minutes of measuring are not spent on a page without a single comparison.
fn refuse_what_compares_nothing(plan: &Plan) -> anyhow::Result<()> {
    let here: Vec<&str> = plan
        .collectors
        .iter()
        .filter(|c| c.unavailable.is_none())
        .map(|c| c.name.as_str())
        .collect();
    let comparable = |p: &Pair| here.contains(&p.a.as_str()) && here.contains(&p.b.as_str());
    if plan.pairs.is_empty() || plan.pairs.iter().any(comparable) {
        return Ok(());
    }
    let pairs: Vec<String> = plan
        .pairs
        .iter()
        .map(|p| format!("{} against {}", p.a, p.b))
        .collect();
    let otherwise = match here[..] {
        [] => String::new(),
        _ => format!("; or measure what is here: --collectors {}", here.join(",")),
    };
    Err(usage(format!(
        "nothing was run, since nothing can be compared ({}): get what is missing, as said above{otherwise}",
        pairs.join(", ")
    )))
}

/// `gcrucible run DIR`: goes on with a folder's plan.
pub fn resume(args: &Resume) -> anyhow::Result<Ending> {
    let dir = RunDir::new(&args.run.dir);
    let plan: Plan = stages::plan_of(&dir)?;
    same_machine::check(&dir, &plan)?;
    let live = Live::start(&args.serve)?;
    execute(&dir, &plan, args.run.json, live.as_ref())
}

/// A new folder gets plan.json, host.json and what is asked of the run; one with the same plan is resumed; any other is refused.
pub(super) fn prepare_folder(
    project: &Path,
    dir: &RunDir,
    plan: &Plan,
    questions: Option<&Questions>,
    built: runners::Built,
) -> anyhow::Result<()> {
    if dir.root().join("plan.json").exists() {
        let found: Plan = envelope::read(dir.root()).map_err(usage)?;
        if found != *plan || stages::questions_of(dir)?.as_ref() != questions {
            return Err(usage(format!(
                "{}: holds another plan; choose another --out, or `gcrucible run {0}` to go on with it as it is",
                dir.root().display()
            )));
        }
        return same_machine::check(dir, plan);
    }
    let filled = std::fs::read_dir(dir.root()).is_ok_and(|mut d| d.next().is_some());
    if filled {
        return Err(usage(format!(
            "{}: is not empty and holds no plan.json; choose another --out",
            dir.root().display()
        )));
    }
    let mut host = run::host::look(super::now(), built.versions, built.binaries);
    host.commit = commit(project);
    host.versions
        .insert("gcrucible".into(), env!("CARGO_PKG_VERSION").into());
    envelope::write(dir.root(), plan, &[]).map_err(usage)?;
    if let Some(questions) = questions {
        envelope::write(dir.root(), questions, &["plan.json"]).map_err(usage)?;
    }
    envelope::write(dir.root(), &host, &[]).map_err(usage)?;
    // What this machine's instrument has proved goes with what it measures.
    if let Some(proven) = selftest::of_this_machine(project, &host) {
        envelope::write(dir.root(), &proven, &[]).map_err(usage)?;
    }
    if questions.is_none()
        && let Some(settled) = claims::of_this_machine(project, &host)
    {
        envelope::write(dir.root(), &settled, &[]).map_err(usage)?;
    }
    Ok(())
}

/// The checkout's commit, marked where files differ from it; None outside of git.
pub(super) fn commit(project: &Path) -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = std::process::Command::new("git")
            .arg("-C")
            .arg(project)
            .args(arguments)
            .output()
            .ok()?;
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let head = git(&["rev-parse", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Some(if changed.is_empty() {
        head
    } else {
        format!("{head}, changed since")
    })
}

pub(super) fn execute(dir: &RunDir, plan: &Plan, json: bool, live: Option<&Live>) -> anyhow::Result<Ending> {
    for doubt in envelope::read::<Host>(dir.root()).map_err(usage)?.doubts {
        eprintln!("untrusted: {doubt}");
    }
    let own: PathBuf = std::env::current_exe()?;
    let around = run::Surroundings {
        control: vec![own.display().to_string(), "control-watcher".into()],
        stop: &STOP,
    };
    run::time_recorders(plan, dir, &around)?;
    let mut progress = Progress::new(plan);
    let mut follower = live.map(|live| live.follow(plan, dir)).transpose()?;
    let mut both = Both {
        person: &mut progress,
        network: follower.as_mut(),
    };
    let complete = until::execute(plan, dir, &around, &mut both)?;
    progress.finish();
    if let Some(line) = follower.and_then(|follower| follower.summary()) {
        eprintln!("{line}");
    }
    if !complete {
        eprintln!(
            "stopped: what was measured is kept.\n  go on:  gcrucible run {0}\n  render: gcrucible report {0}",
            dir.root().display()
        );
        STOP.store(true, Ordering::Relaxed);
        return Ok(Ending::Invalid);
    }
    let result = stages::through(dir)?;
    summary::show(dir, &result, json)
}
