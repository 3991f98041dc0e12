//! One line of a collector's log with a name for everything in it: `explain --line N`.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A line of a log, taken apart. Ranges are in bytes of the line as it stands; they rise and do not overlap.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NamedLine {
    /// `Go: one collection cycle`.
    pub what: String,
    /// The function whose print statement this is; several where releases or collectors print the same words, none where it is not known.
    pub printed_by: Vec<Source>,
    /// The words and signs that never change, `{}` where a field stands: decorations are left out.
    pub format: String,
    /// What other releases print differently, where that is known.
    pub note: Option<String>,
    pub fields: Vec<Field>,
    /// What stands in the line and is not known.
    pub not_named: Vec<Span>,
}

impl NamedLine {
    /// Has everything in the line a name?
    pub fn is_whole(&self) -> bool {
        self.not_named.is_empty()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// The very words in the line.
    pub text: String,
    pub range: Range<usize>,
    /// `goal`, `heap after`.
    pub name: String,
    /// `ms`, `MiB`, `%`, `regions`; empty for words and bare counts.
    pub unit: String,
    /// The figure in that unit; None for words.
    pub value: Option<Value>,
    pub meaning: String,
    /// The function that computes it, where it is not the one that prints; several as for [`NamedLine::printed_by`].
    pub set_by: Vec<Source>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub text: String,
    pub range: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Whole(i64),
    Real(f64),
}

/// Where in a runtime's source something is done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Source {
    /// `gcMarkTermination`, `SafepointTracing::end`; None where only the file is known.
    pub function: Option<String>,
    /// Go: `runtime/mgc.go`; JVM: below src/hotspot/share, `runtime/safepoint.cpp`.
    pub file: String,
    /// `JDK 17`, where not every release that we know has it there.
    pub release: Option<String>,
}
