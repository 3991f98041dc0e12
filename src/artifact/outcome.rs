//! Every way a run can end has a name. A failed run is a row of the report, never a missing bar.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// Ran to its end, checksum and allocation account hold.
    Finished,
    /// Exit status other than 0, or output that breaks the protocol.
    Failed { status: Option<i32>, reason: String },
    /// Killed by a signal that the driver did not send.
    Signalled { signal: i32 },
    /// Still running at its time limit; killed by the driver.
    TimedOut { after_s: u64 },
    /// The runtime or the kernel says memory ran out.
    OutOfMemory { reason: String },
    /// The work done is not the work asked for.
    ChecksumDiffers { expected: String, found: String },
    /// The runtime allocated less than the workload asked for: the compiler removed the work.
    AllocationElided {
        requested_bytes: u64,
        allocated_bytes: u64,
    },
    /// Could not be started: no toolchain, no such flag in this release.
    NotStarted { reason: String },
    /// The runtime itself ended the process before the program began: a setting that it cannot read.
    Refused { reason: String },
    /// The person pressed Ctrl-C while it ran.
    Interrupted,
}

impl Outcome {
    /// Every [`Outcome::name`] of a process that ran to some end, the good one first.
    pub const NAMES: [&'static str; 8] = [
        "finished",
        "failed",
        "signalled",
        "timed out",
        "out of memory",
        "checksum differs",
        "allocation elided",
        "not started",
    ];

    pub fn is_finished(&self) -> bool {
        matches!(self, Outcome::Finished)
    }

    /// A few words for a table.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Finished => "finished",
            Outcome::Failed { .. } => "failed",
            Outcome::Signalled { .. } => "signalled",
            Outcome::TimedOut { .. } => "timed out",
            Outcome::OutOfMemory { .. } => "out of memory",
            Outcome::ChecksumDiffers { .. } => "checksum differs",
            Outcome::AllocationElided { .. } => "allocation elided",
            Outcome::NotStarted { .. } => "not started",
            Outcome::Refused { .. } => "refused by the runtime",
            Outcome::Interrupted => "interrupted",
        }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Outcome::Finished | Outcome::Interrupted => f.write_str(self.name()),
            Outcome::Failed {
                status: Some(s),
                reason,
            } => write!(f, "failed with status {s}: {reason}"),
            Outcome::Failed { status: None, reason } => write!(f, "failed: {reason}"),
            Outcome::Signalled { signal } => write!(f, "killed by signal {signal}"),
            Outcome::TimedOut { after_s } => write!(f, "timed out after {after_s} s"),
            Outcome::OutOfMemory { reason } => write!(f, "out of memory: {reason}"),
            Outcome::ChecksumDiffers { expected, found } => {
                write!(f, "checksum differs: expected {expected}, found {found}")
            }
            Outcome::AllocationElided {
                requested_bytes,
                allocated_bytes,
            } => write!(
                f,
                "allocation elided: asked for {requested_bytes} bytes, the runtime says {allocated_bytes}"
            ),
            Outcome::NotStarted { reason } => write!(f, "not started: {reason}"),
            Outcome::Refused { reason } => write!(f, "refused by the runtime: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_of_a_process_has_its_name_in_the_list() {
        let reason = String::new;
        let all = [
            Outcome::Finished,
            Outcome::Failed {
                status: None,
                reason: reason(),
            },
            Outcome::Signalled { signal: 9 },
            Outcome::TimedOut { after_s: 1 },
            Outcome::OutOfMemory { reason: reason() },
            Outcome::ChecksumDiffers {
                expected: reason(),
                found: reason(),
            },
            Outcome::AllocationElided {
                requested_bytes: 1,
                allocated_bytes: 0,
            },
            Outcome::NotStarted { reason: reason() },
        ];
        assert_eq!(all.map(|outcome| outcome.name()), Outcome::NAMES);
    }
}
