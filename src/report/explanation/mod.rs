//! What a log tells, for people: text for terminals, JSON with the same words, and one page.

mod figures;
mod line;
mod page;
mod text;
mod words;

use serde_json::{Value, json};

use super::ReportError;
use crate::artifact::Body;
use crate::artifact::explanation::Explanation;

pub use line::named;
pub use page::page;
pub use text::text;

/// The artifact, with each finding's words beside its facts.
///
/// # Errors
/// Where the explanation cannot be written as JSON.
pub fn json(explanation: &Explanation) -> Result<Value, ReportError> {
    let mut body = serde_json::to_value(explanation)?;
    if let Some(findings) = body["findings"].as_array_mut() {
        for (value, finding) in findings.iter_mut().zip(&explanation.findings) {
            value["name"] = json!(finding.fault.name());
            value["words"] = json!(words::facts(&finding.fault));
            value["consequence"] = json!(words::consequence(&finding.fault));
        }
    }
    Ok(json!({ "kind": Explanation::KIND, "format": Explanation::FORMAT, "parents": {}, "body": body }))
}
