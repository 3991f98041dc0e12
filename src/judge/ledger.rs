//! Does what is asserted hold here? Claim by claim, from fresh processes.
//!
//! A value is the geometric mean over runs, a ratio that over rounds, since what is divided ran in turn ([`crate::stats::ratio_by_rounds`]); its 95 %
//! interval against the bounds decides: inside them the claim holds, apart from them it does not, else it is undecided. Nothing is
//! corrected for the number of claims: each is asked by itself, and of a hundred five may be wrong.

use std::collections::BTreeMap;

use crate::artifact::analysis::{Analysis, CellSummary, Failure};
use crate::artifact::definition::claim::{Direction, FATES, STARTED, SURVIVED};
use crate::artifact::doubt::Doubt;
use crate::artifact::ledger::{
    Answer, CellDoubt, Chart, Curves, Figure, Ledger, Measured, Outcome, Question, Questions, Said, Seen,
    Test, Words,
};
use crate::artifact::metric::Unit;
use crate::artifact::outcome::Outcome as End;
use crate::artifact::plan::{Plan, Purpose};
use crate::artifact::sample::Sample;
use crate::stats::{self, Bounds};

const LEVEL: f64 = 0.95;

/// Answers in the order of the questions. Same inputs, same bytes.
pub fn settle(questions: &Questions, plan: &Plan, samples: &[Sample], analysis: &Analysis) -> Ledger {
    let run = Run {
        plan,
        samples,
        failures: &analysis.failures,
        cells: &analysis.cells,
    };
    Ledger {
        answers: questions
            .all()
            .map(|(_, question)| run.answer(question))
            .collect(),
        curves: questions
            .rows
            .iter()
            .flat_map(|row| row.charts.iter().map(|chart| run.curves(&row.name, chart)))
            .collect(),
    }
}

struct Run<'a> {
    plan: &'a Plan,
    samples: &'a [Sample],
    failures: &'a [Failure],
    cells: &'a BTreeMap<String, CellSummary>,
}

/// (round, value), in order of rounds.
type Values = Vec<(u32, f64)>;

/// An outcome before it is written down.
struct Finding {
    outcome: Outcome,
    measured: Option<Measured>,
    reason: Option<String>,
}

impl Finding {
    fn undecided(reason: String) -> Self {
        Finding {
            outcome: Outcome::Undecided,
            measured: None,
            reason: Some(reason),
        }
    }
}

impl Run<'_> {
    fn answer(&self, question: &Question) -> Answer {
        let finding = self.missing(question).unwrap_or_else(|| match &question.test {
            Test::Between {
                value,
                over,
                at_least,
                at_most,
                in_every_run,
            } => {
                let bounds = Bounds {
                    lo: at_least.unwrap_or(f64::NEG_INFINITY),
                    hi: at_most.unwrap_or(f64::INFINITY),
                };
                self.between(value, over.as_ref(), bounds, *in_every_run)
            }
            Test::Course { along, goes } => self.course(along, *goes),
            Test::Tour {
                file, finds, seen, ..
            } => toured(file, finds, seen.as_ref()),
        });
        Answer {
            id: question.id.clone(),
            outcome: finding.outcome,
            measured: finding.measured,
            reason: finding.reason,
            because: question.because.iter().map(|words| self.said(words)).collect(),
            doubts: self.doubts(question),
        }
    }

    /// Of the cells of the test, each once, and only what bears on the metric that is asked.
    fn doubts(&self, question: &Question) -> Vec<CellDoubt> {
        let mut all: Vec<CellDoubt> = Vec::new();
        for figure in question.test.figures() {
            let doubts = self.cells.get(&figure.cell).map_or(&[][..], |cell| &cell.doubts);
            for doubt in doubts.iter().filter(|d| bears_on(d, &figure.metric)) {
                let told = CellDoubt {
                    name: figure.name.clone(),
                    doubt: doubt.clone(),
                };
                if !all.contains(&told) {
                    all.push(told);
                }
            }
        }
        all
    }

    /// Of each place the mean over runs, as a claim on it would have it.
    fn curves(&self, row: &str, chart: &Chart) -> Curves {
        let place = |figure: &Option<Figure>| {
            let values = values_of(&self.values(figure.as_ref()?));
            let found = mean(&values, LEVEL);
            let value = match found {
                Some((middle, _)) => middle,
                None => *values.first()?,
            };
            Some(Measured {
                value: Some(value),
                interval: found.map(|(_, interval)| (interval.lo, interval.hi)),
                values,
                unit: Some(chart.unit),
            })
        };
        Curves {
            row: row.to_owned(),
            title: chart.title.clone(),
            lines: chart
                .lines
                .iter()
                .map(|line| line.figures.iter().map(place).collect())
                .collect(),
        }
    }

    fn said(&self, words: &Words) -> Said {
        match words {
            Words::Text(text) => Said::Text(text.clone()),
            Words::Figure(figure) => Said::Figure {
                metric: figure.metric.clone(),
                unit: figure.unit,
                median: stats::median(&values_of(&self.values(figure))),
            },
        }
    }

    /// A collector that cannot run here makes a claim inapplicable; a run that went wrong leaves it open.
    fn missing(&self, question: &Question) -> Option<Finding> {
        let inapplicable = |reason: String| Finding {
            outcome: Outcome::NotApplicable,
            measured: None,
            reason: Some(reason),
        };
        if let Some(reason) = &question.unfit {
            return Some(inapplicable(reason.clone()));
        }
        let figures = question.test.figures();
        for figure in &figures {
            let collector = self.plan.cell(&figure.cell).map(|c| c.collector.as_str());
            let collector = collector.and_then(|name| self.plan.collector(name));
            if let Some((name, reason)) = collector.and_then(|c| Some((&c.name, c.unavailable.as_ref()?))) {
                return Some(inapplicable(format!("{name}: {reason}")));
            }
        }
        for figure in &figures {
            let mut wrong = self.failures.iter().filter(|f| f.cell == figure.cell);
            if let Some(failure) = wrong.find(|f| !is_fate(&figure.metric, &f.outcome)) {
                return Some(Finding::undecided(format!(
                    "a run of `{}` is not valid: {}",
                    figure.name, failure.outcome
                )));
            }
            if self.values(figure).is_empty() {
                return Some(Finding::undecided(format!(
                    "no run of `{}` has a value of {}",
                    figure.name, figure.metric
                )));
            }
        }
        None
    }

    fn values(&self, figure: &Figure) -> Values {
        if !FATES.contains(&figure.metric.as_str()) {
            let mine = self
                .samples
                .iter()
                .filter(|s| s.cell == figure.cell && s.metric == figure.metric);
            let mut all: Values = mine.map(|s| (s.round, s.value)).collect();
            all.sort_by_key(|(round, _)| *round);
            return all;
        }
        let runs = self.plan.invocations.iter();
        let runs = runs.filter(|i| i.cell == figure.cell && i.purpose == Purpose::Measure);
        let ended_well = |id: &str| self.samples.iter().any(|s| s.invocation == id);
        let died = |id: &str| {
            let mut failures = self.failures.iter();
            failures.any(|f| f.invocation == id && is_fate(&figure.metric, &f.outcome))
        };
        runs.filter_map(|run| match (ended_well(&run.id), died(&run.id)) {
            (true, _) => Some((run.round, 1.0)),
            (false, true) => Some((run.round, 0.0)),
            (false, false) => None,
        })
        .collect()
    }

    fn between(&self, value: &Figure, over: Option<&Figure>, bounds: Bounds, in_every_run: bool) -> Finding {
        let values = self.values(value);
        let (values, unit) = match over {
            None => (values_of(&values), Some(value.unit)),
            Some(over) => {
                let pairs = in_rounds(&values, &self.values(over));
                if !pairs.is_empty() && pairs.iter().all(|(a, b)| *a > 0.0 && *b == 0.0) {
                    return endless(bounds, pairs.len(), &over.name);
                }
                if pairs.iter().any(|(_, b)| *b == 0.0) {
                    return Finding::undecided(format!(
                        "{} is 0 in some runs of `{}`",
                        over.metric, over.name
                    ));
                }
                (pairs.iter().map(|(a, b)| a / b).collect(), None)
            }
        };
        if in_every_run {
            return every_run(values, unit, bounds, self.planned(value));
        }
        match mean(&values, LEVEL) {
            None => Finding::undecided(format!(
                "{} rounds have it: 2 are needed for an interval",
                values.len()
            )),
            Some((middle, interval)) => Finding {
                outcome: against(interval, bounds),
                measured: Some(Measured {
                    value: Some(middle),
                    interval: Some((interval.lo, interval.hi)),
                    values,
                    unit,
                }),
                reason: None,
            },
        }
    }

    /// Runs that the figure's cell is to have.
    fn planned(&self, figure: &Figure) -> usize {
        let runs = self.plan.invocations.iter();
        runs.filter(|i| i.cell == figure.cell && i.purpose == Purpose::Measure)
            .count()
    }

    /// All steps must be the right way for it to hold, so that no level needs correcting; one that is the wrong way refutes it, so that
    /// for that each has its share of the error.
    fn course(&self, along: &[Figure], goes: Direction) -> Finding {
        let mut unclear: Option<(f64, Finding)> = None;
        let steps = along.len().saturating_sub(1).max(1) as f64;
        let mut last = None;
        for pair in along.windows(2) {
            let (before, after) = (self.values(&pair[0]), self.values(&pair[1]));
            let pairs = match goes {
                Direction::Up => in_rounds(&after, &before),
                Direction::Down => in_rounds(&before, &after),
            };
            let Some(step) = Step::of(&pairs, 1.0 - (1.0 - LEVEL) / steps) else {
                return Finding::undecided(format!(
                    "`{}` and `{}` have fewer than 2 rounds in common",
                    pair[0].name, pair[1].name
                ));
            };
            let told = format!("from `{}` to `{}`", pair[0].name, pair[1].name);
            let finding = |outcome| Finding {
                outcome,
                measured: Some(step.measured(goes)),
                reason: Some(told.clone()),
            };
            if step.strict.hi < step.still {
                return finding(Outcome::DoesNotHold);
            }
            if step.usual.lo <= step.still {
                // The step that is furthest from being one.
                if unclear
                    .as_ref()
                    .is_none_or(|(lo, _)| step.usual.lo - step.still < *lo)
                {
                    unclear = Some((step.usual.lo - step.still, finding(Outcome::Undecided)));
                }
            } else {
                last = Some(Finding {
                    reason: Some(format!("each step does; the last one, {told}")),
                    ..finding(Outcome::Holds)
                });
            }
        }
        let none = || Finding::undecided("there is no step".into());
        unclear.map(|(_, finding)| finding).or(last).unwrap_or_else(none)
    }
}

/// From one figure to the next: as a ratio where all values are above zero (no step is 1), else as a difference (0).
struct Step {
    still: f64,
    values: Vec<f64>,
    middle: f64,
    usual: Bounds,
    strict: Bounds,
}

impl Step {
    fn of(pairs: &[(f64, f64)], strict: f64) -> Option<Self> {
        let ratio = pairs.iter().all(|(a, b)| *a > 0.0 && *b > 0.0);
        let values: Vec<f64> = pairs
            .iter()
            .map(|(a, b)| if ratio { a / b } else { a - b })
            .collect();
        let over = |level| {
            if ratio {
                mean(&values, level)
            } else {
                stats::mean_interval(&values, level)
            }
        };
        let ((middle, usual), (_, strict)) = (over(LEVEL)?, over(strict)?);
        Some(Step {
            still: if ratio { 1.0 } else { 0.0 },
            middle,
            usual,
            strict,
            values,
        })
    }

    /// In the direction of the series, so that a fall is below 1.
    fn measured(&self, goes: Direction) -> Measured {
        let turned = |v: f64| match goes {
            Direction::Up => v,
            Direction::Down if self.still == 1.0 => 1.0 / v,
            Direction::Down => -v,
        };
        let ends = (turned(self.usual.lo), turned(self.usual.hi));
        Measured {
            value: Some(turned(self.middle)),
            interval: Some((ends.0.min(ends.1), ends.0.max(ends.1))),
            values: self.values.iter().map(|v| turned(*v)).collect(),
            unit: None,
        }
    }
}

/// Is that end what the metric asks about? Of others nothing can be said.
fn is_fate(metric: &str, outcome: &End) -> bool {
    match outcome {
        End::OutOfMemory { .. } => metric == SURVIVED,
        End::Refused { .. } => metric == STARTED,
        _ => false,
    }
}

/// That few rounds are few is told by the interval, and that a run failed by the outcome; a doubt of pauses says nothing of memory.
fn bears_on(doubt: &Doubt, metric: &str) -> bool {
    let begins = |with: &[&str]| with.iter().any(|prefix| metric.starts_with(prefix));
    match doubt {
        Doubt::FewRounds { .. } | Doubt::Failures { .. } => false,
        Doubt::WatcherDisagrees { .. } | Doubt::BucketEdge { .. } => begins(&["pause_"]),
        Doubt::UnderNoiseFloor { .. } => begins(&["pause_", "response_", "service_", "watcher_"]),
        Doubt::TailTooShort { .. } | Doubt::Saturated { .. } => begins(&["response_", "tail_"]),
        Doubt::LiveDiffers { .. } | Doubt::MultiplyMapped { .. } => {
            begins(&["memory_", "rest_", "rss_", "frag_", "return_", "trace_"])
        }
        Doubt::NoCollections => begins(&["gc_", "pause_", "assist_", "cycle_", "wall_", "ops_", "cpu_"]),
        Doubt::NoSteadyState { .. } => begins(&["wall_", "ops_", "cpu_", "gc_"]),
        _ => true,
    }
}

/// Geometric where every value is above zero, arithmetic otherwise, with its interval. None for fewer than two values.
fn mean(values: &[f64], level: f64) -> Option<(f64, Bounds)> {
    let alone: Vec<(f64, f64)> = values.iter().map(|v| (*v, 1.0)).collect();
    match stats::ratio_by_rounds(&[&alone]) {
        Some(estimate) => Some((estimate.estimate(), estimate.interval(level))),
        None => stats::mean_interval(values, level),
    }
}

fn against(interval: Bounds, bounds: Bounds) -> Outcome {
    if bounds.contains(interval.lo) && bounds.contains(interval.hi) {
        Outcome::Holds
    } else if interval.hi < bounds.lo || interval.lo > bounds.hi {
        Outcome::DoesNotHold
    } else {
        Outcome::Undecided
    }
}

/// One run outside of the bounds refutes it; it holds once all that were planned are within.
fn every_run(values: Vec<f64>, unit: Option<Unit>, bounds: Bounds, planned: usize) -> Finding {
    let within = values.iter().filter(|v| bounds.contains(**v)).count();
    Finding {
        outcome: if within < values.len() {
            Outcome::DoesNotHold
        } else if within < planned {
            Outcome::Undecided
        } else {
            Outcome::Holds
        },
        reason: Some(format!("{within} of {planned} runs")),
        measured: Some(Measured {
            value: stats::median(&values),
            interval: None,
            values,
            unit,
        }),
    }
}

/// Source is not measured: it has the lines, or it has not.
fn toured(file: &str, finds: &[String], seen: Option<&Seen>) -> Finding {
    let Some(seen) = seen else {
        return Finding::undecided(format!("{file} was not read"));
    };
    let lines: Vec<String> = seen.lines.iter().map(u32::to_string).collect();
    let (outcome, reason) = match (finds.get(seen.lines.len()), seen.lines.last()) {
        (None, _) => (
            Outcome::Holds,
            format!(
                "{file}, {} {} ({})",
                if lines.len() == 1 { "line" } else { "lines" },
                lines.join(", "),
                seen.version
            ),
        ),
        (Some(missing), Some(last)) => (
            Outcome::DoesNotHold,
            format!(
                "{file} has no `{missing}` there after line {last} ({})",
                seen.version
            ),
        ),
        (Some(missing), None) => (
            Outcome::DoesNotHold,
            format!("{file} has no `{missing}` ({})", seen.version),
        ),
    };
    Finding {
        outcome,
        measured: None,
        reason: Some(reason),
    }
}

/// Something over nothing, in every round.
fn endless(bounds: Bounds, rounds: usize, over: &str) -> Finding {
    Finding {
        outcome: if bounds.hi.is_finite() {
            Outcome::DoesNotHold
        } else {
            Outcome::Holds
        },
        measured: Some(Measured {
            value: None,
            interval: None,
            values: Vec::new(),
            unit: None,
        }),
        reason: Some(format!(
            "`{over}` is 0 in all of {rounds} rounds: the ratio has no bound"
        )),
    }
}

fn values_of(values: &Values) -> Vec<f64> {
    values.iter().map(|(_, value)| *value).collect()
}

/// Values of the same rounds.
fn in_rounds(a: &Values, b: &Values) -> Vec<(f64, f64)> {
    let of = |round: u32| b.iter().find(|(r, _)| *r == round).map(|(_, v)| *v);
    a.iter()
        .filter_map(|(round, value)| Some((*value, of(*round)?)))
        .collect()
}
