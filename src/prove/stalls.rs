//! Stalls of known length against what an open loop says of them.
//!
//! A request that was due while the process stood still cannot have completed before the process went on: its response time is at least what
//! was left of the stall. The driver knows the schedule and both ends of each stall, so the response times must hold, one for one, a
//! value for each such request: the largest matching of the recorded values to these least values is how many are accounted for. Service
//! times begin when a request starts, so of a stall they hold one value a thread at most.

use hdrhistogram::Histogram;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::{arrivals, decode};
use crate::artifact::interference::{AskedStall, Stalled};
use crate::artifact::observation::{Observation, Slowest};
use crate::artifact::selftest::{Bound, Figure, Proof, Unit};
use crate::artifact::unit::Ns;

const MS: u64 = 1_000_000;
/// Length of a stall and how many of it are made in one window: short ones more often, so that each length has requests to count.
pub const LENGTHS: [(Ns, usize); 5] = [
    (Ns(2 * MS), 20),
    (Ns(5 * MS), 20),
    (Ns(20 * MS), 10),
    (Ns(100 * MS), 6),
    (Ns(500 * MS), 3),
];
/// Share of the requests due in a stall that response times must account for.
const ACCOUNTED: f64 = 0.99;
/// "Most are missed": service times account for less than this share.
const IN_SERVICE: f64 = 0.5;
/// How far the slowest request may be from the longest that one had to wait for a stall to end: this share of it, or so many ns, whichever is more.
const APART: (f64, u64) = (0.05, MS);
/// Before the first stall, so that the window has begun, and after the last.
const MARGIN: Ns = Ns(250 * MS);

/// When stalls are made: gaps between them are long enough for a backlog to be worked off at a moderate rate, and random, so that no period of
/// a runtime's own meets them. The second is the length of the window in seconds.
pub fn layout(length: Ns, count: usize, seed: u64) -> (Vec<AskedStall>, f64) {
    let mut random = Pcg64::seed_from_u64(seed ^ length.0);
    let mut at = MARGIN.0;
    let mut stalls = Vec::with_capacity(count);
    for _ in 0..count {
        at += 20 * MS + length.0 / 2 + random.random_range(0..30 * MS + length.0 / 2);
        stalls.push(AskedStall {
            after: Ns(at),
            length,
        });
        at += length.0;
    }
    let window = at + MARGIN.0 + length.0;
    (stalls, window as f64 / 1e9)
}

/// What the request as it was sent says of the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub seed: u64,
    pub threads: u64,
    pub rate: u64,
    /// A thread.
    pub ops: u64,
}

impl Schedule {
    /// From the lines of a request; None where one of the keys is not there.
    pub fn of(request: &str) -> Option<Schedule> {
        let number = |key: &str| {
            let mut lines = request.lines().filter_map(|l| l.split_once('='));
            lines.find(|(k, _)| *k == key)?.1.parse().ok()
        };
        Some(Schedule {
            seed: number("seed")?,
            threads: number("threads")?,
            rate: number("rate")?,
            ops: number("ops")?,
        })
    }

    /// Of all threads, ascending, CLOCK_MONOTONIC.
    fn due(&self, begin: Ns) -> Vec<u64> {
        let mut due: Vec<u64> = (0..self.threads)
            .flat_map(|t| arrivals(self.seed, t, self.threads, self.rate, self.ops))
            .map(|offset| begin.0.saturating_add(offset))
            .collect();
        due.sort_unstable();
        due
    }
}

/// What one window says of its stalls.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// Requests due between `stopped` and `continuing` of a stall.
    pub due: usize,
    /// Of these, those for which there is a response time of at least what was left.
    pub accounted: usize,
    /// The same by service times.
    pub in_service: usize,
    /// Time for which no thread ran, over all stalls.
    pub stopped: Ns,
    /// The longest stall: no thread ran for so long.
    pub longest: Ns,
    /// By the schedule, the longest that a request had to wait for the end of the stall in which it was due: at least, at most. A request is rarely due
    /// just when a stall begins, so this is a little less than the stall.
    pub wait: (Ns, Ns),
    /// The longest response among the slowest requests of their slices that were due in a stall.
    pub slowest: Ns,
    /// The largest response time of the window, whatever caused it.
    pub maximum: Ns,
}

/// # Errors
/// Where the runner's own slowest requests are not in the schedule that the driver computed: then nothing else can be said.
pub fn account(
    schedule: &Schedule,
    begin: Ns,
    stalls: &[Stalled],
    response: &Histogram<u64>,
    service: &Histogram<u64>,
    slowest: &[Slowest],
) -> Result<Account, String> {
    /// Three runtimes' logarithms may differ in the last digit, and sums are cut to whole ns.
    const SAME: u64 = 2;
    let due = schedule.due(begin);
    let strange = slowest.iter().find(|s| {
        let near = due.partition_point(|d| d + SAME < s.intended.0);
        due.get(near).is_none_or(|d| *d > s.intended.0 + SAME)
    });
    if let Some(s) = strange {
        return Err(format!(
            "the runner tells of a request due {} ns after the begin of its window, which is not in the schedule",
            s.intended.0.saturating_sub(begin.0)
        ));
    }
    let mut left: Vec<u64> = stalls
        .iter()
        .flat_map(|s| {
            let from = due.partition_point(|d| *d < s.stopped.0);
            let to = due.partition_point(|d| *d < s.continuing.0);
            due[from..to.max(from)].iter().map(|d| s.continuing.0 - d)
        })
        .collect();
    left.sort_unstable();
    let whole = |s: &Stalled| Ns(s.continuing.0.saturating_sub(s.stopped.0));
    let at_most = stalls.iter().filter_map(|s| {
        let first = due.get(due.partition_point(|d| *d < s.stopping.0))?;
        s.continued.0.checked_sub(*first)
    });
    let inside = |t: Ns| stalls.iter().any(|s| s.stopping <= t && t <= s.continued);
    let of_stalls = slowest.iter().filter(|s| inside(s.intended));
    Ok(Account {
        due: left.len(),
        accounted: matched(response, &left),
        in_service: matched(service, &left),
        stopped: Ns(stalls.iter().map(|s| whole(s).0).sum()),
        longest: stalls.iter().map(whole).max().unwrap_or_default(),
        wait: (
            Ns(left.last().copied().unwrap_or_default()),
            Ns(at_most.max().unwrap_or_default()),
        ),
        slowest: of_stalls.map(|s| s.response).max().unwrap_or_default(),
        maximum: Ns(response.max()),
    })
}

/// How many of the least values (ascending) can be given a recorded value of their own that is no smaller: each recorded value, from the
/// smallest, takes the smallest that is left, which wastes none. A histogram keeps three digits, so a value counts as the largest it may be.
fn matched(recorded: &Histogram<u64>, least: &[u64]) -> usize {
    let mut taken = 0;
    for step in recorded.iter_recorded() {
        let mut values = step.count_at_value();
        while values > 0 && taken < least.len() && least[taken] <= step.value_iterated_to() {
            taken += 1;
            values -= 1;
        }
    }
    taken
}

impl Account {
    fn share(&self, of: usize) -> f64 {
        of as f64 / self.due as f64
    }

    pub fn proof(&self, subject: &str, asked: Ns, made: usize, count: usize, rate: u64) -> Proof {
        let apart = |wait: Ns| (wait.0 as f64 * APART.0).max(APART.1 as f64);
        let (least, most) = self.wait;
        let bound = Bound::Within(least.0 as f64 - apart(least), most.0 as f64 + apart(most));
        let expected = rate as f64 * self.stopped.0 as f64 / 1e9;
        Proof::of(
            what(asked),
            subject,
            vec![
                Figure::bounded(
                    "of the requests due while stopped, in response times",
                    self.share(self.accounted),
                    Unit::Share,
                    Bound::AtLeast(ACCOUNTED),
                ),
                Figure::bounded(
                    "in service times",
                    self.share(self.in_service),
                    Unit::Share,
                    Bound::AtMost(IN_SERVICE),
                ),
                Figure::bounded(
                    "slowest request due while stopped",
                    self.slowest.0 as f64,
                    Unit::Ns,
                    bound,
                ),
                Figure::plain(
                    "longest wait for the end of a stall, by the schedule",
                    least.0 as f64,
                    Unit::Ns,
                ),
                Figure::plain("longest stall", self.longest.0 as f64, Unit::Ns),
                Figure::plain("slowest request of the window", self.maximum.0 as f64, Unit::Ns),
                Figure::plain("requests due while stopped", self.due as f64, Unit::Count),
                Figure::plain("rate times stopped time", expected, Unit::Count),
                Figure::bounded(
                    "stalls made",
                    made as f64,
                    Unit::Count,
                    Bound::AtLeast(count as f64),
                ),
            ],
        )
    }
}

fn what(asked: Ns) -> String {
    format!("stalls of {} ms", asked.0 / MS)
}

/// The proof of one window, or why there is none.
pub fn proof(
    observation: &Observation,
    request: &str,
    stalls: &[Stalled],
    subject: &str,
    (asked, count): (Ns, usize),
) -> Proof {
    let failed = |why: String| Proof::failed(what(asked), subject, why);
    if !observation.outcome.is_finished() {
        return failed(observation.outcome.to_string());
    }
    let (Some(schedule), Some(begin)) = (Schedule::of(request), observation.marks.get("begin")) else {
        return failed("the request or the answer has no schedule".to_owned());
    };
    let histogram = |name: &str| match observation.histograms.get(name) {
        Some(text) => decode(text),
        None => Err(format!("the answer has no hist.{name}")),
    };
    let account = histogram("response").and_then(|response| {
        let service = histogram("service")?;
        account(
            &schedule,
            *begin,
            stalls,
            &response,
            &service,
            &observation.slowest,
        )
    });
    match account {
        Ok(account) => account.proof(subject, asked, stalls.len(), count, schedule.rate),
        Err(why) => failed(why),
    }
}
