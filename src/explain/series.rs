//! Series that halve their resolution when they are full: a log of any length leaves the same memory behind.

/// A point that can stand for its neighbour too.
pub trait Merge {
    /// `later` follows immediately.
    fn merge(&mut self, later: &Self);
}

/// At most [`Thinned::CAPACITY`] points; each stands for as many values as any other, but for the last one.
#[derive(Clone, Debug)]
pub struct Thinned<T> {
    points: Vec<T>,
    /// Values that become one point: a power of two.
    each: u64,
    /// Not full yet, and how many it stands for.
    open: Option<(T, u64)>,
}

impl<T> Default for Thinned<T> {
    fn default() -> Self {
        Thinned {
            points: Vec::new(),
            each: 1,
            open: None,
        }
    }
}

impl<T: Merge + Clone> Thinned<T> {
    /// Enough for a chart as wide as a screen, and for an interval of a slope.
    pub const CAPACITY: usize = 512;

    pub fn push(&mut self, value: T) {
        let (point, count) = match self.open.take() {
            None => (value, 1),
            Some((mut point, count)) => {
                point.merge(&value);
                (point, count + 1)
            }
        };
        if count < self.each {
            self.open = Some((point, count));
            return;
        }
        self.points.push(point);
        if self.points.len() == Self::CAPACITY {
            self.halve();
        }
    }

    fn halve(&mut self) {
        for at in 0..Self::CAPACITY / 2 {
            let later = self.points[2 * at + 1].clone();
            self.points.swap(at, 2 * at);
            self.points[at].merge(&later);
        }
        self.points.truncate(Self::CAPACITY / 2);
        self.each *= 2;
    }

    pub fn each(&self) -> u64 {
        self.each
    }

    /// In the order in which they came, with the one that is not full.
    pub fn points(&self) -> impl Iterator<Item = &T> {
        self.points
            .iter()
            .chain(self.open.as_ref().map(|(point, _)| point))
    }

    pub fn len(&self) -> usize {
        self.points().count()
    }

    pub fn is_empty(&self) -> bool {
        self.points.is_empty() && self.open.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Sum(u64);

    impl Merge for Sum {
        fn merge(&mut self, later: &Self) {
            self.0 += later.0;
        }
    }

    #[test]
    fn two_million_values_leave_a_few_hundred_points_that_stand_for_all_of_them() {
        let mut series = Thinned::default();
        for n in 1..=2_000_000u64 {
            series.push(Sum(1));
            assert!(series.points.len() < Thinned::<Sum>::CAPACITY);
            if n == 511 {
                assert_eq!((series.len(), series.each()), (511, 1));
            }
        }
        assert!(series.len() >= Thinned::<Sum>::CAPACITY / 2);
        assert_eq!(series.points().map(|p| p.0).sum::<u64>(), 2_000_000);
        let each = series.each();
        assert!(series.points.iter().all(|p| p.0 == each));
    }

    #[test]
    fn points_keep_their_order() {
        #[derive(Clone)]
        struct First(u64);
        impl Merge for First {
            fn merge(&mut self, _: &Self) {}
        }
        let mut series = Thinned::default();
        (0..5000).for_each(|n| series.push(First(n)));
        let points: Vec<u64> = series.points().map(|p| p.0).collect();
        assert!(points.is_sorted() && points[0] == 0);
    }
}
