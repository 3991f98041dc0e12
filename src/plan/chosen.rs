//! Which rows, claims and lines of charts were asked for, and which cells they read.

use toml::Spanned;

use super::PlanError;
use crate::artifact::definition::Definitions;
use crate::artifact::definition::claim::{Chart, Claim, ClaimFile, Piece, Reference, pieces};
use crate::artifact::definition::name::unknown;

/// Which claims, and how often.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// Rows, and claims by id or by how their ids begin (`task-24.4`); None: all.
    pub only: Option<Vec<String>>,
    /// Claims all of whose cells are of these runtimes; None: all.
    pub runtimes: Option<Vec<String>>,
    /// Instead of the rows' own.
    pub rounds: Option<u32>,
    pub seed: Option<u64>,
}

/// A row with those of its claims that were asked for, and the lines of its charts where the row was.
pub(super) struct Chosen<'a> {
    pub file: &'a ClaimFile,
    pub claims: Vec<&'a Claim>,
    pub charts: Vec<(&'a Chart, Vec<Drawn<'a>>)>,
}

/// Name and cells of a line.
pub(super) type Drawn<'a> = (&'a str, &'a [Spanned<String>]);

/// Rows in the order of their names; none is left empty.
pub(super) fn chosen<'a>(defs: &'a Definitions, asked: &Claims) -> Result<Vec<Chosen<'a>>, PlanError> {
    let all = || {
        defs.claims
            .values()
            .flat_map(|file| file.claims.iter().map(move |c| (file, c)))
    };
    for name in asked.only.iter().flatten() {
        let rows = defs.claims.keys().map(String::as_str);
        let ids = all().map(|(_, c)| c.id.get_ref().as_str());
        if !all().any(|(file, claim)| names(name, file, claim)) {
            // The list of rows is short enough to be read; ids are not.
            let near = crate::artifact::definition::name::nearest(name, ids.chain(rows.clone()));
            return Err(PlanError::Wrong(match near {
                Some(near) => format!(
                    "unknown claim `{name}`: did you mean `{near}`? Rows: {}",
                    rows.collect::<Vec<_>>().join(", ")
                ),
                None => unknown("claim", name, rows),
            }));
        }
    }
    for name in asked.runtimes.iter().flatten() {
        if !defs.runtimes.contains_key(name) {
            let known = defs.runtimes.keys().map(String::as_str);
            return Err(PlanError::Wrong(unknown("runtime", name, known)));
        }
    }
    let wanted = |file: &ClaimFile, claim: &Claim| {
        let named = |only: &Vec<String>| only.iter().any(|name| names(name, file, claim));
        let of = |runtimes: &Vec<String>| {
            let cells = cells_of(defs, file, claim).into_iter();
            let measured = cells.map(|(file, name)| file.cells[name].collector.get_ref());
            let read = claim.tour.iter().map(|tour| tour.collector.get_ref());
            measured
                .chain(read)
                .all(|name| runtime_of(defs, name).is_some_and(|runtime| runtimes.contains(&runtime)))
        };
        asked.only.as_ref().is_none_or(named) && asked.runtimes.as_ref().is_none_or(of)
    };
    let whole = |file: &ClaimFile| {
        asked
            .only
            .as_ref()
            .is_none_or(|only| only.contains(file.row.get_ref()))
    };
    let rows: Vec<Chosen> = defs
        .claims
        .values()
        .map(|file| Chosen {
            file,
            claims: file.claims.iter().filter(|c| wanted(file, c)).collect(),
            charts: match whole(file) {
                true => charts(defs, file, asked),
                false => Vec::new(),
            },
        })
        .filter(|row| !row.claims.is_empty())
        .collect();
    if rows.is_empty() {
        return Err(PlanError::Wrong(
            "no claim is about these runtimes alone; leave --runtime out".into(),
        ));
    }
    Ok(rows)
}

/// A row, a claim, or the beginning of several: `task-24.4` is `task-24.4-ratio` and its like.
fn names(name: &str, file: &ClaimFile, claim: &Claim) -> bool {
    let rest = claim.id.get_ref().strip_prefix(name);
    name == file.row.get_ref() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Lines all of whose cells are of the runtimes asked for; a chart without one is left out.
fn charts<'a>(defs: &Definitions, file: &'a ClaimFile, asked: &Claims) -> Vec<(&'a Chart, Vec<Drawn<'a>>)> {
    let fits = |cell: &Spanned<String>| {
        let Some(cell) = file.cells.get(cell.get_ref()) else {
            return true;
        };
        let runtime = runtime_of(defs, cell.collector.get_ref());
        asked
            .runtimes
            .as_ref()
            .is_none_or(|wanted| runtime.is_some_and(|runtime| wanted.contains(&runtime)))
    };
    let lines = |chart: &'a Chart| -> Vec<Drawn<'a>> {
        let all = chart
            .lines
            .iter()
            .map(|(name, cells)| (name.as_str(), cells.as_slice()));
        all.filter(|(_, cells)| cells.iter().all(fits)).collect()
    };
    let all = file.charts.iter().map(|chart| (chart, lines(chart)));
    all.filter(|(_, lines)| !lines.is_empty()).collect()
}

fn runtime_of(defs: &Definitions, collector: &str) -> Option<String> {
    let base = collector.split('@').next()?;
    Some(defs.collector(base)?.0.name.clone())
}

/// The cells that a claim reads, its explanation included, each with its row.
fn cells_of<'a>(
    defs: &'a Definitions,
    file: &'a ClaimFile,
    claim: &'a Claim,
) -> Vec<(&'a ClaimFile, &'a str)> {
    let tested = ClaimFile::references(claim)
        .into_iter()
        .map(|place| place.get_ref().as_str());
    let told = claim
        .because
        .iter()
        .flat_map(|text| pieces(text.get_ref()).unwrap_or_default());
    let told = told.filter_map(|piece| match piece {
        Piece::Figure(name) => Some(name),
        Piece::Text(_) => None,
    });
    let mut cells: Vec<(&ClaimFile, &str)> = Vec::new();
    for reference in tested.chain(told).filter_map(Reference::parse) {
        let file = reference.row.map_or(Some(file), |row| defs.claims.get(row));
        if let Some(file) = file
            && !cells
                .iter()
                .any(|(f, name)| f.row.get_ref() == file.row.get_ref() && *name == reference.cell)
        {
            cells.push((file, reference.cell));
        }
    }
    cells
}

/// All cells of the rows, each once.
pub(super) fn wanted_cells<'a>(defs: &'a Definitions, rows: &[Chosen<'a>]) -> Vec<(&'a ClaimFile, &'a str)> {
    let mut all: Vec<(&ClaimFile, &str)> = Vec::new();
    for row in rows {
        let asked = row
            .claims
            .iter()
            .flat_map(|claim| cells_of(defs, row.file, claim));
        let drawn = row
            .charts
            .iter()
            .flat_map(|(_, lines)| lines)
            .flat_map(|(_, cells)| *cells);
        let drawn = drawn.map(|cell| (row.file, cell.get_ref().as_str()));
        for (file, name) in asked.chain(drawn.filter(|(_, name)| !name.is_empty())) {
            if !all
                .iter()
                .any(|(f, n)| f.row.get_ref() == file.row.get_ref() && *n == name)
            {
                all.push((file, name));
            }
        }
    }
    all
}

/// Collectors of the claims that were asked for, each once, those whose source is read included.
pub fn collectors_of_claims(defs: &Definitions, asked: &Claims) -> Result<Vec<String>, PlanError> {
    let mut names: Vec<String> = Vec::new();
    let rows = chosen(defs, asked)?;
    let cells = wanted_cells(defs, &rows).into_iter();
    let measured = cells.map(|(file, cell)| file.cells[cell].collector.get_ref());
    let tours = rows
        .iter()
        .flat_map(|row| row.claims.iter().filter_map(|c| c.tour.as_ref()));
    for name in measured.chain(tours.map(|tour| tour.collector.get_ref())) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    Ok(names)
}
