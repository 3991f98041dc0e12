//! Shifts the sizes of its objects from epoch to epoch and leaves a few survivors of each behind, scattered over the heap
//! or in stripes: the room between them has the wrong size for what comes next.

use std::hint::black_box;

use crate::block::{Block, Cell, Knot};
use crate::random::{Generator, fold, split};
use crate::request::Request;
use crate::workload::{Parcel, Workload};

#[repr(align(128))] // see Workload
pub struct Fragment<B> {
    random: Generator,
    share: u64,
    shape: Shape,
    stripes: bool, // survivors are neighbours, not scattered
    handoff: bool, // what does not survive is freed by another thread
    keep: u64,
    garbage: u64,
    classes: Vec<u64>, // the smallest size of each; a class reaches up to half more
    least_payload: u64,
    epoch: usize,

    blocks: Vec<Box<B>>,     // held; the capacity is the most that the share can hold
    passing: Option<Box<B>>, // the last block that was garbage from the start
    leaving: Vec<Box<B>>,    // for another thread to free, with the same capacity; handoff only
    arrived: Vec<Box<B>>,    // from another thread

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

/// Neighbours that survive together.
const STRIPE: u64 = 64;

pub fn new_fragment(r: &mut Request, t: usize) -> Box<dyn Workload> {
    match r.word("contents", &["bytes", "pointers"]) {
        "bytes" => new_fragment_of::<Cell>(r, t),
        _ => new_fragment_of::<Knot>(r, t),
    }
}

fn new_fragment_of<B: Block>(r: &mut Request, t: usize) -> Box<dyn Workload> {
    let base = r.param("size_base", B::UNIT.max(2), 1 << 30);
    let limit = r.param("size_limit", base + base / 2, 1 << 30);
    let least_payload = 8 + base / B::UNIT * B::UNIT;
    r.asks(); // checked here, done by the harness
    Box::new(Fragment::<B> {
        random: split(r.seed, t),
        share: r.share(least_payload),
        shape: match r.word("shape", &["growing", "shrinking", "mixed"]) {
            "growing" => Shape::Growing,
            "shrinking" => Shape::Shrinking,
            _ => Shape::Mixed,
        },
        stripes: r.word("layout", &["random", "stripes"]) == "stripes",
        handoff: r.param("handoff", 0, 1) == 1,
        keep: r.param("keep_permille", 0, 999),
        garbage: r.param("garbage_percent", 0, 10_000),
        classes: classes(base, limit),
        least_payload,
        epoch: 0,
        blocks: Vec::new(),
        passing: None,
        leaving: Vec::new(),
        arrived: Vec::new(),
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

impl<B: Block> Workload for Fragment<B> {
    /// Fills the share with sizes of the first class. The tables have their full length from the start, so that no epoch
    /// pays for their growth.
    fn setup(&mut self) {
        let most = (self.share / self.least_payload) as usize + 1;
        self.blocks.reserve_exact(most);
        if self.handoff {
            self.leaving.reserve_exact(most);
        }
        self.refill();
    }

    /// One epoch; what does not survive it has been handed over before, if another thread is to free it.
    fn operation(&mut self) -> u64 {
        self.epoch += 1;
        if !self.handoff {
            self.thin(self.keep);
            self.refill();
            return self.read_all();
        }
        let sum = self.free();
        self.refill();
        fold(sum, self.read_all())
    }

    /// Begins an epoch with handoff: returns what does not survive it, for another thread. `None` without.
    fn hand_over(&mut self) -> Option<Parcel> {
        if !self.handoff {
            return None;
        }
        self.thin(self.keep);
        Some(Box::new(std::mem::take(&mut self.leaving)))
    }

    /// Takes what another thread handed over, and its table for what will be handed over next.
    fn receive(&mut self, parcel: Parcel) {
        let blocks = parcel.downcast::<Vec<Box<B>>>();
        self.arrived = *blocks.expect("threads of one workload hold blocks of one kind");
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

    /// Frees 90 % of the blocks as an epoch would, all on their own thread.
    fn drop_load(&mut self) {
        self.thin(100);
        self.leaving.clear();
    }
}

impl<B: Block> Fragment<B> {
    /// Reads what has arrived back, folds it and frees it.
    fn free(&mut self) -> u64 {
        let mut arrived = std::mem::take(&mut self.arrived);
        let sum = read(&arrived, &mut self.broken);
        arrived.clear();
        self.leaving = arrived;
        sum
    }

    /// Parts with all but `keep` permille of the blocks, scattered at random or in stripes, and closes the ranks of the
    /// survivors.
    fn thin(&mut self, keep: u64) {
        const TURN: u64 = 1000 * STRIPE;
        // Of a turn; a block advances it by `keep`, so that STRIPE neighbours of each turn survive.
        let mut phase = if self.stripes { self.random.below(TURN) } else { 0 };
        let (random, stripes) = (&mut self.random, self.stripes);
        let dying = self.blocks.extract_if(.., |_| {
            let survives = if stripes {
                let at = phase;
                phase = (phase + keep) % TURN;
                at < STRIPE * keep
            } else {
                random.below(1000) < keep
            };
            !survives
        });
        for b in dying {
            self.live -= b.payload();
            if self.handoff {
                self.leaving.push(b);
            }
        }
    }

    /// Allocates until the share is reached, and in between garbage percent as many bytes that nobody keeps.
    fn refill(&mut self) {
        let mut owed = 0i64; // garbage, in hundredths of a byte
        while self.live < self.share {
            let b = self.new_block();
            self.live += b.payload();
            owed += (b.payload() * self.garbage) as i64;
            self.blocks.push(b);
            while owed > 0 {
                let b = self.new_block();
                owed -= 100 * b.payload() as i64;
                self.passing = Some(b);
            }
        }
        self.passing = None;
    }

    /// Draws a size of the epoch, allocates and writes.
    fn new_block(&mut self) -> Box<B> {
        let id = self.next_id;
        self.next_id += 1;
        let lo = self.class();
        let b = B::new(id, lo + self.random.below(lo / 2));
        self.requested += b.requested();
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

    /// Reads every block held back.
    fn read_all(&mut self) -> u64 {
        read(&self.blocks, &mut self.broken)
    }
}

/// Reads blocks back; the first that is broken is kept for verify to report.
fn read<B: Block>(blocks: &[Box<B>], broken: &mut Option<String>) -> u64 {
    let mut sum = 0;
    for b in blocks {
        let (bytes, ok) = b.read_back();
        if !ok && broken.is_none() {
            *broken = Some(format!("fragment: block {} does not read back", b.id()));
        }
        sum = fold(sum, b.id().wrapping_add(bytes));
    }
    sum
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::thread::{self, ThreadId};

    use super::*;
    use crate::mutator::Mutators;
    use crate::request::tests::{parse, request_for};

    fn prepared<B: Block>(shape: Shape, keep: u64) -> Fragment<B> {
        let mut f = unprepared(shape, keep);
        f.setup();
        f
    }

    fn unprepared<B: Block>(shape: Shape, keep: u64) -> Fragment<B> {
        Fragment {
            random: split(42, 0),
            share: if cfg!(miri) { 1 << 16 } else { 1 << 19 },
            shape,
            stripes: false,
            handoff: false,
            keep,
            garbage: 50,
            classes: classes(64, 1024),
            least_payload: 72,
            epoch: 0,
            blocks: Vec::new(),
            passing: None,
            leaving: Vec::new(),
            arrived: Vec::new(),
            next_id: 0,
            broken: None,
            live: 0,
            requested: 0,
        }
    }

    #[test]
    fn sizes_follow_the_shape() {
        for (shape, want) in [
            (Shape::Growing, [64, 96, 144, 216, 324, 486, 64]),
            (Shape::Shrinking, [486, 324, 216, 144, 96, 64, 486]),
        ] {
            let mut f = prepared::<Cell>(shape, 0);
            for (epoch, lo) in want.into_iter().enumerate() {
                for size in f.blocks.iter().map(|b| b.payload() - 8) {
                    assert!(
                        (lo..lo + lo / 2).contains(&size),
                        "{shape:?}, epoch {epoch}: {size}, class {lo}"
                    );
                }
                f.operation();
            }
        }
    }

    fn tables_never_grow<B: Block>(stripes: bool) {
        for shape in [Shape::Growing, Shape::Shrinking, Shape::Mixed] {
            let mut f = prepared::<B>(shape, 50);
            f.stripes = stripes;
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
    fn the_table_never_grows_and_live_bytes_are_what_it_holds() {
        tables_never_grow::<Cell>(false);
        tables_never_grow::<Cell>(true);
        tables_never_grow::<Knot>(false);
    }

    #[test]
    fn a_few_are_kept_and_nine_tenths_are_dropped() {
        for stripes in [false, true] {
            let mut f = prepared::<Cell>(Shape::Growing, 50);
            f.stripes = stripes && !cfg!(miri); // a share that is small has few stripes
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
    }

    // Without garbage in between, neighbours in the order of allocation have ids that follow each other.
    #[test]
    fn stripes_are_neighbours_that_survive_together() {
        for (keep, apart) in [(10, 6400), (50, 1280), (100, 640), (400, 160)] {
            let mut f = unprepared::<Cell>(Shape::Growing, 50);
            (f.stripes, f.garbage, f.share) = (true, 0, 1 << 21);
            f.setup();
            let count = f.blocks.len() as u64;
            f.thin(keep);
            let mut stripes: Vec<(u64, u64)> = Vec::new(); // the first id of each, and how many follow each other
            for b in &f.blocks {
                match stripes.last_mut() {
                    Some((first, many)) if *first + *many == b.id() => *many += 1,
                    _ => stripes.push((b.id(), 1)),
                }
            }
            // The first and the last may be cut by the ends of the table.
            assert!(stripes.len() >= 3, "{stripes:?}");
            for pair in stripes[1..].windows(2) {
                assert_eq!((pair[0].1, pair[1].0 - pair[0].0), (STRIPE, apart), "keep {keep}");
            }
            let kept = f.blocks.len() as u64;
            assert!(kept.abs_diff(count * keep / 1000) <= STRIPE, "{kept} of {count}");
        }
    }

    #[test]
    fn stripes_of_none_keep_none() {
        let mut f = prepared::<Cell>(Shape::Growing, 50);
        f.stripes = true;
        f.thin(0);
        assert_eq!((f.blocks.len(), f.live), (0, 0));
    }

    #[test]
    fn a_damaged_survivor_is_found_in_whatever_epoch_it_was_made() {
        for stripes in [false, !cfg!(miri)] {
            let mut f = prepared::<Witness>(Shape::Growing, 50);
            f.stripes = stripes;
            f.operation();
            let made = f.next_id;
            f.operation();
            let oldest = &mut f.blocks[0]; // the ranks are in order of allocation
            assert!(oldest.id < made, "block {} is no survivor", oldest.id);
            oldest.whole = false;
            let want = format!("fragment: block {} does not read back", oldest.id);
            assert_eq!(f.verify(), Err(want));
        }
    }

    /// A block that knows where it was made, and tells where it is freed.
    struct Witness {
        id: u64,
        size: u64,
        made_by: ThreadId,
        whole: bool,
    }

    /// Who made and who freed, for blocks that a mutator freed.
    static FREED: Mutex<Vec<(ThreadId, ThreadId)>> = Mutex::new(Vec::new());

    impl Block for Witness {
        const UNIT: u64 = 1;

        fn new(id: u64, size: u64) -> Box<Witness> {
            Box::new(Witness {
                id,
                size,
                made_by: thread::current().id(),
                whole: true,
            })
        }

        fn id(&self) -> u64 {
            self.id
        }

        fn payload(&self) -> u64 {
            8 + self.size
        }

        fn requested(&self) -> u64 {
            self.payload()
        }

        fn read_back(&self) -> (u64, bool) {
            (self.size, self.whole)
        }
    }

    impl Drop for Witness {
        fn drop(&mut self) {
            let here = thread::current();
            if here.name().is_some_and(|name| name.starts_with("mutator-")) {
                FREED.lock().unwrap().push((self.made_by, here.id()));
            }
        }
    }

    #[test]
    fn with_handoff_the_next_thread_frees_what_a_thread_made_and_without_it_does_so_itself() {
        for (handoff, threads) in [(true, 3), (true, 1), (false, 2)] {
            let works = (0..threads).map(|t| {
                let mut f = unprepared::<Witness>(Shape::Mixed, 50);
                (f.handoff, f.garbage, f.random) = (handoff, 0, split(42, t));
                Box::new(f) as Box<dyn Workload>
            });
            let mutators = Mutators::start(works.collect());
            let ids = Arc::new(Mutex::new(Vec::new()));
            let seen = Arc::clone(&ids);
            mutators.all(move |m| {
                seen.lock().unwrap().push((m.index, thread::current().id()));
                m.work.setup();
            });
            let mut ids = ids.lock().unwrap().clone();
            ids.sort_unstable_by_key(|(index, _)| *index);
            FREED.lock().unwrap().clear();
            for _ in 0..3 {
                mutators.exchange();
                mutators.all(|m| m.operate(1));
            }
            let freed = FREED.lock().unwrap().clone();
            for (t, (_, maker)) in ids.iter().enumerate() {
                let next = ids[if handoff { (t + 1) % threads } else { t }].1;
                let mine: Vec<_> = freed.iter().filter(|(made_by, _)| made_by == maker).collect();
                assert!(mine.len() > 100, "{}", mine.len());
                assert!(
                    mine.iter().all(|(_, freed_by)| *freed_by == next),
                    "handoff {handoff}, thread {t} of {threads}"
                );
            }
        }
    }

    #[test]
    fn a_block_damaged_on_its_way_is_found() {
        let (mut from, mut to) = (
            unprepared::<Witness>(Shape::Mixed, 50),
            unprepared::<Witness>(Shape::Mixed, 50),
        );
        (from.handoff, to.handoff) = (true, true);
        from.setup();
        to.setup();
        from.thin(50);
        from.leaving[3].whole = false;
        let want = format!("fragment: block {} does not read back", from.leaving[3].id);
        let parcel = Box::new(std::mem::take(&mut from.leaving));
        to.receive(parcel);
        to.operation();
        assert_eq!(to.verify(), Err(want));
    }

    // One generator decides who survives and what is allocated, whoever frees the rest.
    #[test]
    fn handing_over_is_the_same_work_but_for_who_reads() {
        for threads in ["threads=1", "threads=2"] {
            let outcome = |handoff: &str| {
                let (_, works) = parse(&request_for("fragment", &[threads, handoff])).unwrap();
                let mutators = Mutators::start(works);
                mutators.all(|m| m.work.setup());
                for _ in 0..5 {
                    mutators.exchange();
                    mutators.all(|m| m.operate(1));
                }
                let live = mutators.total(|m| m.work.live_bytes());
                let requested = mutators.total(|m| m.work.requested_bytes());
                let sums: Vec<u64> = mutators.held().iter().map(|m| m.sum).collect();
                ((live, requested), sums)
            };
            let (own, first, again) = (
                outcome("p.handoff=0"),
                outcome("p.handoff=1"),
                outcome("p.handoff=1"),
            );
            assert_eq!(own.0, first.0);
            assert_ne!(own.1, first.1);
            assert_eq!(first, again);
        }
    }

    #[test]
    fn large_blocks_fit_a_small_share() {
        let mut f = unprepared::<Cell>(Shape::Mixed, 50);
        (f.share, f.classes, f.least_payload) = (6 << 20, classes(64 << 10, 2 << 20), 8 + (64 << 10));
        f.setup();
        let mut largest = 0;
        for _ in 0..6 {
            f.operation();
            largest = f.blocks.iter().map(|b| b.payload()).fold(largest, u64::max);
            assert!((f.share..f.share + (2 << 20)).contains(&f.live), "{}", f.live);
        }
        f.verify().unwrap();
        assert!(largest >= 1 << 20, "the largest had {largest} bytes");
    }
}
