//! Young garbage, a fraction of which survives into a long-lived table. The survivors of one operation are spread among
//! the dead, as in a server that keeps a little of each request.

use std::hint::black_box;
use std::mem::replace;

use crate::random::{Generator, fold, split};
use crate::request::Request;
use crate::workload::{Sizes, Workload, read_back, touch};

#[repr(align(128))] // see Workload
pub struct Churn {
    random: Generator,
    sizes: Sizes,
    share: u64,
    pointers: u64,
    blocks_per_op: u64,
    young_slots: usize,
    survival: u64,
    oldest: bool,

    ring: Vec<Box<Block>>, // the young: round robin
    ring_next: usize,
    table: Box<[Box<Block>]>, // the long-lived
    table_next: usize,

    next_id: u64,
    live: u64,
    requested: u64,
}

struct Leaf {
    a: u64,
    b: u64,
}

/// The block, its array of leaves, each leaf and the data are objects of their own.
struct Block {
    id: u64,
    leaves: Box<[Box<Leaf>]>,
    data: Box<[u8]>,
}

pub fn new_churn(r: &mut Request, t: usize) -> Box<dyn Workload> {
    let min = r.param("size_min", 1, 1 << 30);
    let max = r.param("size_max", min, 1 << 30);
    let pointers = r.param("pointers", 0, 1 << 16);
    Box::new(Churn {
        random: split(r.seed, t),
        sizes: Sizes::new(min, max),
        share: r.share(8 + min + pointers * (16 + 8)),
        pointers,
        blocks_per_op: r.param("blocks_per_op", 1, 1 << 20),
        young_slots: r.param("young_slots", 1, 1 << 24) as usize,
        survival: r.param("survival_permille", 0, 1000),
        oldest: r.word("lifetime", &["oldest", "random"]) == "oldest",
        ring: Vec::new(),
        ring_next: 0,
        table: Box::default(),
        table_next: 0,
        next_id: 0,
        live: 0,
        requested: 0,
    })
}

impl Workload for Churn {
    /// Fills the ring, then the table until both together reach the share (the table gets one block at least).
    fn setup(&mut self) {
        self.ring.reserve_exact(self.young_slots);
        for _ in 0..self.young_slots {
            let fresh = self.new_block();
            self.live += self.payload(&fresh);
            self.ring.push(fresh);
        }
        let mut table = Vec::new();
        while table.is_empty() || self.live < self.share {
            let fresh = self.new_block();
            self.live += self.payload(&fresh);
            table.push(fresh);
        }
        self.table = table.into_boxed_slice(); // exactly as long as needed: spare capacity would count as overhead
    }

    fn operation(&mut self) -> u64 {
        let mut result = 0;
        for _ in 0..self.blocks_per_op {
            let fresh = self.new_block();
            self.live += self.payload(&fresh);
            // A survivor goes to the table only: without a collector a block has one owner.
            let old = if self.random.below(1000) < self.survival {
                let at = self.victim();
                replace(&mut self.table[at], fresh)
            } else {
                let at = self.ring_next;
                self.ring_next += 1;
                if self.ring_next == self.ring.len() {
                    self.ring_next = 0;
                }
                replace(&mut self.ring[at], fresh)
            };
            self.live -= self.payload(&old);
            result = fold(result, peek(&old));
        }
        result
    }

    fn verify(&mut self) -> Result<u64, String> {
        let mut sum = 0;
        for b in self.ring.iter().chain(&self.table) {
            let (bytes, mut ok) = read_back(&b.data, b.id);
            for (i, leaf) in b.leaves.iter().enumerate() {
                ok = ok && leaf.a == b.id && leaf.b == i as u64;
            }
            if !ok {
                return Err(format!("churn: block {} does not read back", b.id));
            }
            sum = fold(sum, b.id.wrapping_add(bytes));
        }
        Ok(sum)
    }

    fn live_bytes(&self) -> u64 {
        self.live
    }

    fn requested_bytes(&self) -> u64 {
        self.requested
    }
}

impl Churn {
    /// Draws a size, allocates and touches.
    fn new_block(&mut self) -> Box<Block> {
        let id = self.next_id;
        self.next_id += 1;
        let size = self.sizes.draw(&mut self.random);
        let leaves = (0..self.pointers)
            .map(|i| Box::new(Leaf { a: id, b: i }))
            .collect();
        let mut fresh = Box::new(Block {
            id,
            leaves,
            data: vec![0; size as usize].into_boxed_slice(),
        });
        touch(&mut fresh.data, id);
        self.requested += 8 + size + self.pointers * (16 + 4);
        black_box(fresh)
    }

    fn payload(&self, b: &Block) -> u64 {
        8 + b.data.len() as u64 + self.pointers * (16 + 8)
    }

    /// Chooses the table's slot that a survivor takes.
    fn victim(&mut self) -> usize {
        if !self.oldest {
            return self.random.below(self.table.len() as u64) as usize;
        }
        let at = self.table_next;
        self.table_next += 1;
        if self.table_next == self.table.len() {
            self.table_next = 0;
        }
        at
    }
}

/// Reads one leaf and one byte of a block that is about to die.
fn peek(b: &Block) -> u64 {
    let mut result = u64::from(b.data[b.data.len() - 1]);
    if !b.leaves.is_empty() {
        let one = &b.leaves[(b.id % b.leaves.len() as u64) as usize];
        result += one.a + one.b;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::split;

    fn prepared(oldest: bool, survival: u64) -> Churn {
        let mut c = Churn {
            random: split(42, 0),
            sizes: Sizes::new(32, 512),
            share: 1 << 20,
            pointers: 4,
            blocks_per_op: 8,
            young_slots: 64,
            survival,
            oldest,
            ring: Vec::new(),
            ring_next: 0,
            table: Box::default(),
            table_next: 0,
            next_id: 0,
            live: 0,
            requested: 0,
        };
        c.setup();
        c
    }

    #[test]
    fn live_bytes_are_what_the_workload_holds() {
        let mut c = prepared(false, 100);
        for _ in 0..100 {
            c.operation();
        }
        let held = c
            .ring
            .iter()
            .chain(&c.table)
            .map(|b| 8 + b.data.len() as u64 + 24 * b.leaves.len() as u64);
        assert_eq!(c.live, held.sum::<u64>());
    }

    #[test]
    fn survivors_live_until_they_are_displaced() {
        let mut c = prepared(true, 1000);
        let (ninth, first_young) = (c.table[8].id, c.ring[0].id);
        c.operation();
        assert_eq!(
            (c.table[8].id, c.ring[0].id),
            (ninth, first_young),
            "more than the eight oldest went"
        );
        c.operation();
        assert_ne!(c.table[8].id, ninth, "the oldest survivor was not displaced");
    }

    #[test]
    fn a_damaged_survivor_is_found() {
        let mut c = prepared(false, 100);
        c.table[3].data[0] ^= 1;
        assert!(c.verify().unwrap_err().starts_with("churn: block "));
        c.table[3].data[0] ^= 1;
        c.table[3].leaves[2].b += 1;
        assert!(c.verify().is_err());
    }
}
