//! Collections, a bounded number of them at a time: when there is no more room, two neighbours become one. And the steady part of them.

/// Sums over collections that follow each other.
pub trait Tally: Copy {
    /// Adds what came next.
    fn add(&mut self, next: &Self);
    /// Collections in it.
    fn count(&self) -> f64;
    /// What must keep its level in a steady state, summed over the collections: heap in use after them, in bytes.
    fn level(&self) -> f64;
}

/// So many are kept apart.
const ROOM: usize = 1024;

/// Fewer collections say too little.
pub const FEWEST: f64 = 8.0;

pub struct History<T> {
    kept: Vec<T>,
    /// Collections in each of `kept`.
    each: u64,
    /// The one being filled, and how many are in it.
    filling: Option<(T, u64)>,
}

impl<T> Default for History<T> {
    fn default() -> Self {
        History {
            kept: Vec::new(),
            each: 1,
            filling: None,
        }
    }
}

impl<T: Tally> History<T> {
    pub fn push(&mut self, one: T) {
        let (sum, n) = match self.filling.take() {
            Some((mut sum, n)) => {
                sum.add(&one);
                (sum, n + 1)
            }
            None => (one, 1),
        };
        if n < self.each {
            self.filling = Some((sum, n));
            return;
        }
        self.kept.push(sum);
        if self.kept.len() == ROOM {
            self.kept = self
                .kept
                .chunks(2)
                .filter_map(|pair| {
                    let mut sum = *pair.first()?;
                    pair.iter().skip(1).for_each(|next| sum.add(next));
                    Some(sum)
                })
                .collect();
            self.each *= 2;
        }
    }

    /// What the last one was pushed into, for what its log says after its end.
    pub fn last_mut(&mut self) -> Option<&mut T> {
        match &mut self.filling {
            Some((sum, _)) => Some(sum),
            None => self.kept.last_mut(),
        }
    }

    /// All that was pushed, in order, as far apart as it is kept.
    pub fn all(&self) -> impl Iterator<Item = &T> {
        self.kept.iter().chain(self.filling.as_ref().map(|(sum, _)| sum))
    }

    /// The longest stretch whose level stays within `within` (a share) of one of its own, and where it lies in [`History::all`]. One
    /// collection in between that does not is kept: it belongs to the run. None for fewer than [`FEWEST`] collections.
    pub fn steady(&self, within: f64) -> Option<(T, std::ops::Range<usize>)> {
        let all: Vec<&T> = self.all().collect();
        let levels: Vec<f64> = all.iter().map(|t| t.level() / t.count().max(1.0)).collect();
        let mut best: Option<(f64, std::ops::Range<usize>)> = None;
        // Neighbours as reference give the same stretch: a few hundred references are enough.
        for reference in (0..levels.len()).step_by(levels.len() / 256 + 1) {
            let near = |at: usize| (levels[at] - levels[reference]).abs() <= within * levels[reference];
            let goes_on = |at: Option<usize>| at.is_some_and(|at| at < levels.len() && near(at));
            let mut first = reference;
            while goes_on(first.checked_sub(1)) || goes_on(first.checked_sub(2)) {
                first -= 1;
            }
            let mut last = reference;
            while goes_on(last.checked_add(1)) || goes_on(last.checked_add(2)) {
                last += 1;
            }
            let count: f64 = all[first..=last].iter().map(|t| t.count()).sum();
            if best.as_ref().is_none_or(|(most, _)| count > *most) {
                best = Some((count, first..last + 1));
            }
        }
        let (count, range) = best?;
        if count < FEWEST {
            return None;
        }
        let mut sum = *all[range.start];
        all[range.start + 1..range.end]
            .iter()
            .for_each(|next| sum.add(next));
        Some((sum, range))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    struct One(f64, f64);

    impl Tally for One {
        fn add(&mut self, next: &Self) {
            (self.0, self.1) = (self.0 + next.0, self.1 + next.1);
        }
        fn count(&self) -> f64 {
            self.0
        }
        fn level(&self) -> f64 {
            self.1
        }
    }

    fn history(levels: impl IntoIterator<Item = f64>) -> History<One> {
        let mut history = History::default();
        levels.into_iter().for_each(|level| history.push(One(1.0, level)));
        history
    }

    #[test]
    fn a_million_collections_are_kept_in_bounded_room_and_none_is_lost() {
        let history = history((0..1_000_000).map(|_| 5.0));
        assert!(history.all().count() <= ROOM);
        assert_eq!(history.all().map(|t| t.0).sum::<f64>(), 1e6);
        assert_eq!(history.steady(0.1).unwrap().0, One(1e6, 5e6));
    }

    #[test]
    fn growth_before_and_a_drop_after_are_left_out() {
        let levels = [1.0, 2.0, 4.0, 8.0, 16.0].into_iter();
        let levels = levels
            .chain([30.0, 31.0, 29.0].into_iter().cycle().take(12))
            .chain([3.0, 3.0]);
        assert_eq!(history(levels).steady(0.15).unwrap().1, 5..17);
    }

    #[test]
    fn one_outlier_does_not_end_a_stretch_and_is_counted() {
        let mut levels = vec![30.0; 20];
        levels[9] = 60.0;
        assert_eq!(history(levels).steady(0.15).unwrap().0, One(20.0, 630.0));
    }

    #[test]
    fn ever_growing_and_too_short_histories_are_not_steady() {
        assert!(history((0..40).map(|n| 1.2f64.powi(n))).steady(0.15).is_none());
        assert!(history([30.0; 7]).steady(0.15).is_none());
        assert!(history([]).steady(0.15).is_none());
    }
}
