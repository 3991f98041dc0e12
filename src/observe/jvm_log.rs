//! The JVM's unified log as a stream of typed events. Which collector wrote it is found in the log itself.

use std::io::{self, BufRead};

use super::collections::Log;
use super::lines::Lines;
use super::unified::{self, Line};
use super::{g1, safepoint, shenandoah, stop_the_world, zgc};
use crate::artifact::observation::Pause;
use crate::artifact::unit::Ns;

/// One collector's way of writing.
pub trait Grammar {
    /// Takes a line up that is not a safepoint's; false if it says nothing to this grammar. `at` is the line's CLOCK_MONOTONIC instant.
    fn line(&mut self, line: &Line, at: Ns, log: &mut Log) -> bool;

    /// The log is over: hands out what is still open.
    fn finish(&mut self, _log: &mut Log) {}
}

/// Tag sets whose lines are known and hold nothing more for us: settings, tables, phases and their starts (logTag.hpp).
const DETAILS: &[&str] = &[
    "gc,age",
    "gc,alloc",
    "gc,cpu",
    "gc,director",
    "gc,ergo",
    "gc,exit",
    "gc,free",
    "gc,heap",
    "gc,heap,exit",
    "gc,heap,numa",
    "gc,heap,region",
    "gc,humongous",
    "gc,init",
    "gc,load",
    "gc,marking",
    "gc,metaspace",
    "gc,mmu",
    "gc,nmethod",
    "gc,page",
    "gc,phases",
    "gc,phases,start",
    "gc,ref",
    "gc,reloc",
    "gc,remset",
    "gc,start",
    "gc,stats",
    "gc,stringdedup",
    "gc,task",
    "gc,thread",
    "gc,tlab",
    "gc,verify",
    "safepoint,stats",
];

/// Reads to the end. Lines without a clock stamp are placed by their uptime after `spawned` (late by the JVM's first milliseconds).
///
/// A last line without its end is not believed; a log cut anywhere loses that line at most.
pub fn read(input: impl BufRead, spawned: Ns) -> io::Result<Log> {
    let mut log = Log::default();
    let mut grammar: Option<Box<dyn Grammar>> = None;
    let mut lines = Lines::new(input);
    while let Some(text) = lines.next_line()? {
        if text.text.trim().is_empty() {
            continue;
        }
        log.lines += 1;
        if !text.complete {
            break;
        }
        let line = unified::split(text.text);
        let at = line
            .nanos
            .unwrap_or(Ns(spawned.0.saturating_add(line.uptime.unwrap_or_default().0)));
        if let Some(found) = banner(line.message) {
            grammar = Some(found);
            log.understood += 1;
        } else if understand(&line, at, &mut grammar, &mut log) {
            log.understood += 1;
        }
    }
    if let Some(mut grammar) = grammar {
        grammar.finish(&mut log);
    }
    Ok(log)
}

fn understand(line: &Line, at: Ns, grammar: &mut Option<Box<dyn Grammar>>, log: &mut Log) -> bool {
    let stop = safepoint::parse(line.message);
    if grammar.is_none() {
        *grammar = writer(stop.map_or("", |s| s.operation), line.message);
    }
    if let Some(stop) = stop {
        if safepoint::is_collection(stop.operation) {
            log.pauses.push(Pause {
                at,
                operation: stop.operation.to_owned(),
                reaching: stop.reaching,
                total: stop.total,
            });
        }
        return true;
    }
    if line.message.starts_with("Out Of Memory (") {
        log.out_of_memory.get_or_insert_with(|| line.message.to_owned());
    }
    let taken = grammar.as_mut().is_some_and(|g| g.line(line, at, log));
    taken || line.message.trim().is_empty() || DETAILS.contains(&line.tags)
}

fn banner(message: &str) -> Option<Box<dyn Grammar>> {
    match message {
        g1::BANNER => Some(Box::<g1::G1>::default()),
        zgc::BANNER => Some(Box::<zgc::Z>::default()),
        shenandoah::BANNER => Some(Box::<shenandoah::Shenandoah>::default()),
        _ if stop_the_world::BANNERS.contains(&message) => Some(Box::new(stop_the_world::StopTheWorld)),
        _ => None,
    }
}

/// The grammar of a log without a banner, as rotation leaves it: of the collector that alone has this operation, or this message.
fn writer(operation: &str, message: &str) -> Option<Box<dyn Grammar>> {
    let known = [
        (g1::OPERATIONS, g1::SIGNS, g1::BANNER),
        (zgc::OPERATIONS, zgc::SIGNS, zgc::BANNER),
        (shenandoah::OPERATIONS, shenandoah::SIGNS, shenandoah::BANNER),
        (
            stop_the_world::OPERATIONS,
            stop_the_world::SIGNS,
            stop_the_world::BANNERS[0],
        ),
    ];
    let its = |(operations, signs, _): &&(&[&str], &[&str], &str)| {
        operations.contains(&operation) || signs.iter().any(|sign| message.starts_with(sign))
    };
    let (_, _, name) = known.iter().find(its)?;
    banner(name)
}
