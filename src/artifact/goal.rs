//! How narrow headlines are to be, how narrow they came out, and stopped.json: why a run of rounds ended where it did.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::axis::Axis;
use super::envelope::Body;

/// Half-widths of 95 % intervals over their medians, 0..1, that a run is to reach.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// Throughput, memory, fragmentation.
    pub cost: f64,
    /// Pauses and response times.
    pub tail: f64,
}

impl Goal {
    /// What every report is held to where nobody asked for anything else.
    pub const USUAL: Goal = Goal {
        cost: 0.05,
        tail: 0.25,
    };

    pub fn of(&self, axis: Axis) -> f64 {
        match axis {
            Axis::Throughput | Axis::Memory | Axis::Fragmentation => self.cost,
            Axis::Pause | Axis::Tail | Axis::LargeHeap => self.tail,
        }
    }

    /// What is wrong with it; None if nothing is.
    pub fn fault(&self) -> Option<String> {
        [("cost", self.cost), ("tail", self.tail)]
            .into_iter()
            .find(|(_, share)| !(0.001..=1.0).contains(share))
            .map(|(name, share)| {
                format!("{name} is {share}, which is not between 0.001 and 1 (0.1 % and 100 %)")
            })
    }
}

/// "5%" or "5%,25%": costs, then pauses and tails.
impl FromStr for Goal {
    type Err = String;

    fn from_str(text: &str) -> Result<Goal, String> {
        let wrong = || {
            format!(
                "`{text}` is not a width: write 5% (throughput and memory), or 5%,25% (then pauses and tails)"
            )
        };
        let share = |part: &str| -> Result<f64, String> {
            let number = part.trim().strip_suffix('%').ok_or_else(wrong)?;
            let percent: f64 = number.trim().parse().map_err(|_| wrong())?;
            Ok(percent / 100.0)
        };
        let parts: Vec<&str> = text.split(',').collect();
        let goal = match parts[..] {
            [cost] => Goal {
                cost: share(cost)?,
                ..Goal::USUAL
            },
            [cost, tail] => Goal {
                cost: share(cost)?,
                tail: share(tail)?,
            },
            _ => return Err(wrong()),
        };
        match goal.fault() {
            Some(fault) => Err(format!("`{text}`: {fault}")),
            None => Ok(goal),
        }
    }
}

/// Sequential stopping by interval width, declared before the first run and never by significance (METHOD, rule 20). The plan's rounds are
/// the limit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stopping {
    pub goal: Goal,
    /// Rounds before the rule is asked for the first time.
    pub at_least: u32,
}

/// How narrow one headline of one cell came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Precision {
    pub cell: String,
    /// The first axis of the work that this headline decides.
    pub axis: Axis,
    pub metric: String,
    /// Runs that have a value.
    pub n: u32,
    /// Half of the 95 % interval over the median; None with fewer than two values, or where the median is zero and not all values are.
    pub half_width: Option<f64>,
    /// What was asked.
    pub goal: f64,
    /// Rounds that would probably do, where it was not reached; None where no number up to 1000 would, or nobody can say.
    pub rounds: Option<u32>,
}

impl Precision {
    pub fn reached(&self) -> bool {
        self.half_width.is_some_and(|width| width <= self.goal)
    }
}

/// Why no further round was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// Every headline that has values is as narrow as was asked.
    Reached,
    /// The limit of rounds.
    Limit,
}

/// Written once, when a run with a stopping rule ends by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stopped {
    pub why: Why,
    /// The last round that was run; those of the plan beyond it never were, and are no failures.
    pub after: u32,
    /// Headlines that are wider than was asked, or have no value.
    pub wide: Vec<Precision>,
}

impl Body for Stopped {
    const KIND: &'static str = "stopped";
    const FILE: &'static str = "stopped.json";
    const FORMAT: u32 = 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_one_percentage_or_two() {
        let of = |text: &str| text.parse::<Goal>();
        assert_eq!(of("5%"), Ok(Goal::USUAL));
        assert_eq!(of(" 2.5 % , 40%").map(|g| g.tail), Ok(0.4));
        for wrong in ["5", "five%", "", "5%,10%,20%", "0%", "-5%", "300%", "NaN%", "5%,"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
