//! The stages after the run, chained over the files of a folder. Every one can be run again and gives the same bytes.

use super::cli::Dir;
use super::{Ending, summary, usage, works};
use crate::artifact::analysis::Analysis;
use crate::artifact::calibration::Calibration;
use crate::artifact::envelope::{self, Body, Parents};
use crate::artifact::goal::Stopped;
use crate::artifact::host::Host;
use crate::artifact::ledger::{Ledger, Questions};
use crate::artifact::plan::Plan;
use crate::artifact::quiet::Quiet;
use crate::artifact::recorder::Recorder;
use crate::artifact::run_dir::RunDir;
use crate::artifact::sample;
use crate::artifact::selftest::Selftest;
use crate::artifact::settled;
use crate::artifact::tracker;
use crate::artifact::verdict::Verdicts;
use crate::artifact::view::View;
use crate::report::Beside;
use crate::{analyze, judge, observe, report};

/// What the end of the chain knows.
pub struct Outcome {
    pub plan: Plan,
    pub analysis: Analysis,
    pub verdicts: Verdicts,
    /// What was asked of the run, and what came of it; None for a run that compares.
    pub settled: Option<Settled>,
}

/// What was known of the machine when the run began, as far as the folder has it.
pub struct Known {
    selftest: Option<Selftest>,
    settled: Option<settled::Settled>,
}

impl Known {
    pub fn of(dir: &RunDir) -> anyhow::Result<Self> {
        Ok(Known {
            selftest: if_there(dir)?,
            settled: if_there(dir)?,
        })
    }

    pub fn beside(&self) -> Beside<'_> {
        Beside {
            selftest: self.selftest.as_ref(),
            settled: self.settled.as_ref(),
        }
    }

    /// Names of its files.
    pub fn files(&self) -> impl Iterator<Item = &'static str> {
        let selftest = self.selftest.as_ref().map(|_| Selftest::FILE);
        selftest
            .into_iter()
            .chain(self.settled.as_ref().map(|_| settled::Settled::FILE))
    }
}

/// A file that not every run folder has.
pub fn if_there<T: Body>(dir: &RunDir) -> anyhow::Result<Option<T>> {
    let there = dir.root().join(T::FILE).exists();
    there
        .then(|| envelope::read(dir.root()))
        .transpose()
        .map_err(usage)
}

/// Claims and their outcomes.
pub struct Settled {
    pub questions: Questions,
    pub ledger: Ledger,
}

/// What a run is to settle; None where it was asked no claims.
pub fn questions_of(dir: &RunDir) -> anyhow::Result<Option<Questions>> {
    if_there(dir)
}

/// The plan of a run folder, or one sentence on what the folder is instead.
pub fn plan_of(dir: &RunDir) -> anyhow::Result<Plan> {
    if !dir.root().is_dir() {
        return Err(usage(format!("{}: no such folder", dir.root().display())));
    }
    if !dir.root().join("plan.json").exists() {
        return Err(usage(format!(
            "{}: is not a run folder (it has no plan.json)",
            dir.root().display()
        )));
    }
    envelope::read(dir.root()).map_err(usage)
}

/// raw/ -> observed/ (where it is not up to date) -> samples.csv, tracker.csv, analysis.json, verdict.json
pub fn analyze(dir: &RunDir) -> anyhow::Result<Outcome> {
    let plan = plan_of(dir)?;
    let mut host: Host = envelope::read(dir.root()).map_err(usage)?;
    let works::Run {
        cells,
        rows,
        seconds,
        exits,
    } = works::gather(&plan, dir)?;
    sample::write_rows(&dir.samples(), rows.iter().map(Vec::as_slice))?;
    tracker::write_rows(&dir.tracker(), seconds.iter().map(Vec::as_slice))?;
    drop((rows, seconds));
    // host.json was written before the first process; what came after it is in the files of the last one.
    host.load_after = exits.iter().max_by_key(|e| e.spawned).map(|e| e.load_before);
    let parents = Parents::knowing(dir.root(), &["plan.json"]).map_err(usage)?;
    let mut quiet: Vec<Quiet> = Vec::new();
    for path in (1..=plan.rounds).map(|r| dir.quiet(r)).filter(|p| p.exists()) {
        quiet.push(parents.read_at(&path).map_err(usage)?);
    }
    let mut analysis = analyze::conclude(&plan, cells, &exits, &quiet);
    let mut parents = vec!["plan.json", "samples.csv"];
    if dir.root().join("recorder.json").exists() {
        let recorder: Recorder = envelope::read(dir.root()).map_err(usage)?;
        analysis.instrument.recorder = analyze::recorder_costs(&recorder);
        parents.push("recorder.json");
    }
    analysis.instrument.scraped = observe::scraped(&plan, dir)?;
    if dir.root().join(Stopped::FILE).exists() {
        analysis.stopped = Some(envelope::read(dir.root()).map_err(usage)?);
        parents.push(Stopped::FILE);
    }
    envelope::write(dir.root(), &analysis, &parents)?;
    let verdicts = judge::decide(&plan, &analysis, &host, plan.seed);
    envelope::write(
        dir.root(),
        &verdicts,
        &["plan.json", "analysis.json", "host.json"],
    )?;
    let settled = settle(dir, &plan, &analysis)?;
    Ok(Outcome {
        plan,
        analysis,
        verdicts,
        settled,
    })
}

/// claims.json, samples.csv, analysis.json -> ledger.json
fn settle(dir: &RunDir, plan: &Plan, analysis: &Analysis) -> anyhow::Result<Option<Settled>> {
    let Some(questions) = questions_of(dir)? else {
        return Ok(None);
    };
    // Without one valid run there is no such file.
    let samples = if dir.samples().exists() {
        sample::read(&dir.samples()).map_err(usage)?
    } else {
        Vec::new()
    };
    let ledger = judge::settle(&questions, plan, &samples, analysis);
    envelope::write(
        dir.root(),
        &ledger,
        &["plan.json", Questions::FILE, "analysis.json"],
    )?;
    Ok(Some(Settled { questions, ledger }))
}

/// verdict.json -> view.json, index.html; all of the above before it.
pub fn through(dir: &RunDir) -> anyhow::Result<Outcome> {
    let outcome = analyze(dir)?;
    if let Some(settled) = &outcome.settled {
        let (host, untrusted) = (&outcome.verdicts.host, &outcome.verdicts.untrusted);
        let (view, page) = report::ledger::page(
            &outcome.plan,
            &settled.questions,
            &settled.ledger,
            host,
            untrusted,
        )?;
        let parents = ["plan.json", Questions::FILE, Ledger::FILE];
        envelope::write(dir.root(), &View(view), &parents)?;
        envelope::write_atomic(&dir.page(), page.as_bytes())?;
        return Ok(outcome);
    }
    let calibration: Option<Calibration> = if_there(dir)?;
    let known = Known::of(dir)?;
    let (view, page) = report::render(
        &outcome.plan,
        &outcome.analysis,
        &outcome.verdicts,
        calibration.as_ref(),
        known.beside(),
    )?;
    let mut parents = vec!["plan.json", "analysis.json", "verdict.json"];
    for file in known.files() {
        parents.push(file);
    }
    envelope::write(dir.root(), &view, &parents)?;
    envelope::write_atomic(&dir.page(), page.as_bytes())?;
    Ok(outcome)
}

/// Parses everything, also what was observed before.
pub fn observe_command(args: &Dir) -> anyhow::Result<Ending> {
    let dir = RunDir::new(&args.dir);
    let (invocations, finished) = works::observe_anew(&plan_of(&dir)?, &dir)?;
    if args.json {
        println!(
            "{}",
            serde_json::json!({ "invocations": invocations, "finished": finished })
        );
    } else {
        println!("{finished} of {invocations} invocations finished");
    }
    Ok(if finished == invocations {
        Ending::Ok
    } else {
        Ending::Invalid
    })
}

pub fn analyze_command(args: &Dir) -> anyhow::Result<Ending> {
    let dir = RunDir::new(&args.dir);
    let outcome = analyze(&dir)?;
    summary::show(&dir, &outcome, args.json)
}
