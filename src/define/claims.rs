//! Claims against everything else: what they name must exist, and each has one test that can fail.

use std::path::{Component, Path};

use toml::Spanned;

use super::{DefineError, problem};
use crate::artifact::definition::claim::{
    Chart, Claim, ClaimCell, ClaimFile, FATES, Piece, Reference, pieces,
};
use crate::artifact::definition::name::unknown;
use crate::artifact::definition::{Definitions, quantity};
use crate::artifact::metric::{METRICS, VALUE};
use crate::artifact::plan::Mode;

/// A claim file with its text, for excerpts.
pub struct Source<'a> {
    pub path: &'a Path,
    pub text: &'a str,
    pub file: &'a ClaimFile,
}

impl Source<'_> {
    fn at<T>(&self, place: &Spanned<T>, message: String) -> DefineError {
        DefineError::Toml(problem::show(self.path, self.text, place.span(), &message))
    }

    fn cell(&self, name: &str, message: String) -> DefineError {
        let cell = &self.file.cells[name];
        self.at(&cell.workload, format!("cell {name}: {message}"))
    }
}

/// Everything but references, which need all files.
pub fn file(source: &Source, defs: &Definitions) -> Result<(), DefineError> {
    let file = source.file;
    let row = file.row.get_ref();
    if source.path.file_stem().is_none_or(|stem| stem != row.as_str()) {
        return Err(source.at(
            &file.row,
            format!("row `{row}` must be in a file of its name, {row}.toml"),
        ));
    }
    if file.rounds < 2 {
        let message = "`rounds` must be 2 or more: one run has no interval".to_owned();
        return Err(source.at(&file.row, message));
    }
    for (name, cell) in &file.cells {
        self::cell(source, name, cell, defs)?;
    }
    for (at, claim) in file.claims.iter().enumerate() {
        let id = claim.id.get_ref();
        let own = id == row || id.starts_with(&format!("{row}-")) || id.starts_with(&format!("{row}."));
        if !own {
            return Err(source.at(
                &claim.id,
                format!("claim `{id}` must begin with its row, `{row}`"),
            ));
        }
        if file.claims[..at].iter().any(|c| c.id.get_ref() == id) {
            return Err(source.at(&claim.id, format!("claim `{id}` is defined twice")));
        }
        test(source, claim, defs)?;
    }
    file.charts.iter().try_for_each(|c| chart(source, c))
}

fn chart(source: &Source, chart: &Chart) -> Result<(), DefineError> {
    let refuse = |message: String| Err(source.at(&chart.title, format!("chart: {message}")));
    let ascending =
        chart.at.is_sorted_by(|a, b| a < b) && chart.at.iter().all(|at| at.is_finite() && *at > 0.0);
    if chart.at.len() < 2 || !ascending {
        return refuse("`at` must be two numbers or more above zero, ascending".into());
    }
    if chart.lines.is_empty() {
        return refuse("it has no line".into());
    }
    for (name, cells) in &chart.lines {
        if cells.len() != chart.at.len() {
            return refuse(format!(
                "line `{name}` has {} cells for {} places; write \"\" where there is none",
                cells.len(),
                chart.at.len()
            ));
        }
        for cell in cells.iter().filter(|cell| !cell.get_ref().is_empty()) {
            if !source.file.cells.contains_key(cell.get_ref()) {
                let known = source.file.cells.keys().map(String::as_str);
                return Err(source.at(cell, unknown("cell", cell.get_ref(), known)));
            }
        }
    }
    Ok(())
}

fn cell(source: &Source, name: &str, cell: &ClaimCell, defs: &Definitions) -> Result<(), DefineError> {
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(source.cell(name, "names have letters, digits and dashes".into()));
    }
    let Some(workload) = defs.workloads.get(cell.workload.get_ref()) else {
        let known = defs.workloads.keys().map(String::as_str);
        return Err(source.at(
            &cell.workload,
            unknown("workload", cell.workload.get_ref(), known),
        ));
    };
    let collector = cell.collector.get_ref();
    let base = collector.split('@').next().unwrap_or_default();
    let Some((runtime, def)) = defs.collector(base) else {
        return Err(source.at(
            &cell.collector,
            unknown("collector", collector, defs.collector_names()),
        ));
    };
    if !workload.is_in(&runtime.name) {
        return Err(source.at(&cell.collector, not_in(&workload.name, collector, &runtime.name)));
    }
    if !cell.flags.is_empty() && !def.argv.iter().any(|a| a == "{flags}") {
        return Err(source.cell(name, format!("`{base}` takes no flags; set `env`")));
    }
    if !workload.presets.contains_key(cell.preset.get_ref()) {
        let known = workload.presets.keys().map(String::as_str);
        return Err(source.at(&cell.preset, unknown("preset", cell.preset.get_ref(), known)));
    }
    if !workload.modes.contains(&cell.mode) {
        return Err(source.cell(
            name,
            format!("`{}` has no mode `{}`", workload.name, cell.mode.id()),
        ));
    }
    if (cell.mode == Mode::Open) != cell.rate.is_some() {
        return Err(source.cell(name, "an open loop needs a `rate`, and no other has one".into()));
    }
    if let Some(variant) = &cell.variant
        && !workload.variants().contains(&variant.as_str())
    {
        let what = format!("variant of {}", workload.name);
        return Err(source.cell(name, unknown(&what, variant, workload.variants())));
    }
    for (key, text) in &cell.parameters {
        let Some(parameter) = workload.parameters.get(key) else {
            let known = workload.parameters.keys().map(String::as_str);
            return Err(source.cell(name, unknown("parameter", key, known)));
        };
        parameter.value(key, text).map_err(|m| source.cell(name, m))?;
    }
    if let Some(text) = &cell.live {
        quantity::bytes(text).map_err(|m| source.cell(name, m))?;
    }
    let positive = |v: Option<f64>| v.is_none_or(|v| v.is_finite() && v > 0.0);
    if !positive(cell.budget)
        || !positive(cell.rate)
        || !positive(cell.open_seconds)
        || cell.threads == Some(0)
    {
        return Err(source.cell(
            name,
            "`budget`, `rate`, `open_seconds` and `threads` must be above zero".into(),
        ));
    }
    Ok(())
}

/// `profile` under a JVM's collector.
fn not_in(workload: &str, collector: &str, runtime: &str) -> String {
    format!("`{workload}` has no counterpart in the runtime of `{collector}`, {runtime}")
}

fn test(source: &Source, claim: &Claim, defs: &Definitions) -> Result<(), DefineError> {
    let refuse = |message: &str| {
        let id = claim.id.get_ref();
        Err(source.at(&claim.id, format!("claim `{id}`: {message}")))
    };
    match (&claim.between, &claim.course, &claim.tour) {
        (Some(between), None, None) => {
            let bounds = (between.at_least, between.at_most);
            if bounds == (None, None) {
                return refuse("`between` without `at_least` and `at_most` cannot fail");
            }
            if let (Some(lo), Some(hi)) = bounds
                && lo > hi
            {
                return refuse("`at_least` is above `at_most`: it cannot hold");
            }
            if [bounds.0, bounds.1].into_iter().flatten().any(|v| !v.is_finite()) {
                return refuse("bounds must be finite");
            }
        }
        (None, Some(course), None) => {
            let metrics: Vec<_> = course
                .along
                .iter()
                .filter_map(|r| Reference::parse(r.get_ref()))
                .map(|r| r.metric)
                .collect();
            if course.along.len() < 2 || metrics.windows(2).any(|pair| pair[0] != pair[1]) {
                return refuse("`course` goes along one metric of two cells or more");
            }
        }
        (None, None, Some(tour)) => {
            let collector = tour.collector.get_ref();
            if defs.collector(collector).is_none() {
                let message = unknown("collector", collector, defs.collector_names());
                return Err(source.at(&tour.collector, message));
            }
            if tour.finds.is_empty() || tour.finds.iter().any(|text| text.trim().is_empty()) {
                return refuse("`tour` that finds nothing cannot fail");
            }
            if Path::new(&tour.file)
                .components()
                .any(|part| !matches!(part, Component::Normal(_)))
            {
                return refuse("the file of `tour` is a path below the toolchain's `src`");
            }
        }
        _ => return refuse("needs exactly one test: `between`, `course` or `tour`"),
    }
    Ok(())
}

/// Cells and metrics that claims name, in this row and in others.
pub fn references(source: &Source, defs: &Definitions) -> Result<(), DefineError> {
    for chart in &source.file.charts {
        let named = chart.lines.values().flatten().map(Spanned::get_ref);
        for cell in named.filter(|cell| !cell.is_empty()) {
            let figure = format!("{cell}.{}", chart.metric.get_ref());
            refers(source, defs, &figure).map_err(|m| source.at(&chart.metric, m))?;
        }
    }
    for claim in &source.file.claims {
        for place in ClaimFile::references(claim) {
            refers(source, defs, place.get_ref()).map_err(|m| source.at(place, m))?;
        }
        let Some(because) = &claim.because else { continue };
        let lone = |_| source.at(because, "a brace without its other: write `{cell.metric}`".into());
        for piece in pieces(because.get_ref()).map_err(lone)? {
            if let Piece::Figure(name) = piece {
                refers(source, defs, name).map_err(|m| source.at(because, m))?;
            }
        }
    }
    Ok(())
}

fn refers(source: &Source, defs: &Definitions, text: &str) -> Result<(), String> {
    let reference = Reference::parse(text)
        .ok_or_else(|| format!("`{text}` is not `cell.metric`, nor `row/cell.metric`"))?;
    let file = match reference.row {
        None => source.file,
        Some(row) => defs
            .claims
            .get(row)
            .ok_or_else(|| unknown("row", row, defs.claims.keys().map(String::as_str)))?,
    };
    let Some(cell) = file.cells.get(reference.cell) else {
        let known = file.cells.keys().map(String::as_str);
        return Err(unknown("cell", reference.cell, known));
    };
    let workload = defs.workloads.get(cell.workload.get_ref());
    let own = workload.into_iter().flat_map(|w| w.values.keys());
    let own: Vec<String> = own.map(|name| format!("{VALUE}{name}")).collect();
    let known = || {
        let table = METRICS.iter().map(|m| m.name);
        table.chain(FATES).chain(own.iter().map(String::as_str))
    };
    if !known().any(|name| name == reference.metric) {
        return Err(unknown("metric", reference.metric, known()));
    }
    Ok(())
}
