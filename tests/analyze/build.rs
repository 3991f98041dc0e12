//! A plan of one work, observations and samples.

use std::collections::BTreeMap;

use base64::Engine;
use gcrucible::analyze::summarise;
use gcrucible::artifact::analysis::{Analysis, CellSummary};
use gcrucible::artifact::axis::Axis;
use gcrucible::artifact::observation::*;
use gcrucible::artifact::outcome::Outcome;
use gcrucible::artifact::plan::*;
use gcrucible::artifact::sample::Sample;
use gcrucible::artifact::unit::{Bytes, Ns};
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};

pub const CELL: &str = "w/c";

pub fn plan() -> Plan {
    let collector = Collector {
        name: "c".into(),
        label: "C".into(),
        runtime: "r".into(),
        version: "1".into(),
        tags: Vec::new(),
        log: "none".into(),
        gc_threads: Vec::new(),
        setting_of: None,
        unavailable: None,
    };
    let work = Work {
        id: "w".into(),
        workload: "w".into(),
        variant: None,
        mode: Mode::Open,
        live: Bytes(1000),
        budget: Budget::Default,
        threads: 1,
        axes: vec![Axis::Tail, Axis::Pause],
        series: None,
        ladder: None,
        block: None,
        rounds: None,
        swept: None,
        summary: String::new(),
        expected_checksum: None,
    };
    let cell = |id: &str| Cell {
        id: id.into(),
        work: "w".into(),
        collector: "c".into(),
        argv: Vec::new(),
        env: BTreeMap::new(),
        request: Vec::new(),
        timeout_s: 1,
        load: None,
    };
    Plan {
        suite: "t".into(),
        question: "?".into(),
        seed: 1,
        rounds: 10,
        pairs: Vec::new(),
        collectors: vec![collector],
        works: vec![work],
        cells: vec![cell(CELL), cell("w/never-ran")],
        invocations: Vec::new(),
        minimums: Vec::new(),
        goal: None,
        stopping: None,
    }
}

pub fn observation(round: u32) -> Observation {
    Observation {
        invocation: format!("r{round}"),
        cell: CELL.into(),
        round,
        purpose: Purpose::Measure,
        outcome: Outcome::Finished,
        marks: BTreeMap::from([("begin".into(), Ns(1000)), ("end".into(), Ns(11_000))]),
        ops: 10,
        requested: Bytes(0),
        allocated: None,
        live: Bytes(1000),
        checksum: None,
        rate: Some(10.0),
        histograms: BTreeMap::new(),
        before: BTreeMap::new(),
        after: BTreeMap::new(),
        pauses: Pauses::default(),
        stalls: Vec::new(),
        cycles: Vec::new(),
        forced: Forced::default(),
        cpu: Cpu::default(),
        memory: Memory::default(),
        epochs: Vec::new(),
        probes: Vec::new(),
        values: BTreeMap::new(),
        slowest: Vec::new(),
        progress: None,
        ticks: Vec::new(),
        log_understood: None,
    }
}

pub fn sample(round: u32, metric: &str, value: f64) -> Sample {
    Sample {
        cell: CELL.into(),
        invocation: format!("r{round}"),
        round,
        metric: metric.into(),
        value,
        unit: String::new(),
    }
}

pub fn histogram(values: impl Iterator<Item = u64>) -> String {
    let mut histogram = Histogram::<u64>::new_with_bounds(1, 3_600_000_000_000, 3).unwrap();
    values.for_each(|v| histogram.record(v).unwrap());
    let mut bytes = Vec::new();
    V2DeflateSerializer::new()
        .serialize(&histogram, &mut bytes)
        .unwrap();
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Rounds 1 to n, each changed by `change`.
pub fn rounds(n: u32, change: impl Fn(&mut Observation)) -> Vec<Observation> {
    (1..=n)
        .map(|round| {
            let mut observation = observation(round);
            change(&mut observation);
            observation
        })
        .collect()
}

/// The same value of each metric in every round.
pub fn constant(n: u32, metrics: &[(&str, f64)]) -> Vec<Sample> {
    (1..=n)
        .flat_map(|round| metrics.iter().map(move |(m, v)| sample(round, m, *v)))
        .collect()
}

pub fn analysis(observations: &[Observation], samples: &[Sample]) -> Analysis {
    summarise(&plan(), observations, samples, &[], &[])
}

pub fn cell(observations: &[Observation], samples: &[Sample]) -> CellSummary {
    analysis(observations, samples).cells.remove(CELL).unwrap()
}

/// An idle control that was always 50 us late.
pub fn noisy(o: &mut Observation) {
    o.histograms
        .insert("control".into(), histogram((0..1000).map(|_| 50_000)));
}
