//! Many parked threads, each with a stack whose frames hold all that lives, and garbage made meanwhile: a collection would
//! find its roots on every one of them.

use std::hint::black_box;
use std::mem::replace;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;

use crate::random::{Generator, fold, split};
use crate::request::Request;
use crate::threads::{most_threads, start_thread};
use crate::workload::{Workload, read_back, slots_for, touch};

#[repr(align(128))] // see Workload
pub struct Stacks {
    random: Generator,
    pieces_per_op: u64,
    young_slots: usize,
    wake_every: u64,

    own: u64, // sleepers of this mutator
    sleepers: Vec<Sleeper>,
    baton: Option<Box<Baton>>, // with the mutator while every sleeper sleeps
    ring: Vec<Box<Piece>>,     // the young: round robin
    ring_next: usize,
    operations: u64,
    live: u64,
    broken: Option<String>,
}

/// A thread that sleeps at the bottom of its stack.
struct Sleeper {
    seat: Arc<Seat>,
    thread: JoinHandle<()>,
}

/// Where a thread waits for the baton.
#[derive(Default)]
struct Seat {
    baton: Mutex<Option<Box<Baton>>>,
    passed: Condvar,
}

/// What the one that is awake works with: the mutator passes it to a sleeper and waits until it comes back, so that no two
/// of them ever run at once.
struct Baton {
    task: Task,
    sum: u64,                     // of what was read
    carry: Vec<Option<Box<Bag>>>, // what the frames of the one that is awake hold, while they are gone; else none
    home: Arc<Seat>,              // the mutator's
    piece_bytes: u64,
    pieces: u64, // of all frames; they are spread evenly
    frames: u64,
    next_id: u64,
    requested: u64,
    broken: Option<String>,
}

/// What a sleeper is woken for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Task {
    /// Go down, with a new bag for each frame.
    Build,
    /// Go up and down again, and read a little of each bag both times.
    Walk,
    /// The same, and read all of them back.
    Check,
    /// Go up and end: without a collector somebody has to take threads down.
    Leave,
}

/// What one frame holds; its array and each piece and its data are objects of their own.
struct Bag {
    id: u64,
    pieces: Box<[Box<Piece>]>,
}

struct Piece {
    id: u64,
    data: Box<[u8]>,
}

/// Both kinds are threads of the system: this language has no others.
pub fn new_stacks(r: &mut Request, t: usize) -> Box<dyn Workload> {
    let threads = r.threads.max(1) as u64;
    let total = r.param("sleepers", threads, 1 << 20);
    let depth = r.param("depth", 1, 1000);
    let piece_bytes = r.param("piece_bytes", 1, 1 << 20);
    r.word("kind", &["light", "platform"]);
    let mut w = Stacks {
        random: split(r.seed, t),
        pieces_per_op: r.param("pieces_per_op", 1, 1 << 20),
        young_slots: r.param("young_slots", 1, 1 << 24) as usize,
        wake_every: r.param("wake_every", 1, 1 << 20),
        own: total * (t as u64 + 1) / threads - total * t as u64 / threads,
        sleepers: Vec::new(),
        baton: None,
        ring: Vec::new(),
        ring_next: 0,
        operations: 0,
        live: 0,
        broken: None,
    };
    let share = r.share(8 + piece_bytes);
    let each = 8 + 8 + piece_bytes; // a piece, and the reference to it
    let young = w.young_slots as u64 * (8 + piece_bytes);
    let least = |sleepers: u64| sleepers * depth * (8 + each) + young; // a piece a frame, and the ring
    if share < least(w.own) {
        let least = threads * least(total.div_ceil(threads));
        let complaint = format!("is too little for a piece in each frame: at least {least}");
        r.fail("p.live_bytes", &complaint);
        return Box::new(w);
    }
    let (most, by) = most_threads("");
    if total > most {
        let complaint = format!("{total} threads do not fit here: at most {most} ({by})");
        r.unable("p.sleepers", &complaint);
    }
    let frames = w.own * depth;
    let pieces = slots_for(share - young - frames * 8, each) as u64;
    w.live = young + frames * 8 + pieces * each;
    w.baton = Some(Box::new(Baton {
        task: Task::Build,
        sum: 0,
        carry: (0..depth).map(|_| None).collect(),
        home: Arc::default(),
        piece_bytes,
        pieces,
        frames,
        next_id: 0,
        requested: 0,
        broken: None,
    }));
    Box::new(w)
}

impl Workload for Stacks {
    /// Fills the ring, then starts the sleepers one after the other.
    fn setup(&mut self) {
        self.ring.reserve_exact(self.young_slots);
        for _ in 0..self.young_slots {
            let fresh = self.baton().new_piece();
            self.ring.push(fresh);
        }
        let depth = self.baton().carry.len();
        self.sleepers.reserve_exact(self.own as usize);
        for i in 0..self.own {
            let seat = Arc::<Seat>::default();
            let (own, first) = (Arc::clone(&seat), i * depth as u64);
            // Room for frames as a build for tests makes them; a stack is only reserved until it is used.
            let thread = match start_thread((64 << 10) + 512 * depth, move || live(&own, first)) {
                Ok(thread) => thread,
                Err(error) => {
                    self.broken = Some(format!(
                        "stacks: thread {i} of {} does not start: {error}",
                        self.own
                    ));
                    return;
                }
            };
            self.sleepers.push(Sleeper { seat, thread });
            self.wake(i as usize, Task::Build, 0);
        }
    }

    /// Makes garbage, and wakes one sleeper each so many times.
    fn operation(&mut self) -> u64 {
        let mut result = 0;
        for _ in 0..self.pieces_per_op {
            let fresh = self.baton().new_piece();
            let at = self.ring_next;
            self.ring_next += 1;
            if self.ring_next == self.ring.len() {
                self.ring_next = 0;
            }
            let old = replace(&mut self.ring[at], fresh);
            result = fold(result, old.peek());
        }
        self.operations += 1;
        if self.operations.is_multiple_of(self.wake_every) && self.broken.is_none() {
            let at = self.random.below(self.own) as usize;
            let seed = self.random.next();
            result = fold(result, self.wake(at, Task::Walk, seed));
        }
        result
    }

    /// Reads the ring back, and has every sleeper do so with what its frames hold.
    fn verify(&mut self) -> Result<u64, String> {
        let mut sum = 0;
        for p in &self.ring {
            let (bytes, ok) = read_back(&p.data, p.id);
            if !ok {
                return Err(format!("stacks: piece {} does not read back", p.id));
            }
            sum = fold(sum, p.id.wrapping_add(bytes));
        }
        for at in 0..self.sleepers.len() {
            sum = fold(sum, self.wake(at, Task::Check, 0));
        }
        let broken = self.broken.take().or_else(|| self.baton().broken.take());
        broken.map_or(Ok(sum), Err)
    }

    fn live_bytes(&self) -> u64 {
        self.live
    }

    fn requested_bytes(&self) -> u64 {
        self.baton.as_ref().map_or(0, |baton| baton.requested)
    }
}

impl Drop for Stacks {
    fn drop(&mut self) {
        for at in 0..self.sleepers.len() {
            self.wake(at, Task::Leave, 0);
        }
        for sleeper in self.sleepers.drain(..) {
            // One that panicked has said so, and is gone too.
            let _ = sleeper.thread.join();
        }
    }
}

impl Stacks {
    fn baton(&mut self) -> &mut Baton {
        self.baton.as_mut().expect("every sleeper sleeps")
    }

    /// Passes the baton to a sleeper, waits until it comes back, and returns the sum.
    fn wake(&mut self, at: usize, task: Task, sum: u64) -> u64 {
        let mut baton = self.baton.take().expect("every sleeper sleeps");
        (baton.task, baton.sum) = (task, sum);
        let home = Arc::clone(&baton.home);
        self.sleepers[at].seat.pass(baton);
        let baton = home.wait();
        let sum = baton.sum;
        self.baton = Some(baton);
        sum
    }
}

impl Seat {
    fn pass(&self, baton: Box<Baton>) {
        *self.baton.lock().expect("nobody panics here") = Some(baton);
        self.passed.notify_one();
    }

    fn wait(&self) -> Box<Baton> {
        let mut seat = self.baton.lock().expect("nobody panics here");
        loop {
            if let Some(baton) = seat.take() {
                return baton;
            }
            seat = self.passed.wait(seat).expect("nobody panics here");
        }
    }
}

impl Baton {
    /// Allocates and touches.
    fn new_piece(&mut self) -> Box<Piece> {
        let id = self.next_id;
        self.next_id += 1;
        let mut fresh = Box::new(Piece {
            id,
            data: vec![0; self.piece_bytes as usize].into_boxed_slice(),
        });
        touch(&mut fresh.data, id);
        self.requested += 8 + self.piece_bytes;
        black_box(fresh)
    }

    /// Makes what the frame of that number holds.
    fn new_bag(&mut self, id: u64) -> Box<Bag> {
        let n = self.pieces / self.frames + u64::from(id < self.pieces % self.frames);
        let pieces = (0..n).map(|_| self.new_piece()).collect();
        self.requested += 8 + 4 * n;
        black_box(Box::new(Bag { id, pieces }))
    }

    /// Reads one piece of a bag, chosen by what was read before it, or checks all.
    fn read(&mut self, own: &Bag, id: u64) {
        match self.task {
            Task::Walk => {
                let at = ((self.sum >> 33) * own.pieces.len() as u64) >> 31;
                let one = &own.pieces[at as usize];
                self.sum = fold(self.sum, own.id.wrapping_add(one.peek()));
            }
            Task::Check => self.check(own, id),
            Task::Build | Task::Leave => {}
        }
    }

    /// Reads a bag back; the first that is broken is kept for verify to report.
    fn check(&mut self, own: &Bag, id: u64) {
        let mut ok = own.id == id;
        for p in &own.pieces {
            let (bytes, whole) = read_back(&p.data, p.id);
            ok = ok && whole;
            self.sum = fold(self.sum, p.id.wrapping_add(bytes));
        }
        if !ok && self.broken.is_none() {
            self.broken = Some(format!("stacks: what frame {id} holds does not read back"));
        }
    }

    /// Gives a frame a new bag, or the one that it laid down when it was left.
    fn take(&mut self, level: usize, id: u64) -> Box<Bag> {
        match self.task {
            Task::Build => self.new_bag(id),
            _ => self.carry[level].take().expect("a frame lays down what it holds"),
        }
    }
}

impl Piece {
    /// Reads the number of a piece and its last byte.
    fn peek(&self) -> u64 {
        self.id + u64::from(self.data[self.data.len() - 1])
    }
}

/// A sleeper's life: down its stack, and down again after each time that it came back up.
fn live(seat: &Seat, first: u64) {
    let mut baton = seat.wait();
    while baton.task != Task::Leave {
        baton = frame(seat, baton, first, 0);
    }
    let home = Arc::clone(&baton.home);
    home.pass(baton);
}

/// Holds a bag while the frames below it come and go. While the sleeper sleeps nothing but the frame leads to it.
#[inline(never)]
fn frame(seat: &Seat, mut baton: Box<Baton>, first: u64, level: usize) -> Box<Baton> {
    let id = first + level as u64;
    let own = black_box(baton.take(level, id));
    baton.read(&own, id);
    baton = if level + 1 < baton.carry.len() {
        frame(seat, baton, first, level + 1)
    } else {
        sleep(seat, baton)
    };
    baton.read(&own, id);
    baton.carry[level] = Some(own);
    baton
}

/// Passes the baton back and waits for it.
fn sleep(seat: &Seat, baton: Box<Baton>) -> Box<Baton> {
    let home = Arc::clone(&baton.home);
    home.pass(baton);
    seat.wait()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::tests::{parse, request_for};

    fn prepared() -> Stacks {
        let mut w = Stacks {
            random: split(42, 0),
            pieces_per_op: 8,
            young_slots: 64,
            wake_every: 3,
            own: 10,
            sleepers: Vec::new(),
            baton: Some(Box::new(Baton {
                task: Task::Build,
                sum: 0,
                carry: (0..8).map(|_| None).collect(),
                home: Arc::default(),
                piece_bytes: 256,
                pieces: 250,
                frames: 80,
                next_id: 0,
                requested: 0,
                broken: None,
            })),
            ring: Vec::new(),
            ring_next: 0,
            operations: 0,
            live: 0,
            broken: None,
        };
        w.setup();
        w
    }

    /// A sleeper of the test's own, down whose stack these bags are carried.
    fn with_a_sleeper_that_holds(w: &mut Stacks, bags: Vec<Option<Box<Bag>>>) {
        let seat = Arc::<Seat>::default();
        let own = Arc::clone(&seat);
        let thread = start_thread(1 << 20, move || live(&own, 0)).unwrap();
        w.sleepers.push(Sleeper { seat, thread });
        w.baton().carry = bags;
        w.wake(w.sleepers.len() - 1, Task::Walk, 0);
    }

    #[test]
    fn what_every_frame_holds_is_read_back_from_its_stack() {
        let damages: [fn(&mut Bag); 2] = [|own| own.pieces[1].data[64] ^= 1, |own| own.id += 1];
        for damage in damages {
            let mut w = prepared();
            w.verify().unwrap();
            let mut bags: Vec<_> = (0..8).map(|level| Some(w.baton().new_bag(level))).collect();
            damage(bags[5].as_mut().unwrap());
            with_a_sleeper_that_holds(&mut w, bags);
            let error = w.verify().unwrap_err();
            assert_eq!(error, "stacks: what frame 5 holds does not read back");
        }
    }

    #[test]
    fn nothing_but_the_stacks_leads_to_what_they_hold_while_they_sleep() {
        let mut w = prepared();
        for _ in 0..40 {
            w.operation();
            assert!(w.baton().carry.iter().all(Option::is_none));
        }
        w.verify().unwrap();
    }

    #[test]
    fn sleepers_frames_and_pieces_are_shared_out_without_a_rest() {
        let text = request_for("stacks", &["threads=4", "p.sleepers=21"]);
        let (request, works) = parse(&text).unwrap();
        let live: u64 = works.iter().map(|w| w.live_bytes()).sum();
        assert!((live as f64 / 4_194_304.0 - 1.0).abs() < 0.02, "{live}");
        let own = |t: u64| 21 * (t + 1) / 4 - 21 * t / 4;
        assert_eq!((0..4).map(own).sum::<u64>(), 21);
        assert_eq!(request.threads, works.len());
        let mut w = prepared();
        let held = (0..80).map(|id| w.baton().new_bag(id).pieces.len() as u64);
        assert_eq!(held.sum::<u64>(), w.baton().pieces);
    }

    #[test]
    fn a_sleeper_is_woken_each_so_many_operations() {
        let mut w = prepared();
        let mut sum = w.baton().sum;
        for n in 1..=9 {
            w.operation();
            assert_eq!(w.baton().sum != sum, n % 3 == 0, "operation {n}");
            sum = w.baton().sum;
        }
    }

    #[test]
    fn sleepers_end_with_the_workload_and_free_what_they_held() {
        let mut w = prepared();
        let seats: Vec<Arc<Seat>> = w.sleepers.iter().map(|s| Arc::clone(&s.seat)).collect();
        assert!(seats.iter().all(|seat| Arc::strong_count(seat) == 3));
        w.operation();
        drop(w);
        assert!(
            seats.iter().all(|seat| Arc::strong_count(seat) == 1),
            "a thread still has its seat"
        );
    }
}
