//! Every field of a line has a name (src/explain/line): against real logs of every collector and of every release of Go.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gcrucible::artifact::line::{NamedLine, Source, Value};
use gcrucible::explain::line::{claims, name, nearest};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn logs() -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(root().join("tests/data/observe/logs")).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        all.insert(file, fs::read_to_string(path).unwrap());
    }
    assert!(all.len() >= 15, "{:?}", all.keys());
    all
}

const GC: &str = "gc 5 @0.123s 4%: 0.018+1.2+0.004 ms clock, 0.037+0.5/1.0/0+0.008 ms cpu, 4->5->1 MB, 6 MB goal, 0 MB stacks, 0 MB globals, 2 P";

/// Kinds of line that no log here has, and other decorations.
const OTHERS: &[&str] = &[
    "GC forced",
    "gc 7 @1.500s 0% (checking for goroutine leaks): 0.10+2.5+0.02 ms clock, 0.20+0/2.1/0.3+0.04 ms cpu, 3->3->2 MB, 4 MB goal, 0 MB stacks, 0 MB globals, 2 P (forced)",
    "gc 5 @0.123s 4%: 0.018+1.2+0.004 ms clock, 0.037+0.5/1.0/0+0.008 ms cpu, 4->5->1 MB, 6 MB goal, 2 P",
    "pacer: assist ratio=+1.234567e+000 (scan 10 MB in 20->30 MB) workers=1+2.500000e-001",
    "pacer: 26% CPU (25 exp.) for 1048576+2048+512 B work (1050000 B exp.) in 20000000 B -> 30500000 B (∆goal -500000, cons/mark +1.500000e+000)",
    "pacer: sweep done at heap size 4MB; allocated 0MB during sweep; swept 10 pages at +1.500000e+000 pages/byte",
    "scav 12 KiB work (bg), 0 KiB work (eager), 3400 KiB now, 80% util (forced)",
    "scav 12 KiB work (bg), 0 KiB work (eager), 3400 KiB now, 80% util [controller reset]",
    "checkfinalizers: queue: 3 finalizers + 0 cleanups",
    "[2026-11-24T00:53:12.345+0000][5.043s][worker-7][4242][4250][info][gc          ] GC(21) Pause Young (Normal) (G1 Evacuation Pause) 24M->13M(92M) 7.311ms",
    "[1764115200000ms][5043ms][debug][safepoint] Safepoint \"Cleanup\", Time since last: 1000 ns, Reaching safepoint: 10 ns, At safepoint: 20 ns, Leaving safepoint: 5 ns, Total: 35 ns, Threads: 1 runnable, 12 total",
    "GC(21) Pause Full (Ergonomics) 24M->13M(92M) 7.311ms",
    "[1.0s][info][gc] Trigger: Average GC time (12.50 ms) is above the time for average allocation rate (120 MB/s) to deplete free headroom (1820K) (margin of error = 1.80)",
    "[1.0s][info][gc] Trigger (Old): Time since last GC (300001 ms) is larger than guaranteed interval (300000 ms)",
    "[1.0s][info][gc,phases] GC(4) Y: Young Generation (Promote All) 10M(10%)->12M(12%) 0.010s",
    "[1.0s][info][gc,ref] GC(4) O: Soft References:          120          12            0",
    "[1.0s][info][gc,ref] GC(4) O:                    Encountered   Discovered     Enqueued",
    "[1.0s][info][gc] GC(4) To-space exhausted",
    "[1.0s][info][gc,stats]   CM: Parallel Mark                6732 us, workers (us): 3366, 3366, ---, ",
];

/// What is left of a line between its fields.
fn between(line: &str, named: &NamedLine) -> String {
    let mut left = String::new();
    let mut at = 0;
    for (start, end) in pieces(named) {
        left.push_str(&line[at..start]);
        left.push(' ');
        at = end;
    }
    left.push_str(&line[at..]);
    left
}

fn pieces(named: &NamedLine) -> Vec<(usize, usize)> {
    let fields = named.fields.iter().map(|f| (f.range.start, f.range.end));
    let unnamed = named.not_named.iter().map(|s| (s.range.start, s.range.end));
    let mut all: Vec<_> = fields.chain(unnamed).collect();
    all.sort_unstable();
    all
}

/// Fixed words of the formats and of decorations that have digits in them.
fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn check(line: &str, named: &NamedLine) {
    assert!(
        !named.what.is_empty()
            && !named
                .fields
                .iter()
                .any(|f| f.meaning.is_empty() || f.name.is_empty()),
        "{line}\n{named:#?}"
    );
    let mut at = 0;
    for (start, end) in pieces(named) {
        assert!(
            at <= start && start < end && end <= line.len(),
            "{line}\n{named:#?}"
        );
        at = end;
    }
    for field in &named.fields {
        assert_eq!(line.get(field.range.clone()), Some(field.text.as_str()), "{line}");
        let figure = field.text.trim_end_matches(['B', 'K', 'M', 'G', 'T']);
        match field.value {
            Some(Value::Whole(value)) if figure.starts_with("0x") => {
                assert_eq!(i64::from_str_radix(&figure[2..], 16), Ok(value), "{line}");
            }
            Some(Value::Whole(value)) => assert_eq!(figure.parse(), Ok(value), "{line}"),
            Some(Value::Real(value)) => assert_eq!(figure.replace(',', ".").parse(), Ok(value), "{line}"),
            None => {}
        }
    }
    // Whatever is left belongs to the format, and no figure is among it but the format's own.
    if named.is_whole() {
        let format = words(&named.format);
        // Units behind figures, and what stands before a collection's number.
        let decorations = ["ns", "ms", "s", "GC"];
        for word in words(&between(line, named)) {
            assert!(
                format.contains(&word) || decorations.contains(&word.as_str()),
                "`{word}` is left in\n{line}\n{named:#?}"
            );
        }
        let digits = between(line, named).chars().filter(char::is_ascii_digit).count();
        assert_eq!(digits, 0, "a figure has no name in\n{line}\n{named:#?}");
    }
}

#[test]
fn the_lines_of_every_log_are_named() {
    let mut table = String::new();
    // The first few of each log: where tags were left out, settings and totals cannot be told from a program's own words.
    const SHOWN: usize = 4;
    let mut unknown: Vec<String> = Vec::new();
    let sources = logs();
    for (log, text) in &sources {
        let (mut lines, mut whole) = (0, 0);
        let mut left = Vec::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            lines += 1;
            match name(line) {
                Some(named) => {
                    check(line, &named);
                    if named.is_whole() {
                        whole += 1;
                    } else {
                        left.push(format!("{log}: {} | {line}", named.what));
                    }
                }
                None => left.push(format!("{log}: {line}")),
            }
        }
        left.truncate(SHOWN);
        unknown.append(&mut left);
        let _ = writeln!(table, "{log:34} {whole:4} of {lines:4} lines");
    }
    table.push_str("\nnot named, or not wholly:\n");
    for line in &unknown {
        let _ = writeln!(table, "{line}");
    }
    insta::assert_snapshot!(table);
}

#[test]
fn other_kinds_of_line_are_named_too() {
    for line in OTHERS {
        let named = name(line).unwrap_or_else(|| panic!("{line}"));
        check(line, &named);
        assert!(named.is_whole(), "{line}\n{named:#?}");
    }
}

fn page(line: &str) -> String {
    let mut page = format!("{line}\n");
    let Some(named) = name(line) else {
        return page + "  not known\n";
    };
    let sources = |all: &[Source]| {
        all.iter()
            .map(|s| {
                let function = s.function.as_deref().unwrap_or("a static object");
                let release = s.release.as_ref().map_or(String::new(), |r| format!(" ({r})"));
                format!("{function} in {}{release}", s.file)
            })
            .collect::<Vec<_>>()
            .join("; ")
    };
    let _ = writeln!(
        page,
        "  {}\n  printed by {}",
        named.what,
        sources(&named.printed_by)
    );
    if let Some(note) = &named.note {
        let _ = writeln!(page, "  {note}");
    }
    // Decorations are the same in every line of a log: those of the lines above will do.
    let decorations = ["timenanos", "uptimenanos", "level", "tags", "collection"];
    for field in &named.fields {
        if !OTHERS.contains(&line) && decorations.contains(&field.name.as_str()) {
            continue;
        }
        let by = if field.set_by.is_empty() {
            String::new()
        } else {
            format!(" [{}]", sources(&field.set_by))
        };
        let unit = if field.unit.is_empty() {
            String::new()
        } else {
            format!(" {}", field.unit)
        };
        let value = match field.value {
            Some(Value::Whole(v)) => format!(" = {v}"),
            Some(Value::Real(v)) => format!(" = {v}"),
            None => String::new(),
        };
        let _ = writeln!(
            page,
            "    {}{value}{unit} | {} | {}{by}",
            field.text, field.name, field.meaning
        );
    }
    for span in &named.not_named {
        let _ = writeln!(page, "    {} | not named", span.text);
    }
    page
}

/// The first line of each kind in the logs, and the others.
#[test]
fn one_line_of_each_kind_reads_as_it_should() {
    let mut seen = BTreeSet::new();
    let mut pages = String::new();
    let logs = logs();
    let all = [GC]
        .into_iter()
        .chain(OTHERS.iter().copied())
        .chain(logs.values().flat_map(|text| text.lines()));
    for line in all {
        if let Some(named) = name(line)
            && seen.insert((named.what.clone(), named.format.clone()))
        {
            pages.push_str(&page(line));
            pages.push('\n');
        }
    }
    insta::assert_snapshot!(pages);
}

#[test]
fn the_parts_of_a_trace_are_what_the_runtime_says_they_are() {
    let named = name(GC).unwrap();
    let of = |field: &str| {
        let found: Vec<_> = named.fields.iter().filter(|f| f.name == field).collect();
        assert_eq!(found.len(), 1, "{field}");
        (found[0].value, found[0].unit.as_str())
    };
    assert_eq!(of("live heap"), (Some(Value::Whole(1)), "MiB"));
    assert_eq!(of("heap at start"), (Some(Value::Whole(4)), "MiB"));
    assert_eq!(of("heap at end"), (Some(Value::Whole(5)), "MiB"));
    assert_eq!(of("goal"), (Some(Value::Whole(6)), "MiB"));
    assert_eq!(of("assists, CPU"), (Some(Value::Real(0.5)), "ms"));
    assert_eq!(of("mark, wall"), (Some(Value::Real(1.2)), "ms"));
    assert_eq!(of("GC CPU"), (Some(Value::Whole(4)), "%"));
    assert_eq!(named.printed_by[0].function.as_deref(), Some("gcMarkTermination"));
    assert_eq!(named.printed_by[0].file, "runtime/mgc.go");
}

#[test]
fn a_line_cut_short_is_named_as_far_as_it_goes() {
    let named = name("gc 5 @0.123s 4%: 0.018+1.2 tea").unwrap();
    assert_eq!(named.fields.len(), 5, "{named:#?}");
    assert_eq!(named.not_named[0].text, "tea");
    let named = name("[1.0s][info][gc,new] GC(4) A line that nobody knows 12M").unwrap();
    assert_eq!(named.fields.len(), 4, "{named:#?}");
    assert_eq!(named.not_named[0].text, "A line that nobody knows 12M");
    assert!(named.printed_by.is_empty());
    // Standard error is everybody's: a trace may follow somebody's unfinished words.
    let mixed = format!("half a line {GC}");
    let named = name(&mixed).unwrap();
    check(&mixed, &named);
    assert_eq!(
        (named.fields.len(), named.not_named[0].text.as_str()),
        (18, "half a line")
    );
}

#[test]
fn words_of_a_program_are_no_line_of_a_log() {
    for line in [
        "",
        "gc runs",
        "hello",
        "[main] hello",
        "2026-11-24 INFO started in 12ms",
        "[info] 12 of 13 done",
    ] {
        assert_eq!(name(line), None, "{line}");
    }
}

#[test]
fn an_unknown_line_is_told_what_it_resembles() {
    let near = |line: &str| nearest(line).unwrap_or("nothing");
    assert_eq!(
        near("GC(5) Pause Young <Strange> 24M"),
        "G1: a young collection begins"
    );
    assert_eq!(
        near("[1.0s][info][gc] Allocated Stall (mutator-1) for 12ms"),
        "nothing"
    );
    assert_eq!(
        near("gc 5 @0.123 s; 4 %: 0.018+1.2+0.004 ms clock, 3 ms cpu, 4->5->1 MB"),
        "Go: one collection cycle"
    );
    assert_eq!(near("xyzzy"), "nothing");
    assert_eq!(near(""), "nothing");
}

#[test]
fn a_named_line_survives_the_disk() {
    let named = name(GC).unwrap();
    let text = serde_json::to_string(&named).unwrap();
    assert_eq!(serde_json::from_str::<NamedLine>(&text).unwrap(), named);
}

/// Functions of Go are looked up in the sources of the installed toolchain.
#[test]
fn every_function_of_go_stands_in_its_file() {
    let goroot = Command::new("go").args(["env", "GOROOT"]).output();
    let goroot = goroot
        .ok()
        .map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned());
    let runtime = goroot
        .map(|root| Path::new(&root).join("src"))
        .filter(|src| src.join("runtime/mgc.go").exists());
    let Some(sources) = runtime else {
        eprintln!("skipped: no Go sources here");
        return;
    };
    let of_go: Vec<Source> = claims().into_iter().filter(|s| s.file.ends_with(".go")).collect();
    assert!(of_go.len() > 15, "{of_go:?}");
    for claim in of_go {
        let function = claim.function.clone().unwrap();
        let text = fs::read_to_string(sources.join(&claim.file)).unwrap_or_else(|e| panic!("{claim:?}: {e}"));
        let stands = text.lines().any(|line| {
            line.strip_prefix("func ").is_some_and(|rest| {
                let rest = match rest.strip_prefix('(') {
                    Some(receiver) => receiver.split_once(") ").map_or("", |(_, rest)| rest),
                    None => rest,
                };
                rest.strip_prefix(function.as_str())
                    .is_some_and(|rest| rest.starts_with('('))
            })
        });
        assert!(stands, "{claim:?}");
    }
}

/// The library of the JVM that belongs to a release, wherever distributions put it.
fn library(release: &str) -> Option<PathBuf> {
    let homes = ["/usr/lib/jvm", "/opt/java", "/usr/java"];
    homes
        .iter()
        .filter_map(|home| fs::read_dir(home).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|home| {
            let receipt = fs::read_to_string(home.join("release")).unwrap_or_default();
            receipt.contains(&format!("JAVA_VERSION=\"{release}."))
        })
        .map(|home| home.join("lib/server/libjvm.so"))
        .find(|library| library.exists())
}

/// Functions of the JVM are looked up in the symbols of the installed libraries, where those were left in.
#[test]
fn every_function_of_the_jvm_stands_in_a_library_of_its_release() {
    let mut of_release: BTreeMap<&str, String> = BTreeMap::new();
    for release in ["17", "25"] {
        let symbols = library(release).and_then(|l| Command::new("nm").arg("-C").arg(l).output().ok());
        let symbols = symbols.map(|out| String::from_utf8_lossy(&out.stdout).into_owned());
        if let Some(symbols) = symbols.filter(|s| s.contains("SafepointTracing::end(")) {
            of_release.insert(release, symbols);
        }
    }
    if of_release.is_empty() {
        eprintln!("skipped: no JDK 17 or 25 with symbols here");
        return;
    }
    let mut wrong = Vec::new();
    for claim in claims().iter().filter(|s| !s.file.ends_with(".go")) {
        let Some(function) = &claim.function else { continue };
        for (release, symbols) in &of_release {
            let meant = claim
                .release
                .as_ref()
                .is_none_or(|r| r.as_str() == format!("JDK {release}"));
            if meant && !symbols.contains(&format!(" {function}(")) {
                wrong.push(format!("JDK {release}: {claim:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

mod hostile {
    use super::*;
    use proptest::prelude::*;

    fn piece() -> impl Strategy<Value = String> {
        let logs = logs();
        let all: Vec<String> = logs
            .values()
            .flat_map(|text| text.lines().map(str::to_owned))
            .chain(OTHERS.iter().map(|line| (*line).to_owned()))
            .collect();
        proptest::sample::select(all)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn any_text_is_named_or_not_and_never_panics(text in "\\PC{0,200}") {
            if let Some(named) = name(&text) {
                check(&text, &named);
            }
            nearest(&text);
        }

        #[test]
        fn a_line_that_was_cut_and_spoilt_keeps_its_ranges(line in piece(), from in 0usize..200, to in 0usize..400, what in "\\PC{0,3}") {
            let from = line.floor_char_boundary(from.min(line.len()));
            let to = line.floor_char_boundary(to.clamp(from, line.len()));
            let spoilt = format!("{}{what}{}", &line[..from], &line[to..]);
            if let Some(named) = name(&spoilt) {
                let mut at = 0;
                for (start, end) in pieces(&named) {
                    prop_assert!(at <= start && start < end && end <= spoilt.len(), "{spoilt}\n{named:#?}");
                    at = end;
                }
            }
        }
    }
}
