//! Response and service times.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;

use super::{Quantile, Row, backlog, ratio};
use crate::artifact::observation::Observation;

pub fn extract(row: &mut Row) {
    let o = row.observation;
    let service = decode(o, "service");
    if let Some(service) = &service {
        row.put("service_p50_ns", at(service, Quantile::P50));
        row.put("service_p99_ns", at(service, Quantile::P99));
        row.put("service_p999_ns", at(service, Quantile::P999));
    }
    let Some(response) = decode(o, "response") else {
        return;
    };
    let saturated = saturated(o, &response, service.as_ref());
    row.put("saturated", Some(f64::from(u8::from(saturated))));
    if saturated {
        return;
    }
    let (p99, p999) = (at(&response, Quantile::P99), at(&response, Quantile::P999));
    row.put("response_p50_ns", at(&response, Quantile::P50));
    row.put("response_p99_ns", p99);
    row.put("response_p999_ns", p999);
    row.put("response_p9999_ns", at(&response, Quantile::P9999));
    row.put("response_max_ns", Some(response.max() as f64));
    row.put("tail_ratio", p999.zip(p99).and_then(|(a, b)| ratio(a, b)));
}

/// A histogram of the observation; None if there is none, if it is empty, or if it does not read.
pub fn decode(o: &Observation, name: &str) -> Option<Histogram<u64>> {
    let bytes = STANDARD.decode(o.histograms.get(name)?).ok()?;
    let histogram: Histogram<u64> = Deserializer::new().deserialize(&mut bytes.as_slice()).ok()?;
    (!histogram.is_empty()).then_some(histogram)
}

fn at(histogram: &Histogram<u64>, quantile: Quantile) -> Option<f64> {
    let sound = quantile.sound(histogram.len());
    sound.then(|| histogram.value_at_quantile(quantile.q()) as f64)
}

/// Did the backlog grow? Runs that kept the slowest request of each slice show it ([`backlog::grew`]). For those that did not, either
/// sign is enough:
///
/// - The window outlasted its schedule: n arrivals at rate r take n / r on average, and the last request cannot be done later than
///   that unless requests queued up. The margin is the largest of 5 % of the schedule, 100 ms (one long stop at the very end is
///   no growth) and 8 sqrt(n) / r (what a Poisson schedule over up to four threads strays by itself: four standard deviations).
/// - The median request waited: it took more than 100 ms and more than ten times its own service, so that there was a queue for
///   half of the window and more.
fn saturated(o: &Observation, response: &Histogram<u64>, service: Option<&Histogram<u64>>) -> bool {
    const LONG: f64 = 100e6;
    let median = |h: &Histogram<u64>| h.value_at_quantile(0.5) as f64;
    if let Some(grew) = backlog::grew(o, response.len(), service.map_or(0.0, median)) {
        return grew;
    }
    let wall = o
        .marks
        .get("begin")
        .zip(o.marks.get("end"))
        .map(|(b, e)| e.0.saturating_sub(b.0) as f64);
    let late = o.rate.filter(|r| *r > 0.0).zip(wall).is_some_and(|(rate, wall)| {
        let n = response.len() as f64;
        let scheduled = n / rate * 1e9;
        let strays = 8.0 * n.sqrt() / rate * 1e9;
        wall - scheduled > (0.05 * scheduled).max(LONG).max(strays)
    });
    let waited = median(response);
    late || waited > LONG && service.is_some_and(|s| waited > 10.0 * median(s))
}
