//! Two run folders as one plan and one analysis, or the reason why they cannot be.

use std::collections::BTreeMap;

use super::Folder;
use crate::artifact::analysis::{Analysis, CellSummary, Noise};
use crate::artifact::axis::Axis;
use crate::artifact::definition::name::unknown;
use crate::artifact::doubt::Doubt;
use crate::artifact::host::Host;
use crate::artifact::plan::{Cell, Collector, Mode, Pair, Plan, Work};

/// Offered rates further apart than this are different loads.
const SAME_RATE: f64 = 1.05;

pub struct Joint {
    pub plan: Plan,
    pub analysis: Analysis,
    pub host: Host,
    /// Name in the first folder -> what lies between its two sides beside the collector.
    pub doubts: BTreeMap<String, Vec<Doubt>>,
    /// Works and collectors that are not compared, each with its reason.
    pub left_out: Vec<String>,
}

/// Err: what differs that must not, or what is unknown.
pub fn join(first: &Folder, second: &Folder, wanted: Option<&[String]>) -> Result<Joint, String> {
    let (a, b) = (&first.verdicts.host, &second.verdicts.host);
    let hosts = a.differences(b);
    if !hosts.is_empty() {
        return Err(format!(
            "{} and {} were measured on different machines ({}): a ratio of theirs would be the machines'; measure both on one",
            first.name,
            second.name,
            hosts.join("; ")
        ));
    }
    let mut left_out = Vec::new();
    let collectors = collectors(first, second, wanted, &mut left_out)?;
    let works = works(first, second, &collectors, &mut left_out)?;
    let mut plan = Plan {
        suite: first.plan.suite.clone(),
        question: first.plan.question.clone(),
        seed: first.plan.seed,
        rounds: first.plan.rounds.min(second.plan.rounds),
        pairs: Vec::new(),
        collectors: Vec::new(),
        works,
        cells: Vec::new(),
        invocations: Vec::new(),
        minimums: Vec::new(),
        goal: None,
        stopping: None,
    };
    let mut analysis = Analysis {
        noise: louder(&first.analysis.noise, &second.analysis.noise),
        quiet: louder(&first.analysis.quiet, &second.analysis.quiet),
        ..Analysis::default()
    };
    let mut doubts = BTreeMap::new();
    for (x, y) in collectors {
        let name = second_name(x, y);
        plan.pairs.push(Pair {
            a: x.name.clone(),
            b: name.clone(),
        });
        doubts.insert(x.name.clone(), between(first, second, x, y, &plan.works));
        for (folder, collector, name) in [(first, x, &x.name), (second, y, &name)] {
            plan.collectors.push(Collector {
                name: name.clone(),
                ..collector.clone()
            });
            for work in &plan.works {
                let Some(cell) = cell(&folder.plan, work, &collector.name) else {
                    continue;
                };
                let id = format!("{}/{name}", work.id);
                if let Some(summary) = folder.analysis.cells.get(&cell.id) {
                    let summary = CellSummary {
                        // The sides did not run in turn: a round of the one has nothing to do with that of the other.
                        rounds: Vec::new(),
                        ..summary.clone()
                    };
                    analysis.cells.insert(id.clone(), summary);
                }
                plan.cells.push(Cell {
                    id,
                    collector: name.clone(),
                    ..cell.clone()
                });
            }
        }
    }
    let mut host = a.clone();
    host.doubts
        .extend(b.doubts.iter().filter(|d| !a.doubts.contains(d)).cloned());
    Ok(Joint {
        plan,
        analysis,
        host,
        doubts,
        left_out,
    })
}

/// Whether what lies between two folders concerns the axis: all of it does, but offered rates only where load is offered.
pub fn bears_on(axis: Axis, doubt: &Doubt) -> bool {
    match doubt {
        Doubt::OtherRate { .. } => matches!(axis, Axis::Pause | Axis::Tail | Axis::LargeHeap),
        _ => true,
    }
}

fn cell<'a>(plan: &'a Plan, work: &Work, collector: &str) -> Option<&'a Cell> {
    plan.cells
        .iter()
        .find(|c| c.work == work.id && c.collector == collector)
}

/// Those of both folders, in the first one's order.
fn collectors<'a>(
    first: &'a Folder,
    second: &'a Folder,
    wanted: Option<&[String]>,
    left_out: &mut Vec<String>,
) -> Result<Vec<(&'a Collector, &'a Collector)>, String> {
    let both: Vec<(&Collector, &Collector)> = first
        .plan
        .collectors
        .iter()
        .filter_map(|x| Some((x, second.plan.collector(&x.name)?)))
        .collect();
    if both.is_empty() {
        return Err(format!(
            "{} and {} have no collector in common",
            first.name, second.name
        ));
    }
    let chosen: Vec<_> = match wanted {
        None => both,
        Some(names) => {
            let known = || both.iter().map(|(x, _)| x.name.as_str());
            for name in names {
                if !known().any(|k| k == name) {
                    return Err(format!(
                        "{} (those of both folders)",
                        unknown("collector", name, known())
                    ));
                }
            }
            both.iter()
                .copied()
                .filter(|(x, _)| names.contains(&x.name))
                .collect()
        }
    };
    let (here, missing): (Vec<_>, Vec<_>) = chosen
        .into_iter()
        .partition(|(x, y)| x.unavailable.is_none() && y.unavailable.is_none());
    for (x, y) in &missing {
        let why = x
            .unavailable
            .as_deref()
            .or(y.unavailable.as_deref())
            .unwrap_or("");
        left_out.push(format!("{}: not started in one of the folders: {why}", x.name));
    }
    if here.is_empty() {
        return Err(format!("nothing can be compared: {}", left_out.join("; ")));
    }
    Ok(here)
}

/// Works of both folders; a work of one name that is not the same work is a reason to refuse.
fn works(
    first: &Folder,
    second: &Folder,
    collectors: &[(&Collector, &Collector)],
    left_out: &mut Vec<String>,
) -> Result<Vec<Work>, String> {
    let mut shared = Vec::new();
    for work in &first.plan.works {
        let Some(other) = second.plan.work(&work.id) else {
            left_out.push(format!("{}: only in {}", work.id, first.name));
            continue;
        };
        let checksums = (&work.expected_checksum, &other.expected_checksum);
        if let (Some(x), Some(y)) = checksums
            && x != y
        {
            return Err(format!(
                "{}: is not the same work in both folders (its checksum was {x}, and {y})",
                work.id
            ));
        }
        for (x, y) in collectors {
            let cells = cell(&first.plan, work, &x.name).zip(cell(&second.plan, work, &y.name));
            if let Some(differs) = cells.and_then(|(x, y)| request_differs(x, y)) {
                return Err(format!(
                    "{}: was asked differently in the two folders ({differs}); only versions may differ: run the same suite with the same options",
                    work.id
                ));
            }
        }
        match rates(first, second, work) {
            Some((x, y)) if (x / y).max(y / x) > SAME_RATE => left_out.push(format!(
                "{}: was offered {x} requests/s in one folder and {y} in the other; --rate offers the same",
                work.id
            )),
            _ => shared.push(work.clone()),
        }
    }
    let only = second
        .plan
        .works
        .iter()
        .filter(|w| first.plan.work(&w.id).is_none());
    left_out.extend(only.map(|w| format!("{}: only in {}", w.id, second.name)));
    if shared.is_empty() {
        return Err(format!("nothing can be compared: {}", left_out.join("; ")));
    }
    Ok(shared)
}

/// "p.size_max is 64 and 128"
fn request_differs(x: &Cell, y: &Cell) -> Option<String> {
    let map = |cell: &Cell| -> BTreeMap<String, String> { cell.request.iter().cloned().collect() };
    let (x, y) = (map(x), map(y));
    let key = x.keys().chain(y.keys()).find(|k| x.get(*k) != y.get(*k))?;
    let value = |of: &BTreeMap<String, String>| of.get(key).cloned().unwrap_or_else(|| "absent".into());
    Some(format!("{key} is {} and {}", value(&x), value(&y)))
}

/// Requests per second that each folder offered, where it offered any.
fn rates(first: &Folder, second: &Folder, work: &Work) -> Option<(f64, f64)> {
    let of = |folder: &Folder| {
        let mut cells = folder.plan.cells.iter().filter(|c| c.work == work.id);
        let fixed = cells.find_map(|c| c.load.as_ref()?.rate);
        fixed.or_else(|| folder.calibration.rate.get(&work.id).copied())
    };
    (work.mode == Mode::Open)
        .then(|| of(first).zip(of(second)))
        .flatten()
}

/// What else lies between the sides, to be said beside every ratio.
fn between(first: &Folder, second: &Folder, x: &Collector, y: &Collector, works: &[Work]) -> Vec<Doubt> {
    let (a, b) = (&first.verdicts.host, &second.verdicts.host);
    let mut doubts = vec![Doubt::OtherTime {
        a: a.started.clone(),
        b: b.started.clone(),
    }];
    if x.version != y.version {
        doubts.push(Doubt::OtherVersion {
            a: x.version.clone(),
            b: y.version.clone(),
        });
    }
    let driver = |host: &Host| {
        let version = host.versions.get("gcrucible").cloned().unwrap_or_default();
        host.commit
            .clone()
            .map_or(version.clone(), |c| format!("{version}, {c}"))
    };
    if driver(a) != driver(b) {
        doubts.push(Doubt::OtherDriver {
            a: driver(a),
            b: driver(b),
        });
    }
    if let Some((x, y)) = works.iter().find_map(|w| {
        let (x, y) = (cell(&first.plan, w, &x.name)?, cell(&second.plan, w, &y.name)?);
        (settings(x) != settings(y)).then(|| (settings(x), settings(y)))
    }) {
        doubts.push(Doubt::OtherFlags { a: x, b: y });
    }
    let apart = works
        .iter()
        .filter_map(|w| rates(first, second, w))
        .find(|(x, y)| x != y);
    if let Some((a, b)) = apart {
        doubts.push(Doubt::OtherRate { a, b });
    }
    doubts
}

/// Flags and environment without paths, which differ from place to place.
fn settings(cell: &Cell) -> String {
    let flags = cell
        .argv
        .iter()
        .filter(|a| a.starts_with('-') && !a.contains('/'));
    let env = cell.env.iter().filter(|(_, v)| !v.contains('/'));
    let words: Vec<String> = env
        .map(|(k, v)| format!("{k}={v}"))
        .chain(flags.cloned())
        .collect();
    words.join(" ")
}

fn louder(a: &Option<Noise>, b: &Option<Noise>) -> Option<Noise> {
    [a, b].into_iter().flatten().max_by_key(|n| n.p99).cloned()
}

/// `go (1.27.1)`, after the second folder's version; `go (second)` where the versions are the same.
fn second_name(x: &Collector, y: &Collector) -> String {
    let word = number(&y.version).filter(|_| x.version != y.version);
    format!("{} ({})", y.name, word.as_deref().unwrap_or("second"))
}

/// The first dotted number of a version line: "go version go1.26.8 linux/amd64" -> "1.26.8".
fn number(version: &str) -> Option<String> {
    version
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '.')
        .map(|word| word.trim_start_matches(|c: char| !c.is_ascii_digit()))
        .find(|word| word.contains('.'))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_side_is_named_after_its_version() {
        for (line, wanted) in [
            ("go version go1.26.8 linux/amd64", "1.26.8"),
            ("openjdk version \"25.0.3\" 2026-04-21 LTS", "25.0.3"),
            ("cargo 1.95.0 (f2d3ce0bd 2026-03-21)", "1.95.0"),
        ] {
            assert_eq!(number(line).as_deref(), Some(wanted));
        }
        assert_eq!(number("no version"), None);
    }
}
