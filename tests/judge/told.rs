//! What a verdict says: mechanisms, distrust, rules.

use gcrucible::artifact::analysis::Noise;
use gcrucible::artifact::axis::Axis;
use gcrucible::artifact::doubt::Doubt;
use gcrucible::artifact::host::Host;
use gcrucible::artifact::plan::{Mode, Swept};
use gcrucible::artifact::unit::Ns;
use gcrucible::judge;

use crate::build::*;

#[test]
fn a_mechanism_names_what_was_measured_on_both_sides() {
    let cell = |name: &str, wall: f64, share: f64| {
        [
            ("wall_ns", runs(name, 12, wall, 0.02)),
            ("gc_cycles", vec![41.0; 12]),
            ("gc_cpu_share", vec![share; 12]),
        ]
    };
    let case = Case::new(&["a", "b"]).work("w", Mode::Closed, &[Axis::Throughput]);
    let verdict = case
        .cell("a", &cell("a", 1e9, 0.123))
        .cell("b", &cell("b", 2e9, 0.4))
        .on(Axis::Throughput);
    assert_eq!(
        verdict.mechanism,
        [
            "On w, A: 41 collections, the collector took 12.3 % of CPU; B: 41 collections, the collector took 40 % of CPU."
        ]
    );
}

#[test]
fn a_loud_or_unfit_machine_brands_the_report_untrusted() {
    let mut case = throughput(vec![1.0; 10], vec![1.0; 10]);
    assert_eq!(case.judge().untrusted, []);
    case.analysis.noise = Some(Noise {
        p50: Ns(1),
        p99: Ns(1_500_000),
        max: Ns(2_000_000),
        n: 9999,
    });
    let host = Host {
        doubts: vec![Doubt::FewCores { cores: 1 }],
        ..Host::default()
    };
    let untrusted = judge::decide(&case.plan, &case.analysis, &host, 1).untrusted;
    assert_eq!(
        untrusted,
        [
            Doubt::FewCores { cores: 1 },
            Doubt::NoiseFloor { p99_ns: 1_500_000 }
        ]
    );
    // What an idle process sees beside runs that fill every core is theirs: the machine is judged by what it does alone.
    case.analysis.quiet = case.analysis.noise.take();
    assert_eq!(case.judge().untrusted, [Doubt::NoiseFloor { p99_ns: 1_500_000 }]);
    case.analysis.noise = case.analysis.quiet.clone();
    case.analysis.quiet.as_mut().unwrap().p99 = Ns(90_000);
    assert_eq!(case.judge().untrusted, []);
}

#[test]
fn rules_name_who_met_the_limits_everywhere_cheapest_first_and_never_a_reference() {
    let mut case = Case::new(&["a", "b", "c", "none"]);
    let all = [
        ("a", 30.0, 1.8, 10.0),
        ("b", 1.5, 3.5, 13.0),
        ("c", 15.0, 2.8, 11.0),
        ("none", 0.5, 1.1, 1.0),
    ];
    let one = |v: f64| vec![v; 10];
    case = case.work("o", Mode::Open, &[Axis::Tail]);
    for (name, tail, _, _) in all {
        case = case.cell(name, &[("response_p999_ns", one(tail * MS))]);
    }
    case = case.work("m", Mode::Closed, &[Axis::Memory, Axis::Throughput]);
    for (name, _, memory, cpu) in all {
        case = case.cell(
            name,
            &[("memory_peak_over_live", one(memory)), ("cpu_ns", one(cpu))],
        );
    }
    let rules = case.judge().rules;
    let told: Vec<(&str, String)> = rules
        .iter()
        .map(|r| (r.condition.as_str(), r.choices.join(" ")))
        .collect();
    let expected = [
        ("p99.9 at most 2 ms and memory at most 4 x live", "b"),
        ("p99.9 at most 20 ms and memory at most 3 x live", "c"),
        ("p99.9 at most 20 ms and memory at most 4 x live", "c b"),
        ("p99.9 at most 50 ms and memory at most 2 x live", "a"),
        ("p99.9 at most 50 ms and memory at most 3 x live", "a c"),
        ("p99.9 at most 50 ms and memory at most 4 x live", "a c b"),
    ];
    assert_eq!(told, expected.map(|(c, n)| (c, n.to_owned())));
    assert_eq!(
        rules[0].evidence,
        "b: CPU 1.3 x the least, p99.9 at most 1.5 ms, memory at most 3.5 x live"
    );
}

#[test]
fn rungs_of_a_ladder_decide_nothing() {
    // On the rung b has half the CPU and latency of a: for it was offered half the rate.
    let side = |cpu: f64| [("cpu_ns", vec![cpu; 10]), ("response_p999_ns", vec![cpu; 10])];
    let case = Case::new(&["a", "b", "c"])
        .work("w", Mode::Open, &[Axis::Tail])
        .cell("a", &side(1e9))
        .cell("b", &side(1e9));
    let mut with = Case::new(&["a", "b", "c"])
        .work("w", Mode::Open, &[Axis::Tail])
        .cell("a", &side(1e9))
        .cell("b", &side(1e9))
        .work("w:own50%", Mode::Open, &[])
        .cell("a", &side(1e9))
        .cell("b", &side(0.5e9))
        .cell("c", &side(0.1e9));
    with.plan.works[1].ladder = Some("w".into());
    let (without, with) = (case.judge(), with.judge());
    assert!(!without.rules.is_empty());
    assert_eq!(with, without);
}

#[test]
fn works_of_a_sweep_decide_nothing() {
    // On the largest value b takes less than a, and c, which does no other work, the least.
    let side = |cpu: f64| [("cpu_ns", vec![cpu; 10]), ("wall_ns", vec![cpu; 10])];
    let base = || {
        Case::new(&["a", "b", "c"])
            .work("w", Mode::Closed, &[Axis::Memory])
            .cell("a", &side(1e9))
            .cell("b", &side(2e9))
    };
    let mut with = base()
        .work("s+threads=10", Mode::Closed, &[])
        .cell("a", &side(1e9))
        .cell("b", &side(0.1e9))
        .cell("c", &side(0.01e9));
    with.plan.works[1].swept = Some(Swept {
        parameter: "threads".into(),
        what: String::new(),
        value: 10,
    });
    let (without, with) = (base().judge(), with.judge());
    assert!(!without.rules.is_empty());
    assert_eq!(with, without);
}
