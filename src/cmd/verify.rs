//! `gcrucible verify`: is it the same work in every language? Every workload x layout x mode once in every runtime, untimed; the
//! checksums, requested bytes and live payloads must be equal, and each must tell the values that the workload's file names.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use super::cli::Verify;
use super::runners;
use super::{Ending, STOP, planning, usage};
use crate::artifact::definition::name::unknown;
use crate::artifact::definition::suite::CellGroup;
use crate::artifact::definition::{Definitions, SuiteDef, WorkloadDef};
use crate::artifact::exit::{End, UNABLE};
use crate::artifact::metric::VALUE;
use crate::artifact::plan::{Mode, Plan};
use crate::artifact::run_dir::RunDir;
use crate::plan::Selection;
use crate::toolchain::Effort;
use crate::{define, plan, run};

pub fn verify(project: &Path, args: &Verify) -> anyhow::Result<Ending> {
    let defs = define::load(project).map_err(usage)?;
    let suite = everything(&defs, args)?;
    let selection = Selection {
        workloads: args.workloads.clone(),
        ..Selection::default()
    };
    let names = plan::collectors_wanted(&defs, &suite, &selection).map_err(usage)?;
    let effort = Effort {
        offline: args.offline,
        force: false,
    };
    let built = runners::prepare(project, &defs, &names, effort, &mut |line| eprintln!("{line}"));
    let mut plan =
        plan::expand(&defs, &suite, &selection, &built.runners, planning::machine()).map_err(usage)?;
    fix_open_work(&defs, args, &mut plan);
    let scratch = tempfile::Builder::new().prefix("gcrucible-verify-").tempdir()?;
    let dir = RunDir::new(scratch.path());
    crate::artifact::write(dir.root(), &plan, &[])?;
    let around = run::Surroundings {
        control: Vec::new(),
        stop: &STOP,
    };
    if !run::execute(&plan, &dir, &around, &mut |_| {})? {
        return Ok(Ending::Invalid);
    }
    let rows = rows(&defs, &plan, &dir)?;
    let equal = rows.values().all(|row| row.agree());
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::json!({ "equal": equal, "rows": rows }))?;
    } else {
        write!(out, "{}", table(&plan, &rows))?;
    }
    Ok(if equal { Ending::Ok } else { Ending::Invalid })
}

/// A suite of every workload, layout and mode under the default collector of each runtime.
fn everything(defs: &Definitions, args: &Verify) -> anyhow::Result<SuiteDef> {
    let collectors: Vec<String> = defs
        .runtimes
        .values()
        .filter_map(|r| {
            r.collectors
                .iter()
                .find(|c| c.tags.iter().any(|t| t == "default"))
                .map(|c| c.name.clone())
        })
        .collect();
    let mut groups = Vec::new();
    for def in defs.workloads.values() {
        if !def.presets.contains_key(&args.preset) {
            return Err(usage(unknown(
                "preset",
                &args.preset,
                def.presets.keys().map(String::as_str),
            )));
        }
        for mode in &def.modes {
            let mut group = group(def, *mode);
            let here = collectors.iter().filter(|name| {
                let runtime = defs.collector(name).map(|(runtime, _)| &runtime.name);
                runtime.is_some_and(|name| def.is_in(name))
            });
            group.only = Some(here.cloned().collect());
            groups.push(group);
        }
    }
    Ok(SuiteDef {
        name: "verify".into(),
        question: "Is it the same work in every language?".into(),
        pace: None,
        minutes: 1.0,
        rounds: 1,
        seed: 42,
        preset: args.preset.clone(),
        collectors,
        pairs: Vec::new(),
        selftest: false,
        goal: None,
        groups,
    })
}

fn group(def: &WorkloadDef, mode: Mode) -> CellGroup {
    let variants: Vec<String> = def.variants().into_iter().map(str::to_owned).collect();
    CellGroup {
        workload: def.name.clone(),
        mode,
        axes: Vec::new(),
        mark: None,
        rounds: None,
        variants: (!variants.is_empty()).then_some(variants),
        live: None,
        grow: Default::default(),
        only: None,
        also: Vec::new(),
        budgets: None,
        series: false,
        ops: None,
        warmup_ops: None,
        open_seconds: None,
        return_ms: Some(0),
        probe_bytes: Some("0".into()),
        force: None,
        parameters: BTreeMap::new(),
        over: None,
        load: None,
        loads: None,
    }
}

/// Open loop without calibration: the preset's own operations and rate, so that every machine does the same work.
fn fix_open_work(defs: &Definitions, args: &Verify, plan: &mut Plan) {
    for cell in plan.cells.iter_mut().filter(|c| c.load.is_some()) {
        let Some(work) = plan.works.iter().find(|w| w.id == cell.work) else {
            continue;
        };
        let preset = &defs.workloads[&work.workload].presets[&args.preset];
        cell.load = None;
        for (key, value) in &mut cell.request {
            if let ("ops", Some(ops)) = (key.as_str(), preset.verify_ops) {
                *value = ops.to_string();
            }
        }
        cell.request
            .push(("rate".into(), preset.verify_rate.unwrap_or(10_000).to_string()));
    }
    plan.invocations.retain(|i| i.round > 0);
}

/// What one work came to in each runtime: (checksum, requested bytes, live bytes), or why there is none.
#[derive(Default, serde::Serialize)]
struct Row {
    expected: Option<String>,
    found: BTreeMap<String, Result<[String; 3], String>>,
}

impl Row {
    /// Equal wherever there is a runtime to ask; a runtime that is not there is no disagreement, one that failed is.
    fn agree(&self) -> bool {
        let mut values = self
            .found
            .values()
            .filter(|v| !matches!(v, Err(e) if e.starts_with("not started")));
        let Some(Ok(first)) = values.next() else {
            return false;
        };
        values.all(|v| v.as_ref() == Ok(first)) && self.expected.as_ref().is_none_or(|e| *e == first[0])
    }
}

fn rows(defs: &Definitions, plan: &Plan, dir: &RunDir) -> anyhow::Result<BTreeMap<String, Row>> {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for invocation in &plan.invocations {
        let Some(cell) = plan.cell(&invocation.cell) else {
            continue;
        };
        let raw = dir.raw(&invocation.id);
        let exit: crate::artifact::exit::Exit = crate::artifact::read_at(&raw.exit(), dir.root())?;
        let output = std::fs::read_to_string(raw.stdout()).unwrap_or_default();
        let field = |key: &str| {
            let find = |l: &str| l.strip_prefix(key)?.strip_prefix('=').map(str::to_owned);
            output.lines().find_map(find).unwrap_or_else(|| "-".into())
        };
        let workload = plan
            .work(&cell.work)
            .and_then(|w| defs.workloads.get(&w.workload));
        let found = match exit.end {
            End::Exited { status: 0 } => untold(workload, &output).map_or_else(
                || Ok([field("checksum"), field("requested_bytes"), field("live_bytes")]),
                Err,
            ),
            End::NotStarted { reason } => Err(format!("not started: {reason}")),
            other => {
                let stderr = std::fs::read_to_string(raw.stderr()).unwrap_or_default();
                let said = stderr.lines().next_back().unwrap_or("");
                Err(match other {
                    End::Exited { status: UNABLE } if output.is_empty() => format!("not started: {said}"),
                    other => format!("{other:?}: {said}"),
                })
            }
        };
        let row = rows.entry(cell.work.clone()).or_default();
        row.expected = plan.work(&cell.work).and_then(|w| w.expected_checksum.clone());
        row.found.insert(cell.collector.clone(), found);
    }
    Ok(rows)
}

/// What is wrong with the values that a runner told, if anything is: those that the workload's file names, and no others.
fn untold(workload: Option<&WorkloadDef>, output: &str) -> Option<String> {
    let told: Vec<&str> = output
        .lines()
        .filter_map(|line| Some(line.strip_prefix(VALUE)?.split_once('=')?.0))
        .collect();
    let named = || {
        workload
            .into_iter()
            .flat_map(|w| w.values.keys().map(String::as_str))
    };
    let missing = named().find(|name| !told.contains(name));
    let unnamed = told.iter().find(|name| !named().any(|n| n == **name));
    match (missing, unnamed) {
        (Some(name), _) => Some(format!("tells no value.{name}")),
        (None, Some(name)) => Some(format!(
            "tells value.{name}, which the workload's file does not name"
        )),
        (None, None) => None,
    }
}

fn table(plan: &Plan, rows: &BTreeMap<String, Row>) -> String {
    let width = rows.keys().map(|work| work.len() + 1).fold(32, usize::max);
    let mut text = format!("{:<width$}", "");
    for collector in &plan.collectors {
        text += &format!("{:<18}", collector.runtime);
    }
    text.push('\n');
    for (work, row) in rows {
        text += &format!("{work:<width$}");
        for collector in &plan.collectors {
            let shown = match row.found.get(&collector.name) {
                Some(Ok([checksum, ..])) => checksum.clone(),
                Some(Err(reason)) => reason.split(':').next().unwrap_or("failed").to_owned(),
                None => "-".into(),
            };
            text += &format!("{shown:<18}");
        }
        text += if row.agree() { "equal\n" } else { "DIFFERS\n" };
        if !row.agree() {
            for (collector, found) in &row.found {
                text += &format!("    {collector}: {found:?}\n");
            }
            if let Some(expected) = &row.expected {
                text += &format!("    expected checksum: {expected}\n");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runner_tells_the_values_that_the_file_names_and_no_others() {
        let defs = define::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let told = |workload: &str, output: &str| untold(defs.workloads.get(workload), output);
        assert_eq!(told("finalizers", "ops=2\nvalue.reported=3\n"), None);
        // What a runtime does not know is told all the same, as nothing.
        assert_eq!(told("finalizers", "value.reported=\n"), None);
        let missing = told("finalizers", "ops=2\n").unwrap();
        assert!(missing.contains("no value.reported"), "{missing}");
        let more = told("churn", "value.reported=3\n").unwrap();
        assert!(more.contains("does not name"), "{more}");
    }
}
