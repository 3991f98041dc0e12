//! Figures as logs write them.

use crate::artifact::unit::{Bytes, Ns};

/// `12.139ms`, `0.010s`, `7us`, `3851697073398ns`. None for anything else, also where the unit is missing or cut.
pub fn duration(word: &str) -> Option<Ns> {
    let unit = word.find(|c: char| c.is_ascii_alphabetic())?;
    let (figure, unit) = word.split_at(unit);
    let exponent = match unit {
        "s" => 9,
        "ms" => 6,
        "us" => 3,
        "ns" => 0,
        _ => return None,
    };
    scaled(figure, exponent).map(Ns)
}

/// A decimal figure times 10^`exponent`, in integers: no rounding where the digits are there, further ones are cut off.
pub fn scaled(figure: &str, exponent: u32) -> Option<u64> {
    let (whole, fraction) = figure.split_once('.').unwrap_or((figure, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let mut value: u64 = whole.parse().ok()?;
    let mut fraction = fraction.bytes();
    for _ in 0..exponent {
        let digit = fraction.next().map_or(0, |b| u64::from(b - b'0'));
        value = value.checked_mul(10)?.checked_add(digit)?;
    }
    Some(value)
}

/// `24M`, `1966K`, `0B`: binary multiples, as HotSpot prints them.
pub fn size(word: &str) -> Option<Bytes> {
    let (figure, unit) = word.split_at_checked(word.len().checked_sub(1)?)?;
    let shift = match unit {
        "B" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return None,
    };
    if !figure.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let figure: u64 = figure.parse().ok()?;
    figure.checked_mul(1 << shift).map(Bytes)
}

/// The heap around a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heap {
    pub before: Bytes,
    pub after: Bytes,
    pub capacity: Option<Bytes>,
}

/// `24M->13M(92M)`, or with shares of the capacity instead of it: `96M(100%)->60M(62%)`.
pub fn heap(word: &str) -> Option<Heap> {
    let (before, after) = word.split_once("->")?;
    let before = before.split_once('(').map_or(before, |(size, _)| size);
    let (after, capacity) = after.strip_suffix(')')?.split_once('(')?;
    Some(Heap {
        before: size(before)?,
        after: size(after)?,
        capacity: match capacity.strip_suffix('%') {
            Some(_) => None,
            None => Some(size(capacity)?),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_keep_every_digit_and_need_their_unit() {
        assert_eq!(duration("12.139ms"), Some(Ns(12_139_000)));
        assert_eq!(duration("0.010s"), Some(Ns(10_000_000)));
        assert_eq!(duration("3851697073398ns"), Some(Ns(3_851_697_073_398)));
        for bad in [
            "12.139",
            "12.139m",
            "ms",
            "-1ms",
            "1e3ms",
            ".5ms",
            "1.2.3ms",
            "99999999999999s",
        ] {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_heap_has_its_capacity_or_shares_of_it() {
        let heap_of = |word| heap(word).map(|h| (h.before.0 >> 20, h.after.0 >> 20, h.capacity));
        assert_eq!(heap_of("24M->13M(92M)"), Some((24, 13, Some(Bytes(92 << 20)))));
        assert_eq!(heap_of("96M(100%)->60M(62%)"), Some((96, 60, None)));
        assert_eq!(heap_of("24M->13M(92M"), None);
        assert_eq!(heap_of("24M->13M"), None);
    }
}
