//! What surrounds the measurement: the noise floor of the machine and the cost of measuring.

use std::collections::BTreeMap;

use crate::artifact::analysis::{Instrument, Noise, PerOperation, RecorderCost};
use crate::artifact::exit::Exit;
use crate::artifact::quiet::Quiet;
use crate::artifact::recorder::{Recorder, Timing};
use crate::artifact::unit::{Bytes, Ns};

use super::admit::decode;
use super::curves::Pool;

/// What idle control processes saw, all rounds. None below 1000 gaps: too few for a 99th percentile.
pub(super) fn noise(control: &Pool) -> Option<Noise> {
    Some(Noise {
        p50: Ns(control.at(0.5, 0.5)?),
        p99: Ns(control.at(0.99, 0.01)?),
        max: Ns(control.max()),
        n: control.len(),
    })
}

/// What the same watcher saw before the rounds. A histogram that does not decode tells nothing.
pub fn quiet(rounds: &[Quiet]) -> Option<Noise> {
    let mut pool = Pool::default();
    for gaps in rounds.iter().filter_map(|r| decode(&r.gaps).ok()) {
        pool.merge(&gaps);
    }
    noise(&pool)
}

/// CPU of the sampler over the lifetimes of the processes it watched.
pub(super) fn instrument(exits: &[Exit]) -> Instrument {
    let watched = || exits.iter().filter(|e| e.sampler.samples > 0);
    let cpu: u128 = watched().map(|e| u128::from(e.sampler.cpu.0)).sum();
    let life: u128 = watched()
        .map(|e| u128::from(e.ended.0.saturating_sub(e.spawned.0)))
        .sum();
    Instrument {
        sampler_share: (life > 0).then(|| cpu as f64 / life as f64),
        samples: watched().map(|e| e.sampler.samples).sum(),
        driver_rss: exits
            .iter()
            .map(|e| e.sampler.driver_rss)
            .max()
            .unwrap_or(Bytes(0)),
        recorder: BTreeMap::new(),
        scraped: None,
    }
}

/// Runtime -> what its recorder takes. A path that was not timed, or whose histogram lacks rounds, is None.
pub fn recorder_costs(recorder: &Recorder) -> BTreeMap<String, RecorderCost> {
    let mut costs: BTreeMap<String, RecorderCost> = BTreeMap::new();
    for timing in &recorder.timings {
        let cost = costs.entry(timing.runtime.clone()).or_default();
        let place = match timing.path.as_str() {
            "clock" => &mut cost.clock,
            "closed" => &mut cost.closed,
            "open" => &mut cost.open,
            "waited" => &mut cost.waited,
            _ => continue,
        };
        *place = per_operation(timing);
    }
    costs
}

fn per_operation(timing: &Timing) -> Option<PerOperation> {
    let rounds = decode(timing.durations.as_ref()?).ok()?;
    let whole = timing.times > 0 && timing.rounds > 0 && rounds.len() == timing.rounds;
    let each = |round: u64| round as f64 / timing.times as f64;
    whole.then(|| PerOperation {
        median: each(rounds.value_at_quantile(0.5)),
        fastest: each(rounds.min()),
        rounds: rounds.len(),
    })
}
