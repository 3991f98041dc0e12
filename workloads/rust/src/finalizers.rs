//! An experiment: handles that were opened and let go of, some of them closed, and which of the others are reported. Here it is no
//! collector that does so but `Drop`, at once; and of a cycle of `Rc`, nobody.

use std::cell::{Cell as Once, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::block::{Block, Cell};
use crate::random::{fold, mix};
use crate::request::Request;
use crate::workload::{Value, Workload, slots_for};

#[repr(align(128))] // see Workload
pub struct Finalizers {
    kind: &'static str,
    base: u64, // number of the first block
    opened: u64,
    closed: u64,
    blocks: Vec<Box<Cell>>, // what lives
    count: usize,
    requested: u64,
    operations: u64,
    reported: Arc<AtomicU64>,
}

const BLOCK_DATA: u64 = 1016; // with its id 1 KiB of payload

/// Something that must be closed; of a pair each knows the other.
struct Handle {
    data: Box<[u8]>,
    closed: Once<bool>,
    other: RefCell<Option<Rc<Handle>>>,
    weak: RefCell<Weak<Handle>>,
    reported: Arc<AtomicU64>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        std::hint::black_box(&self.data);
        if !self.closed.get() {
            self.reported.fetch_add(1, Ordering::Relaxed);
        }
    }
}

pub fn new_finalizers(r: &mut Request, _: usize) -> Box<dyn Workload> {
    let kind = r.word("kind", &["alone", "cycle", "broken", "weak", "cleanup"]);
    if kind == "cleanup" {
        r.unable(
            "p.kind",
            "Rust has nothing that would see to a cycle which nobody holds any more",
        );
    }
    Box::new(Finalizers {
        kind,
        base: mix(r.seed) >> 32,
        opened: r.param("opened", 2, 1 << 20),
        closed: r.param("closed", 0, 1 << 20),
        blocks: Vec::new(),
        count: slots_for(r.share(8 + BLOCK_DATA), 8 + BLOCK_DATA),
        requested: 0,
        operations: 0,
        reported: Arc::default(),
    })
}

impl Workload for Finalizers {
    /// Makes what lives.
    fn setup(&mut self) {
        for i in 0..self.count as u64 {
            let block = Cell::new(self.base + i, BLOCK_DATA);
            self.requested += block.requested();
            self.blocks.push(block);
        }
    }

    /// The first one opens handles and lets go of them: what is reported, is reported there and then.
    fn operation(&mut self) -> u64 {
        if self.operations == 0 {
            self.open();
        }
        let at = (self.operations % self.blocks.len() as u64) as usize;
        let (sum, _) = self.blocks[at].read_back();
        self.operations += 1;
        sum
    }

    fn verify(&mut self) -> Result<u64, String> {
        let mut sum = 0;
        for b in &self.blocks {
            let (bytes, ok) = b.read_back();
            if !ok {
                return Err(format!("finalizers: block {} does not read back", b.id()));
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

    fn values(&mut self) -> Vec<Value> {
        let reported = self.reported.load(Ordering::Relaxed);
        vec![("reported", Some(reported as f64))]
    }
}

impl Finalizers {
    /// Makes handles, closes some of them, and keeps none.
    fn open(&mut self) {
        if self.kind == "alone" {
            for i in 0..self.opened {
                let one = self.new_handle();
                if i < self.closed {
                    one.closed.set(true);
                }
            }
            return;
        }
        for _ in 0..self.opened / 2 {
            let (a, b) = (self.new_handle(), self.new_handle());
            *a.other.borrow_mut() = Some(b.clone());
            match self.kind {
                "broken" => {}
                "weak" => *b.weak.borrow_mut() = Rc::downgrade(&a),
                _ => *b.other.borrow_mut() = Some(a.clone()),
            }
        }
    }

    fn new_handle(&mut self) -> Rc<Handle> {
        self.requested += BLOCK_DATA;
        Rc::new(Handle {
            data: vec![0; BLOCK_DATA as usize].into_boxed_slice(),
            closed: Once::new(false),
            other: RefCell::default(),
            weak: RefCell::default(),
            reported: self.reported.clone(),
        })
    }
}
