//! Percentile curves, pooled over the invocations of a cell: for pictures, never for intervals.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use crate::artifact::analysis::Curve;
use crate::artifact::observation::Bucket;
use crate::artifact::unit::Ns;

use super::admit::Admitted;

/// Points per factor of ten of 1/(1-q), and the number of such factors: 40 points to the 99.999th percentile.
const PER_DECADE: u32 = 8;
const DECADES: u32 = 5;

/// One pooled histogram; empty until something is added.
#[derive(Default)]
pub(super) struct Pool(Option<Histogram<u64>>);

impl Pool {
    pub(super) fn merge(&mut self, other: &Histogram<u64>) {
        // Cannot fail: a resizing histogram takes every value.
        if let Some(pool) = self.open() {
            let _ = pool.add(other);
        }
    }

    pub(super) fn add(&mut self, kept: &Kept) {
        for (value, count) in &kept.0 {
            self.record(*value, *count);
        }
    }

    /// As much as [`Self::add`] needs.
    pub(super) fn keep(&self) -> Kept {
        let values = self.0.iter().flat_map(Histogram::iter_recorded);
        Kept(
            values
                .map(|v| (v.value_iterated_to(), v.count_at_value()))
                .collect(),
        )
    }

    fn record(&mut self, value: u64, count: u64) {
        if let Some(pool) = self.open() {
            let _ = pool.record_n(value, count);
        }
    }

    fn open(&mut self) -> Option<&mut Histogram<u64>> {
        if self.0.is_none() {
            self.0 = Histogram::new(3).ok();
        }
        self.0.as_mut()
    }

    pub(super) fn len(&self) -> u64 {
        self.0.as_ref().map_or(0, Histogram::len)
    }

    pub(super) fn max(&self) -> u64 {
        self.0.as_ref().map_or(0, Histogram::max)
    }

    /// Value at `q`; None unless at least 10 values lie beyond it (rule 4 of docs/METHOD.md), so that no maximum passes for a percentile.
    pub(super) fn at(&self, q: f64, beyond: f64) -> Option<u64> {
        let pool = self.0.as_ref()?;
        (pool.len() as f64 * beyond >= 10.0 - 1e-9).then(|| pool.value_at_quantile(q))
    }

    fn curve(&self) -> Option<Curve> {
        let grid = (0..=PER_DECADE * DECADES).map(|k| 10_f64.powf(-f64::from(k) / f64::from(PER_DECADE)));
        let points = grid
            .filter_map(|beyond| Some((1.0 - beyond, Ns(self.at(1.0 - beyond, beyond)?))))
            .collect();
        (self.len() > 0).then(|| Curve {
            n: self.len(),
            points,
            max: Ns(self.max()),
        })
    }
}

/// The values of a pool with their counts: some kilobytes, where a histogram has a place for each value that there might be. A run may have
/// hundreds of cells.
pub(super) struct Kept(Vec<(u64, u64)>);

/// The pools of a cell, by the name of the curve.
#[derive(Default)]
pub(super) struct Pools(BTreeMap<String, Pool>);

impl Pools {
    pub(super) fn add(&mut self, run: &Admitted<'_>) {
        let saturated = run.values.get("saturated").is_some_and(|v| *v > 0.0);
        for (name, histogram) in &run.histograms {
            // A backlog that grows has no percentiles: they would tell the length of the window.
            if !(saturated && *name == "response") {
                self.pool(name).merge(histogram);
            }
        }
        let pauses = &run.observation.pauses;
        // Buckets are the exact account where there are any; the events beside them are rounded.
        if pauses.buckets.is_empty() {
            for event in &pauses.events {
                self.pool("pause").record(event.total.0, 1);
            }
        } else {
            for bucket in &pauses.buckets {
                self.pool("pause").record(upper_edge(bucket), bucket.count);
            }
        }
    }

    fn pool(&mut self, name: &str) -> &mut Pool {
        self.0.entry(name.to_owned()).or_default()
    }

    pub(super) fn curves(&self) -> BTreeMap<String, Curve> {
        self.0
            .iter()
            .filter_map(|(name, pool)| Some((name.clone(), pool.curve()?)))
            .collect()
    }
}

/// What a pause in the bucket is taken to have lasted: the worst it can have, but for the open-ended last bucket.
pub(super) fn upper_edge(bucket: &Bucket) -> u64 {
    if bucket.hi.0 == u64::MAX {
        bucket.lo.0
    } else {
        bucket.hi.0
    }
}
