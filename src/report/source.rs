//! What the page is made from, with the look-ups that every part of it needs.

use std::collections::BTreeMap;

use crate::artifact::analysis::{Analysis, CellSummary, Estimate, Failure};
use crate::artifact::axis::Axis;
use crate::artifact::calibration::Calibration;
use crate::artifact::outcome::Outcome;
use crate::artifact::plan::{Cell, Collector, Pair, Plan, Purpose, Work};
use crate::artifact::selftest::Selftest;
use crate::artifact::settled::Settled;
use crate::artifact::verdict::{Verdict, Verdicts};

use super::palette::{Palette, is_reference};

/// What else is known of the machine, as it stood when the run began.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    pub selftest: Option<&'a Selftest>,
    pub settled: Option<&'a Settled>,
}

pub struct Source<'a> {
    pub plan: &'a Plan,
    pub analysis: &'a Analysis,
    pub verdicts: &'a Verdicts,
    pub calibration: Option<&'a Calibration>,
    pub beside: Beside<'a>,
    pub palette: Palette,
    /// (work, collector) -> cell.
    cells: BTreeMap<(&'a str, &'a str), &'a Cell>,
    /// Cell id -> its failures, in the order of the analysis.
    failures: BTreeMap<&'a str, Vec<&'a Failure>>,
}

/// Why a number is not there: a few words, and the reason where one is known.
pub struct Missing {
    pub word: String,
    pub reason: String,
}

impl Missing {
    fn new(word: &str, reason: impl Into<String>) -> Self {
        Missing {
            word: word.to_owned(),
            reason: reason.into(),
        }
    }
}

impl<'a> Source<'a> {
    pub fn new(
        plan: &'a Plan,
        analysis: &'a Analysis,
        verdicts: &'a Verdicts,
        calibration: Option<&'a Calibration>,
        beside: Beside<'a>,
    ) -> Self {
        let cells = plan
            .cells
            .iter()
            .map(|c| ((c.work.as_str(), c.collector.as_str()), c))
            .collect();
        let mut failures: BTreeMap<&str, Vec<&Failure>> = BTreeMap::new();
        for failure in &analysis.failures {
            failures.entry(&failure.cell).or_default().push(failure);
        }
        Source {
            plan,
            analysis,
            verdicts,
            calibration,
            beside,
            palette: Palette::new(plan),
            cells,
            failures,
        }
    }

    /// The pair that leads the report.
    pub fn lead(&self) -> Option<&'a Pair> {
        self.plan.pairs.first()
    }

    /// Works that inform the axis, in the plan's order.
    pub fn works(&self, axis: Axis) -> Vec<&'a Work> {
        self.plan
            .works
            .iter()
            .filter(|w| w.axes.contains(&axis))
            .collect()
    }

    /// Of the works of one task that differ in their memory budget, the one nearest to the reference.
    pub fn reference_works(&self, axis: Axis) -> Vec<&'a Work> {
        let mut kept: Vec<&Work> = Vec::new();
        for work in self.works(axis) {
            match kept.iter_mut().find(|k| k.task() == work.task()) {
                Some(other) if work.off_reference() < other.off_reference() => *other = work,
                Some(_) => {}
                None => kept.push(work),
            }
        }
        kept
    }

    /// Collectors that were to do any of these works, in the plan's order.
    pub fn collectors(&self, works: &[&Work]) -> Vec<&'a Collector> {
        let all = self.plan.collectors.iter();
        all.filter(|c| works.iter().any(|w| self.cell(&w.id, &c.name).is_some()))
            .collect()
    }

    pub fn references(&self) -> impl Iterator<Item = &'a Collector> {
        self.plan.collectors.iter().filter(|c| is_reference(c))
    }

    /// Does a pair compare it?
    pub fn judged(&self, collector: &str) -> bool {
        let mut pairs = self.plan.pairs.iter();
        pairs.any(|p| p.a == collector || p.b == collector)
    }

    pub fn cell(&self, work: &str, collector: &str) -> Option<&'a Cell> {
        self.cells.get(&(work, collector)).copied()
    }

    pub fn summary(&self, work: &str, collector: &str) -> Option<&'a CellSummary> {
        self.analysis.cells.get(&self.cell(work, collector)?.id)
    }

    /// Only estimates that are numbers.
    pub fn estimate(&self, work: &str, collector: &str, metric: &str) -> Option<&'a Estimate> {
        let estimate = self.summary(work, collector)?.metrics.get(metric)?;
        estimate.median.is_finite().then_some(estimate)
    }

    /// Share of the runs whose backlog grew, 0..1.
    pub fn saturated(&self, work: &str, collector: &str) -> f64 {
        self.estimate(work, collector, "saturated").map_or(0.0, |e| {
            let grew = e.values.iter().filter(|v| **v > 0.0).count();
            grew as f64 / e.values.len().max(1) as f64
        })
    }

    pub fn verdict(&self, pair: &Pair, axis: Axis) -> Option<&'a Verdict> {
        self.verdicts
            .verdicts
            .iter()
            .find(|v| v.axis == axis && v.a == pair.a && v.b == pair.b)
    }

    /// Why this work has no such number under this collector.
    pub fn missing(&self, work: &str, collector: &str) -> Missing {
        let Some(cell) = self.cell(work, collector) else {
            return match self.repeated(work, collector) {
                Some(other) => Missing::new("no budget", format!("the same process as {other}")),
                None => Missing::new("not planned", ""),
            };
        };
        if let Some(reason) = self
            .plan
            .collector(collector)
            .and_then(|c| c.unavailable.as_deref())
        {
            return Missing::new("not started", reason);
        }
        if self.analysis.cells.get(&cell.id).is_some_and(|c| c.valid > 0) {
            return Missing::new(super::format::NONE, "");
        }
        match self.failures.get(cell.id.as_str()).and_then(|f| f.first()) {
            Some(failure) => Missing::new(failure.outcome.name(), reason(&failure.outcome)),
            None => Missing::new("no valid run", ""),
        }
    }

    /// The work of the same task that this collector, to which a budget means nothing, did in its place.
    fn repeated(&self, work: &str, collector: &str) -> Option<&'a str> {
        let task = self.plan.work(work)?.task();
        let siblings = self.plan.works.iter().filter(|w| w.task() == task);
        let mut done = siblings.filter_map(|w| self.cell(&w.id, collector));
        let first = done.next()?;
        let same = |c: &Cell| (&c.argv, &c.env) == (&first.argv, &first.env);
        done.all(same).then_some(first.work.as_str())
    }

    /// Rounds that were run: a stopping rule may have ended before the plan's last.
    pub fn rounds(&self) -> u32 {
        self.analysis
            .stopped
            .as_ref()
            .map_or(self.plan.rounds, |s| s.after)
    }

    /// Measured invocations of a cell with what became of them: (invocation, round, outcome where it is not `finished`).
    pub fn invocations(&self, cell: &str) -> Vec<(&'a str, u32, Option<&'static str>)> {
        let failed: BTreeMap<&str, &'static str> = self
            .failures
            .get(cell)
            .into_iter()
            .flatten()
            .map(|f| (f.invocation.as_str(), f.outcome.name()))
            .collect();
        self.plan
            .invocations
            .iter()
            .filter(|i| i.cell == cell && i.purpose == Purpose::Measure && i.round <= self.rounds())
            .map(|i| (i.id.as_str(), i.round, failed.get(i.id.as_str()).copied()))
            .collect()
    }
}

/// The outcome's own account, without its name in front.
pub fn reason(outcome: &Outcome) -> String {
    let text = outcome.to_string();
    match text.strip_prefix(outcome.name()) {
        Some(rest) => rest.trim_start_matches([':', ' ']).to_owned(),
        None => text,
    }
}

/// Relative link to an invocation's raw folder.
pub fn raw_link(invocation: &str) -> String {
    let mut link = String::from("raw/");
    for byte in invocation.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~@".contains(&byte) {
            link.push(char::from(byte));
        } else {
            link.push_str(&format!("%{byte:02X}"));
        }
    }
    link.push('/');
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raw_link_cannot_leave_the_folder_or_the_attribute() {
        assert_eq!(raw_link("r1-001-work@64MiB"), "raw/r1-001-work@64MiB/");
        assert_eq!(raw_link("a/b\"?#"), "raw/a%2Fb%22%3F%23/");
    }

    #[test]
    fn a_reason_does_not_repeat_the_name_of_its_outcome() {
        let outcome = Outcome::NotStarted {
            reason: "no JDK".into(),
        };
        assert_eq!(reason(&outcome), "no JDK");
        assert_eq!(reason(&Outcome::Signalled { signal: 9 }), "killed by signal 9");
    }
}
