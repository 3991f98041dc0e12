//! `gcrucible claims`: what is asserted of collectors, run and judged on this machine.

use std::io::IsTerminal;
use std::path::Path;

use super::cli::ClaimsArgs;
use super::live::Live;
use super::stages::Settled;
use super::{Ending, bench, folder, planning, runners, tour, usage};
use crate::artifact::definition::Definitions;
use crate::artifact::envelope::{self, Body};
use crate::artifact::host::Host;
use crate::artifact::ledger::{Ledger, Outcome, Test};
use crate::artifact::run_dir::RunDir;
use crate::artifact::view::View;
use crate::plan::{self, Claims, Runners};
use crate::report::ledger as words;
use crate::toolchain::Effort;
use crate::{artifact, define};

pub fn claims(project: &Path, args: &ClaimsArgs) -> anyhow::Result<Ending> {
    let defs = define::load(project).map_err(usage)?;
    let asked = Claims {
        only: args.only.clone(),
        runtimes: args.runtime.clone(),
        rounds: args.rounds,
        seed: None,
    };
    // Refuse before building what cannot be run.
    let machine = planning::machine();
    let (_, questions) = plan::expand_claims(&defs, &asked, &Runners::new(), machine).map_err(usage)?;
    if args.list {
        print!("{}", list(&defs, &questions));
        return Ok(Ending::Ok);
    }
    let live = Live::start(&args.serve)?;
    let names = plan::collectors_of_claims(&defs, &asked).map_err(usage)?;
    let effort = Effort {
        offline: args.offline,
        force: false,
    };
    let built = runners::prepare(project, &defs, &names, effort, &mut |line| eprintln!("{line}"));
    let (plan, mut questions) = plan::expand_claims(&defs, &asked, &built.runners, machine).map_err(usage)?;
    tour::take(&mut questions, &built.runners);
    for collector in &plan.collectors {
        if let Some(reason) = &collector.unavailable {
            eprintln!("{}: not started: {reason}", collector.name);
        }
    }
    let dir = RunDir::new(
        args.out
            .clone()
            .unwrap_or_else(|| folder::fresh(project, &plan.suite)),
    );
    bench::prepare_folder(project, &dir, &plan, Some(&questions), built)?;
    bench::execute(&dir, &plan, args.json, live.as_ref())
}

/// What the latest claims tested on the machine came to; None where there are none. A folder that cannot be read says nothing, since a report must not
/// fail for it.
pub fn of_this_machine(project: &Path, host: &Host) -> Option<artifact::settled::Settled> {
    let entries = std::fs::read_dir(project.join("reports")).ok()?;
    let folders = entries.flatten().map(|e| e.path());
    let found = folders.filter_map(|path| {
        if !path.join(Ledger::FILE).exists() {
            return None;
        }
        let there: Host = envelope::read(&path).ok()?;
        let view: View = envelope::read(&path).ok()?;
        let folder = path.file_name()?.to_string_lossy().into_owned();
        let told = artifact::settled::Settled { folder, view: view.0 };
        there
            .differences(host)
            .is_empty()
            .then_some((there.started, told))
    });
    let latest = found.max_by(|(one, _), (other, _)| one.cmp(other));
    latest.map(|(_, told)| told)
}

/// A line a claim, below its row.
fn list(defs: &Definitions, questions: &crate::artifact::ledger::Questions) -> String {
    let mut text = String::new();
    for row in &questions.rows {
        let cells = defs.claims.get(&row.name).map_or(0, |file| file.cells.len());
        text += &format!(
            "{}  {} ({cells} cells, {} runs of each)\n",
            row.name, row.title, row.rounds
        );
        for question in &row.questions {
            let asserted = words::asserted(&question.test);
            text += &format!("  {:<28} {} (asserted: {asserted})\n", question.id, question.says);
        }
    }
    text
}

/// Every claim with its outcome, then how many came out how.
pub fn table(settled: &Settled, colour: bool) -> String {
    let mut text = String::new();
    for row in &settled.questions.rows {
        text += &format!("{}  {}\n", row.name, row.title);
        for question in &row.questions {
            let Some(answer) = settled.ledger.answers.iter().find(|a| a.id == question.id) else {
                continue;
            };
            let outcome = answer.outcome.words();
            let shown = match (colour, answer.outcome) {
                (true, Outcome::Holds) => format!("\x1b[32m{outcome:<19}\x1b[0m"),
                (true, Outcome::DoesNotHold) => format!("\x1b[31m{outcome:<19}\x1b[0m"),
                _ => format!("{outcome:<19}"),
            };
            let measured = answer
                .measured
                .as_ref()
                .map(|m| words::measured(&question.test, m));
            let unmeasured = match &question.test {
                Test::Tour { .. } => "read",
                _ => "not measured",
            };
            let asserted = words::asserted(&question.test);
            text += &format!(
                "  {shown}  {:<26}  {}, asserted {asserted}\n  {:19}  {}\n",
                question.id,
                measured.as_deref().unwrap_or(unmeasured),
                "",
                question.says
            );
            let doubts = words::doubts(answer).join("; ");
            let reason = answer.reason.clone().unwrap_or_default();
            for line in [words::because(answer), reason, doubts] {
                if !line.is_empty() {
                    text += &format!("  {:19}  {line}\n", "");
                }
            }
        }
    }
    text + &words::tally(&settled.ledger)
        + "\nin brackets the 95 % interval of the mean over fresh processes\n"
}

/// As `--json` shows them.
pub fn objects(settled: &Settled) -> serde_json::Value {
    let of = |answer: &crate::artifact::ledger::Answer| {
        let found = settled.questions.all().find(|(_, q)| q.id == answer.id);
        found.map(|(row, question)| {
            serde_json::json!({
                "id": answer.id,
                "row": row.name,
                "says": question.says,
                "outcome": answer.outcome,
                "asserted": words::asserted(&question.test),
                "test": question.test,
                "measured": answer.measured,
                "n": answer.measured.as_ref().map_or(0, |m| m.values.len()),
                "because": words::because(answer),
                "reason": answer.reason,
                "doubts": answer.doubts,
            })
        })
    };
    settled.ledger.answers.iter().filter_map(of).collect()
}

/// Shows what came of a run that was asked claims. A run that failed makes the ending 1, but for one that died of memory: claims are about that, too.
pub fn show(
    dir: &RunDir,
    outcome: &super::stages::Outcome,
    settled: &Settled,
    json: bool,
) -> anyhow::Result<Ending> {
    let page = std::path::absolute(dir.page())?;
    let died = |f: &&crate::artifact::analysis::Failure| {
        matches!(
            f.outcome,
            crate::artifact::outcome::Outcome::OutOfMemory { .. }
                | crate::artifact::outcome::Outcome::NotStarted { .. }
                | crate::artifact::outcome::Outcome::Refused { .. }
        )
    };
    let failures: Vec<_> = outcome.analysis.failures.iter().filter(|f| !died(f)).collect();
    if json {
        let object = serde_json::json!({
            "report": page,
            "claims": objects(settled),
            "versions": outcome.verdicts.host.versions,
            "untrusted": outcome.verdicts.untrusted,
            "failures": outcome.analysis.failures,
        });
        println!("{}", serde_json::to_string(&object)?);
    } else {
        print!("{}", table(settled, std::io::stdout().is_terminal()));
        for failure in &failures {
            println!("{}: {}", failure.invocation, failure.outcome);
        }
        for doubt in &outcome.verdicts.untrusted {
            println!("untrusted: {doubt}");
        }
        println!("report: {}", page.display());
    }
    Ok(if failures.is_empty() {
        Ending::Ok
    } else {
        Ending::Invalid
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims_of(project: &Path, folder: &str, host: &Host) {
        let dir = project.join("reports").join(folder);
        std::fs::create_dir_all(&dir).unwrap();
        envelope::write(&dir, host, &[]).unwrap();
        envelope::write(&dir, &View(serde_json::json!({ "tally": folder })), &[]).unwrap();
        envelope::write(&dir, &Ledger::default(), &[]).unwrap();
    }

    #[test]
    fn a_report_takes_the_latest_claims_of_its_own_machine() {
        let project = tempfile::tempdir().unwrap();
        let at = |started: &str, cores| Host {
            started: started.into(),
            cores,
            ..Host::default()
        };
        let here = at("2026-01-04T00:00:00Z", 2);
        assert_eq!(of_this_machine(project.path(), &here), None);
        claims_of(project.path(), "b-early", &at("2026-01-01T00:00:00Z", 2));
        claims_of(project.path(), "a-late", &at("2026-01-02T00:00:00Z", 2));
        claims_of(project.path(), "c-elsewhere", &at("2026-01-03T00:00:00Z", 8));
        std::fs::create_dir(project.path().join("reports/d-of-no-claims")).unwrap();
        let found = of_this_machine(project.path(), &here).unwrap();
        assert_eq!(
            (found.folder.as_str(), &found.view["tally"]),
            ("a-late", &"a-late".into())
        );
    }
}
