//! Arrays of items and arrays of references to items.

use std::hint::black_box;

use crate::random::{Generator, fold, split};
use crate::request::Request;
use crate::workload::{Workload, slots_for};

const CHUNK_ITEMS: u64 = 1024;
const ITEM_BYTES: u64 = 32;
const POINTERS_PAYLOAD: u64 = CHUNK_ITEMS * (ITEM_BYTES + 8);
const VALUES_PAYLOAD: u64 = CHUNK_ITEMS * ITEM_BYTES;

/// 32 bytes; the layout decides whether a chunk holds items or references to items.
struct Item {
    a: u64,
    b: u64,
    c: u64,
    d: u64,
}

pub fn new_slices(r: &mut Request, t: usize) -> Box<dyn Workload> {
    let (random, updates) = (split(r.seed, t), r.param("updates", 0, 1 << 20));
    if r.word("layout", &["pointers", "values"]) == "values" {
        let count = slots_for(r.share(VALUES_PAYLOAD), VALUES_PAYLOAD);
        return Box::new(ValueSlices {
            random,
            updates,
            count,
            chunks: Vec::new(),
            requested: 0,
        });
    }
    let count = slots_for(r.share(POINTERS_PAYLOAD), POINTERS_PAYLOAD);
    Box::new(PointerSlices {
        random,
        updates,
        count,
        chunks: Vec::new(),
        requested: 0,
    })
}

impl Item {
    /// Item `i` of a chunk: a and b agree on base as long as the chunk is whole.
    fn new(base: u64, i: u64) -> Item {
        Item {
            a: base.wrapping_add(i),
            b: base ^ i,
            c: i,
            d: 0,
        }
    }

    fn sum(&self) -> u64 {
        (self.a ^ self.b).wrapping_add(self.c).wrapping_add(self.d)
    }

    /// Changes what no check depends on.
    fn update(&mut self) {
        self.d += self.c + 1;
    }

    fn whole(&self, i: u64) -> bool {
        self.a.wrapping_sub(i) == self.b ^ i && self.c == i
    }
}

/// A chunk is an array of references to items of their own.
#[repr(align(128))] // see Workload
struct PointerSlices {
    random: Generator,
    updates: u64,
    count: usize,
    chunks: Vec<Box<[Box<Item>]>>, // as many as count
    requested: u64,
}

impl Workload for PointerSlices {
    fn setup(&mut self) {
        self.chunks.reserve_exact(self.count);
        for _ in 0..self.count {
            let fresh = self.new_chunk();
            self.chunks.push(fresh);
        }
    }

    /// Replaces one chunk, reads another, updates a third (they may coincide).
    fn operation(&mut self) -> u64 {
        let (first, fresh) = (self.pick(), self.new_chunk());
        self.chunks[first] = fresh;
        let another = self.pick();
        let sum = self.chunks[another]
            .iter()
            .fold(0u64, |sum, item| sum.wrapping_add(item.sum()));
        let third = self.pick();
        let third = &mut self.chunks[third];
        for _ in 0..self.updates {
            third[self.random.below(CHUNK_ITEMS) as usize].update();
        }
        sum
    }

    fn verify(&mut self) -> Result<u64, String> {
        let mut sum = 0u64;
        for (k, chunk) in self.chunks.iter().enumerate() {
            for (i, item) in chunk.iter().enumerate() {
                if !item.whole(i as u64) {
                    return Err(format!("slices: item {i} of chunk {k} does not read back"));
                }
                sum = sum.wrapping_add(item.sum());
            }
            sum = fold(sum, k as u64);
        }
        Ok(sum)
    }

    fn live_bytes(&self) -> u64 {
        self.chunks.len() as u64 * POINTERS_PAYLOAD
    }

    fn requested_bytes(&self) -> u64 {
        self.requested
    }
}

impl PointerSlices {
    fn new_chunk(&mut self) -> Box<[Box<Item>]> {
        let base = self.random.next();
        let chunk = (0..CHUNK_ITEMS).map(|i| Box::new(Item::new(base, i))).collect();
        self.requested += CHUNK_ITEMS * (ITEM_BYTES + 4);
        black_box(chunk)
    }

    fn pick(&mut self) -> usize {
        self.random.below(self.count as u64) as usize
    }
}

/// A chunk is one array of items.
#[repr(align(128))] // see Workload
struct ValueSlices {
    random: Generator,
    updates: u64,
    count: usize,
    chunks: Vec<Box<[Item]>>, // as many as count
    requested: u64,
}

impl Workload for ValueSlices {
    fn setup(&mut self) {
        self.chunks.reserve_exact(self.count);
        for _ in 0..self.count {
            let fresh = self.new_chunk();
            self.chunks.push(fresh);
        }
    }

    fn operation(&mut self) -> u64 {
        let (first, fresh) = (self.pick(), self.new_chunk());
        self.chunks[first] = fresh;
        let another = self.pick();
        let sum = self.chunks[another]
            .iter()
            .fold(0u64, |sum, item| sum.wrapping_add(item.sum()));
        let third = self.pick();
        let third = &mut self.chunks[third];
        for _ in 0..self.updates {
            third[self.random.below(CHUNK_ITEMS) as usize].update();
        }
        sum
    }

    fn verify(&mut self) -> Result<u64, String> {
        let mut sum = 0u64;
        for (k, chunk) in self.chunks.iter().enumerate() {
            for (i, item) in chunk.iter().enumerate() {
                if !item.whole(i as u64) {
                    return Err(format!("slices: item {i} of chunk {k} does not read back"));
                }
                sum = sum.wrapping_add(item.sum());
            }
            sum = fold(sum, k as u64);
        }
        Ok(sum)
    }

    fn live_bytes(&self) -> u64 {
        self.chunks.len() as u64 * VALUES_PAYLOAD
    }

    fn requested_bytes(&self) -> u64 {
        self.requested
    }
}

impl ValueSlices {
    fn new_chunk(&mut self) -> Box<[Item]> {
        let base = self.random.next();
        let chunk = (0..CHUNK_ITEMS).map(|i| Item::new(base, i)).collect();
        self.requested += CHUNK_ITEMS * ITEM_BYTES;
        black_box(chunk)
    }

    fn pick(&mut self) -> usize {
        self.random.below(self.count as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_has_the_size_that_is_accounted_for() {
        assert_eq!(size_of::<Item>() as u64, ITEM_BYTES);
    }

    #[test]
    fn a_damaged_item_is_found_in_either_layout() {
        let (random, count, updates) = (split(42, 0), 4, 64);
        let mut p = PointerSlices {
            random: random.clone(),
            updates,
            count,
            chunks: Vec::new(),
            requested: 0,
        };
        p.setup();
        p.operation();
        p.verify().unwrap();
        p.chunks[2][1000].b += 1;
        assert_eq!(
            p.verify().unwrap_err(),
            "slices: item 1000 of chunk 2 does not read back"
        );
        let mut v = ValueSlices {
            random,
            updates,
            count,
            chunks: Vec::new(),
            requested: 0,
        };
        v.setup();
        v.operation();
        v.verify().unwrap();
        v.chunks[3][7].c += 1;
        assert_eq!(
            v.verify().unwrap_err(),
            "slices: item 7 of chunk 3 does not read back"
        );
    }
}
