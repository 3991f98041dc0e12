//! Looks once a second at accounts that only grow: a report takes differences. The heap is not among them: this allocator's account of it
//! walks free lists under the mutators' locks.

use std::fmt::Write;

use crate::allocator::Account;
use crate::clock::{now, process_cpu};

/// How far apart ticks are due, in ns.
pub const TICK_EVERY: u64 = 1_000_000_000;
/// How many a run keeps, more than an hour's; of a longer one the last two are further apart.
pub const MOST_TICKS: usize = 4096;

/// One look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    pub at: u64,        // CLOCK_MONOTONIC
    pub cpu: u64,       // of the process, ns
    pub allocated: u64, // bytes so far, by all mutators
}

/// It is the harness's outside the window and the watcher's inside.
#[derive(Default)]
pub struct Ticker {
    accounts: Vec<Account>,
    ticks: Vec<Tick>,
    due: u64, // CLOCK_MONOTONIC
}

/// Allocates what the ticks need. The accounts are the mutators'.
pub fn new_ticker(accounts: Vec<Account>) -> Ticker {
    Ticker {
        accounts,
        ticks: Vec::with_capacity(MOST_TICKS),
        due: 0,
    }
}

impl Ticker {
    /// Looks now. It never allocates.
    pub fn note(&mut self) {
        let tick = Tick {
            at: now(),
            cpu: process_cpu(),
            allocated: self.accounts.iter().filter_map(Account::allocated).sum(),
        };
        self.ticks.push(tick);
        let first = self.ticks[0].at;
        self.due = first + ((tick.at - first) / TICK_EVERY + 1) * TICK_EVERY;
    }

    /// Looks if it is time to; the last place is kept for the end of the window.
    pub fn note_if_due(&mut self, at: u64) {
        if at >= self.due && self.ticks.len() < MOST_TICKS - 1 {
            self.note();
        }
    }

    pub fn ticks(&self) -> &[Tick] {
        &self.ticks
    }
}

/// Returns `at:cpu:allocated:;...` in order of time; the last field, the heap in use, is not told.
pub fn encode_ticks(ticks: &[Tick]) -> String {
    let mut text = String::new();
    for tick in ticks {
        let separator = if text.is_empty() { "" } else { ";" };
        write!(text, "{separator}{}:{}:{}:", tick.at, tick.cpu, tick.allocated)
            .expect("a String takes every character");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocator::allocated;

    #[test]
    fn a_tick_is_noted_when_it_is_due_and_never_allocates() {
        let mut ticker = new_ticker(Vec::new());
        let before = allocated();
        ticker.note();
        let due = ticker.due;
        assert_eq!(due, ticker.ticks()[0].at + TICK_EVERY);
        ticker.note_if_due(due - 1);
        assert_eq!(ticker.ticks().len(), 1);
        ticker.note_if_due(due);
        assert_eq!(ticker.ticks().len(), 2);
        assert_eq!(allocated(), before);
    }

    #[test]
    fn the_last_place_is_kept_for_the_end_of_the_window() {
        let mut ticker = new_ticker(Vec::new());
        for _ in 0..2 * MOST_TICKS {
            ticker.note_if_due(ticker.due);
        }
        ticker.note();
        assert_eq!(
            (ticker.ticks.len(), ticker.ticks.capacity()),
            (MOST_TICKS, MOST_TICKS)
        );
    }

    #[test]
    fn ticks_are_encoded_in_order() {
        let tick = |at, cpu, allocated| Tick { at, cpu, allocated };
        assert_eq!(
            encode_ticks(&[tick(1, 2, 3), tick(50, 60, 70)]),
            "1:2:3:;50:60:70:"
        );
    }
}
