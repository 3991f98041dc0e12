//! What the driver asks for.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

use crate::mutator::{IN_A_ROW, OF_EACH};

/// A request, checked. The first complaint is kept, so that workloads can take their parameters one after the other.
#[derive(Debug, Default)]
pub struct Request {
    pub workload: String,
    pub open: bool,
    pub threads: usize,
    pub seed: u64,
    pub warmup_ops: u64,
    pub ops: u64,
    pub rate: u64, // per second, all threads; 0 in closed loop
    pub record: bool,
    pub skip: u64,       // closed loop: operations left out after each few that are recorded
    pub alternate: bool, // record two of each four stretches of operations
    pub drag: u64,       // closed loop: spin after each operation for so many thousandths of its own duration
    pub return_ms: u64,
    pub force: bool, // fragment: collect before the heap is looked at after an epoch
    pub probe: u64,  // fragment: the largest block to ask for after the last epoch; 0: none

    values: BTreeMap<String, String>,
    taken: BTreeSet<String>,
    complaint: Option<String>,
    pub cannot: bool, // the complaint is of this machine or this runtime, not of the request
}

impl Request {
    /// Reads key=value lines up to the line "run". Parameters of the workload (p.*) are taken later, by the workload;
    /// `leftover` then reports those that nobody took.
    pub fn parse(input: &mut dyn BufRead) -> Result<Request, String> {
        let mut r = Request {
            values: read_values(input)?,
            ..Request::default()
        };
        r.number("protocol", 1, 1);
        r.workload = r.text("workload");
        r.open = r.choice("mode", &["closed", "open"]) == "open";
        r.threads = r.number("threads", 1, 256) as usize;
        r.seed = r.number("seed", 0, u64::MAX);
        r.warmup_ops = r.number("warmup_ops", 0, 1 << 40);
        r.ops = r.number("ops", 1, 1 << 31);
        let record = r.optional("record", 1, 2);
        r.record = record > 0;
        if record == 2 {
            r.skip = OF_EACH - IN_A_ROW;
        }
        r.alternate = r.optional("alternate", 0, 1) == 1;
        r.drag = r.optional("drag_permille", 0, 10_000);
        if r.drag > 0 && (r.open || record != 1 || r.alternate) {
            r.fail(
                "drag_permille",
                "is for mode=closed with record=1 and alternate=0 only",
            );
        }
        r.return_ms = r.optional("return_ms", 0, 3_600_000);
        r.force = r.optional("force", 1, 1) == 1;
        r.probe = r.optional("probe_bytes", 0, 1 << 30);
        if r.open {
            r.rate = r.number("rate", 1, 1_000_000_000);
            if r.skip > 0 {
                r.fail("record", "can be 2 in closed loop only");
            }
            if r.alternate {
                r.fail("alternate", "is for mode=closed only");
            }
        } else if r.optional("rate", 0, 1_000_000_000) > 0 {
            r.fail("rate", "is for mode=open only");
        }
        match r.complaint.take() {
            Some(complaint) => Err(complaint),
            None => Ok(r),
        }
    }

    /// Takes the workload's parameter p.<name>, a number in [lo, hi].
    pub fn param(&mut self, name: &str, lo: u64, hi: u64) -> u64 {
        self.number(&format!("p.{name}"), lo, hi)
    }

    /// Takes the workload's parameter p.<name>, one of choices.
    pub fn word(&mut self, name: &str, choices: &[&'static str]) -> &'static str {
        self.choice(&format!("p.{name}"), choices)
    }

    /// Is the runtime to be asked, after the load dropped, to give memory back?
    pub fn asks(&mut self) -> bool {
        self.word("give_back", &["wait", "ask"]) == "ask"
    }

    /// One thread's part of p.live_bytes. It has room for less than 2^31 objects of the smallest payload, so that
    /// `below` can choose among them.
    pub fn share(&mut self, smallest: u64) -> u64 {
        let threads = self.threads as u64;
        let most = threads.saturating_mul(smallest).saturating_mul((1 << 31) - 1);
        self.param("live_bytes", 1 << 16, most.min(1 << 44)) / threads
    }

    /// Returns the first complaint; a key that nobody took is one.
    pub fn leftover(&mut self) -> Result<(), String> {
        let unknown = self.values.keys().find(|key| !self.taken.contains(*key)).cloned();
        if let Some(key) = unknown {
            let complaint = format!("unknown to {}", self.workload);
            self.fail(&key, &complaint);
        }
        self.complaint.take().map_or(Ok(()), Err)
    }

    pub fn fail(&mut self, key: &str, complaint: &str) {
        self.complaint
            .get_or_insert_with(|| format!("{key}: {complaint}"));
    }

    /// Complains of what this machine or this runtime cannot do, though the request is right.
    pub fn unable(&mut self, key: &str, complaint: &str) {
        self.cannot |= self.complaint.is_none();
        self.fail(key, complaint);
    }

    fn text(&mut self, key: &str) -> String {
        self.taken.insert(key.to_string());
        let value = self.values.get(key).cloned();
        value.unwrap_or_else(|| {
            self.fail(key, "is missing");
            String::new()
        })
    }

    fn number(&mut self, key: &str, lo: u64, hi: u64) -> u64 {
        let text = self.text(key);
        // u64's own parser would take a plus sign.
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        match text.parse() {
            Ok(n) if digits && (lo..=hi).contains(&n) => n,
            _ => {
                self.fail(key, &format!("must be a whole number from {lo} to {hi}"));
                lo
            }
        }
    }

    fn optional(&mut self, key: &str, absent: u64, hi: u64) -> u64 {
        if self.values.contains_key(key) {
            self.number(key, 0, hi)
        } else {
            absent
        }
    }

    fn choice(&mut self, key: &str, choices: &[&'static str]) -> &'static str {
        let value = self.text(key);
        choices
            .iter()
            .copied()
            .find(|choice| *choice == value)
            .unwrap_or_else(|| {
                self.fail(key, &format!("must be one of {}", choices.join(", ")));
                choices[0]
            })
    }
}

fn read_values(input: &mut dyn BufRead) -> Result<BTreeMap<String, String>, String> {
    let mut values = BTreeMap::new();
    let mut line = String::new();
    loop {
        line.clear();
        let read = input
            .read_line(&mut line)
            .map_err(|error| format!("run: stdin: {error}"))?;
        let text = line.trim();
        if text == "run" {
            return Ok(values);
        }
        if read == 0 {
            return Err("run: the request ended without this line".into());
        }
        if text.is_empty() {
            continue;
        }
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| format!("{text}: not key=value"))?;
        if values.contains_key(key) {
            return Err(format!("{key}: given twice"));
        }
        if value.is_empty() {
            return Err(format!("{key}: has no value"));
        }
        values.insert(key.to_string(), value.to_string());
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::registry::construct;
    use crate::workload::Workload;

    const HEAD: [&str; 6] = [
        "protocol=1",
        "mode=closed",
        "threads=2",
        "seed=42",
        "warmup_ops=5",
        "ops=20",
    ];

    /// Parameters of each workload, small enough for a test.
    const PARAMETERS: [(&str, &str); 9] = [
        (
            "churn",
            "p.live_bytes=4194304 p.size_min=32 p.size_max=512 p.pointers=4 p.blocks_per_op=8 \
             p.young_slots=64 p.survival_permille=100 p.lifetime=random",
        ),
        (
            "graph",
            "p.live_bytes=262144 p.walk_steps=16 p.mutations=4 p.replacements=8",
        ),
        ("slices", "p.live_bytes=4194304 p.layout=pointers p.updates=64"),
        (
            "cache",
            "p.live_bytes=4194304 p.value_min=128 p.value_max=512 p.update_permille=100 \
             p.requests_per_op=2 p.eviction=oldest",
        ),
        ("trees", "p.live_bytes=4194304 p.depth=8 p.retain_permille=300"),
        (
            "fragment",
            "p.live_bytes=1048576 p.size_base=64 p.size_limit=1024 p.shape=growing p.keep_permille=50 \
             p.garbage_percent=50 p.layout=random p.contents=bytes p.handoff=0 p.give_back=wait",
        ),
        (
            "stacks",
            "p.live_bytes=4194304 p.sleepers=21 p.depth=8 p.kind=light p.piece_bytes=256 p.pieces_per_op=8 \
             p.young_slots=64 p.wake_every=4",
        ),
        (
            "pooling",
            "p.live_bytes=1048576 p.kind=fresh p.buffer_bytes=4096 p.calls_per_op=8",
        ),
        ("recording", "p.path=closed p.times=100"),
    ];

    /// A request for a workload in which changes (key=value, or key= to leave it out) have been made.
    pub fn request_for(workload: &str, changes: &[&str]) -> String {
        let named = format!("workload={workload}");
        let parameters = PARAMETERS
            .iter()
            .find(|(name, _)| *name == workload)
            .map_or("", |p| p.1);
        let mut lines: Vec<&str> = vec![&named];
        lines.extend(HEAD);
        lines.extend(parameters.split_whitespace());
        for change in changes {
            let (key, value) = change.split_once('=').unwrap();
            let at = lines
                .iter()
                .position(|line| line.split_once('=').unwrap().0 == key);
            match (at, value) {
                (None, _) => lines.push(change),
                (Some(at), "") => drop(lines.remove(at)),
                (Some(at), _) => lines[at] = change,
            }
        }
        lines.join("\n") + "\nrun\n"
    }

    pub fn parse(text: &str) -> Result<(Request, Vec<Box<dyn Workload>>), String> {
        let mut request = Request::parse(&mut text.as_bytes())?;
        let works = construct(&mut request)?;
        Ok((request, works))
    }

    #[test]
    fn a_request_is_read_in_full() {
        let text = request_for(
            "churn",
            &["mode=open", "rate=1000", "record=0", "seed=18446744073709551615"],
        );
        let (r, works) = parse(&text).unwrap();
        assert!(r.open && !r.record, "{r:?}");
        assert_eq!(
            (r.threads, r.seed, r.warmup_ops, r.ops, r.rate),
            (2, u64::MAX, 5, 20, 1000)
        );
        assert_eq!(works.len(), 2);
    }

    #[test]
    fn a_wrong_request_names_the_key() {
        for (workload, change, key) in [
            ("churn", "protocol=2", "protocol"),
            ("churn", "protocol=", "protocol"),
            ("churn", "workload=chrun", "workload"),
            ("churn", "mode=ajar", "mode"),
            ("churn", "mode=open", "rate"), // open without rate
            ("churn", "rate=5", "rate"),    // a rate in closed loop
            ("churn", "threads=0", "threads"),
            ("churn", "threads=257", "threads"),
            ("churn", "seed=-1", "seed"),
            ("churn", "seed=+1", "seed"),
            ("churn", "ops=0", "ops"),
            ("churn", "ops=1e5", "ops"),
            ("churn", "warmup_ops=", "warmup_ops"),
            ("churn", "record=3", "record"),
            ("churn", "alternate=2", "alternate"),
            ("churn", "drag_permille=10001", "drag_permille"),
            ("fragment", "drag_permille=50", "drag_permille"),
            ("recording", "p.path=ajar", "p.path"),
            ("recording", "p.times=0", "p.times"),
            ("churn", "return_ms=10", "return_ms"),
            ("churn", "force=0", "force"),
            ("churn", "probe_bytes=1048576", "probe_bytes"),
            ("fragment", "force=2", "force"),
            ("fragment", "probe_bytes=1073741825", "probe_bytes"),
            ("churn", "colour=red", "colour"),
            ("churn", "p.colour=red", "p.colour"),
            ("churn", "p.live_bytes=", "p.live_bytes"),
            ("churn", "p.live_bytes=12", "p.live_bytes"),
            ("churn", "p.size_max=8", "p.size_max"), // below size_min
            ("churn", "p.survival_permille=1001", "p.survival_permille"),
            ("churn", "p.lifetime=long", "p.lifetime"),
            ("graph", "p.walk_steps=many", "p.walk_steps"),
            ("slices", "p.layout=rows", "p.layout"),
            ("cache", "p.eviction=newest", "p.eviction"),
            ("trees", "p.depth=60", "p.depth"),
            ("fragment", "p.size_limit=65", "p.size_limit"), // no room for one class
            ("fragment", "p.contents=words", "p.contents"),
            ("fragment", "p.layout=rows", "p.layout"),
            ("fragment", "p.handoff=2", "p.handoff"),
            ("fragment", "p.give_back=never", "p.give_back"),
            ("fragment", "p.handoff=", "p.handoff"),
            ("stacks", "p.sleepers=1", "p.sleepers"), // fewer than mutators
            ("stacks", "p.depth=1001", "p.depth"),
            ("stacks", "p.kind=heavy", "p.kind"),
            ("stacks", "p.live_bytes=65536", "p.live_bytes"), // no piece for each frame
        ] {
            let complaint = parse(&request_for(workload, &[change])).map(|_| ()).unwrap_err();
            assert!(
                complaint.starts_with(&format!("{key}: ")) && !complaint.contains('\n'),
                "{workload} with {change}: {complaint}"
            );
        }
        let complaint = parse(&request_for("graph", &["mode=open", "rate=1"]))
            .map(|_| ())
            .unwrap_err();
        assert_eq!(complaint, "mode: graph runs in closed loop only");
        let complaint = parse(&request_for(
            "fragment",
            &["p.contents=pointers", "p.size_base=4"],
        ))
        .map(|_| ())
        .unwrap_err(); // no room for one reference
        assert!(complaint.starts_with("p.size_base: "), "{complaint}");
        let complaint = parse(&request_for("churn", &["mode=open", "rate=1", "record=2"]))
            .map(|_| ())
            .unwrap_err();
        assert_eq!(complaint, "record: can be 2 in closed loop only");
        for changes in [
            ["mode=open", "rate=5"],
            ["record=2", "rate=0"],
            ["alternate=1", "rate=0"],
        ] {
            let text = request_for("churn", &[changes[0], changes[1], "drag_permille=50"]);
            let complaint = parse(&text).map(|_| ()).unwrap_err();
            assert!(complaint.starts_with("drag_permille: is for"), "{complaint}");
        }
    }

    #[test]
    fn malformed_lines_are_errors() {
        for (text, want) in [
            ("", "run: "),
            ("protocol=1\n", "run: "),
            ("protocol=1\nprotocol=1\nrun\n", "protocol: given twice"),
            ("protocol=1\nthreads\nrun\n", "threads: not key=value"),
            ("protocol=1\nworkload=\nrun\n", "workload: has no value"),
            ("protocol=1\nworkload=churn\nrun", "mode: "), // the last line need not be ended
        ] {
            let complaint = parse(text).map(|_| ()).unwrap_err();
            assert!(complaint.starts_with(want), "{text:?}: {complaint}, want {want}");
        }
        let complaint = Request::parse(&mut &b"seed=\xff\nrun\n"[..]).unwrap_err();
        assert!(complaint.starts_with("run: "), "{complaint}");
    }
}
