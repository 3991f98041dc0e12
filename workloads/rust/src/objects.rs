//! An experiment: equal objects, what one of them takes of the heap, and what a forced collection of all is counted as.

use crate::allocator::settled_heap;
use crate::block::{ANCHORS, Anchor, REFERENCE};
use crate::random::{fold, mix};
use crate::request::Request;
use crate::workload::{Value, Workload, slots_for};

#[repr(align(128))] // see Workload
pub struct Objects {
    herd: Box<dyn Herd>,
    base: u64, // of what is written into them
    n: usize,
    payload: u64, // of one
    asked: u64,   // for one
    requested: u64,
    empty: u64, // heap in use before there is anything
    with_table: u64,
    with_objects: u64,
    forced: u64,
}

/// A table of equal objects.
trait Herd: Send {
    fn place(&mut self, n: usize);
    fn fill(&mut self, n: usize, base: u64);
    fn read(&self, i: usize, base: u64) -> (u64, bool);
}

/// Objects that hold numbers, and nothing that a collector would follow.
struct FlatHerd<const FIELDS: usize>(Vec<Box<[u64; FIELDS]>>);

/// Objects that hold references to anchors that their number and the place decide.
struct LinkedHerd<const FIELDS: usize>(Vec<Box<[&'static Anchor; FIELDS]>>);

const KINDS: [&str; 10] = [
    "values1",
    "values2",
    "values3",
    "values4",
    "values8",
    "values16",
    "values64",
    "values512",
    "pointers4",
    "pointers16",
];

pub fn new_objects(r: &mut Request, _: usize) -> Box<dyn Workload> {
    let kind = r.word("kind", &KINDS);
    let (herd, fields): (Box<dyn Herd>, u64) = match kind {
        "values1" => (Box::new(FlatHerd::<1>(Vec::new())), 1),
        "values2" => (Box::new(FlatHerd::<2>(Vec::new())), 2),
        "values3" => (Box::new(FlatHerd::<3>(Vec::new())), 3),
        "values4" => (Box::new(FlatHerd::<4>(Vec::new())), 4),
        "values8" => (Box::new(FlatHerd::<8>(Vec::new())), 8),
        "values16" => (Box::new(FlatHerd::<16>(Vec::new())), 16),
        "values64" => (Box::new(FlatHerd::<64>(Vec::new())), 64),
        "values512" => (Box::new(FlatHerd::<512>(Vec::new())), 512),
        "pointers4" => (Box::new(LinkedHerd::<4>(Vec::new())), 4),
        _ => (Box::new(LinkedHerd::<16>(Vec::new())), 16),
    };
    let payload = 8 * fields;
    Box::new(Objects {
        herd,
        base: mix(r.seed) >> 32,
        n: slots_for(r.share(payload), payload),
        payload,
        asked: if kind.starts_with("pointers") {
            REFERENCE / 2 * fields
        } else {
            payload
        },
        requested: 0,
        empty: 0,
        with_table: 0,
        with_objects: 0,
        forced: 0,
    })
}

impl Workload for Objects {
    /// Makes the table and then the objects, and looks at the heap before, between and after.
    fn setup(&mut self) {
        self.empty = settled_heap();
        self.herd.place(self.n);
        self.with_table = settled_heap();
        self.herd.fill(self.n, self.base);
        self.with_objects = settled_heap();
        self.requested = self.n as u64 * self.asked;
    }

    /// Would force a collection, if there were a collector, and reads one object.
    fn operation(&mut self) -> u64 {
        self.forced += 1;
        let at = (self.forced % self.n as u64) as usize;
        self.herd.read(at, self.base).0
    }

    fn verify(&mut self) -> Result<u64, String> {
        let mut sum = 0;
        for i in 0..self.n {
            let (one, ok) = self.herd.read(i, self.base);
            if !ok {
                return Err(format!("objects: object {i} does not read back"));
            }
            sum = fold(sum, one);
        }
        Ok(sum)
    }

    fn live_bytes(&self) -> u64 {
        self.n as u64 * self.payload
    }

    fn requested_bytes(&self) -> u64 {
        self.requested
    }

    fn values(&mut self) -> Vec<Value> {
        let each = |heap: u64, before: u64| (heap as f64 - before as f64) / self.n as f64;
        vec![
            ("object_bytes", Some(each(self.with_objects, self.with_table))),
            ("reference_bytes", Some(each(self.with_table, self.empty))),
            ("entry_bytes", Some(each(self.with_objects, self.empty))),
            ("raised_once_share", None), // there are no collections
            ("scanned_bytes", None),
        ]
    }
}

impl<const FIELDS: usize> Herd for FlatHerd<FIELDS> {
    fn place(&mut self, n: usize) {
        self.0.reserve_exact(n);
    }

    fn fill(&mut self, n: usize, base: u64) {
        for i in 0..n {
            let mut object = Box::new([0; FIELDS]);
            for (j, field) in object.iter_mut().enumerate() {
                *field = written(base, i, j);
            }
            self.0.push(object);
        }
    }

    fn read(&self, i: usize, base: u64) -> (u64, bool) {
        let (mut sum, mut ok) = (0u64, true);
        for (j, field) in self.0[i].iter().enumerate() {
            sum = sum.wrapping_mul(31).wrapping_add(*field);
            ok = ok && *field == written(base, i, j);
        }
        (sum, ok)
    }
}

impl<const FIELDS: usize> Herd for LinkedHerd<FIELDS> {
    fn place(&mut self, n: usize) {
        self.0.reserve_exact(n);
    }

    fn fill(&mut self, n: usize, base: u64) {
        for i in 0..n {
            let mut object = Box::new([&ANCHORS[0]; FIELDS]);
            for (j, field) in object.iter_mut().enumerate() {
                *field = anchor(base, i, j);
            }
            self.0.push(object);
        }
    }

    fn read(&self, i: usize, base: u64) -> (u64, bool) {
        let (mut sum, mut ok) = (0u64, true);
        for (j, field) in self.0[i].iter().enumerate() {
            sum = sum.wrapping_mul(31).wrapping_add(field.value);
            ok = ok && std::ptr::eq(*field, anchor(base, i, j));
        }
        (sum, ok)
    }
}

fn anchor(base: u64, i: usize, j: usize) -> &'static Anchor {
    &ANCHORS[(written(base, i, j) % ANCHORS.len() as u64) as usize]
}

/// What field `j` of object `i` holds.
fn written(base: u64, i: usize, j: usize) -> u64 {
    base + 31 * i as u64 + j as u64
}
