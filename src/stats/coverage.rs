//! How often do the intervals hold the truth that they are for? From coverage.csv, which simulation made
//! (`UPDATE_COVERAGE=1 cargo test --test stats coverage`): what the nominal level is worth, for a report to print.

/// Intervals of nominal 95 % that are in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// [`super::median_interval`].
    Median,
    /// Of [`super::ratio_of_medians`], over one group, with 1000 resamples.
    Ratio,
    /// Of [`super::ratio_by_rounds`], over one group whose rounds have a log-normal factor (sigma 0.3) that both sides share.
    Rounds,
}

impl Interval {
    pub fn id(self) -> &'static str {
        match self {
            Interval::Median => "median",
            Interval::Ratio => "ratio",
            Interval::Rounds => "rounds",
        }
    }
}

/// Shares, 0..1, of simulated samples of `n` values (a side) in which the interval held the truth, over the shapes that were simulated: log-normal
/// (sigma 0.2 and 0.8), exponential, Pareto (2.5), Student's t (3), and log-normal with every tenth value five times as large.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coverage {
    /// The largest number of values in the table that is no more than was asked for.
    pub n: usize,
    pub least: f64,
    pub most: f64,
}

/// Shares of trials between which an interval of nominal 95 % does what it says.
pub const AS_PROMISED: (f64, f64) = (0.93, 0.97);

impl Coverage {
    pub fn is_as_promised(&self) -> bool {
        self.least >= AS_PROMISED.0 && self.most <= AS_PROMISED.1
    }
}

/// None below the smallest number of values in the table.
pub fn coverage(of: Interval, n: usize) -> Option<Coverage> {
    let rows = || rows().filter(|row| row.interval == of.id() && row.n <= n);
    let n = rows().map(|row| row.n).max()?;
    let shares = || rows().filter(|row| row.n == n).map(|row| row.share);
    Some(Coverage {
        n,
        least: shares().fold(1.0, f64::min),
        most: shares().fold(0.0, f64::max),
    })
}

struct Row {
    interval: &'static str,
    n: usize,
    share: f64,
}

/// interval,n,shape,trials,held,held of the first
fn rows() -> impl Iterator<Item = Row> {
    include_str!("coverage.csv").lines().skip(1).filter_map(|line| {
        let mut fields = line.split(',');
        let interval = fields.next()?;
        let n = fields.next()?.parse().ok()?;
        let (trials, held): (f64, f64) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(Row {
            interval,
            n,
            share: held / trials,
        })
    })
}
