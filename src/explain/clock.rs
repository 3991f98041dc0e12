//! One clock for a log, also where it holds several processes one after the other.

use crate::artifact::event::{Event, Place, What};
use crate::artifact::unit::Ns;

/// A stamp that lies further back than this belongs to another process: writers of one log overtake each other by less, and gctrace
/// stamps are rounded to 1 ms.
const BACK: u64 = 1_000_000_000;

#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Raw stamp of the log's first event; what is told is counted from there.
    origin: Option<u64>,
    /// Added to raw stamps of the process in hand.
    offset: u64,
    /// Of the process in hand, raw: its first and latest.
    first: u64,
    latest: Option<u64>,
    /// Of the processes before it.
    spans: u64,
    /// Banner or collection seen.
    begun: bool,
    /// Go: number of the latest cycle.
    cycle: u64,
    pub processes: u32,
    pub second: Option<Place>,
}

/// What an event means for the clock.
pub struct Tick {
    /// Since the log's first event.
    pub at: Option<u64>,
    /// The event is the first of another process.
    pub restarted: bool,
}

impl Clock {
    pub fn hear(&mut self, event: &Event) -> Tick {
        let restarted = self.processes > 0 && self.is_restart(event);
        if self.processes == 0 || restarted {
            self.processes = self.processes.saturating_add(1);
            self.begun = false;
            self.cycle = 0;
        }
        if restarted {
            self.second = self.second.or(Some(event.place));
            self.restart(event.at);
        }
        match event.what {
            What::Setting {
                name: "Collector", ..
            }
            | What::Cycle(_)
            | What::Stop(_) => self.begun = true,
            _ => {}
        }
        if let (What::Stop(stop), Some(number)) = (&event.what, event.gc)
            && stop.operation == "sweep termination"
        {
            self.cycle = number;
        }
        let at = event.at.map(|at| self.on_the_line(at.0));
        Tick { at, restarted }
    }

    /// Since the log's first event; also for an earlier instant, such as a cycle's begin.
    pub fn place(&self, raw: Ns) -> u64 {
        let origin = self.origin.unwrap_or(0);
        raw.0.saturating_add(self.offset).saturating_sub(origin)
    }

    fn is_restart(&self, event: &Event) -> bool {
        let back = match (event.at, self.latest) {
            (Some(at), Some(latest)) => at.0.saturating_add(BACK) < latest,
            _ => false,
        };
        match &event.what {
            What::Setting {
                name: "Collector", ..
            } => self.begun,
            // Some collections are told long after they ended.
            What::Cycle(_) => false,
            // Go counts its cycles, and tells a stop before anything else of each.
            What::Stop(stop) if stop.operation == "sweep termination" => {
                back || event.gc.is_some_and(|number| number <= self.cycle)
            }
            _ => back,
        }
    }

    fn restart(&mut self, at: Option<Ns>) {
        self.spans = self.spans.saturating_add(self.span_in_hand());
        let latest = self.latest.take();
        if let (Some(at), Some(latest)) = (at, latest) {
            let end = latest.saturating_add(self.offset);
            if at.0.saturating_add(self.offset) < end {
                self.offset = end.saturating_sub(at.0);
            }
        }
    }

    fn span_in_hand(&self) -> u64 {
        self.latest.map_or(0, |latest| latest.saturating_sub(self.first))
    }

    fn on_the_line(&mut self, raw: u64) -> u64 {
        match self.latest {
            None => (self.first, self.latest) = (raw, Some(raw)),
            Some(latest) => self.latest = Some(latest.max(raw)),
        }
        self.origin.get_or_insert(raw.saturating_add(self.offset));
        self.place(Ns(raw))
    }

    /// Time that the log covers; None where it has no clock or a single instant.
    pub fn span(&self) -> Option<Ns> {
        let span = self.spans.saturating_add(self.span_in_hand());
        (span > 0).then_some(Ns(span))
    }
}
