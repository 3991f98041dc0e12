//! A board with something of everything.

use gcrucible::artifact::outcome::Outcome;
use gcrucible::artifact::plan::{Mode, Purpose};
use gcrucible::artifact::unit::{Bytes, Ns};
use gcrucible::artifact::usage::{Seen, Usage};
use gcrucible::expose::Board;
use gcrucible::expose::board::{Current, Latest, Pauses, Run, Scrape, Totals};

pub const USED: Usage = Usage {
    user: Ns(1_250_000_000),
    system: Ns(250_000_000),
    minor_faults: 7_000,
    major_faults: 3,
};

/// Of one collector and one cell, with these names; a process of it runs.
pub fn board(collector: &str, cell: &str) -> Board {
    let board = Board::default();
    let (collector, cell) = (collector.to_owned(), cell.to_owned());
    board.tell(|told| {
        told.run = Some(Run {
            suite: cell.clone(),
            version: "1.2.3".into(),
            planned: 12,
        });
        told.current = Some(Current {
            cell: cell.clone(),
            workload: cell.clone(),
            collector: collector.clone(),
            runtime: collector.clone(),
            mode: Mode::Open,
            round: 2,
            purpose: Purpose::Measure,
        });
        told.outcomes = Outcome::NAMES.map(|name| (name.to_owned(), 1)).into();
        let mut pauses = Pauses::default();
        pauses.add(&[(Ns(20_000), 3), (Ns(2_000_000_000), 1)], Ns(2_000_060_000));
        let totals = Totals {
            used: USED,
            pauses: Some(pauses),
            cycles: Some(9),
            gc_cpu: Some(Ns(500_000_000)),
            stalled: Some(Ns(4_000_000)),
            allocated: Some(Bytes(1 << 40)),
        };
        told.collectors.insert(collector.clone(), totals);
        let latest = Latest {
            collector: collector.clone(),
            response: vec![(0.5, 80_000.0), (0.999, 12_000_000.0)],
            saturated: false,
        };
        told.latest.insert(cell, latest);
    });
    let seen = Seen {
        usage: USED,
        resident: Some(Bytes(64 << 20)),
        threads: 17,
    };
    board.watch(&collector, Box::new(move || Some(seen)));
    board.answered(Scrape {
        at: Ns(1),
        cpu: Ns(900_000),
    });
    board
}
