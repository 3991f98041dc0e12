//! What a TOML parser cannot know: names that must exist, values in range.

use std::path::Path;

use super::DefineError;
use crate::artifact::definition::name::unknown;
use crate::artifact::definition::suite::{CellGroup, MOST_OF_MEMORY, Over};
use crate::artifact::definition::{Definitions, MinimumFile, RuntimeDef, SuiteDef, WorkloadDef, quantity};
use crate::artifact::metric::is_value;
use crate::artifact::plan::Mode;

fn wrong(path: &Path, message: String) -> DefineError {
    DefineError::Wrong {
        path: path.into(),
        message,
    }
}

pub fn workload(path: &Path, def: &WorkloadDef) -> Result<(), DefineError> {
    if !def.parameters.contains_key("live_bytes") {
        return Err(wrong(
            path,
            "a workload needs a parameter `live_bytes`: suites sweep it".into(),
        ));
    }
    for (name, parameter) in &def.parameters {
        parameter
            .value(name, &parameter.default)
            .map_err(|m| wrong(path, m))?;
    }
    let presets = def
        .presets
        .iter()
        .map(|(name, preset)| (format!("preset {name}"), &preset.parameters));
    let cases = def
        .cases
        .iter()
        .map(|(name, case)| (format!("case {name}"), &case.parameters));
    for (place, values) in presets.chain(cases) {
        for (key, text) in values {
            let parameter = def.parameters.get(key).ok_or_else(|| {
                wrong(
                    path,
                    format!(
                        "{place}: {}",
                        unknown("parameter", key, def.parameters.keys().map(String::as_str))
                    ),
                )
            })?;
            parameter
                .value(key, text)
                .map_err(|m| wrong(path, format!("{place}: {m}")))?;
        }
    }
    if let Some(name) = def.values.keys().find(|name| !is_value(name)) {
        return Err(wrong(
            path,
            format!("value {name}: names have lower-case letters, digits and underscores, a letter first"),
        ));
    }
    for (name, preset) in &def.presets {
        if let Some(text) = &preset.probe_bytes {
            quantity::bytes(text).map_err(|m| wrong(path, format!("preset {name}: probe_bytes: {m}")))?;
        }
    }
    if let Some(variant) = &def.variant
        && def.parameters.get(variant).is_none_or(|p| p.words.is_none())
    {
        return Err(wrong(
            path,
            format!("variant `{variant}` must be a parameter with words"),
        ));
    }
    for (name, case) in &def.cases {
        if case.parameters.contains_key("live_bytes") {
            return Err(wrong(
                path,
                format!("case {name}: `live_bytes` is a suite's or a preset's to set"),
            ));
        }
        if def.variants().iter().filter(|v| *v == name).count() > 1 {
            return Err(wrong(
                path,
                format!("case {name}: that is a word of the variant, too"),
            ));
        }
    }
    Ok(())
}

/// Once the runtimes are known: those that a workload names.
pub fn runtimes_of(path: &Path, def: &WorkloadDef, all: &Definitions) -> Result<(), DefineError> {
    let mut named = def.runtimes.iter().flatten();
    match named.find(|name| !all.runtimes.contains_key(*name)) {
        Some(name) => {
            let known = all.runtimes.keys().map(String::as_str);
            Err(wrong(path, unknown("runtime", name, known)))
        }
        None => Ok(()),
    }
}

pub fn runtime(path: &Path, def: &RuntimeDef, so_far: &Definitions) -> Result<(), DefineError> {
    for collector in &def.collectors {
        if so_far.collector(&collector.name).is_some()
            || def.collectors.iter().filter(|c| c.name == collector.name).count() > 1
        {
            return Err(wrong(
                path,
                format!("collector `{}` is defined twice", collector.name),
            ));
        }
        if let Some(of) = &collector.setting_of
            && !def.collectors.iter().any(|c| c.name == *of)
        {
            let known = def.collectors.iter().map(|c| c.name.as_str());
            return Err(wrong(
                path,
                format!(
                    "collector `{}`: setting_of: {}",
                    collector.name,
                    unknown("collector", of, known)
                ),
            ));
        }
        if !def.build.contains_key(&collector.build) {
            return Err(wrong(
                path,
                format!(
                    "collector `{}`: {}",
                    collector.name,
                    unknown("build", &collector.build, def.build.keys().map(String::as_str))
                ),
            ));
        }
    }
    Ok(())
}

pub fn suite(path: &Path, def: &SuiteDef, all: &Definitions) -> Result<(), DefineError> {
    let collectors = all.collector_names();
    for name in def
        .collectors
        .iter()
        .chain(def.pairs.iter().flat_map(|p| [&p.a, &p.b]))
    {
        if !name.starts_with("tag:") && !collectors.contains(&name.as_str()) {
            return Err(wrong(
                path,
                unknown("collector", name, collectors.iter().copied()),
            ));
        }
    }
    if let Some(pace) = &def.pace {
        let live = quantity::bytes(&pace.live_per_second).map_err(|m| wrong(path, format!("pace: {m}")))?;
        let figures = [pace.process_seconds, pace.ops_per_second, live as f64];
        if figures.iter().any(|v| !v.is_finite() || *v <= 0.0) {
            return Err(wrong(path, "pace: figures must be above zero".into()));
        }
    }
    if let Some(fault) = def.goal.and_then(|goal| goal.fault()) {
        return Err(wrong(path, format!("goal: {fault}")));
    }
    for group in &def.groups {
        let Some(workload) = all.workloads.get(&group.workload) else {
            return Err(wrong(
                path,
                unknown(
                    "workload",
                    &group.workload,
                    all.workloads.keys().map(String::as_str),
                ),
            ));
        };
        if !workload.modes.contains(&group.mode) {
            return Err(wrong(
                path,
                format!("workload `{}` has no mode `{}`", group.workload, group.mode.id()),
            ));
        }
        let asked = group
            .only
            .as_ref()
            .unwrap_or(&def.collectors)
            .iter()
            .chain(&group.also);
        for name in asked {
            let runtime = all.collector(name.split('@').next().unwrap_or_default());
            if runtime.is_some_and(|(runtime, _)| !workload.is_in(&runtime.name)) {
                return Err(wrong(
                    path,
                    format!(
                        "workload `{}` is not in the runtime of `{name}`; say `only`",
                        group.workload
                    ),
                ));
            }
        }
        if !workload.presets.contains_key(&def.preset) {
            return Err(wrong(
                path,
                unknown("preset", &def.preset, workload.presets.keys().map(String::as_str)),
            ));
        }
        for name in &group.also {
            if !collectors.contains(&name.as_str()) {
                return Err(wrong(
                    path,
                    unknown("collector", name, collectors.iter().copied()),
                ));
            }
        }
        for name in group.only.iter().flatten() {
            if !def.collectors.contains(name) && !group.also.contains(name) {
                let known = def.collectors.iter().chain(&group.also).map(String::as_str);
                return Err(wrong(
                    path,
                    format!("only: {}", unknown("collector", name, known)),
                ));
            }
        }
        grow(path, group)?;
        let word =
            |mark: &String| !mark.is_empty() && mark.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !group.mark.iter().all(word) {
            return Err(wrong(
                path,
                format!(
                    "`mark` of `{}`: letters, digits and dashes, such as \"long-return\"",
                    group.workload
                ),
            ));
        }
        if group.rounds.is_some_and(|n| n == 0 || n > def.rounds) {
            return Err(wrong(
                path,
                format!(
                    "`rounds` of `{}`: from 1 to those of the suite, {}",
                    group.workload, def.rounds
                ),
            ));
        }
        if group.rounds.is_some() && (group.series || !group.axes.is_empty()) {
            return Err(wrong(
                path,
                format!(
                    "`rounds` of `{}`: works that inform an axis are made in every round; leave it out, or axes and series",
                    group.workload
                ),
            ));
        }
        if let Some(loads) = &group.loads {
            ladder(path, group, loads)?;
        }
        if let Some(over) = &group.over {
            swept(path, group, workload, over)?;
        }
        for text in group.live.iter().flatten().chain(&group.probe_bytes) {
            quantity::bytes(text).map_err(|m| wrong(path, m))?;
        }
        let variants = workload.variants();
        for word in group.variants.iter().flatten() {
            if !variants.is_empty() && !variants.contains(&word.as_str()) {
                let what = format!("variant of {}", group.workload);
                return Err(wrong(path, unknown(&what, word, variants)));
            }
        }
        for (key, text) in &group.parameters {
            let parameter = workload.parameters.get(key).ok_or_else(|| {
                wrong(
                    path,
                    unknown("parameter", key, workload.parameters.keys().map(String::as_str)),
                )
            })?;
            parameter.value(key, text).map_err(|m| wrong(path, m))?;
        }
    }
    Ok(())
}

pub fn minimums(path: &Path, file: &MinimumFile, all: &Definitions) -> Result<(), DefineError> {
    let presets: std::collections::BTreeSet<&str> = all
        .workloads
        .values()
        .flat_map(|w| w.presets.keys().map(String::as_str))
        .collect();
    if !presets.contains(file.preset.as_str()) {
        return Err(wrong(path, unknown("preset", &file.preset, presets)));
    }
    for minimum in &file.minimums {
        let base = minimum.collector.split('@').next().unwrap_or_default();
        if all.collector(base).is_none() {
            return Err(wrong(
                path,
                unknown("collector", &minimum.collector, all.collector_names()),
            ));
        }
        let figures = [
            minimum.times_live,
            minimum.fails_at,
            minimum.peak_over_live,
            minimum.slowdown,
        ];
        if figures.into_iter().flatten().any(|v| !v.is_finite() || v <= 0.0) {
            return Err(wrong(
                path,
                format!(
                    "{} under {}: figures must be above zero",
                    minimum.task, minimum.collector
                ),
            ));
        }
    }
    Ok(())
}

/// Sizes from the machine's memory need both ends, and no list beside them.
fn grow(path: &Path, group: &CellGroup) -> Result<(), DefineError> {
    let name = &group.workload;
    let fault = |m: String| wrong(path, format!("`grow` of `{name}`: {m}"));
    let grow = &group.grow;
    if let Some(from) = &grow.from {
        let from = quantity::bytes(from).map_err(fault)?;
        if from == 0 {
            return Err(fault("`from` must be above zero".into()));
        }
        if group.live.is_some() {
            return Err(fault(
                "it has `from` beside the list `live`; keep one of them".into(),
            ));
        }
        if grow.to.is_none() {
            return Err(fault(format!(
                "`from` doubles up to `to`: add to = \"{MOST_OF_MEMORY} of memory\""
            )));
        }
    }
    if let Some(to) = &grow.to {
        quantity::share(to, "memory", MOST_OF_MEMORY).map_err(fault)?;
    }
    if let Some(threads) = &grow.threads {
        quantity::share(threads, "cores", 1.0).map_err(fault)?;
    }
    for (key, value) in [
        ("ops_per_gib", grow.ops_per_gib),
        ("seconds_per_gib", grow.seconds_per_gib),
    ] {
        if value.is_some_and(|v| !v.is_finite() || v <= 0.0) {
            return Err(fault(format!("`{key}` must be above zero")));
        }
    }
    Ok(())
}

/// Shares of a capacity ascend, each its own; above 1 they ask for saturation, which may be shown on purpose.
fn ladder(path: &Path, group: &CellGroup, loads: &[f64]) -> Result<(), DefineError> {
    const MOST: f64 = 2.0;
    if group.mode != Mode::Open {
        let name = &group.workload;
        return Err(wrong(
            path,
            format!("`loads` of `{name}`: a closed loop is offered no load; set mode = \"open\""),
        ));
    }
    let within = loads.iter().all(|l| *l >= 0.01 && *l <= MOST);
    let ascending = loads.windows(2).all(|pair| pair[1] - pair[0] >= 0.001);
    if loads.is_empty() || !within || !ascending {
        return Err(wrong(
            path,
            format!(
                "`loads` must be shares of a collector's own capacity from 0.01 to {MOST}, ascending: [0.3, 0.5, 0.7, 0.85]"
            ),
        ));
    }
    Ok(())
}

/// Numbers that ascend, of a parameter that nothing else in the group sets; a series and a ladder have a dimension of their own.
fn swept(path: &Path, group: &CellGroup, def: &WorkloadDef, over: &Over) -> Result<(), DefineError> {
    let name = &over.parameter;
    let refuse = |what: String| Err(wrong(path, format!("`over` of `{}`: {what}", group.workload)));
    let Some(parameter) = def.parameters.get(name) else {
        let known = def.parameters.keys().map(String::as_str);
        return Err(wrong(path, unknown("parameter", name, known)));
    };
    if parameter.words.is_some() {
        return refuse(format!(
            "`{name}` has words, not numbers; list them in `variants`"
        ));
    }
    if name == "live_bytes" || group.parameters.contains_key(name) {
        return refuse(format!("`{name}` is set elsewhere in the group"));
    }
    if group.series || group.loads.is_some() {
        return refuse("not beside `series` or `loads`".into());
    }
    let values: Vec<u64> = over
        .values
        .iter()
        .map(|text| Ok(parameter.value(name, text)?.parse().unwrap_or(u64::MAX)))
        .collect::<Result<_, String>>()
        .map_err(|m| wrong(path, m))?;
    if values.is_empty() || values.windows(2).any(|pair| pair[0] >= pair[1]) {
        return refuse("`values` must ascend: [\"10\", \"1000\"]".into());
    }
    Ok(())
}
