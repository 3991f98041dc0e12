//! A log from anyone's production machine, explained.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use super::cli::Explain;
use super::{Ending, Usage, usage};
use crate::artifact::definition::quantity;
use crate::artifact::envelope::write_atomic;
use crate::artifact::event::{Event, Reading, Writer};
use crate::artifact::explanation::{Explanation, Prediction};
use crate::artifact::unit::Bytes;
use crate::explain::predict::{Forecast, Model, Setting};
use crate::explain::{self, Account};
use crate::observe::reader::Reader;
use crate::observe::source::{in_order, line, open};
use crate::report::explanation;

pub fn explain(args: &Explain) -> anyhow::Result<Ending> {
    if let Some(number) = args.line {
        return name_line(&args.files, number, args.json);
    }
    let what_if = args
        .what_if
        .iter()
        .map(|text| setting(text))
        .collect::<Result<Vec<_>, _>>()?;
    let explained = read(&args.files, &what_if)?;
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

/// `--line N`
fn name_line(files: &[PathBuf], number: u64, json: bool) -> anyhow::Result<Ending> {
    let [path] = files else {
        return Err(usage("--line takes one file: which of these is the line in?"));
    };
    let Some(text) = line(path, number).map_err(usage)? else {
        return Err(usage(format!("{}: has no line {number}", name(path))));
    };
    let Some(named) = explain::line::name(&text) else {
        let nearest = explain::line::nearest(&text);
        let hint = nearest.map_or(String::new(), |kind| format!("; it resembles: {kind}"));
        return Err(usage(format!(
            "{}:{number}: is no line of a collector's log that is known{hint}\n  {text}",
            name(path)
        )));
    };
    if json {
        println!("{}", serde_json::to_string(&named)?);
    } else {
        print!("{}", explanation::named(&text, &named));
    }
    Ok(Ending::Ok)
}

/// `GOGC=300`, `GOMEMLIMIT=2GiB`, `Xmx=4GiB`
fn setting(text: &str) -> anyhow::Result<Setting> {
    let wrong = |why: &str| {
        usage(format!(
            "--what-if {text}: {why}; write GOGC=300, GOMEMLIMIT=2GiB or Xmx=4GiB"
        ))
    };
    let (name, value) = text
        .trim_start_matches('-')
        .split_once('=')
        .ok_or_else(|| wrong("is no setting"))?;
    let bytes = || quantity::bytes(value).map(Bytes).map_err(|e| wrong(&e));
    match name {
        "GOGC" => {
            let percent = value.parse().ok().filter(|percent| *percent > 0);
            Ok(Setting::Gogc(
                percent.ok_or_else(|| wrong("is no percentage above 0"))?,
            ))
        }
        "GOMEMLIMIT" => Ok(Setting::MemoryLimit(bytes()?)),
        "Xmx" => Ok(Setting::HeapMax(bytes()?)),
        _ => Err(wrong("is no setting that can be predicted")),
    }
}

fn prediction(forecast: &Forecast) -> Prediction {
    Prediction {
        setting: forecast.setting.to_string(),
        cycles_per_s: forecast.cycles_per_s,
        peak_heap: forecast.peak_heap,
        gc_cpu_share: forecast.gc_cpu_share,
        note: forecast.note(),
    }
}

/// Reads all files as one log.
fn read(files: &[PathBuf], what_if: &[Setting]) -> anyhow::Result<Explanation> {
    let files = in_order(files).map_err(usage)?;
    let (mut account, mut model) = (Account::default(), Model::default());
    let mut hear = |event: &Event| {
        account.hear(event);
        model.hear(event);
    };
    let mut reader = Reader::default();
    for (number, path) in (1..).zip(&files) {
        let input = open(path).map_err(usage)?;
        reader
            .read(input, number, &mut hear)
            .map_err(|e| Usage(format!("{}: cannot be read to its end: {e}", path.display())))?;
    }
    let reading = reader.finish(&mut hear);
    let names: Vec<String> = files.iter().map(|path| name(path)).collect();
    refuse(&reading, &names)?;
    let mut explained = account.finish(names, reading);
    let forecasts = model
        .predict()
        .into_iter()
        .chain(what_if.iter().map(|s| model.at(*s)));
    explained.predictions = forecasts.map(|forecast| prediction(&forecast)).collect();
    Ok(explained)
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
            "{named}: no collector's log: {} of Go's GODEBUG=gctrace=1 or of a JVM's -Xlog:gc*,safepoint",
            match reading.lines {
                1 => "its one line is none".to_owned(),
                lines => format!("none of {lines} lines is one"),
            }
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
