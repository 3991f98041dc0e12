//! The live set over time, and whether it grows.

use super::series::{Merge, Thinned};
use crate::artifact::explanation::{LiveBasis, LiveSet, Trend};
use crate::artifact::unit::{Bytes, Ns};
use crate::stats::{median, t_quantile};

/// The log is cut into so many stretches of equal length at most, each of at least [`PER_STRETCH`] collections where only lows are known.
const STRETCHES: usize = 40;
const PER_STRETCH: u64 = 4;
/// A line through fewer has no interval to speak of.
const FEWEST: usize = 8;

#[derive(Clone, Debug, Default)]
pub struct Live {
    told: Thinned<Point>,
    told_count: u64,
    lows: Thinned<Point>,
    count: u64,
}

#[derive(Clone, Debug)]
struct Point {
    at: u64,
    least: u64,
    most: u64,
    sum: f64,
    n: u64,
}

impl Merge for Point {
    fn merge(&mut self, later: &Self) {
        self.least = self.least.min(later.least);
        self.most = self.most.max(later.most);
        self.sum += later.sum;
        self.n += later.n;
    }
}

impl Live {
    /// After a collection: what was found reachable, and what was in use.
    pub fn cycle(&mut self, at: Option<u64>, told: Option<Bytes>, after: Option<Bytes>) {
        // Without a clock their order has to do.
        let point = |bytes: Bytes, count: u64| Point {
            at: at.unwrap_or(count),
            least: bytes.0,
            most: bytes.0,
            sum: bytes.0 as f64,
            n: 1,
        };
        if let Some(told) = told {
            self.told.push(point(told, self.told_count));
            self.told_count += 1;
        }
        if let Some(after) = after {
            self.lows.push(point(after, self.count));
            self.count += 1;
        }
    }

    pub fn figures(&self, span: Option<Ns>) -> Option<LiveSet> {
        // A full collection or two at the end say nothing of the time before.
        let told = self.told_count >= 3 || (self.told_count > 0 && self.count < 2 * PER_STRETCH);
        let (basis, levels) = if told {
            (
                LiveBasis::Told,
                stretches(&self.told, STRETCHES, |p| p.sum / p.n as f64),
            )
        } else {
            let most = (self.count / PER_STRETCH).clamp(1, STRETCHES as u64) as usize;
            (LiveBasis::Lows, stretches(&self.lows, most, |p| p.least as f64))
        };
        let values: Vec<f64> = levels.iter().map(|(_, level)| *level).collect();
        let highest = if told {
            self.told.points().map(|p| p.most).max()? as f64
        } else {
            values.iter().copied().fold(0.0, f64::max)
        };
        Some(LiveSet {
            basis,
            last: Bytes(*values.last()? as u64),
            median: Bytes(median(&values)? as u64),
            highest: Bytes(highest as u64),
            trend: span.and_then(|_| trend(&levels)),
        })
    }
}

/// At most `most` stretches of equal length, with their level; those without a collection are left out.
fn stretches(points: &Thinned<Point>, most: usize, level: impl Fn(&Point) -> f64) -> Vec<(f64, f64)> {
    let Some(first) = points.points().map(|p| p.at).min() else {
        return Vec::new();
    };
    let last = points.points().map(|p| p.at).max().unwrap_or(first);
    let length = ((last - first) / most as u64).max(1);
    let mut cut: Vec<Option<(f64, Point)>> = vec![None; most];
    for point in points.points() {
        let at = (((point.at - first) / length) as usize).min(most - 1);
        match &mut cut[at] {
            None => cut[at] = Some((point.at as f64, point.clone())),
            Some((_, stretch)) => stretch.merge(point),
        }
    }
    cut.iter()
        .flatten()
        .map(|(at, point)| (*at, level(point)))
        .collect()
}

/// Least squares over the second half, with Student's interval at 95 %.
fn trend(levels: &[(f64, f64)]) -> Option<Trend> {
    let (first, last) = (levels.first()?.0, levels.last()?.0);
    let half: Vec<(f64, f64)> = levels
        .iter()
        .copied()
        .filter(|(at, _)| *at >= (first + last) / 2.0)
        .collect();
    let n = half.len() as f64;
    if half.len() < FEWEST {
        return None;
    }
    let mean = |pick: fn(&(f64, f64)) -> f64| half.iter().map(pick).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let spread: f64 = half.iter().map(|p| (p.0 - x).powi(2)).sum();
    if spread <= 0.0 {
        return None;
    }
    let slope = half.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>() / spread;
    let rest: f64 = half.iter().map(|p| (p.1 - y - slope * (p.0 - x)).powi(2)).sum();
    let error = (rest / (n - 2.0) / spread).sqrt() * t_quantile(0.975, n - 2.0);
    let begin = half.first()?.0;
    Some(Trend {
        slope: slope * 1e9,
        lo: (slope - error) * 1e9,
        hi: (slope + error) * 1e9,
        stretches: half.len() as u32,
        over: Ns((last - begin) as u64),
        from: Bytes((y - slope * (x - begin)).max(0.0) as u64),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(level: impl Fn(u64) -> u64) -> LiveSet {
        let mut live = Live::default();
        for n in 0..4000u64 {
            live.cycle(Some(n * 1_000_000_000), Some(Bytes(level(n))), None);
        }
        live.figures(Some(Ns(4_000_000_000_000))).unwrap()
    }

    #[test]
    fn the_slope_of_a_line_is_its_slope_and_noise_has_none() {
        let trend = heard(|n| 1_000_000 + 500 * n).trend.unwrap();
        assert!(
            (trend.slope - 500.0).abs() < 5.0 && trend.lo > 490.0 && trend.hi < 510.0,
            "{trend:?}"
        );
        let trend = heard(|n| 1_000_000 + n.wrapping_mul(2_654_435_761) % 100_000)
            .trend
            .unwrap();
        assert!(trend.lo < 0.0 && trend.hi > 0.0, "{trend:?}");
    }

    #[test]
    fn filling_up_at_first_is_no_growth() {
        let trend = heard(|n| 1_000_000 * n.min(1500)).trend.unwrap();
        assert_eq!(trend.slope, 0.0);
    }
}
