//! Go's cycles, added up.

use super::history::Tally;

/// Sums over cycles; times in seconds, CPU in CPU seconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cycles {
    pub n: f64,
    /// From the end of the cycle before to the end of this one.
    pub wall: f64,
    /// Live heap and other roots as the cycle before left them, on which this one's goal was built.
    pub base: f64,
    pub base_roots: f64,
    /// What this one marked, and other roots.
    pub live: f64,
    pub roots: f64,
    pub goal: f64,
    /// Heap when marking began and ended.
    pub before: f64,
    pub end: f64,
    /// Assists and background workers, and the two stops.
    pub work: f64,
    pub stops: f64,
    pub idle: f64,
    /// CPU x wall of marking, and of everything.
    pub marking: f64,
    pub offered: f64,
    pub peak: f64,
}

impl Tally for Cycles {
    fn add(&mut self, next: &Self) {
        self.n += next.n;
        self.wall += next.wall;
        self.base += next.base;
        self.base_roots += next.base_roots;
        self.live += next.live;
        self.roots += next.roots;
        self.goal += next.goal;
        self.before += next.before;
        self.end += next.end;
        self.work += next.work;
        self.stops += next.stops;
        self.idle += next.idle;
        self.marking += next.marking;
        self.offered += next.offered;
        self.peak = self.peak.max(next.peak);
    }

    fn count(&self) -> f64 {
        self.n
    }

    fn level(&self) -> f64 {
        self.live
    }
}

impl Cycles {
    pub fn average(&self) -> Cycles {
        let n = self.n.max(1.0);
        Cycles {
            n: self.n,
            wall: self.wall / n,
            base: self.base / n,
            base_roots: self.base_roots / n,
            live: self.live / n,
            roots: self.roots / n,
            goal: self.goal / n,
            before: self.before / n,
            end: self.end / n,
            work: self.work / n,
            stops: self.stops / n,
            idle: self.idle / n,
            marking: self.marking / n,
            offered: self.offered / n,
            peak: self.peak,
        }
    }

    /// CPU of the collector that mutators could have had, in CPU seconds a cycle.
    pub fn cost(&self) -> f64 {
        self.work + self.stops
    }

    /// Bytes allocated from the end of one cycle to the end of the next.
    pub fn volume(&self) -> f64 {
        (self.end - self.base).max(0.0)
    }
}
