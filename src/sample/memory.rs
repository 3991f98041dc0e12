//! Memory over live payload: in the window, at rest, after epochs of shifting sizes, and after the load dropped.

use super::{Row, ratio};
use crate::artifact::fragmentation::REMAINING;
use crate::artifact::observation::{Epoch, Observation};
use crate::artifact::unit::Bytes;

pub fn extract(row: &mut Row) {
    let o = row.observation;
    let live = o.live.0 as f64;
    if o.memory.peak > Bytes(0) {
        let peak = o.memory.peak.0 as f64 * o.memory.counted_once("end");
        let mean = o.memory.mean.0 as f64 * o.memory.counted_once("end");
        row.put("rss_peak", Some(peak));
        row.put("rss_mean", Some(mean));
        row.put("memory_peak_over_live", ratio(peak, live));
        row.put("memory_mean_over_live", ratio(mean, live));
    }
    row.put("rss_high_water", bytes(o.memory.high_water));

    let over = |value: Option<f64>, live: f64| value.and_then(|v| ratio(v, live));
    // Where the load was dropped, rest comes after it.
    let resting = if o.marks.contains_key("drop") {
        live * REMAINING
    } else {
        live
    };
    row.put("rest_rss_over_live", over(resident(o, "rest"), resting));
    row.put("rest_used_over_live", over(bytes(o.memory.rest_used), resting));
    row.put(
        "rest_committed_over_live",
        over(bytes(o.memory.rest_committed), resting),
    );
    fragmentation(row);
    memory_return(row);
}

fn bytes(value: Option<Bytes>) -> Option<f64> {
    value.map(|b| b.0 as f64)
}

fn resident(o: &Observation, hold: &str) -> Option<f64> {
    bytes(o.memory.rss.get(hold).copied()).map(|rss| rss * o.memory.counted_once(hold))
}

fn fragmentation(row: &mut Row) {
    let o = row.observation;
    let correction = o.memory.counted_once("end");
    let resident = |e: &Epoch| ratio(e.resident.0 as f64 * correction, e.live.0 as f64).filter(|r| *r > 0.0);
    let Some(last) = o.epochs.last() else { return };
    row.put("frag_resident_over_live", resident(last));
    row.put(
        "frag_committed_over_live",
        ratio(last.heap_committed.0 as f64, last.live.0 as f64),
    );
    let over_live = |value: Option<Bytes>| bytes(value).and_then(|v| ratio(v, last.live.0 as f64));
    row.put("frag_held_over_live", over_live(last.held));
    row.put("frag_waste_over_live", over_live(last.waste));
    let served = o.probes.iter().map_while(|p| Some((p.bytes, p.took?))).last();
    row.put("frag_block_bytes", served.map(|(bytes, _)| bytes.0 as f64));
    row.put("frag_block_ns", served.map(|(_, took)| took.0 as f64));
    // The first epoch is the warm-up of the heap's size, not of its fragmentation.
    let later = o.epochs.iter().skip(1);
    let points: Vec<(f64, f64)> = later
        .filter_map(|e| Some((f64::from(e.index), resident(e)?)))
        .collect();
    row.put("frag_slope", slope(&points));
}

/// Least squares; None for fewer than two different x.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let n = points.len() as f64;
    let x_mean = points.iter().map(|p| p.0).sum::<f64>() / n;
    let y_mean = points.iter().map(|p| p.1).sum::<f64>() / n;
    let spread: f64 = points.iter().map(|p| (p.0 - x_mean).powi(2)).sum();
    let common: f64 = points.iter().map(|p| (p.0 - x_mean) * (p.1 - y_mean)).sum();
    ratio(common, spread)
}

/// From `drop` to `return`, on the samples taken from outside.
fn memory_return(row: &mut Row) {
    let o = row.observation;
    let Some(wait) = o.wait() else { return };
    let held = wait.resident(wait.drop);
    let left = resident(o, "return").or_else(|| wait.resident(wait.end));
    row.put(
        "return_rss_over_live",
        left.and_then(|l| ratio(l, wait.remaining)),
    );
    let given_back = held
        .zip(left)
        .and_then(|(held, left)| ratio(held - left, held - wait.remaining));
    row.put("return_share", given_back);
    row.put("return_ns", wait.returned().map(|t| t.0 as f64));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_of_a_line_is_its_slope() {
        assert_eq!(slope(&[(1.0, 2.0), (2.0, 2.5), (3.0, 3.0)]), Some(0.5));
        assert_eq!(slope(&[(1.0, 2.0)]), None);
        assert_eq!(slope(&[]), None);
    }
}
