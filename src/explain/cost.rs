//! CPU of the collector, as far as a log tells.

use super::evidence::Worst;
use crate::artifact::event::{GoCpu, Place};
use crate::artifact::explanation::{Attribution, Cost};
use crate::artifact::unit::Ns;

/// Phases that lie within another one that is told too (G1: Concurrent Mark).
const NESTED: &[&str] = &["Concurrent Mark From Roots", "Concurrent Preclean"];

#[derive(Clone, Debug, Default)]
pub struct Spent {
    // JVM.
    lines: u64,
    cpu: u64,
    phases: u64,
    // Go.
    cycles: u64,
    cycle_cpu: u64,
    assists: u64,
    all_cycles_cpu: u64,
    idle: u64,
    /// CPU time that there was, over whole periods.
    available: u128,
    /// Of the cycle in hand, until its end is known.
    open: Option<(GoCpu, Place)>,
    ended: Option<u64>,
    pub procs: Option<u32>,
    /// Cycles that took most.
    pub costly: Worst,
    /// Cycles in which mutators did the largest share of the work.
    pub assisted: Worst,
}

impl Spent {
    pub fn cpu_line(&mut self, user: Ns, system: Ns) {
        self.lines += 1;
        self.cpu = self.cpu.saturating_add(user.0).saturating_add(system.0);
    }

    pub fn phase(&mut self, name: &str, duration: Ns) {
        if !NESTED.contains(&name) {
            self.phases = self.phases.saturating_add(duration.0);
        }
    }

    pub fn go(&mut self, cpu: &GoCpu, place: Place) {
        self.procs = Some(cpu.procs);
        self.open = Some((*cpu, place));
    }

    /// The cycle whose CPU was told last has ended.
    pub fn go_cycle(&mut self, end: Option<u64>) {
        let Some((cpu, place)) = self.open.take() else {
            return;
        };
        let parts = [
            cpu.sweep_termination,
            cpu.assist,
            cpu.background,
            cpu.mark_termination,
        ];
        let spent = parts.iter().fold(0u64, |sum, part| sum.saturating_add(part.0));
        self.cycles += 1;
        self.all_cycles_cpu = self.all_cycles_cpu.saturating_add(spent);
        self.assists = self.assists.saturating_add(cpu.assist.0);
        self.idle = self.idle.saturating_add(cpu.idle.0);
        self.costly.time(Ns(spent), place, "CPU of this cycle");
        if spent > 0 {
            self.assisted.share(
                cpu.assist.0 as f64 / spent as f64,
                place,
                "assists in this cycle's CPU",
            );
        }
        // What went before the first cycle is not in the log, so a period begins with a cycle's end.
        if let (Some(end), Some(before)) = (end, self.ended) {
            self.cycle_cpu = self.cycle_cpu.saturating_add(spent);
            self.available += u128::from(end.saturating_sub(before)) * u128::from(cpu.procs);
        }
        self.ended = end.or(self.ended);
    }

    pub fn restart(&mut self) {
        (self.open, self.ended) = (None, None);
    }

    pub fn figures(&self, span: Option<Ns>, cpus: Option<u32>, stops: Ns) -> Option<Cost> {
        if self.cycles > 0 {
            return Some(Cost {
                attribution: Attribution::TraceCpu,
                cpu: Ns(self.all_cycles_cpu),
                share: (self.available > 0).then(|| self.cycle_cpu as f64 / self.available as f64),
                assists: (self.all_cycles_cpu > 0).then(|| self.assists as f64 / self.all_cycles_cpu as f64),
                idle: Ns(self.idle),
            });
        }
        // A collector without such lines may still write a few, for its full collections.
        let (attribution, in_stops) = if self.cpu >= stops.0 / 2 && self.lines > 0 {
            (Attribution::CpuLinesAndPhases, self.cpu)
        } else {
            (Attribution::StopsAndPhases, stops.0)
        };
        let cpu = in_stops.saturating_add(self.phases);
        let available = span.zip(cpus).map(|(span, cpus)| span.0 as f64 * f64::from(cpus));
        (cpu > 0).then(|| Cost {
            attribution,
            cpu: Ns(cpu),
            share: available.filter(|a| *a > 0.0).map(|a| cpu as f64 / a),
            assists: None,
            idle: Ns(0),
        })
    }
}
