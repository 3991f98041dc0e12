//! The parts of a self-test: each plans what it knows the truth of, runs it as a suite is run, and compares.

use std::collections::BTreeMap;
use std::path::Path;

use super::lab::{Lab, RECORDING, verdict};
use super::recording::recorded_stops;
use crate::analyze;
use crate::artifact::axis::Axis;
use crate::artifact::envelope;
use crate::artifact::exit::{End, Exit};
use crate::artifact::interference::{Disturbance, Interference, Stalled};
use crate::artifact::plan::{Collector, Work};
use crate::artifact::recorder::Recorder;
use crate::artifact::selftest::{PartName, Proof};
use crate::prove::design::{self, Shape};
use crate::prove::resample::{self, Run, Slowdown};
use crate::prove::{cost, instruments, jfr, stalls};
use crate::stats::derive_seed;

/// Slowdowns that are tried, thousandths; the first is the one that must be found.
const DRAGS: [u64; 2] = [50, 100];
/// Fresh processes a cell for comparing instruments, and for what recording takes from throughput.
const FEW: u32 = 3;
/// Operations of a loop that records every other stretch: some hundred stretches.
const ALTERNATING: (u64, u64) = (40_000, 5_000);

/// None when the person stopped it.
type Proofs = anyhow::Result<Option<Vec<Proof>>>;

impl Lab<'_> {
    pub fn part(&self, name: PartName) -> Proofs {
        match name {
            PartName::Stalls => self.stalls(),
            PartName::Aa => self.equal_runs(),
            PartName::Power => self.power(),
            PartName::Instruments => self.instruments(),
            PartName::Cost => self.cost(),
        }
    }

    fn stalls(&self) -> Proofs {
        let Some(work) = design::open(self.scheduled) else {
            return Ok(Some(no_work("stalls")));
        };
        let mut shapes = Vec::new();
        let mut layouts = BTreeMap::new();
        for (length, count) in stalls::LENGTHS {
            let (asked, seconds) = stalls::layout(length, count, self.seed());
            let shape = Shape {
                seconds: Some(seconds),
                ..Shape::named(format!("+stalls-{}ms", length.0 / 1_000_000))
            };
            layouts.insert(shape.work(work), (length, count, asked));
            shapes.push((work, shape, self.collectors()));
        }
        let plan = design::plan(self.scheduled, &shapes, 1, self.seed());
        let mut interference = Interference::default();
        for invocation in &plan.invocations {
            let layout = plan.cell(&invocation.cell).and_then(|c| layouts.get(&c.work));
            if let Some((_, _, asked)) = layout {
                let disturbance = Disturbance {
                    stalls: asked.clone(),
                    unsampled: false,
                };
                interference.of.insert(invocation.id.clone(), disturbance);
            }
        }
        let Some(measured) = self.measure("stalls", plan, &interference)? else {
            return Ok(None);
        };
        let mut proofs = Vec::new();
        for (collector, (id, (length, count, _))) in self
            .collectors()
            .iter()
            .flat_map(|c| layouts.iter().map(move |l| (c, l)))
        {
            let cell = format!("{id}/{}", collector.name);
            for observation in measured.observations.iter().filter(|o| o.cell == cell) {
                let raw = measured.dir.raw(&observation.invocation);
                let request = std::fs::read_to_string(raw.request())?;
                proofs.push(stalls::proof(
                    observation,
                    &request,
                    &stalled(&raw.stalls())?,
                    &collector.label,
                    (*length, *count),
                ));
            }
        }
        // By collector, then by length.
        let place = |p: &Proof| {
            let of = |label: &str| self.base.collectors.iter().position(|c| c.label == label);
            let number = p.what.split(' ').find_map(|w| w.parse::<u64>().ok());
            (of(&p.subject), number)
        };
        proofs.sort_by_key(place);
        Ok(Some(proofs))
    }

    fn equal_runs(&self) -> Proofs {
        let Some(collector) = self.one() else {
            return Ok(Some(no_work("equal runs")));
        };
        let mut wanted: Vec<(&Work, Shape, Vec<&Collector>)> = Vec::new();
        for work in Axis::ALL
            .iter()
            .flat_map(|axis| design::works_of(self.base, *axis))
        {
            if !wanted.iter().any(|(w, _, _)| w.id == work.id) {
                wanted.push((work, Shape::default(), vec![collector]));
            }
        }
        let plan = design::plan(self.base, &wanted, self.base.rounds, self.seed());
        let Some(measured) = self.measure("aa", plan, &Interference::default())? else {
            return Ok(None);
        };
        let mut proofs = Vec::new();
        for axis in Axis::ALL {
            let works = design::works_of(&measured.plan, axis);
            let pools: Vec<Vec<Run>> = works
                .iter()
                .map(|w| resample::runs(&measured.samples, &format!("{}/{}", w.id, collector.name)))
                .collect();
            if axis == Axis::Pause && !collector.collects() {
                let why = "it has no collector, so nothing pauses";
                proofs.push(Proof::not_applicable(
                    axis.title().to_lowercase(),
                    &collector.label,
                    why,
                ));
                continue;
            }
            let least = pools.iter().map(Vec::len).min().unwrap_or(0);
            let mut sizes = vec![least / 2, self.each];
            sizes.dedup();
            for each in sizes {
                let made = |trial: u32, seed: u64| {
                    let sides = works.iter().zip(&pools).map(|(work, runs)| {
                        let seed = derive_seed(seed, &[&work.id, &trial.to_string()]);
                        resample::split(work, runs, each, seed)
                    });
                    sides.collect::<Option<Vec<_>>>()
                };
                let Some(tally) = self.judged(axis, collector, &measured, made)? else {
                    return Ok(None);
                };
                proofs.push(resample::no_winner(axis, &collector.label, least, each, &tally));
            }
        }
        Ok(Some(proofs))
    }

    fn power(&self) -> Proofs {
        let Some(work) = design::roomiest(self.base).filter(|_| self.one().is_some()) else {
            return Ok(Some(no_work("slowdowns")));
        };
        let drag = |permille: u64| match permille {
            0 => Shape::default(),
            _ => Shape::named(format!("+drag-{permille}")).with("drag_permille", permille),
        };
        let wanted: Vec<_> = std::iter::once(0)
            .chain(DRAGS)
            .map(|permille| (work, drag(permille), self.collectors()))
            .collect();
        let rounds = self.base.rounds.div_ceil(2);
        let plan = design::plan(self.base, &wanted, rounds, self.seed());
        let Some(measured) = self.measure("power", plan, &Interference::default())? else {
            return Ok(None);
        };
        let mut proofs = Vec::new();
        for collector in self.collectors() {
            let pool =
                |permille: u64| resample::runs(&measured.samples, &drag(permille).cell(work, collector));
            let plain = pool(0);
            let mut slowdowns = Vec::new();
            for permille in DRAGS {
                let slow = pool(permille);
                let mut tallies = BTreeMap::new();
                for each in [self.each, 2 * self.each] {
                    let made = |trial: u32, seed: u64| {
                        let (permille, trial) = (permille.to_string(), trial.to_string());
                        let seed = derive_seed(seed, &[&collector.name, &permille, &trial]);
                        resample::draw(work, &plain, &slow, each, seed).map(|sides| vec![sides])
                    };
                    let Some(tally) = self.judged(Axis::Throughput, collector, &measured, made)? else {
                        return Ok(None);
                    };
                    tallies.insert(each, tally);
                }
                slowdowns.push(Slowdown {
                    permille,
                    measured: median(&slow) / median(&plain),
                    tallies,
                });
            }
            proofs.push(resample::found(&collector.label, self.each, DRAGS[0], &slowdowns));
        }
        Ok(Some(proofs))
    }

    fn instruments(&self) -> Proofs {
        let Some(work) = design::closed(self.base) else {
            return Ok(Some(no_work("instruments")));
        };
        let here = self.collectors();
        let mut wanted = vec![(work, Shape::default(), here.clone())];
        let unified: Vec<&Collector> = here.iter().filter(|c| c.log == "unified").copied().collect();
        let recorded: Vec<&Collector> = unified
            .iter()
            .filter(|c| self.tool(work, c).is_some())
            .copied()
            .collect();
        let settings = self.dir.join("instruments").join("stops.jfc");
        let shape = Shape {
            arguments: jfr::flags(&std::path::absolute(&settings)?),
            ..Shape::named("+jfr")
        };
        if !recorded.is_empty() {
            envelope::write_atomic(&settings, jfr::SETTINGS.as_bytes())?;
            wanted.push((work, shape.clone(), recorded));
        }
        let plan = design::plan(self.base, &wanted, FEW, self.seed());
        let Some(measured) = self.measure("instruments", plan, &Interference::default())? else {
            return Ok(None);
        };
        let mut proofs = Vec::new();
        for collector in here {
            let cell = Shape::default().cell(work, collector);
            proofs.extend(instruments::proofs(&collector.label, &measured.finished(&cell)));
            if !unified.iter().any(|c| c.name == collector.name) {
                continue;
            }
            let Some(tool) = self.tool(work, collector) else {
                let why = "no jfr tool beside its java";
                proofs.push(Proof::not_applicable(jfr::what(), &collector.label, why));
                continue;
            };
            let cell = shape.cell(work, collector);
            let runs = measured.finished(&cell);
            proofs.push(match runs.first() {
                Some(run) => recorded_stops(&tool, &measured.dir, run, collector),
                None => Proof::failed(
                    jfr::what(),
                    &collector.label,
                    "no process recorded itself to its end",
                ),
            });
        }
        Ok(Some(proofs))
    }

    /// `jfr` beside the collector's `java`.
    fn tool(&self, work: &Work, collector: &Collector) -> Option<std::path::PathBuf> {
        let cell = self
            .base
            .cells
            .iter()
            .find(|c| c.work == work.id && c.collector == collector.name)?;
        let program = Path::new(cell.argv.first()?).canonicalize().ok()?;
        Some(program.parent()?.join("jfr")).filter(|tool| tool.is_file())
    }

    fn cost(&self) -> Proofs {
        let Some((work, collector)) = design::closed(self.base).zip(self.one()) else {
            return Ok(Some(no_work("cost")));
        };
        let (ops, warmup) = ALTERNATING;
        let alternating = Shape::named("+alternate")
            .with("alternate", 1)
            .with("threads", 1)
            .with("ops", ops)
            .with("warmup_ops", warmup);
        let roomy = design::roomiest(self.base).unwrap_or(work);
        let plan = design::plan(
            self.base,
            &[(roomy, alternating.clone(), self.collectors())],
            FEW,
            self.seed(),
        );
        // Its answers have a histogram that no run of a suite has, so they are not observed.
        let Some(dir) = self.run(RECORDING, &plan, &Interference::default())? else {
            return Ok(None);
        };
        let recorder: Recorder = envelope::read(dir.root())?;
        let mut proofs = cost::recording(&analyze::recorder_costs(&recorder));
        for collector in self.collectors() {
            let cell = alternating.cell(roomy, collector);
            let mut outputs = Vec::new();
            for invocation in plan.invocations.iter().filter(|i| i.cell == cell) {
                let raw = dir.raw(&invocation.id);
                let exit: Exit = envelope::read_at(&raw.exit(), dir.root())?;
                if exit.end == (End::Exited { status: 0 }) {
                    outputs.push(String::from_utf8_lossy(&std::fs::read(raw.stdout())?).into_owned());
                }
            }
            proofs.push(cost::throughput(&roomy.workload, &collector.label, &outputs));
        }

        let (with, without) = (Shape::default(), Shape::named("+unsampled"));
        let wanted = [
            (work, with.clone(), vec![collector]),
            (work, without.clone(), vec![collector]),
        ];
        let rounds = self.base.rounds.div_ceil(2);
        let plan = design::plan(self.base, &wanted, rounds, self.seed());
        let left_out = without.cell(work, collector);
        let unsampled = plan.invocations.iter().filter(|i| i.cell == left_out);
        let interference = Interference {
            of: unsampled
                .map(|i| {
                    let disturbance = Disturbance {
                        stalls: Vec::new(),
                        unsampled: true,
                    };
                    (i.id.clone(), disturbance)
                })
                .collect(),
        };
        let Some(pairs) = self.measure("cost/sampling", plan, &interference)? else {
            return Ok(None);
        };
        proofs.extend(cost::driver(&pairs.analysis.instrument));
        let a = resample::runs(&pairs.samples, &with.cell(work, collector));
        let b = resample::runs(&pairs.samples, &left_out);
        let sides = resample::draw(work, &a, &b, a.len().min(b.len()), self.seed());
        let verdict = sides.and_then(|sides| {
            let noise = pairs.analysis.noise.as_ref();
            let (plan, analysis) = resample::trial(
                &pairs.plan,
                Axis::Throughput,
                collector,
                &[sides],
                noise,
                self.seed(),
            );
            verdict(&plan, &analysis, Axis::Throughput, self.seed())
        });
        proofs.push(cost::sampler(&collector.label, verdict.as_ref()));
        Ok(Some(proofs))
    }
}

/// Of wall time, ns; NaN without a run.
fn median(runs: &[Run]) -> f64 {
    let headline = Axis::Throughput.headline();
    let values: Vec<f64> = runs
        .iter()
        .filter_map(|r| r.values.get(headline).copied())
        .collect();
    crate::stats::median(&values).unwrap_or(f64::NAN)
}

/// No stage of the suite can be proven without its work: the suite is at fault.
fn no_work(what: &str) -> Vec<Proof> {
    let why = "the suite `selftest` has no work for it, or no collector can run here";
    vec![Proof::failed(what, "", why)]
}

/// The stalls that the driver made; none where it could make none.
fn stalled(path: &Path) -> anyhow::Result<Vec<Stalled>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut reader = csv::Reader::from_path(path)?;
    let rows: Result<Vec<Stalled>, csv::Error> = reader.deserialize().collect();
    Ok(rows?)
}
