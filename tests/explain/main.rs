//! `gcrucible explain` on logs that real processes wrote, and on the same logs with one thing changed.

mod command;
mod findings;
mod memory;

use std::path::{Path, PathBuf};

use gcrucible::artifact::explanation::Explanation;
use gcrucible::explain::Account;
use gcrucible::observe::reader::Reader;
use gcrucible::report::explanation;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A log recorded by a runner of ours: these, or those of the readers.
fn log(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap()
}

fn path(name: &str) -> PathBuf {
    let ours = root().join("tests/data/explain").join(name);
    if ours.exists() {
        return ours;
    }
    root().join("tests/data/observe/logs").join(name)
}

fn explained(text: &str) -> Explanation {
    let mut account = Account::default();
    let mut reader = Reader::default();
    reader
        .read(text.as_bytes(), 1, &mut |event| account.hear(event))
        .unwrap();
    let reading = reader.finish(&mut |event| account.hear(event));
    account.finish(vec!["the.log".to_owned()], reading)
}

const GO: &str = "go-limit.trace";
const GO_UNLIMITED: &str = "go.trace";
const G1: &str = "g1.log";

#[test]
fn the_text_of_real_logs_reads_as_recorded() {
    for (name, log_name) in [
        ("go", GO),
        ("go-unlimited", GO_UNLIMITED),
        ("g1", "25-g1.log"),
        ("g1-out-of-memory", "25-g1-out-of-memory.log"),
        ("zgc", "25-zgc.log"),
        ("shenandoah-generational", "25-shenandoah-generational.log"),
        ("parallel", "17-parallel.log"),
        ("epsilon", "17-epsilon.log"),
    ] {
        let text = explanation::text(&explained(&log(log_name)), false);
        assert!(!text.contains('\x1b') && !text.contains('\u{a0}'));
        insta::assert_snapshot!(name, text);
    }
}

#[test]
fn only_a_terminal_gets_bold_text_and_nothing_else_differs() {
    let explained = explained(&log(G1));
    let bold = explanation::text(&explained, true);
    assert!(bold.contains("\x1b[1m"));
    let (plain, bold) = (
        explanation::text(&explained, false),
        bold.replace("\x1b[1m", "").replace("\x1b[0m", ""),
    );
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&plain), words(&bold));
}

#[test]
fn json_holds_the_facts_and_the_words() {
    let value = explanation::json(&explained(&log(GO))).unwrap();
    assert_eq!(
        (value["kind"].as_str(), value["format"].as_u64()),
        (Some("explanation"), Some(1))
    );
    let finding = &value["body"]["findings"][0];
    for key in ["fault", "evidence", "tries", "words", "consequence"] {
        assert!(!finding[key].is_null(), "{key}");
    }
    let body: Explanation = serde_json::from_value(value["body"].clone()).unwrap();
    assert_eq!(body.figures.cycles.count, 52);
}

/// Sums by hand (awk) over the log's own fields.
#[test]
fn figures_are_the_sums_of_the_logs_own_fields() {
    let text = log(GO);
    let e = explained(&text);
    let field = |line: &str, n: usize| -> Vec<f64> {
        let part = line.split(": ").nth(1).unwrap().split(", ").nth(n).unwrap();
        part.split_whitespace()
            .next()
            .unwrap()
            .split(['+', '/'])
            .map(|x| x.parse().unwrap())
            .collect()
    };
    let (mut stopped, mut cpu, mut assist) = (0.0, 0.0, 0.0);
    for line in text.lines() {
        let (clock, parts) = (field(line, 0), field(line, 1));
        stopped += clock[0] + clock[2];
        cpu += parts[0] + parts[1] + parts[2] + parts[4];
        assist += parts[1];
    }
    let close = |ns: u64, ms: f64| assert!((ns as f64 / 1e6 - ms).abs() < 1e-6, "{ns} ns, {ms} ms");
    close(e.figures.stops.all.total.0, stopped);
    let cost = e.figures.cost.unwrap();
    close(cost.cpu.0, cpu);
    assert!((cost.assists.unwrap() - assist / cpu).abs() < 1e-9);
    // The runtime's own figure on the last lines is 20 %, whole percent since its start.
    assert!((cost.share.unwrap() - 0.205).abs() < 0.01, "{:?}", cost.share);

    let text = log(G1);
    let e = explained(&text);
    let totals = text.lines().filter(|l| l.contains("Safepoint \"G1"));
    let total: u64 = totals
        .map(|l| {
            l.split("Total: ")
                .nth(1)
                .unwrap()
                .split(' ')
                .next()
                .unwrap()
                .parse::<u64>()
                .unwrap()
        })
        .sum();
    assert_eq!(e.figures.stops.all.total.0, total);
}

#[test]
fn gogc_is_inferred_where_it_is_steady_and_a_memory_limit_where_the_goal_is() {
    let unlimited = explained(&log(GO_UNLIMITED)).subject;
    let gogc = unlimited.gogc.unwrap();
    assert!(
        (gogc.percent - 100.0).abs() < 5.0 && unlimited.held_at.is_none(),
        "{gogc:?}"
    );
    // GOMEMLIMIT=192MiB, GOGC=off.
    let limited = explained(&log(GO)).subject;
    let held = limited.held_at.unwrap().0 >> 20;
    assert!(limited.gogc.is_none() && (165..192).contains(&held), "{held}");
}

#[test]
fn a_second_process_is_told_and_its_times_follow_the_first() {
    for name in [GO, G1] {
        let one = explained(&log(name));
        let two = explained(&format!("{0}{0}", log(name)));
        assert_eq!((one.subject.processes, two.subject.processes), (1, 2), "{name}");
        let lines = log(name).lines().count() as u64;
        let second = two.subject.second.unwrap().line;
        assert!(second > lines && second < lines + 10, "{name}: {second}");
        // A JVM prints a setting or two before the line by which a new process is known.
        let (span, twice) = (two.subject.span.unwrap().0, 2 * one.subject.span.unwrap().0);
        assert!(span.abs_diff(twice) < 1_000_000, "{name}: {span} ns, {twice} ns");
        assert_eq!(two.figures.cycles.count, 2 * one.figures.cycles.count);
        let at: Vec<u64> = two.timeline.stops.iter().map(|mark| mark.at.0).collect();
        assert!(at.is_sorted(), "{name}");
        // No allocation is made up between the two.
        let (a, b) = (
            one.figures.heap.allocation.unwrap(),
            two.figures.heap.allocation.unwrap(),
        );
        assert!((a / b - 1.0).abs() < 1e-6, "{name}: {a} {b}");
        assert!(explanation::text(&two, false).contains("2 processes"));
    }
}

#[test]
fn a_partly_understood_log_is_explained_and_marked_unreliable_on_top() {
    let spoiled: String = log(GO)
        .lines()
        .enumerate()
        .map(|(n, line)| {
            if n % 5 == 4 {
                format!("{}\n", &line[..40])
            } else {
                format!("{line}\n")
            }
        })
        .collect();
    let e = explained(&spoiled);
    let text = explanation::text(&e, false);
    assert!(text.starts_with("UNRELIABLE: only 80.8 %"), "{text}");
    assert!(
        text.contains("the.log:5: gc 5 @") || text.contains("line 5: gc 5 @"),
        "{text}"
    );
    assert_eq!(e.figures.cycles.count, 42);
}

#[test]
fn without_safepoint_lines_declared_pauses_stand_in_and_the_text_says_so() {
    let text: String = log(G1)
        .lines()
        .filter(|l| !l.contains("Safepoint \""))
        .map(|l| format!("{l}\n"))
        .collect();
    let e = explained(&text);
    assert!(e.figures.stops.all.count > 40);
    assert!(explanation::text(&e, false).contains("the log has no safepoint lines"));
}

#[test]
fn a_log_without_a_clock_has_figures_but_no_rates() {
    let text: String = log(G1)
        .lines()
        .map(|line| format!("{}\n", line.split_once("] ").map_or(line, |(_, message)| message)))
        .collect();
    let e = explained(&text);
    assert!(
        e.subject.span.is_none() && e.figures.cycles.per_s.is_none() && e.figures.stops.all.share.is_none()
    );
    assert!(e.figures.stops.all.count > 40 && e.figures.heap.peak.is_some());
    let page = explanation::page(&e).unwrap();
    assert!(!page.contains("id=\"timeline\""));
}

#[test]
fn the_page_is_one_file_with_every_finding_and_the_timeline() {
    let e = explained(&log(G1));
    let page = explanation::page(&e).unwrap();
    assert_eq!(page, explanation::page(&e).unwrap());
    for wanted in [
        "Evacuation failures",
        "-Xmx",
        "data-for=\"heap\"",
        "data-for=\"stops\"",
        "the.log:491",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
    assert!(!page.contains("src=\"http") && !page.contains("href=\"http"));
    // Left in target/tmp/ for whoever wants to look at it.
    std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("explain.html"), page).unwrap();
}

#[test]
fn words_of_a_log_cannot_bring_markup_into_the_page() {
    let text = log("25-zgc.log").replace("mutator-1", "<script>alert(1)</script>");
    let page = explanation::page(&explained(&text)).unwrap();
    assert!(!page.contains("<script>alert"));
}
