//! What a process uses of the machine, as the kernel counts it. On no disk: the run tells it, and whoever shows a run in progress asks for it.

use super::unit::{Bytes, Ns};

/// Since the process began, all its threads. Never falls while it lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub user: Ns,
    pub system: Ns,
    /// Page faults that needed no disk, and those that did.
    pub minor_faults: u64,
    pub major_faults: u64,
}

impl Usage {
    pub fn and(self, other: Usage) -> Usage {
        Usage {
            user: Ns(self.user.0.saturating_add(other.user.0)),
            system: Ns(self.system.0.saturating_add(other.system.0)),
            minor_faults: self.minor_faults.saturating_add(other.minor_faults),
            major_faults: self.major_faults.saturating_add(other.major_faults),
        }
    }
}

/// A process that runs, at one instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    pub usage: Usage,
    /// None of a process that has ended and is not yet reaped: it holds nothing, and that is no measurement.
    pub resident: Option<Bytes>,
    pub threads: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_processes_used_what_both_did() {
        let of = |n: u64| Usage {
            user: Ns(n),
            system: Ns(10 * n),
            minor_faults: 100 * n,
            major_faults: 1000 * n,
        };
        assert_eq!(of(1).and(of(2)), of(3));
    }
}
