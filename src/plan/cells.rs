//! From cell groups to works, and from a work and a collector to an exact command line.

use std::collections::BTreeMap;

use super::{Machine, PlanError, Runners, Selection, ladder, sizes};
use crate::artifact::axis::Axis;
use crate::artifact::definition::name::unknown;
use crate::artifact::definition::suite::CellGroup;
use crate::artifact::definition::workload::{Preset, WorkloadDef};
use crate::artifact::definition::{Definitions, SuiteDef, quantity};
use crate::artifact::plan::{Budget, Capacity, Cell, Collector, Load, Mode, Swept, Work};
use crate::artifact::unit::Bytes;

/// A work and what its cells share.
#[derive(Clone)]
pub struct WorkPlan {
    pub work: Work,
    pub(super) request: Vec<(String, String)>,
    pub(super) load: Option<Load>,
    /// The largest block to ask for after the window, if there is room; 0: none.
    pub(super) probe: u64,
    pub(super) timeout_s: u64,
    /// Collectors beyond the suite's.
    pub also: Vec<String>,
    /// The only ones, where the group names them.
    pub only: Option<Vec<String>>,
}

impl WorkPlan {
    pub(super) fn set_threads(&mut self, threads: u32) {
        self.work.threads = threads;
        self.work.expected_checksum = None;
        let ops = self.asked("ops").and_then(|ops| ops.parse().ok()).unwrap_or(0);
        let record = record(self.work.mode, threads, ops).to_owned();
        for (key, value) in &mut self.request {
            match key.as_str() {
                "threads" => *value = threads.to_string(),
                "record" => value.clone_from(&record),
                _ => {}
            }
        }
    }

    fn asked(&self, key: &str) -> Option<&str> {
        let found = self.request.iter().find(|(k, _)| k == key);
        found.map(|(_, value)| value.as_str())
    }
}

pub fn works(
    defs: &Definitions,
    suite: &SuiteDef,
    selection: &Selection,
    seed: u64,
    machine: Machine,
) -> Result<Vec<WorkPlan>, PlanError> {
    for name in selection.workloads.iter().flatten() {
        if !defs.workloads.contains_key(name) {
            let known = defs.workloads.keys().map(String::as_str);
            return Err(PlanError::Wrong(unknown("workload", name, known)));
        }
    }
    let mut works: Vec<WorkPlan> = Vec::new();
    for group in &suite.groups {
        if selection
            .workloads
            .as_ref()
            .is_some_and(|w| !w.contains(&group.workload))
        {
            continue;
        }
        let def = &defs.workloads[&group.workload];
        let preset = &def.presets[&suite.preset];
        let swept = swept(def, group)?;
        for (variant, swept) in variants(def, group)
            .iter()
            .flat_map(|variant| swept.iter().map(move |swept| (variant, swept)))
        {
            let lives = sizes::sizes(def, preset, group, selection, machine)?.kept;
            for (index, live) in lives.into_iter().enumerate() {
                for (place, budget) in sizes::budgets(group).into_iter().enumerate() {
                    let work = work(
                        def,
                        preset,
                        group,
                        selection,
                        seed,
                        variant,
                        swept,
                        live,
                        budget,
                        index == 0,
                        machine,
                    )?;
                    // Where the capacity is known: a series is calibrated at its first payload only.
                    let rungs = if place == 0 && (index == 0 || !group.series) {
                        ladder::rungs(&work, group)
                    } else {
                        Vec::new()
                    };
                    for work in [work].into_iter().chain(rungs) {
                        match works.iter().find(|w| w.work.id == work.work.id) {
                            Some(other) => same(suite, other, &work)?,
                            None => works.push(work),
                        }
                    }
                }
            }
        }
    }
    if works.is_empty() {
        let known: Vec<&str> = suite.groups.iter().map(|g| g.workload.as_str()).collect();
        return Err(PlanError::Wrong(format!(
            "suite `{}` has none of these workloads; it has {}",
            suite.name,
            known.join(", ")
        )));
    }
    Ok(works)
}

/// Two groups may ask for one work; under one name it must be one work.
fn same(suite: &SuiteDef, first: &WorkPlan, again: &WorkPlan) -> Result<(), PlanError> {
    let other = again.request.iter().find(|entry| !first.request.contains(entry));
    other.map_or(Ok(()), |(key, value)| {
        Err(PlanError::Wrong(format!(
            "suite `{}` has two groups of `{}` that differ ({key}={value} in the later one); set `mark` in it, or leave it out",
            suite.name, again.work.id
        )))
    })
}

fn variants(def: &WorkloadDef, group: &CellGroup) -> Vec<Option<String>> {
    match (&group.variants, &def.variant) {
        (Some(list), _) if !def.variants().is_empty() => list.iter().cloned().map(Some).collect(),
        (_, Some(parameter)) => vec![Some(def.parameters[parameter].default.clone())],
        _ => vec![None],
    }
}

/// The values that a parameter takes; None once where none is swept.
fn swept(def: &WorkloadDef, group: &CellGroup) -> Result<Vec<Option<Swept>>, PlanError> {
    let Some(over) = &group.over else {
        return Ok(vec![None]);
    };
    let parameter = &def.parameters[&over.parameter];
    let of = |text: &String| {
        let value = parameter.value(&over.parameter, text)?;
        Ok(Some(Swept {
            parameter: over.parameter.clone(),
            what: parameter.what.clone(),
            value: value.parse().map_err(|_| format!("`{value}` is not a number"))?,
        }))
    };
    let values: Result<_, String> = over.values.iter().map(of).collect();
    values.map_err(PlanError::Wrong)
}

/// Which operations are recorded: all, but in a closed loop of many, and therefore short, operations a quarter (`record=2`), lest
/// the clock take more than 2 % of them. The quarter is enough for the 99.9th percentile.
fn record(mode: Mode, threads: u32, ops: u64) -> &'static str {
    const MANY: u64 = 1_000_000;
    if mode == Mode::Closed && ops.saturating_mul(u64::from(threads)) >= MANY {
        "2"
    } else {
        "1"
    }
}

#[allow(clippy::too_many_arguments)] // one value per dimension of a suite
fn work(
    def: &WorkloadDef,
    preset: &Preset,
    group: &CellGroup,
    selection: &Selection,
    seed: u64,
    variant: &Option<String>,
    swept: &Option<Swept>,
    live: u64,
    budget: Budget,
    smallest: bool,
    machine: Machine,
) -> Result<WorkPlan, PlanError> {
    if let Some(word) = variant
        && !def.variants().contains(&word.as_str())
    {
        let what = format!("variant of {}", def.name);
        return Err(PlanError::Wrong(unknown(&what, word, def.variants())));
    }
    let case = variant.as_ref().and_then(|word| def.cases.get(word));
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for (name, parameter) in &def.parameters {
        let text = group
            .parameters
            .get(name)
            .or(case.and_then(|case| case.parameters.get(name)))
            .or(preset.parameters.get(name))
            .unwrap_or(&parameter.default);
        parameters.insert(
            name.clone(),
            parameter.value(name, text).map_err(PlanError::Wrong)?,
        );
    }
    parameters.insert("live_bytes".into(), live.to_string());
    if let (Some(name), Some(word), None) = (&def.variant, variant, case) {
        parameters.insert(name.clone(), word.clone());
    }
    if let Some(swept) = swept {
        parameters.insert(swept.parameter.clone(), swept.value.to_string());
    }
    let warmup = group.warmup_ops.unwrap_or(preset.warmup_ops);
    let usual = group.ops.unwrap_or(preset.ops);
    let ops = sizes::operations(&group.grow, usual, live);
    let threads = sizes::threads(&group.grow, preset.threads, machine)?;
    let waits_ms = group.return_ms.unwrap_or(preset.return_ms);
    let mut request: Vec<(String, String)> = vec![
        ("protocol".into(), "1".into()),
        ("workload".into(), def.name.clone()),
        ("mode".into(), group.mode.id().into()),
        ("threads".into(), threads.to_string()),
        ("seed".into(), seed.to_string()),
        ("warmup_ops".into(), warmup.to_string()),
        ("ops".into(), ops.to_string()),
        ("record".into(), record(group.mode, threads, ops).into()),
        ("return_ms".into(), waits_ms.to_string()),
    ];
    let forced = group.force.unwrap_or(true);
    if !forced {
        request.push(("force".into(), "0".into()));
    }
    let probe = group.probe_bytes.as_ref().or(preset.probe_bytes.as_ref());
    let probe = probe.map_or(Ok(0), |text| quantity::bytes(text).map_err(PlanError::Wrong))?;
    request.extend(parameters.iter().map(|(k, v)| (format!("p.{k}"), v.clone())));
    let load = match group.mode {
        Mode::Closed => None,
        Mode::Open => Some(Load {
            fraction: group.load.unwrap_or(0.5),
            of: Capacity::Slowest,
            seconds: sizes::seconds(
                &group.grow,
                group.open_seconds.or(preset.open_seconds).unwrap_or(3.0),
                live,
            ),
            rate: selection.rate,
        }),
    };
    let mut axes: Vec<Axis> = if group.series && !smallest {
        Vec::new()
    } else {
        group.axes.clone()
    };
    if group.series {
        axes.push(Axis::LargeHeap);
    }
    let as_preset = live.to_string() == preset_value(def, preset, "live_bytes")
        && seed == 42
        && group.parameters.is_empty()
        && (ops, threads) == (preset.ops, preset.threads)
        && swept.is_none()
        && group.warmup_ops.is_none();
    let key = format!("{}.{}", variant.as_deref().unwrap_or("-"), group.mode.id());
    let expected = if as_preset && group.mode == Mode::Closed {
        preset.checksum.get(&key).cloned()
    } else {
        None
    };
    let mut stem = def.name.clone();
    if let Some(variant) = variant {
        stem = format!("{stem}.{variant}");
    }
    stem = format!("{stem}.{}", group.mode.id());
    let suffix = match budget {
        Budget::TimesLive(times) => format!(":{times}x"),
        Budget::Default => String::new(),
    };
    let swept_by = swept.as_ref().map_or_else(String::new, Swept::suffix);
    let unforced = if forced { "" } else { ":unforced" };
    let mark = group
        .mark
        .as_ref()
        .map_or_else(String::new, |mark| format!("+{mark}"));
    let id = format!(
        "{stem}@{}{swept_by}{mark}{unforced}{suffix}",
        quantity::show_bytes(live)
    );
    Ok(WorkPlan {
        work: Work {
            id,
            workload: def.name.clone(),
            variant: variant.clone(),
            mode: group.mode,
            live: Bytes(live),
            budget,
            threads,
            axes,
            series: group.series.then(|| format!("{stem}{mark}{suffix}")),
            ladder: None,
            block: None,
            rounds: group.rounds,
            swept: swept.clone(),
            summary: def.summary.clone(),
            expected_checksum: expected,
        },
        request,
        load,
        probe,
        also: group.also.clone(),
        only: group.only.clone(),
        // Larger payloads take longer to build; the preset's limit is for its own payload, and without the wait for memory to be given back.
        timeout_s: preset.timeout_s * (1 + live / (1 << 30)) + waits_ms.div_ceil(1000),
    })
}

fn preset_value(def: &WorkloadDef, preset: &Preset, name: &str) -> String {
    let parameter = &def.parameters[name];
    let text = preset.parameters.get(name).unwrap_or(&parameter.default);
    parameter.value(name, text).unwrap_or_default()
}

/// A collector's row of the plan.
pub fn collector(defs: &Definitions, name: &str, runners: &Runners) -> Result<Collector, PlanError> {
    let base = name.split('@').next().unwrap_or(name);
    let (runtime, def) = defs
        .collector(base)
        .ok_or_else(|| PlanError::Wrong(unknown("collector", name, defs.collector_names())))?;
    let (version, unavailable) = match runners.get(name) {
        Some(Ok(at)) => (at.version.clone(), None),
        Some(Err(reason)) => (String::new(), Some(reason.clone())),
        None => (String::new(), Some(format!("no runner was built for {name}"))),
    };
    let label = match name.split_once('@') {
        Some((_, major)) => format!("{} on {major}", def.label),
        None => def.label.clone(),
    };
    let major: Option<u32> = version
        .split(|c: char| !c.is_ascii_digit())
        .find_map(|n| n.parse().ok());
    let since = def
        .tags_since
        .iter()
        .filter(|(_, since)| major.is_some_and(|m| m >= **since));
    let tags = def
        .tags
        .iter()
        .cloned()
        .chain(since.map(|(tag, _)| tag.clone()))
        .collect();
    Ok(Collector {
        name: name.to_owned(),
        label,
        runtime: runtime.name.clone(),
        version,
        tags,
        log: def.log.clone(),
        gc_threads: def.gc_threads.clone(),
        setting_of: def.setting_of.clone(),
        unavailable,
    })
}

/// What a cell has beside its collector's own settings.
#[derive(Clone, Copy)]
pub struct Added<'a> {
    pub flags: &'a [String],
    pub env: &'a BTreeMap<String, String>,
}

impl Added<'_> {
    pub const NOTHING: Added<'static> = Added {
        flags: &[],
        env: &BTreeMap::new(),
    };
}

/// The exact command line of one work under one collector; only `{log}` is left to fill in.
pub fn cell(
    defs: &Definitions,
    plan: &WorkPlan,
    name: &str,
    added: Added,
    runners: &Runners,
    machine: Machine,
) -> Result<Cell, PlanError> {
    let base = name.split('@').next().unwrap_or(name);
    let (_, def) = defs
        .collector(base)
        .ok_or_else(|| PlanError::Wrong(unknown("collector", name, defs.collector_names())))?;
    let (program, runner) = match runners.get(name) {
        Some(Ok(at)) => (at.program.clone(), at.runner.clone()),
        _ => ("{program}".into(), "{runner}".into()),
    };
    let times = match plan.work.budget {
        Budget::TimesLive(times) => Some(times),
        Budget::Default => def.always_budget,
    };
    let heap = times
        .map(|t| ((plan.work.live.0 as f64 * t) as u64).to_string())
        .unwrap_or_default();
    let fill = |text: &str| {
        text.replace("{program}", &program)
            .replace("{runner}", &runner)
            .replace("{cores}", &machine.cores.to_string())
            .replace("{heap}", &heap)
    };
    let mut flags = def.flags.clone();
    let mut env = def.env.clone();
    if times.is_some() {
        flags.extend(def.budget_flags.clone());
        env.extend(def.budget_env.clone());
    }
    flags.extend(added.flags.iter().cloned());
    env.extend(added.env.clone());
    let mut argv = Vec::new();
    for part in &def.argv {
        match part.as_str() {
            "{flags}" => argv.extend(flags.iter().map(|f| fill(f))),
            part => argv.push(fill(part)),
        }
    }
    let mut request = plan.request.clone();
    let probe = room_to_probe(plan.probe, plan.work.live.0, times, machine.memory);
    if probe > 0 {
        request.push(("probe_bytes".into(), probe.to_string()));
    }
    Ok(Cell {
        id: format!("{}/{name}", plan.work.id),
        work: plan.work.id.clone(),
        collector: name.to_owned(),
        argv,
        env: env.iter().map(|(k, v)| (k.clone(), fill(v))).collect(),
        request,
        timeout_s: plan.timeout_s,
        load: plan.load.clone(),
    })
}

/// The largest block to ask for: together with the live payload it stays within the budget, or within a quarter of the machine's memory
/// where there is none. Not every runtime survives a block that it cannot serve, and none is to take the machine down. Blocks double from
/// 1 MiB, so that it is a power of two; 0 is none.
fn room_to_probe(asked: u64, live: u64, times: Option<f64>, memory: u64) -> u64 {
    const LEAST: u64 = 1 << 20;
    let limit = times.map_or(memory / 4, |times| (live as f64 * times) as u64);
    let room = limit.saturating_sub(live).min(asked);
    if room < LEAST { 0 } else { 1 << room.ilog2() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_leaves_room_for_the_live_payload() {
        const MIB: u64 = 1 << 20;
        for (asked, live, times, memory, want) in [
            (256, 128, None, 24 << 10, 256),
            (200, 128, None, 24 << 10, 128), // a power of two
            (256, 128, Some(3.0), 24 << 10, 256),
            (256, 128, Some(1.5), 24 << 10, 64),
            (256, 128, Some(1.0), 24 << 10, 0),
            (256, 1024, None, 4096, 0), // the payload is a quarter of the machine
            (256, 1000, None, 4096, 16),
            (0, 128, None, 24 << 10, 0),
        ] {
            let found = room_to_probe(asked * MIB, live * MIB, times, memory * MIB);
            assert_eq!(
                found,
                want * MIB,
                "{asked} MiB beside {live}, {times:?}, {memory}"
            );
        }
    }
}
