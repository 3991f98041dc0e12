//! No work but the recorder itself: an operation is so many recordings by the functions that the loops use. Its service
//! time divided by their number is what recording one operation costs here.

use std::hint::black_box;

use hdrhistogram::Histogram;

use crate::clock::{now, sleep_until};
use crate::recorder::{new_histogram, record_closed, record_open};
use crate::request::Request;
use crate::slowest::{Slowest, new_slowest};
use crate::workload::Workload;

#[repr(align(128))] // see Workload
pub struct Recording {
    path: &'static str,
    times: u64,
    service: Histogram<u64>,
    response: Histogram<u64>,
    slow: Slowest,
    due: u64, // values that must have been counted
}

/// The window that a recording's slices are cut from, in ns: about a second, where the driver's rounds take a tenth of it, so
/// that what is noted is spread over many slices as in an open loop.
const SPAN: u64 = 1 << 30;

pub fn new_recording(r: &mut Request, _: usize) -> Box<dyn Workload> {
    Box::new(Recording {
        path: r.word("path", &["clock", "closed", "open", "waited"]),
        times: r.param("times", 1, 1 << 30),
        service: new_histogram(),
        response: new_histogram(),
        slow: new_slowest(SPAN),
        due: 0,
    })
}

impl Workload for Recording {
    fn setup(&mut self) {
        self.slow.begin = now();
    }

    /// Returns how many values it had counted.
    fn operation(&mut self) -> u64 {
        match self.path {
            "clock" => self.clock_reads(),
            "closed" => self.closed_path(),
            "open" => self.open_path(),
            _ => self.waited_path(),
        }
    }

    fn verify(&mut self) -> Result<u64, String> {
        let counted = self.service.len() + self.response.len();
        if counted != self.due {
            let due = self.due;
            return Err(format!("recording: {counted} values counted, {due} recorded"));
        }
        Ok(counted)
    }

    fn live_bytes(&self) -> u64 {
        0
    }

    fn requested_bytes(&self) -> u64 {
        0
    }
}

impl Recording {
    /// The floor under all of them: what the clock takes by itself.
    fn clock_reads(&self) -> u64 {
        for _ in 0..self.times {
            black_box(now());
        }
        0
    }

    /// The closed loop: a clock read and a value.
    fn closed_path(&mut self) -> u64 {
        let mut last = now();
        for _ in 0..self.times {
            last = record_closed(&mut self.service, last);
        }
        self.counted(self.times)
    }

    /// The open loop while requests are waiting: a clock read, two values and a note.
    fn open_path(&mut self) -> u64 {
        let (mut intended, mut start) = (now(), now());
        for _ in 0..self.times {
            let free = record_open(
                &mut self.response,
                &mut self.service,
                &mut self.slow,
                intended,
                start,
            );
            (intended, start) = (start, free); // each is an operation late
        }
        self.counted(2 * self.times)
    }

    /// The open loop where each request was waited for: the read that ends the wait, one more, two values and a note.
    fn waited_path(&mut self) -> u64 {
        let mut free = now();
        for _ in 0..self.times {
            let start = sleep_until(free);
            free = record_open(&mut self.response, &mut self.service, &mut self.slow, free, start);
        }
        self.counted(2 * self.times)
    }

    fn counted(&mut self, values: u64) -> u64 {
        self.due += values;
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_the_recorder_loses_is_found() {
        let mut w = Recording {
            path: "closed",
            times: 100,
            service: new_histogram(),
            response: new_histogram(),
            slow: new_slowest(SPAN),
            due: 0,
        };
        w.operation();
        w.verify().unwrap();
        w.service.reset();
        assert_eq!(
            w.verify().unwrap_err(),
            "recording: 0 values counted, 100 recorded"
        );
    }
}
