//! What the latest claims of the machine came to, as copied into the run's folder.

use serde::Serialize;
use serde_json::Value;

use crate::artifact::settled::Settled;

/// The section of a report.
#[derive(Clone, Debug, Serialize)]
pub struct Told {
    sentence: String,
    /// As on the page of claims; None where none were tested here.
    view: Option<Value>,
}

pub fn told(settled: Option<&Settled>) -> Told {
    let Some(settled) = settled else {
        return Told {
            sentence: "No claims were tested on this machine yet: gcrucible claims.".to_owned(),
            view: None,
        };
    };
    let text = |key: &str| settled.view[key].as_str().unwrap_or_default();
    let untrusted = match settled.view["untrusted"].as_array() {
        Some(doubts) if !doubts.is_empty() => " That run was not to be trusted; its page says why.",
        _ => "",
    };
    Told {
        sentence: format!(
            "{}, in the run {} of {}, the latest of this machine before this one: by processes of its own, and not by the figures above.{untrusted}",
            text("tally"),
            settled.folder,
            text("started"),
        ),
        view: Some(settled.view.clone()),
    }
}
