//! The lines that show something best, of however many there are.

use crate::artifact::event::Place;
use crate::artifact::finding::{Evidence, Finding, Measure};
use crate::artifact::unit::{Bytes, Ns};

#[derive(Clone, Debug, Default)]
pub struct Worst {
    /// Largest first.
    kept: Vec<(u64, Evidence)>,
}

impl Worst {
    pub fn time(&mut self, duration: Ns, place: Place, what: &str) {
        self.offer(duration.0, Measure::Time(duration), place, what);
    }

    pub fn size(&mut self, bytes: Bytes, place: Place, what: &str) {
        self.offer(bytes.0, Measure::Size(bytes), place, what);
    }

    /// Parts per million decide the order.
    pub fn share(&mut self, share: f64, place: Place, what: &str) {
        self.offer((share.max(0.0) * 1e6) as u64, Measure::Share(share), place, what);
    }

    pub fn offer(&mut self, weight: u64, figure: Measure, place: Place, what: &str) {
        if self.kept.len() == Finding::EVIDENCE && self.kept.last().is_some_and(|(least, _)| weight <= *least)
        {
            return;
        }
        let at = self.kept.partition_point(|(other, _)| *other >= weight);
        let evidence = Evidence {
            place,
            figure,
            what: what.chars().take(80).collect(),
        };
        self.kept.insert(at, (weight, evidence));
        self.kept.truncate(Finding::EVIDENCE);
    }

    pub fn list(&self) -> Vec<Evidence> {
        self.kept.iter().map(|(_, evidence)| evidence.clone()).collect()
    }
}
