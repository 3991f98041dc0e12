//! Memory seen from outside: samples of RSS over the process's life, and a closer look at each hold.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{ObserveError, read_csv};
use crate::artifact::observation::Memory;
use crate::artifact::run_dir::Raw;
use crate::artifact::unit::{Bytes, Ns};

/// A line of memory.csv.
#[derive(Deserialize)]
struct Sample {
    t_ns: u64,
    rss_bytes: u64,
}

/// A line of phases.csv; an empty field is "not to be had".
#[derive(Deserialize)]
struct Phase {
    phase: String,
    #[serde(rename = "t_ns")]
    _t_ns: u64,
    rss_bytes: Option<u64>,
    pss_bytes: Option<u64>,
    hwm_bytes: Option<u64>,
    #[serde(rename = "cgroup_peak_bytes")]
    _cgroup_peak_bytes: Option<u64>,
}

/// Every sample, in order of time.
pub struct Samples(Vec<(Ns, Bytes)>);

pub fn samples(raw: &Raw) -> Result<Samples, ObserveError> {
    let rows: Vec<Sample> = read_csv(&raw.memory())?;
    // A process that has ended but was not waited for yet has no memory; that is no measurement.
    let mut all: Vec<(Ns, Bytes)> = rows
        .iter()
        .filter(|s| s.rss_bytes > 0)
        .map(|s| (Ns(s.t_ns), Bytes(s.rss_bytes)))
        .collect();
    all.sort_by_key(|(t, _)| *t);
    Ok(Samples(all))
}

/// The account without the runtime's own figures.
pub fn account(samples: &Samples, raw: &Raw, window: Option<(Ns, Ns)>) -> Result<Memory, ObserveError> {
    let phases: Vec<Phase> = read_csv(&raw.phases())?;
    let at_holds = |field: fn(&Phase) -> Option<u64>| -> BTreeMap<String, Bytes> {
        let known = phases
            .iter()
            .filter_map(|p| Some((p.phase.clone(), Bytes(field(p)?))));
        known.collect()
    };
    let mut memory = Memory {
        rss: at_holds(|p| p.rss_bytes),
        pss: at_holds(|p| p.pss_bytes),
        high_water: at_holds(|p| p.hwm_bytes).remove("end"),
        series: thinned(&samples.0),
        ..Memory::default()
    };
    if let Some((begin, end)) = window {
        let inside = samples.inside(begin, end);
        memory.samples = inside.len() as u64;
        let before = samples.at(begin);
        let peak = inside.iter().map(|(_, b)| *b).max();
        memory.peak = peak.or(before).unwrap_or_default();
        memory.mean = mean(before, inside, begin, end).unwrap_or_default();
    }
    Ok(memory)
}

impl Samples {
    /// The last one taken at or before `t`.
    pub fn at(&self, t: Ns) -> Option<Bytes> {
        let after = self.0.partition_point(|(at, _)| *at <= t);
        self.0.get(after.checked_sub(1)?).map(|(_, bytes)| *bytes)
    }

    fn inside(&self, begin: Ns, end: Ns) -> &[(Ns, Bytes)] {
        let from = self.0.partition_point(|(at, _)| *at < begin);
        let to = self.0.partition_point(|(at, _)| *at <= end);
        self.0.get(from..to).unwrap_or_default()
    }
}

/// Time-weighted: each sample holds until the next one, the last one before the window until the first inside.
fn mean(before: Option<Bytes>, inside: &[(Ns, Bytes)], begin: Ns, end: Ns) -> Option<Bytes> {
    let first = before.or(inside.first().map(|(_, b)| *b))?;
    let (mut held, mut since, mut sum) = (first, begin, 0u128);
    for &(at, bytes) in inside {
        sum += u128::from(held.0) * u128::from(at.0.saturating_sub(since.0));
        (held, since) = (bytes, at);
    }
    sum += u128::from(held.0) * u128::from(end.0.saturating_sub(since.0));
    let length = u128::from(end.0.checked_sub(begin.0).filter(|&l| l > 0)?);
    u64::try_from(sum / length).ok().map(Bytes)
}

/// At most 1000 points: the first and the highest of each stretch, and the last of all.
fn thinned(all: &[(Ns, Bytes)]) -> Vec<(Ns, Bytes)> {
    const MOST: usize = 1000;
    if all.len() <= MOST {
        return all.to_vec();
    }
    let stretch = all.len().div_ceil((MOST - 1) / 2);
    let mut thin = Vec::with_capacity(MOST);
    for part in all.chunks(stretch) {
        let mut highest = 0;
        for (i, (_, bytes)) in part.iter().enumerate() {
            if *bytes > part[highest].1 {
                highest = i;
            }
        }
        thin.push(part[0]);
        if highest > 0 {
            thin.push(part[highest]);
        }
    }
    if let Some(&last) = all.last().filter(|&last| thin.last() != Some(last)) {
        thin.push(last);
    }
    thin
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(points: &[(u64, u64)]) -> Vec<(Ns, Bytes)> {
        points.iter().map(|&(t, b)| (Ns(t), Bytes(b))).collect()
    }

    #[test]
    fn the_mean_is_weighted_by_time_and_knows_the_sample_before_the_window() {
        let all = Samples(series(&[(0, 100), (60, 200), (90, 900)]));
        let inside = all.inside(Ns(50), Ns(80));
        assert_eq!(
            mean(all.at(Ns(50)), inside, Ns(50), Ns(80)),
            Some(Bytes((100 * 10 + 200 * 20) / 30))
        );
        assert_eq!(mean(None, &[], Ns(50), Ns(80)), None);
    }

    #[test]
    fn thinning_keeps_the_peak_and_both_ends() {
        let all = series(
            &(0..12_345)
                .map(|t| (t, if t == 7_777 { 999 } else { t % 7 }))
                .collect::<Vec<_>>(),
        );
        let thin = thinned(&all);
        assert!(thin.len() <= 1000, "{}", thin.len());
        assert!(thin.contains(&(Ns(7_777), Bytes(999))));
        assert_eq!((thin.first(), thin.last()), (all.first(), all.last()));
        assert!(thin.is_sorted_by_key(|(t, _)| *t));
    }
}
