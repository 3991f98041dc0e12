//! Fragmentation and memory return: how a run's memory is counted, and the part of analysis.json that tells what came of it.

use serde::{Deserialize, Serialize};

use super::analysis::Estimate;
use super::observation::{Memory, Observation};
use super::unit::{Bytes, Ns};

/// What stays of the live payload when the load drops (docs/PROTOCOL.md, `mark.drop`).
pub const REMAINING: f64 = 0.1;
/// Resident memory within this of the remaining payload counts as given back.
pub const RETURNED: f64 = 1.25;
/// Epochs of a run that counts as long.
pub const LONG_RUN: u32 = 20;
/// Below this, PSS / RSS says that pages are mapped more than once.
const MAPPED_ONCE: f64 = 0.9;

impl Memory {
    /// PSS / RSS at a hold where pages are mapped more than once, else 1: resident memory times this counts each page once.
    pub fn counted_once(&self, hold: &str) -> f64 {
        let known = self.pss.get(hold).zip(self.rss.get(hold));
        let share = known.and_then(|(pss, rss)| (rss.0 > 0).then(|| pss.0 as f64 / rss.0 as f64));
        share.filter(|s| *s < MAPPED_ONCE).unwrap_or(1.0)
    }
}

/// The wait of one run after its load dropped, on the samples taken from outside.
#[derive(Clone, Copy, Debug)]
pub struct Wait<'a> {
    series: &'a [(Ns, Bytes)],
    counted_once: f64,
    pub drop: Ns,
    pub end: Ns,
    /// Live payload that stays, bytes; above zero.
    pub remaining: f64,
}

impl Observation {
    /// None where the load did not drop, or nothing remained.
    pub fn wait(&self) -> Option<Wait<'_>> {
        let (&drop, &end) = self.marks.get("drop").zip(self.marks.get("return"))?;
        let remaining = self.live.0 as f64 * REMAINING;
        (remaining > 0.0).then(|| Wait {
            series: &self.memory.series,
            counted_once: self.memory.counted_once("return"),
            drop,
            end,
            remaining,
        })
    }
}

impl Wait<'_> {
    pub fn lasted(&self) -> Ns {
        Ns(self.end.0.saturating_sub(self.drop.0))
    }

    /// Resident bytes by the last sample at or before `at`; None before the first.
    pub fn resident(&self, at: Ns) -> Option<f64> {
        let after = self.series.partition_point(|(t, _)| *t <= at);
        let (_, rss) = self.series.get(after.checked_sub(1)?)?;
        Some(self.bytes(*rss))
    }

    /// From the drop to the first sample that is within [`RETURNED`] of the remaining payload; None if none was during the wait.
    pub fn returned(&self) -> Option<Ns> {
        let mut waited = self
            .series
            .iter()
            .filter(|(t, _)| *t > self.drop && *t <= self.end);
        let small = waited.find(|(_, rss)| self.bytes(*rss) <= RETURNED * self.remaining);
        small.map(|(t, _)| Ns(t.0 - self.drop.0))
    }

    fn bytes(&self, rss: Bytes) -> f64 {
        rss.0 as f64 * self.counted_once
    }
}

/// Of one cell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fragmentation {
    /// None where no run had epochs enough for one.
    pub slope: Option<Slope>,
    /// None where no run's load dropped.
    pub returned: Option<Returned>,
    /// By size, ascending; empty where none was asked for.
    pub blocks: Vec<Block>,
}

/// How resident memory / live payload changed from epoch to epoch, after the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slope {
    /// Of the runs' own slopes, x live an epoch.
    pub median: f64,
    /// 95 % interval of that median; None for a single run.
    pub interval: Option<(f64, f64)>,
    pub n: u32,
    /// Epochs that the shortest run's slope is over.
    pub epochs: u32,
    /// Half-width of what counts as flat, x live an epoch.
    pub band: f64,
    pub course: Course,
}

/// What an interval of slopes allows to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Course {
    /// The whole interval lies above the band.
    Rises,
    /// Inside it.
    Flat,
    /// Below it.
    Falls,
    NotKnown,
}

/// Resident memory over the payload that stayed, after the load dropped.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Returned {
    /// (time since the drop, resident / remaining payload): median over runs, at common times from the drop to the end of the shortest wait.
    pub curve: Vec<(Ns, f64)>,
    /// Shortest wait.
    pub waited: Ns,
    /// When each run was within 25 % of the remaining payload, in order of rounds; None: not during its wait.
    pub within: Vec<Option<Ns>>,
}

impl Returned {
    /// Median time to be within 25 %, over all runs: those that never were count as later than any other. None where that is so of half of
    /// them or more.
    pub fn median(&self) -> Option<Ns> {
        let mut times = self.within.clone();
        // None last.
        times.sort_by_key(|t| t.map_or(u64::MAX, |t| t.0));
        let below = times.get(times.len().checked_sub(1)? / 2).copied().flatten()?;
        let above = times.get(times.len() / 2).copied().flatten()?;
        Some(Ns(below.0.midpoint(above.0)))
    }

    /// Runs that were not within 25 % during their wait.
    pub fn never(&self) -> usize {
        self.within.iter().filter(|t| t.is_none()).count()
    }
}

/// Blocks of one size, asked for after the last epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    pub bytes: Bytes,
    /// Runs that asked for one, and that could have it.
    pub asked: u32,
    pub served: u32,
    /// How long that took, ns; None where none was served.
    pub took: Option<Estimate>,
}

impl Fragmentation {
    /// The largest block that every run could have, as it could all smaller ones.
    pub fn largest(&self) -> Option<&Block> {
        self.blocks.iter().take_while(|b| b.served == b.asked).last()
    }

    /// The smallest that some run could not have; None: nothing that was asked for was refused.
    pub fn refused(&self) -> Option<&Block> {
        self.blocks.iter().find(|b| b.served < b.asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(ms: &[Option<u64>]) -> Returned {
        Returned {
            within: ms.iter().map(|t| t.map(Ns)).collect(),
            ..Returned::default()
        }
    }

    #[test]
    fn a_run_that_never_gave_back_is_later_than_all_others() {
        assert_eq!(within(&[Some(3), None, Some(1)]).median(), Some(Ns(3)));
        assert_eq!(within(&[Some(3), None, Some(1), Some(5)]).median(), Some(Ns(4)));
        assert_eq!(within(&[Some(3), None, None]).median(), None);
        assert_eq!(within(&[Some(3), None]).median(), None);
        assert_eq!(within(&[]).median(), None);
    }
}
