//! In which order processes run: calibration first, then rounds outside and cells inside, shuffled per round, so that a machine that
//! drifts treats every cell alike (METHOD, rule 16).

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use crate::artifact::plan::{Cell, Invocation, Purpose, Work};

pub fn invocations(works: &[Work], cells: &[Cell], rounds: u32, seed: u64) -> Vec<Invocation> {
    let mut all = Vec::new();
    let mut calibrated: Vec<&str> = Vec::new();
    for work in works {
        // A series is offered one rate, found at its smallest payload.
        let series_done = work.series.as_deref().is_some_and(|s| calibrated.contains(&s));
        let mut any = false;
        for cell in cells.iter().filter(|c| c.work == work.id) {
            if cell.load.as_ref().is_some_and(|l| l.rate.is_none()) && !series_done {
                any = true;
                all.push(invocation("c", all.len() + 1, cell, 0, Purpose::Calibrate));
            }
        }
        if let (true, Some(series)) = (any, work.series.as_deref()) {
            calibrated.push(series);
        }
    }
    for round in 1..=rounds {
        let mut order: Vec<&Cell> = cells.iter().collect();
        order.shuffle(&mut Pcg64::seed_from_u64(seed.wrapping_add(u64::from(round))));
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
