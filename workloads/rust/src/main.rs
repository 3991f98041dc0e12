//! Does one gcrucible workload once, as docs/PROTOCOL.md says, and knows nothing of allocators but the one it was built with.

// A box per object is what is measured here: Vec<Block> would be another workload.
#![allow(clippy::vec_box)]

mod allocator;
mod block;
mod cache;
mod churn;
mod clock;
mod counters;
mod finalizers;
mod fragment;
mod graph;
mod harness;
mod maps;
mod mutator;
mod objects;
mod pooling;
mod probe;
mod progress;
mod random;
mod recorder;
mod recording;
mod registry;
mod request;
mod schedule;
mod slices;
mod slowest;
mod stacks;
mod stores;
mod text;
mod threads;
mod ticker;
mod trees;
mod watcher;
mod workload;

use std::io::{self, BufRead, Write};
use std::process;

use harness::{Failure, Harness};
use request::Request;

const EXIT_DONE: i32 = 0;
const EXIT_BROKEN: i32 = 1;
const EXIT_REQUEST: i32 = 2;
const EXIT_INVARIANT: i32 = 3;
const EXIT_UNABLE: i32 = 5;

fn main() {
    process::exit(run(
        &mut io::stdin().lock(),
        &mut io::stdout().lock(),
        &mut io::stderr().lock(),
    ));
}

/// Answers one request and returns the exit status. A wrong request leaves stdout empty.
fn run(stdin: &mut dyn BufRead, stdout: &mut dyn Write, stderr: &mut dyn Write) -> i32 {
    let checked = Request::parse(stdin)
        .map_err(|complaint| (EXIT_REQUEST, complaint))
        .and_then(|mut request| match registry::construct(&mut request) {
            Ok(works) => Ok((request, works)),
            Err(complaint) if request.cannot => Err((EXIT_UNABLE, complaint)),
            Err(complaint) => Err((EXIT_REQUEST, complaint)),
        });
    let (request, works) = match checked {
        Ok(checked) => checked,
        Err((status, complaint)) => {
            // There is nobody left to tell if stderr is closed too; the status says it all.
            let _ = writeln!(stderr, "runner: {complaint}");
            return status;
        }
    };
    let mut harness = Harness::new(request, works, stdin, stdout);
    let status = match harness.execute() {
        Ok(()) => EXIT_DONE,
        Err(Failure::Invariant(what)) => match harness.print("error", what).and_then(|()| harness.flush()) {
            Ok(()) => EXIT_INVARIANT,
            Err(_) => EXIT_BROKEN,
        },
        Err(Failure::Stream(error)) => {
            let _ = writeln!(stderr, "runner: {error}");
            EXIT_BROKEN
        }
    };
    // The process is about to end: taking the live set apart object by object would only keep the driver waiting.
    std::mem::forget(harness);
    status
}
