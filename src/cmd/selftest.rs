//! `gcrucible selftest`: the instrument proves itself on this machine, and what it found goes with every later report.

mod lab;
mod parts;
mod recording;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::cli::Selftest as Args;
use super::{Ending, STOP, bench, folder, planning, runners, usage};
use crate::artifact::definition::name::unknown;
use crate::artifact::envelope;
use crate::artifact::host::Host;
use crate::artifact::selftest::{Machine, Outcome, Part, PartName, Selftest, latest};
use crate::plan::Selection;
use crate::toolchain::Effort;
use crate::{define, plan, report, run};

/// The suite that the works are taken from.
const SUITE: &str = "selftest";
/// The suite whose rounds a slowdown is to be found at.
const JUDGED_AS: &str = "standard";

pub fn selftest(project: &Path, args: &Args) -> anyhow::Result<Ending> {
    let Some((dir, found)) = prove(project, args)? else {
        eprintln!("stopped: the parts that were done are kept; `gcrucible selftest` goes on with the rest");
        return Ok(Ending::Invalid);
    };
    if args.json {
        println!("{}", serde_json::to_string(&found)?);
    } else {
        print!("{}", table(&found, std::io::stdout().is_terminal()));
        println!("kept: {}", dir.join("selftest.json").display());
    }
    Ok(if found.passed() {
        Ending::Ok
    } else {
        Ending::Invalid
    })
}

/// Does the parts asked for and gives the folder and what is in its selftest.json; None when the person stopped it.
pub fn prove(project: &Path, args: &Args) -> anyhow::Result<Option<(PathBuf, Selftest)>> {
    let asked = asked(args)?;
    let defs = define::load(project).map_err(usage)?;
    let suite = planning::suite(&defs, SUITE)?;
    let each = planning::suite(&defs, JUDGED_AS)?.rounds as usize;
    let selection = Selection {
        collectors: args.collectors.clone(),
        ..Selection::default()
    };
    let names = plan::collectors_wanted(&defs, suite, &selection).map_err(usage)?;
    let effort = Effort {
        offline: args.offline,
        force: false,
    };
    let built = runners::prepare(project, &defs, &names, effort, &mut |line| eprintln!("{line}"));
    let machine = planning::machine();
    let base = plan::expand(&defs, suite, &selection, &built.runners, machine).map_err(usage)?;
    // The same works at a rate that every machine carries, for what needs a schedule and no load.
    let rate = base.works.iter().find_map(|w| {
        let preset = defs.workloads.get(&w.workload)?.presets.get(&suite.preset)?;
        Some(preset.verify_rate? as f64).filter(|_| w.mode == crate::artifact::plan::Mode::Open)
    });
    let moderate = Selection {
        rate: Some(rate.unwrap_or(2000.0)),
        ..selection
    };
    let scheduled = plan::expand(&defs, suite, &moderate, &built.runners, machine).map_err(usage)?;
    for collector in &base.collectors {
        if let Some(reason) = &collector.unavailable {
            eprintln!("{}: not started: {reason}", collector.name);
        }
    }
    if base.collectors.iter().all(|c| c.unavailable.is_some()) {
        return Err(usage(
            "nothing was run, since no collector can run here: get what is missing, as said above",
        ));
    }
    let dir = folder_for(project, args, &asked);
    let mut found = begun(&dir, Machine::of(&look(), folder::host()))?;
    let lab = lab::Lab {
        dir: &dir,
        base: &base,
        scheduled: &scheduled,
        each,
    };
    for name in asked {
        if found.part(name).is_some() {
            eprintln!("selftest: {}: kept from before", name.id());
            continue;
        }
        eprintln!("selftest: {}", name.id());
        let (began, clock) = (super::now(), Instant::now());
        let doubts = look().doubts.iter().map(ToString::to_string).collect();
        let Some(proofs) = lab.part(name)? else {
            STOP.store(true, Ordering::Relaxed);
            return Ok(None);
        };
        found.put(Part {
            name,
            began,
            seconds: clock.elapsed().as_secs_f64(),
            program: program(project),
            doubts,
            proofs,
        });
        envelope::write(&dir, &found, &[])?;
    }
    Ok(Some((dir, found)))
}

fn asked(args: &Args) -> anyhow::Result<Vec<PartName>> {
    let Some(only) = &args.only else {
        return Ok(PartName::ALL.to_vec());
    };
    let known = || PartName::ALL.iter().map(|p| p.id());
    let wrong = only.iter().find(|name| !known().any(|k| k == *name));
    if let Some(name) = wrong {
        return Err(usage(format!("--only: {}", unknown("part", name, known()))));
    }
    let asked = PartName::ALL.into_iter();
    Ok(asked.filter(|p| only.iter().any(|name| name == p.id())).collect())
}

fn look() -> Host {
    run::host::look(super::now(), Default::default(), Default::default())
}

fn program(project: &Path) -> String {
    let version = env!("CARGO_PKG_VERSION");
    match bench::commit(project) {
        Some(commit) => format!("{version}, {commit}"),
        None => version.to_owned(),
    }
}

/// Where self-tests are kept.
fn home(project: &Path) -> PathBuf {
    project.join("reports/selftest")
}

/// The one named; or today's, if one of the parts asked for was begun there and is not done; or a new one.
fn folder_for(project: &Path, args: &Args, asked: &[PartName]) -> PathBuf {
    if let Some(dir) = &args.out {
        return dir.clone();
    }
    let today = folder::today();
    let begun = |dir: &PathBuf| {
        let done: Selftest = envelope::read(dir).unwrap_or_default();
        asked
            .iter()
            .any(|p| done.part(*p).is_none() && dir.join(p.id()).is_dir())
    };
    let interrupted = folders(project)
        .into_iter()
        .filter(|d| {
            d.file_name()
                .is_some_and(|n| n.to_string_lossy().starts_with(&today))
        })
        .find(begun);
    interrupted.unwrap_or_else(|| folder::fresh_in(&home(project), &today))
}

/// All self-tests of the checkout, in the order of their names.
fn folders(project: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(home(project)).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|e| e.path()).filter(|p| p.is_dir()).collect();
    folders.sort();
    folders
}

/// What the folder holds already.
fn begun(dir: &Path, machine: Machine) -> anyhow::Result<Selftest> {
    if !dir.join("selftest.json").exists() {
        return Ok(Selftest {
            machine,
            parts: Vec::new(),
        });
    }
    let found: Selftest = envelope::read(dir).map_err(usage)?;
    if found.machine != machine {
        return Err(usage(format!(
            "{}: holds a self-test of another machine; choose another --out",
            dir.display()
        )));
    }
    Ok(found)
}

/// The newest figures of the machine; None where it has none. A file that cannot be read says nothing, since a report must not fail for it.
pub fn of_this_machine(project: &Path, host: &Host) -> Option<Selftest> {
    let all = folders(project)
        .into_iter()
        .filter_map(|dir| envelope::read::<Selftest>(&dir).ok());
    latest(all, &Machine::of(host, folder::host()))
}

/// A block a part: its claim, then a row a proof.
pub fn table(found: &Selftest, colour: bool) -> String {
    let mut text = String::new();
    for part in &found.parts {
        let [passed, failed, not_applicable] = part.tally();
        text += &format!(
            "{}: {passed} passed, {failed} failed, {not_applicable} not applicable ({}, {:.0} s)\n",
            part.name.id(),
            part.began,
            part.seconds
        );
        for doubt in &part.doubts {
            text += &format!("  untrusted: {doubt}\n");
        }
        for proof in &part.proofs {
            let word = match proof.outcome {
                Outcome::Passed => "passed",
                Outcome::Failed => "FAILED",
                Outcome::NotApplicable => "n/a",
            };
            let word = if colour && proof.outcome == Outcome::Failed {
                format!("\x1b[1m{word:<7}\x1b[0m")
            } else {
                format!("{word:<7}")
            };
            text += &format!("  {word} {}: {}\n", proof.subject, proof.what);
            let figures: Vec<String> = proof.figures.iter().map(report::figure).collect();
            for line in figures.iter().chain([&proof.note]).filter(|l| !l.is_empty()) {
                text += &format!("            {line}\n");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(only: &[&str]) -> Args {
        Args {
            only: Some(only.iter().map(|s| (*s).to_owned()).collect()),
            collectors: None,
            offline: true,
            out: None,
            json: false,
        }
    }

    #[test]
    fn parts_are_done_in_their_own_order_and_a_wrong_name_is_told_with_the_right_one() {
        let found = asked(&args(&["cost", "stalls"])).unwrap();
        assert_eq!(found, [PartName::Stalls, PartName::Cost]);
        let wrong = asked(&args(&["stals"])).unwrap_err().to_string();
        assert!(wrong.contains("stals") && wrong.contains("stalls"), "{wrong}");
    }

    #[test]
    fn an_interrupted_part_is_gone_on_with_and_a_finished_one_begins_a_new_folder() {
        let project = tempfile::tempdir().unwrap();
        let first = folder_for(project.path(), &args(&["aa"]), &[PartName::Aa]);
        std::fs::create_dir_all(first.join("aa")).unwrap();
        assert_eq!(folder_for(project.path(), &args(&["aa"]), &[PartName::Aa]), first);
        let other = folder_for(project.path(), &args(&["cost"]), &[PartName::Cost]);
        assert_ne!(other, first);
    }
}
