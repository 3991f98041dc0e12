//! Two instruments on the same runs. Of the runs of a cell the one on which they agree least is shown.

use crate::artifact::observation::Observation;
use crate::artifact::selftest::{Bound, Figure, Proof, Unit};
use crate::artifact::unit::Ns;

/// Sampled over the kernel's own: a sample in 10 ms may miss a short peak. It can be above the high water mark, too, since the kernel counts
/// pages in batches of 32 and more a CPU and reads the two figures at different times: some 2 % of a process of 14 MiB on 2 CPUs.
const RSS: (f64, f64) = (0.95, 1.05);
/// Threads over process: the threads' account begins and ends at the holds around the window, the process's inside them, and a thread that
/// ended takes its account with it.
const CPU: (f64, f64) = (0.95, 1.05);
/// Bytes that the runtime says it allocated over bytes asked for: headers and rounding come on top, less is work that was not done.
const ALLOCATED: f64 = 1.0;

/// Each pair of instruments over the finished runs of one cell.
pub fn proofs(subject: &str, runs: &[&Observation]) -> Vec<Proof> {
    vec![
        compare(
            ("sampled RSS over VmHWM, to the end of the window", subject),
            ["highest sample", "VmHWM"],
            Unit::Bytes,
            Bound::Within(RSS.0, RSS.1),
            runs,
            |o| Some((sampled_peak(o)?, o.memory.high_water?.0 as f64)),
        ),
        Proof::not_applicable(
            "sampled RSS over the cgroup's peak",
            subject,
            "a run has no cgroup of its own",
        ),
        compare(
            ("CPU of threads over CPU of the process", subject),
            ["threads (schedstat)", "process"],
            Unit::Ns,
            Bound::Within(CPU.0, CPU.1),
            runs,
            |o| {
                let threads: u64 = o.cpu.threads.values().map(|ns| ns.0).sum();
                Some((threads as f64, o.cpu.process?.0 as f64)).filter(|_| !o.cpu.threads.is_empty())
            },
        ),
        compare(
            ("bytes allocated over bytes asked for", subject),
            ["the runtime's account", "asked for"],
            Unit::Bytes,
            Bound::AtLeast(ALLOCATED),
            runs,
            |o| Some((o.allocated?.0 as f64, o.requested.0 as f64)),
        ),
    ]
}

/// The highest sample up to the hold at the window's end, where VmHWM is read too. The thinned series keeps every peak.
fn sampled_peak(observation: &Observation) -> Option<f64> {
    let end: Ns = *observation.marks.get("end")?;
    let until = observation.memory.series.iter().filter(|(t, _)| *t <= end);
    until.map(|(_, bytes)| bytes.0 as f64).max_by(f64::total_cmp)
}

/// One figure over another, run by run.
fn compare(
    (what, subject): (&str, &str),
    names: [&str; 2],
    unit: Unit,
    bound: Bound,
    runs: &[&Observation],
    of: impl Fn(&Observation) -> Option<(f64, f64)>,
) -> Proof {
    let pairs: Vec<(f64, f64)> = runs
        .iter()
        .filter_map(|o| of(o))
        .filter(|(_, second)| *second > 0.0)
        .collect();
    let distance = |(first, second): &(f64, f64)| (first / second).ln().abs();
    // Where only one side is bounded, the least is the worst.
    let worst = match bound {
        Bound::AtLeast(_) => pairs.iter().min_by(|x, y| (x.0 / x.1).total_cmp(&(y.0 / y.1))),
        _ => pairs.iter().max_by(|x, y| distance(x).total_cmp(&distance(y))),
    };
    let Some((first, second)) = worst.copied() else {
        return Proof::not_applicable(what, subject, "no finished run tells both");
    };
    Proof::of(
        what,
        subject,
        vec![
            Figure::bounded("ratio", first / second, Unit::Ratio, bound),
            Figure::plain(names[0], first, unit),
            Figure::plain(names[1], second, unit),
            Figure::plain("runs", pairs.len() as f64, Unit::Count),
        ],
    )
}
