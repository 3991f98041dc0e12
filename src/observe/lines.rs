//! A log as a stream of lines: one piece of the file in memory at a time, whatever its bytes and however long its lines.

use std::io::{self, Read};
use std::ops::Range;

use memchr::memchr;

/// One line, without its end.
pub struct Text<'a> {
    /// Counted from 1.
    pub number: u64,
    pub text: &'a str,
    pub end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Newline,
    /// The last line of a file that was cut: its figures may be cut as well, so nobody should believe them.
    Missing,
    /// Longer than any line of a log: the rest of it was passed over.
    TooLong,
}

/// What is read at once.
const PIECE: usize = 256 << 10;
/// No line of a log is longer, nor is an encoded histogram.
const LONGEST: usize = 1 << 20;

pub struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    /// What is still to be handed out.
    rest: Range<usize>,
    /// The input has no more.
    ended: bool,
    /// Within a line of which the beginning was handed out as too long.
    passing: bool,
    lossy: String,
    number: u64,
    bytes: u64,
}

impl<R: Read> Lines<R> {
    pub fn new(input: R) -> Self {
        Lines {
            input,
            buffer: vec![0; PIECE],
            rest: 0..0,
            ended: false,
            passing: false,
            lossy: String::new(),
            number: 0,
            bytes: 0,
        }
    }

    /// Bytes read so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The next line; None at the end. Bytes that are not UTF-8 become U+FFFD.
    pub fn next_line(&mut self) -> io::Result<Option<Text<'_>>> {
        let Some((range, end)) = self.find()? else {
            return Ok(None);
        };
        self.number += 1;
        let mut bytes = &self.buffer[range];
        while let [head @ .., b'\r'] = bytes {
            bytes = head;
        }
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => {
                self.lossy = String::from_utf8_lossy(bytes).into_owned();
                &self.lossy
            }
        };
        Ok(Some(Text {
            number: self.number,
            text,
            end,
        }))
    }

    /// Where in the buffer the next line stands.
    fn find(&mut self) -> io::Result<Option<(Range<usize>, End)>> {
        let mut seen = self.rest.start;
        loop {
            if let Some(at) = memchr(b'\n', &self.buffer[seen..self.rest.end]) {
                let line = self.rest.start..seen + at;
                self.rest.start = seen + at + 1;
                if std::mem::take(&mut self.passing) {
                    seen = self.rest.start;
                    continue;
                }
                return Ok(Some((line, End::Newline)));
            }
            if self.passing {
                self.rest.start = self.rest.end;
            }
            let line = self.rest.clone();
            if line.len() >= LONGEST {
                self.passing = true;
                self.rest.start = self.rest.end;
                return Ok(Some((line.start..line.start + LONGEST, End::TooLong)));
            }
            if self.ended {
                self.rest.start = self.rest.end;
                return Ok((!line.is_empty()).then_some((line, End::Missing)));
            }
            self.fill()?;
            seen = self.rest.start + line.len();
        }
    }

    /// Moves what is left to the front and reads behind it.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.rest.clone(), 0);
        self.rest = 0..self.rest.len();
        if self.buffer.len() < self.rest.end + PIECE / 2 {
            self.buffer.resize(self.rest.end + PIECE, 0);
        }
        loop {
            match self.input.read(&mut self.buffer[self.rest.end..]) {
                Ok(0) => self.ended = true,
                Ok(n) => {
                    self.rest.end += n;
                    self.bytes += n as u64;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            }
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Hands out a few bytes at a time.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let n = self.1.min(self.0.len()).min(to.len());
            to[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    fn all(input: impl Read) -> Vec<(String, End)> {
        let mut lines = Lines::new(input);
        let mut all = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            assert_eq!(line.number, all.len() as u64 + 1);
            all.push((line.text.to_owned(), line.end));
        }
        all
    }

    #[test]
    fn ends_of_lines_are_no_part_of_them_and_a_missing_one_is_told() {
        let of = |text: &str| all(text.as_bytes());
        assert_eq!(of(""), []);
        assert_eq!(
            of("a\r\n\nb"),
            [
                ("a".into(), End::Newline),
                (String::new(), End::Newline),
                ("b".into(), End::Missing)
            ]
        );
    }

    #[test]
    fn a_line_without_end_takes_no_memory() {
        let mut text = vec![b'x'; 5 * LONGEST + 77];
        text.extend(b"\nshort\n");
        let found = all(text.as_slice());
        assert_eq!((found[0].0.len(), found[0].1), (LONGEST, End::TooLong));
        assert_eq!(found[1..], [("short".to_owned(), End::Newline)]);
    }

    proptest! {
        #[test]
        fn lines_do_not_depend_on_how_the_bytes_arrive(
            bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), any::<u8>()], 0..600), step in 1usize..40,
        ) {
            let dripped = all(Drip(&bytes, step));
            prop_assert_eq!(&dripped, &all(bytes.as_slice()));
            let wanted = String::from_utf8_lossy(&bytes);
            let wanted: Vec<&str> = wanted.split_terminator('\n').map(|l| l.trim_end_matches('\r')).collect();
            prop_assert_eq!(dripped.iter().map(|l| l.0.as_str()).collect::<Vec<_>>(), wanted);
        }
    }
}
