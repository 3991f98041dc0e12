//! How one invocation ended: a typed outcome from what the driver saw, what the runner said and what the runtime complained about.
//! Whether its checksum is the right one is asked later, among all invocations of the work (see agreement.rs).

use std::io::{self, BufRead};

use super::lines::Lines;
use super::runner_output::Response;
use crate::artifact::exit::{End, UNABLE};
use crate::artifact::outcome::Outcome;

/// What a process left on stderr, as far as it explains its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Complaint {
    /// The first line that says memory ran out.
    pub out_of_memory: Option<String>,
    /// The first line with which a runtime refuses a setting.
    pub refused: Option<String>,
    /// The first line that looks like the cause, else the last one.
    pub reason: Option<String>,
}

/// Lower case. HotSpot and `-XX:+ExitOnOutOfMemoryError`; Go's and Rust's fatal errors; the kernel's word for it.
const OUT_OF_MEMORY: &[&str] = &[
    "outofmemoryerror",
    "out of memory",
    "could not reserve enough space",
    "insufficient memory for the java runtime",
    "cannot allocate memory",
    "memory allocation of",
    "oom-kill",
    "oom_kill",
];

/// Lower case. Go (runtime/mgcpacer.go, readGOMEMLIMIT); HotSpot's options (arguments.cpp), which its launcher follows with a line of its own.
const REFUSALS: &[&str] = &[
    "malformed gomemlimit",
    "unrecognized vm option",
    "improperly specified vm option",
    "invalid maximum heap size",
    "invalid initial heap size",
    "could not create the java virtual machine",
];

/// How the line that matters begins, among stack traces.
const CAUSES: &[&str] = &[
    "panic:",
    "fatal error:",
    "Exception in thread",
    "thread '",
    "Error",
    "error:",
    "runner:",
];

/// Reads stderr, or stdout: `Terminating due to java.lang.OutOfMemoryError` goes there. Lines of a gctrace are no complaint.
pub fn complaint(input: impl BufRead) -> io::Result<Complaint> {
    let mut found = Complaint::default();
    let mut last = None;
    let mut lines = Lines::new(input);
    while let Some(line) = lines.next_line()? {
        let text = line.text.trim();
        if text.is_empty() || super::gctrace::parse(text).is_some() {
            continue;
        }
        let lower = text.to_lowercase();
        if found.out_of_memory.is_none() && OUT_OF_MEMORY.iter().any(|sign| lower.contains(sign)) {
            found.out_of_memory = Some(text.to_owned());
        }
        if found.refused.is_none() && REFUSALS.iter().any(|sign| lower.contains(sign)) {
            found.refused = Some(text.to_owned());
        }
        if found.reason.is_none() && CAUSES.iter().any(|cause| text.starts_with(cause)) {
            found.reason = Some(text.to_owned());
        }
        last = Some(text.to_owned());
    }
    found.reason = found.reason.or(last);
    Ok(found)
}

/// Everything that bears on it.
pub struct Evidence<'a> {
    pub end: &'a End,
    pub response: &'a Response,
    pub stderr: &'a Complaint,
    /// The same signs on stdout, and in the collector's log.
    pub stdout_out_of_memory: Option<&'a str>,
    pub log_out_of_memory: Option<&'a str>,
    /// `ops` x `threads` of the request as it was sent.
    pub expected_ops: Option<u64>,
    /// Another fault found while reading.
    pub fault: Option<&'a str>,
}

pub fn decide(evidence: &Evidence) -> Outcome {
    let response = evidence.response;
    // A process that finished may well have talked about memory on its way; any other end is explained by it.
    let out_of_memory = [
        evidence.stderr.out_of_memory.as_deref(),
        evidence.stdout_out_of_memory,
        evidence.log_out_of_memory,
    ]
    .into_iter()
    .flatten()
    .next();
    let died_of = |otherwise: Outcome| match out_of_memory {
        Some(reason) => Outcome::OutOfMemory {
            reason: reason.to_owned(),
        },
        None => otherwise,
    };
    match evidence.end {
        End::NotStarted { reason } => Outcome::NotStarted {
            reason: reason.clone(),
        },
        End::Interrupted => Outcome::Interrupted,
        End::TimedOut { after_s } => died_of(Outcome::TimedOut { after_s: *after_s }),
        End::Signalled { signal } => died_of(Outcome::Signalled { signal: *signal }),
        End::Exited { status: 0 } if response.done => finished(evidence),
        // It answered nothing: it refused before it began.
        End::Exited { status: UNABLE } if *response == Response::default() => Outcome::NotStarted {
            reason: said_by_runner(evidence.stderr),
        },
        // Nor did the program begin where its runtime refused a setting.
        End::Exited { .. } if *response == Response::default() && evidence.stderr.refused.is_some() => {
            died_of(Outcome::Refused {
                reason: evidence.stderr.refused.clone().unwrap_or_default(),
            })
        }
        End::Exited { status } => {
            let said = response.error.as_deref().or(evidence.stderr.reason.as_deref());
            let reason = match (said, &response.fault) {
                (Some(said), _) => said.to_owned(),
                (None, Some(fault)) => format!("stdout:{fault}"),
                (None, None) => "ended without done=1".to_owned(),
            };
            died_of(Outcome::Failed {
                status: Some(*status),
                reason,
            })
        }
    }
}

/// Its complaint, without its name in front.
fn said_by_runner(stderr: &Complaint) -> String {
    let reason = stderr.reason.as_deref().unwrap_or("the runner says no reason");
    reason.strip_prefix("runner: ").unwrap_or(reason).to_owned()
}

/// It says that it is done: does its account hold?
fn finished(evidence: &Evidence) -> Outcome {
    let response = evidence.response;
    match account(evidence) {
        Err(reason) => Outcome::Failed {
            status: Some(0),
            reason,
        },
        Ok((requested_bytes, allocated_bytes)) if allocated_bytes < requested_bytes => {
            Outcome::AllocationElided {
                requested_bytes,
                allocated_bytes,
            }
        }
        Ok(_) if response.error.is_some() => Outcome::Failed {
            status: Some(0),
            reason: response.error.clone().unwrap_or_default(),
        },
        Ok(_) => Outcome::Finished,
    }
}

/// (requested, allocated) in bytes; or what is missing.
fn account(evidence: &Evidence) -> Result<(u64, u64), String> {
    let response = evidence.response;
    if let Some(fault) = &response.fault {
        return Err(format!("stdout:{fault}"));
    }
    if let Some(fault) = evidence.fault {
        return Err(fault.to_owned());
    }
    let missing = |key: &str| format!("stdout: `{key}` is missing");
    let mark = |name: &str| {
        response
            .marks
            .get(name)
            .ok_or_else(|| missing(&format!("mark.{name}")))
    };
    mark("start")?;
    mark("setup")?;
    if mark("begin")? >= mark("end")? {
        return Err("stdout: the window ends before it begins".to_owned());
    }
    response.live.ok_or_else(|| missing("live_bytes"))?;
    response.checksum.as_ref().ok_or_else(|| missing("checksum"))?;
    let ops = response.ops.ok_or_else(|| missing("ops"))?;
    if let Some(expected) = evidence.expected_ops.filter(|&n| n != ops) {
        return Err(format!("stdout: did {ops} operations of {expected}"));
    }
    let requested = response.requested.ok_or_else(|| missing("requested_bytes"))?;
    let counter = |side: &super::runner_output::Side| side.counters.get("alloc_bytes").copied();
    let before = counter(&response.before).ok_or_else(|| missing("before.alloc_bytes"))?;
    let after = counter(&response.after).ok_or_else(|| missing("after.alloc_bytes"))?;
    let allocated = after
        .checked_sub(before)
        .ok_or("stdout: `alloc_bytes` went backwards")?;
    Ok((requested.0, allocated))
}
