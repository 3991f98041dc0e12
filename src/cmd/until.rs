//! A run that may end before its last round: rounds are run until headlines are as narrow as the plan's rule asks, or the limit is met.

use std::collections::BTreeMap;

use super::progress::Follow;
use super::{precision, usage};
use crate::artifact::envelope::{self, Body};
use crate::artifact::goal::{Precision, Stopped, Stopping, Why};
use crate::artifact::plan::{Plan, Purpose};
use crate::artifact::run_dir::RunDir;
use crate::artifact::sample::Sample;
use crate::observe::reading::Reading;
use crate::run::{self, Ended, Surroundings};
use crate::{analyze, sample};

/// Runs what is left of the plan, by its rule if it has one; false when the person stopped it.
pub fn execute(
    plan: &Plan,
    dir: &RunDir,
    around: &Surroundings,
    progress: &mut dyn Follow,
) -> anyhow::Result<bool> {
    let Some(rule) = plan.stopping else {
        return Ok(run::execute(plan, dir, around, &mut |event| progress.on(event))?);
    };
    if dir.root().join(Stopped::FILE).exists() {
        return Ok(true);
    }
    let progress = std::cell::RefCell::new(progress);
    let mut watch = Watch::new(plan, dir, rule);
    let mut failed = None;
    let mut more = |after: u32| match watch.wide(after) {
        Ok(wide) => {
            let left = wide.iter().filter(|p| holds_up(p)).count();
            if after >= rule.at_least {
                let words = precision::after_round(after, &wide, left);
                progress.borrow().say(&words);
            }
            after < rule.at_least || left > 0
        }
        Err(error) => {
            failed = Some(error);
            false
        }
    };
    let mut tell = |event: run::Event<'_>| progress.borrow_mut().on(event);
    let ended = run::execute_while(plan, dir, around, &mut tell, &mut more)?;
    if let Some(error) = failed {
        return Err(error);
    }
    let after = match ended {
        Ended::Interrupted => return Ok(false),
        Ended::Enough { after } => after,
        Ended::Complete => plan.rounds,
    };
    let wide = watch.wide(after)?;
    let stopped = Stopped {
        why: if wide.iter().any(holds_up) {
            Why::Limit
        } else {
            Why::Reached
        },
        after,
        wide,
    };
    envelope::write(dir.root(), &stopped, &["plan.json"]).map_err(usage)?;
    Ok(true)
}

/// A headline without a value in any round so far would hardly get one: it is told, but it holds nothing up.
fn holds_up(precision: &Precision) -> bool {
    precision.n > 0
}

/// Looks at a run after each round. What was read stays in memory, so that a look costs what is new.
struct Watch<'a> {
    plan: &'a Plan,
    dir: &'a RunDir,
    rule: Stopping,
    reading: Reading,
    /// Invocation -> its headlines, if it counts.
    samples: BTreeMap<String, Vec<Sample>>,
}

impl<'a> Watch<'a> {
    fn new(plan: &'a Plan, dir: &'a RunDir, rule: Stopping) -> Self {
        Watch {
            plan,
            dir,
            rule,
            reading: Reading::default(),
            samples: BTreeMap::new(),
        }
    }

    /// Headlines that are too wide; none is looked at before the rule's first round.
    fn wide(&mut self, after: u32) -> anyhow::Result<Vec<Precision>> {
        if after < self.rule.at_least {
            return Ok(Vec::new());
        }
        let samples = &mut self.samples;
        self.reading.read_on(self.plan, self.dir, &mut |observation| {
            if observation.purpose == Purpose::Measure && observation.outcome.is_finished() {
                let all = sample::extract(std::slice::from_ref(observation));
                let headlines = analyze::headline_samples(observation, all);
                samples.insert(observation.invocation.clone(), headlines);
            }
        })?;
        let finished = self.reading.finished(self.plan, self.dir)?;
        let counted = self.samples.iter().filter(|(id, _)| finished.contains(*id));
        let all = counted.flat_map(|(_, samples)| samples);
        let found = analyze::precision_of_samples(self.plan, &self.rule.goal, all);
        Ok(found.into_iter().filter(|p| !p.reached()).collect())
    }
}
