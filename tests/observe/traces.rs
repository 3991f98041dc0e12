//! Every release's gctrace, gcpacertrace and scavtrace lines, from programs that work, idle, leak and run out of memory.

use gcrucible::artifact::event::Writer;

use super::corpus::{self, Recorded, Told};

/// What the line tells, or nothing.
fn told(all: &[Told], line: usize) -> Vec<&str> {
    let here = all.iter().filter(|t| t.line == line as u64 + 1);
    here.map(|t| t.what.as_str()).collect()
}

fn each(mut see: impl FnMut(&Recorded, &str, &[&str])) {
    for recorded in corpus::of(Writer::Go) {
        let (all, reading) = corpus::read(&recorded.text);
        assert_eq!(reading.writer, Some(Writer::Go), "{}", recorded.name);
        assert_eq!(reading.unknown, [], "{}", recorded.name);
        for (number, line) in recorded.whole_lines().into_iter().enumerate() {
            see(recorded, line, &told(&all, number));
        }
    }
}

#[test]
fn every_gctrace_line_of_every_release_is_two_stops_a_cpu_account_and_a_cycle() {
    let mut releases = std::collections::BTreeSet::new();
    each(|recorded, line, told| {
        if line.starts_with("gc ") {
            let kinds: Vec<&str> = told.iter().map(|w| w.split(['(', ' ']).nth(2).unwrap()).collect();
            assert_eq!(told.len(), 4, "{}: {line}: {kinds:?}", recorded.name);
            assert!(told[0].contains("Stop(") && told[1].contains("Stop("), "{line}");
            assert!(told[2].contains("GoCpu(") && told[3].contains("Cycle("), "{line}");
            assert_eq!(
                told[3].contains("asked: true"),
                line.ends_with("(forced)"),
                "{line}"
            );
            releases.insert(recorded.release().to_owned());
        }
    });
    assert_eq!(
        releases.iter().map(String::as_str).collect::<Vec<_>>(),
        ["go1.22", "go1.23", "go1.24", "go1.25", "go1.26", "go1.27"]
    );
}

#[test]
fn every_line_of_the_pacer_and_the_scavenger_is_understood() {
    let mut seen = [0; 4];
    each(|recorded, line, told| {
        let place = format!("{}: {line}: {told:?}", recorded.name);
        for (kind, (begin, event)) in [
            ("pacer: assist ratio=", "Pacer(Start"),
            ("pacer: sweep done", "Pacer(Swept"),
            ("scav ", "Scavenged"),
        ]
        .into_iter()
        .enumerate()
        {
            if line.starts_with(begin) {
                assert!(matches!(told, [one] if one.contains(event)), "{place}");
                seen[kind] += 1;
            }
        }
        if line.starts_with("pacer: ") && line.contains("% CPU (") {
            assert!(matches!(told, [one] if one.contains("Pacer(End")), "{place}");
            seen[3] += 1;
        }
    });
    assert!(seen.iter().all(|n| *n > 50), "{seen:?}");
}

/// sysmon starts one where there was none for two minutes (forcegchelper in proc.go); its own line does not say `(forced)`.
#[test]
fn an_idle_programs_periodic_collection_says_why_it_began() {
    for name in ["go1.22-idle.trace", "go1.27-idle.trace"] {
        let recorded = corpus::log(name);
        let (all, _) = corpus::read(&recorded.text);
        let lines = recorded.whole_lines();
        let periodic = lines.iter().filter(|l| **l == "GC forced").count();
        assert!(periodic >= 1, "{name}");
        let triggers = all.iter().filter(|t| t.what.contains("Trigger"));
        let triggers: Vec<u64> = triggers.map(|t| t.line).collect();
        assert_eq!(triggers.len(), periodic, "{name}");
        for line in triggers {
            assert_eq!(lines[line as usize - 1], "GC forced");
        }
    }
}

#[test]
fn a_program_that_ran_out_of_memory_says_so_and_its_stacks_are_no_lines_of_the_log() {
    for name in ["go1.22-out-of-memory.trace", "go1.27-out-of-memory.trace"] {
        let recorded = corpus::log(name);
        let (all, reading) = corpus::read(&recorded.text);
        let words: Vec<&Told> = all.iter().filter(|t| t.what.contains("OutOfMemory")).collect();
        assert!(
            matches!(words[..], [one] if one.what.contains("fatal error: out of memory")),
            "{name}: {words:?}"
        );
        let traces = recorded
            .whole_lines()
            .iter()
            .filter(|l| l.starts_with("gc "))
            .count();
        assert_eq!(reading.own as usize, traces + 1, "{name}");
    }
}

#[test]
fn a_trace_that_the_program_did_not_live_to_finish_is_not_believed() {
    let recorded = corpus::log("go1.27-goroutine-leak.trace");
    assert!(recorded.text.ends_with(b" MB, "));
    let (all, reading) = corpus::read(&recorded.text);
    assert!(reading.cut);
    let cycles = all.iter().filter(|t| t.what.contains("Cycle(")).count();
    assert_eq!(cycles, recorded.whole_lines().len());
}
