//! One process's life, from the files it left.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use super::collections::Log;
use super::outcome::{Complaint, Evidence};
use super::runner_output::{self, Response};
use super::{ObserveError, agreement, counters, memory, outcome, read_if_there, threads, ticks};
use crate::artifact::envelope::Parents;
use crate::artifact::event::Writer;
use crate::artifact::exit::Exit;
use crate::artifact::observation::{Epoch, FORCED_AT_REST, Forced, Observation, Pauses};
use crate::artifact::plan::{Collector, Invocation};
use crate::artifact::run_dir::Raw;
use crate::artifact::unit::{Bytes, Ns};

pub fn read(
    invocation: &Invocation,
    collector: &Collector,
    raw: &Raw,
    parents: &Parents,
) -> Result<Observation, ObserveError> {
    let exit: Exit = parents.read_at(&raw.exit())?;
    let response: Response = read_file(&raw.stdout(), runner_output::read)?.unwrap_or_default();
    let stdout: Complaint = match response.fault {
        Some(_) => read_file(&raw.stdout(), outcome::complaint)?.unwrap_or_default(),
        None => Complaint::default(),
    };
    let stderr: Complaint = read_file(&raw.stderr(), outcome::complaint)?.unwrap_or_default();

    let mut marks = response.marks.clone();
    marks.insert("spawned".into(), exit.spawned);
    marks.insert("ended".into(), exit.ended);
    let window = response
        .marks
        .get("begin")
        .copied()
        .zip(response.marks.get("end").copied());

    let mut log = read_log(collector, raw, exit.spawned, response.marks.get("start").copied())?;
    let log_understood = log
        .as_ref()
        .and_then(|(log, whole)| log.share_understood().or(*whole));
    let mut log = log.take().map(|(log, _)| log).unwrap_or_default();
    let placed_to = placed_to(collector, exit.spawned, response.marks.get("start").copied());
    // A coarse clock is given its due on both sides. What an experiment forces in its last operation may then seem to come after the window, and what
    // it forces for its values comes after the rest: the two at rest are the last ones before it.
    let rest = response
        .marks
        .get("rest")
        .map_or(u64::MAX, |at| at.0.saturating_add(placed_to.0));
    let most = if response.marks.contains_key("drop") {
        usize::MAX
    } else {
        FORCED_AT_REST
    };
    let mut forced = window.map_or_else(Forced::default, |(_, end)| {
        log.forced_between(Ns(end.0.saturating_sub(placed_to.0)), Ns(rest), most)
    });
    match window {
        Some((begin, end)) => log.clip(begin, end),
        None => log.clip(Ns(0), Ns(0)),
    }
    let pauses = pauses(&response, std::mem::take(&mut log.pauses), placed_to);
    let outcome = outcome::decide(&Evidence {
        end: &exit.end,
        response: &response,
        stderr: &stderr,
        stdout_out_of_memory: stdout.out_of_memory.as_deref(),
        log_out_of_memory: log.out_of_memory.as_deref(),
        expected_ops: expected_ops(raw)?,
        fault: pauses.as_ref().err().map(String::as_str),
    });

    let samples = memory::samples(raw)?;
    let spent = ticks::Account::of(collector, raw, &log.spent)?;
    let ticks = ticks::ticks(&response.ticks, &samples, spent.as_ref());
    let mut memory = memory::account(&samples, raw, window)?;
    (memory.rest_used, memory.rest_committed) = (response.rest_used, response.rest_committed);
    let threads = threads::rows(raw)?;
    let groups = threads::between_holds(&threads, &collector.gc_threads, "setup", "end");
    if !collector.gc_threads.is_empty() {
        let resting = threads::between_holds(&threads, &collector.gc_threads, "end", "rest");
        forced.cpu =
            (!forced.lengths.is_empty() && !resting.is_empty()).then(|| counters::of_collector(&resting));
    }
    let mut histograms = response.histograms.clone();
    histograms.extend(control(raw)?.map(|text| ("control".to_owned(), text)));
    let epochs = response.epochs.iter().map(|e| Epoch {
        index: e.index,
        at: e.at,
        live: e.live,
        heap_used: e.used,
        heap_committed: e.committed,
        held: e.held,
        waste: e.waste,
        resident: samples.at(e.at).unwrap_or_default(),
    });
    Ok(Observation {
        invocation: invocation.id.clone(),
        cell: invocation.cell.clone(),
        round: invocation.round,
        purpose: invocation.purpose,
        outcome,
        marks,
        ops: response.ops.unwrap_or_default(),
        requested: response.requested.unwrap_or_default(),
        allocated: counters::difference(&response, "alloc_bytes").map(Bytes),
        live: response.live.unwrap_or_default(),
        checksum: response.checksum.clone(),
        rate: exit.rate,
        histograms,
        before: response.before.counters.clone(),
        after: response.after.counters.clone(),
        pauses: pauses.unwrap_or_default(),
        stalls: log.stalls,
        cycles: log.cycles,
        forced,
        cpu: counters::cpu(&response, collector, groups),
        memory,
        epochs: epochs.collect(),
        probes: response.probes.clone(),
        values: response.values.clone(),
        slowest: response.slowest.clone(),
        progress: response.progress.clone(),
        ticks,
        log_understood,
    })
}

/// The collector's log, and its share of understood lines should it turn out to be empty.
fn read_log(
    collector: &Collector,
    raw: &Raw,
    spawned: Ns,
    start: Option<Ns>,
) -> Result<Option<(Log, Option<f64>)>, ObserveError> {
    match collector.log.as_str() {
        "none" => Ok(None),
        // Without a collection there is no line, and nothing was missed.
        "gctrace" => {
            let log = read_file(&raw.stderr(), |input| {
                Log::read(Writer::Go, input, go_began(spawned, start))
            })?;
            Ok(log.map(|log| (log, Some(1.0))))
        }
        "unified" => {
            let log = read_file(&raw.gc_log(), |input| Log::read(Writer::Jvm, input, spawned))?;
            Ok(log.map(|log| (log, None)))
        }
        other => Err(ObserveError::Plan(format!(
            "collector {}: nobody reads logs of the grammar `{other}`",
            collector.name
        ))),
    }
}

/// gctrace counts from the runtime's initialisation, somewhere between `spawned` and `mark.start`. The middle is wrong by half of
/// that at most, below 10 ms unless the machine is overloaded.
fn go_began(spawned: Ns, start: Option<Ns>) -> Ns {
    let gap = start.map_or(0, |start| start.0.saturating_sub(spawned.0));
    Ns(spawned.0.saturating_add(gap / 2))
}

/// gctrace's stamps are cut to 1 ms, on a clock whose zero is known as well as [`go_began`] knows it.
fn placed_to(collector: &Collector, spawned: Ns, start: Option<Ns>) -> Ns {
    match collector.log.as_str() {
        "gctrace" => {
            let zero = go_began(spawned, start).0.saturating_sub(spawned.0);
            Ns(zero.saturating_add(1_000_000))
        }
        _ => Ns(0),
    }
}

/// Exact histograms where the runtime has them; an empty one then says that nothing stopped, and what the log places inside the
/// window with its coarser clock is not.
fn pauses(
    response: &Response,
    mut events: Vec<crate::artifact::observation::Pause>,
    placed_to: Ns,
) -> Result<Pauses, String> {
    let exact = counters::bucket_difference(response, "sched_pauses_total_gc")?;
    let stopping = counters::bucket_difference(response, "sched_pauses_stopping_gc")?;
    if exact.as_ref().is_some_and(Vec::is_empty) {
        events.clear();
    }
    Ok(Pauses {
        events,
        buckets: exact.unwrap_or_default(),
        stopping_buckets: stopping.unwrap_or_default(),
        placed_to,
    })
}

/// `ops` x `threads` of the request as it was sent.
fn expected_ops(raw: &Raw) -> Result<Option<u64>, ObserveError> {
    let request = agreement::read_request(&raw.request())?;
    let value = |key: &str| {
        let mut values = request
            .iter()
            .filter_map(|line| line.split_once('='))
            .filter(|(k, _)| *k == key);
        values.next()?.1.parse::<u64>().ok()
    };
    Ok(value("ops")
        .zip(value("threads"))
        .and_then(|(ops, threads)| ops.checked_mul(threads)))
}

/// The idle watcher's histogram, which the driver wrote itself.
fn control(raw: &Raw) -> Result<Option<String>, ObserveError> {
    let path = raw.control();
    let Some(bytes) = read_if_there(&path)? else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&bytes).trim().to_owned();
    if text.is_empty() {
        return Ok(None);
    }
    runner_output::check_histogram(&text).map_err(|what| ObserveError::Malformed { path, line: 1, what })?;
    Ok(Some(text))
}

/// None if there is no such file: a process that never started leaves none.
fn read_file<T>(
    path: &Path,
    read: impl FnOnce(BufReader<File>) -> io::Result<T>,
) -> Result<Option<T>, ObserveError> {
    let unreadable = |source| ObserveError::Unreadable {
        path: path.into(),
        source,
    };
    match File::open(path) {
        Ok(file) => read(BufReader::new(file)).map(Some).map_err(unreadable),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(unreadable(e)),
    }
}
