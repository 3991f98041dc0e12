//! From a claim in a file to the question that a run is to settle: names become cells of the plan.

use std::collections::BTreeMap;

use toml::Spanned;

use super::chosen::{Chosen, Drawn};
use crate::artifact::definition::claim::{
    Between, Chart, Claim, ClaimFile, Course, FATES, Piece, Reference, pieces,
};
use crate::artifact::ledger::{self, Figure, Question, Row, Test, Words};
use crate::artifact::metric::{Unit, unit};

/// Row and cell to its id in the plan, or why this machine cannot have it.
pub(super) type Ids<'a> = BTreeMap<(&'a str, &'a str), Result<String, String>>;

pub(super) fn row(chosen: &Chosen, rounds: Option<u32>, ids: &Ids) -> Row {
    let file = chosen.file;
    Row {
        name: file.row.get_ref().clone(),
        title: file.title.clone(),
        method: file.method.clone(),
        rounds: rounds.unwrap_or(file.rounds),
        questions: chosen
            .claims
            .iter()
            .map(|claim| question(file, claim, ids))
            .collect(),
        charts: chosen
            .charts
            .iter()
            .map(|(chart, lines)| drawn(file, chart, lines, ids))
            .collect(),
    }
}

fn drawn(file: &ClaimFile, chart: &Chart, lines: &[Drawn], ids: &Ids) -> ledger::Chart {
    let place = |cell: &Spanned<String>| {
        if cell.get_ref().is_empty() {
            return None;
        }
        let figure = figure(
            file,
            &format!("{}.{}", cell.get_ref(), chart.metric.get_ref()),
            ids,
        );
        (!figure.cell.is_empty()).then_some(figure)
    };
    ledger::Chart {
        title: chart.title.get_ref().clone(),
        metric: chart.metric.get_ref().clone(),
        unit: unit(chart.metric.get_ref()).unwrap_or(Unit::Count),
        along: chart.along.clone(),
        at: chart.at.clone(),
        lines: lines
            .iter()
            .map(|(name, cells)| ledger::Line {
                name: (*name).to_owned(),
                figures: cells.iter().map(place).collect(),
            })
            .collect(),
    }
}

fn question(file: &ClaimFile, claim: &Claim, ids: &Ids) -> Question {
    let figure = |text: &str| figure(file, text, ids);
    let test = match (&claim.between, &claim.course, &claim.tour) {
        (
            Some(Between {
                value,
                over,
                at_least,
                at_most,
                in_every_run,
            }),
            ..,
        ) => Test::Between {
            value: figure(value.get_ref()),
            over: over.as_ref().map(|over| figure(over.get_ref())),
            at_least: *at_least,
            at_most: *at_most,
            in_every_run: *in_every_run,
        },
        (None, Some(Course { along, goes }), _) => Test::Course {
            along: along.iter().map(|text| figure(text.get_ref())).collect(),
            goes: *goes,
        },
        (None, None, Some(tour)) => Test::Tour {
            collector: tour.collector.get_ref().clone(),
            file: tour.file.clone(),
            finds: tour.finds.clone(),
            seen: None,
        },
        // `define` has refused it.
        (None, None, None) => Test::Course {
            along: Vec::new(),
            goes: crate::artifact::definition::claim::Direction::Up,
        },
    };
    let unfit = ClaimFile::references(claim).into_iter().find_map(|place| {
        let reference = Reference::parse(place.get_ref())?;
        let row = reference.row.unwrap_or(file.row.get_ref());
        ids.get(&(row, reference.cell))?.as_ref().err().cloned()
    });
    let because = claim
        .because
        .as_ref()
        .map_or(Vec::new(), |text| pieces(text.get_ref()).unwrap_or_default());
    Question {
        id: claim.id.get_ref().clone(),
        says: claim.says.clone(),
        test,
        because: because
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => Words::Text(text.to_owned()),
                Piece::Figure(text) => Words::Figure(figure(text)),
            })
            .collect(),
        inapplicable: claim.inapplicable.clone(),
        unfit,
    }
}

/// What a reference stands for; `define` has seen that it stands for something.
fn figure(file: &ClaimFile, text: &str, ids: &Ids) -> Figure {
    let found = Reference::parse(text);
    let (row, name, metric_name) = found.map_or((None, "", ""), |r| (r.row, r.cell, r.metric));
    let row = row.unwrap_or(file.row.get_ref());
    Figure {
        name: if row == file.row.get_ref() {
            name.to_owned()
        } else {
            format!("{row}/{name}")
        },
        cell: match ids.get(&(row, name)) {
            Some(Ok(id)) => id.clone(),
            _ => String::new(),
        },
        metric: metric_name.to_owned(),
        unit: unit(metric_name).unwrap_or_else(|| {
            debug_assert!(FATES.contains(&metric_name), "{metric_name}");
            Unit::Count
        }),
    }
}
