//! How figures grow with the live payload: a law for each series, collector and metric, fitted to every run.

use std::collections::BTreeMap;

use crate::artifact::analysis::CellSummary;
use crate::artifact::growth::{Bend, Beyond, GROWN, Growth, Law, Size, Word};
use crate::artifact::plan::{Plan, Work};
use crate::artifact::tradeoff::Spread;
use crate::artifact::unit::Bytes;
use crate::stats::{self, Exponent};

/// In the plan's order of series and collectors; only where some run has a value. `cells` by id.
pub fn growths_of_cells(plan: &Plan, cells: &BTreeMap<String, CellSummary>) -> Vec<Growth> {
    let mut told = Vec::new();
    for (series, works) in plan.series() {
        for collector in &plan.collectors {
            let of_collector = |work: &&Work| {
                let mut planned = plan.cells.iter();
                let cell = planned.find(|c| c.work == work.id && c.collector == collector.name)?;
                Some((work.live, cells.get(&cell.id)?))
            };
            let mine: Vec<(Bytes, &CellSummary)> = works.iter().filter_map(of_collector).collect();
            let of = |metric: &&str| growth(series, &collector.name, metric, &mine);
            told.extend(GROWN.iter().filter_map(of));
        }
    }
    told
}

fn growth(series: &str, collector: &str, metric: &str, cells: &[(Bytes, &CellSummary)]) -> Option<Growth> {
    let (mut sizes, mut points) = (Vec::new(), Vec::new());
    for (live, cell) in cells {
        let all = cell.metrics.get(metric).map_or(&[][..], |e| &e.values);
        let values: Vec<f64> = all.iter().copied().filter(|v| *v > 0.0).collect();
        let runs = u32::try_from(values.len()).unwrap_or(u32::MAX);
        let size = Size {
            live: *live,
            runs,
            without: cell.invalid + cell.valid.saturating_sub(runs),
        };
        if size.counts() {
            points.extend(values.into_iter().map(|v| (live.0 as f64, v)));
        }
        sizes.push(size);
    }
    sizes.iter().any(|s| s.runs > 0).then(|| Growth {
        series: series.to_owned(),
        collector: collector.to_owned(),
        metric: metric.to_owned(),
        // No law leads beyond 1, where shares end and memory over live begins.
        law: law(
            &points,
            &sizes,
            !metric.ends_with("_share") && !metric.ends_with("_over_live"),
        ),
        sizes,
    })
}

fn law(points: &[(f64, f64)], sizes: &[Size], extrapolated: bool) -> Option<Law> {
    let found = stats::growth(points, Law::LEVEL, Law::FLAT)?;
    let measured = sizes.iter().filter(|s| s.counts()).map(|s| s.live);
    let fitted: Vec<(Bytes, f64)> = measured.map(|live| (live, found.at(live.0 as f64))).collect();
    let further = match fitted.last() {
        Some((largest, _)) if extrapolated => reach(*largest),
        _ => Vec::new(),
    };
    let beyond = further.into_iter().map(|live| {
        let bounds = found.predict(live.0 as f64, Law::LEVEL);
        Beyond {
            live,
            value: found.at(live.0 as f64),
            lo: bounds.lo,
            hi: bounds.hi,
        }
    });
    Some(Law {
        word: match found.law {
            stats::Law::Flat => Word::Flat,
            stats::Law::Grows => Word::Grows,
            stats::Law::Falls => Word::Falls,
            stats::Law::Breaks => Word::Breaks,
            stats::Law::Unknown => Word::NotKnown,
        },
        exponent: spread(found.exponent),
        bend: found.bend.map(|bend| Bend {
            // Of the measured payloads: it went through a logarithm.
            at: nearest(&fitted, bend.at),
            before: spread(bend.before),
            after: spread(bend.after),
        }),
        strays: found.strays,
        // What overflows a float is no prediction.
        beyond: beyond.filter(|b| b.lo > 0.0 && b.hi.is_finite()).collect(),
        fitted,
    })
}

/// The largest payload measured, its doublings, and those one would like to know about, up to the last of these; none where that was measured.
fn reach(largest: Bytes) -> Vec<Bytes> {
    let far = Law::REACH[Law::REACH.len() - 1];
    if largest >= far {
        return Vec::new();
    }
    let doublings = std::iter::successors(Some(largest), |b| b.0.checked_mul(2).map(Bytes));
    let mut all: Vec<Bytes> = doublings
        .take_while(|b| *b < far)
        .chain(Law::REACH.into_iter().filter(|b| *b > largest))
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn nearest(fitted: &[(Bytes, f64)], at: f64) -> Bytes {
    let off = |b: &Bytes| (b.0 as f64 - at).abs();
    let all = fitted.iter().map(|(live, _)| *live);
    all.min_by(|a, b| off(a).total_cmp(&off(b))).unwrap_or_default()
}

fn spread(of: Exponent) -> Spread {
    Spread {
        value: of.value,
        lo: of.lo,
        hi: of.hi,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_band_begins_where_the_measurement_ends_and_stops_at_the_largest_machine() {
        let gib = |n: &[u64]| -> Vec<Bytes> { n.iter().map(|n| Bytes(n << 30)).collect() };
        assert_eq!(reach(Bytes(4 << 30)), gib(&[4, 8, 16, 32, 64, 128]));
        assert_eq!(reach(Bytes(12 << 30)), gib(&[12, 24, 32, 48, 64, 96, 128]));
        assert_eq!(reach(Bytes(128 << 30)), gib(&[]));
    }
}
