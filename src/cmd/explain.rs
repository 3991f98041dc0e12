//! A log from anyone's production machine, explained.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use super::cli::Explain;
use super::{Ending, Usage, usage};
use crate::artifact::envelope::write_atomic;
use crate::artifact::event::{Reading, Writer};
use crate::artifact::explanation::Explanation;
use crate::explain::Account;
use crate::observe::reader::Reader;
use crate::observe::source::{in_order, open};
use crate::report::explanation;

pub fn explain(args: &Explain) -> anyhow::Result<Ending> {
    let explained = read(&args.files)?;
    if let Some(path) = &args.html {
        write_atomic(path, explanation::page(&explained)?.as_bytes()).map_err(usage)?;
    }
    if args.json {
        println!("{}", serde_json::to_string(&explanation::json(&explained)?)?);
    } else {
        print!(
            "{}",
            explanation::text(&explained, std::io::stdout().is_terminal())
        );
        if let Some(path) = &args.html {
            println!("\npage: {}", std::path::absolute(path)?.display());
        }
    }
    Ok(Ending::Ok)
}

/// Reads all files as one log.
fn read(files: &[PathBuf]) -> anyhow::Result<Explanation> {
    let files = in_order(files).map_err(usage)?;
    let mut account = Account::default();
    let mut reader = Reader::default();
    for (number, path) in (1..).zip(&files) {
        let input = open(path).map_err(usage)?;
        reader
            .read(input, number, &mut |event| account.hear(event))
            .map_err(|e| Usage(format!("{}: cannot be read to its end: {e}", path.display())))?;
    }
    let reading = reader.finish(&mut |event| account.hear(event));
    let names: Vec<String> = files.iter().map(|path| name(path)).collect();
    refuse(&reading, &names)?;
    Ok(account.finish(names, reading))
}

fn name(path: &Path) -> String {
    if path == Path::new("-") {
        "stdin".to_owned()
    } else {
        path.display().to_string()
    }
}

/// Logs of which nothing true can be said.
fn refuse(reading: &Reading, files: &[String]) -> Result<(), Usage> {
    let named = files.join(", ");
    if reading.writer.is_none() || reading.understood == 0 {
        return Err(Usage(format!(
            "{named}: no collector's log: none of {} lines is one of Go's GODEBUG=gctrace=1 or of a JVM's -Xlog:gc*,safepoint",
            reading.lines
        )));
    }
    if let Some(place) = reading.mixed {
        let (one, other) = match reading.writer {
            Some(Writer::Go) => ("Go", "a JVM"),
            _ => ("a JVM", "Go"),
        };
        let file = (place.file as usize).checked_sub(1).and_then(|at| files.get(at));
        return Err(Usage(format!(
            "{named}: two runtimes wrote this: it begins as the log of {one}, but {}:{} is of {other}; explain each on its own",
            file.map_or("line", String::as_str),
            place.line
        )));
    }
    Ok(())
}
