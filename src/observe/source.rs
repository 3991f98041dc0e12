//! Logs as people have them: plain, gzip, zstd, rotated, or on standard input.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;

use super::gctrace;
use super::lines::Lines;
use super::unified;
use crate::artifact::event::Clock;
use crate::artifact::unit::Ns;

/// What is wrong with a file, in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("{0}: no such file")]
    Missing(PathBuf),
    #[error("{0}: is a folder; name the log files in it")]
    Folder(PathBuf),
    #[error("{path}: cannot be read: {source}")]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{0}: is empty")]
    Empty(PathBuf),
    #[error("{0}: is a binary file, not a log{1}")]
    Binary(PathBuf, &'static str),
}

/// The beginning of a file, by which it is known.
const BEGINNING: usize = 64 << 10;

/// Opens a file, or standard input for `-`, and unpacks what is packed (by its first bytes, whatever its name).
pub fn open(path: &Path) -> Result<Box<dyn Read>, SourceError> {
    let unreadable = |source| SourceError::Unreadable {
        path: path.into(),
        source,
    };
    let raw: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        let kind = std::fs::metadata(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => SourceError::Missing(path.into()),
            _ => unreadable(source),
        })?;
        if kind.is_dir() {
            return Err(SourceError::Folder(path.into()));
        }
        Box::new(File::open(path).map_err(unreadable)?)
    };
    let (beginning, rest) = peeked(raw).map_err(unreadable)?;
    let whole = Cursor::new(beginning.clone()).chain(rest);
    let unpacked: Box<dyn Read> = match beginning.as_slice() {
        [] => return Err(SourceError::Empty(path.into())),
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(BufReader::new(whole))),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            let decoder = StreamingDecoder::new(BufReader::new(whole))
                .map_err(|e| unreadable(io::Error::other(e.to_string())))?;
            Box::new(decoder)
        }
        _ => Box::new(whole),
    };
    let (beginning, rest) = peeked(unpacked).map_err(unreadable)?;
    if beginning.is_empty() {
        return Err(SourceError::Empty(path.into()));
    }
    if beginning.contains(&0) {
        let hint = match beginning.as_slice() {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                " in UTF-8: it is UTF-16, convert it first (iconv -f UTF-16 -t UTF-8)"
            }
            [b'F', b'L', b'R', 0, ..] => ": a JFR recording; give the log that -Xlog:gc* wrote",
            _ => "",
        };
        return Err(SourceError::Binary(path.into(), hint));
    }
    Ok(Box::new(Cursor::new(beginning).chain(rest)))
}

/// The first bytes, and a reader of what follows them.
fn peeked(mut input: Box<dyn Read>) -> io::Result<(Vec<u8>, Box<dyn Read>)> {
    let mut beginning = Vec::new();
    input
        .by_ref()
        .take(BEGINNING as u64)
        .read_to_end(&mut beginning)?;
    Ok((beginning, input))
}

/// Line `number` of a file, counted from 1; None where it has fewer.
pub fn line(path: &Path, number: u64) -> Result<Option<String>, SourceError> {
    let unreadable = |source| SourceError::Unreadable {
        path: path.into(),
        source,
    };
    let mut lines = Lines::new(open(path)?);
    while let Some(line) = lines.next_line().map_err(unreadable)? {
        if line.number == number {
            return Ok(Some(line.text.to_owned()));
        }
    }
    Ok(None)
}

/// Rotated files in the order in which they were written, told by the first line that has a time. Files without one, or on different
/// clocks, stay as they are.
///
/// # Errors
/// The first file that cannot be opened.
pub fn in_order(paths: &[PathBuf]) -> Result<Vec<PathBuf>, SourceError> {
    if paths.len() < 2 || paths.iter().any(|p| p == Path::new("-")) {
        return Ok(paths.to_vec());
    }
    let mut stamped = Vec::new();
    for path in paths {
        let mut beginning = Vec::new();
        let read = open(path)?.take(BEGINNING as u64).read_to_end(&mut beginning);
        read.map_err(|source| SourceError::Unreadable {
            path: path.clone(),
            source,
        })?;
        let text = String::from_utf8_lossy(&beginning);
        stamped.push((text.lines().find_map(stamp), path.clone()));
    }
    let clock = stamped[0].0.map(|(clock, _)| clock);
    if clock.is_some() && stamped.iter().all(|(s, _)| s.map(|(clock, _)| clock) == clock) {
        stamped.sort_by_key(|(stamp, _)| stamp.map(|(_, at)| at));
    }
    Ok(stamped.into_iter().map(|(_, path)| path).collect())
}

fn stamp(text: &str) -> Option<(Clock, Ns)> {
    if let Some(trace) = gctrace::parse(text) {
        return Some((Clock::Uptime, trace.at));
    }
    let times = unified::split(text).times();
    // Files of several processes have uptimes that overlap; the wall clock, where there is one, tells them apart.
    let clock = if times.wall.is_some() {
        Clock::Wall
    } else {
        times.clock()
    };
    Some((clock, times.on(clock)?))
}
