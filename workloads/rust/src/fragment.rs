//! Shifts the sizes of its objects from epoch to epoch and leaves a few survivors of each behind, scattered over the
//! heap: the room between them has the wrong size for what comes next.

use std::hint::black_box;

use crate::random::{Generator, fold, split};
use crate::request::Request;
use crate::workload::{Workload, read_back, touch};

#[repr(align(128))] // see Workload
pub struct Fragment {
    random: Generator,
    share: u64,
    shape: Shape,
    keep: u64,
    garbage: u64,
    classes: Vec<u64>, // the smallest size of each; a class reaches up to half more
    epoch: usize,

    blocks: Vec<Box<Cell>>,     // held; the capacity is the most that the share can hold
    passing: Option<Box<Cell>>, // the last block that was garbage from the start

    next_id: u64,
    broken: Option<String>,
    live: u64,
    requested: u64,
}

#[derive(Clone, Copy, Debug)]
enum Shape {
    Growing,
    Shrinking,
    Mixed,
}

struct Cell {
    id: u64,
    data: Box<[u8]>,
}

impl Cell {
    fn payload(&self) -> u64 {
        8 + self.data.len() as u64
    }
}

pub fn new_fragment(r: &mut Request, t: usize) -> Box<dyn Workload> {
    let base = r.param("size_base", 2, 1 << 30);
    let limit = r.param("size_limit", base + base / 2, 1 << 30);
    Box::new(Fragment {
        random: split(r.seed, t),
        share: r.share(8 + base),
        shape: match r.word("shape", &["growing", "shrinking", "mixed"]) {
            "growing" => Shape::Growing,
            "shrinking" => Shape::Shrinking,
            _ => Shape::Mixed,
        },
        keep: r.param("keep_permille", 0, 999),
        garbage: r.param("garbage_percent", 0, 10_000),
        classes: classes(base, limit),
        epoch: 0,
        blocks: Vec::new(),
        passing: None,
        next_id: 0,
        broken: None,
        live: 0,
        requested: 0,
    })
}

fn classes(base: u64, limit: u64) -> Vec<u64> {
    let mut classes = Vec::new();
    let mut size = base;
    while size + size / 2 <= limit {
        classes.push(size);
        size += size / 2;
    }
    classes
}

impl Workload for Fragment {
    /// Fills the share with sizes of the first class. The table of blocks has its full length from the start, so that no
    /// epoch pays for its growth.
    fn setup(&mut self) {
        self.blocks
            .reserve_exact((self.share / (8 + self.classes[0])) as usize + 1);
        self.refill();
    }

    /// One epoch.
    fn operation(&mut self) -> u64 {
        self.epoch += 1;
        self.thin(self.keep);
        self.refill();
        self.read_all()
    }

    fn verify(&mut self) -> Result<u64, String> {
        let sum = self.read_all();
        match &self.broken {
            Some(what) => Err(what.clone()),
            None => Ok(sum),
        }
    }

    fn live_bytes(&self) -> u64 {
        self.live
    }

    fn requested_bytes(&self) -> u64 {
        self.requested
    }

    /// Frees 90 % of the blocks at random.
    fn drop_load(&mut self) {
        self.thin(100);
    }
}

impl Fragment {
    /// Frees all but a random `keep` permille of the blocks and closes the ranks of the survivors.
    fn thin(&mut self, keep: u64) {
        let (random, live) = (&mut self.random, &mut self.live);
        self.blocks.retain(|b| {
            let kept = random.below(1000) < keep;
            if !kept {
                *live -= b.payload();
            }
            kept
        });
    }

    /// Allocates until the share is reached, and in between garbage percent as many bytes that nobody keeps.
    fn refill(&mut self) {
        let mut owed = 0i64; // garbage, in hundredths of a byte
        while self.live < self.share {
            let b = self.new_cell();
            self.live += b.payload();
            owed += (b.payload() * self.garbage) as i64;
            self.blocks.push(b);
            while owed > 0 {
                let b = self.new_cell();
                owed -= 100 * b.payload() as i64;
                self.passing = Some(b);
            }
        }
        self.passing = None;
    }

    /// Draws a size of the epoch, allocates and touches.
    fn new_cell(&mut self) -> Box<Cell> {
        let id = self.next_id;
        self.next_id += 1;
        let lo = self.class();
        let size = lo + self.random.below(lo / 2);
        let mut b = Box::new(Cell {
            id,
            data: vec![0; size as usize].into_boxed_slice(),
        });
        touch(&mut b.data, id);
        self.requested += b.payload();
        black_box(b)
    }

    /// The smallest size of the epoch's class.
    fn class(&mut self) -> u64 {
        let n = self.classes.len();
        match self.shape {
            Shape::Growing => self.classes[self.epoch % n],
            Shape::Shrinking => self.classes[n - 1 - self.epoch % n],
            Shape::Mixed => self.classes[self.random.below(n as u64) as usize],
        }
    }

    /// Reads every block back; the first that is broken is kept for verify to report.
    fn read_all(&mut self) -> u64 {
        let mut sum = 0;
        for b in &self.blocks {
            let (bytes, ok) = read_back(&b.data, b.id);
            if !ok && self.broken.is_none() {
                self.broken = Some(format!("fragment: block {} does not read back", b.id));
            }
            sum = fold(sum, b.id.wrapping_add(bytes));
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(shape: Shape, keep: u64) -> Fragment {
        let mut f = Fragment {
            random: split(42, 0),
            share: if cfg!(miri) { 1 << 16 } else { 1 << 19 },
            shape,
            keep,
            garbage: 50,
            classes: classes(64, 1024),
            epoch: 0,
            blocks: Vec::new(),
            passing: None,
            next_id: 0,
            broken: None,
            live: 0,
            requested: 0,
        };
        f.setup();
        f
    }

    #[test]
    fn sizes_follow_the_shape() {
        for (shape, want) in [
            (Shape::Growing, [64, 96, 144, 216, 324, 486, 64]),
            (Shape::Shrinking, [486, 324, 216, 144, 96, 64, 486]),
        ] {
            let mut f = prepared(shape, 0);
            for (epoch, lo) in want.into_iter().enumerate() {
                for size in f.blocks.iter().map(|b| b.data.len() as u64) {
                    assert!(
                        (lo..lo + lo / 2).contains(&size),
                        "{shape:?}, epoch {epoch}: {size}, class {lo}"
                    );
                }
                f.operation();
            }
        }
    }

    #[test]
    fn the_table_never_grows_and_live_bytes_are_what_it_holds() {
        for shape in [Shape::Growing, Shape::Shrinking, Shape::Mixed] {
            let mut f = prepared(shape, 50);
            let capacity = f.blocks.capacity();
            for _ in 0..8 {
                f.operation();
                assert_eq!(f.live, f.blocks.iter().map(|b| b.payload()).sum::<u64>());
            }
            f.verify().unwrap();
            assert_eq!(f.blocks.capacity(), capacity);
        }
    }

    #[test]
    fn a_few_are_kept_and_nine_tenths_are_dropped() {
        let mut f = prepared(Shape::Growing, 50);
        let count = f.blocks.len();
        f.thin(50);
        assert!(
            (count * 3 / 100..count * 7 / 100).contains(&f.blocks.len()),
            "{} of {count}",
            f.blocks.len()
        );
        f.refill();
        let full = f.live;
        f.drop_load();
        let ratio = f.live as f64 / full as f64;
        assert!(
            (0.07..0.13).contains(&ratio),
            "{ratio:.2} of the live bytes are left"
        );
        f.verify().unwrap();
    }

    #[test]
    fn a_damaged_survivor_is_found() {
        let mut f = prepared(Shape::Mixed, 50);
        f.blocks[5].data[0] ^= 1;
        assert!(f.verify().unwrap_err().starts_with("fragment: block "));
    }
}
