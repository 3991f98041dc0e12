//! What is wrong, found in finished figures. Every threshold is a constant with its reason, and is told with what was found, also where
//! nothing is wrong.

mod cost;
mod generations;
mod growth;
mod habits;
mod limit;
mod safepoint;
mod stalls;

use super::Account;
use crate::artifact::event::Writer;
use crate::artifact::explanation::{Explanation, Figures, Subject};
use crate::artifact::finding::{Check, Evidence, Fault, Finding, Measure, Severity, Try};
use crate::artifact::unit::Bytes;

const FEWEST_CYCLES: u64 = Explanation::FEWEST_CYCLES;

/// Findings in order of harm, and everything that was looked for.
pub fn look(account: &Account, subject: &Subject, figures: &Figures) -> (Vec<Finding>, Vec<Check>) {
    let mut look = Look {
        account,
        subject,
        figures,
        kind: Kind::of(subject),
        findings: Vec::new(),
        checks: Vec::new(),
    };
    limit::look(&mut look);
    growth::look(&mut look);
    stalls::look(&mut look);
    cost::look(&mut look);
    generations::look(&mut look);
    habits::look(&mut look);
    safepoint::look(&mut look);
    look.findings.sort_by(|a, b| {
        (a.severity, b.harm)
            .partial_cmp(&(b.severity, a.harm))
            .unwrap_or(a.severity.cmp(&b.severity))
    });
    (look.findings, look.checks)
}

struct Look<'a> {
    account: &'a Account,
    subject: &'a Subject,
    figures: &'a Figures,
    kind: Kind,
    findings: Vec<Finding>,
    checks: Vec<Check>,
}

/// Whose settings can be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Go,
    G1,
    Z,
    Shenandoah,
    Serial,
    Parallel,
    OtherJvm,
}

impl Kind {
    fn of(subject: &Subject) -> Kind {
        match (subject.reading.writer, subject.reading.collector.as_deref()) {
            (Some(Writer::Go), _) => Kind::Go,
            (_, Some("G1")) => Kind::G1,
            (_, Some("The Z Garbage Collector")) => Kind::Z,
            (_, Some("Shenandoah")) => Kind::Shenandoah,
            (_, Some("Serial")) => Kind::Serial,
            (_, Some("Parallel")) => Kind::Parallel,
            _ => Kind::OtherJvm,
        }
    }
}

impl Look<'_> {
    fn check(
        &mut self,
        name: &str,
        found: Option<Measure>,
        threshold: Measure,
        reason: &str,
        exceeded: bool,
    ) {
        self.checks.push(Check {
            name: name.to_owned(),
            found,
            threshold,
            reason: reason.to_owned(),
            exceeded,
        });
    }

    fn find(
        &mut self,
        severity: Severity,
        harm: f64,
        fault: Fault,
        evidence: Vec<Evidence>,
        tries: Vec<Try>,
    ) {
        self.findings.push(Finding {
            severity,
            harm: if harm.is_finite() { harm } else { 0.0 },
            fault,
            evidence,
            tries,
        });
    }

    fn has(&self, name: &str) -> bool {
        self.findings.iter().any(|finding| finding.fault.name() == name)
    }

    fn cpu_share(&self) -> Option<f64> {
        self.figures.cost.as_ref().and_then(|cost| cost.share)
    }

    fn stop_share(&self) -> Option<f64> {
        self.figures.stops.all.share
    }

    /// Of the log's span, 0..1.
    fn share_of_span(&self, ns: u64) -> f64 {
        super::tally::share(ns, self.subject.span).unwrap_or(0.0)
    }

    fn cycles(&self) -> u64 {
        self.figures.cycles.count
    }

    /// The heap's maximum, where the log tells it or has shown it.
    fn limit(&self) -> Option<Bytes> {
        self.figures
            .heap
            .headroom
            .filter(|h| h.is_hard())
            .map(|h| h.limit)
    }

    /// A larger heap: `-Xmx` or GOMEMLIMIT of so many bytes.
    fn larger_heap(&self, bytes: f64, why: &str) -> Try {
        let size = in_mib(bytes);
        tried(
            match self.kind {
                Kind::Go => format!("GOMEMLIMIT={size}MiB"),
                _ => format!("-Xmx{size}m"),
            },
            why,
        )
    }
}

fn tried(setting: impl Into<String>, why: &str) -> Try {
    Try {
        setting: setting.into(),
        why: why.to_owned(),
    }
}

/// Whole MiB, rounded up to two leading digits so that it reads as a setting.
fn in_mib(bytes: f64) -> u64 {
    let mib = (bytes / (1 << 20) as f64).ceil().max(1.0);
    let step = 10f64.powf((mib.log10().floor() - 1.0).max(0.0));
    ((mib / step).ceil() * step) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_to_try_is_round_and_not_below_what_is_needed() {
        let mib = |n: f64| in_mib(n * 1_048_576.0);
        assert_eq!((mib(0.2), mib(7.0), mib(101.0), mib(1234.0)), (1, 7, 110, 1300));
    }
}
