//! Which live payloads a group has on this machine: those it lists, or doublings from the machine's memory; none that would take it down.

use super::{Machine, PlanError, Selection};
use crate::artifact::definition::quantity;
use crate::artifact::definition::suite::{CellGroup, Grow, MOST_OF_MEMORY};
use crate::artifact::definition::workload::{Preset, WorkloadDef};
use crate::artifact::plan::Budget;

/// What a runtime may need where it is given no budget, as a multiple of the live payload.
const UNLIMITED: f64 = 4.0;
const GIB: f64 = (1u64 << 30) as f64;

/// What a group asks for, and what of it this machine holds.
#[derive(Debug, Default, PartialEq)]
pub struct Sizes {
    /// Bytes, in the order of the suite.
    pub kept: Vec<u64>,
    /// Beyond `grow.to`.
    pub left_out: Vec<u64>,
}

pub fn sizes(
    def: &WorkloadDef,
    preset: &Preset,
    group: &CellGroup,
    selection: &Selection,
    machine: Machine,
) -> Result<Sizes, PlanError> {
    let parameter = &def.parameters["live_bytes"];
    if let Some(live) = selection.live {
        parameter
            .value("live_bytes", &live.to_string())
            .map_err(PlanError::Wrong)?;
        return Ok(Sizes {
            kept: vec![live],
            left_out: Vec::new(),
        });
    }
    let share = match &group.grow.to {
        Some(to) => Some(quantity::share(to, "memory", MOST_OF_MEMORY).map_err(PlanError::Wrong)?),
        None => None,
    };
    let largest = share.map_or(u64::MAX, |share| within(share, &budgets(group), machine));
    let of = |text: &String| quantity::bytes(text).map_err(PlanError::Wrong);
    let asked: Vec<u64> = match (&group.grow.from, &group.live) {
        (Some(from), _) => {
            let from = of(from)?.max(1);
            // The first also where it is too large: somebody has to say so.
            let doublings = std::iter::successors(from.checked_mul(2), |b| b.checked_mul(2));
            std::iter::once(from)
                .chain(doublings.take_while(|b| *b <= largest))
                .collect()
        }
        (None, Some(list)) => list.iter().map(of).collect::<Result<_, _>>()?,
        (None, None) => {
            let usual = preset.parameters.get("live_bytes").unwrap_or(&parameter.default);
            vec![of(usual)?]
        }
    };
    let (kept, left_out): (Vec<u64>, Vec<u64>) = asked.into_iter().partition(|b| *b <= largest);
    match (kept.is_empty(), left_out.iter().min()) {
        (true, Some(smallest)) => Err(PlanError::TooLarge {
            work: format!("{}.{}", def.name, group.mode.id()),
            asked: *smallest,
            largest: whole_mib(largest),
            reason: reason(&budgets(group)),
        }),
        _ => Ok(Sizes { kept, left_out }),
    }
}

pub fn budgets(group: &CellGroup) -> Vec<Budget> {
    let Some(list) = &group.budgets else {
        return vec![Budget::Default];
    };
    list.iter()
        .map(|b| {
            if *b > 0.0 {
                Budget::TimesLive(*b)
            } else {
                Budget::Default
            }
        })
        .collect()
}

/// Refuses a payload with which a runtime would be given more than the machine can spare, and names the largest that fits.
pub fn refuse_too_large(work: &str, live: u64, budget: Budget, machine: Machine) -> Result<(), PlanError> {
    let largest = within(MOST_OF_MEMORY, &[budget], machine);
    if live <= largest {
        return Ok(());
    }
    Err(PlanError::TooLarge {
        work: work.to_owned(),
        asked: live,
        largest: whole_mib(largest),
        reason: reason(&[budget]),
    })
}

/// The largest payload of which the budgets are within that share of memory. Without a budget it is a quarter of memory, whatever the share: that is the heap
/// that a JVM gives itself.
fn within(share: f64, budgets: &[Budget], machine: Machine) -> u64 {
    let memory = machine.memory as f64;
    let of = |budget: &Budget| match budget {
        Budget::TimesLive(times) => share * memory / times,
        Budget::Default => memory / UNLIMITED,
    };
    budgets.iter().map(of).fold(f64::INFINITY, f64::min) as u64
}

fn reason(budgets: &[Budget]) -> String {
    let times = budgets.iter().filter_map(|b| match b {
        Budget::TimesLive(times) => Some(*times),
        Budget::Default => None,
    });
    match times.reduce(f64::max) {
        Some(times) if !budgets.contains(&Budget::Default) => format!(
            "a runtime is given {times} times the payload here, and {} % of memory at most",
            MOST_OF_MEMORY * 100.0
        ),
        _ => format!("a runtime needs about {UNLIMITED} times the payload where it is given no budget"),
    }
}

/// A size that can be typed.
fn whole_mib(bytes: u64) -> u64 {
    bytes >> 20 << 20
}

/// Operations of a thread.
pub fn operations(grow: &Grow, usual: u64, live: u64) -> u64 {
    let grown = grow.ops_per_gib.map_or(0.0, |ops| ops * live as f64 / GIB);
    usual.max(grown as u64)
}

/// Length of an open loop's window.
pub fn seconds(grow: &Grow, usual: f64, live: u64) -> f64 {
    let grown = grow.seconds_per_gib.map_or(0.0, |s| s * live as f64 / GIB);
    usual.max(grown)
}

/// Mutator threads. 256 is the protocol's most.
pub fn threads(grow: &Grow, usual: u32, machine: Machine) -> Result<u32, PlanError> {
    let Some(text) = &grow.threads else {
        return Ok(usual);
    };
    let share = quantity::share(text, "cores", 1.0).map_err(PlanError::Wrong)?;
    Ok(((f64::from(machine.cores) * share) as u32).clamp(2, 256))
}
