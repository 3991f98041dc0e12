//! An experiment: references and then numbers are written over in random places of what lives, and timed apart. Without a collector neither
//! has a barrier, and there is nothing to force: this is the reference for what the others' barriers cost.

use std::hint::black_box;
use std::ptr::NonNull;

use crate::block::REFERENCE;
use crate::clock::now;
use crate::random::{Generator, fold, mix, split};
use crate::request::Request;
use crate::workload::{Value, Workload, slots_for};

const PAYLOAD: u64 = 16 + 2 * REFERENCE;
const ASKED: u64 = 16 + 2 * REFERENCE / 2;

/// Nodes are boxes that the table owns through raw pointers, since any node may refer to any other.
///
/// SAFETY, once for the whole file: every pointer in the table and in a node came from `Box::leak` in `setup`, is never taken out of the table,
/// and is freed once, by `drop`. No reference to a node is held while one is written to.
#[repr(align(128))] // see Workload
pub struct Stores {
    random: Generator,
    base: u64, // number of the first node
    stores_per_op: u64,
    warmup_ops: u64,
    ops: u64, // of the window
    nodes: usize,
    table: Box<[NodePointer]>, // as long as nodes, once set up
    requested: u64,
    operations: u64,
    pointer_ns: u64, // of the window's stretches
    number_ns: u64,
}

// SAFETY: the nodes are reachable through the table only, so they move to another thread together with it.
unsafe impl Send for Stores {}

type NodePointer = NonNull<Node>;

/// What is written to: a number and a reference that change, and beside them what must not.
struct Node {
    id: u64,
    number: u64,
    to: NodePointer,
    beside: NodePointer,
}

pub fn new_stores(r: &mut Request, t: usize) -> Box<dyn Workload> {
    r.word("collecting", &["idle", "marking"]); // the same here
    Box::new(Stores {
        random: split(r.seed, t),
        base: mix(r.seed) >> 32,
        stores_per_op: r.param("stores_per_op", 64, 1 << 20),
        warmup_ops: r.warmup_ops,
        ops: r.ops,
        nodes: slots_for(r.share(PAYLOAD), PAYLOAD),
        table: Box::default(),
        requested: 0,
        operations: 0,
        pointer_ns: 0,
        number_ns: 0,
    })
}

impl Workload for Stores {
    /// Makes the nodes, each of which refers to its neighbour.
    fn setup(&mut self) {
        let new_node = |i| {
            let node = Node {
                id: self.base + i,
                number: 0,
                to: NonNull::dangling(), // until all are there
                beside: NonNull::dangling(),
            };
            self.requested += ASKED;
            black_box(NonNull::from(Box::leak(Box::new(node))))
        };
        self.table = (0..self.nodes as u64).map(new_node).collect();
        for (i, at) in self.table.iter().enumerate() {
            let beside = self.table[(i + 1) % self.nodes];
            // SAFETY: a node of the table.
            unsafe {
                (*at.as_ptr()).beside = beside;
                (*at.as_ptr()).to = beside;
            }
        }
    }

    /// A stretch of references and one of numbers, each timed as a whole.
    fn operation(&mut self) -> u64 {
        if self.operations == self.warmup_ops {
            self.begin();
        }
        let start = now();
        let node = self.store_pointers();
        let between = now();
        let number = self.store_numbers();
        let end = now();
        self.pointer_ns += between - start;
        self.number_ns += end - between;
        self.operations += 1;
        fold(node, number)
    }

    fn verify(&mut self) -> Result<u64, String> {
        let (mut sum, n) = (0, self.nodes as u64);
        for (i, pointer) in self.table.iter().enumerate() {
            // SAFETY: a node of the table, and one that a node refers to.
            let (at, to) = unsafe { (pointer.as_ref(), pointer.as_ref().to.as_ref().id) };
            let place = to.wrapping_sub(self.base);
            let ok = at.id == self.base + i as u64 && at.beside == self.table[(i + 1) % self.nodes];
            if !ok || place >= n || self.table[place as usize] != at.to || at.number >= n {
                let id = self.base + i as u64;
                return Err(format!("stores: node {id} or what is stored in it is broken"));
            }
            sum = fold(fold(sum, to), at.number);
        }
        Ok(sum)
    }

    fn live_bytes(&self) -> u64 {
        self.nodes as u64 * PAYLOAD
    }

    fn requested_bytes(&self) -> u64 {
        self.requested
    }

    fn values(&mut self) -> Vec<Value> {
        let stored = (self.ops * self.stores_per_op) as f64;
        let (pointer, number) = (self.pointer_ns as f64 / stored, self.number_ns as f64 / stored);
        vec![
            ("pointer_store_ns", Some(pointer)),
            ("number_store_ns", Some(number)),
            ("barrier_ns", Some(pointer - number)),
            ("store_ratio", Some(pointer / number)),
            ("barrier_share", None), // there is no barrier that a profile could show
            ("profile_samples", None),
        ]
    }
}

impl Stores {
    /// Starts what belongs to the window alone: the sums.
    fn begin(&mut self) {
        (self.pointer_ns, self.number_ns) = (0, 0);
    }

    /// Writes over the reference of one random node after the other; each comes to refer to the one before it.
    /// Each is read, too: a store to what nobody has read need not wait for its line, and a barrier may have to read that line.
    fn store_pointers(&mut self) -> u64 {
        let (mut sum, mut last) = (0, self.table[0]);
        for _ in 0..self.stores_per_op {
            let at = self.table[self.random.below(self.table.len() as u64) as usize];
            // SAFETY: a node of the table.
            unsafe {
                sum += (*at.as_ptr()).id;
                (*at.as_ptr()).to = last;
            }
            last = at;
        }
        sum
    }

    /// Does the same with the nodes' places in the table.
    fn store_numbers(&mut self) -> u64 {
        let (mut sum, mut last) = (0, 0);
        for _ in 0..self.stores_per_op {
            let i = self.random.below(self.table.len() as u64);
            let at = self.table[i as usize];
            // SAFETY: a node of the table.
            unsafe {
                sum += (*at.as_ptr()).id;
                (*at.as_ptr()).number = last;
            }
            last = i;
        }
        sum
    }
}

impl Drop for Stores {
    fn drop(&mut self) {
        for at in &self.table {
            // SAFETY: the table owns its nodes, and nobody follows a reference any more.
            drop(unsafe { Box::from_raw(at.as_ptr()) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(nodes: usize) -> Stores {
        let mut w = Stores {
            random: split(42, 0),
            base: 7,
            stores_per_op: 64,
            warmup_ops: 1,
            ops: 10,
            nodes,
            table: Box::default(),
            requested: 0,
            operations: 0,
            pointer_ns: 0,
            number_ns: 0,
        };
        w.setup();
        w
    }

    #[test]
    fn every_stretch_writes_over_references_and_numbers_and_loses_none() {
        for nodes in [1, 2, 7, 300] {
            let mut w = prepared(nodes);
            let mut seen = vec![w.verify().unwrap()];
            for _ in 0..5 {
                w.operation();
                seen.push(w.verify().unwrap());
            }
            seen.dedup();
            assert!(nodes < 300 || seen.len() == 6, "{nodes} nodes: {seen:x?}");
        }
    }

    #[test]
    fn damage_is_found() {
        let damages: [fn(&mut Stores); 3] = [
            // SAFETY: nodes of the table, whose references still end in one.
            |w| unsafe { (*w.table[5].as_ptr()).number = 300 },
            |w| unsafe { (*w.table[5].as_ptr()).beside = w.table[4] },
            |w| unsafe { (*w.table[5].as_ptr()).id += 1 },
        ];
        for damage in damages {
            let mut w = prepared(300);
            damage(&mut w);
            assert!(w.verify().unwrap_err().starts_with("stores: node "));
        }
    }
}
