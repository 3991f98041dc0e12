//! "For ...: choose ...": which collectors met a limit on latency and memory on every work that measures it, cheapest in CPU first.
//!
//! Limits come from a small grid. Each distinct answer is told once, under the strictest limits that give it, so that a rule says the most
//! that the data carry. References without a collector are no choice.

use crate::artifact::analysis::Analysis;
use crate::artifact::axis::Axis;
use crate::artifact::plan::{Collector, Plan, Work};
use crate::artifact::verdict::DecisionRule;

use super::compare::{cell, saturated_share};
use super::numbers::{digits, duration};

const TAIL_LIMITS_MS: [f64; 7] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0];
const MEMORY_LIMITS: [f64; 5] = [1.5, 2.0, 3.0, 4.0, 6.0];
/// More than a reader compares.
const MOST_RULES: usize = 8;

/// What one collector achieved; None where it has no valid value on some work of the axis, which no limit accepts.
struct Candidate<'a> {
    name: &'a str,
    /// Worst p99.9 over the tail works, ns.
    tail: Option<f64>,
    /// Worst peak over live over the memory works.
    memory: Option<f64>,
    /// Geometric mean over the works that every candidate finished of CPU over the least of them; the work done is the same, so this is
    /// CPU per operation. Infinite where there is no such work.
    cpu: f64,
}

#[derive(Clone, Copy)]
struct Limits {
    tail_ms: Option<f64>,
    memory: Option<f64>,
}

pub(super) fn rules(plan: &Plan, analysis: &Analysis) -> Vec<DecisionRule> {
    let candidates = candidates(plan, analysis);
    let mut rules: Vec<(Limits, Vec<&Candidate<'_>>)> = Vec::new();
    for limits in grid(plan) {
        let choices: Vec<&Candidate<'_>> = candidates.iter().filter(|c| limits.met_by(c)).collect();
        let names =
            |list: &[&Candidate<'_>]| -> Vec<String> { list.iter().map(|c| c.name.to_owned()).collect() };
        if !choices.is_empty() && !rules.iter().any(|(_, told)| names(told) == names(&choices)) {
            rules.push((limits, choices));
        }
    }
    if rules.len() > MOST_RULES {
        // Then only what changes the first choice.
        let mut first: Vec<&str> = Vec::new();
        rules.retain(|(_, choices)| {
            let name = choices[0].name;
            let new = !first.contains(&name);
            first.push(name);
            new
        });
        rules.truncate(MOST_RULES);
    }
    rules
        .into_iter()
        .map(|(limits, choices)| DecisionRule {
            condition: limits.condition(),
            evidence: evidence(&choices),
            choices: choices.iter().map(|c| c.name.to_owned()).collect(),
        })
        .collect()
}

/// Strictest first: by latency, then by memory; an axis without works sets no limit.
fn grid(plan: &Plan) -> Vec<Limits> {
    let limits = |axis: Axis, values: &[f64]| -> Vec<Option<f64>> {
        let asked = works_of(plan, axis).next().is_some();
        let values = values.iter().filter(|_| asked).map(|v| Some(*v));
        values.chain([None]).collect()
    };
    let memory = limits(Axis::Memory, &MEMORY_LIMITS);
    limits(Axis::Tail, &TAIL_LIMITS_MS)
        .into_iter()
        .flat_map(|tail_ms| {
            memory.iter().map(move |memory| Limits {
                tail_ms,
                memory: *memory,
            })
        })
        .collect()
}

fn works_of(plan: &Plan, axis: Axis) -> impl Iterator<Item = &Work> {
    plan.works.iter().filter(move |w| w.axes.contains(&axis))
}

/// Works on which all collectors do the same. On the rungs of a ladder each has a rate of its own; works of a sweep are there for a
/// question of their own, and one that cannot do the largest of them is no worse elsewhere.
fn comparable(plan: &Plan) -> impl Iterator<Item = &Work> {
    let works = plan.works.iter();
    works.filter(|w| w.ladder.is_none() && w.swept.is_none())
}

impl Limits {
    fn met_by(&self, candidate: &Candidate<'_>) -> bool {
        let within = |limit: Option<f64>, value: Option<f64>| {
            limit.is_none_or(|limit| value.is_some_and(|value| value <= limit))
        };
        within(self.tail_ms.map(|ms| ms * 1e6), candidate.tail) && within(self.memory, candidate.memory)
    }

    fn condition(&self) -> String {
        let tail = self.tail_ms.map(|ms| format!("p99.9 at most {} ms", digits(ms)));
        let memory = self
            .memory
            .map(|m| format!("memory at most {} x live", digits(m)));
        match (tail, memory) {
            (None, None) => "no limit on latency or memory".to_owned(),
            (tail, memory) => tail.into_iter().chain(memory).collect::<Vec<_>>().join(" and "),
        }
    }
}

/// Ordered by CPU, then by name. Only collectors that have a value at all.
fn candidates<'a>(plan: &'a Plan, analysis: &Analysis) -> Vec<Candidate<'a>> {
    let eligible: Vec<&Collector> = plan
        .collectors
        .iter()
        .filter(|c| c.unavailable.is_none() && c.collects())
        // One that a suite has for a single question is no answer to another.
        .filter(|c| {
            comparable(plan)
                .filter(|w| w.axes != [Axis::LargeHeap])
                .all(|w| does(plan, w, c))
        })
        .filter(|c| comparable(plan).any(|w| median(plan, analysis, w, c, "cpu_ns").is_some()))
        .collect();
    let common = common_works(plan, analysis, &eligible);
    let cpu = |collector: &Collector| {
        let logs: Vec<f64> = common
            .iter()
            .filter_map(|(work, least)| {
                Some((median(plan, analysis, work, collector, "cpu_ns")? / least).ln())
            })
            .collect();
        if logs.is_empty() {
            f64::INFINITY
        } else {
            (logs.iter().sum::<f64>() / logs.len() as f64).exp()
        }
    };
    let mut candidates: Vec<Candidate<'a>> = eligible
        .iter()
        .map(|c| Candidate {
            name: &c.name,
            tail: worst(plan, analysis, c, Axis::Tail),
            memory: worst(plan, analysis, c, Axis::Memory),
            cpu: cpu(c),
        })
        .collect();
    candidates.sort_by(|x, y| x.cpu.total_cmp(&y.cpu).then(x.name.cmp(y.name)));
    candidates
}

/// Whether it was to do the task, with whatever memory.
fn does(plan: &Plan, work: &Work, collector: &Collector) -> bool {
    let mut cells = plan.cells.iter().filter(|c| c.collector == collector.name);
    cells.any(|c| plan.work(&c.work).is_some_and(|w| w.task() == work.task()))
}

/// Works that every eligible collector finished, with the least CPU any of them took; throughput works where there are any.
fn common_works<'a>(plan: &'a Plan, analysis: &Analysis, eligible: &[&Collector]) -> Vec<(&'a Work, f64)> {
    let fixed: Vec<&Work> = works_of(plan, Axis::Throughput).collect();
    let works = if fixed.is_empty() {
        comparable(plan).collect()
    } else {
        fixed
    };
    works
        .into_iter()
        .filter_map(|work| {
            let medians: Option<Vec<f64>> = eligible
                .iter()
                .map(|c| median(plan, analysis, work, c, "cpu_ns"))
                .collect();
            Some((work, medians?.into_iter().min_by(f64::total_cmp)?))
        })
        .collect()
}

/// The worst median of the axis's headline over all its works; None unless the collector has one on each.
fn worst(plan: &Plan, analysis: &Analysis, collector: &Collector, axis: Axis) -> Option<f64> {
    let medians: Option<Vec<f64>> = works_of(plan, axis)
        .map(|work| {
            let carried =
                cell(plan, analysis, work, &collector.name).is_some_and(|c| saturated_share(c) == 0.0);
            median(plan, analysis, work, collector, axis.headline()).filter(|_| carried || axis != Axis::Tail)
        })
        .collect();
    medians?.into_iter().max_by(f64::total_cmp)
}

fn median(plan: &Plan, analysis: &Analysis, work: &Work, collector: &Collector, metric: &str) -> Option<f64> {
    let cell = cell(plan, analysis, work, &collector.name).filter(|c| c.valid > 0)?;
    let median = cell.metrics.get(metric)?.median;
    (median.is_finite() && median > 0.0).then_some(median)
}

fn evidence(choices: &[&Candidate<'_>]) -> String {
    let one = |c: &&Candidate<'_>| {
        let cpu = c
            .cpu
            .is_finite()
            .then(|| format!("CPU {} x the least", digits(c.cpu)));
        let tail = c.tail.map(|ns| format!("p99.9 at most {}", duration(ns)));
        let memory = c.memory.map(|m| format!("memory at most {} x live", digits(m)));
        let known: Vec<String> = [cpu, tail, memory].into_iter().flatten().collect();
        format!("{}: {}", c.name, known.join(", "))
    };
    choices.iter().map(one).collect::<Vec<_>>().join("; ")
}
