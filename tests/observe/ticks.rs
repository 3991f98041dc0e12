//! A look a second: the line `ticks` of an answer, the collector's threads in seconds.csv, and Go's CPU by cycle.

use std::fs;

use gcrucible::artifact::observation::{Observation, Tick};
use gcrucible::artifact::outcome::Outcome;
use gcrucible::artifact::unit::{Bytes, Ns};
use gcrucible::observe::{ObserveError, parse, runner_output};
use proptest::prelude::*;

use super::{Run, data};

const GO: &str = "r1-001-go";
const G1: &str = "r1-003-g1";

/// The recorded answer, with this line in it.
fn answer(of: &str, line: &str) -> String {
    let whole = fs::read_to_string(data().join("run/raw").join(of).join("stdout")).unwrap();
    whole.replace("done=1\n", &format!("{line}\ndone=1\n"))
}

fn fault(line: &str) -> String {
    let fault = runner_output::read(answer(GO, line).as_bytes()).unwrap().fault;
    fault.unwrap_or_else(|| panic!("{line} was taken"))
}

fn mark(of: &str, name: &str) -> u64 {
    runner_output::read(answer(of, "").as_bytes()).unwrap().marks[name].0
}

#[test]
fn ticks_are_part_of_an_observation_with_the_memory_of_their_time() {
    let run = Run::new();
    let (begin, end) = (mark(G1, "begin"), mark(G1, "end"));
    let line = format!("ticks={}:5:10:30;{begin}:7:20:;{}:8:20:25", begin - 9, end + 9);
    run.change(&format!("{G1}/stdout"), |_| answer(G1, &line));
    run.change(&format!("{G1}/memory.csv"), |_| {
        format!("t_ns,rss_bytes\n{},100\n{begin},200\n", begin - 10)
    });
    let observed = &run.observe()[G1];
    assert_eq!(observed.outcome, Outcome::Finished);
    let tick = |at, cpu, allocated, used: Option<u64>, resident| Tick {
        at: Ns(at),
        cpu: Ns(cpu),
        allocated: Bytes(allocated),
        used: used.map(Bytes),
        resident: Some(Bytes(resident)),
        collector: None, // nobody looked at its threads
    };
    assert_eq!(
        observed.ticks,
        [
            tick(begin - 9, 5, 10, Some(30), 100),
            tick(begin, 7, 20, None, 200),
            tick(end + 9, 8, 20, Some(25), 200),
        ]
    );
}

#[test]
fn a_jvms_collector_is_its_threads_as_they_were_looked_at() {
    let run = Run::new();
    let (begin, end) = (mark(G1, "begin"), mark(G1, "end"));
    let half = begin + (end - begin) / 2;
    let line = format!("ticks={begin}:5:10:30;{half}:6:20:40;{end}:7:20:25");
    run.change(&format!("{G1}/stdout"), |_| answer(G1, &line));
    let seconds = format!(
        "t_ns,tid,name,cpu_ns\n{begin},1,GC Thread#0,1000\n{begin},2,mutator-0,70000\n{begin},3,G1 Conc#0,50\n\
         {end},1,GC Thread#0,3000\n{end},2,mutator-0,90000\n{end},3,G1 Conc#0,250\n"
    );
    fs::write(run.file(&format!("{G1}/seconds.csv")), seconds).unwrap();
    let spent: Vec<Option<Ns>> = run.observe()[G1].ticks.iter().map(|t| t.collector).collect();
    // Half of the way, to a ns that does not divide.
    assert_eq!(spent[0], Some(Ns(1050)));
    assert!(
        spent[1].is_some_and(|cpu| (2149..=2150).contains(&cpu.0)),
        "{spent:?}"
    );
    assert_eq!(spent[2], Some(Ns(3250)));

    run.change(&format!("{G1}/seconds.csv"), |text| {
        text.replacen("1000", "many", 1)
    });
    match parse(&run.plan, &run.dir()) {
        Err(ObserveError::Malformed { path, line: 2, .. }) => {
            assert!(path.ends_with(format!("{G1}/seconds.csv")))
        }
        other => panic!("{:?}", other.map(|all| all.len())),
    }
}

#[test]
fn gos_collector_is_what_its_cycles_took_without_idle_marking() {
    let run = Run::new();
    let rest = mark(GO, "rest");
    let line = format!("ticks={}:5:10:30;{rest}:6:20:40", mark(GO, "warmup"));
    run.change(&format!("{GO}/stdout"), |_| answer(GO, &line));
    // Two cycles before all that, and one after it.
    run.change(&format!("{GO}/stderr"), |_| {
        let cycle = |at: &str, cpu: &str| {
            format!("gc 1 @{at}s 5%: 0.010+1.0+0.010 ms clock, {cpu} ms cpu, 3->6->5 MB, 4 MB goal, 0 MB stacks, 0 MB globals, 2 P\n")
        };
        cycle("0.001", "5.0+0.5/0.25/100+0.25") + &cycle("0.003", "1.0+0/0/100+0") + &cycle("999.000", "7.0+0/0/0+0")
    });
    let observed = &run.observe()[GO];
    let spent: Vec<Option<Ns>> = observed.ticks.iter().map(|t| t.collector).collect();
    assert_eq!(spent, [Some(Ns(7_000_000)), Some(Ns(7_000_000))]);
}

/// Marking comes to the runtime's own account. The stops do not: gctrace counts all processors from the request to stop on, and the account
/// (`/cpu/classes/gc/pause`) from when they stand, 6.8 ms here.
#[test]
fn real_cycles_come_to_the_runtimes_own_account_of_marking_and_to_the_logs_stops() {
    let run = Run::new();
    let (begin, end) = (mark(GO, "begin"), mark(GO, "end"));
    run.change(&format!("{GO}/stdout"), |_| {
        answer(GO, &format!("ticks={begin}:5:10:30;{end}:6:20:40"))
    });
    let observed = &run.observe()[GO];
    let spent = observed.ticks[1].collector.unwrap().0 - observed.ticks[0].collector.unwrap().0;
    let counted = |name: &str| observed.after[name] - observed.before[name];
    let marking = counted("go.assist_cpu_ns") + counted("go.dedicated_cpu_ns");
    // First and last of the CPU columns of the cycles 4 to 8.
    let stops = (4.9 + 1.3 + 5.5 + 0.007 + 2.0 + 0.083 + 0.42 + 0.009 + 0.73 + 0.007) * 1e6;
    let expected = marking as f64 + stops;
    // Columns have two or three digits.
    assert!(
        (spent as f64 / expected - 1.0).abs() < 0.03,
        "{spent} of {expected}"
    );
}

#[test]
fn a_runner_that_does_not_tell_and_an_observation_without_them_are_read() {
    let observed = Run::new().observe()[GO].clone();
    assert_eq!((&observed.outcome, observed.ticks.len()), (&Outcome::Finished, 0));
    let mut json = serde_json::to_value(&observed).unwrap();
    assert!(json.as_object_mut().unwrap().remove("ticks").is_some());
    assert_eq!(serde_json::from_value::<Observation>(json).unwrap(), observed);
}

#[test]
fn malformed_unordered_shrinking_or_misplaced_ticks_are_a_fault_that_names_the_key_and_make_the_run_fail() {
    let (begin, end) = (mark(GO, "begin"), mark(GO, "end"));
    let (warm, rest) = (mark(GO, "warmup"), mark(GO, "rest"));
    let malformed = "is not at:cpu:allocated:used";
    let late = "is not later than the one before it";
    let less = "has less than the one before it";
    let astray = "do not begin just before the window and end just after it";
    let many: Vec<String> = (0..=4096).map(|n| format!("{}:1:1:", warm + n)).collect();
    for (value, what) in [
        (String::new(), malformed),
        ("1:2:3".to_owned(), malformed),
        (format!("{begin}:1:1:;"), malformed),
        (format!("{begin}:1:1:1:1;{end}:1:1:1"), malformed),
        (format!("{begin}:1:-1:1;{end}:1:1:1"), malformed),
        (format!("{begin}:1:1:1;{end}:1:18446744073709551616:1"), malformed),
        (format!("{begin}:1:1:x;{end}:1:1:1"), malformed),
        (format!("{begin}::1:1;{end}:1:1:1"), malformed),
        (format!("{end}:1:1:1;{begin}:1:1:1"), late),
        (format!("{begin}:1:1:1;{begin}:1:1:1;{end}:1:1:1"), late),
        (format!("{begin}:2:1:1;{end}:1:1:1"), less),
        (format!("{begin}:1:2:1;{end}:1:1:1"), less),
        (format!("{begin}:1:1:1"), astray),
        (format!("{}:1:1:1;{end}:1:1:1", begin + 1), astray),
        (format!("{begin}:1:1:1;{}:1:1:1", end - 1), astray),
        (format!("{}:1:1:1;{end}:1:1:1", warm - 1), astray),
        (format!("{begin}:1:1:1;{}:1:1:1", rest + 1), astray),
        (format!("{begin}:1:1:1;{}:1:1:1", u64::MAX), astray),
        (many.join(";"), "are more than 4096"),
    ] {
        let fault = fault(&format!("ticks={value}"));
        assert!(
            fault.contains("`ticks`: ") && fault.ends_with(what),
            "{fault}, not {what}"
        );
    }
    let line = format!("ticks={begin}:1:1:1;{end}:1:1:1");
    assert!(fault(&format!("{line}\n{line}")).ends_with("`ticks`: is given twice"));
    let early = answer(GO, "").replace("mark.begin=", &format!("{line}\nmark.begin="));
    let early = runner_output::read(early.as_bytes()).unwrap().fault.unwrap();
    assert!(
        early.ends_with("`ticks`: comes before mark.begin and mark.end"),
        "{early}"
    );

    let run = Run::new();
    run.change(&format!("{GO}/stdout"), |_| answer(GO, "ticks=2:1:1:1;1:1:1:1"));
    assert!(matches!(run.outcome(GO), Outcome::Failed { .. }));
}

proptest! {
    #[test]
    fn no_value_makes_the_reader_panic_and_what_is_taken_is_in_order_and_spans_the_window(
        value in "[0-9:;-]{0,60}", inner in prop::collection::vec((0u64..90_000_000, any::<u16>()), 0..5),
    ) {
        let (warm, begin, end) = (mark(GO, "warmup"), mark(GO, "begin"), mark(GO, "end"));
        let near: Vec<String> = inner.iter().map(|(at, n)| format!("{}:{n}:{n}:", warm + at)).collect();
        for value in [value, near.join(";")] {
            let read = runner_output::read(answer(GO, &format!("ticks={value}")).as_bytes()).unwrap();
            prop_assert!(read.done);
            prop_assert_eq!(read.ticks.is_empty(), read.fault.is_some());
            prop_assert!(read.ticks.is_sorted_by(|a, b| a.at < b.at && a.cpu <= b.cpu && a.allocated <= b.allocated));
            if let Some((first, last)) = read.ticks.first().zip(read.ticks.last()) {
                prop_assert!(first.at.0 <= begin && last.at.0 >= end);
            }
        }
    }
}
