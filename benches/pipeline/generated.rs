//! A stored run of any size, made from a measured one. Each process is one of the source's with its numbers moved by a few per cent, by a
//! generator seeded with its name: equal sizes give equal bytes, and no two processes of a folder are alike.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gcrucible::artifact::calibration::Calibration;
use gcrucible::artifact::envelope::Parents;
use gcrucible::artifact::exit::Exit;
use gcrucible::artifact::host::Host;
use gcrucible::artifact::plan::{Invocation, Plan, Purpose};
use gcrucible::artifact::quiet::Quiet;
use gcrucible::artifact::recorder::Recorder;
use gcrucible::artifact::{RunDir, read, read_at, write};
use gcrucible::stats::derive_seed;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// How large the run is to be: the source's works `copies` times under other names, each for `rounds` rounds.
#[derive(Clone, Copy)]
pub struct Size {
    pub copies: u32,
    pub rounds: u32,
}

/// A process to make, and the source's that it is made from.
struct Process<'a> {
    made: Invocation,
    from: &'a Invocation,
    /// The copy's own seed, in its request: copies are other works.
    copy: u32,
}

/// Writes a run folder with plan.json, host.json, raw/ and quiet/ to `to`; what the stages derive is not there yet.
pub fn write_run(source: &Path, to: &Path, size: Size) -> Plan {
    let from = RunDir::new(source);
    let measured: Plan = read(source).expect("the source has a plan");
    let (plan, processes) = enlarged(&measured, size);
    write(to, &plan, &[]).expect("plan.json can be written");
    let host: Host = read(source).expect("the source has a host");
    write(to, &host, &[]).expect("host.json can be written");
    let made = RunDir::new(to);
    let parents = Parents::knowing(to, &["plan.json"]).expect("it was just written");
    let recorder: Recorder = read(source).expect("the source timed its recorders");
    write(to, &recorder, &["plan.json"]).expect("recorder.json can be written");
    let calibration: Calibration = read(source).expect("the source was calibrated");
    write(to, &calibration, &["plan.json"]).expect("calibration.json can be written");
    for round in 1..=plan.rounds {
        let quiet: Quiet =
            read_at(&from.quiet(of_source(round, &measured)), source).expect("the source listened");
        let mut chance = Chance::of(&["quiet", &round.to_string()]);
        let (factor, gaps) = (chance.around_one(0.05), quiet.gaps);
        let quiet = Quiet {
            round,
            gaps: scaled(&gaps, factor),
        };
        parents
            .write_at(&made.quiet(round), &quiet, &["plan.json"])
            .expect("quiet/ can be written");
    }
    let sources = Parents::knowing(source, &["plan.json"]).expect("the source has a plan");
    let half = processes.len().div_ceil(2).max(1);
    std::thread::scope(|scope| {
        for some in processes.chunks(half) {
            scope.spawn(|| {
                some.iter()
                    .for_each(|p| process(p, (&from, &sources), (&made, &parents)))
            });
        }
    });
    plan
}

/// The round of the source that a round is made from.
fn of_source(round: u32, measured: &Plan) -> u32 {
    (round.max(1) - 1) % measured.rounds + 1
}

fn enlarged(measured: &Plan, size: Size) -> (Plan, Vec<Process<'_>>) {
    let name = |copy: u32, name: &str| match copy {
        1 => name.to_owned(),
        _ => format!("w{copy}.{name}"),
    };
    let mut plan = measured.clone();
    plan.rounds = size.rounds;
    (plan.works, plan.cells) = (Vec::new(), Vec::new());
    for copy in 1..=size.copies {
        plan.works.extend(measured.works.iter().cloned().map(|mut work| {
            work.id = name(copy, &work.id);
            work.series = work.series.map(|s| name(copy, &s));
            work
        }));
        plan.cells.extend(measured.cells.iter().cloned().map(|mut cell| {
            cell.id = name(copy, &cell.id);
            cell.work = name(copy, &cell.work);
            for (key, value) in &mut cell.request {
                if key == "seed" && copy > 1 {
                    *value = seed(copy);
                }
            }
            cell
        }));
    }
    let of_purpose = |purpose| measured.invocations.iter().filter(move |i| i.purpose == purpose);
    let calibrations = of_purpose(Purpose::Calibrate).map(|from| Process {
        made: from.clone(),
        from,
        copy: 1,
    });
    let mut processes: Vec<Process> = calibrations.collect();
    for round in 1..=size.rounds {
        let mut index = 0;
        for copy in 1..=size.copies {
            let like = of_source(round, measured);
            for from in of_purpose(Purpose::Measure).filter(|i| i.round == like) {
                index += 1;
                let cell = name(copy, &from.cell);
                let slug = cell.replace(['/', ':'], "-").replace('@', "-");
                processes.push(Process {
                    made: Invocation {
                        id: format!("r{round}-{index:03}-{slug}"),
                        cell,
                        round,
                        purpose: from.purpose,
                    },
                    from,
                    copy,
                });
            }
        }
    }
    plan.invocations = processes.iter().map(|p| p.made.clone()).collect();
    (plan, processes)
}

fn seed(copy: u32) -> String {
    (1000 + copy).to_string()
}

/// Raw files as a process would have left them, exit.json last.
fn process(process: &Process, (from, sources): (&RunDir, &Parents), (to, parents): (&RunDir, &Parents)) {
    let (old, new) = (from.raw(&process.from.id), to.raw(&process.made.id));
    fs::create_dir_all(new.dir()).expect("raw/ can be written");
    let mut chance = Chance::of(&[&process.made.id]);
    let memory = chance.around_one(0.05);
    let text = |path: &Path| {
        fs::read(path)
            .ok()
            .map(|b| String::from_utf8_lossy(&b).into_owned())
    };
    let copy = |old: &Path, new: &Path, change: &mut dyn FnMut(&str) -> String| {
        if let Some(text) = text(old) {
            fs::write(new, change(&text)).expect("raw/ can be written");
        }
    };
    copy(&old.request(), &new.request(), &mut |text| match process.copy {
        1 => text.to_owned(),
        copy => lines(text, |line| match line.split_once('=') {
            Some(("seed", _)) => format!("seed={}", seed(copy)),
            _ => line.to_owned(),
        }),
    });
    copy(&old.stdout(), &new.stdout(), &mut |text| {
        answer(text, memory, &mut chance)
    });
    copy(&old.stderr(), &new.stderr(), &mut str::to_owned);
    let stops = chance.below_one(0.2);
    copy(&old.gc_log(), &new.gc_log(), &mut |text| {
        lines(text, |line| safepoint(line, stops))
    });
    copy(&old.memory(), &new.memory(), &mut |text| {
        columns(text, &[1], memory)
    });
    copy(&old.phases(), &new.phases(), &mut |text| {
        columns(text, &[2, 3, 4], memory)
    });
    let cpu = chance.around_one(0.05);
    copy(&old.threads(), &new.threads(), &mut |text| {
        columns(text, &[3], cpu)
    });
    copy(&old.seconds(), &new.seconds(), &mut |text| {
        columns(text, &[3], cpu)
    });
    let gaps = chance.around_one(0.1);
    copy(&old.control(), &new.control(), &mut |text| {
        format!("{}\n", scaled(text.trim(), gaps))
    });
    let exit: Exit = sources.read_at(&old.exit()).expect("the source's process ended");
    let Invocation { id, cell, round, .. } = process.made.clone();
    let exit = Exit {
        invocation: id,
        cell,
        round,
        ..exit
    };
    parents
        .write_at(&new.exit(), &exit, &["plan.json"])
        .expect("raw/ can be written");
}

/// A runner's answer: a window that began a little earlier, counters that grew a little more, histograms and heap sizes scaled.
fn answer(text: &str, memory: f64, chance: &mut Chance) -> String {
    let number = |key: &str| {
        let mut found = text
            .lines()
            .filter_map(|l| l.strip_prefix(key)?.strip_prefix('='));
        found.next().and_then(|v| v.parse::<u64>().ok())
    };
    let earliest = number("mark.warmup").or(number("mark.setup")).unwrap_or(0);
    let (begin, end) = (number("mark.begin").unwrap_or(0), number("mark.end").unwrap_or(0));
    let earlier = (begin.saturating_sub(earliest)).min(end.saturating_sub(begin) / 20);
    let begin = begin - (earlier as f64 * chance.unit()) as u64;
    let first = |ticks: &str| ticks.split(':').next().and_then(|at| at.parse::<u64>().ok());
    let time = chance.around_one(0.05);
    lines(text, |line| {
        let Some((key, value)) = line.split_once('=') else {
            return line.to_owned();
        };
        let changed = match key {
            "mark.begin" => begin.to_string(),
            "after.cpu_ns" | "after.alloc_bytes" | "after.gc_cpu_ns" => {
                let before = number(&key.replace("after.", "before.")).unwrap_or(0);
                let (after, more) = (value.parse::<u64>().unwrap_or(0), 1.0 + 0.1 * chance.unit());
                (before + (after.saturating_sub(before) as f64 * more) as u64).to_string()
            }
            "rest.heap_used" | "rest.heap_committed" => scaled_number(value, memory),
            "epoch" => {
                let fields: Vec<String> = value.split(',').map(str::to_owned).collect();
                let sizes = fields[3..].iter().map(|f| scaled_number(f, memory));
                fields[..3]
                    .iter()
                    .cloned()
                    .chain(sizes)
                    .collect::<Vec<_>>()
                    .join(",")
            }
            // The first comes before the window.
            "ticks" => match first(value).zip(value.split_once(':')) {
                Some((at, (_, rest))) => format!("{}:{rest}", at.min(begin)),
                None => value.to_owned(),
            },
            "slowest" => {
                let shorter = chance.below_one(0.2);
                let entries = value.split(';').filter_map(|e| e.split_once(':'));
                let entries = entries.map(|(at, ns)| format!("{at}:{}", scaled_number(ns, shorter)));
                entries.collect::<Vec<_>>().join(";")
            }
            _ if key.starts_with("after.buckets.") => one_more_each(value, chance),
            _ if key.starts_with("hist.") => scaled(value, time),
            _ => return line.to_owned(),
        };
        format!("{key}={changed}")
    })
}

/// `lo:hi:count;...`: each bucket may have one pause more.
fn one_more_each(buckets: &str, chance: &mut Chance) -> String {
    let each = buckets.split(';').map(|bucket| match bucket.rsplit_once(':') {
        Some((edges, count)) => {
            let count: u64 = count.parse().unwrap_or(0);
            format!("{edges}:{}", count + u64::from(chance.unit() < 0.5))
        }
        None => bucket.to_owned(),
    });
    each.collect::<Vec<_>>().join(";")
}

/// All `... ns` of a safepoint line.
fn safepoint(line: &str, factor: f64) -> String {
    let Some(place) = line.find("Safepoint \"") else {
        return line.to_owned();
    };
    let (decorations, message) = line.split_at(place);
    let parts = message.split(' ').collect::<Vec<_>>();
    let changed = parts.iter().enumerate().map(|(i, part)| {
        let is_figure = parts.get(i + 1).is_some_and(|unit| unit.starts_with("ns"));
        match is_figure {
            true => scaled_number(part, factor),
            false => (*part).to_owned(),
        }
    });
    format!("{decorations}{}", changed.collect::<Vec<_>>().join(" "))
}

fn columns(csv: &str, which: &[usize], factor: f64) -> String {
    lines(csv, |line| {
        let fields = line.split(',').enumerate().map(|(i, field)| {
            if which.contains(&i) {
                scaled_number(field, factor)
            } else {
                field.to_owned()
            }
        });
        fields.collect::<Vec<_>>().join(",")
    })
}

fn lines(text: &str, mut change: impl FnMut(&str) -> String) -> String {
    let mut changed = String::with_capacity(text.len() + text.len() / 16);
    for line in text.split_inclusive('\n') {
        match line.strip_suffix('\n') {
            Some(line) => {
                changed += &change(line);
                changed.push('\n');
            }
            // A last line without an end was cut: it stays so.
            None => changed += line,
        }
    }
    changed
}

/// What is no whole number stays as it is.
fn scaled_number(text: &str, factor: f64) -> String {
    match text.parse::<u64>() {
        Ok(number) => ((number as f64 * factor) as u64).to_string(),
        Err(_) => text.to_owned(),
    }
}

/// Every value of an encoded histogram times `factor`.
fn scaled(text: &str, factor: f64) -> String {
    let bytes = STANDARD.decode(text).expect("base64");
    let old: Histogram<u64> = Deserializer::new()
        .deserialize(&mut bytes.as_slice())
        .expect("a histogram");
    let mut new: Histogram<u64> = Histogram::new(old.sigfig()).expect("the source's own precision");
    for step in old.iter_recorded() {
        let value = (step.value_iterated_to() as f64 * factor) as u64;
        new.record_n(value.max(1), step.count_at_value())
            .expect("it resizes");
    }
    let mut bytes = Vec::new();
    V2DeflateSerializer::new()
        .serialize(&new, &mut bytes)
        .expect("a vector takes everything");
    STANDARD.encode(bytes)
}

/// Numbers that depend on a name alone.
struct Chance(Pcg64Mcg);

impl Chance {
    fn of(names: &[&str]) -> Self {
        Chance(Pcg64Mcg::seed_from_u64(derive_seed(42, names)))
    }

    /// 0..1
    fn unit(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / f64::from(u32::MAX)
    }

    fn around_one(&mut self, by: f64) -> f64 {
        1.0 + by * (2.0 * self.unit() - 1.0)
    }

    fn below_one(&mut self, by: f64) -> f64 {
        1.0 - by * self.unit()
    }
}
