//! A log as a stream of lines: one piece of the file in memory at a time, whatever its bytes and however long its lines.

use std::io::{self, Read};
use std::ops::Range;

use memchr::{memchr, memrchr};

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
    /// Whole lines, checked together for being UTF-8; from `next` on they are still to be handed out.
    text: String,
    next: usize,
    /// The beginning of the line after them.
    tail: Vec<u8>,
    /// The input has no more.
    ended: bool,
    /// Within a line of which the beginning was handed out as too long.
    passing: bool,
    number: u64,
    bytes: u64,
}

impl<R: Read> Lines<R> {
    pub fn new(input: R) -> Self {
        Lines {
            input,
            text: String::new(),
            next: 0,
            tail: Vec::new(),
            ended: false,
            passing: false,
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
        let mut text = self.text.get(range).unwrap_or_default();
        while let Some(head) = text.strip_suffix('\r') {
            text = head;
        }
        Ok(Some(Text {
            number: self.number,
            text,
            end,
        }))
    }

    /// Where in the text the next line stands.
    fn find(&mut self) -> io::Result<Option<(Range<usize>, End)>> {
        loop {
            let from = self.next;
            let rest = &self.text.as_bytes()[from..];
            if let Some(at) = memchr(b'\n', rest) {
                self.next = from + at + 1;
                return Ok(Some(if at > LONGEST {
                    (from..self.boundary(from + LONGEST), End::TooLong)
                } else {
                    (from..from + at, End::Newline)
                }));
            }
            // Without its end there stands only what was put there for being too long, or for being the last.
            if !rest.is_empty() {
                self.next = self.text.len();
                let end = if self.passing { End::TooLong } else { End::Missing };
                return Ok(Some((from..self.text.len(), end)));
            }
            if self.ended {
                return Ok(None);
            }
            self.fill()?;
        }
    }

    /// The last end of a character at or before `at`.
    fn boundary(&self, mut at: usize) -> usize {
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    /// Reads the next piece and takes its whole lines up.
    fn fill(&mut self) -> io::Result<()> {
        let mut bytes = std::mem::take(&mut self.text).into_bytes();
        self.next = 0;
        bytes.clear();
        bytes.append(&mut self.tail);
        self.read(&mut bytes)?;
        if self.passing {
            match memchr(b'\n', &bytes) {
                Some(at) => {
                    bytes.drain(..=at);
                    self.passing = false;
                }
                None => bytes.clear(),
            }
        }
        match memrchr(b'\n', &bytes) {
            Some(at) => {
                self.tail.extend_from_slice(&bytes[at + 1..]);
                bytes.truncate(at + 1);
            }
            None if bytes.len() >= LONGEST => {
                bytes.truncate(LONGEST);
                self.passing = true;
            }
            None if !self.ended => self.tail.append(&mut bytes),
            None => {}
        }
        self.text = String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Ok(())
    }

    /// Appends the next piece of the input.
    fn read(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let had = bytes.len();
        bytes.resize(had + PIECE, 0);
        loop {
            let read = match self.input.read(&mut bytes[had..]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                read => read,
            };
            bytes.truncate(had + read.as_ref().copied().unwrap_or_default());
            let read = read?;
            self.ended = read == 0;
            self.bytes += read as u64;
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
