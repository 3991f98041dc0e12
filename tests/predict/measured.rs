//! What a run had, counted from its log without the model: from where the heap has reached its level to the last collection that nobody
//! asked for.

use gcrucible::artifact::event::What;

#[derive(Clone, Copy, Debug, Default)]
pub struct Measured {
    pub cycles_per_s: f64,
    pub allocated_per_cycle: f64,
    pub peak_heap: f64,
    pub gc_cpu_share: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct One {
    /// When it ended, in s.
    at: f64,
    level: f64,
    /// Heap at its start, or at the end of marking (Go).
    grown: f64,
    peak: f64,
    /// CPU s since the one before.
    cpu: f64,
}

impl Measured {
    /// ZGC's phases are taken for one worker's, as two CPUs have it; G1's marking too.
    pub fn from(log: &[u8], cpus: u32) -> Measured {
        let mut all: Vec<One> = Vec::new();
        let mut cpu = 0.0;
        let mut regions = false;
        super::events(log, &mut |event| match &event.what {
            What::GoCpu(go) => {
                let ns = go.sweep_termination.0 + go.assist.0 + go.background.0 + go.mark_termination.0;
                cpu += ns as f64 / 1e9;
            }
            What::Setting {
                name: "Heap Region Size",
                ..
            } => regions = true,
            What::Cpu { user, system, .. } => cpu += (user.0 + system.0) as f64 / 1e9,
            What::Phase { duration, .. } | What::Declared { duration, .. } if !regions => {
                cpu += duration.0 as f64 / 1e9
            }
            What::Cycle(cycle) => {
                let (Some(before), Some(after)) = (cycle.before, cycle.after) else {
                    cpu += cycle.duration.map_or(0.0, |d| d.0 as f64 / 1e9);
                    return;
                };
                if cycle.asked {
                    cpu = 0.0;
                    return;
                }
                let begun = cycle.begun.map_or(0, |b| b.0) + cycle.duration.map_or(0, |d| d.0);
                all.push(One {
                    at: event.at.map_or(begun, |at| at.0).max(begun) as f64 / 1e9,
                    level: after.0 as f64,
                    grown: cycle.at_the_end.unwrap_or(before).0 as f64,
                    peak: cycle.at_the_end.unwrap_or(before.max(after)).0 as f64,
                    cpu: std::mem::take(&mut cpu),
                });
            }
            _ => {}
        });
        let mut levels: Vec<f64> = all.iter().map(|one| one.level).collect();
        levels.sort_by(f64::total_cmp);
        let level = levels[levels.len() / 2];
        let first = all.iter().position(|one| one.level > 0.8 * level).unwrap();
        let steady = &all[first..];
        let seconds = steady[steady.len() - 1].at - steady[0].at;
        Measured {
            cycles_per_s: (steady.len() - 1) as f64 / seconds,
            allocated_per_cycle: steady
                .windows(2)
                .map(|w| (w[1].grown - w[0].level).max(0.0))
                .sum::<f64>()
                / (steady.len() - 1) as f64,
            peak_heap: steady.iter().map(|one| one.peak).fold(0.0, f64::max),
            gc_cpu_share: steady[1..].iter().map(|one| one.cpu).sum::<f64>() / (seconds * f64::from(cpus)),
        }
    }
}
