//! Figures as logs write them.

use crate::artifact::unit::{Bytes, Ns};

/// `12.139ms`, `0.010s`, `7us`, `3851697073398ns`. None for anything else, also where the unit is missing or cut.
pub fn duration(word: &str) -> Option<Ns> {
    let (figure, exponent) = match word.as_bytes() {
        [figure @ .., b'm', b's'] => (figure, 6),
        [figure @ .., b'u', b's'] => (figure, 3),
        [figure @ .., b'n', b's'] => (figure, 0),
        [figure @ .., b's'] => (figure, 9),
        _ => return None,
    };
    scaled_bytes(figure, exponent).map(Ns)
}

/// `2845 ns`, as the safepoint line has it.
pub fn duration_of(words: &str) -> Option<Ns> {
    whole(words.as_bytes().strip_suffix(b" ns")?).map(Ns)
}

/// A decimal figure times 10^`exponent`, in integers: no rounding where the digits are there, further ones are cut off.
pub fn scaled(figure: &str, exponent: u32) -> Option<u64> {
    scaled_bytes(figure.as_bytes(), exponent)
}

fn scaled_bytes(figure: &[u8], exponent: u32) -> Option<u64> {
    let mut value: u64 = 0;
    let mut digits = figure.iter();
    let mut some = false;
    // Digits that are still wanted behind the point.
    let mut left = exponent;
    let mut behind = false;
    for &byte in &mut digits {
        match byte {
            b'0'..=b'9' => {
                some = true;
                if behind {
                    if left == 0 {
                        continue;
                    }
                    left -= 1;
                }
                value = value.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
            }
            b'.' | b',' if some && !behind => behind = true,
            _ => return None,
        }
    }
    if !some {
        return None;
    }
    value.checked_mul(10u64.checked_pow(left)?)
}

/// `24M`, `1966K`, `0B`: binary multiples, as HotSpot prints them.
pub fn size(word: &str) -> Option<Bytes> {
    let (figure, shift) = match word.as_bytes() {
        [figure @ .., b'B'] => (figure, 0),
        [figure @ .., b'K'] => (figure, 10),
        [figure @ .., b'M'] => (figure, 20),
        [figure @ .., b'G'] => (figure, 30),
        [figure @ .., b'T'] => (figure, 40),
        _ => return None,
    };
    whole(figure)?.checked_mul(1 << shift).map(Bytes)
}

/// Digits and nothing else.
pub fn count(word: &str) -> Option<u64> {
    whole(word.as_bytes())
}

fn whole(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}

/// The heap around a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heap {
    pub before: Bytes,
    pub after: Bytes,
    pub capacity: Option<Bytes>,
}

/// `24M->13M(92M)`, or with shares of the capacity instead of it: `96M(100%)->60M(62%)`. Spaces of the heap give the capacity on both sides:
/// `0K(43520K)->8K(43520K)`.
pub fn heap(word: &str) -> Option<Heap> {
    let (before, after) = word.strip_suffix(')')?.split_once("->")?;
    let before = before.split_once('(').map_or(before, |(size, _)| size);
    let (after, capacity) = after.split_once('(')?;
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
        assert_eq!(duration("1.23456789ms"), Some(Ns(1_234_567)));
        // A locale's decimal comma, as JVMs of some systems print it.
        assert_eq!(duration("12,139ms"), Some(Ns(12_139_000)));
        for bad in [
            "12.139",
            "12.139m",
            "ms",
            "s",
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
        assert_eq!(
            heap_of("24M(64M)->13M(92M)"),
            Some((24, 13, Some(Bytes(92 << 20))))
        );
        assert_eq!(heap_of("96M(100%)->60M(62%)"), Some((96, 60, None)));
        assert_eq!(heap_of("24M->13M(92M"), None);
        assert_eq!(heap_of("24M->13M"), None);
    }
}
