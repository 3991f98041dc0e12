//! The JVM's unified log as a stream of typed events. Which collector wrote it is found in the log itself.

use super::listener::Out;
use super::phrase::Phrase;
use super::unified::{self, Line, Splitter};
use super::{g1, quantity, safepoint, shenandoah, stop_the_world, zgc};
use crate::artifact::event::{Amount, Clock, Place, Space, What};
use crate::artifact::unit::Ns;

/// One collector's way of writing.
pub trait Grammar {
    /// Takes a line up that is not a safepoint's; false if it says nothing to this grammar.
    fn line(&mut self, line: &Line, out: &mut Out) -> bool;

    /// Known lines that hold nothing for this grammar: they need not be looked at.
    fn passes_over(&self, _tags: &str) -> bool {
        false
    }

    /// The log is over: hands out what is still open.
    fn finish(&mut self, _out: &mut Out) {}
}

/// Tag sets whose lines are known and hold nothing for any listener: tables, sizes of tasks, plans (logTag.hpp).
fn tells_nothing(tags: &str) -> bool {
    let Some(tag) = tags.strip_prefix("gc,") else {
        return tags == "safepoint,stats";
    };
    // Two letters leave one candidate, or a few: no line is compared with all.
    let candidates: &[&str] = match tag.as_bytes() {
        [b'a', b'g', ..] => &["age"],
        [b'a', b'l', ..] => &["alloc"],
        [b'd', b'i', ..] => &["director"],
        [b'e', b'r', ..] => &["ergo"],
        [b'e', b'x', ..] => &["exit"],
        [b'f', b'r', ..] => &["free"],
        [b'h', b'e', b'a', b'p', b',', ..] => &["heap,coops", "heap,exit", "heap,numa", "heap,region"],
        [b'h', b'u', ..] => &["humongous"],
        [b'l', b'o', ..] => &["load"],
        [b'm', b'e', ..] => &["metaspace"],
        [b'm', b'm', ..] => &["mmu"],
        [b'n', b'm', ..] => &["nmethod"],
        [b'p', b'a', ..] => &["page"],
        [b'p', b'h', b'a', b's', b'e', b's', b',', ..] => &["phases,start"],
        [b'r', b'e', ..] => &["ref", "reloc", "remset"],
        [b's', b't', b'r', ..] => &["stringdedup"],
        [b't', b'a', ..] => &["task"],
        [b't', b'h', ..] => &["thread"],
        [b't', b'l', ..] => &["tlab"],
        [b'u', b'n', ..] => &["unmap"],
        [b'v', b'e', ..] => &["verify"],
        _ => &[],
    };
    candidates.contains(&tag)
}

/// Those of which some lines tell something, to some grammars.
fn is_detail(tags: &str) -> bool {
    matches!(
        tags,
        "gc,cpu" | "gc,heap" | "gc,init" | "gc,marking" | "gc,phases" | "gc,start" | "gc,stats"
    )
}

/// How the same lines begin where tags were not asked for.
const DETAILS: &[&str] = &[
    "Adaptive CSet",
    "Adjust Pointers",
    "Adjust Roots",
    "Age",
    "Allocated:",
    "Allocation Stalls",
    "Archive",
    "Bad progress",
    "Candidates",
    "Chosen CSet",
    "Clearing All",
    "Compaction Phase",
    "Collectable",
    "Compacted:",
    "Discovered",
    "Encountered",
    "Enqueued",
    "Evacuat",
    "Final References:",
    "Final:",
    "Forward",
    "Free:",
    "Garbage:",
    "Good progress",
    "Heap Statistics",
    "Large Pages",
    "Live ",
    "Load:",
    "MMU:",
    "Mark Stack",
    "Mark Start",
    "Mark:",
    "Marking Phase",
    "Max Capacity",
    "Medium Pages",
    "Merge ",
    "Metaspace",
    "Min Capacity",
    "NMethods",
    "Old Generation",
    "Other:",
    "Pacer",
    "Phantom References:",
    "Phantom:",
    "Phase ",
    "Planning",
    "Post ",
    "Pre ",
    "Reclaimed:",
    "Small Pages",
    "Soft",
    "Summary Phase",
    "Survivor ",
    "Transfer",
    "Used:",
    "Using ",
    "Weak References:",
    "Weak:",
    "Young Generation",
    "Eden ",
];

#[derive(Default)]
pub struct JvmLog {
    splitter: Splitter,
    grammar: Option<Box<dyn Grammar>>,
    /// The name by which the JVM introduces the collector.
    pub collector: Option<&'static str>,
    /// It has not been introduced, so Serial stands for Parallel too, which shares its grammar.
    guessed: bool,
    /// Of the first line that had one: a log has the same decorations from end to end.
    pub clock: Clock,
}

impl JvmLog {
    /// Was the line understood? None if it is no line of the collector's log.
    pub fn line(&mut self, text: &str, place: Place, out: &mut Out) -> Option<bool> {
        let mut line = self.splitter.split(text);
        // Most lines end here, before anything but their tags is looked at.
        if tells_nothing(line.tags) || self.grammar.as_ref().is_some_and(|g| g.passes_over(line.tags)) {
            return Some(true);
        }
        let named = unified::is_of_the_log(line.tags);
        // Without tags, or with those that a host's name may be, the message has to tell.
        let stop = match named && !line.tags.starts_with("safepoint") {
            true => None,
            false => safepoint::parse(line.message),
        };
        let banner = banner(line.message);
        let plain_setting = !named && self.grammar.is_some() && is_setting(line.message);
        let plain_row =
            !named && self.collector == Some(shenandoah::NAME) && shenandoah::is_pacing(line.message);
        let known =
            named || stop.is_some() || banner.is_some() || line.gc.is_some() || plain_setting || plain_row;
        // Other tags are the JVM's, but not the collector's, unless a host's name was taken for one.
        if !known && (line.tags.contains(',') || !introduces(&line)) {
            return None;
        }
        // What is numbered is the collector's (GCId::print_prefix): a host's name was taken for tags.
        if !named {
            line.tags = "";
        }
        let times = line.times();
        if self.clock == Clock::None {
            self.clock = times.clock();
        }
        out.begin(times.on(self.clock), place, line.gc);
        if let Some((name, grammar)) = banner {
            (self.collector, self.grammar, self.guessed) = (Some(name), Some(grammar), false);
            out.tell(What::Setting {
                name: "Collector",
                value: name,
            });
            return Some(true);
        }
        if self.grammar.is_none()
            && let Some((name, grammar)) = writer(stop.map_or("", |s| s.operation), line.message)
        {
            (self.collector, self.grammar, self.guessed) = (Some(name), Some(grammar), true);
        }
        if self.guessed && stop_the_world::is_parallel(stop.map_or("", |s| s.operation), line.message) {
            self.collector = Some(stop_the_world::PARALLEL);
        }
        if let Some(stop) = stop {
            out.tell(What::Stop(stop));
            return Some(true);
        }
        if line.message.starts_with("Out Of Memory (") {
            out.tell(What::OutOfMemory { words: line.message });
        }
        let shared = match line.tags {
            "gc,init" => setting(line.message, out),
            "" if plain_setting => setting(line.message, out),
            "gc,cpu" | "" if line.message.starts_with("User=") => cpu(line.message, out),
            _ => false,
        };
        if shared {
            // A grammar may want to know a setting too.
            if let Some(grammar) = &mut self.grammar {
                grammar.line(&line, out);
            }
            return Some(true);
        }
        let taken = self.grammar.as_mut().is_some_and(|g| g.line(&line, out));
        Some(
            taken
                || line.message.trim().is_empty()
                || is_detail(line.tags)
                || self.is_detail_without_tags(&line),
        )
    }

    pub fn finish(&mut self, out: &mut Out) {
        if let Some(mut grammar) = self.grammar.take() {
            grammar.finish(out);
        }
    }

    fn is_detail_without_tags(&self, line: &Line) -> bool {
        let message = zgc::without_generation(line.message);
        line.tags.is_empty() && DETAILS.iter().any(|detail| message.starts_with(detail))
    }
}

/// A line without a number, which only a collector writes.
fn introduces(line: &Line) -> bool {
    writer("", line.message).is_some()
}

/// Settings (gcInitLogger.cpp) that nobody else has, for logs without tags.
const SETTINGS: &[&str] = &[
    "Heap Region Size: ",
    "Heap Region Count: ",
    "Heap Min Capacity: ",
    "Heap Initial Capacity: ",
    "Heap Max Capacity: ",
    "Parallel Workers: ",
    "Concurrent Workers: ",
    "Concurrent Refinement Workers: ",
];

fn is_setting(message: &str) -> bool {
    SETTINGS.iter().any(|name| message.starts_with(name))
}

/// `Heap Max Capacity: 64M`
fn setting(message: &str, out: &mut Out) -> bool {
    let Some((name, value)) = message.split_once(": ") else {
        return false;
    };
    out.tell(What::Setting {
        name: name.trim(),
        value: value.trim(),
    });
    true
}

/// `User=0.01s Sys=0.01s Real=0.02s`
fn cpu(message: &str, out: &mut Out) -> bool {
    let mut parts = message.split(' ');
    let mut part = |name: &str| parts.next()?.strip_prefix(name).and_then(quantity::duration);
    let read = part("User=").zip(part("Sys=")).zip(part("Real="));
    if let Some(((user, system), real)) = read {
        out.tell(What::Cpu { user, system, real });
    }
    read.is_some()
}

/// `Tenured: 0K(43712K)->11861K(43712K)`, also with further spaces behind it: the first one is told.
pub fn space<'a>(message: &'a str) -> Option<Space<'a>> {
    let (name, rest) = message.split_once(": ")?;
    let heap = quantity::heap(rest.split(' ').next()?)?;
    Some(Space {
        name: name.trim(),
        before: Amount::Bytes(heap.before),
        after: Amount::Bytes(heap.after),
        capacity: heap.capacity.map(Amount::Bytes),
    })
}

/// `Pause Remark 24M->24M(92M) 0.512ms`, whoever's it is; false for its start line.
pub fn declared(phrase: &Phrase, out: &mut Out) {
    if let Some(duration) = phrase.duration {
        out.tell(What::Declared {
            name: phrase.name,
            note: phrase.notes().next(),
            duration,
        });
    }
}

/// When something began that ended with this line.
pub fn begun(out: &Out, duration: Ns) -> Option<Ns> {
    out.at().map(|at| Ns(at.0.saturating_sub(duration.0)))
}

/// Collections that somebody asked for (gcCause.cpp): their length is the asker's choice, so they are no stalls of the mutators.
pub fn asked_for(cause: Option<&str>) -> bool {
    const ASKED: &[&str] = &[
        "System.gc()",
        "Diagnostic Command",
        "Heap Inspection Initiated GC",
        "Heap Dump Initiated GC",
        "JvmtiEnv ForceGarbageCollection",
        "WhiteBox Initiated Full GC",
    ];
    cause.is_some_and(|c| ASKED.contains(&c))
}

type Introduced = (&'static str, Box<dyn Grammar>);

fn banner(message: &str) -> Option<Introduced> {
    let name = message.strip_prefix("Using ")?;
    match name.trim_end() {
        g1::NAME => Some((g1::NAME, Box::<g1::G1>::default())),
        zgc::NAME => Some((zgc::NAME, Box::<zgc::Z>::default())),
        shenandoah::NAME => Some((shenandoah::NAME, Box::<shenandoah::Shenandoah>::default())),
        name => {
            let name = stop_the_world::NAMES.iter().find(|n| **n == name)?;
            Some((name, Box::<stop_the_world::StopTheWorld>::default()))
        }
    }
}

/// The grammar of a log without a banner, as rotation leaves it: of the collector that alone has this operation, or this message.
fn writer(operation: &str, message: &str) -> Option<Introduced> {
    let known: [(&[&str], &[&str], &str); 4] = [
        (g1::OPERATIONS, g1::SIGNS, "Using G1"),
        (zgc::OPERATIONS, zgc::SIGNS, "Using The Z Garbage Collector"),
        (shenandoah::OPERATIONS, shenandoah::SIGNS, "Using Shenandoah"),
        (stop_the_world::OPERATIONS, stop_the_world::SIGNS, "Using Serial"),
    ];
    let its = |(operations, signs, _): &&(&[&str], &[&str], &str)| {
        operations.contains(&operation) || signs.iter().any(|sign| message.starts_with(sign))
    };
    let (_, _, name) = known.iter().find(its)?;
    banner(name)
}
