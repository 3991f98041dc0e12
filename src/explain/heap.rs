//! The heap around collections: allocation, promotion, what the old generation gives back, and its size.

use super::evidence::Worst;
use super::series::{Merge, Thinned};
use crate::artifact::event::{Amount, Cycle, Place, Space};
use crate::artifact::explanation::Level;
use crate::artifact::unit::{Bytes, Ns};

#[derive(Clone, Debug, Default)]
pub struct Heap {
    pub peak: Option<u64>,
    pub capacity: Option<(u64, u64)>,
    last_capacity: Option<u64>,
    growing: Option<bool>,
    pub changes: u64,
    pub reversals: u64,
    pub resized: Worst,
    /// End of the collection before, and what it left.
    left: Option<(u64, u64)>,
    allocated: u64,
    allocated_in: u64,
    levels: Thinned<Level>,
    pub old: Old,
}

impl Merge for Level {
    /// The extremes of both, so that no peak is lost.
    fn merge(&mut self, later: &Self) {
        let most = |a: Option<Bytes>, b: Option<Bytes>| a.max(b);
        self.before = most(self.before, later.before);
        self.capacity = most(self.capacity, later.capacity);
        self.after = match (self.after, later.after) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.live = later.live.or(self.live);
    }
}

impl Heap {
    pub fn cycle(&mut self, cycle: &Cycle, begun: Option<u64>, ended: Option<u64>, place: Place) {
        let most = cycle.before.max(cycle.at_the_end).max(cycle.after);
        self.peak = self.peak.max(most.map(|b| b.0));
        let size = cycle.capacity.or(cycle.goal).map(|b| b.0);
        if let Some(size) = size {
            let (least, largest) = self.capacity.unwrap_or((size, size));
            self.capacity = Some((least.min(size), largest.max(size)));
        }
        if let Some(capacity) = cycle.capacity {
            self.resize(capacity, place);
        }
        self.allocation(cycle, begun, ended);
        if let Some(at) = ended.or(begun)
            && (cycle.before.is_some() || cycle.after.is_some())
        {
            self.levels.push(Level {
                at: Ns(at),
                before: cycle.at_the_end.max(cycle.before),
                after: cycle.after,
                capacity: cycle.capacity.or(cycle.goal),
                live: cycle.live,
            });
        }
    }

    /// From what one collection left to what the next one found. Go tells also what was allocated during marking.
    fn allocation(&mut self, cycle: &Cycle, begun: Option<u64>, ended: Option<u64>) {
        let until = if cycle.at_the_end.is_some() { ended } else { begun };
        let found = cycle.at_the_end.or(cycle.before);
        if let (Some((end, left)), Some(until), Some(found)) = (self.left, until, found)
            && let (Some(time), Some(bytes)) = (until.checked_sub(end), found.0.checked_sub(left))
        {
            self.allocated = self.allocated.saturating_add(bytes);
            self.allocated_in = self.allocated_in.saturating_add(time);
        }
        if let (Some(ended), Some(after)) = (ended, cycle.after) {
            self.left = Some((ended, after.0));
        }
    }

    fn resize(&mut self, capacity: Bytes, place: Place) {
        if let Some(before) = self.last_capacity.replace(capacity.0)
            && before != capacity.0
        {
            let grows = capacity.0 > before;
            self.changes += 1;
            if self.growing.replace(grows).is_some_and(|grew| grew != grows) {
                self.reversals += 1;
            }
            let what = if grows { "heap grown by" } else { "heap shrunk by" };
            self.resized.size(Bytes(capacity.0.abs_diff(before)), place, what);
        }
    }

    pub fn restart(&mut self) {
        (self.left, self.last_capacity, self.growing) = (None, None, None);
        self.old.before = None;
    }

    /// Bytes a second; None where collections follow each other so closely that what lies between them says nothing.
    pub fn allocation_rate(&self, span: Option<Ns>) -> Option<f64> {
        const LEAST: f64 = 0.05;
        let told = span.is_some_and(|span| self.allocated_in as f64 >= LEAST * span.0 as f64);
        (told && self.allocated_in > 0).then(|| self.allocated as f64 / (self.allocated_in as f64 / 1e9))
    }

    pub fn levels(&self) -> (Vec<Level>, u64) {
        // Collections that overlap are told in the order of their ends, some of them late.
        let mut levels: Vec<Level> = self.levels.points().copied().collect();
        levels.sort_by_key(|level| level.at);
        (levels, self.levels.each())
    }
}

/// What moves into the old generation, and out of it.
#[derive(Clone, Debug, Default)]
pub struct Old {
    pub promoted: u64,
    /// Young collections that told it.
    pub collections: u64,
    pub most: Worst,
    /// What those collections kept young.
    pub kept: u64,
    pub reclaimed: u64,
    /// Of the collection in hand.
    young: u64,
    /// What it held after the collection before.
    before: Option<u64>,
    pub humongous: u64,
    pub humongous_at: Worst,
}

impl Old {
    pub fn space(&mut self, space: &Space, region: Option<Bytes>, place: Place) {
        let bytes = |amount: Amount| match amount {
            Amount::Bytes(bytes) => Some(bytes.0),
            Amount::Regions(n) => region.and_then(|region| n.checked_mul(region.0)),
        };
        let (Some(before), Some(after)) = (bytes(space.before), bytes(space.after)) else {
            return;
        };
        match space.name {
            "Survivor" | "DefNew" | "PSYoungGen" => self.young = after,
            "Old" | "Tenured" | "ParOldGen" => {
                // Also between collections: G1 frees empty regions when marking is done.
                let between = self.before.map_or(0, |held| held.saturating_sub(before));
                let reclaimed = before.saturating_sub(after).saturating_add(between);
                self.reclaimed = self.reclaimed.saturating_add(reclaimed);
                self.before = Some(after);
            }
            "Humongous" => {
                self.humongous = self.humongous.max(before);
                if before > 0 {
                    self.humongous_at
                        .size(Bytes(before), place, "humongous regions before this collection");
                }
            }
            _ => {}
        }
    }

    pub fn promotion(&mut self, bytes: Bytes, place: Place) {
        self.promoted = self.promoted.saturating_add(bytes.0);
        self.collections += 1;
        self.kept = self.kept.saturating_add(self.young);
        self.most.size(bytes, place, "promoted in this collection");
    }
}
