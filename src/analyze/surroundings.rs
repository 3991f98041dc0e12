//! What surrounds the measurement: the noise floor of the machine and the cost of measuring.

use crate::artifact::analysis::{Instrument, Noise};
use crate::artifact::exit::Exit;
use crate::artifact::quiet::Quiet;
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
pub(super) fn quiet(rounds: &[Quiet]) -> Option<Noise> {
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
    }
}
