//! When the slowest requests of an open loop were due, so that a report can point at the pause behind them.

use std::fmt::Write;

/// The width of the highest slice's number: the window has between 512 and 1024 slices.
const SLICE_BITS: u32 = 10;

/// The window is cut into slices of a power of two ns; each keeps the longest response time among the requests intended in
/// it.
pub struct Slowest {
    pub begin: u64, // of the window, CLOCK_MONOTONIC
    shift: u32,     // a slice is 1 << shift ns
    slice: usize,   // the present one
    until: u64,     // its end, CLOCK_MONOTONIC
    most: u64,      // its longest
    longest: Box<[u64]>,
    intended: Box<[u64]>, // that request's, CLOCK_MONOTONIC; 0 where the slice has none
}

/// Has room for a window whose last request is intended `last` ns after its begin.
pub fn new_slowest(last: u64) -> Slowest {
    let shift = (u64::BITS - last.leading_zeros()).saturating_sub(SLICE_BITS);
    let slices = (last >> shift) as usize + 1;
    Slowest {
        begin: 0,
        shift,
        slice: 0,
        until: 0,
        most: 0,
        longest: vec![0; slices].into(),
        intended: vec![0; slices].into(),
    }
}

impl Slowest {
    /// Keeps a request if it is its slice's slowest so far. A thread's requests come in the order in which they were intended,
    /// so that most of them cost two comparisons. It never allocates.
    #[inline]
    pub fn note(&mut self, intended: u64, response: u64) {
        if intended >= self.until {
            self.enter(intended);
        }
        if response > self.most {
            self.most = response;
            self.longest[self.slice] = response;
            self.intended[self.slice] = intended;
        }
    }

    /// Goes on to the slice in which a request was intended; what comes after the window is the last one's.
    #[cold]
    fn enter(&mut self, intended: u64) {
        let last = self.longest.len() as u64 - 1;
        let slice = ((intended - self.begin) >> self.shift).min(last);
        self.until = if slice == last {
            u64::MAX
        } else {
            self.begin + ((slice + 1) << self.shift)
        };
        self.slice = slice as usize;
        self.most = self.longest[self.slice];
    }
}

/// Keeps of each slice the slowest request of all threads. They have cut the same window.
pub fn merge_slowest(parts: &[&Slowest]) -> Slowest {
    let slices = parts[0].longest.len();
    let mut whole = Slowest {
        longest: vec![0; slices].into(),
        intended: vec![0; slices].into(),
        ..*parts[0]
    };
    for part in parts {
        for (slice, &response) in part.longest.iter().enumerate() {
            if response > whole.longest[slice] {
                whole.longest[slice] = response;
                whole.intended[slice] = part.intended[slice];
            }
        }
    }
    whole
}

/// Returns `intended:response;...` in order of time, without the slices in which no request was due.
pub fn encode_slowest(s: &Slowest) -> String {
    let mut text = String::new();
    for (intended, response) in s.intended.iter().zip(&s.longest).filter(|(at, _)| **at > 0) {
        let separator = if text.is_empty() { "" } else { ";" };
        write!(text, "{separator}{intended}:{response}").expect("a String takes every character");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_cut_into_a_power_of_two_ns_and_at_most_1024_slices() {
        for last in [
            0,
            1,
            511,
            512,
            1023,
            1024,
            (1 << 20) - 1,
            1 << 20,
            5_000_000_000,
            3_600_000_000_000,
        ] {
            let s = new_slowest(last);
            let count = s.longest.len() as u64;
            assert_eq!(last >> s.shift, count - 1, "{last} ns");
            assert!(
                count <= 1024 && (last < 512 || count > 512),
                "{last} ns: {count} slices"
            );
        }
    }

    #[test]
    fn a_note_keeps_the_slowest_of_its_slice_and_does_not_allocate() {
        let mut s = new_slowest(1 << 19); // slices of 1024 ns
        s.begin = 5000;
        let before = crate::allocator::allocated();
        s.note(5000, 70);
        s.note(6023, 90); // the same slice
        s.note(6022, 80); // faster
        s.note(6024, 10); // the next slice
        s.note(5000 + (1 << 19) + 7, 30); // the last slice
        s.note(1 << 60, 60); // beyond it
        assert_eq!(crate::allocator::allocated(), before);
        assert_eq!(encode_slowest(&s), "6023:90;6024:10;1152921504606846976:60");
    }

    #[test]
    fn merging_keeps_the_slowest_of_all_threads_and_leaves_empty_slices_out() {
        let (mut a, mut b) = (new_slowest(1 << 19), new_slowest(1 << 19));
        (a.begin, b.begin) = (1, 1);
        assert_eq!(encode_slowest(&merge_slowest(&[&a, &b])), "");
        a.note(10, 500);
        b.note(20, 400);
        a.note(5000, 300);
        b.note(5001, 301);
        b.note(9000, 1);
        assert_eq!(
            encode_slowest(&merge_slowest(&[&a, &b])),
            "10:500;5001:301;9000:1"
        );
    }
}
