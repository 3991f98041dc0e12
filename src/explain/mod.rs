//! What a log tells about the process that wrote it, with no other input: figures, findings in order of harm, and what other settings
//! would do. Hears the events of a log ([`crate::artifact::event`]) one at a time, in constant memory; it reads no file and prints nothing.
//!
//! [`Account`] hears; `stops`, `cost`, `cycles`, `heap`, `live` and `pacing` each keep one part of what it hears, in [`series`] and `tally`
//! that do not grow with the log; `findings` looks at the finished figures;
//! [`predict`] has a model of its own of what other settings would do.

mod account;
mod clock;
mod cost;
mod cycles;
mod evidence;
mod findings;
mod heap;
pub mod line;
mod live;
mod names;
mod pacing;
pub mod predict;
pub mod series;
mod stops;
mod subject;
mod tally;

pub use account::Account;
