//! `gcrucible compare DIR DIR`: the same collectors in two run folders, say under two versions of a toolchain.

mod joint;

use super::cli::Compare;
use super::stages::{self, Outcome};
use super::{Ending, summary, usage};
use crate::artifact::analysis::Analysis;
use crate::artifact::calibration::Calibration;
use crate::artifact::doubt::Doubt;
use crate::artifact::envelope::{self, Body};
use crate::artifact::plan::Plan;
use crate::artifact::run_dir::RunDir;
use crate::artifact::verdict::Verdicts;
use crate::judge;

use joint::Joint;

/// A run folder, as far as a comparison needs it.
pub struct Folder {
    pub name: String,
    pub plan: Plan,
    pub analysis: Analysis,
    /// For the host they carry.
    pub verdicts: Verdicts,
    pub calibration: Calibration,
}

pub fn compare(args: &Compare) -> anyhow::Result<Ending> {
    let (first, second) = (folder(&args.first)?, folder(&args.second)?);
    let Joint {
        plan,
        analysis,
        host,
        doubts,
        left_out,
    } = joint::join(&first, &second, args.collectors.as_deref()).map_err(usage)?;
    let mut verdicts = judge::decide(&plan, &analysis, &host, plan.seed);
    for verdict in &mut verdicts.verdicts {
        let of_collector = doubts.get(&verdict.a).map_or(&[][..], Vec::as_slice);
        let bears = |d: &&Doubt| joint::bears_on(verdict.axis, d);
        let beside: Vec<Doubt> = of_collector.iter().filter(bears).cloned().collect();
        for work in &mut verdict.works {
            work.doubts.extend(beside.iter().cloned());
        }
        verdict.doubts.extend(beside);
    }
    if args.json {
        let object = serde_json::json!({
            "first": first.name,
            "second": second.name,
            "pairs": plan.pairs,
            "verdicts": verdicts.verdicts,
            "untrusted": verdicts.untrusted,
            "left_out": left_out,
        });
        println!("{}", serde_json::to_string(&object)?);
        return Ok(Ending::Ok);
    }
    let outcome = Outcome {
        plan,
        analysis,
        verdicts,
        settled: None,
    };
    print!("{}", text(&first, &second, &outcome, &left_out));
    Ok(Ending::Ok)
}

fn text(first: &Folder, second: &Folder, outcome: &Outcome, left_out: &[String]) -> String {
    let mut text = format!("a: {}\nb: {}\n", first.name, second.name);
    text += &summary::table(outcome, std::io::IsTerminal::is_terminal(&std::io::stdout()));
    let mut said: Vec<String> = Vec::new();
    for verdict in &outcome.verdicts.verdicts {
        for doubt in &verdict.doubts {
            let line = format!("doubt: {} against {}: {doubt}", verdict.a, verdict.b);
            if !said.contains(&line) {
                said.push(line);
            }
        }
    }
    for line in said
        .into_iter()
        .chain(left_out.iter().map(|l| format!("left out: {l}")))
    {
        text += &line;
        text.push('\n');
    }
    for doubt in &outcome.verdicts.untrusted {
        text += &format!("untrusted: {doubt}\n");
    }
    text
}

fn folder(path: &std::path::Path) -> anyhow::Result<Folder> {
    let dir = RunDir::new(path);
    let plan = stages::plan_of(&dir)?;
    let again = |error| {
        usage(format!(
            "{error}\n  `gcrucible report {}` computes it; compare it then",
            path.display()
        ))
    };
    let calibrated = path.join(Calibration::FILE).exists();
    Ok(Folder {
        name: path.display().to_string(),
        plan,
        analysis: envelope::read(path).map_err(again)?,
        verdicts: envelope::read(path).map_err(again)?,
        calibration: if calibrated {
            envelope::read(path).map_err(usage)?
        } else {
            Calibration::default()
        },
    })
}
