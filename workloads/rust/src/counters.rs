//! The runtime's own accounts: here the process's CPU time, our count of allocations and the allocator's statistics.
//! There are no collections to count, and what malloc and free cost is part of the mutators' own time.

use std::io;

use crate::allocator::{self, Heap};
use crate::clock::process_cpu;
use crate::harness::Harness;

/// One reading.
#[derive(Clone, Copy)]
pub struct Counters {
    cpu: u64,
    allocated: u64,
    heap: Heap,
}

impl Counters {
    /// Takes the reading while the mutators rest; `allocated` is what they have asked for so far.
    pub fn read(allocated: u64) -> Counters {
        Counters {
            cpu: process_cpu(),
            allocated,
            heap: allocator::heap(),
        }
    }

    /// Writes the counters in the order of the protocol, prefixed with `when`.
    pub fn print(&self, h: &mut Harness<'_>, when: &str) -> io::Result<()> {
        h.print(&format!("{when}.cpu_ns"), self.cpu)?;
        h.print(&format!("{when}.alloc_bytes"), self.allocated)?;
        self.print_heap(h, when)
    }

    /// Writes the heap's two counters; one that the allocator does not keep is left out.
    pub fn print_heap(&self, h: &mut Harness<'_>, when: &str) -> io::Result<()> {
        for (name, value) in [
            ("heap_used", self.heap.used),
            ("heap_committed", self.heap.committed),
        ] {
            if let Some(bytes) = value {
                h.print(&format!("{when}.{name}"), bytes)?;
            }
        }
        Ok(())
    }
}
