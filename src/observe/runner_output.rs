//! What a runner answers on stdout (docs/PROTOCOL.md). Strict: a key that nobody knows is a fault, and so is a value that does not read.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::lines::{End, Lines};
use super::ticks::{self, Told};
use crate::artifact::metric::{VALUE, is_value};
use crate::artifact::observation::{Bucket, Probe, Progress, Slowest};
use crate::artifact::unit::{Bytes, Ns};

/// As much of the answer as there is: a process that dies on the way leaves its marks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    pub runtime: String,
    pub version: String,
    /// start, setup, warmup, begin, end, drop, return, rest.
    pub marks: BTreeMap<String, Ns>,
    pub ops: Option<u64>,
    pub requested: Option<Bytes>,
    pub live: Option<Bytes>,
    pub checksum: Option<String>,
    pub before: Side,
    pub after: Side,
    pub rest_used: Option<Bytes>,
    pub rest_committed: Option<Bytes>,
    /// In order of time: just before the window, inside it, just after it.
    pub ticks: Vec<Told>,
    pub epochs: Vec<HeapAtEpoch>,
    /// Sizes double from 1 MiB, and only the last may have failed.
    pub probes: Vec<Probe>,
    /// What the workload measured itself, by name; finite.
    pub values: BTreeMap<String, f64>,
    /// response, service, watcher.
    pub histograms: BTreeMap<String, String>,
    /// Each slice's slowest request, in order of time and inside the window.
    pub slowest: Vec<Slowest>,
    /// How long blocks of operations took: as many of every thread, and together no longer than the window.
    pub progress: Option<Progress>,
    /// What the runner says about an invariant that broke.
    pub error: Option<String>,
    /// The last line was reached.
    pub done: bool,
    /// The first fault, `3: unknown key `foo``; what follows it was read all the same.
    pub fault: Option<String>,
}

/// The runtime's own figures on one side of the window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Side {
    pub counters: BTreeMap<String, u64>,
    pub buckets: BTreeMap<String, Vec<Bucket>>,
}

/// `index,t_ns,live_bytes,heap_used,heap_committed,heap_held,waste`; the last two may be empty, and older runners have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeapAtEpoch {
    pub index: u32,
    pub at: Ns,
    pub live: Bytes,
    pub used: Bytes,
    pub committed: Bytes,
    pub held: Option<Bytes>,
    pub waste: Option<Bytes>,
}

const MARKS: &[&str] = &[
    "start", "setup", "warmup", "begin", "end", "drop", "return", "rest",
];
const HOLDS: &[&str] = &["setup", "end", "return", "rest"];
/// Of each: what a request may ask for, and what a runner may answer.
const MOST_THREADS: usize = 256;
const MOST_BLOCKS: usize = 256;
/// What is asked for first.
const LEAST_PROBE: u64 = 1 << 20;
const HISTOGRAMS: &[&str] = &["response", "service", "watcher"];
/// Those without the prefix of a runtime.
const COUNTERS: &[&str] = &[
    "cpu_ns",
    "alloc_bytes",
    "gc_cycles",
    "heap_used",
    "heap_committed",
    "gc_cpu_ns",
];

pub fn read(input: impl BufRead) -> io::Result<Response> {
    let mut response = Response::default();
    let mut lines = Lines::new(input);
    while let Some(line) = lines.next_line()? {
        if line.text.is_empty() {
            continue;
        }
        let taken = match line.text.split_once('=') {
            _ if line.end != End::Newline => Err("is cut".to_owned()),
            None => Err(format!("`{}` is not key=value", shortened(line.text))),
            Some(_) if response.done => Err("comes after done=1".to_owned()),
            Some((key, value)) => response.take(key, value),
        };
        if let Err(fault) = taken {
            response
                .fault
                .get_or_insert_with(|| format!("{}: {fault}", line.number));
        }
    }
    Ok(response)
}

impl Response {
    fn take(&mut self, key: &str, value: &str) -> Result<(), String> {
        let bad = |wanted: &str| format!("`{key}={}`: expected {wanted}", shortened(value));
        let number = || value.parse::<u64>().map_err(|_| bad("a whole number"));
        let unknown = || format!("unknown key `{}`", shortened(key));
        if let Some(name) = key.strip_prefix("mark.") {
            self.marks
                .insert(known(name, MARKS).ok_or_else(unknown)?, Ns(number()?));
        } else if let Some(name) = key.strip_prefix("before.") {
            self.before.take(name, value)?.then_some(()).ok_or_else(unknown)?;
        } else if let Some(name) = key.strip_prefix("after.") {
            self.after.take(name, value)?.then_some(()).ok_or_else(unknown)?;
        } else if let Some(name) = key.strip_prefix(VALUE) {
            let named = is_value(name).then(|| name.to_owned()).ok_or_else(unknown)?;
            let read = value.parse().ok().filter(|v: &f64| v.is_finite());
            if value.is_empty() {
                return Ok(()); // this runtime does not tell
            }
            if self
                .values
                .insert(named, read.ok_or_else(|| bad("a number, or nothing"))?)
                .is_some()
            {
                return Err(format!("`{key}` is given twice"));
            }
        } else if let Some(name) = key.strip_prefix("hist.") {
            let name = known(name, HISTOGRAMS).ok_or_else(unknown)?;
            check_histogram(value).map_err(|e| format!("`{key}`: {e}"))?;
            self.histograms.insert(name, value.to_owned());
        } else {
            match key {
                "protocol" if value == "1" => {}
                "protocol" => return Err(bad("version 1")),
                "runtime" => self.runtime = value.to_owned(),
                "version" => self.version = value.to_owned(),
                "hold" if HOLDS.contains(&value) => {}
                "hold" => return Err(bad("setup, end, return or rest")),
                "ops" => self.ops = Some(number()?),
                "requested_bytes" => self.requested = Some(Bytes(number()?)),
                "live_bytes" => self.live = Some(Bytes(number()?)),
                "checksum" if is_checksum(value) => self.checksum = Some(value.to_owned()),
                "checksum" => return Err(bad("16 hex digits")),
                "rest.heap_used" => self.rest_used = Some(Bytes(number()?)),
                "rest.heap_committed" => self.rest_committed = Some(Bytes(number()?)),
                "ticks" if !self.ticks.is_empty() => return Err("`ticks`: is given twice".to_owned()),
                "ticks" => {
                    self.ticks = ticks::read(value, &self.marks).map_err(|e| format!("`ticks`: {e}"))?
                }
                "epoch" => {
                    self.epochs.push(epoch(value).ok_or_else(|| {
                        bad("index,t_ns,live_bytes,heap_used,heap_committed,heap_held,waste")
                    })?)
                }
                "probe" => self.probes = self.probes(value).map_err(|e| format!("`probe`: {e}"))?,
                "slowest" => self.slowest = self.slowest(value).map_err(|e| format!("`slowest`: {e}"))?,
                "progress" => {
                    self.progress = Some(self.progress(value).map_err(|e| format!("`progress`: {e}"))?);
                }
                "error" => self.error = Some(value.to_owned()),
                "done" if value == "1" => self.done = true,
                "done" => return Err(bad("1")),
                _ => return Err(unknown()),
            }
        }
        Ok(())
    }

    /// `bytes:ns;bytes:ns;...;bytes:failed`.
    fn probes(&self, value: &str) -> Result<Vec<Probe>, String> {
        if !self.probes.is_empty() {
            return Err("is given twice".to_owned());
        }
        let mut all: Vec<Probe> = Vec::new();
        for entry in value.split(';') {
            let bad = |what: &str| format!("`{}` {what}", shortened(entry));
            let read = probe(entry).ok_or_else(|| bad("is not bytes:ns or bytes:failed"))?;
            if all.last().is_some_and(|before| before.took.is_none()) {
                return Err(bad("comes after one that failed"));
            }
            let due = all.last().map_or(Some(LEAST_PROBE), |b| b.bytes.0.checked_mul(2));
            if due != Some(read.bytes.0) {
                return Err(bad("is not twice the one before it, from 1 MiB on"));
            }
            all.push(read);
        }
        Ok(all)
    }

    /// `intended:response;...`, or nothing at all. The runner has told the window's ends before.
    fn slowest(&self, value: &str) -> Result<Vec<Slowest>, String> {
        let ends = self.marks.get("begin").zip(self.marks.get("end"));
        let (begin, end) = ends.ok_or("comes before mark.begin and mark.end")?;
        let mut all: Vec<Slowest> = Vec::new();
        for entry in value.split(';').filter(|e| !e.is_empty()) {
            let bad = |what: &str| format!("`{}` {what}", shortened(entry));
            let read = slow_request(entry).ok_or_else(|| bad("is not intended:response"))?;
            if all.last().is_some_and(|before| before.intended >= read.intended) {
                return Err(bad("is not later than the one before it"));
            }
            let ended = read.intended.0.checked_add(read.response.0);
            if read.intended < *begin || ended.is_none_or(|ended| ended > end.0) {
                return Err(bad("is not inside the window"));
            }
            all.push(read);
        }
        Ok(all)
    }

    /// `block:d,d,...;d,d,...`, a series a thread. The runner has told the window's ends and the operations before.
    fn progress(&self, value: &str) -> Result<Progress, String> {
        let ends = self.marks.get("begin").zip(self.marks.get("end"));
        let (begin, end) = ends.ok_or("comes before mark.begin and mark.end")?;
        let ops = self.ops.ok_or("comes before ops")?;
        if self.progress.is_some() {
            return Err("is given twice".to_owned());
        }
        let malformed = || format!("`{}` is not block:duration,...;duration,...", shortened(value));
        let (block, series) = value.split_once(':').ok_or_else(malformed)?;
        let block: u64 = block.parse().ok().filter(|b| *b > 0).ok_or_else(malformed)?;
        let threads: Vec<Vec<u64>> = series
            .split(';')
            .take(MOST_THREADS + 1)
            .map(|thread| numbers(thread, MOST_BLOCKS))
            .collect::<Option<_>>()
            .filter(|threads: &Vec<_>| threads.len() <= MOST_THREADS)
            .ok_or_else(malformed)?;
        let each = ops / threads.len() as u64;
        if threads
            .iter()
            .any(|blocks| blocks.len() as u64 != each.div_ceil(block))
        {
            return Err(format!(
                "has not the {} blocks of {each} operations",
                each.div_ceil(block)
            ));
        }
        let window = end.0.saturating_sub(begin.0);
        let lasted = |blocks: &Vec<u64>| blocks.iter().fold(0, |sum: u64, d| sum.saturating_add(*d));
        if threads.iter().any(|blocks| lasted(blocks) > window) {
            return Err("has blocks that are longer than the window together".to_owned());
        }
        let in_ns = |blocks: Vec<u64>| blocks.into_iter().map(Ns).collect();
        Ok(Progress {
            block,
            threads: threads.into_iter().map(in_ns).collect(),
        })
    }
}

/// Integers between commas, `of` at most.
fn numbers(text: &str, of: usize) -> Option<Vec<u64>> {
    let read: Option<Vec<u64>> = text.split(',').take(of + 1).map(|n| n.parse().ok()).collect();
    read.filter(|numbers| numbers.len() <= of)
}

impl Side {
    /// False for a name that nobody knows.
    fn take(&mut self, name: &str, value: &str) -> Result<bool, String> {
        if let Some(name) = name.strip_prefix("buckets.") {
            let read = buckets(value).ok_or_else(|| format!("`buckets.{name}` is not lo:hi:count;..."))?;
            self.buckets.insert(name.to_owned(), read);
            return Ok(true);
        }
        let of_a_runtime = name
            .split_once('.')
            .is_some_and(|(runtime, rest)| !runtime.is_empty() && !rest.is_empty());
        if !of_a_runtime && !COUNTERS.contains(&name) {
            return Ok(false);
        }
        let read = value
            .parse()
            .map_err(|_| format!("`{name}={}`: expected a whole number", shortened(value)))?;
        self.counters.insert(name.to_owned(), read);
        Ok(true)
    }
}

fn known(name: &str, table: &[&str]) -> Option<String> {
    table.contains(&name).then(|| name.to_owned())
}

fn is_checksum(value: &str) -> bool {
    value.len() == 16 && value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn epoch(value: &str) -> Option<HeapAtEpoch> {
    let fields: Vec<&str> = value.split(',').collect();
    let (told, [held, waste]) = match fields[..] {
        [ref told @ .., held, waste] if told.len() == 5 => (told, [held, waste]),
        ref told => (told, ["", ""]),
    };
    let numbers: Option<Vec<u64>> = told.iter().map(|f| f.parse().ok()).collect();
    let [index, at, live, used, committed] = numbers?[..] else {
        return None;
    };
    let or_empty = |field: &str| match field {
        "" => Some(None),
        field => field.parse().ok().map(|bytes| Some(Bytes(bytes))),
    };
    Some(HeapAtEpoch {
        index: index.try_into().ok()?,
        at: Ns(at),
        live: Bytes(live),
        used: Bytes(used),
        committed: Bytes(committed),
        held: or_empty(held)?,
        waste: or_empty(waste)?,
    })
}

fn probe(entry: &str) -> Option<Probe> {
    let (bytes, took) = entry.split_once(':')?;
    Some(Probe {
        bytes: Bytes(bytes.parse().ok()?),
        took: match took {
            "failed" => None,
            took => Some(Ns(took.parse().ok()?)),
        },
    })
}

fn slow_request(entry: &str) -> Option<Slowest> {
    let (intended, response) = entry.split_once(':')?;
    Some(Slowest {
        intended: Ns(intended.parse().ok()?),
        response: Ns(response.parse().ok()?),
    })
}

/// `lo:hi:count;lo:hi:count`, or nothing at all.
fn buckets(value: &str) -> Option<Vec<Bucket>> {
    let bucket = |text: &str| {
        let fields: Option<Vec<u64>> = text.split(':').map(|f| f.parse().ok()).collect();
        let [lo, hi, count] = fields?[..] else { return None };
        (lo <= hi).then_some(Bucket {
            lo: Ns(lo),
            hi: Ns(hi),
            count,
        })
    };
    value.split(';').filter(|b| !b.is_empty()).map(bucket).collect()
}

/// Is it a histogram? The text is kept, not the counts: it is what any HDR tool reads.
pub fn check_histogram(text: &str) -> Result<(), String> {
    let bytes = STANDARD.decode(text).map_err(|e| format!("is not base64: {e}"))?;
    hdrhistogram::serialization::Deserializer::new()
        .deserialize::<u64, _>(&mut bytes.as_slice())
        .map(drop)
        .map_err(|e| format!("is not an HdrHistogram V2: {e:?}"))
}

/// Enough of somebody else's text for a message.
fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    short
}
