//! Where a grammar tells its events: each gets the time, place and number of the line in hand.

use crate::artifact::event::{Event, Place, What};
use crate::artifact::unit::Ns;

/// Whoever wants to hear a log's events, in the order of its lines.
pub type Listener<'l> = &'l mut dyn FnMut(&Event);

pub struct Out<'l> {
    listener: Listener<'l>,
    at: Option<Ns>,
    place: Place,
    gc: Option<u64>,
}

impl<'l> Out<'l> {
    pub fn new(listener: Listener<'l>) -> Self {
        Out {
            listener,
            at: None,
            place: Place::default(),
            gc: None,
        }
    }

    /// The next events stand in this line.
    pub fn begin(&mut self, at: Option<Ns>, place: Place, gc: Option<u64>) {
        (self.at, self.place, self.gc) = (at, place, gc);
    }

    /// When the line in hand was written.
    pub fn at(&self) -> Option<Ns> {
        self.at
    }

    pub fn place(&self) -> Place {
        self.place
    }

    /// Inlined, so that the event is made where it is heard.
    #[inline]
    pub fn tell(&mut self, what: What) {
        (self.listener)(&Event {
            at: self.at,
            place: self.place,
            gc: self.gc,
            what,
        });
    }
}
