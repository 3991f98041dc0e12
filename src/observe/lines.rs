//! A log as a stream of lines: one line in memory at a time, whatever its bytes.

use std::io::{self, BufRead};

/// One line, without its end.
pub struct Text<'a> {
    /// Counted from 1.
    pub number: u64,
    pub text: &'a str,
    /// False for the last line of a file that was cut: its figures may be cut as well, so nobody should believe them.
    pub complete: bool,
}

pub struct Lines<R> {
    input: R,
    bytes: Vec<u8>,
    text: String,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub fn new(input: R) -> Self {
        Lines {
            input,
            bytes: Vec::new(),
            text: String::new(),
            number: 0,
        }
    }

    /// The next line; None at the end. Bytes that are not UTF-8 become U+FFFD.
    pub fn next_line(&mut self) -> io::Result<Option<Text<'_>>> {
        self.bytes.clear();
        if self.input.read_until(b'\n', &mut self.bytes)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let complete = self.bytes.last() == Some(&b'\n');
        while matches!(self.bytes.last(), Some(b'\n' | b'\r')) {
            self.bytes.pop();
        }
        self.text.clear();
        self.text.push_str(&String::from_utf8_lossy(&self.bytes));
        Ok(Some(Text {
            number: self.number,
            text: &self.text,
            complete,
        }))
    }
}
