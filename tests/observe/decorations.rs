//! The same log, decorated otherwise: what it says stays the same.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use gcrucible::artifact::event::{Clock, Writer};
use gcrucible::observe::source;

use super::corpus::{self, Recorded, Told, read, whats};
use super::data;

/// A line's decorations as recorded with `timenanos,uptimenanos,level,tags`, and the rest.
struct Parts<'a> {
    nanos: u64,
    uptime: u64,
    level: &'a str,
    tags: &'a str,
    message: &'a str,
}

fn parts(line: &str) -> Parts<'_> {
    let mut rest = line;
    let mut next = || {
        let (inside, behind) = rest.strip_prefix('[').unwrap().split_once(']').unwrap();
        rest = behind;
        inside
    };
    let (nanos, uptime, level, tags) = (next(), next(), next(), next());
    let ns = |stamp: &str| stamp.strip_suffix("ns").unwrap().parse().unwrap();
    Parts {
        nanos: ns(nanos),
        uptime: ns(uptime),
        level,
        tags,
        message: rest.strip_prefix(' ').unwrap_or(rest),
    }
}

/// Logs with the four decorations; a cut last line is left out.
fn usual() -> impl Iterator<Item = &'static Recorded> {
    corpus::of(Writer::Jvm).filter(|log| {
        let text = String::from_utf8_lossy(&log.text);
        let first = text.lines().next().unwrap_or_default();
        first.matches("ns]").count() == 2
    })
}

fn redecorated(log: &Recorded, decorate: impl Fn(&Parts) -> String) -> Vec<u8> {
    let mut text = String::new();
    for line in log.whole_lines() {
        let parts = parts(line);
        text += &format!("{}{}\n", decorate(&parts), parts.message);
    }
    text.into_bytes()
}

/// What is told of figures that come from the log's clock is told without one, so times stay out of the comparison.
fn untimed(what: &str) -> String {
    let mut text = what.to_owned();
    if text.contains("Cycle(") {
        for field in ["begun: ", "duration: "] {
            if let Some(from) = text.find(field).map(|at| at + field.len()) {
                let end = text[from..].find(", ").unwrap();
                text.replace_range(from..from + end, "_");
            }
        }
    }
    text
}

fn same(log: &Recorded, form: &str, text: &[u8], clock: Clock) {
    let original = log.whole_lines().join("\n") + "\n";
    let (wanted, reading) = read(original.as_bytes());
    let (found, other) = read(text);
    // Some settings are known by their tags alone; a program may well print `Version: 3`.
    let tagged = form.contains("tags") || other.clock == Clock::Monotonic;
    let said = |told: &[Told]| -> Vec<String> {
        let all = whats(told)
            .into_iter()
            .filter(|w| tagged || !w.contains("Setting {"));
        all.map(untimed).collect()
    };
    let (wanted, found) = (said(&wanted), said(&found));
    for (wanted, found) in wanted.iter().zip(&found) {
        assert_eq!(found, wanted, "{} {form}", log.name);
    }
    assert_eq!(found.len(), wanted.len(), "{} {form}", log.name);
    assert_eq!(other.clock, clock, "{} {form}", log.name);
    assert_eq!(other.collector, reading.collector, "{} {form}", log.name);
    let share = other.share_understood().unwrap();
    assert!(share >= 0.99, "{} {form}: {share} {:#?}", log.name, other.unknown);
}

type Form = (&'static str, Clock, fn(&Parts) -> String);

/// 2026-11-25T02:00:00 and the milliseconds since then that the uptime tells.
fn wall(parts: &Parts) -> String {
    let ms = parts.uptime / 1_000_000;
    format!(
        "2026-11-25T02:{:02}:{:02}.{:03}+0000",
        ms / 60_000,
        ms / 1000 % 60,
        ms % 1000
    )
}

const FORMS: &[Form] = &[
    ("none", Clock::None, |_| String::new()),
    ("uptime", Clock::Uptime, |p| {
        format!(
            "[{}.{:03}s] ",
            p.uptime / 1_000_000_000,
            p.uptime / 1_000_000 % 1000
        )
    }),
    ("uptime,level,tags (the default)", Clock::Uptime, |p| {
        format!(
            "[{}.{:03}s][{}][{}] ",
            p.uptime / 1_000_000_000,
            p.uptime / 1_000_000 % 1000,
            p.level,
            p.tags
        )
    }),
    ("uptimemillis,pid,tags", Clock::Uptime, |p| {
        format!("[{}ms][4711][{}] ", p.uptime / 1_000_000, p.tags)
    }),
    ("uptimenanos", Clock::Uptime, |p| format!("[{}ns] ", p.uptime)),
    ("timemillis,tid,level", Clock::Wall, |p| {
        format!(
            "[{}ms][12345][{}] ",
            1_795_482_792_345 + p.uptime / 1_000_000,
            p.level
        )
    }),
    ("time,hostname,pid,tid", Clock::Wall, |p| {
        format!("[{}][host][4711][12345] ", wall(p))
    }),
    ("time,hostname", Clock::Wall, |p| format!("[{}][host] ", wall(p))),
    ("utctime,uptime,hostname,level,tags", Clock::Uptime, |p| {
        format!(
            "[{}][{}.{:03}s][build-7.example.org][{}][{}] ",
            wall(p),
            p.uptime / 1_000_000_000,
            p.uptime / 1_000_000 % 1000,
            p.level,
            p.tags
        )
    }),
    ("everything", Clock::Monotonic, |p| {
        format!(
            "[{}][{}][{}.{:03}s][{}ms][{}ms][{}ns][{}ns][host][4711][12345][{}][{}] ",
            wall(p),
            wall(p),
            p.uptime / 1_000_000_000,
            p.uptime / 1_000_000 % 1000,
            1_795_482_792_345 + p.uptime / 1_000_000,
            p.uptime / 1_000_000,
            p.nanos,
            p.uptime,
            p.level,
            p.tags
        )
    }),
    ("tags,level,uptime in that order", Clock::Uptime, |p| {
        format!("[{}][{}][{}ns] ", p.tags, p.level, p.uptime)
    }),
];

#[test]
fn a_line_is_understood_without_its_tags_too() {
    let mut unknown = std::collections::BTreeSet::new();
    for log in usual() {
        let (_, reading) = read(&redecorated(log, |_| String::new()));
        unknown.extend(
            reading
                .unknown
                .into_iter()
                .map(|(_, text)| (log.name.as_str(), text)),
        );
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[test]
fn the_same_log_with_other_decorations_says_the_same() {
    assert!(usual().count() >= 25);
    for log in usual() {
        for (form, clock, decorate) in FORMS {
            same(log, form, &redecorated(log, decorate), *clock);
        }
    }
}

#[test]
fn ends_of_lines_and_the_programs_own_output_change_nothing() {
    for log in usual() {
        let plain = redecorated(log, |p| {
            format!("[{}ns][{}ns][{}][{}] ", p.nanos, p.uptime, p.level, p.tags)
        });
        let plain = String::from_utf8(plain).unwrap();
        same(
            log,
            "CRLF",
            plain.replace('\n', "\r\n").as_bytes(),
            Clock::Monotonic,
        );
        let mut mixed = String::new();
        for (number, line) in plain.lines().enumerate() {
            mixed += line;
            mixed.push('\n');
            if number % 3 == 0 {
                mixed += "2026-11-25 02:00:00 INFO  served 17 requests in 12.5ms (3 failed)\n\n[worker-3] 4M->2M\n";
                mixed += "Exception in thread \"main\" java.lang.IllegalStateException\n\tat example.Main.run(Main.java:7)\n";
            }
        }
        same(log, "mixed with output", mixed.as_bytes(), Clock::Monotonic);
    }
}

#[test]
fn gos_trace_among_the_programs_own_output_is_read_as_if_alone() {
    for log in corpus::of(Writer::Go) {
        let mut mixed = String::new();
        for (number, line) in log.whole_lines().into_iter().enumerate() {
            if number % 3 == 0 {
                mixed += "2026/11/25 02:00:00 gc is what I print about\r\nlevel=info msg=\"gc 7 @home\"\n";
            }
            mixed += &format!("{line}\r\n");
        }
        let text = log.whole_lines().join("\n") + "\n";
        let (alone, reading) = read(text.as_bytes());
        let (among, other) = read(mixed.as_bytes());
        assert_eq!(whats(&among), whats(&alone), "{}", log.name);
        assert_eq!(other.understood, reading.understood, "{}", log.name);
    }
}

#[test]
fn rotated_files_are_one_log_in_whatever_order_they_are_named() {
    for (name, files) in [("25-zgc.log", 4), ("21-g1.log", 2)] {
        let folder = data().join("rotated");
        let paths: Vec<_> = ["", ".2", ".0", ".1"]
            .iter()
            .map(|end| folder.join(format!("{name}{end}")))
            .filter(|p| p.exists())
            .collect();
        assert_eq!(paths.len(), files, "{name}");
        let sorted = source::in_order(&paths).unwrap();
        let texts: Vec<Vec<u8>> = sorted.iter().map(|p| std::fs::read(p).unwrap()).collect();
        let (told, reading) = corpus::read_files(&texts.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let joined = texts.concat();
        let (whole, _) = read(&joined);
        assert_eq!(whats(&told), whats(&whole), "{name}");
        assert!(
            reading.share_understood().unwrap() >= 0.99,
            "{name}: {:#?}",
            reading.unknown
        );
        // HotSpot writes a file to its size and then begins the next: times never go back.
        let stops: Vec<u64> = told
            .iter()
            .filter(|t| t.what.contains("Stop("))
            .filter_map(|t| t.at)
            .collect();
        assert!(stops.len() > 10 && stops.is_sorted(), "{name}");
        assert!(reading.collector.is_some(), "{name}");
    }
}

#[test]
fn packed_logs_are_unpacked_by_their_first_bytes_whatever_their_name() {
    let unpacked = |path: &std::path::Path| {
        let mut text = Vec::new();
        source::open(path).unwrap().read_to_end(&mut text).unwrap();
        text
    };
    let plain = corpus::log("25-g1.log");
    // Packed by zstd's own tool: `zstd -19 25-g1.log`.
    assert!(unpacked(&data().join("packed/25-g1.log.zst")) == plain.text);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gc.log");
    let mut packer = GzEncoder::new(std::fs::File::create(&path).unwrap(), Compression::fast());
    // Two members, as `cat a.gz b.gz` and appending loggers leave them.
    packer.write_all(&plain.text[..5000]).unwrap();
    let mut packer = GzEncoder::new(packer.finish().unwrap(), Compression::fast());
    packer.write_all(&plain.text[5000..]).unwrap();
    packer.finish().unwrap();
    assert!(unpacked(&path) == plain.text);
}
