//! Did a run reach a steady state? Change points of the times of its blocks of work, put into the classes of Barrett et al. (OOPSLA'17):
//! flat, warm-up, slowdown, no steady state.
//!
//! Theirs are thousands of iterations of a program that hardly collects; ours are at most 256 blocks of operations, and collections are what
//! is measured. They come in bursts, which recur and must not be taken for changes of state. So four things are different:
//!
//! 1. **A stray block makes no segment.** A block that lies further from the median of its neighbours than three times the distance from their 10th to
//!    their 90th percentile is an outlier (a fence as in the paper, around fewer neighbours). It counts as lying on the fence where segments are
//!    looked for and compared. It is not dropped: its place is told, and no other number leaves it out.
//! 2. **What passes is no change.** A segment between two that are equivalent to each other is an excursion and a part of their state: the run left it and
//!    came back. So is a segment beside a longer state that has been seen to do the same for as long: the mean of some stretch of equal
//!    length in it is as low and that of some other as high (a burst, or a time without one, that the window's edge cuts). Neither may
//!    be longer than a quarter of the run.
//! 3. **Equivalent** are two segments whose mean times differ by at most 5 %, the band in which two collectors' throughput is a tie, or by no more
//!    than twice the standard error of the difference. (The paper takes the last segment's variance, or 1 ms.)
//! 4. **A last state is steady** if it holds for a quarter of the run's time (the paper: the last 500 of 2000 iterations) and does not lean: a
//!    straight line through it that explains more than half of its variance must not move its halves apart by more than 5 %. Bursts have no
//!    such line; a drift is cut into a few segments, and only this tells the last of them from a state.
//!
//! The penalty ([`super::warmup_penalty`]) does the rest: at 256 blocks it is 83 a change, and bursts of m blocks pay for the two changes
//! around each only if m ln(variance with them / variance without) is above 166. Shorter ones leave one segment with a wide spread.

use super::changepoint::{changepoints, warmup_penalty};
use super::order::quantile;
use super::trend::slope;

/// Fewer blocks say nothing of states.
const FEWEST_BLOCKS: usize = 32;
/// Share of the later mean by which equivalent segments may differ.
const TOLERANCE: f64 = 0.05;
/// Share of the run's time that the last state must hold, and of its blocks that an excursion may last.
const ENOUGH: f64 = 0.25;
/// A block's neighbours are an eighth of the series around it, itself among them, but no fewer than these.
const FEWEST_NEIGHBOURS: usize = 15;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// One state from the first block to the last.
    Flat,
    /// The last state is the fastest.
    WarmUp,
    /// Some state before was faster.
    Slowdown,
    NoSteadyState,
}

/// How the times of a run's blocks went.
#[derive(Clone, Debug, PartialEq)]
pub struct Steadiness {
    pub course: Course,
    /// Share of the run's time before the last state, 0..1: 0 for a flat run.
    pub before: f64,
    /// States in order of time: (first block, mean time of its blocks with outliers at their fence). An excursion is in the state
    /// that it left.
    pub states: Vec<(usize, f64)>,
    /// Blocks that are outliers, ascending.
    pub outliers: Vec<usize>,
}

/// `times` are the times of equal amounts of work, one after the other, in any unit. None for fewer than 32, or a time that is not
/// finite and above zero.
pub fn steadiness(times: &[f64]) -> Option<Steadiness> {
    if times.len() < FEWEST_BLOCKS || times.iter().any(|t| !t.is_finite() || *t <= 0.0) {
        return None;
    }
    let (tamed, outliers) = tamed(times)?;
    let changes = changepoints(&tamed, warmup_penalty(tamed.len()))?;
    let states = states(&tamed, &changes);
    let last = states.last()?.whole;
    // Backwards over all that is equivalent to the last.
    let same = states
        .iter()
        .rev()
        .take_while(|s| s.whole.equivalent(&last))
        .count();
    let earlier = &states[..states.len() - same];
    let time = |blocks: &[f64]| blocks.iter().fold(0.0, |sum, t| sum + t);
    let before = time(&times[..states[earlier.len()].begin]) / time(times);
    let faster = |s: &State| s.whole.mean() < last.mean() && !s.whole.equivalent(&last);
    let course = if 1.0 - before < ENOUGH || leans(&tamed[states[earlier.len()].begin..]) {
        Course::NoSteadyState
    } else if earlier.is_empty() {
        Course::Flat
    } else if earlier.iter().any(faster) {
        Course::Slowdown
    } else {
        Course::WarmUp
    };
    Some(Steadiness {
        course,
        before,
        states: states.iter().map(|s| (s.begin, s.whole.mean())).collect(),
        outliers,
    })
}

/// The times with outliers at their fence, and which are outliers.
fn tamed(times: &[f64]) -> Option<(Vec<f64>, Vec<usize>)> {
    let n = times.len();
    let around = (n / 8).max(FEWEST_NEIGHBOURS);
    let mut tamed = Vec::with_capacity(n);
    let mut outliers = Vec::new();
    for (i, time) in times.iter().enumerate() {
        let begin = i.saturating_sub(around / 2).min(n - around);
        let neighbours = &times[begin..begin + around];
        let middle = quantile(neighbours, 0.5)?;
        let fence = 3.0 * (quantile(neighbours, 0.9)? - quantile(neighbours, 0.1)?);
        let inside = time.clamp(middle - fence, middle + fence);
        if inside != *time {
            outliers.push(i);
        }
        tamed.push(inside);
    }
    Some((tamed, outliers))
}

/// Is a straight line most of what happens in these times, and does it move their halves apart?
fn leans(times: &[f64]) -> bool {
    let all = Moments::of(times);
    let points: Vec<(f64, f64)> = times.iter().enumerate().map(|(i, t)| (i as f64, *t)).collect();
    let Some(slope) = slope(&points) else {
        return false;
    };
    // Of the numbers 0 to n - 1.
    let spread = (all.n * all.n - 1.0) / 12.0;
    let explained = slope * slope * spread;
    explained > 0.5 * all.variance() && slope.abs() * all.n / 2.0 > TOLERANCE * all.mean()
}

/// Blocks, how many and what their times add up to.
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    n: f64,
    sum: f64,
    squares: f64,
}

impl Moments {
    fn of(times: &[f64]) -> Moments {
        Moments {
            n: times.len() as f64,
            sum: times.iter().sum(),
            squares: times.iter().map(|t| t * t).sum(),
        }
    }

    fn and(self, other: Moments) -> Moments {
        Moments {
            n: self.n + other.n,
            sum: self.sum + other.sum,
            squares: self.squares + other.squares,
        }
    }

    fn mean(&self) -> f64 {
        self.sum / self.n
    }

    fn variance(&self) -> f64 {
        (self.squares / self.n - self.mean().powi(2)).max(0.0)
    }

    /// Squared standard error of the mean.
    fn error(&self) -> f64 {
        self.variance() / (self.n - 1.0).max(1.0)
    }

    fn equivalent(&self, later: &Moments) -> bool {
        let difference = (self.mean() - later.mean()).abs();
        difference <= TOLERANCE * later.mean() || difference <= 2.0 * (self.error() + later.error()).sqrt()
    }
}

/// A segment, or several with what passes between them.
#[derive(Clone, Debug)]
struct State {
    begin: usize,
    end: usize,
    whole: Moments,
    /// Without excursions.
    core: Moments,
}

impl State {
    fn len(&self) -> usize {
        self.end - self.begin
    }

    /// One state from the begin of this to the end of `other`; its core is `core`.
    fn upto(&self, other: &State, whole: Moments, core: Moments) -> State {
        State {
            begin: self.begin,
            end: other.end,
            whole,
            core,
        }
    }

    /// Has a stretch as long as `other` been seen in it that was as slow, and one that was as fast?
    fn has_seen(&self, other: &State, times: &[f64]) -> bool {
        if self.len() < other.len() {
            return false;
        }
        let mean = other.whole.mean();
        let means = times[self.begin..self.end]
            .windows(other.len())
            .map(|stretch| stretch.iter().sum::<f64>() / stretch.len() as f64);
        let (least, most) = means.fold((f64::INFINITY, 0.0_f64), |(lo, hi), m| (lo.min(m), hi.max(m)));
        least <= (1.0 + TOLERANCE) * mean && mean <= (1.0 + TOLERANCE) * most
    }
}

/// Segments in order of time, with what passes in the states that it passes in.
fn states(times: &[f64], changes: &[usize]) -> Vec<State> {
    let begins = std::iter::once(0).chain(changes.iter().copied());
    let ends = changes.iter().copied().chain([times.len()]);
    let segment = |(begin, end)| {
        let core = Moments::of(&times[begin..end]);
        State {
            begin,
            end,
            whole: core,
            core,
        }
    };
    let mut states: Vec<State> = begins.zip(ends).map(segment).collect();
    let longest = (ENOUGH * times.len() as f64) as usize;
    // The shortest first, so that a state is not itself taken for what passes.
    while let Some(i) = (1..states.len().saturating_sub(1))
        .filter(|i| states[*i].len() <= longest && states[i - 1].core.equivalent(&states[i + 1].core))
        .min_by_key(|i| states[*i].len())
    {
        let (before, passes, after) = (&states[i - 1], &states[i], &states[i + 1]);
        let whole = before.whole.and(passes.whole).and(after.whole);
        let one = before.upto(after, whole, before.core.and(after.core));
        states.splice(i - 1..=i + 1, [one]);
    }
    while let Some((short, long)) = seen_beside(&states, times, longest) {
        let whole = states[short].whole.and(states[long].whole);
        let (first, second) = (short.min(long), short.max(long));
        let one = states[first].upto(&states[second], whole, states[long].core);
        states.splice(first..=second, [one]);
    }
    states
}

/// The shortest state that a neighbour has seen the like of, and that neighbour.
fn seen_beside(states: &[State], times: &[f64], longest: usize) -> Option<(usize, usize)> {
    let pairs = (1..states.len()).flat_map(|i| [(i - 1, i), (i, i - 1)]);
    pairs
        .filter(|(short, long)| {
            states[*short].len() <= longest && states[*long].has_seen(&states[*short], times)
        })
        .min_by_key(|(short, _)| states[*short].len())
}
