//! Stage prove: the pure half of `gcrucible selftest`. Plans whose outcome is known in advance, and the comparison of what was found with it.
//!
//! Nothing here runs or judges: [`design`] makes plans for the run stage, [`resample`] makes plans and analyses for the judge, the others
//! turn what came back into proofs. Bounds are constants, declared beside what they bound.

pub mod cost;
pub mod design;
pub mod instruments;
pub mod jfr;
pub mod resample;
mod schedule;
pub mod stalls;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;

pub use schedule::arrivals;

/// A histogram as the protocol has it: HdrHistogram V2 compressed, base64.
fn decode(text: &str) -> Result<Histogram<u64>, String> {
    let bytes = STANDARD.decode(text).map_err(|e| e.to_string())?;
    Deserializer::new()
        .deserialize(&mut bytes.as_slice())
        .map_err(|e| format!("{e:?}"))
}
