//! claims.json: what was asked of a run, before its first process; ledger.json: what came of it.

use serde::{Deserialize, Serialize};

use super::definition::claim::Direction;
use super::doubt::Doubt;
use super::envelope::Body;
use super::metric::Unit;

/// What a run is to settle. Cells are named as in plan.json.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Questions {
    pub rows: Vec<Row>,
}

/// Claims that share a mechanism.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// `task-04`
    pub name: String,
    pub title: String,
    /// How it is tested, and what would have measured nothing.
    pub method: String,
    /// Fresh processes of each cell.
    pub rounds: u32,
    pub questions: Vec<Question>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charts: Vec<Chart>,
}

/// One metric over what differs between cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chart {
    pub title: String,
    pub metric: String,
    pub unit: Unit,
    /// What `at` counts.
    pub along: String,
    pub at: Vec<f64>,
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub name: String,
    /// As many as `at`; None where nothing was to be measured, or nothing could be.
    pub figures: Vec<Option<Figure>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// `task-04-cycles`
    pub id: String,
    /// The assertion.
    pub says: String,
    pub test: Test,
    /// Text and figures in turn; empty where nothing explains it.
    pub because: Vec<Words>,
    /// When the assertion means nothing on a machine.
    pub inapplicable: String,
    /// Why it means nothing on this one, known before anything ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfit: Option<String>,
}

/// Settled by which figures, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Test {
    /// A figure, or its ratio to another, lies within bounds (inclusive).
    Between {
        value: Figure,
        over: Option<Figure>,
        at_least: Option<f64>,
        at_most: Option<f64>,
        /// Each run must do so; otherwise the interval of the mean decides.
        in_every_run: bool,
    },
    /// Each figure is above (or below) the one before it.
    Course { along: Vec<Figure>, goes: Direction },
    /// A runtime's own source has these lines in this order, the others inside the function that the first begins, if it begins one.
    Tour {
        collector: String,
        /// Below the toolchain's `src`.
        file: String,
        finds: Vec<String>,
        /// None: it has not been looked for, or is not there.
        seen: Option<Seen>,
    },
}

/// Where the lines stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// As the toolchain tells it.
    pub version: String,
    /// Line numbers, from 1, as far as they were found.
    pub lines: Vec<u32>,
}

/// A metric of a cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// As the claim names the cell: `half`.
    pub name: String,
    /// Id in plan.json.
    pub cell: String,
    pub metric: String,
    pub unit: Unit,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Words {
    Text(String),
    /// The median of its runs stands here.
    Figure(Figure),
}

/// What came of every question, in their order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    pub answers: Vec<Answer>,
    /// Of every row that has some, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curves: Vec<Curves>,
}

/// A chart's figures: a value and its interval for each line and place, None where there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Curves {
    pub row: String,
    pub title: String,
    pub lines: Vec<Vec<Option<Measured>>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub id: String,
    pub outcome: Outcome,
    /// What was measured: of a course the step that decides.
    pub measured: Option<Measured>,
    /// Why it came out so, where the figures alone do not say: a run that failed, a collector that is not here.
    pub reason: Option<String>,
    /// The claim's explanation with this run's figures, in pieces as asked; a figure that was not measured is None.
    pub because: Vec<Said>,
    /// What is doubtful about the cells that decided it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<CellDoubt>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellDoubt {
    /// As the claim names the cell.
    pub name: String,
    pub doubt: Doubt,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Holds,
    DoesNotHold,
    Undecided,
    NotApplicable,
}

impl Outcome {
    pub const ALL: [Outcome; 4] = [
        Outcome::Holds,
        Outcome::DoesNotHold,
        Outcome::Undecided,
        Outcome::NotApplicable,
    ];

    pub fn words(self) -> &'static str {
        match self {
            Outcome::Holds => "holds",
            Outcome::DoesNotHold => "does not hold",
            Outcome::Undecided => "undecided",
            Outcome::NotApplicable => "not applicable here",
        }
    }
}

/// Over fresh processes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// Geometric mean over runs; arithmetic where a value is not above zero. Infinite is told by None.
    pub value: Option<f64>,
    /// 95 % interval of it; None where a single run, or a ratio to nothing, has none.
    pub interval: Option<(f64, f64)>,
    /// Each run's, in order of rounds; for a ratio each round's.
    pub values: Vec<f64>,
    /// Of a ratio: None.
    pub unit: Option<Unit>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Said {
    Text(String),
    Figure {
        metric: String,
        unit: Unit,
        median: Option<f64>,
    },
}

impl Body for Questions {
    const KIND: &'static str = "claims";
    const FILE: &'static str = "claims.json";
    const FORMAT: u32 = 1;
}

impl Body for Ledger {
    const KIND: &'static str = "ledger";
    const FILE: &'static str = "ledger.json";
    const FORMAT: u32 = 1;
}

impl Questions {
    pub fn all(&self) -> impl Iterator<Item = (&Row, &Question)> {
        self.rows
            .iter()
            .flat_map(|row| row.questions.iter().map(move |q| (row, q)))
    }
}

impl Test {
    /// Every figure that it looks at.
    pub fn figures(&self) -> Vec<&Figure> {
        match self {
            Test::Between { value, over, .. } => std::iter::once(value).chain(over).collect(),
            Test::Course { along, .. } => along.iter().collect(),
            Test::Tour { .. } => Vec::new(),
        }
    }
}
