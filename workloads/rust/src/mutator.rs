//! The mutator threads.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::Builder;

use hdrhistogram::Histogram;

use crate::allocator::{self, Account};
use crate::clock::now;
use crate::progress::{Progress, new_progress};
use crate::random::fold;
use crate::recorder::{new_histogram, record, record_closed};
use crate::slowest::{Slowest, new_slowest};
use crate::workload::{Parcel, Workload};

/// One thread's workload and what it records.
#[repr(align(128))] // two cache lines: no thread writes to another's
pub struct Mutator {
    pub index: usize,
    pub work: Box<dyn Workload>,
    pub sum: u64, // checksum so far
    pub service: Histogram<u64>,
    pub response: Histogram<u64>,      // open loop only
    pub slow: Slowest,                 // open loop only
    pub arrivals: Vec<u64>,            // open loop only
    pub ratio: Option<Histogram<u64>>, // of neighbouring stretches, alternate=1 only
    pub progress: Progress,            // closed loop with record > 0 and alternate=0 only
    pub broken: Option<String>,        // the invariant that verify found broken
    pub parcel: Option<Parcel>,        // what another thread is to free
    pub allocated: u64,                // by this thread, at the end of its last phase
}

impl Mutator {
    fn new(index: usize, work: Box<dyn Workload>) -> Mutator {
        Mutator {
            index,
            work,
            sum: 0,
            service: new_histogram(),
            response: new_histogram(),
            slow: new_slowest(0),
            arrivals: Vec::new(),
            ratio: None,
            progress: new_progress(0, 0),
            broken: None,
            parcel: None,
            allocated: 0,
        }
    }

    /// The loop without a clock: warm-up, and the window of a request with record=0.
    pub fn operate(&mut self, ops: u64) {
        for _ in 0..ops {
            self.sum = fold(self.sum, self.work.operation());
        }
    }

    /// The loop with a clock: the end of one operation is the start of the next. After each few in a row it leaves out
    /// `skip`; what is left out is neither timed nor chosen by how long anything took.
    pub fn operate_recorded(&mut self, mut ops: u64, skip: u64) {
        let mut last = now();
        while ops > 0 {
            let row = IN_A_ROW.min(ops);
            for _ in 0..row {
                self.sum = fold(self.sum, self.work.operation());
                last = record_closed(&mut self.service, last);
            }
            ops -= row;
            let left = skip.min(ops);
            if left > 0 {
                self.operate(left);
                ops -= left;
                last = now();
            }
        }
    }

    /// The loop with a clock that also times each block: two more readings a block, and nothing an operation.
    pub fn operate_in_blocks(&mut self, mut ops: u64, skip: u64) {
        let mut last = now();
        for block in 0..self.progress.durations.len() {
            let some = self.progress.block.min(ops);
            self.operate_recorded(some, skip);
            ops -= some;
            let done = now();
            self.progress.durations[block] = done - last;
            last = done;
        }
    }

    /// Records the inner or the outer two of each four stretches of operations and keeps their ratio to the other two, in parts
    /// per million: neighbours differ by what recording costs, and by little else. Which two follows the Thue-Morse sequence,
    /// since no period of a collector keeps step with that.
    pub fn operate_alternately(&mut self, ops: u64, skip: u64) {
        let mut ratio = self.ratio.take().unwrap_or_else(new_histogram);
        for four in 0..ops / (4 * STRETCH) {
            let outer = four.count_ones() % 2 == 1;
            let start = now();
            self.operate_stretch(outer, skip);
            let before = now();
            self.operate_stretch(!outer, skip);
            self.operate_stretch(!outer, skip);
            let after = now();
            self.operate_stretch(outer, skip);
            let (inside, around) = (after - before, now() - after + before - start);
            let recorded = if outer { around } else { inside };
            record(&mut ratio, recorded * 1_000_000 / (inside + around - recorded));
        }
        self.operate(ops % (4 * STRETCH));
        self.ratio = Some(ratio);
    }

    fn operate_stretch(&mut self, recorded: bool, skip: u64) {
        if recorded {
            self.operate_recorded(STRETCH, skip);
        } else {
            self.operate(STRETCH);
        }
    }

    /// `operate_recorded` for a runner that is to be slower by a known share: after each operation it spins for so many
    /// thousandths of what the operation took, and the spinning is part of what is recorded.
    pub fn operate_dragged(&mut self, ops: u64, permille: u64) {
        let mut last = now();
        for _ in 0..ops {
            self.sum = fold(self.sum, self.work.operation());
            let done = now();
            let until = done + (done - last) * permille / 1000;
            while now() < until {}
            last = record_closed(&mut self.service, last);
        }
    }
}

/// With record=2 so many operations in a row are recorded, of each sixteen.
pub const IN_A_ROW: u64 = 4;
pub const OF_EACH: u64 = 16;
/// How many operations `operate_alternately` does between two looks at the clock: a fraction of a millisecond, so that
/// neighbours find the same machine.
const STRETCH: u64 = 4 * OF_EACH;

type Phase = Arc<dyn Fn(&mut Mutator) + Send + Sync>;

/// Threads that live as long as the process and do its phases in turn, so that each keeps its own caches of the
/// allocator, and the driver finds its CPU time by name at every hold.
pub struct Mutators {
    threads: Vec<Thread>,
}

struct Thread {
    mutator: Arc<Mutex<Mutator>>, // locked by the thread during a phase, by the harness between two
    account: Account,             // of what the thread has asked of the allocator
    phases: SyncSender<Phase>,
    done: Receiver<()>,
}

impl Mutators {
    pub fn start(works: Vec<Box<dyn Workload>>) -> Mutators {
        let start = |(index, work)| Thread::start(Mutator::new(index, work));
        Mutators {
            threads: works.into_iter().enumerate().map(start).collect(),
        }
    }

    /// Has every thread do the phase and waits for the last.
    pub fn all(&self, phase: impl Fn(&mut Mutator) + Send + Sync + 'static) {
        let phase: Phase = Arc::new(phase);
        for thread in &self.threads {
            thread
                .phases
                .send(Arc::clone(&phase))
                .expect("a mutator thread is gone");
        }
        for thread in &self.threads {
            thread.done.recv().expect("a mutator thread panicked");
        }
    }

    /// Has each thread hand what it parts with to the next one, which frees it in the coming operation. All threads have met
    /// in between, so that what arrives does not depend on scheduling.
    pub fn exchange(&self) {
        self.all(|m| m.parcel = m.work.hand_over());
        let mut held = self.held();
        for t in 0..held.len() {
            let next = (t + 1) % held.len();
            if let Some(parcel) = held[t].parcel.take() {
                held[next].work.receive(parcel);
            }
        }
    }

    /// Adds up a figure of the mutators. Between phases only, as `held`.
    pub fn total(&self, of: impl Fn(&Mutator) -> u64) -> u64 {
        self.held().iter().map(|m| of(m)).sum()
    }

    /// What each thread has asked of the allocator so far, at any time.
    pub fn accounts(&self) -> Vec<Account> {
        self.threads.iter().map(|thread| thread.account.clone()).collect()
    }

    /// The mutators, in the order of their threads.
    pub fn held(&self) -> Vec<MutexGuard<'_, Mutator>> {
        self.threads
            .iter()
            .map(|thread| thread.mutator.lock().expect("nobody panicked"))
            .collect()
    }
}

impl Thread {
    fn start(mutator: Mutator) -> Thread {
        let name = format!("mutator-{}", mutator.index);
        let mutator = Arc::new(Mutex::new(mutator));
        let own = Arc::clone(&mutator);
        let account = Account::default();
        let shown = account.clone();
        let (phases, orders) = sync_channel::<Phase>(1);
        let (report, done) = sync_channel(1);
        let work = move || {
            shown.open_during(|| {
                for phase in orders {
                    let mut m = own.lock().expect("nobody panicked");
                    phase(&mut m);
                    m.allocated = allocator::allocated();
                    drop((m, phase)); // nothing of the thread's is left to do when it reports
                    if report.send(()).is_err() {
                        return; // the harness has given up
                    }
                }
            });
        };
        Builder::new().name(name).spawn(work).expect("a thread starts");
        Thread {
            mutator,
            account,
            phases,
            done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::sleep_until;
    use crate::request::tests::{parse, request_for};

    #[test]
    fn every_thread_does_every_phase_under_its_own_name() {
        let (_, works) = parse(&request_for("churn", &["threads=3"])).unwrap();
        let mutators = Mutators::start(works);
        for _ in 0..4 {
            mutators.all(|m| {
                assert_eq!(
                    std::thread::current().name(),
                    Some(format!("mutator-{}", m.index).as_str())
                );
                m.sum += m.index as u64 + 1;
            });
        }
        assert_eq!(mutators.total(|m| m.sum), 4 * (1 + 2 + 3));
    }

    /// A workload whose operation is a sleep.
    struct Sleeper;

    const SLEPT: u64 = 2_000_000;

    impl Workload for Sleeper {
        fn setup(&mut self) {}
        fn operation(&mut self) -> u64 {
            sleep_until(now() + SLEPT)
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

    /// Of operations of 2 ms a drag of a half makes 3: never less, whatever the machine does besides.
    #[test]
    fn drag_makes_each_operation_longer_by_its_share() {
        let mut mutator = Mutator::new(0, Box::new(Sleeper));
        mutator.operate_dragged(10, 500);
        let service = &mutator.service;
        assert_eq!(service.len(), 10);
        assert!(service.min() >= SLEPT * 3 / 2 * 999 / 1000, "{}", service.min());
    }

    #[test]
    fn a_dragged_run_is_the_same_work() {
        let sums = [0, 500].map(|drag| {
            let (_, works) = parse(&request_for("churn", &["threads=1"])).unwrap();
            let mutators = Mutators::start(works);
            mutators.all(|m| m.work.setup());
            mutators.all(move |m| {
                if drag > 0 {
                    m.operate_dragged(40, drag);
                } else {
                    m.operate_recorded(40, 0);
                }
            });
            mutators.total(|m| m.sum)
        });
        assert_eq!(sums[0], sums[1]);
    }

    #[test]
    fn allocations_are_summed_over_the_threads() {
        let (_, works) = parse(&request_for("churn", &["threads=2"])).unwrap();
        let mutators = Mutators::start(works);
        mutators.all(|m| m.arrivals = vec![1; 1000]);
        let first = mutators.total(|m| m.allocated);
        mutators.all(|m| m.arrivals = vec![1; 1000]);
        let grown = mutators.total(|m| m.allocated) - first;
        assert!((16_000..17_000).contains(&grown), "{grown}"); // waiting for a phase takes a few bytes too
    }
}
