//! Does a queue of requests grow, or was it worked off again?
//!
//! The runner keeps the slowest response of each slice of the window (docs/PROTOCOL.md). Where nothing waits, it is short in most slices;
//! where a queue stands, in none. So what most of the slices from an instant to the end exceed was piled up by then and never worked off
//! again. One stop lifts that once, however long it was, for requests that are due later in it wait less; a rate that the collector does
//! not carry lifts it again and again.

use crate::artifact::observation::Observation;
use crate::stats;

/// Stretches of the window that are looked at.
const STRETCHES: usize = 8;
/// Fewer tell nothing of stretches.
const ENOUGH_GROUPS: usize = 8 * STRETCHES;
/// Requests in a group of neighbouring slices: each thread has some, and the one that is late most tells.
const REQUESTS: f64 = 16.0;
/// Of the groups of a stretch, those that waited least: a queue that stood throughout is in three quarters and more.
const QUARTER: f64 = 0.25;
/// Stretches in which the backlog must have grown for good.
const RISES: usize = 3;
/// Of what was left in the end; an even growth gives each stretch an eighth.
const RISE: f64 = 1.0 / 16.0;
/// Share of the schedule by which requests must be late in the end: so much more is offered than is achieved.
const LATE: f64 = 0.02;
/// ns; less is a queue of a moment.
const LONG: f64 = 10e6;
/// Times the median service: a few long requests in a row are no growth.
const QUEUED: f64 = 10.0;

/// None where the run did not keep its slowest requests, or had too few. `service` is the median service time in ns, `requests` the
/// number of all.
pub fn grew(o: &Observation, requests: u64, service: f64) -> Option<bool> {
    let begin = o.marks.get("begin")?.0;
    let schedule = o.slowest.last()?.intended.0.checked_sub(begin)? as f64;
    // Threads' schedules end apart, and a late one must not be missed: the last of them is looked at alone. Its end strays by the share
    // of 2 / sqrt(n) for one of four threads, and four standard deviations are left out.
    let stray = (8.0 / (requests.max(1) as f64).sqrt()).min(0.25);
    let looked_at = schedule * (1.0 - stray);
    let slices = o.slowest.len() as f64;
    let together = (REQUESTS * slices / requests.max(1) as f64).ceil().max(1.0) as usize;
    let groups: Vec<(f64, f64)> = o
        .slowest
        .chunks(together)
        .map(|group| {
            let late = group.iter().map(|slow| slow.response.0).max().unwrap_or(0);
            ((group[0].intended.0.saturating_sub(begin)) as f64, late as f64)
        })
        .filter(|(at, _)| *at < looked_at)
        .collect();
    if groups.len() < ENOUGH_GROUPS {
        return None;
    }
    // What a stretch's least late groups waited, and of all that follow the least.
    let mut left = f64::INFINITY;
    let mut piled_up = Vec::new();
    for stretch in (0..STRETCHES).rev() {
        let of = |at: f64| ((at / looked_at * STRETCHES as f64) as usize).min(STRETCHES - 1);
        let late: Vec<f64> = groups
            .iter()
            .filter(|g| of(g.0) == stretch)
            .map(|g| g.1)
            .collect();
        left = left.min(stats::quantile(&late, QUARTER).unwrap_or(f64::INFINITY));
        piled_up.push(left);
    }
    piled_up.reverse();
    let grown = piled_up[STRETCHES - 1] - piled_up[0];
    let enough = (LATE * schedule).max(LONG).max(QUEUED * service);
    let rises = piled_up
        .windows(2)
        .filter(|pair| pair[1] - pair[0] >= RISE * grown);
    Some(grown.is_finite() && grown >= enough && rises.count() >= RISES)
}
