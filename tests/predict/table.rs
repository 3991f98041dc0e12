//! Predicted beside measured: medians over the rounds.

use std::fmt;

use gcrucible::explain::predict::{Forecast, Setting};
use gcrucible::stats::median;

use super::measured::Measured;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    Cycles,
    Allocated,
    Peak,
    Cpu,
}

const FIGURES: [(Figure, &str, f64); 4] = [
    (Figure::Cycles, "cycles/s", 0.15),
    (Figure::Allocated, "MB per cycle", 0.15),
    (Figure::Peak, "peak heap, MB", 0.15),
    (Figure::Cpu, "GC CPU, %", 0.25),
];

#[derive(Clone, Debug)]
pub struct Row {
    pub collector: String,
    pub workload: String,
    pub present: Setting,
    pub setting: Setting,
    /// As [`FIGURES`], each round's.
    predicted: [Vec<f64>; 4],
    measured: [Vec<f64>; 4],
    notes: Vec<String>,
}

impl Row {
    /// Predicted / measured - 1; None where nothing was predicted in some round.
    pub fn error(&self, figure: Figure) -> Option<f64> {
        let at = FIGURES.iter().position(|f| f.0 == figure)?;
        if self.predicted[at].len() < self.measured[at].len() {
            return None;
        }
        Some(median(&self.predicted[at])? / median(&self.measured[at])? - 1.0)
    }

    /// Predicted and measured.
    pub fn medians(&self, figure: Figure) -> (f64, f64) {
        let of = |each: &[Vec<f64>; 4]| {
            let at = FIGURES.iter().position(|f| f.0 == figure);
            at.and_then(|at| median(&each[at])).unwrap_or(f64::NAN)
        };
        (of(&self.predicted), of(&self.measured))
    }

    pub fn note(&self) -> &str {
        self.notes.last().map_or("", String::as_str)
    }
}

#[derive(Default)]
pub struct Table(Vec<Row>);

impl Table {
    pub fn rows(&self) -> &[Row] {
        &self.0
    }

    pub fn add(
        &mut self,
        collector: &str,
        workload: &str,
        present: Setting,
        forecast: &Forecast,
        measured: &Measured,
    ) {
        let setting = forecast.setting;
        let found = self
            .0
            .iter()
            .position(|r| r.workload == workload && r.setting == setting);
        let at = found.unwrap_or_else(|| {
            self.0.push(Row {
                collector: collector.into(),
                workload: workload.into(),
                present,
                setting,
                predicted: Default::default(),
                measured: Default::default(),
                notes: Vec::new(),
            });
            self.0.len() - 1
        });
        let row = &mut self.0[at];
        let peak = forecast.peak_heap.map(|b| b.0 as f64);
        let allocated = forecast.allocated_per_cycle.map(|b| b.0 as f64);
        let predicted = [forecast.cycles_per_s, allocated, peak, forecast.gc_cpu_share];
        let seen = [
            measured.cycles_per_s,
            measured.allocated_per_cycle,
            measured.peak_heap,
            measured.gc_cpu_share,
        ];
        for (n, (predicted, seen)) in predicted.into_iter().zip(seen).enumerate() {
            let scale = [1.0, 1.0 / (1 << 20) as f64, 1.0 / (1 << 20) as f64, 100.0][n];
            row.predicted[n].extend(predicted.map(|p| p * scale));
            row.measured[n].push(seen * scale);
        }
        row.notes.push(forecast.note());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| collector | work | from | to | figure | predicted | measured | error | target |"
        )?;
        writeln!(f, "|---|---|---|---|---|---:|---:|---:|---|")?;
        for row in &self.0 {
            for (n, (figure, name, target)) in FIGURES.into_iter().enumerate() {
                let measured = median(&row.measured[n]).unwrap_or(f64::NAN);
                let (collector, workload) = (&row.collector, &row.workload);
                write!(
                    f,
                    "| {collector} | {workload} | {} | {} | {name} | ",
                    row.present, row.setting
                )?;
                match row.error(figure) {
                    Some(error) => {
                        let predicted = median(&row.predicted[n]).unwrap_or(f64::NAN);
                        let met = if error.abs() <= target { "met" } else { "missed" };
                        writeln!(
                            f,
                            "{predicted:.2} | {measured:.2} | {:+.0} % | {met} |",
                            error * 100.0
                        )?;
                    }
                    None => writeln!(f, "not known | {measured:.2} | | |")?,
                }
            }
        }
        let unknown = self
            .0
            .iter()
            .filter(|row| FIGURES.iter().any(|f| row.error(f.0).is_none()));
        for row in unknown {
            writeln!(
                f,
                "{} {} {}: {}",
                row.collector,
                row.workload,
                row.setting,
                row.note()
            )?;
        }
        Ok(())
    }
}
