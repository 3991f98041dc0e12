//! Each finding on a log where it is and on one where it is not: recorded ones, or recorded ones with one thing changed.

use gcrucible::artifact::finding::{Fault, Finding};

use super::{G1, GO, GO_UNLIMITED, explained, log};

fn names(text: &str) -> Vec<&'static str> {
    explained(text).findings.iter().map(|f| f.fault.name()).collect()
}

fn found(text: &str, name: &str) -> Finding {
    let findings = explained(text).findings;
    let all: Vec<&str> = findings.iter().map(|f| f.fault.name()).collect();
    let finding = findings.iter().find(|f| f.fault.name() == name);
    let finding = finding
        .unwrap_or_else(|| panic!("{name} is not in {all:?}"))
        .clone();
    assert!(
        (1..=5).contains(&finding.evidence.len()),
        "{name}: {:?}",
        finding.evidence
    );
    finding
}

fn not_found(text: &str, name: &str) {
    assert!(!names(text).contains(&name), "{name} is found");
}

/// The line that a finding points at first.
fn first_line<'a>(text: &'a str, finding: &Finding) -> &'a str {
    let line = finding.evidence[0].place.line as usize;
    text.lines().nth(line - 1).unwrap()
}

/// A Go log whose stamps are `times` as far apart, and whose cycles are changed.
fn go_with(name: &str, times: f64, change: impl Fn(usize, [u64; 4]) -> [u64; 4]) -> String {
    let mut out = String::new();
    for (n, line) in log(name).lines().enumerate() {
        let (head, rest) = line.split_once('@').unwrap();
        let (at, rest) = rest.split_once("s ").unwrap();
        let (front, rest) = rest.split_once(" ms cpu, ").unwrap();
        let (heap, rest) = rest.split_once(" MB, ").unwrap();
        let (goal, tail) = rest.split_once(" MB goal").unwrap();
        let mut sizes = heap.split("->").map(|x| x.parse::<u64>().unwrap());
        let mut next = || sizes.next().unwrap();
        let [before, end, live, goal] = change(n, [next(), next(), next(), goal.parse().unwrap()]);
        let at = at.parse::<f64>().unwrap() * times;
        out += &format!("{head}@{at:.3}s {front} ms cpu, {before}->{end}->{live} MB, {goal} MB goal{tail}\n");
    }
    out
}

/// A lightly loaded process: a hundredth of the collections a second.
fn calm() -> String {
    go_with(GO, 100.0, |_, sizes| sizes).replace(" (forced)", "")
}

#[test]
fn a_calm_process_has_nothing_to_fix_and_the_numbers_say_so() {
    let e = explained(&calm());
    assert_eq!(names(&calm()), Vec::<&str>::new());
    let text = gcrucible::report::explanation::text(&e, false);
    assert!(
        text.lines().next().unwrap().ends_with("; nothing to fix"),
        "{text}"
    );
    assert!(
        e.checks.len() >= 6
            && e.checks
                .iter()
                .all(|check| !check.exceeded && !check.reason.is_empty())
    );
    assert!(text.contains("CPU of the collector"));
}

#[test]
fn memory_that_ran_out() {
    let text = log("17-zgc-out-of-memory.log");
    let finding = found(&text, "out of memory");
    assert!(first_line(&text, &finding).contains("Out Of Memory (mutator-1)"));
    not_found(&log("17-zgc.log"), "out of memory");
}

#[test]
fn a_live_set_close_to_the_limit() {
    let finding = found(&log("25-g1-out-of-memory.log"), "live set close to the limit");
    let Fault::LiveNearLimit { filled, .. } = finding.fault else {
        panic!()
    };
    assert!(filled > 0.9);
    assert!(
        finding.tries[0].setting.starts_with("-Xmx"),
        "{:?}",
        finding.tries
    );
    not_found(&log(G1), "live set close to the limit");
    not_found(&log("25-g1.log"), "live set close to the limit");
}

#[test]
fn a_live_set_that_grows() {
    // Two megabytes more with each cycle, of which there is one in about three seconds.
    // Without the two that the program asked for at its end, which let most of the heap go.
    let unasked = |text: String| -> String {
        let kept = text.lines().filter(|line| !line.ends_with("(forced)"));
        kept.map(|line| format!("{line}\n")).collect()
    };
    let grows = unasked(go_with(GO, 100.0, |n, sizes| {
        sizes.map(|size| size + 2 * n as u64)
    }));
    let finding = found(&grows, "live set grows");
    let Fault::Leak { per_s, lo, hi, .. } = finding.fault else {
        panic!()
    };
    // 49 steps between 7.1 and 161.5 seconds.
    let true_slope = 49.0 * 2.0 * 1_048_576.0 / 154.4;
    assert!(
        lo < true_slope && true_slope < hi && lo > 0.0,
        "{lo} {per_s} {hi}"
    );
    not_found(&calm(), "live set grows");
    // The same growth within two seconds is a start.
    not_found(
        &go_with(GO, 1.0, |n, sizes| sizes.map(|size| size + 2 * n as u64)),
        "live set grows",
    );
    // A cache that is full after a third of the time.
    not_found(
        &go_with(GO, 100.0, |n, sizes| {
            sizes.map(|size| size + 6 * n.min(17) as u64)
        }),
        "live set grows",
    );
}

#[test]
fn full_collections_that_nobody_asked_for() {
    let text = log("17-shenandoah-full.log");
    let finding = found(&text, "full collections");
    assert!(first_line(&text, &finding).contains("Pause Full"));
    not_found(&log("17-g1.log"), "full collections");
}

#[test]
fn evacuation_failures() {
    let text = log("25-g1.log");
    let finding = found(&text, "evacuation failures");
    let Fault::EvacuationFailures { count, .. } = finding.fault else {
        panic!()
    };
    assert_eq!(count, 3);
    assert!(first_line(&text, &finding).contains("Evacuation Failure"));
    not_found(&log("17-g1.log"), "evacuation failures");
}

#[test]
fn allocation_stalls() {
    let text = log("25-zgc.log");
    let finding = found(&text, "allocation stalls");
    let Fault::AllocationStalls { count, .. } = finding.fault else {
        panic!()
    };
    assert_eq!(count, 28);
    assert!(first_line(&text, &finding).contains("Allocation Stall ("));
    let without: String = text
        .lines()
        .filter(|l| !l.contains("] Allocation Stall ("))
        .map(|l| format!("{l}\n"))
        .collect();
    not_found(&without, "allocation stalls");
}

#[test]
fn degenerated_collections() {
    let text = log("25-shenandoah.log");
    let finding = found(&text, "degenerated collections");
    assert!(first_line(&text, &finding).contains("Pause Degenerated GC"));
    not_found(&log("17-shenandoah.log"), "degenerated collections");
}

#[test]
fn threads_that_the_pacer_holds_back() {
    let text = log("17-shenandoah.log");
    found(&text, "threads paced");
    let without: String = text
        .lines()
        .filter(|l| !(l.contains("gc,stats") && l.contains("%): ")))
        .map(|l| format!("{l}\n"))
        .collect();
    not_found(&without, "threads paced");
}

#[test]
fn collecting_too_much() {
    found(&log(G1), "collecting too much");
    // Under a memory limit Go's cure is the limit, not GOGC.
    let finding = found(&log(GO), "collecting too much");
    assert!(finding.tries[0].setting.starts_with("GOMEMLIMIT="));
    not_found(&log(GO), "GOGC too low");
    not_found(&calm(), "collecting too much");
}

#[test]
fn gogc_that_is_too_low() {
    // The goal follows the live heap of the cycle before, and not a limit.
    let goal_of = |live: u64| live * 3 / 2;
    let before: Vec<u64> = log(GO)
        .lines()
        .map(|l| {
            l.split("->")
                .nth(2)
                .unwrap()
                .split(' ')
                .next()
                .unwrap()
                .parse()
                .unwrap()
        })
        .collect();
    let varied = |n: usize| {
        if n.is_multiple_of(2) {
            before[n]
        } else {
            before[n] / 2
        }
    };
    let low = go_with(GO, 1.0, |n, [b, e, _, g]| {
        [b, e, varied(n), if n > 0 { goal_of(varied(n - 1)) } else { g }]
    });
    let finding = found(&low, "GOGC too low");
    let Fault::GogcTooLow { gogc, .. } = finding.fault else {
        panic!()
    };
    assert!((gogc.unwrap() - 50.0).abs() < 3.0, "{gogc:?}");
    assert_eq!(finding.tries[0].setting, "GOGC=100");
    not_found(&log(GO_UNLIMITED), "GOGC too low");
}

#[test]
fn gogc_that_is_higher_than_it_need_be() {
    let with_goal = |times: u64| {
        let lives: Vec<u64> = log(GO)
            .lines()
            .map(|l| {
                l.split("->")
                    .nth(2)
                    .unwrap()
                    .split(' ')
                    .next()
                    .unwrap()
                    .parse()
                    .unwrap()
            })
            .collect();
        go_with(GO, 100.0, move |n, [_, _, live, _]| {
            let goal = if n > 0 { lives[n - 1] * times } else { live * times };
            [goal, goal, live, goal]
        })
    };
    let finding = found(&with_goal(5), "GOGC higher than it need be");
    let Fault::GogcTooHigh { gogc, .. } = finding.fault else {
        panic!()
    };
    assert!((gogc - 400.0).abs() < 10.0, "{gogc}");
    not_found(&with_goal(2), "GOGC higher than it need be");
}

#[test]
fn assists_that_do_most_of_the_work() {
    let text = log(GO);
    let finding = found(&text, "assists dominate");
    assert!(first_line(&text, &finding).starts_with("gc 40 "));
    // Workers do what goroutines did.
    let without: String = text
        .lines()
        .map(|line| {
            let (clock, cpu) = line.split_once(" ms clock, ").unwrap();
            let (sweep, rest) = cpu.split_once('+').unwrap();
            let (_, rest) = rest.split_once('/').unwrap();
            format!("{clock} ms clock, {sweep}+0/{rest}\n")
        })
        .collect();
    not_found(&without, "assists dominate");
}

#[test]
fn humongous_allocations() {
    let text = log("25-g1.log");
    let finding = found(&text, "humongous allocations");
    assert_eq!(finding.tries[0].setting, "-XX:G1HeapRegionSize=2m");
    assert!(first_line(&text, &finding).contains("G1 Humongous Allocation"));
    not_found(&log(G1), "humongous allocations");
}

#[test]
fn premature_promotion() {
    found(&log("17-g1.log"), "premature promotion");
    not_found(&log(G1), "premature promotion");
}

#[test]
fn explicit_collections() {
    let text = log(GO_UNLIMITED);
    let finding = found(&text, "explicit collections");
    assert!(first_line(&text, &finding).ends_with("(forced)"));
    // Two at the end of a program are no habit.
    not_found(&log(GO), "explicit collections");
    not_found(&log(G1), "explicit collections");
}

#[test]
fn a_heap_that_is_resized_to_and_fro() {
    let text: String = log(G1)
        .lines()
        .enumerate()
        .map(|(n, line)| {
            format!(
                "{}\n",
                if n % 2 == 0 {
                    line.replace("M(192M) ", "M(256M) ")
                } else {
                    line.to_owned()
                }
            )
        })
        .collect();
    found(&text, "heap resized to and fro");
    not_found(&log(G1), "heap resized to and fro");
}

#[test]
fn threads_that_are_slow_to_reach_a_safepoint() {
    let text: String = log(G1)
        .lines()
        .enumerate()
        .map(|(n, line)| match line.split_once("Reaching safepoint: ") {
            Some((head, rest)) if n > 800 => {
                let (_, rest) = rest.split_once(" ns").unwrap();
                format!("{head}Reaching safepoint: 12000000 ns{rest}\n")
            }
            _ => format!("{line}\n"),
        })
        .collect();
    let finding = found(&text, "slow to reach safepoints");
    assert!(first_line(&text, &finding).contains("Reaching safepoint: 12000000 ns"));
    not_found(&log(G1), "slow to reach safepoints");
}

#[test]
fn only_periodic_collections() {
    // A cycle every two minutes, far below its goal.
    let mut n = 0;
    let idle: String = log(GO)
        .lines()
        .map(|line| {
            n += 1;
            let (head, rest) = line.split_once('@').unwrap();
            let (_, rest) = rest.split_once("s ").unwrap();
            let (front, _) = rest.split_once(" ms cpu, ").unwrap();
            format!("{head}@{}.{:03}s {front} ms cpu, 60->60->50 MB, 100 MB goal, 0 MB stacks, 0 MB globals, 2 P\n", n * 120, n * 7)
        })
        .collect();
    let finding = found(&idle, "only periodic collections");
    let Fault::OnlyPeriodic { count, of } = finding.fault else {
        panic!()
    };
    assert_eq!((count, of), (51, 52));
    let g1 = log(G1)
        .replace("G1 Evacuation Pause", "G1 Periodic Collection")
        .replace("G1 Compaction Pause", "G1 Periodic Collection");
    let finding = found(&g1, "only periodic collections");
    assert_eq!(finding.tries[0].setting, "-XX:G1PeriodicGCInterval=0");
    not_found(&log(G1), "only periodic collections");
    not_found(&calm(), "only periodic collections");
}
