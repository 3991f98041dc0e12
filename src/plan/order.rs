//! In which order processes run: calibration first, then rounds outside and works inside, in blocks: what will be compared runs next to each
//! other, within seconds, and blocks and their members are shuffled in each round, so that a machine that drifts treats every cell alike (a
//! randomized complete block design; docs/METHOD.md, *By rounds*).

use std::collections::BTreeSet;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use crate::artifact::calibration::calibrated_at;
use crate::artifact::plan::{Cell, Invocation, Mode, Purpose, Work};

/// Calibration runs of a cell, of which the least counts. They are apart in time, so that one disturbance does not meet both.
const CALIBRATIONS: usize = 2;

pub fn invocations(works: &[Work], cells: &[Cell], rounds: u32, seed: u64) -> Vec<Invocation> {
    let mut all = Vec::new();
    let sources = sources(works, cells);
    let free = |c: &&Cell| c.load.as_ref().is_some_and(|l| l.rate.is_none());
    let calibrated = || cells.iter().filter(free).filter(|c| sources.contains(&*c.work));
    for _ in 0..CALIBRATIONS {
        for cell in calibrated() {
            all.push(invocation("c", all.len() + 1, cell, 0, Purpose::Calibrate));
        }
    }
    for round in 1..=rounds {
        let these: Vec<&Work> = works
            .iter()
            .filter(|w| w.rounds.is_none_or(|most| round <= most))
            .collect();
        let order = in_blocks(
            &these,
            cells,
            &mut Pcg64::seed_from_u64(seed.wrapping_add(u64::from(round))),
        );
        for (index, cell) in order.into_iter().enumerate() {
            all.push(invocation(
                &format!("r{round}"),
                index + 1,
                cell,
                round,
                Purpose::Measure,
            ));
        }
    }
    all
}

/// All cells of these works once: those of a work together, works of one block, task or ladder around them, each level shuffled.
fn in_blocks<'a>(works: &[&'a Work], cells: &'a [Cell], rng: &mut Pcg64) -> Vec<&'a Cell> {
    let mut tasks: Vec<(&str, Vec<&Work>)> = Vec::new();
    for work in works {
        let together = work.block.as_deref().or(work.ladder.as_deref());
        let task = together.unwrap_or_else(|| work.task());
        match tasks.iter_mut().find(|(name, _)| *name == task) {
            Some((_, members)) => members.push(*work),
            None => tasks.push((task, vec![*work])),
        }
    }
    tasks.shuffle(rng);
    let mut order = Vec::with_capacity(cells.len());
    for (_, mut members) in tasks {
        members.shuffle(rng);
        for work in members {
            let mut block: Vec<&Cell> = cells.iter().filter(|c| c.work == work.id).collect();
            block.shuffle(rng);
            order.extend(block);
        }
    }
    order
}

/// Works whose capacities set a common rate, or the rates of a ladder.
fn sources<'a>(works: &'a [Work], cells: &[Cell]) -> BTreeSet<&'a str> {
    let open = works.iter().filter(|w| w.mode == Mode::Open);
    open.map(|work| match &work.ladder {
        Some(ladder) => ladder.as_str(),
        None => calibrated_at(works, cells, work).id.as_str(),
    })
    .collect()
}

/// `r1-007-cache.open-64MiB-go`: sorts in the order of running, and says what it is.
fn invocation(prefix: &str, index: usize, cell: &Cell, round: u32, purpose: Purpose) -> Invocation {
    let name: String = cell
        .id
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' {
                c
            } else {
                '-'
            }
        })
        .collect();
    Invocation {
        id: format!("{prefix}-{index:03}-{name}"),
        cell: cell.id.clone(),
        round,
        purpose,
    }
}
