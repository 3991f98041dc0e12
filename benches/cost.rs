//! What does measuring cost? Prints each figure beside its goal; asserts nothing, since a busy machine is no fault of the code.
//!
//! Recorder, sampler and driver are those of a real run: the smoke suite, by the program itself. The effect on throughput is measured
//! inside one process, by recording two of each four stretches of its operations (`alternate=1`): two processes of one cell differ by more
//! than what is looked for.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gcrucible::artifact::analysis::{Analysis, Instrument, PerOperation};
use gcrucible::artifact::definition::suite::CellGroup;
use gcrucible::artifact::definition::{Definitions, SuiteDef};
use gcrucible::artifact::exit::{End, Exit};
use gcrucible::artifact::plan::{Cell, Mode, Plan};
use gcrucible::artifact::{RunDir, read, read_at, write};
use gcrucible::cmd::planning::machine;
use gcrucible::cmd::runners::prepare;
use gcrucible::toolchain::Effort;
use gcrucible::{define, plan, run};
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;

/// Short operations: what recording costs shows here first.
const WORKLOADS: [&str; 2] = ["cache", "churn"];
const ROUNDS: u32 = 5;
const OPS: u64 = 40_000;
const WARMUP: u64 = 5_000;

fn main() {
    // `cargo test --benches` runs this too, without the word.
    if !std::env::args().any(|a| a == "--bench") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    a_run(&folder.path().join("smoke"));
    throughput(&folder.path().join("effect"));
}

/// The cost of the smoke suite, from its own analysis.json.
fn a_run(out: &Path) {
    let output = Command::new(env!("CARGO_BIN_EXE_gcrucible"))
        .args(["bench", "--suite", "smoke", "--out"])
        .arg(out)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("gcrucible starts");
    let analysis: Analysis = match read(out) {
        Ok(analysis) => analysis,
        Err(error) => {
            eprintln!("{error}\n{}", String::from_utf8_lossy(&output.stderr));
            return;
        }
    };
    let instrument = &analysis.instrument;
    for (runtime, cost) in &instrument.recorder {
        let goal = Instrument::RECORDING_GOAL;
        for (path, found, aim) in [
            ("closed loop", cost.closed, true),
            ("open loop, started late", cost.open, true),
            ("open loop, waited for", cost.waited, true),
            ("a clock reading alone", cost.clock, false),
        ] {
            let Some(PerOperation { median, fastest, .. }) = found else {
                println!("recorder  {runtime:<6} {path:<24} not timed");
                continue;
            };
            let judged = if aim {
                verdict(median <= goal, &format!("{goal} ns"))
            } else {
                String::new()
            };
            println!("recorder  {runtime:<6} {path:<24} {median:6.1} ns  fastest {fastest:5.1} ns  {judged}");
        }
    }
    let (share, goal) = (
        instrument.sampler_share.unwrap_or(f64::NAN),
        Instrument::SAMPLER_GOAL,
    );
    println!(
        "sampler   {:.2} % of a core over {} samples  {}",
        100.0 * share,
        instrument.samples,
        verdict(share <= goal, &format!("{} %", 100.0 * goal))
    );
    let (resident, goal) = (instrument.driver_rss.0 as f64, Instrument::DRIVER_GOAL);
    println!(
        "driver    {:.1} MB resident  {}",
        resident / 1e6,
        verdict(resident <= goal, &format!("{} MB", goal / 1e6))
    );
}

fn verdict(met: bool, goal: &str) -> String {
    format!("at most {goal}: {}", if met { "met" } else { "missed" })
}

/// Closed loops, one thread, in fresh processes of which each records half of its stretches.
fn throughput(out: &Path) {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let defs = define::load(project).expect("the definitions are sound");
    let suite = suite(&defs);
    let effort = Effort {
        offline: false,
        force: false,
    };
    let built = prepare(project, &defs, &suite.collectors, effort, &mut |line| {
        eprintln!("{line}")
    });
    let selection = plan::Selection::default();
    let plan = plan::expand(&defs, &suite, &selection, &built.runners, machine()).expect("a plan");
    let dir = RunDir::new(out);
    let plan = alternating(plan);
    write(dir.root(), &plan, &[]).expect("plan.json");
    let around = run::Surroundings {
        control: Vec::new(),
        stop: &AtomicBool::new(false),
    };
    run::execute(&plan, &dir, &around, &mut |_| {}).expect("the run stage");
    for cell in &plan.cells {
        println!("{}", effect(&plan, cell, &dir));
    }
}

fn suite(defs: &Definitions) -> SuiteDef {
    let default = |r: &gcrucible::artifact::definition::RuntimeDef| {
        r.collectors
            .iter()
            .find(|c| c.tags.iter().any(|t| t == "default"))
            .map(|c| c.name.clone())
    };
    let group = |workload: &str| CellGroup {
        also: Vec::new(),
        workload: workload.into(),
        mode: Mode::Closed,
        axes: Vec::new(),
        mark: None,
        rounds: None,
        variants: None,
        live: None,
        grow: Default::default(),
        only: None,
        budgets: None,
        series: false,
        ops: Some(OPS),
        warmup_ops: Some(WARMUP),
        open_seconds: None,
        return_ms: Some(0),
        probe_bytes: Some("0".into()),
        force: None,
        parameters: Default::default(),
        over: None,
        load: None,
        loads: None,
    };
    SuiteDef {
        name: "cost".into(),
        question: "How much throughput does recording take?".into(),
        pace: None,
        minutes: 2.0,
        rounds: ROUNDS,
        seed: 42,
        preset: "quick".into(),
        collectors: defs.runtimes.values().filter_map(default).collect(),
        pairs: Vec::new(),
        selftest: false,
        goal: None,
        groups: WORKLOADS.map(group).into(),
    }
}

fn alternating(mut plan: Plan) -> Plan {
    for cell in &mut plan.cells {
        for (key, value) in &mut cell.request {
            if key == "threads" {
                "1".clone_into(value);
            }
        }
        cell.request.push(("alternate".into(), "1".into()));
    }
    plan
}

/// The median ratio of neighbouring stretches over all processes, and the range of the processes' own medians.
fn effect(plan: &Plan, cell: &Cell, dir: &RunDir) -> String {
    let mine = plan.invocations.iter().filter(|i| i.cell == cell.id);
    let processes: Vec<Histogram<u64>> = mine.filter_map(|i| ratios(dir, &i.id)).collect();
    let fall = |ratios: &Histogram<u64>| 1.0 - 1e6 / ratios.value_at_quantile(0.5) as f64;
    let mut falls: Vec<f64> = processes.iter().map(fall).collect();
    falls.sort_by(f64::total_cmp);
    let name = format!("{} {}", cell.collector, cell.work);
    let (Some(least), Some(most)) = (falls.first(), falls.last()) else {
        return format!("throughput {name:<28} not measured");
    };
    let mut pooled = processes[0].clone();
    for ratios in &processes[1..] {
        pooled.add(ratios).expect("equal bounds");
    }
    let (median, goal) = (fall(&pooled), Instrument::THROUGHPUT_GOAL);
    format!(
        "throughput {name:<28} falls by {:5.2} % ({:.2} to {:.2}, {} processes)  {}",
        100.0 * median,
        100.0 * least,
        100.0 * most,
        processes.len(),
        verdict(median <= goal, &format!("{} %", 100.0 * goal))
    )
}

/// Ratios of one process, in parts per million.
fn ratios(dir: &RunDir, invocation: &str) -> Option<Histogram<u64>> {
    let raw = dir.raw(invocation);
    let exit: Exit = read_at(&raw.exit(), dir.root()).ok()?;
    let output = std::fs::read_to_string(raw.stdout()).ok()?;
    let text = output.lines().find_map(|l| l.strip_prefix("hist.ratio="))?;
    let bytes = STANDARD.decode(text).ok()?;
    let ratios: Histogram<u64> = Deserializer::new().deserialize(&mut bytes.as_slice()).ok()?;
    (exit.end == End::Exited { status: 0 } && ratios.len() >= 100).then_some(ratios)
}
