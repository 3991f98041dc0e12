//! Durations of one kind: counted, summed, and their quantiles, whatever their number.

use hdrhistogram::Histogram;

use crate::artifact::event::Place;
use crate::artifact::explanation::Durations;
use crate::artifact::unit::Ns;

#[derive(Clone, Debug)]
pub struct Tally {
    /// In ns, up to an hour, to 1 %; longer ones are in it as an hour, `max` is exact.
    histogram: Histogram<u32>,
    total: u64,
    max: u64,
    longest: Option<Place>,
}

const HOUR: u64 = 3_600_000_000_000;

impl Default for Tally {
    fn default() -> Self {
        // Fails for bounds that make no sense only.
        let histogram = Histogram::new_with_bounds(1, HOUR, 2);
        Tally {
            histogram: histogram.unwrap_or_else(|e| unreachable!("constant bounds: {e}")),
            total: 0,
            max: 0,
            longest: None,
        }
    }
}

impl Tally {
    pub fn add(&mut self, duration: Ns, place: Place) {
        self.histogram.saturating_record(duration.0.max(1));
        self.total = self.total.saturating_add(duration.0);
        if self.longest.is_none() || duration.0 > self.max {
            (self.max, self.longest) = (duration.0, Some(place));
        }
    }

    pub fn count(&self) -> u64 {
        self.histogram.len()
    }

    pub fn total(&self) -> Ns {
        Ns(self.total)
    }

    pub fn max(&self) -> Ns {
        Ns(self.max)
    }

    pub fn figures(&self, span: Option<Ns>) -> Durations {
        let n = self.count();
        let quantile = |q: f64| {
            let told = n as f64 * (1.0 - q) >= 10.0 - 1e-6;
            told.then(|| Ns(self.histogram.value_at_quantile(q).min(self.max)))
        };
        Durations {
            count: n,
            total: self.total(),
            share: share(self.total, span),
            p50: quantile(0.5),
            p99: quantile(0.99),
            p999: quantile(0.999),
            max: self.max(),
            longest: self.longest,
        }
    }
}

/// Of a span, 0..1; None where there is no span.
pub fn share(part: u64, span: Option<Ns>) -> Option<f64> {
    span.filter(|s| s.0 > 0).map(|s| part as f64 / s.0 as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_needs_ten_above_it() {
        let mut tally = Tally::default();
        for n in 1..=999u64 {
            tally.add(Ns(n * 1000), Place { file: 1, line: n });
        }
        let figures = tally.figures(None);
        assert!(figures.p50.is_some() && figures.p99.is_none() && figures.share.is_none());
        tally.add(Ns(u64::MAX), Place { file: 1, line: 1000 });
        let figures = tally.figures(Some(Ns(10_000_000)));
        assert!(figures.p99.is_some() && figures.p999.is_none());
        assert_eq!((figures.max, figures.longest.unwrap().line), (Ns(u64::MAX), 1000));
    }
}
