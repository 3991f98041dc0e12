//! Latency histograms.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};

use crate::clock::now;
use crate::slowest::Slowest;

// Bounds in ns: whole nanoseconds up to one hour, three digits. About 270 KiB each.
const SHORTEST: u64 = 1;
const LONGEST: u64 = 3_600_000_000_000;
const DIGITS: u8 = 3;

/// A histogram that never resizes.
pub fn new_histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(SHORTEST, LONGEST, DIGITS).expect("the bounds are valid")
}

/// Counts one duration. It never allocates: values out of range are recorded as the bound they passed.
#[inline]
pub fn record(h: &mut Histogram<u64>, ns: u64) {
    h.saturating_record(ns.clamp(SHORTEST, LONGEST));
}

/// Counts an operation that began when the one before it ended, at `last`, and returns when it ended: one clock read an
/// operation.
#[inline]
pub fn record_closed(service: &mut Histogram<u64>, last: u64) -> u64 {
    let done = now();
    record(service, done - last);
    done
}

/// Counts an operation that was intended for one time and started at another, notes it if it is a slow one, and returns when
/// it ended. Its start is the end of the one before it, or the clock read that ended the wait for it: one more read at most.
#[inline]
pub fn record_open(
    response: &mut Histogram<u64>,
    service: &mut Histogram<u64>,
    slow: &mut Slowest,
    intended: u64,
    start: u64,
) -> u64 {
    let done = now();
    record(response, done - intended);
    slow.note(intended, done - intended);
    record(service, done - start);
    done
}

/// Adds up the threads' histograms.
pub fn merge<'a>(parts: impl IntoIterator<Item = &'a Histogram<u64>>) -> Histogram<u64> {
    let mut whole = new_histogram();
    for part in parts {
        whole.add(part).expect("equal bounds");
    }
    whole
}

/// Returns the HdrHistogram V2 compressed encoding in base64.
pub fn encode(h: &Histogram<u64>) -> String {
    let mut bytes = Vec::new();
    V2DeflateSerializer::new()
        .serialize(h, &mut bytes)
        .expect("a Vec takes every byte");
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::serialization::Deserializer;

    #[test]
    fn a_histogram_survives_merging_and_encoding() {
        let (mut one, mut two) = (new_histogram(), new_histogram());
        for ns in [1, 900, 1_000_000] {
            record(&mut one, ns);
            record(&mut two, ns * 3);
        }
        let bytes = STANDARD.decode(encode(&merge([&one, &two]))).unwrap();
        let back: Histogram<u64> = Deserializer::new().deserialize(&mut bytes.as_slice()).unwrap();
        assert_eq!(back.len(), 6);
        assert_eq!(back.count_at(900), 1);
        assert!(back.equivalent(back.max(), 3_000_000));
    }

    #[test]
    fn values_out_of_range_are_recorded_as_the_bound() {
        let mut h = new_histogram();
        record(&mut h, 0);
        record(&mut h, u64::MAX);
        assert_eq!(h.min(), SHORTEST);
        assert!(h.equivalent(h.max(), LONGEST));
    }

    #[test]
    fn recording_does_not_allocate() {
        let mut h = new_histogram();
        let before = crate::allocator::allocated();
        for shift in 0..64 {
            record(&mut h, 1 << shift);
        }
        assert_eq!(crate::allocator::allocated(), before);
    }
}
