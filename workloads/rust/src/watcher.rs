//! The witness inside the process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread::{Builder, JoinHandle};

use hdrhistogram::Histogram;

use crate::clock::{now, sleep_until};
use crate::recorder::{new_histogram, record};
use crate::ticker::Ticker;

const WATCHER_SLEEP: u64 = 1_000_000;

/// A thread that asks to sleep for 1 ms again and again and records how much later than asked it runs: what it feels,
/// every thread of the process may feel. Awake once a second it has the ticker look, which is in no gap.
pub struct Watcher {
    late: Histogram<u64>, // handed to the thread by start
    ticker: Ticker,       // handed over with it
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<(Histogram<u64>, Ticker)>>,
}

impl Watcher {
    pub fn new(ticker: Ticker) -> Watcher {
        Watcher {
            late: new_histogram(),
            ticker,
            stopped: Arc::default(),
            thread: None,
        }
    }

    pub fn start(&mut self) {
        let mut late = self.late.clone();
        let mut ticker = std::mem::take(&mut self.ticker);
        let stopped = Arc::clone(&self.stopped);
        let ready = Arc::new(Barrier::new(2));
        let running = Arc::clone(&ready);
        let watch = move || {
            running.wait();
            while !stopped.load(Ordering::Relaxed) {
                let due = now() + WATCHER_SLEEP;
                let woke = sleep_until(due);
                record(&mut late, woke - due);
                ticker.note_if_due(woke);
            }
            (late, ticker)
        };
        self.thread = Some(
            Builder::new()
                .name("watcher".into())
                .spawn(watch)
                .expect("a thread starts"),
        );
        ready.wait();
    }

    /// Ends the watch; `late` and `ticker` have its record from then on.
    pub fn stop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            (self.late, self.ticker) = thread.join().expect("the watcher does not panic");
        }
    }

    /// How much later than asked it woke, in ns.
    pub fn late(&self) -> &Histogram<u64> {
        &self.late
    }

    /// For the ends of the window: not while the watch is on.
    pub fn ticker(&mut self) -> &mut Ticker {
        &mut self.ticker
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticker::new_ticker;

    #[test]
    fn the_watcher_wakes_about_a_thousand_times_a_second_and_stops() {
        let mut watcher = Watcher::new(new_ticker(Vec::new()));
        watcher.start();
        sleep_until(now() + 100_000_000);
        watcher.stop();
        let woke = watcher.late().len();
        assert!((5..=101).contains(&woke), "woke {woke} times in 100 ms");
    }
}
