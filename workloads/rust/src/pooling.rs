//! Calls that each need a buffer for a moment: a new one, the thread's own, or one of a list behind a lock. Rust has no collector that would
//! look after a pool; a thread-local is what people use.

use std::cell::RefCell;
use std::hint::black_box;
use std::sync::Mutex;

use crate::block::{Block, Cell};
use crate::random::{fold, split};
use crate::request::Request;
use crate::workload::{Workload, read_back, slots_for, touch};

#[repr(align(128))] // see Workload
pub struct Pooling {
    kind: &'static str,
    base: u64, // number of the first block
    buffer_bytes: u64,
    calls_per_op: u64,
    blocks: Vec<Box<Cell>>, // what lives
    count: usize,
    next_id: u64,
    requested: u64,
    last: Option<Box<Buffer>>, // published, so that a new one is made
}

struct Buffer {
    data: Box<[u8]>,
}

const BLOCK_DATA: u64 = 1016; // with its id 1 KiB of payload

thread_local! {
    static POOL: RefCell<Option<Box<Buffer>>> = const { RefCell::new(None) };
}

/// Of all threads.
#[allow(clippy::vec_box)]
static FREE: Mutex<Vec<Box<Buffer>>> = Mutex::new(Vec::new());

pub fn new_pooling(r: &mut Request, t: usize) -> Box<dyn Workload> {
    Box::new(Pooling {
        kind: r.word("kind", &["fresh", "pool", "freelist"]),
        base: split(r.seed, t).next() >> 32,
        buffer_bytes: r.param("buffer_bytes", 64, 1 << 20),
        calls_per_op: r.param("calls_per_op", 1, 1 << 20),
        blocks: Vec::new(),
        count: slots_for(r.share(8 + BLOCK_DATA), 8 + BLOCK_DATA),
        next_id: 0,
        requested: 0,
        last: None,
    })
}

impl Workload for Pooling {
    /// Makes what lives.
    fn setup(&mut self) {
        for i in 0..self.count as u64 {
            let block = Cell::new(self.base + i, BLOCK_DATA);
            self.requested += block.requested();
            self.blocks.push(block);
        }
    }

    /// So many calls: a buffer is had, written to, read back and given back.
    fn operation(&mut self) -> u64 {
        let mut result = 0;
        for _ in 0..self.calls_per_op {
            let id = self.base + self.next_id;
            self.next_id += 1;
            let mut own = self.take();
            touch(&mut own.data, id);
            let (sum, _) = read_back(&own.data, id);
            result = fold(result, sum);
            self.give(own);
        }
        result
    }

    fn verify(&mut self) -> Result<u64, String> {
        let mut sum = 0;
        for b in &self.blocks {
            let (bytes, ok) = b.read_back();
            if !ok {
                return Err(format!("pooling: block {} does not read back", b.id()));
            }
            sum = fold(sum, b.id().wrapping_add(bytes));
        }
        Ok(sum)
    }

    fn live_bytes(&self) -> u64 {
        self.count as u64 * (8 + BLOCK_DATA)
    }

    fn requested_bytes(&self) -> u64 {
        self.requested
    }
}

impl Pooling {
    /// Has a buffer from where the kind says.
    fn take(&mut self) -> Box<Buffer> {
        let found = match self.kind {
            "pool" => POOL.with_borrow_mut(Option::take),
            "freelist" => pop(),
            _ => {
                self.requested += self.buffer_bytes;
                None
            }
        };
        match found {
            Some(own) if self.fits(&own) => own,
            _ => Box::new(Buffer {
                data: vec![0; self.buffer_bytes as usize].into_boxed_slice(),
            }),
        }
    }

    fn fits(&self, own: &Buffer) -> bool {
        own.data.len() as u64 == self.buffer_bytes
    }

    /// Puts it back there; a new one is let go of.
    fn give(&mut self, own: Box<Buffer>) {
        match self.kind {
            "pool" => POOL.set(Some(own)),
            "freelist" => FREE.lock().expect("nobody panicked").push(own),
            _ => {
                self.last = Some(own);
                black_box(&self.last);
            }
        }
    }
}

/// Takes the buffer that was given back last.
fn pop() -> Option<Box<Buffer>> {
    FREE.lock().expect("nobody panicked").pop()
}
