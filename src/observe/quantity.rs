//! Figures as logs write them.

use super::cursor::Cursor;
use crate::artifact::unit::{Bytes, Ns};

/// `12.139ms`, `0.010s`, `7us`, `3851697073398ns`. None for anything else, also where the unit is missing or cut.
pub fn duration(word: &str) -> Option<Ns> {
    let (unit, exponent) = match word.as_bytes() {
        [.., b'm', b's'] => (2, 6),
        [.., b'u', b's'] => (2, 3),
        [.., b'n', b's'] => (2, 0),
        [.., b's'] => (1, 9),
        _ => return None,
    };
    scaled(word.get(..word.len() - unit)?, exponent).map(Ns)
}

/// A decimal figure times 10^`exponent`, and nothing else.
pub fn scaled(figure: &str, exponent: u32) -> Option<u64> {
    let mut cursor = Cursor::new(figure);
    let value = cursor.scaled(exponent)?;
    cursor.rest().is_empty().then_some(value)
}

/// `24M`, `1966K`, `0B`: binary multiples, as HotSpot prints them.
pub fn size(word: &str) -> Option<Bytes> {
    let mut cursor = Cursor::new(word);
    let size = cursor.size()?;
    cursor.rest().is_empty().then_some(size)
}

/// Digits and nothing else.
pub fn count(word: &str) -> Option<u64> {
    scaled(word, 0)
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
    let mut cursor = Cursor::new(word);
    let before = cursor.size()?;
    if cursor.words("(").is_some() {
        cursor.until(b')')?;
    }
    cursor.words("->")?;
    let after = cursor.size()?;
    cursor.words("(")?;
    let capacity = cursor.until(b')')?;
    if !cursor.rest().is_empty() {
        return None;
    }
    let capacity = match capacity.strip_suffix('%') {
        Some(_) => None,
        None => Some(size(capacity)?),
    };
    Some(Heap {
        before,
        after,
        capacity,
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
