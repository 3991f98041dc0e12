//! Open-loop rates: one absolute rate for every collector of a work, a fraction of the slowest one's measured capacity; and the rungs of
//! ladders, fractions of each collector's own.

use std::collections::BTreeMap;

use super::RunError;
use crate::artifact::calibration::{Calibration, calibrated_at};
use crate::artifact::envelope;
use crate::artifact::exit::{End, Exit};
use crate::artifact::plan::{Capacity, Cell, Invocation, Plan, Purpose};
use crate::artifact::run_dir::RunDir;

pub struct Calibrator {
    found: Calibration,
    /// Work id -> its common rate's fraction, and the cells whose capacities it is a fraction of.
    common: BTreeMap<String, (f64, Vec<String>)>,
    /// Cell id of a rung -> its fraction, and the cell that shows its own capacity.
    own: BTreeMap<String, (f64, String)>,
    settled: bool,
}

impl Calibrator {
    /// Picks up what an earlier, interrupted run of this folder learnt.
    pub fn resume(plan: &Plan, dir: &RunDir) -> Result<Calibrator, RunError> {
        let mut common = BTreeMap::new();
        let mut own = BTreeMap::new();
        for work in &plan.works {
            let cells = || plan.cells.iter().filter(|c| c.work == work.id);
            if let Some(ladder) = &work.ladder {
                own.extend(cells().filter_map(|cell| {
                    let shown = |c: &&Cell| c.work == *ladder && c.collector == cell.collector;
                    let shown = plan.cells.iter().find(shown)?;
                    Some((cell.id.clone(), (cell.load.as_ref()?.fraction, shown.id.clone())))
                }));
            } else if let Some(load) = cells().find_map(|c| c.load.as_ref()) {
                let source = calibrated_at(&plan.works, &plan.cells, work);
                let shown = plan.cells.iter().filter(|c| c.work == source.id);
                let shown = shown.map(|c| c.id.clone()).collect();
                common.insert(work.id.clone(), (load.fraction, shown));
            }
        }
        let settled = dir.root().join("calibration.json").exists();
        let found = if settled {
            envelope::read(dir.root())?
        } else {
            Calibration::default()
        };
        let mut calibrator = Calibrator {
            found,
            common,
            own,
            settled,
        };
        if !settled {
            for invocation in plan
                .invocations
                .iter()
                .filter(|i| i.purpose == Purpose::Calibrate)
            {
                let path = dir.raw(&invocation.id).exit();
                if path.exists() {
                    let exit: Exit = envelope::read_at(&path, dir.root())?;
                    calibrator.learn(plan, dir, invocation, &exit)?;
                }
            }
        }
        Ok(calibrator)
    }

    /// Notes the capacity that a calibration run showed.
    pub fn learn(
        &mut self,
        plan: &Plan,
        dir: &RunDir,
        invocation: &Invocation,
        exit: &Exit,
    ) -> Result<(), RunError> {
        if invocation.purpose != Purpose::Calibrate || exit.end != (End::Exited { status: 0 }) {
            return Ok(());
        }
        let path = dir.raw(&invocation.id).stdout();
        let text = std::fs::read_to_string(&path).map_err(|source| RunError::Io { path, source })?;
        let field = |key: &str| -> Option<f64> {
            text.lines()
                .find_map(|l| l.strip_prefix(key)?.strip_prefix('=')?.parse().ok())
        };
        if let (Some(ops), Some(begin), Some(end)) = (field("ops"), field("mark.begin"), field("mark.end"))
            && end > begin
            && plan.cell(&invocation.cell).is_some()
        {
            let capacity = ops / ((end - begin) / 1e9);
            let runs = self.found.runs.entry(invocation.cell.clone()).or_default();
            runs.push(capacity);
            // What a run reached once with luck is not what a collector carries.
            let least = runs.iter().copied().fold(f64::INFINITY, f64::min);
            self.found.capacity.insert(invocation.cell.clone(), least);
        }
        Ok(())
    }

    /// Chooses the rates, once, and writes calibration.json.
    pub fn settle(&mut self, dir: &RunDir) -> Result<Vec<(String, f64)>, RunError> {
        if self.settled {
            return Ok(Vec::new());
        }
        self.settled = true;
        let capacity = &self.found.capacity;
        for (work, (fraction, cells)) in &self.common {
            let known = cells.iter().filter_map(|cell| capacity.get(cell));
            let slowest = known.copied().fold(f64::INFINITY, f64::min);
            if slowest.is_finite() {
                self.found
                    .rate
                    .insert(work.clone(), rounded(slowest * fraction, 2));
            }
        }
        for (rung, (fraction, cell)) in &self.own {
            if let Some(capacity) = capacity.get(cell) {
                self.found
                    .own
                    .insert(rung.clone(), rounded(capacity * fraction, 3));
            }
        }
        envelope::write(dir.root(), &self.found, &["plan.json"])?;
        Ok(self.found.rate.iter().map(|(w, r)| (w.clone(), *r)).collect())
    }

    /// Why an open-loop cell has no rate.
    pub fn without_rate(cell: &Cell) -> String {
        match cell.load.as_ref().map(|l| l.of) {
            Some(Capacity::Own) => {
                "no rate: this collector's own capacity is not known, its calibration failed".to_owned()
            }
            _ => "no rate: every calibration of this work failed".to_owned(),
        }
    }

    /// The request as it is sent, and the rate it offers.
    pub fn request(
        &self,
        plan: &Plan,
        cell: &Cell,
        purpose: Purpose,
    ) -> (Vec<(String, String)>, Option<f64>) {
        let mut request = cell.request.clone();
        let Some(load) = &cell.load else {
            return (request, None);
        };
        let mut set = |key: &str, value: String| match request.iter_mut().find(|(k, _)| k == key) {
            Some(entry) => entry.1 = value,
            None => request.push((key.to_owned(), value)),
        };
        if purpose == Purpose::Calibrate {
            set("mode", "closed".into());
            return (request, None);
        }
        let found = match load.of {
            Capacity::Slowest => self.found.rate.get(&cell.work),
            Capacity::Own => self.found.own.get(&cell.id),
        };
        let rate = load.rate.or_else(|| found.copied());
        if let Some(rate) = rate {
            let threads = plan.work(&cell.work).map_or(1, |w| w.threads.max(1));
            let ops = (rate * load.seconds / f64::from(threads)).ceil().max(1.0);
            set("ops", format!("{ops}"));
            set("rate", format!("{}", rate.round().max(1.0)));
        }
        (request, rate)
    }
}

/// Rounded down to so many significant digits: a rate is a choice, and should look like one.
fn rounded(value: f64, digits: i32) -> f64 {
    let magnitude = 10f64.powf(value.log10().floor() + 1.0 - f64::from(digits));
    (value / magnitude).floor() * magnitude
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn rates_are_round_and_never_above_what_was_asked() {
        assert_eq!(rounded(48_731.0, 2), 48_000.0);
        assert_eq!(rounded(1_999.9, 2), 1_900.0);
        assert_eq!(rounded(14_619.3, 3), 14_600.0);
    }
}
