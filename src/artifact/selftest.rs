//! selftest.json: what `gcrucible selftest` proved of the instrument on this machine, and what it could not prove.

use serde::{Deserialize, Serialize};

use super::envelope::Body;
use super::host::Host;
use super::unit::Bytes;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selftest {
    pub machine: Machine,
    /// Those that were done, in the order of [`PartName::ALL`].
    pub parts: Vec<Part>,
}

/// Whose figures these are: they speak of no other machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    pub name: String,
    pub cpu: String,
    pub cores: u32,
    pub memory: Bytes,
}

impl Machine {
    pub fn of(host: &Host, name: String) -> Machine {
        Machine {
            name,
            cpu: host.cpu.clone(),
            cores: host.cores,
            memory: host.memory,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartName {
    Stalls,
    Aa,
    Power,
    Instruments,
    Cost,
}

impl PartName {
    pub const ALL: [PartName; 5] = [
        PartName::Stalls,
        PartName::Aa,
        PartName::Power,
        PartName::Instruments,
        PartName::Cost,
    ];

    /// As `--only` takes it.
    pub fn id(self) -> &'static str {
        match self {
            PartName::Stalls => "stalls",
            PartName::Aa => "aa",
            PartName::Power => "power",
            PartName::Instruments => "instruments",
            PartName::Cost => "cost",
        }
    }

    /// What it is to show, in a sentence.
    pub fn claim(self) -> &'static str {
        match self {
            PartName::Stalls => {
                "A process that is stopped for a known time is found stopped that long by the response times of an open loop, and not by service times"
            }
            PartName::Aa => "Runs of one and the same cell, split at random into two sides, have no winner",
            PartName::Power => {
                "A runner made slower by a known share is found slower at the rounds of a standard run"
            }
            PartName::Instruments => {
                "Where two instruments measure the same thing in the same runs, they agree"
            }
            PartName::Cost => "Measuring costs little, and sampling memory changes no result",
        }
    }
}

/// One part, with when and under what it was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    pub name: PartName,
    /// RFC 3339.
    pub began: String,
    pub seconds: f64,
    /// The program's version, and its commit where it is known.
    pub program: String,
    /// What made the machine unfit meanwhile; the report's own words.
    pub doubts: Vec<String>,
    pub proofs: Vec<Proof>,
}

impl Part {
    /// Of these proofs passed, failed, do not apply.
    pub fn tally(&self) -> [usize; 3] {
        let of = |o: Outcome| self.proofs.iter().filter(|p| p.outcome == o).count();
        [Outcome::Passed, Outcome::Failed, Outcome::NotApplicable].map(of)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// What is shown, without its subject: "stalls of 20 ms".
    pub what: String,
    /// Of which collector, axis or runtime.
    pub subject: String,
    pub figures: Vec<Figure>,
    pub outcome: Outcome,
    /// Why it does not apply, or what else there is to say.
    pub note: String,
}

impl Proof {
    /// Passed if every bound is kept.
    pub fn of(what: impl Into<String>, subject: impl Into<String>, figures: Vec<Figure>) -> Proof {
        let kept = figures.iter().all(Figure::kept);
        Proof {
            what: what.into(),
            subject: subject.into(),
            figures,
            outcome: if kept { Outcome::Passed } else { Outcome::Failed },
            note: String::new(),
        }
    }

    pub fn not_applicable(
        what: impl Into<String>,
        subject: impl Into<String>,
        why: impl Into<String>,
    ) -> Proof {
        Proof {
            outcome: Outcome::NotApplicable,
            note: why.into(),
            ..Proof::of(what, subject, Vec::new())
        }
    }

    /// What was to be shown could not be looked at: that is no proof.
    pub fn failed(what: impl Into<String>, subject: impl Into<String>, why: impl Into<String>) -> Proof {
        Proof {
            outcome: Outcome::Failed,
            note: why.into(),
            ..Proof::of(what, subject, Vec::new())
        }
    }

    pub fn note(mut self, note: impl Into<String>) -> Proof {
        self.note = note.into();
        self
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Passed,
    Failed,
    NotApplicable,
}

/// One number of a proof; NaN is written as null and keeps no bound.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    pub name: String,
    #[serde(deserialize_with = "number")]
    pub value: f64,
    pub unit: Unit,
    /// Declared before the run; None for what only stands beside.
    pub bound: Option<Bound>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    Ns,
    Bytes,
    Count,
    /// Of a whole, 0..1.
    Share,
    /// Of two like things.
    Ratio,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    AtLeast(f64),
    AtMost(f64),
    Within(f64, f64),
}

impl Figure {
    pub fn plain(name: &str, value: f64, unit: Unit) -> Figure {
        Figure {
            name: name.to_owned(),
            value,
            unit,
            bound: None,
        }
    }

    pub fn bounded(name: &str, value: f64, unit: Unit, bound: Bound) -> Figure {
        Figure {
            bound: Some(bound),
            ..Figure::plain(name, value, unit)
        }
    }

    pub fn kept(&self) -> bool {
        match self.bound {
            None => true,
            Some(Bound::AtLeast(least)) => self.value >= least,
            Some(Bound::AtMost(most)) => self.value <= most,
            Some(Bound::Within(lo, hi)) => lo <= self.value && self.value <= hi,
        }
    }
}

fn number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

impl Selftest {
    /// Nothing failed; what does not apply is no failure.
    pub fn passed(&self) -> bool {
        self.parts.iter().all(|p| p.tally()[1] == 0)
    }

    pub fn part(&self, name: PartName) -> Option<&Part> {
        self.parts.iter().find(|p| p.name == name)
    }

    /// Puts in the part, in the place of an older one of the name.
    pub fn put(&mut self, part: Part) {
        self.parts.retain(|p| p.name != part.name);
        self.parts.push(part);
        self.parts.sort_by_key(|p| p.name);
    }
}

/// The newest of each part among self-tests of one machine, whatever order they come in; None for none of it.
pub fn latest(all: impl IntoIterator<Item = Selftest>, machine: &Machine) -> Option<Selftest> {
    let mut newest = Selftest {
        machine: machine.clone(),
        parts: Vec::new(),
    };
    for part in all
        .into_iter()
        .filter(|s| s.machine == *machine)
        .flat_map(|s| s.parts)
    {
        if newest
            .part(part.name)
            .is_none_or(|known| known.began < part.began)
        {
            newest.put(part);
        }
    }
    (!newest.parts.is_empty()).then_some(newest)
}

impl Body for Selftest {
    const KIND: &'static str = "selftest";
    const FILE: &'static str = "selftest.json";
    const FORMAT: u32 = 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: PartName, began: &str) -> Part {
        Part {
            name,
            began: began.into(),
            seconds: 1.0,
            program: "0".into(),
            doubts: Vec::new(),
            proofs: vec![Proof::of("a", "b", Vec::new())],
        }
    }

    fn machine(name: &str) -> Machine {
        Machine {
            name: name.into(),
            ..Machine::default()
        }
    }

    #[test]
    fn a_proof_with_one_bound_that_is_not_kept_is_failed_and_a_number_that_is_none_keeps_no_bound() {
        let good = Figure::bounded("x", 0.99, Unit::Share, Bound::AtLeast(0.99));
        let none = Figure::bounded("y", f64::NAN, Unit::Ratio, Bound::Within(0.9, 1.1));
        assert_eq!(Proof::of("", "", vec![good.clone()]).outcome, Outcome::Passed);
        assert_eq!(Proof::of("", "", vec![good, none]).outcome, Outcome::Failed);
    }

    #[test]
    fn a_number_that_is_none_can_be_read_again() {
        let figure = Figure::plain("x", f64::NAN, Unit::Ratio);
        let text = serde_json::to_string(&figure).unwrap();
        let read: Figure = serde_json::from_str(&text).unwrap();
        assert!(read.value.is_nan());
    }

    #[test]
    fn the_latest_is_the_newest_of_each_part_of_this_machine_alone() {
        let one = |name: &str, parts: Vec<Part>| Selftest {
            machine: machine(name),
            parts,
        };
        let all = [
            one(
                "a",
                vec![part(PartName::Cost, "2026-02"), part(PartName::Aa, "2026-02")],
            ),
            one(
                "a",
                vec![part(PartName::Aa, "2026-01"), part(PartName::Stalls, "2026-01")],
            ),
            one("b", vec![part(PartName::Power, "2026-03")]),
        ];
        let latest = latest(all.clone(), &machine("a")).unwrap();
        let told: Vec<_> = latest.parts.iter().map(|p| (p.name, p.began.as_str())).collect();
        assert_eq!(
            told,
            [
                (PartName::Stalls, "2026-01"),
                (PartName::Aa, "2026-02"),
                (PartName::Cost, "2026-02")
            ]
        );
        assert_eq!(super::latest(all, &machine("c")), None);
    }
}
