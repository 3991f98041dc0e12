//! Where the parts of a self-test are run: plans in folders of their own, measured as a suite is, and trials put to the judge.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::artifact::analysis::Analysis;
use crate::artifact::axis::Axis;
use crate::artifact::envelope;
use crate::artifact::exit::Exit;
use crate::artifact::host::Host;
use crate::artifact::interference::Interference;
use crate::artifact::observation::Observation;
use crate::artifact::plan::{Collector, Plan, Purpose};
use crate::artifact::run_dir::RunDir;
use crate::artifact::sample::Sample;
use crate::artifact::verdict::Verdict;
use crate::cmd::progress::{Follow, Progress};
use crate::cmd::{STOP, usage};
use crate::prove::resample::{self, Sides, Tally};
use crate::stats::derive_seed;
use crate::{analyze, judge, observe, run};

/// Where recorders are timed, too.
pub const RECORDING: &str = "cost/recording";

pub struct Lab<'a> {
    pub dir: &'a Path,
    /// At calibrated rates.
    pub base: &'a Plan,
    /// At one moderate rate.
    pub scheduled: &'a Plan,
    /// Runs a side at which a slowdown must be found.
    pub each: usize,
}

/// What processes of one plan left, and what the stages after the run say of it.
pub struct Measured {
    pub dir: RunDir,
    pub plan: Plan,
    pub observations: Vec<Observation>,
    pub samples: Vec<Sample>,
    pub analysis: Analysis,
}

impl Lab<'_> {
    /// Those that can run here.
    pub fn collectors(&self) -> Vec<&Collector> {
        let all = self.base.collectors.iter();
        all.filter(|c| c.unavailable.is_none()).collect()
    }

    /// The one that is compared with itself: the first that collects, or else the first.
    pub fn one(&self) -> Option<&Collector> {
        let here = self.collectors();
        here.iter().find(|c| c.collects()).or(here.first()).copied()
    }

    pub fn seed(&self) -> u64 {
        self.base.seed
    }

    /// Runs a plan in a folder of its own, as a suite is run. None when the person stopped it.
    pub fn run(
        &self,
        name: &str,
        plan: &Plan,
        interference: &Interference,
    ) -> anyhow::Result<Option<RunDir>> {
        let dir = RunDir::new(self.dir.join(name));
        if dir.root().join("plan.json").exists() {
            let found: Plan = envelope::read(dir.root()).map_err(usage)?;
            if found != *plan {
                return Err(usage(format!(
                    "{}: was begun with another plan; choose another --out",
                    dir.root().display()
                )));
            }
        } else {
            if !interference.of.is_empty() {
                envelope::write(dir.root(), interference, &[])?;
            }
            // The plan comes last: with it the folder can be run.
            envelope::write(dir.root(), plan, &[])?;
        }
        let own = std::env::current_exe()?;
        let around = run::Surroundings {
            control: vec![own.display().to_string(), "control-watcher".into()],
            stop: &STOP,
        };
        if name == RECORDING {
            run::time_recorders(plan, &dir, &around)?;
        }
        let mut progress = Progress::new(plan);
        let complete = run::execute(plan, &dir, &around, &mut |event| progress.on(event))?;
        progress.finish();
        Ok(complete.then_some(dir))
    }

    /// The same, observed, sampled and summarised.
    pub fn measure(
        &self,
        name: &str,
        plan: Plan,
        interference: &Interference,
    ) -> anyhow::Result<Option<Measured>> {
        let Some(dir) = self.run(name, &plan, interference)? else {
            return Ok(None);
        };
        let observations = observe::parse(&plan, &dir)?;
        let samples = crate::sample::extract(&observations);
        let mut exits: Vec<Exit> = Vec::new();
        for observation in &observations {
            exits.push(envelope::read_at(
                &dir.raw(&observation.invocation).exit(),
                dir.root(),
            )?);
        }
        let analysis = analyze::summarise(&plan, &observations, &samples, &exits, &[]);
        for failure in &analysis.failures {
            eprintln!("{}: {}", failure.invocation, failure.outcome);
        }
        Ok(Some(Measured {
            dir,
            plan,
            observations,
            samples,
            analysis,
        }))
    }

    /// Many trials, by the judge's own rule, on all cores. None when the person stopped it.
    pub fn judged<'p, F>(
        &self,
        axis: Axis,
        collector: &Collector,
        measured: &Measured,
        made: F,
    ) -> anyhow::Result<Option<Tally>>
    where
        F: Fn(u32, u64) -> Option<Vec<Sides<'p>>> + Sync,
    {
        eprintln!(
            "judging {} trials of {}",
            resample::TRIALS,
            axis.title().to_lowercase()
        );
        let seed = derive_seed(self.seed(), &[axis.id()]);
        let noise = measured.analysis.noise.as_ref();
        let next = AtomicU32::new(0);
        let count = || {
            let mut tally = Tally::default();
            while !STOP.load(Ordering::Relaxed) {
                let trial = next.fetch_add(1, Ordering::Relaxed);
                if trial >= resample::TRIALS {
                    break;
                }
                let Some(sides) = made(trial, seed) else { break };
                let seed = derive_seed(seed, &["bootstrap", &trial.to_string()]);
                let (plan, analysis) = resample::trial(&measured.plan, axis, collector, &sides, noise, seed);
                if let Some(verdict) = verdict(&plan, &analysis, axis, seed) {
                    tally.count(&verdict);
                }
            }
            tally
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let tally = std::thread::scope(|scope| {
            let all: Vec<_> = (0..threads).map(|_| scope.spawn(count)).collect();
            let mut sum = Tally::default();
            for thread in all {
                let tally = thread
                    .join()
                    .map_err(|_| anyhow::anyhow!("a trial could not be judged"))?;
                sum.add(&tally);
            }
            Ok::<Tally, anyhow::Error>(sum)
        })?;
        Ok((!STOP.load(Ordering::Relaxed)).then_some(tally))
    }
}

impl Measured {
    /// Valid runs of a cell, in their order.
    pub fn finished(&self, cell: &str) -> Vec<&Observation> {
        let counts =
            |o: &&Observation| o.cell == cell && o.purpose == Purpose::Measure && o.outcome.is_finished();
        self.observations.iter().filter(counts).collect()
    }
}

/// What the judge says of `a` against `b` on the axis. The machine's doubts brand a report and bear on no verdict.
pub fn verdict(plan: &Plan, analysis: &Analysis, axis: Axis, seed: u64) -> Option<Verdict> {
    let verdicts = judge::decide(plan, analysis, &Host::default(), seed).verdicts;
    verdicts.into_iter().find(|v| v.axis == axis)
}
