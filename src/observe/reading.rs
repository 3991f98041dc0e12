//! A run in progress, read as it grows: each process once, however often one looks.

use std::collections::BTreeSet;

use super::{ObserveError, Observer, agreement};
use crate::artifact::RunDir;
use crate::artifact::observation::{Observation, Pauses};
use crate::artifact::plan::Plan;

/// What was read so far; of each process only what the checksum gate asks for, lest the driver grow with the run that it measures.
#[derive(Default)]
pub struct Reading {
    light: Vec<Observation>,
    known: BTreeSet<String>,
}

impl Reading {
    /// Reads the invocations that have run since the last time, in the plan's order, and hands each to `take` whole, before the gate.
    pub fn read_on(
        &mut self,
        plan: &Plan,
        dir: &RunDir,
        take: &mut dyn FnMut(&Observation),
    ) -> Result<(), ObserveError> {
        let observer = Observer::anew(plan, dir)?;
        for invocation in &plan.invocations {
            if self.known.contains(&invocation.id) || !dir.raw(&invocation.id).exit().exists() {
                continue;
            }
            let observation = observer.read(invocation)?;
            take(&observation);
            self.known.insert(invocation.id.clone());
            self.light.push(light(observation));
        }
        Ok(())
    }

    /// Invocations that count after the checksum gate, which is asked afresh: a later run may change who is in the majority.
    pub fn finished(&self, plan: &Plan, dir: &RunDir) -> Result<BTreeSet<String>, ObserveError> {
        let mut gated = self.light.clone();
        agreement::gate(plan, dir, &mut gated)?;
        let counts = gated.into_iter().filter(|o| o.outcome.is_finished());
        Ok(counts.map(|o| o.invocation).collect())
    }
}

fn light(mut observation: Observation) -> Observation {
    observation.histograms.clear();
    observation.pauses = Pauses::default();
    observation.stalls = Vec::new();
    observation.cycles = Vec::new();
    observation.slowest = Vec::new();
    observation.ticks = Vec::new();
    observation.epochs = Vec::new();
    observation.probes = Vec::new();
    observation.memory.series = Vec::new();
    observation
}
