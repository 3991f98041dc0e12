//! CPU of a process's threads once a second inside its window: what a collector with threads of its own spent in each.
//!
//! A look takes some 10 to 25 us a thread (its name and its account are a file each): about half a millisecond a second for a JVM of 40 threads at
//! most, and nothing of it is in the process itself.

use std::fmt::Write;

use super::procfs;

/// How far apart looks are due.
const EVERY_NS: u64 = 1_000_000_000;
/// A process of more threads is left alone: looking at them would be part of what is measured.
const MOST_THREADS: usize = 128;

/// seconds.csv as it grows.
pub struct Seconds {
    pid: u32,
    text: String,
    /// When the window began, CLOCK_MONOTONIC; None outside of it.
    begun: Option<u64>,
    due: u64,
}

impl Seconds {
    pub fn of(pid: u32) -> Seconds {
        Seconds {
            pid,
            text: "t_ns,tid,name,cpu_ns\n".into(),
            begun: None,
            due: 0,
        }
    }

    /// Looks if it is time to: when the window begins, every second from there, and when it has ended.
    pub fn look(&mut self, inside: bool) {
        let now = procfs::now().0;
        match (self.begun, inside) {
            (None, false) => return,
            (Some(_), true) if now < self.due => return,
            (begun, true) => {
                let begun = *self.begun.insert(begun.unwrap_or(now));
                self.due = begun + ((now - begun) / EVERY_NS + 1) * EVERY_NS;
            }
            (Some(_), false) => self.begun = None,
        }
        for thread in procfs::threads_up_to(self.pid, MOST_THREADS) {
            let name = thread.name_for_csv();
            // Writing to a String cannot fail.
            let _ = writeln!(self.text, "{now},{},{name},{}", thread.tid, thread.cpu.0);
        }
    }

    /// The file's text; None where nothing was seen.
    pub fn text(self) -> Option<String> {
        self.text.lines().nth(1).is_some().then_some(self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Instants of the looks, in their order.
    fn looks(seconds: &Seconds) -> Vec<u64> {
        let mut all: Vec<u64> = seconds
            .text
            .lines()
            .skip(1)
            .map(|line| line.split(',').next().unwrap().parse().unwrap())
            .collect();
        all.dedup();
        all
    }

    #[test]
    fn it_looks_at_both_ends_of_a_window_and_when_a_look_is_due() {
        let mut seconds = Seconds::of(std::process::id());
        seconds.look(false);
        assert_eq!(looks(&seconds).len(), 0, "before the window");
        seconds.look(true);
        seconds.look(true);
        assert_eq!(looks(&seconds).len(), 1, "a second is not over");
        let begun = seconds.begun.unwrap();
        assert_eq!(seconds.due, begun + EVERY_NS);
        seconds.due = begun;
        seconds.look(true);
        assert_eq!(looks(&seconds).len(), 2);
        assert_eq!(seconds.due, begun + EVERY_NS, "looks do not drift");
        seconds.look(false);
        seconds.look(false);
        assert_eq!(looks(&seconds).len(), 3, "after the window");
        assert!(seconds.text().unwrap().starts_with("t_ns,tid,name,cpu_ns\n"));
    }

    #[test]
    fn a_process_that_is_gone_leaves_no_text() {
        let mut seconds = Seconds::of(u32::MAX);
        seconds.look(true);
        seconds.look(false);
        assert_eq!(seconds.text(), None);
    }
}
