//! quiet/r<round>.json: what an idle process saw before a round, while nothing of ours ran.

use serde::{Deserialize, Serialize};

use super::envelope::Body;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    pub round: u32,
    /// Lateness of sleeps of 1 ms, ns: HdrHistogram V2 compressed, base64.
    pub gaps: String,
}

impl Body for Quiet {
    const KIND: &'static str = "quiet";
    const FILE: &'static str = "quiet.json";
    const FORMAT: u32 = 1;
}
