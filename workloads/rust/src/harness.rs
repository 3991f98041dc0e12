//! The phases of a run, the holds between them and the report.

use std::fmt::Display;
use std::io::{self, BufRead, BufWriter, Write};

use crate::allocator;
use crate::clock::{now, sleep_until};
use crate::counters::Counters;
use crate::mutator::Mutators;
use crate::probe::{encode_probe, probe};
use crate::progress::{encode_progress, new_progress};
use crate::random::{fold, mix};
use crate::recorder::{encode, merge, new_histogram, record_open};
use crate::request::Request;
use crate::schedule::arrivals;
use crate::slowest::{encode_slowest, merge_slowest, new_slowest};
use crate::ticker::{encode_ticks, new_ticker};
use crate::watcher::Watcher;
use crate::workload::{Value, Workload, touch};

/// Why a run did not finish.
#[derive(Debug)]
pub enum Failure {
    /// The workload lost something, or the driver does not keep to the protocol.
    Invariant(String),
    /// stdin or stdout broke.
    Stream(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Stream(error)
    }
}

/// What fragment reports after each operation.
struct Epoch {
    at: u64,
    live: u64,
    heap: allocator::Heap,
}

/// Runs one request.
pub struct Harness<'a> {
    request: Request,
    mutators: Mutators,
    epochs: Vec<Epoch>,
    litter: Vec<u8>, // the light load's last allocation, published
    input: &'a mut dyn BufRead,
    output: BufWriter<&'a mut dyn Write>,
}

impl<'a> Harness<'a> {
    pub fn new(
        request: Request,
        works: Vec<Box<dyn Workload>>,
        input: &'a mut dyn BufRead,
        output: &'a mut dyn Write,
    ) -> Harness<'a> {
        Harness {
            request,
            mutators: Mutators::start(works),
            epochs: Vec::new(),
            litter: Vec::new(),
            input,
            output: BufWriter::new(output),
        }
    }

    /// Does the request from the first line of the answer to the last.
    pub fn execute(&mut self) -> Result<(), Failure> {
        self.print("protocol", 1)?;
        self.print("runtime", "rust")?;
        let allocator = allocator::version();
        self.print("version", format_args!("{} {allocator}", env!("RUSTC_VERSION")))?;
        self.mark("start", now())?;
        self.setup_all();
        self.mark("setup", now())?;
        self.warm_up();
        self.mark("warmup", now())?;
        let mut watcher = Watcher::new(new_ticker(self.mutators.accounts()));
        self.hold("setup")?;

        let requested = self.mutators.total(|m| m.work.requested_bytes());
        let before = Counters::read(self.mutators.total(|m| m.allocated));
        watcher.ticker().note();
        watcher.start();
        let (begin, end) = self.window();
        watcher.stop();
        let after = Counters::read(self.mutators.total(|m| m.allocated));
        watcher.ticker().note();
        self.mark("begin", begin)?;
        self.mark("end", end)?;
        self.hold("end")?;

        let requested = self.mutators.total(|m| m.work.requested_bytes()) - requested;
        let live = self.mutators.total(|m| m.work.live_bytes());
        let checksum = self.verify_all()?;
        let tries = probe(self.request.probe).map_err(Failure::Invariant)?;
        if self.request.return_ms > 0 {
            self.give_back()?;
        }
        self.force_collection();
        self.force_collection();
        self.mark("rest", now())?;
        let rest = Counters::read(self.mutators.total(|m| m.allocated));
        self.hold("rest")?;

        self.print("ops", self.request.ops * self.request.threads as u64)?;
        self.print("requested_bytes", requested)?;
        self.print("live_bytes", live)?;
        self.print("checksum", format_args!("{checksum:016x}"))?;
        before.print(self, "before")?;
        after.print(self, "after")?;
        rest.print_heap(self, "rest")?;
        self.print("ticks", encode_ticks(watcher.ticker().ticks()))?;
        for (i, e) in std::mem::take(&mut self.epochs).iter().enumerate() {
            // Each of the three allocators keeps both figures; 0 would mean that its account could not be read.
            let (used, committed) = (e.heap.used.unwrap_or(0), e.heap.committed.unwrap_or(0));
            let told = |bytes: Option<u64>| bytes.map_or(String::new(), |bytes| bytes.to_string());
            let (held, waste) = (told(e.heap.held), told(e.heap.waste));
            self.print(
                "epoch",
                format_args!("{i},{},{},{used},{committed},{held},{waste}", e.at, e.live),
            )?;
        }
        if !tries.is_empty() {
            self.print("probe", encode_probe(&tries))?;
        }
        self.print_values()?;
        self.print_histograms(&watcher)?;
        self.print_slowest()?;
        self.print_progress()?;
        self.print("done", 1)?;
        Ok(self.flush()?)
    }

    /// Builds the live set on all threads at once, and before it what they need in open loop.
    fn setup_all(&mut self) {
        if self.request.workload == "fragment" {
            self.epochs.reserve_exact(self.request.ops.min(1 << 16) as usize);
        }
        let r = &self.request;
        let (open, seed, threads, rate, ops) = (r.open, r.seed, r.threads, r.rate, r.ops);
        let (alternate, in_blocks, skip) = (r.alternate, self.in_blocks(), r.skip);
        self.mutators.all(move |m| {
            m.ratio = alternate.then(new_histogram);
            if in_blocks {
                m.progress = new_progress(ops, skip);
            }
            if open {
                m.arrivals = arrivals(seed, m.index, threads, rate, ops);
            }
            m.work.setup();
        });
        if open {
            let held = self.mutators.held();
            let last = held.iter().filter_map(|m| m.arrivals.last().copied()).max(); // intended start of all threads
            drop(held);
            self.mutators
                .all(move |m| m.slow = new_slowest(last.unwrap_or_default()));
        }
    }

    /// Does the operations before the window.
    fn warm_up(&self) {
        let ops = self.request.warmup_ops;
        if self.request.workload != "fragment" {
            self.mutators.all(move |m| m.operate(ops));
            return;
        }
        for _ in 0..ops {
            self.mutators.exchange();
            self.mutators.all(|m| m.operate(1));
        }
    }

    /// Is the window one whose blocks are timed?
    fn in_blocks(&self) -> bool {
        let r = &self.request;
        !r.open && r.record && !r.alternate && r.drag == 0 && r.workload != "fragment"
    }

    /// Runs the measured operations in the loop that the request asks for.
    fn window(&mut self) -> (u64, u64) {
        if self.request.workload == "fragment" {
            self.epoch_loop()
        } else if self.request.open {
            self.open_loop()
        } else {
            self.closed_loop()
        }
    }

    /// Runs operation after operation.
    fn closed_loop(&self) -> (u64, u64) {
        let r = &self.request;
        let (ops, recording, skip, alternate, drag) = (r.ops, r.record, r.skip, r.alternate, r.drag);
        let begin = now();
        self.mutators.all(move |m| {
            if alternate {
                m.operate_alternately(ops, skip);
            } else if drag > 0 {
                m.operate_dragged(ops, drag);
            } else if recording {
                m.operate_in_blocks(ops, skip);
            } else {
                m.operate(ops);
            }
        });
        (begin, now())
    }

    /// Starts each operation at its intended time, or as soon after it as the thread is free. None is skipped.
    fn open_loop(&self) -> (u64, u64) {
        const LEAD: u64 = 1_000_000; // so that every thread is there before the first arrival
        let recording = self.request.record;
        let begin = now() + LEAD;
        self.mutators.all(move |m| {
            m.slow.begin = begin;
            let mut free = 0; // when the last operation ended
            for offset in &m.arrivals {
                let intended = begin + offset;
                let start = if free < intended {
                    sleep_until(intended)
                } else {
                    free
                };
                m.sum = fold(m.sum, m.work.operation());
                free = if recording {
                    record_open(&mut m.response, &mut m.service, &mut m.slow, intended, start)
                } else {
                    now()
                };
            }
            m.arrivals = Vec::new(); // no part of the resting memory
        });
        (begin, now())
    }

    /// Lets all threads meet after each operation, forces a collection (unless force=0) and looks at the heap after a short
    /// rest.
    fn epoch_loop(&mut self) -> (u64, u64) {
        const REST: u64 = 20_000_000;
        let recording = self.request.record;
        let begin = now();
        for _ in 0..self.request.ops {
            self.mutators.exchange();
            self.mutators.all(move |m| {
                if recording {
                    m.operate_recorded(1, 0);
                } else {
                    m.operate(1);
                }
            });
            if self.request.force {
                self.force_collection();
            }
            sleep_until(now() + REST);
            let heap = allocator::heap();
            let live = self.mutators.total(|m| m.work.live_bytes());
            self.epochs.push(Epoch {
                at: now(),
                live,
                heap,
            });
        }
        (begin, now())
    }

    /// There is nothing to force: what is dead has been freed. No malloc_trim or its like either, since a program that
    /// does nothing special does not call it.
    fn force_collection(&self) {}

    /// Folds the walks over the live sets into the checksums and adds these up.
    fn verify_all(&self) -> Result<u64, Failure> {
        self.mutators.all(|m| match m.work.verify() {
            Ok(walk) => m.sum = fold(m.sum, walk),
            Err(what) => m.broken = Some(what),
        });
        let mut checksum = 0u64;
        for (t, m) in self.mutators.held().iter().enumerate() {
            if let Some(what) = &m.broken {
                return Err(Failure::Invariant(format!("thread {t}: {what}")));
            }
            checksum = checksum.wrapping_add(mix(m.sum.wrapping_add(t as u64)));
        }
        Ok(checksum)
    }

    /// Drops the load, asks for the memory back if the request does, and waits under a light load, since an idle runtime may
    /// never look at its heap again.
    fn give_back(&mut self) -> Result<(), Failure> {
        const STEP: u64 = 10_000_000;
        const PORTION: usize = 64 << 10;
        self.mutators.all(|m| m.work.drop_load());
        let dropped = now();
        self.mark("drop", dropped)?;
        if self.request.asks() {
            self.mutators.all(|_| allocator::give_back()); // each has caches of its own
            allocator::give_back();
        }
        let until = dropped + self.request.return_ms * 1_000_000;
        let mut at = dropped;
        while at < until {
            self.litter = vec![0; PORTION];
            touch(&mut self.litter, at);
            at = sleep_until(now() + STEP);
        }
        self.mark("return", now())?;
        self.hold("return")
    }

    /// Says where the runner stands and waits for the line "go", or for the end of stdin.
    fn hold(&mut self, at: &str) -> Result<(), Failure> {
        self.print("hold", at)?;
        self.flush()?;
        let mut line = String::new();
        let read = self.input.read_line(&mut line)?;
        if read == 0 || line.trim() == "go" {
            return Ok(());
        }
        Err(Failure::Invariant(format!(
            "hold={at}: expected the line go, got {:?}",
            line.trim()
        )))
    }

    /// Prints a point in time and lets the driver see it at once.
    fn mark(&mut self, name: &str, at: u64) -> io::Result<()> {
        self.print(&format!("mark.{name}"), at)?;
        self.flush()
    }

    pub fn print(&mut self, key: &str, value: impl Display) -> io::Result<()> {
        writeln!(self.output, "{key}={value}")
    }

    pub fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }

    /// Prints what an experiment measured.
    fn print_values(&mut self) -> io::Result<()> {
        let told: Vec<Value> = self
            .mutators
            .held()
            .iter_mut()
            .flat_map(|m| m.work.values())
            .collect();
        for (name, value) in told {
            let shown = value.map_or(String::new(), |value| value.to_string());
            self.print(&format!("value.{name}"), shown)?;
        }
        Ok(())
    }

    /// Prints ratio (alternate=1), response (open loop), service and watcher.
    fn print_histograms(&mut self, watcher: &Watcher) -> io::Result<()> {
        let held = self.mutators.held();
        let mut lines = Vec::new();
        if self.request.alternate {
            let ratios = held.iter().filter_map(|m| m.ratio.as_ref());
            lines.push(("hist.ratio", encode(&merge(ratios))));
        }
        if self.request.record && self.request.open {
            lines.push(("hist.response", encode(&merge(held.iter().map(|m| &m.response)))));
        }
        if self.request.record {
            lines.push(("hist.service", encode(&merge(held.iter().map(|m| &m.service)))));
        }
        lines.push(("hist.watcher", encode(watcher.late())));
        drop(held);
        lines
            .into_iter()
            .try_for_each(|(key, text)| self.print(key, text))
    }

    /// Prints the slowest requests of the open loop.
    fn print_slowest(&mut self) -> io::Result<()> {
        if !self.request.record || !self.request.open {
            return Ok(());
        }
        let held = self.mutators.held();
        let parts: Vec<_> = held.iter().map(|m| &m.slow).collect();
        let text = encode_slowest(&merge_slowest(&parts));
        drop(held);
        self.print("slowest", text)
    }

    /// Prints how long the blocks of the closed loop took.
    fn print_progress(&mut self) -> io::Result<()> {
        if !self.in_blocks() {
            return Ok(());
        }
        let held = self.mutators.held();
        let parts: Vec<_> = held.iter().map(|m| &m.progress).collect();
        let text = encode_progress(&parts);
        drop(held);
        self.print("progress", text)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::request::tests::{parse, request_for};

    /// A workload that lost something.
    struct Broken;

    impl Workload for Broken {
        fn setup(&mut self) {}
        fn operation(&mut self) -> u64 {
            1
        }
        fn verify(&mut self) -> Result<u64, String> {
            Err("churn: block 7 does not read back".into())
        }
        fn live_bytes(&self) -> u64 {
            0
        }
        fn requested_bytes(&self) -> u64 {
            0
        }
    }

    /// A workload of which one operation takes longer than the others together.
    struct Stalling {
        operations: u64,
    }

    const STALLED: usize = 150;
    const STALL: u64 = 60_000_000;

    impl Workload for Stalling {
        fn setup(&mut self) {}
        fn operation(&mut self) -> u64 {
            self.operations += 1;
            if self.operations == 5 + STALLED as u64 + 1 {
                sleep_until(now() + STALL); // after 5 of warm-up
            }
            0
        }
        fn verify(&mut self) -> Result<u64, String> {
            Ok(0)
        }
        fn live_bytes(&self) -> u64 {
            0
        }
        fn requested_bytes(&self) -> u64 {
            0
        }
    }

    #[test]
    fn a_stalled_operation_is_the_slowest_of_the_slice_in_which_it_was_due_and_only_empty_slices_are_left_out()
     {
        let changes = ["mode=open", "rate=2000", "ops=300"];
        let (request, mut works) = parse(&request_for("churn", &changes)).unwrap();
        works[1] = Box::new(Stalling { operations: 0 });
        let (mut nothing, mut output) = (io::empty(), Vec::new());
        let mut harness = Harness::new(request, works, &mut nothing, &mut output);
        harness.execute().unwrap();
        drop(harness);
        let text = String::from_utf8(output).unwrap();
        let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        let begin: u64 = value("mark.begin=").parse().unwrap();
        let schedules = [0, 1].map(|t| arrivals(42, t, 2, 2000, 300));
        let last = schedules[0][299].max(schedules[1][299]);
        let shift = last.ilog2() - 9; // 512 to 1024 slices
        let told: BTreeMap<u64, u64> = value("slowest=")
            .split(';')
            .map(|entry| entry.split_once(':').unwrap())
            .map(|(at, response)| {
                (
                    (at.parse::<u64>().unwrap() - begin) >> shift,
                    response.parse().unwrap(),
                )
            })
            .collect();
        let due: BTreeSet<u64> = schedules.iter().flatten().map(|at| at >> shift).collect();
        assert_eq!(told.keys().copied().collect::<BTreeSet<u64>>(), due);
        assert!(told[&(schedules[1][STALLED] >> shift)] >= STALL, "{told:?}");
    }

    #[test]
    fn a_broken_invariant_is_reported_as_error() {
        let (request, mut works) = parse(&request_for("churn", &[])).unwrap();
        works[1] = Box::new(Broken);
        let mut output = Vec::new();
        let mut nothing = io::empty();
        let mut harness = Harness::new(request, works, &mut nothing, &mut output);
        let Err(Failure::Invariant(what)) = harness.execute() else {
            panic!("no error")
        };
        assert_eq!(what, "thread 1: churn: block 7 does not read back");
    }
}
