//! Requests for live metrics that were answered beside the processes of a run.

use serde::Deserialize;

use super::{ObserveError, read_csv};
use crate::artifact::RunDir;
use crate::artifact::analysis::Scraped;
use crate::artifact::plan::Plan;
use crate::artifact::unit::Ns;

/// A line of scrapes.csv.
#[derive(Deserialize)]
struct Row {
    cpu_ns: u64,
}

/// Over all processes of the plan; None where nobody asked.
pub fn scraped(plan: &Plan, dir: &RunDir) -> Result<Option<Scraped>, ObserveError> {
    let mut all = Scraped::default();
    for invocation in &plan.invocations {
        let rows: Vec<Row> = read_csv(&dir.raw(&invocation.id).scrapes())?;
        all.processes += u64::from(!rows.is_empty());
        all.scrapes += rows.len() as u64;
        all.cpu = rows
            .iter()
            .fold(all.cpu, |sum, row| Ns(sum.0.saturating_add(row.cpu_ns)));
    }
    Ok((all.scrapes > 0).then_some(all))
}
