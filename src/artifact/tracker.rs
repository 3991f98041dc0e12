//! tracker.csv: one row a second of each measured run, the same columns for every runtime. All are differences over that second alone, never of
//! a run so far; an empty field is "not told".

use std::path::Path;

use serde::Serialize;

use super::sample::{SampleError, write_below};

/// What one second of a run was. Seconds lie between two looks of the runner at its accounts: the last one of a run is shorter, and one in which all threads stood
/// still may be longer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Second {
    pub cell: String,
    pub invocation: String,
    pub second: usize,
    pub length_ns: u64,
    pub live_bytes: Option<u64>,
    pub heap_bytes: Option<u64>,
    pub alloc_bytes_per_s: u64,
    pub freed_bytes_per_s: Option<i64>,
    pub pauses: Option<usize>,
    pub pause_p99_ns: Option<u64>,
    pub gc_cpu_ns: Option<u64>,
    pub gc_cpu_share: Option<f64>,
    pub rss_bytes: Option<u64>,
}

/// The columns in their order, each with what it is.
pub const COLUMNS: [(&str, &str); 13] = [
    ("cell", "work and collector"),
    ("invocation", "the process"),
    ("second", "counted from 0, the begin of the window"),
    (
        "length_ns",
        "how long it was: the runner looks when a second is over or as soon after it as its thread runs, and once more when the window has ended",
    ),
    (
        "live_bytes",
        "heap in use after the last collection that ended inside the window and by the end of this second: what lived then, and what that collection did not look at",
    ),
    (
        "heap_bytes",
        "heap in use at its end, dead objects included; blank for Rust, whose allocators would have to be asked under their locks",
    ),
    ("alloc_bytes_per_s", "allocated in it, over its length"),
    (
        "freed_bytes_per_s",
        "allocated less what the heap in use grew by, over its length. A JVM counts a buffer or a whole region as used before objects are in it, so that a second without a collection may come out below 0",
    ),
    (
        "pauses",
        "stop-the-world pauses of the collector that ended in it, as its log places them (Go: to a few ms)",
    ),
    (
        "pause_p99_ns",
        "their 99th percentile by nearest rank: of fewer than 100 it is the longest",
    ),
    (
        "gc_cpu_ns",
        "CPU of the collector in it. JVM: its threads, looked at once a second from outside; Go: the log's CPU of each cycle, without idle marking, spread over the cycle's length",
    ),
    (
        "gc_cpu_share",
        "gc_cpu_ns over the CPU of the whole process in it (a JVM tells that to 10 ms)",
    ),
    ("rss_bytes", "resident memory sampled last before its end"),
];

/// Rows of tracker.csv as text. `path` is where they will go, for errors.
pub fn rows(path: &Path, seconds: &[Second]) -> Result<Vec<u8>, SampleError> {
    super::sample::rows(path, seconds)
}

/// Rows that [`rows`] made, below their header, which is there without any row, too.
pub fn write_rows<'a>(path: &Path, rows: impl IntoIterator<Item = &'a [u8]>) -> Result<(), SampleError> {
    let names = COLUMNS.map(|(name, _)| name).join(",") + "\n";
    write_below(path, names.into_bytes(), rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_columns_of_the_header_and_blanks_for_what_is_not_told() {
        let second = Second {
            cell: "w/c".into(),
            invocation: "r1".into(),
            second: 3,
            length_ns: 1_000_000_000,
            live_bytes: None,
            heap_bytes: Some(20),
            alloc_bytes_per_s: 30,
            freed_bytes_per_s: Some(-40),
            pauses: Some(0),
            pause_p99_ns: None,
            gc_cpu_ns: Some(50),
            gc_cpu_share: Some(0.25),
            rss_bytes: Some(60),
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tracker.csv");
        let text = rows(&path, std::slice::from_ref(&second)).unwrap();
        assert_eq!(
            String::from_utf8(text.clone()).unwrap(),
            "w/c,r1,3,1000000000,,20,30,-40,0,,50,0.25,60\n"
        );
        // The names of the columns are those of the fields.
        let named = serde_json::to_string(&second).unwrap();
        let places: Vec<_> = COLUMNS
            .map(|(name, _)| named.find(&format!("\"{name}\":")))
            .into();
        assert!(places.is_sorted() && !places.contains(&None), "{named}");
        write_rows(&path, [text.as_slice(), &[]]).unwrap();
        let written = std::fs::read_to_string(&path).unwrap();
        assert!(written.starts_with("cell,invocation,second,length_ns,live_bytes,heap_bytes,"));
        assert_eq!(written.lines().count(), 2);
        write_rows(&path, []).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 1);
    }
}
