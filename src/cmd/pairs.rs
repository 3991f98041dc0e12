//! `gcrucible report`: the folder's own page, or a page led by pairs that a person names.

use super::cli::Report;
use super::stages::{self, Known, Outcome};
use super::{Ending, planning, summary, usage};
use crate::artifact::analysis::Analysis;
use crate::artifact::calibration::Calibration;
use crate::artifact::envelope::{self, Body};
use crate::artifact::plan::{Pair, Plan};
use crate::artifact::run_dir::RunDir;
use crate::artifact::verdict::Verdicts;
use crate::artifact::view::View;
use crate::{analyze, judge, report};

pub fn report_command(args: &Report) -> anyhow::Result<Ending> {
    let dir = RunDir::new(&args.run.dir);
    match planning::named_pairs(&args.pair)? {
        None => {
            let outcome = stages::through(&dir)?;
            summary::show(&dir, &outcome, args.run.json)
        }
        Some(pairs) => beside(&dir, &pairs, args.run.json),
    }
}

/// Judges the named pairs before the folder's own and writes verdict-, view- and index- of their names; the folder's own artifacts are
/// only read.
fn beside(dir: &RunDir, named: &[Pair], json: bool) -> anyhow::Result<Ending> {
    let mut plan: Plan = stages::plan_of(dir)?;
    if stages::questions_of(dir)?.is_some() {
        return Err(usage("--pair: this run was asked claims and compares no pair"));
    }
    for pair in named {
        pair.among(plan.collectors.iter().map(|c| c.name.as_str()))
            .map_err(|m| {
                usage(format!(
                    "--pair {},{}: {m}, which are those of this run",
                    pair.a, pair.b
                ))
            })?;
    }
    if !dir.root().join(Verdicts::FILE).exists() {
        // Nothing is there that could be rewritten.
        stages::through(dir)?;
    }
    let again = |error| {
        usage(format!(
            "{error}\n  `gcrucible report {}` computes it again; ask for the pair then",
            dir.root().display()
        ))
    };
    let mut analysis: Analysis = envelope::read(dir.root()).map_err(again)?;
    let own: Verdicts = envelope::read(dir.root()).map_err(again)?;
    let calibration: Option<Calibration> = stages::if_there(dir)?;
    let known = Known::of(dir)?;
    let others = std::mem::take(&mut plan.pairs);
    let others = others.into_iter().filter(|pair| !named.contains(pair));
    plan.pairs = named.iter().cloned().chain(others).collect();
    let verdicts = judge::decide(&plan, &analysis, &own.host, plan.seed);
    // What is judged has changed, and so has what must be narrow.
    analysis.precision = analyze::precision_of_cells(&plan, &analysis.cells);

    let name = file_name(named);
    let page = dir.root().join(format!("index-{name}.html"));
    let (verdict_file, view_file) = (format!("verdict-{name}.json"), format!("view-{name}.json"));
    let (view, html) = report::render_beside(
        &plan,
        &analysis,
        &verdicts,
        calibration.as_ref(),
        known.beside(),
        &name,
    )?;
    let parents = ["plan.json", "analysis.json", "host.json"];
    envelope::write_at(&dir.root().join(&verdict_file), dir.root(), &verdicts, &parents)?;
    let mut parents = vec!["plan.json", "analysis.json", verdict_file.as_str()];
    for file in known.files() {
        parents.push(file);
    }
    envelope::write_at::<View>(&dir.root().join(view_file), dir.root(), &view, &parents)?;
    envelope::write_atomic(&page, html.as_bytes())?;
    let outcome = Outcome {
        plan,
        analysis,
        verdicts,
        settled: None,
    };
    summary::show_page(&page, &outcome, json)
}

/// "zgc-parallel", and for several pairs "zgc-parallel_go-g1"; only what every file system and every link takes as it is.
fn file_name(pairs: &[Pair]) -> String {
    let safe = |name: &str| -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-.@".contains(c);
        name.chars().map(|c| if plain(c) { c } else { '-' }).collect()
    };
    let names: Vec<String> = pairs
        .iter()
        .map(|p| format!("{}-{}", safe(&p.a), safe(&p.b)))
        .collect();
    names.join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_named_after_its_pairs_and_stays_in_its_folder() {
        let pairs: Vec<Pair> = ["zgc,g1@17", "../go,a b"]
            .iter()
            .map(|p| p.parse().unwrap())
            .collect();
        assert_eq!(file_name(&pairs[..1]), "zgc-g1@17");
        assert_eq!(file_name(&pairs), "zgc-g1@17_..-go-a-b");
    }
}
