//! Reads a line of fixed form from left to right, touching each byte once: what makes hundreds of MB a second possible.

use crate::artifact::unit::Bytes;

/// What is left of a line.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str) -> Self {
        Cursor { rest: text }
    }

    pub fn rest(&self) -> &'a str {
        self.rest
    }

    /// Passes over exactly these words.
    #[inline(always)]
    pub fn words(&mut self, words: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(words)?;
        Some(())
    }

    /// Everything before the next `end` (ASCII), which is passed over.
    pub fn until(&mut self, end: u8) -> Option<&'a str> {
        let at = memchr::memchr(end, self.rest.as_bytes())?;
        // An ASCII byte is never a part of another character.
        let (before, after) = (self.rest.get(..at)?, self.rest.get(at + 1..)?);
        self.rest = after;
        Some(before)
    }

    /// As [`Cursor::until`], for an end that is a few bytes off: there a search takes longer to begin than to end.
    #[inline(always)]
    pub fn until_near(&mut self, end: u8) -> Option<&'a str> {
        let at = near(self.rest.as_bytes(), end)?;
        let (before, after) = (self.rest.get(..at)?, self.rest.get(at + 1..)?);
        self.rest = after;
        Some(before)
    }

    /// Digits: at least one.
    #[inline(always)]
    pub fn count(&mut self) -> Option<u64> {
        self.digits()
    }

    /// A decimal figure times 10^`exponent`, in integers: no rounding where the digits are there, further ones are cut off. With an exponent
    /// of 0 a point ends the figure.
    #[inline(always)]
    pub fn scaled(&mut self, exponent: u32) -> Option<u64> {
        let whole = self.digits()?;
        if exponent == 0 {
            return Some(whole);
        }
        let scale = POWERS.get(exponent as usize).copied()?;
        let bytes = self.rest.as_bytes();
        // A comma where the locale has one.
        let fraction = if matches!(bytes.first(), Some(b'.' | b',')) && digit(bytes, 1).is_some() {
            self.rest = self.rest.get(1..)?;
            self.fraction(exponent)?
        } else {
            0
        };
        whole.checked_mul(scale)?.checked_add(fraction)
    }

    /// The digits behind a point, times 10^`exponent`; those beyond are passed over.
    #[inline(always)]
    pub fn fraction(&mut self, exponent: u32) -> Option<u64> {
        let bytes = self.rest.as_bytes();
        let (mut value, mut at) = (0u64, 0);
        while let Some(digit) = digit(bytes, at) {
            if at < exponent as usize {
                value = value * 10 + digit; // nine digits at most
            }
            at += 1;
        }
        self.rest = self.rest.get(at..)?;
        value.checked_mul(POWERS.get((exponent as usize).saturating_sub(at)).copied()?)
    }

    /// As [`Cursor::count`], for figures that are often long: eight digits at a time.
    #[inline(always)]
    pub fn long_count(&mut self) -> Option<u64> {
        let bytes = self.rest.as_bytes();
        let Some(high) = eight(bytes) else {
            return self.digits();
        };
        let (mut value, mut at) = (high, 8);
        while let Some(digit) = digit(bytes, at) {
            value = value.checked_mul(10)?.checked_add(digit)?;
            at += 1;
        }
        self.rest = self.rest.get(at..)?;
        Some(value)
    }

    #[inline(always)]
    fn digits(&mut self) -> Option<u64> {
        let bytes = self.rest.as_bytes();
        let (mut value, mut at) = (0u64, 0);
        // So many digits cannot overflow.
        while at < 19
            && let Some(digit) = digit(bytes, at)
        {
            value = value * 10 + digit;
            at += 1;
        }
        while let Some(digit) = digit(bytes, at) {
            value = value.checked_mul(10)?.checked_add(digit)?;
            at += 1;
        }
        self.rest = self.rest.get(at..)?;
        (at > 0).then_some(value)
    }

    /// `24M`, `1966K`, `0B`: binary multiples, as HotSpot prints them.
    pub fn size(&mut self) -> Option<Bytes> {
        let value = self.count()?;
        let shift = match self.rest.as_bytes().first()? {
            b'B' => 0,
            b'K' => 10,
            b'M' => 20,
            b'G' => 30,
            b'T' => 40,
            _ => return None,
        };
        self.rest = &self.rest[1..];
        value.checked_mul(1 << shift).map(Bytes)
    }
}

#[inline(always)]
fn digit(bytes: &[u8], at: usize) -> Option<u64> {
    let digit = bytes.get(at)?.wrapping_sub(b'0');
    (digit < 10).then_some(u64::from(digit))
}

/// Where the first such byte is: eight at a time, in one register.
#[inline(always)]
fn near(bytes: &[u8], end: u8) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHEST: u64 = 0x8080_8080_8080_8080;
    let mut at = 0;
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        // A byte that is the wanted one is 0 here; the lowest bit found is of the first of them, whatever lies above it.
        let differs = u64::from_le_bytes(*eight) ^ (ONES * u64::from(end));
        let zero = differs.wrapping_sub(ONES) & !differs & HIGHEST;
        if zero != 0 {
            return Some(at + zero.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let rest = bytes.get(at..)?.iter().position(|byte| *byte == end)?;
    Some(at + rest)
}

/// The first eight bytes as a figure, if all of them are digits: pairs, then fours, then eight are joined in one register.
#[inline(always)]
fn eight(bytes: &[u8]) -> Option<u64> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    const HIGH: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    let chunk = u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?);
    // A digit has the high half 3, also after adding 6.
    if chunk & HIGH != ZEROS || chunk.wrapping_add(0x0606_0606_0606_0606) & HIGH != ZEROS {
        return None;
    }
    let ones = chunk - ZEROS;
    let pairs = ones * 10 + (ones >> 8);
    const EACH: u64 = 0x0000_00FF_0000_00FF;
    let left = (pairs & EACH).wrapping_mul(0x000F_4240_0000_0064);
    let right = (pairs >> 16 & EACH).wrapping_mul(0x0000_2710_0000_0001);
    Some(left.wrapping_add(right) >> 32)
}

/// Of ten.
const POWERS: [u64; 10] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
    1_000_000_000,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_digits_at_a_time_are_the_same_figure() {
        for figure in [
            0,
            7,
            12_345_678,
            99_999_999,
            100_000_000,
            3_851_697_073_398,
            u64::MAX,
        ] {
            let text = format!("{figure}ns");
            let mut cursor = Cursor::new(&text);
            assert_eq!((cursor.long_count(), cursor.rest()), (Some(figure), "ns"));
        }
        for other in [
            "1234567:9",
            "12345678901234567890123",
            "/2345678",
            "",
            "1234567é9",
        ] {
            let (mut long, mut short) = (Cursor::new(other), Cursor::new(other));
            assert_eq!(
                (long.long_count(), long.rest()),
                (short.count(), short.rest()),
                "{other}"
            );
        }
    }

    #[test]
    fn a_byte_is_found_wherever_it_is_and_the_first_of_several() {
        for length in 0..40 {
            for at in 0..length {
                for other in [b'\\', b'^', b'[', 0x80, 0xff, 0] {
                    let mut bytes = vec![other; length];
                    assert_eq!(near(&bytes, b']'), None);
                    bytes[at] = b']';
                    bytes[length - 1] = b']';
                    assert_eq!(near(&bytes, b']'), Some(at), "{other} {length}");
                }
            }
        }
    }

    #[test]
    fn a_figure_ends_where_its_digits_do() {
        let mut cursor = Cursor::new("12.5+0.0371 ms, 7%");
        assert_eq!(cursor.scaled(6), Some(12_500_000));
        assert_eq!(cursor.words("+"), Some(()));
        assert_eq!(cursor.scaled(3), Some(37));
        assert_eq!(cursor.until(b','), Some(" ms"));
        assert_eq!(cursor.rest(), " 7%");
        assert_eq!(cursor.count(), None);
        assert_eq!(Cursor::new("99999999999999999999").count(), None);
    }
}
