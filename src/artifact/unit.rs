//! Integers with their unit in the type. Text formatting is the report's affair, not theirs.

use serde::{Deserialize, Serialize};

/// Nanoseconds: a duration, or a CLOCK_MONOTONIC instant where the field says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ns(pub u64);

/// Bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(pub u64);
