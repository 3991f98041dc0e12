//! Part of analysis.json: did the runs of a cell reach a steady state?

use serde::{Deserialize, Serialize};

use super::unit::Ns;

/// Share of the window that a run may warm up for before its figures are in doubt.
pub const WARMING: f64 = 0.10;

/// Of the runs that told how long their blocks of operations took, in order of rounds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Steady {
    pub runs: Vec<RunCourse>,
    /// Of the run that is furthest from a steady state.
    pub worst: Option<Series>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunCourse {
    pub invocation: String,
    pub course: Course,
    /// Share of the window before the last state, 0..1.
    pub before: f64,
    /// Blocks (neighbours merged to 5 ms and more), and how many of them are outliers; none was dropped.
    pub blocks: u32,
    pub outliers: u32,
}

/// As in Barrett et al. (OOPSLA'17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Course {
    Flat,
    /// The last state is the fastest.
    WarmUp,
    /// A state before the last was faster.
    Slowdown,
    NoSteadyState,
    /// Fewer blocks than a course can be told from.
    TooShort,
}

/// A run's blocks one after the other: mean over its threads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    pub invocation: String,
    pub course: Course,
    /// Operations of a block, one thread.
    pub block: u64,
    pub times: Vec<Ns>,
    /// (first block, mean time of its blocks), in order.
    pub states: Vec<(u32, Ns)>,
    /// Which blocks are outliers, ascending.
    pub outliers: Vec<u32>,
}

impl Course {
    pub const ALL: [Course; 5] = [
        Course::Flat,
        Course::WarmUp,
        Course::Slowdown,
        Course::NoSteadyState,
        Course::TooShort,
    ];
}

impl RunCourse {
    /// No steady state, or one that came late.
    pub fn is_in_doubt(&self) -> bool {
        match self.course {
            Course::NoSteadyState => true,
            Course::WarmUp => self.before > WARMING,
            Course::Flat | Course::Slowdown | Course::TooShort => false,
        }
    }
}

impl Steady {
    pub fn count(&self, course: Course) -> usize {
        self.runs.iter().filter(|run| run.course == course).count()
    }

    pub fn in_doubt(&self) -> usize {
        self.runs.iter().filter(|run| run.is_in_doubt()).count()
    }

    /// Runs that are long enough for a course.
    pub fn told(&self) -> usize {
        self.runs.len() - self.count(Course::TooShort)
    }
}
