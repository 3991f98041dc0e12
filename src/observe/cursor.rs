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

    /// Digits: at least one.
    pub fn count(&mut self) -> Option<u64> {
        self.scaled(0)
    }

    /// A decimal figure times 10^`exponent`, in integers: no rounding where the digits are there, further ones are cut off. With an exponent
    /// of 0 a point ends the figure.
    pub fn scaled(&mut self, exponent: u32) -> Option<u64> {
        let bytes = self.rest.as_bytes();
        let (mut value, mut at) = (0u64, 0);
        while let Some(digit) = digit(bytes, at) {
            value = value.checked_mul(10)?.checked_add(digit)?;
            at += 1;
        }
        if at == 0 {
            return None;
        }
        let mut left = exponent;
        // A comma where the locale has one.
        if exponent > 0 && matches!(bytes.get(at), Some(b'.' | b',')) && digit(bytes, at + 1).is_some() {
            at += 1;
            while let Some(digit) = digit(bytes, at) {
                if left > 0 {
                    value = value.checked_mul(10)?.checked_add(digit)?;
                    left -= 1;
                }
                at += 1;
            }
        }
        self.rest = self.rest.get(at..)?;
        value.checked_mul(POWERS.get(left as usize).copied()?)
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

fn digit(bytes: &[u8], at: usize) -> Option<u64> {
    let digit = bytes.get(at)?.wrapping_sub(b'0');
    (digit < 10).then_some(u64::from(digit))
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
