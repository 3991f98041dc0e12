//! view.json: the template's context, dumped beside the page: a wrong number and a wrong page are different bugs.

use serde::{Deserialize, Serialize};

use super::envelope::Body;

/// Everything the page shows, already formatted; charts as plotly traces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct View(pub serde_json::Value);

impl Body for View {
    const KIND: &'static str = "view";
    const FILE: &'static str = "view.json";
    const FORMAT: u32 = 1;
}
