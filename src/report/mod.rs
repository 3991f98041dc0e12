//! The last stage: verdicts, analysis and plan to one self-contained HTML page.
//!
//! [`render`] is pure. It first assembles the view (everything the page says, as text, and the charts as plotly traces), then
//! puts it into the templates: a wrong number is looked for in view.json, a wrong page in templates/.

mod appendix;
mod attribution;
mod axes;
mod caveats;
mod charts;
mod claims;
mod cost;
mod curves;
mod distilled;
mod enough;
pub mod explanation;
mod floor;
pub mod format;
mod growth;
pub mod ledger;
mod minimum;
mod page;
mod palette;
mod precision;
mod section;
mod selftest;
mod source;
mod summary;
mod table;
mod view;

use crate::artifact::analysis::Analysis;
use crate::artifact::calibration::Calibration;
use crate::artifact::plan::Plan;
use crate::artifact::verdict::Verdicts;
use crate::artifact::view::View;

pub use selftest::figure;
pub use source::Beside;

#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("the report's template does not fit its view: {0}")]
    Template(#[from] tera::Error),
    #[error("the view cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the chart library inside crate plotly is not where it is expected")]
    Library,
}

/// The view and its page. Same inputs, same bytes.
///
/// Works with any part missing: a cell without a valid run, a pair without a verdict, an axis without a work all become words
/// where the number would be, and all six axes are there.
///
/// # Errors
/// Only where the program itself is at fault: a template that does not fit, a chart library that is not there.
pub fn render(
    plan: &Plan,
    analysis: &Analysis,
    verdicts: &Verdicts,
    calibration: Option<&Calibration>,
    beside: Beside<'_>,
) -> Result<(View, String), ReportError> {
    render_beside(plan, analysis, verdicts, calibration, beside, "")
}

/// As [`render`], for a page `index-<name>.html` beside the folder's own.
///
/// # Errors
/// As [`render`].
pub fn render_beside(
    plan: &Plan,
    analysis: &Analysis,
    verdicts: &Verdicts,
    calibration: Option<&Calibration>,
    beside: Beside<'_>,
    name: &str,
) -> Result<(View, String), ReportError> {
    let source = source::Source::new(plan, analysis, verdicts, calibration, beside);
    let view = serde_json::to_value(view::page(&source, name))?;
    let html = page::page(&view)?;
    Ok((View(view), html))
}
