//! Open-loop rates: one absolute rate for every collector of a work, a fraction of the slowest one's measured capacity.

use std::collections::BTreeMap;

use super::RunError;
use crate::artifact::calibration::Calibration;
use crate::artifact::envelope;
use crate::artifact::exit::{End, Exit};
use crate::artifact::plan::{Cell, Invocation, Plan, Purpose};
use crate::artifact::run_dir::RunDir;

pub struct Calibrator {
    found: Calibration,
    /// Work id -> the work whose calibration it uses: itself, or the smallest of its series.
    source: BTreeMap<String, String>,
    /// Work id -> (fraction, collectors' cells).
    fraction: BTreeMap<String, f64>,
    settled: bool,
}

impl Calibrator {
    /// Picks up what an earlier, interrupted run of this folder learnt.
    pub fn resume(plan: &Plan, dir: &RunDir) -> Result<Calibrator, RunError> {
        let mut source = BTreeMap::new();
        let mut fraction = BTreeMap::new();
        for work in &plan.works {
            let first = plan
                .works
                .iter()
                .find(|w| w.series.is_some() && w.series == work.series && w.mode == work.mode)
                .unwrap_or(work);
            source.insert(work.id.clone(), first.id.clone());
            if let Some(load) = plan
                .cells
                .iter()
                .find(|c| c.work == work.id)
                .and_then(|c| c.load.as_ref())
            {
                fraction.insert(work.id.clone(), load.fraction);
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
            source,
            fraction,
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
            self.found
                .capacity
                .insert(invocation.cell.clone(), ops / ((end - begin) / 1e9));
        }
        Ok(())
    }

    /// Chooses the rates, once, and writes calibration.json.
    pub fn settle(&mut self, dir: &RunDir) -> Result<Vec<(String, f64)>, RunError> {
        if self.settled {
            return Ok(Vec::new());
        }
        self.settled = true;
        for (work, fraction) in &self.fraction {
            let source = &self.source[work];
            let prefix = format!("{source}/");
            let slowest = self
                .found
                .capacity
                .iter()
                .filter(|(cell, _)| cell.starts_with(&prefix))
                .map(|(_, rate)| *rate)
                .fold(f64::INFINITY, f64::min);
            if slowest.is_finite() {
                self.found
                    .rate
                    .insert(work.clone(), two_digits(slowest * fraction));
            }
        }
        envelope::write(dir.root(), &self.found, &["plan.json"])?;
        Ok(self.found.rate.iter().map(|(w, r)| (w.clone(), *r)).collect())
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
        let rate = load.rate.or_else(|| self.found.rate.get(&cell.work).copied());
        if let Some(rate) = rate {
            let threads = plan.work(&cell.work).map_or(1, |w| w.threads.max(1));
            let ops = (rate * load.seconds / f64::from(threads)).ceil().max(1.0);
            set("ops", format!("{ops}"));
            set("rate", format!("{}", rate.round().max(1.0)));
        }
        (request, rate)
    }
}

/// Rounded down to two significant digits: a rate is a choice, and should look like one.
fn two_digits(value: f64) -> f64 {
    let magnitude = 10f64.powf(value.log10().floor() - 1.0);
    (value / magnitude).floor() * magnitude
}

#[cfg(test)]
mod tests {
    use super::two_digits;

    #[test]
    fn rates_are_round_and_never_above_what_was_asked() {
        assert_eq!(two_digits(48_731.0), 48_000.0);
        assert_eq!(two_digits(1_999.9), 1_900.0);
    }
}
