//! A sweep over the number of parked threads for the made-up run; one collector cannot do the largest value.

use super::*;

pub const NAME: &str = "stacks.light.closed@64MiB";
pub const VALUES: [u64; 3] = [10, 1_000, 100_000];
/// Who cannot do the largest, and why.
pub const UNABLE: &str = "rust";
pub const REASON: &str = "p.sleepers: 100000 threads do not fit here: at most 31000 (kernel.pid_max)";

pub fn works() -> Vec<Work> {
    let of = |value: u64| {
        let summary = "Many parked threads whose stacks hold all that lives.";
        let mut work = work("stacks", Some("light"), Mode::Closed, 64, &[], None, summary);
        let swept = Swept {
            parameter: "sleepers".into(),
            what: "parked threads of execution, over all mutators".into(),
            value,
        };
        work.id += &swept.suffix();
        work.swept = Some(swept);
        work
    };
    VALUES.map(of).to_vec()
}

/// Is it the cell that cannot be done?
pub fn undone(work: &Work, collector: &str) -> bool {
    collector == UNABLE && work.swept.as_ref().is_some_and(|s| s.value == VALUES[2])
}

/// How much longer pauses and collections are than with one thread.
pub fn growth(work: &Work) -> f64 {
    work.swept
        .as_ref()
        .map_or(1.0, |s| 1.0 + (s.value as f64).log10() / 2.0)
}

/// The rows of what cannot be done.
pub fn failures(plan: &Plan) -> Vec<Failure> {
    let undone = |c: &&Cell| undone(plan.work(&c.work).unwrap(), &c.collector);
    let cells = plan.cells.iter().filter(undone);
    cells
        .flat_map(|c| (1..=ROUNDS).map(|round| (c.id.clone(), round)))
        .map(|(cell, round)| Failure {
            invocation: invocation(&cell, round),
            cell,
            outcome: Outcome::NotStarted {
                reason: REASON.into(),
            },
        })
        .collect()
}
