//! The recorded logs: whole lines as runtimes wrote them; one without its beginning is as rotation leaves it, one without the end of its
//! last line as a full disk or a process that ended while printing does.

use std::fs;
use std::sync::LazyLock;

use gcrucible::artifact::event::{Event, Reading, Writer};
use gcrucible::observe::reader::Reader;

use super::data;

pub struct Recorded {
    /// `<release>-<what>.log` of a JVM, `go<release>-<what>.trace` of Go.
    pub name: String,
    pub text: Vec<u8>,
    pub writer: Writer,
}

impl Recorded {
    /// `25`, `go1.27`
    pub fn release(&self) -> &str {
        let name = self.name.trim_end_matches(".trace");
        name.split('-').next().unwrap_or(name)
    }

    /// All but the last one if it has no end.
    pub fn whole_lines(&self) -> Vec<&str> {
        let text = std::str::from_utf8(&self.text).unwrap();
        let end = text.rfind('\n').map_or(0, |at| at + 1);
        text[..end].lines().collect()
    }
}

/// By name.
pub static LOGS: LazyLock<Vec<Recorded>> = LazyLock::new(|| {
    let mut all: Vec<Recorded> = fs::read_dir(data().join("logs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| Recorded {
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            text: fs::read(&path).unwrap(),
            writer: if path.extension().is_some_and(|e| e == "trace") {
                Writer::Go
            } else {
                Writer::Jvm
            },
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(all.len() >= 50, "{}", all.len());
    all
});

pub fn of(writer: Writer) -> impl Iterator<Item = &'static Recorded> {
    LOGS.iter().filter(move |log| log.writer == writer)
}

pub fn log(name: &str) -> &'static Recorded {
    LOGS.iter()
        .find(|log| log.name == name)
        .unwrap_or_else(|| panic!("no log {name}"))
}

/// An event that outlives its line.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub line: u64,
    pub at: Option<u64>,
    /// Its number and what it says.
    pub what: String,
}

/// Reads as `explain` does: who wrote it is found in the text.
pub fn read(text: &[u8]) -> (Vec<Told>, Reading) {
    read_files(&[text])
}

/// Rotated files, one behind the other.
pub fn read_files(files: &[&[u8]]) -> (Vec<Told>, Reading) {
    let mut told = Vec::new();
    let mut keep = |event: &Event| {
        told.push(Told {
            line: event.place.line,
            at: event.at.map(|at| at.0),
            what: format!("{:?} {:?}", event.gc, event.what),
        });
    };
    let mut reader = Reader::default();
    for (number, text) in (1..).zip(files) {
        reader.read(*text, number, &mut keep).unwrap();
    }
    let reading = reader.finish(&mut keep);
    (told, reading)
}

/// What the events say, without their times and places.
pub fn whats(told: &[Told]) -> Vec<&str> {
    told.iter().map(|t| t.what.as_str()).collect()
}
