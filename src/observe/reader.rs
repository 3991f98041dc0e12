//! One reader for every log: who wrote it is found in the log itself, line by line, in constant memory.

use std::io::{self, Read};

use super::gctrace;
use super::gopacer;
use super::jvm_log::JvmLog;
use super::lines::{End, Lines, Text};
use super::listener::{Listener, Out};
use crate::artifact::event::{Clock, Place, Reading, What, Writer};

/// Reads the log of one process, file after file.
#[derive(Default)]
pub struct Reader {
    reading: Reading,
    jvm: JvmLog,
    /// Of the log's last line so far.
    last: Place,
}

impl Reader {
    /// For a log of which it is known who wrote it.
    pub fn of(writer: Writer) -> Self {
        let mut reader = Reader::default();
        reader.begin(writer);
        reader
    }

    /// The next file, to its end. A line without its end is not believed: a log cut anywhere loses that line at most.
    pub fn read(&mut self, input: impl Read, file: u32, listener: Listener) -> io::Result<()> {
        let mut out = Out::new(listener);
        let mut lines = Lines::new(input);
        let mut cut = false;
        while let Some(text) = lines.next_line()? {
            self.reading.lines += 1;
            cut = text.end == End::Missing;
            if text.text.is_empty() || cut {
                continue;
            }
            self.line(&text, file, &mut out);
        }
        self.reading.cut = cut;
        self.reading.bytes += lines.bytes();
        Ok(())
    }

    /// There are no more files: what was still going on is told, in the place of the last line.
    pub fn finish(mut self, listener: Listener) -> Reading {
        let mut out = Out::new(listener);
        out.begin(None, self.last, None);
        self.jvm.finish(&mut out);
        if self.reading.writer == Some(Writer::Jvm) {
            self.reading.clock = self.jvm.clock;
            self.reading.collector = self.jvm.collector.map(str::to_owned);
        }
        self.reading
    }

    fn begin(&mut self, writer: Writer) {
        self.reading.writer = Some(writer);
        if writer == Writer::Go {
            (self.reading.clock, self.reading.collector) = (Clock::Uptime, Some("Go".to_owned()));
        }
    }

    fn line(&mut self, text: &Text, file: u32, out: &mut Out) {
        let place = Place {
            file,
            line: text.number,
        };
        let text = match text.end {
            End::TooLong => "",
            _ => text.text,
        };
        let understood = match self.reading.writer {
            Some(Writer::Go) if is_out_of_memory(text) => {
                out.begin(None, place, None);
                out.tell(What::OutOfMemory { words: text });
                Some(true)
            }
            Some(Writer::Go) => go_line(text, place, out),
            Some(Writer::Jvm) => self.jvm.line(text, place, out),
            None => {
                let understood = go_line(text, place, out);
                if understood == Some(true) {
                    self.begin(Writer::Go);
                    understood
                } else if let understood @ Some(_) = self.jvm.line(text, place, out) {
                    self.begin(Writer::Jvm);
                    understood
                } else {
                    None
                }
            }
        };
        if understood.is_some() {
            self.last = place;
        }
        match understood {
            Some(true) => {
                (self.reading.own, self.reading.understood) =
                    (self.reading.own + 1, self.reading.understood + 1)
            }
            Some(false) => {
                self.reading.own += 1;
                if self.reading.unknown.len() < Reading::KEPT {
                    self.reading.unknown.push((place, text.to_owned()));
                }
                if self.reading.writer == Some(Writer::Go) {
                    out.begin(None, place, None);
                }
                out.tell(What::Unknown { text });
            }
            None => self.foreign(text, place),
        }
    }

    /// The program's own output, unless another runtime's log got in between.
    fn foreign(&mut self, text: &str, place: Place) {
        let other = match self.reading.writer {
            Some(Writer::Go) => {
                text.starts_with('[')
                    && JvmLog::default().line(text, place, &mut Out::new(&mut |_| {})) == Some(true)
            }
            Some(Writer::Jvm) => gctrace::is_meant(text) && gctrace::parse(text).is_some(),
            None => false,
        };
        if other && self.reading.mixed.is_none() {
            self.reading.mixed = Some(place);
        }
    }
}

/// Go's last words (malloc.go, mcache.go, mem_linux.go), of which no cycle tells: `fatal error: out of memory`,
/// `fatal error: runtime: out of memory`.
fn is_out_of_memory(text: &str) -> bool {
    text.strip_prefix("fatal error: ")
        .is_some_and(|words| words.contains("out of memory"))
}

/// Was the line understood? None if it is none of Go's.
fn go_line(text: &str, place: Place, out: &mut Out) -> Option<bool> {
    if let Some(trace) = gctrace::parse(text) {
        trace.tell(place, out);
        return Some(true);
    }
    if gopacer::is_meant(text) {
        out.begin(None, place, None);
        return Some(gopacer::line(text, out));
    }
    gctrace::is_meant(text).then_some(false)
}
