//! settled.json: what the latest claims of this machine came to, as it stood when a run began.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::envelope::Body;

/// What that run's page said, copied into the folder of this one: a report shows it beside its own figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settled {
    /// The name of the folder that has the evidence.
    pub folder: String,
    /// Its view.json.
    pub view: Value,
}

impl Body for Settled {
    const KIND: &'static str = "settled";
    const FILE: &'static str = "settled.json";
    const FORMAT: u32 = 1;
}
