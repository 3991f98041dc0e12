//! How the series of a family are taken from a [`Snapshot`].

use super::board::{Current, Latest, Pauses, Snapshot, Totals};
use crate::artifact::plan::Purpose;
use crate::artifact::unit::Ns;
use crate::artifact::usage::Usage;

/// One series.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Values of [`super::catalog::Exposed::labels`], in their order.
    pub labels: Vec<String>,
    pub value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Count(u64),
    Number(f64),
    Pauses(Pauses),
    Info,
}

pub(super) fn point<const N: usize>(labels: [&String; N], value: Value) -> Point {
    Point {
        labels: labels.map(String::clone).to_vec(),
        value,
    }
}

pub(super) fn seconds(ns: Ns) -> f64 {
    ns.0 as f64 / 1e9
}

pub(super) fn current(c: &Current) -> Point {
    let purpose = match c.purpose {
        Purpose::Calibrate => "calibrate",
        Purpose::Measure => "measure",
    };
    let (mode, round) = (c.mode.id().to_owned(), c.round.to_string());
    point(
        [
            &c.cell,
            &c.workload,
            &c.collector,
            &c.runtime,
            &mode,
            &round,
            &purpose.to_owned(),
        ],
        Value::Info,
    )
}

/// Of each collector, one series a kind.
pub(super) fn used(s: &Snapshot, of: impl Fn(&Usage) -> Vec<(&'static str, Value)>) -> Vec<Point> {
    let collectors = s.told.collectors.iter();
    collectors
        .flat_map(|(name, totals)| {
            of(&totals.used)
                .into_iter()
                .map(|(kind, value)| point([name, &kind.to_owned()], value))
        })
        .collect()
}

/// Of each collector that has one.
pub(super) fn told(s: &Snapshot, of: impl Fn(&Totals) -> Option<Value>) -> Vec<Point> {
    let collectors = s.told.collectors.iter();
    collectors
        .filter_map(|(name, totals)| Some(point([name], of(totals)?)))
        .collect()
}

pub(super) fn response((cell, latest): (&String, &Latest)) -> Vec<Point> {
    let quantiles = latest.response.iter();
    quantiles
        .map(|(quantile, ns)| {
            let labels = [cell, &latest.collector, &quantile.to_string()];
            point(labels, Value::Number(ns / 1e9))
        })
        .collect()
}
