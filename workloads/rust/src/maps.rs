//! An experiment: a map that only grows, one whose oldest entries are evicted, one that is emptied, and a new one in its place.

use std::array;
use std::collections::HashMap;

use crate::allocator::settled_heap;
use crate::random::{fold, mix};
use crate::request::Request;
use crate::workload::{Value, Workload, slots_for};

#[repr(align(128))] // see Workload
pub struct Maps {
    base: u64,
    table: HashMap<u64, Record>,
    n: u64,      // entries
    batch: u64,  // entries that an operation replaces
    oldest: u64, // key of the next one to be evicted
    next: u64,
    requested: u64,
    empty: u64, // heap in use before there is a map
    half: u64,
    full: u64,
}

/// An entry's value; its payload with the key is 64 bytes.
type Record = [u64; 7];

const ENTRY_PAYLOAD: u64 = 64;

pub fn new_maps(r: &mut Request, _: usize) -> Box<dyn Workload> {
    let n = (slots_for(r.share(ENTRY_PAYLOAD), ENTRY_PAYLOAD) as u64).max(32);
    Box::new(Maps {
        base: mix(r.seed) >> 32,
        table: HashMap::new(),
        n,
        batch: n / 16,
        oldest: 0,
        next: 0,
        requested: 0,
        empty: 0,
        half: 0,
        full: 0,
    })
}

impl Workload for Maps {
    /// Lets the map grow, and looks at the heap at its half and in the end.
    fn setup(&mut self) {
        self.empty = settled_heap();
        while self.next < self.n / 2 {
            self.insert();
        }
        self.half = settled_heap();
        while self.next < self.n {
            self.insert();
        }
        self.full = settled_heap();
        self.requested = self.n * ENTRY_PAYLOAD;
    }

    /// Inserts a batch, each entry in place of the oldest one.
    fn operation(&mut self) -> u64 {
        let mut sum = 0;
        for _ in 0..self.batch {
            let evicted = self.table.remove(&self.oldest);
            sum = fold(sum, evicted.map_or(0, |record| record[6]));
            self.oldest += 1;
            self.insert();
        }
        sum
    }

    fn verify(&mut self) -> Result<u64, String> {
        let mut sum = 0;
        let mut ok = self.table.len() as u64 == self.n;
        for key in self.oldest..self.next {
            let found = self.table.get(&key);
            ok = ok && found == Some(&self.record(key));
            if !ok {
                return Err(format!("maps: entry {key} does not read back"));
            }
            sum = fold(sum, found.map_or(0, |record| record[0]));
        }
        Ok(sum)
    }

    fn live_bytes(&self) -> u64 {
        self.n * ENTRY_PAYLOAD
    }

    fn requested_bytes(&self) -> u64 {
        self.requested
    }

    /// Ends the experiment: the map is emptied, and then another takes its place.
    fn values(&mut self) -> Vec<Value> {
        let evicted = settled_heap();
        for key in self.oldest..self.next {
            self.table.remove(&key);
        }
        let emptied = settled_heap();
        self.table = HashMap::new();
        let replaced = settled_heap();
        let over = |heap: u64| Some(heap as f64 - self.empty as f64);
        vec![
            ("half_bytes", over(self.half)),
            ("full_bytes", over(self.full)),
            ("evicted_bytes", over(evicted)),
            ("emptied_bytes", over(emptied)),
            ("replaced_bytes", over(replaced)),
        ]
    }
}

impl Maps {
    fn insert(&mut self) {
        let fresh = self.record(self.next);
        self.table.insert(self.next, fresh);
        self.next += 1;
    }

    fn record(&self, key: u64) -> Record {
        array::from_fn(|j| self.base + key * 31 + j as u64)
    }
}
