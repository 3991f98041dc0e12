//! A median with its interval for every metric of a cell.

use std::collections::BTreeMap;

use crate::artifact::analysis::Estimate;
use crate::stats;

use super::admit::Admitted;

const LEVEL: f64 = 0.95;

/// Metric name -> estimate over the runs that have a value for it, in order of rounds.
pub(super) fn estimates(runs: &[Admitted<'_>]) -> BTreeMap<String, Estimate> {
    let mut columns: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for run in runs {
        for (name, value) in &run.values {
            columns.entry(name).or_default().push(*value);
        }
    }
    columns
        .into_iter()
        .filter_map(|(name, values)| Some((name.to_owned(), estimate(values)?)))
        .collect()
}

/// None of no values.
pub(super) fn estimate(values: Vec<f64>) -> Option<Estimate> {
    let bounds = stats::median_interval(&values, LEVEL)?;
    Some(Estimate {
        median: stats::median(&values)?,
        lo: bounds.lo,
        hi: bounds.hi,
        n: u32::try_from(values.len()).unwrap_or(u32::MAX),
        values,
    })
}

/// Median over runs of what `of` reads from each; None where no run has it.
pub(super) fn median_of(runs: &[Admitted<'_>], of: impl Fn(&Admitted<'_>) -> Option<f64>) -> Option<f64> {
    stats::median(&runs.iter().filter_map(of).collect::<Vec<_>>())
}
