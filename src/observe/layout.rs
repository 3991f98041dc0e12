//! Where a line's tags stand, learnt from the lines before it: a log has the same decorations from end to end, and most lines are
//! done with once their tags are known.

/// The lines of one log differ in the figures, and in the padding of the level.
const KEPT: usize = 4;
/// No log's decorations are longer.
const LONGEST: usize = 128;
const WORD: usize = 8;
const ZEROS: u64 = 0x3030_3030_3030_3030;
const HIGH: u64 = 0xF0F0_F0F0_F0F0_F0F0;
const SIX: u64 = 0x0606_0606_0606_0606;

#[derive(Default)]
pub struct Layouts {
    known: Vec<Layout>,
    /// Of the last line that was like one before it.
    latest: usize,
    /// Which one a new one takes the place of.
    oldest: usize,
}

impl Layouts {
    /// How many bytes of this line are as in a line before, but for the value of their digits; 0 if none is known.
    #[inline]
    pub fn same(&mut self, text: &str) -> usize {
        let matches = |layout: &Layout| layout.matches(text.as_bytes());
        if let Some(layout) = self.known.get(self.latest)
            && matches(layout)
        {
            return layout.length;
        }
        match self.known.iter().position(matches) {
            Some(at) => {
                self.latest = at;
                self.known[at].length
            }
            None => 0,
        }
    }

    /// Lines that begin like this are to be expected.
    pub fn learn(&mut self, beginning: &str) {
        if !(WORD..=LONGEST).contains(&beginning.len()) {
            return;
        }
        let layout = Layout::of(beginning.as_bytes());
        if self.known.len() < KEPT {
            self.known.push(layout);
        } else {
            self.known[self.oldest] = layout;
            self.oldest = (self.oldest + 1) % KEPT;
        }
    }
}

struct Layout {
    length: usize,
    /// Of eight bytes each; the last one overlaps the one before.
    words: Vec<Word>,
}

/// What eight bytes have to be, in one register.
struct Word {
    /// All bits of any other byte, the high ones of a digit.
    fixed: u64,
    value: u64,
    /// All bits of a digit.
    digits: u64,
}

impl Layout {
    fn of(beginning: &[u8]) -> Self {
        let length = beginning.len();
        let starts = (0..length / WORD).map(|n| n * WORD).chain([length - WORD]);
        Layout {
            length,
            words: starts.map(|at| Word::of(&beginning[at..at + WORD])).collect(),
        }
    }

    #[inline]
    fn matches(&self, text: &[u8]) -> bool {
        let Some(beginning) = text.get(..self.length) else {
            return false;
        };
        let (words, _) = beginning.as_chunks::<WORD>();
        self.words
            .iter()
            .zip(words.iter().chain(beginning.last_chunk::<WORD>()))
            .all(|(word, bytes)| word.matches(u64::from_le_bytes(*bytes)))
    }
}

impl Word {
    fn of(bytes: &[u8]) -> Self {
        let each = |of: fn(u8) -> u8| {
            bytes
                .iter()
                .rev()
                .fold(0, |word, byte| word << 8 | u64::from(of(*byte)))
        };
        let fixed = each(|byte| if byte.is_ascii_digit() { 0xF0 } else { 0xFF });
        Word {
            fixed,
            value: each(|byte| byte) & fixed,
            digits: each(|byte| if byte.is_ascii_digit() { 0xFF } else { 0 }),
        }
    }

    /// A digit has the high half 3, also after adding 6.
    #[inline]
    fn matches(&self, bytes: u64) -> bool {
        let beyond = (bytes & self.digits).wrapping_add(SIX & self.digits);
        bytes & self.fixed == self.value && beyond & HIGH & self.digits == ZEROS & self.digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(learnt: &str, text: &str) -> usize {
        let mut layouts = Layouts::default();
        layouts.learn(learnt);
        layouts.same(text)
    }

    #[test]
    fn only_the_value_of_digits_may_differ() {
        let learnt = "[0.113s][info ][";
        assert_eq!(same(learnt, "[9.748s][info ][gc,heap] x"), learnt.len());
        assert_eq!(same(learnt, learnt), learnt.len());
        for other in [
            "[0.113s][info][gc] x",
            "[10.113s][info ][gc]",
            "[0.113s][info ]",
            "",
            "[0.11:s][info ][gc]",
            "[0.11/s][info ][gc]",
        ] {
            assert_eq!(same(learnt, other), 0, "{other}");
        }
    }

    #[test]
    fn every_byte_is_looked_at() {
        let learnt = "[3851697073398ns][113302524ns][info][";
        for at in 0..learnt.len() {
            for byte in 0..128 {
                let mut other = learnt.as_bytes().to_vec();
                other[at] = byte;
                let as_before = learnt.as_bytes()[at] == byte
                    || (learnt.as_bytes()[at].is_ascii_digit() && byte.is_ascii_digit());
                let other = String::from_utf8(other).unwrap();
                assert_eq!(same(learnt, &other) > 0, as_before, "{other}");
            }
        }
    }

    #[test]
    fn a_log_has_a_few_layouts() {
        let mut layouts = Layouts::default();
        for level in ["info", "info ", "debug", "trace", "error"] {
            layouts.learn(&format!("[0.1s][{level}]["));
        }
        assert_eq!(layouts.same("[0.1s][info][gc]"), 0);
        assert_eq!(layouts.same("[0.2s][error][gc]"), "[0.2s][error][".len());
    }
}
