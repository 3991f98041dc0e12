//! Our own runners, built once and run as a suite runs them.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use gcrucible::artifact::event::{Event, Writer};
use gcrucible::artifact::plan::{Cell, Mode, Plan};
use gcrucible::cmd::runners::prepare;
use gcrucible::observe::reader::Reader;
use gcrucible::toolchain::Effort;
use gcrucible::{define, plan};

/// On the preferred JDK, and on the oldest one where it is there beside it.
const NAMES: &[&str] = &[
    "serial",
    "parallel",
    "g1",
    "zgc",
    "shenandoah",
    "genshen",
    "g1@17",
    "zgc@17",
    "shenandoah@17",
    "go",
];

pub struct Live {
    pub plan: Plan,
    /// Why a collector cannot run here.
    pub missing: BTreeMap<String, String>,
}

pub static LIVE: LazyLock<Live> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let defs = define::load(root).unwrap();
    let names: Vec<String> = NAMES.iter().map(|n| (*n).to_owned()).collect();
    let effort = Effort {
        offline: false,
        force: false,
    };
    let built = prepare(root, &defs, &names, effort, &mut |line| eprintln!("{line}"));
    let mut suite = defs.suites["smoke"].clone();
    let mut missing = BTreeMap::new();
    for (name, runner) in &built.runners {
        let base = name.split('@').next().and_then(|base| built.runners.get(base));
        match (runner, base) {
            (Err(reason), _) => _ = missing.insert(name.clone(), reason.clone()),
            (Ok(at), Some(Ok(base))) if name.contains('@') && at.program == base.program => {
                let reason = "is the preferred one here, and was compared".to_owned();
                missing.insert(name.clone(), reason);
            }
            _ => {}
        }
    }
    suite.collectors = names.into_iter().filter(|n| !missing.contains_key(n)).collect();
    suite.pairs.clear();
    let machine = plan::Machine {
        cores: 2,
        memory: 1 << 33,
    };
    let none = plan::Selection::default();
    let plan = plan::expand(&defs, &suite, &none, &built.runners, machine).unwrap();
    Live { plan, missing }
});

/// The closed-loop cell of the collector; None, with the reason on stderr, where it cannot run here.
pub fn cell(name: &str) -> Option<&'static Cell> {
    if let Some(reason) = LIVE.missing.get(name) {
        eprintln!("{name}: skipped: {reason}");
        return None;
    }
    let churns =
        |c: &&Cell| c.collector == name && c.request.contains(&("workload".to_owned(), "churn".to_owned()));
    let closed = |c: &&Cell| c.request.contains(&("mode".to_owned(), "closed".to_owned()));
    let found = LIVE.plan.cells.iter().filter(churns).find(closed);
    Some(found.unwrap_or_else(|| panic!("{name} has no cell: {:?}", Mode::Closed)))
}

pub struct Answer {
    pub stdout: String,
    pub stderr: Vec<u8>,
}

impl Answer {
    pub fn value(&self, key: &str) -> &str {
        let found = self
            .stdout
            .lines()
            .find_map(|l| l.strip_prefix(key)?.strip_prefix('='));
        found.unwrap_or_else(|| panic!("no {key} in {}", self.stdout))
    }
}

/// Runs it to its end; every hold is answered by the end of its stdin.
pub fn run(argv: &[String], cell: &Cell, changed: &[(&str, &str)]) -> Answer {
    let mut child = Command::new(&argv[0])
        .args(&argv[1..])
        .envs(&cell.env)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    for (key, value) in &cell.request {
        let value = changed
            .iter()
            .find(|(k, _)| k == key)
            .map_or(value.as_str(), |(_, v)| v);
        writeln!(stdin, "{key}={value}").unwrap();
    }
    writeln!(stdin, "run").unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && stdout.contains("done=1"),
        "{argv:?}: {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Answer {
        stdout,
        stderr: output.stderr,
    }
}

/// Hands every event of a log to `hear`.
pub fn hear(writer: Writer, log: &[u8], mut hear: impl FnMut(&Event)) {
    let mut reader = Reader::of(writer);
    reader.read(log, 1, &mut hear).unwrap();
    let reading = reader.finish(&mut hear);
    assert!(
        reading.share_understood().unwrap() >= 0.99,
        "{:#?}",
        reading.unknown
    );
}

/// A file beside the program that ran.
pub fn beside(program: &str, name: &str) -> Option<PathBuf> {
    let path = Path::new(program).parent()?.join(name);
    path.exists().then_some(path)
}

/// Measures again when the machine got in between two readings of a clock: a fault of the reader's is there every time.
pub fn thrice(what: &str, mut once: impl FnMut() -> Result<(), String>) {
    for attempt in 1..=3 {
        match once() {
            Ok(()) => return,
            Err(disagreement) => println!("{what}: attempt {attempt}: {disagreement}"),
        }
    }
    panic!("{what}: three runs disagreed");
}
