//! raw/ -> observed/, work by work: what was observed before and is still true is read, the rest is parsed.

use super::{ObserveError, agreement, invocation};
use crate::artifact::RunDir;
use crate::artifact::envelope::Parents;
use crate::artifact::observation::Observation;
use crate::artifact::outcome::Outcome;
use crate::artifact::plan::{Cell, Invocation, Plan};

/// What an observation is made from, beside plan.json.
const RAW_FILES: [&str; 10] = [
    "exit.json",
    "request",
    "stdout",
    "stderr",
    "gc.log",
    "memory.csv",
    "phases.csv",
    "threads.csv",
    "seconds.csv",
    "control.hist",
];

/// A digest of the sources of this stage (build.rs): what another revision of the readers saw is seen again.
const READERS: &str = env!("GCRUCIBLE_READERS");

/// Observes a run folder. Runs can only be judged beside all others of their work (do their checksums agree?), so a work is the
/// smallest piece; threads may take a work each.
pub struct Observer<'a> {
    plan: &'a Plan,
    dir: &'a RunDir,
    parents: Parents,
    anew: bool,
}

/// An observation, and its outcome in `observed/`, None where it is not there or not to be relied on.
struct Seen {
    observation: Observation,
    stored: Option<Outcome>,
}

impl<'a> Observer<'a> {
    /// Relies on what `observed/` holds, where it was made by these readers from the files that are there now.
    pub fn new(plan: &'a Plan, dir: &'a RunDir) -> Result<Self, ObserveError> {
        Ok(Observer {
            plan,
            dir,
            parents: Parents::knowing(dir.root(), &["plan.json"])?,
            anew: false,
        })
    }

    /// Relies on nothing that was observed before.
    pub fn anew(plan: &'a Plan, dir: &'a RunDir) -> Result<Self, ObserveError> {
        let observer = Self::new(plan, dir)?;
        Ok(Observer {
            anew: true,
            ..observer
        })
    }

    /// Every invocation that has run, in the plan's order.
    pub fn all(&self) -> Result<Vec<Observation>, ObserveError> {
        self.of(&self.plan.invocations.iter().collect::<Vec<_>>())
    }

    /// Those of `invocations` that have run (have an exit.json), in their order; observed/ holds them afterwards. Of each work either all
    /// invocations or none.
    pub fn of(&self, invocations: &[&Invocation]) -> Result<Vec<Observation>, ObserveError> {
        let mut seen = Vec::new();
        for invocation in invocations {
            seen.extend(self.look(invocation)?);
        }
        let (mut observations, stored): (Vec<Observation>, Vec<Option<Outcome>>) =
            seen.into_iter().map(|s| (s.observation, s.stored)).unzip();
        agreement::gate(self.plan, self.dir, &mut observations)?;
        for (observation, stored) in observations.iter().zip(stored) {
            if stored.as_ref() != Some(&observation.outcome) {
                self.store(observation)?;
            }
        }
        Ok(observations)
    }

    fn look(&self, invocation: &Invocation) -> Result<Option<Seen>, ObserveError> {
        let raw = self.dir.raw(&invocation.id);
        if !raw.exit().exists() {
            return Ok(None);
        }
        let stored = if self.anew { None } else { self.stored(invocation) };
        if let Some(mut observation) = stored {
            let stored = Some(observation.outcome.clone());
            // Only the gate says so, and it asks again: other runs may have come.
            if matches!(observation.outcome, Outcome::ChecksumDiffers { .. }) {
                observation.outcome = Outcome::Finished;
            }
            return Ok(Some(Seen { observation, stored }));
        }
        let observation = self.read(invocation)?;
        Ok(Some(Seen {
            observation,
            stored: None,
        }))
    }

    /// One invocation that has run, from its raw files and before the checksum gate; nothing is written.
    pub fn read(&self, invocation: &Invocation) -> Result<Observation, ObserveError> {
        let collector = self
            .plan
            .cell(&invocation.cell)
            .and_then(|cell: &Cell| self.plan.collector(&cell.collector))
            .ok_or_else(|| {
                let Invocation { id, cell, .. } = invocation;
                ObserveError::Plan(format!("{id}: no cell `{cell}`, or no collector of its name"))
            })?;
        invocation::read(
            invocation,
            collector,
            &self.dir.raw(&invocation.id),
            &self.parents,
        )
    }

    /// What is stored of this very invocation, if it still holds.
    fn stored(&self, invocation: &Invocation) -> Option<Observation> {
        let parents = self.parents_of(&invocation.id);
        let names: Vec<&str> = parents.iter().map(String::as_str).collect();
        let path = self.dir.observed(&invocation.id);
        let found: Observation = self.parents.stored(&path, &names, READERS)?;
        (found.invocation == invocation.id).then_some(found)
    }

    fn store(&self, observation: &Observation) -> Result<(), ObserveError> {
        let parents = self.parents_of(&observation.invocation);
        let names: Vec<&str> = parents.iter().map(String::as_str).collect();
        let path = self.dir.observed(&observation.invocation);
        Ok(self.parents.store(&path, observation, &names, READERS)?)
    }

    fn parents_of(&self, invocation: &str) -> Vec<String> {
        let raw = RAW_FILES.map(|name| format!("raw/{invocation}/{name}"));
        let there = raw.into_iter().filter(|name| self.dir.root().join(name).exists());
        std::iter::once("plan.json".to_owned()).chain(there).collect()
    }
}
