//! Minimum mutator utilisation: the least share of any window of a given length that is left to the mutators.
//! Source: Cheng & Blelloch, "A Parallel, Real-Time Garbage Collector" (PLDI'01).

/// For each length in `windows` the least share, 0..1, of such a window that `lost` leaves, over every place of the window inside
/// `[0, span]`. None for a window of no length, or one that is longer than the span.
///
/// `lost` are pairs (begin, end) in any order, in the unit of `span`; they may overlap (what is lost twice is lost once) and reach beyond the
/// span (what lies outside is not seen). n log n once, then n log n a window.
pub fn mmu(lost: &[(u64, u64)], span: u64, windows: &[u64]) -> Vec<Option<f64>> {
    let lost = Lost::new(merged(lost, span));
    let at = |window: u64| {
        (window > 0 && window <= span).then(|| (window - lost.most(span, window)) as f64 / window as f64)
    };
    windows.iter().map(|w| at(*w)).collect()
}

/// Disjoint, not touching, ascending, within `[0, span]`.
fn merged(intervals: &[(u64, u64)], span: u64) -> Vec<(u64, u64)> {
    let clipped = intervals.iter().map(|(begin, end)| (*begin, (*end).min(span)));
    let mut ascending: Vec<(u64, u64)> = clipped.filter(|(begin, end)| begin < end).collect();
    ascending.sort_unstable();
    let mut merged: Vec<(u64, u64)> = Vec::with_capacity(ascending.len());
    for (begin, end) in ascending {
        match merged.last_mut() {
            Some(last) if begin <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((begin, end)),
        }
    }
    merged
}

struct Lost {
    intervals: Vec<(u64, u64)>,
    /// Lost before each interval begins.
    before: Vec<u64>,
}

impl Lost {
    fn new(intervals: Vec<(u64, u64)>) -> Self {
        let mut sum = 0;
        let mut before = Vec::with_capacity(intervals.len());
        for (begin, end) in &intervals {
            before.push(sum);
            sum += end - begin;
        }
        Lost { intervals, before }
    }

    /// Lost within `[0, x]`.
    fn until(&self, x: u64) -> u64 {
        let begun = self.intervals.partition_point(|(begin, _)| *begin < x);
        match begun.checked_sub(1) {
            Some(last) => {
                let (begin, end) = self.intervals[last];
                self.before[last] + x.min(end) - begin
            }
            None => 0,
        }
    }

    /// The most that is lost in a window. As the window moves, what it loses changes by at most as much as it moves, and stops growing only
    /// where its begin meets the begin of an interval or its end the end of one: no other place needs a look, but for the two ends.
    fn most(&self, span: u64, window: u64) -> u64 {
        let last = span - window;
        let places = self
            .intervals
            .iter()
            .flat_map(|(begin, end)| [*begin, end.saturating_sub(window)])
            .chain([0, last]);
        places
            .map(|x| x.min(last))
            .map(|x| self.until(x + window) - self.until(x))
            .max()
            .unwrap_or(0)
    }
}
