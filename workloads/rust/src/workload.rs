//! What every workload is, and what they share.

use std::any::Any;

use crate::random::{GOLDEN, Generator};

/// What one thread parts with for another to free, of a type that the workload knows.
pub type Parcel = Box<dyn Any + Send>;

/// What one mutator thread does to its own share of the live set. No two threads share one, so results do not depend on
/// scheduling. Its implementors are aligned to two cache lines (the prefetcher takes pairs), lest the counters of one
/// thread share a line with another's.
pub trait Workload: Send {
    /// Builds the live set.
    fn setup(&mut self);
    /// Does one unit of work and returns what it read, for the checksum.
    fn operation(&mut self) -> u64;
    /// Walks the live set, folds it, and says what is lost or broken. It allocates nothing.
    fn verify(&mut self) -> Result<u64, String>;
    /// The payload now held: scalars, and 8 bytes a reference; tables of the thread itself not counted.
    fn live_bytes(&self) -> u64;
    /// The payload asked for since setup began: scalars, and 4 bytes a reference.
    fn requested_bytes(&self) -> u64;
    /// Lets go of 90 % of the live set (fragment); the others keep theirs. `drop` in the protocol, a name that this
    /// language has taken.
    fn drop_load(&mut self) {}
    /// Begins an operation and returns what another thread is to free in it (fragment).
    fn hand_over(&mut self) -> Option<Parcel> {
        None
    }
    /// Takes what another thread returned.
    fn receive(&mut self, _: Parcel) {}
    /// What an experiment measured itself, asked for once, at the end of everything; others measure nothing.
    fn values(&mut self) -> Vec<Value> {
        Vec::new()
    }
}

/// A name, which ends in its unit, and `None` for what this runtime does not tell.
pub type Value = (&'static str, Option<f64>);

/// Draws from [min, max]: a power-of-two class first, then uniformly inside the class's part of the range, so that small
/// objects dominate the count and large ones the bytes.
pub struct Sizes {
    min: u64,
    max: u64,
    first: u64,
    classes: u64,
}

impl Sizes {
    pub fn new(min: u64, max: u64) -> Sizes {
        let first = u64::from(min.ilog2());
        Sizes {
            min,
            max,
            first,
            classes: u64::from(max.ilog2()) + 1 - first,
        }
    }

    /// Returns the inclusive bounds of the i-th class.
    fn class(&self, i: u64) -> (u64, u64) {
        let lo = 1 << (self.first + i);
        let hi = 2 * lo - 1;
        (lo.max(self.min), hi.min(self.max))
    }

    pub fn draw(&self, g: &mut Generator) -> u64 {
        let (lo, hi) = self.class(g.below(self.classes));
        lo + g.below(hi - lo + 1)
    }

    /// The expected size, rounded down.
    pub fn mean(&self) -> u64 {
        let sum: u64 = (0..self.classes)
            .map(|i| self.class(i))
            .map(|(lo, hi)| lo + hi)
            .sum();
        sum / (2 * self.classes)
    }
}

/// The byte with which the pages of block `id` are marked.
fn stamp(id: u64) -> u8 {
    (id.wrapping_mul(GOLDEN) >> 56) as u8
}

/// Writes every 64th byte and the last one, so that every page of a fresh block becomes resident.
pub fn touch(data: &mut [u8], id: u64) {
    let mark = stamp(id);
    for (i, byte) in data.iter_mut().step_by(64).enumerate() {
        *byte = mark ^ i as u8;
    }
    data[data.len() - 1] = mark;
}

/// Folds the bytes that `touch` wrote; the flag is false if one of them is not what was written.
pub fn read_back(data: &[u8], id: u64) -> (u64, bool) {
    let mark = stamp(id);
    let (last, head) = data.split_last().expect("a block has at least one byte");
    let (mut sum, mut ok) = (0u64, *last == mark);
    for (i, byte) in head.iter().step_by(64).enumerate() {
        sum = sum.wrapping_mul(31).wrapping_add(u64::from(*byte));
        ok = ok && *byte == mark ^ i as u8;
    }
    (sum.wrapping_mul(31).wrapping_add(u64::from(*last)), ok)
}

/// How many objects of equal payload come nearest to `share`; at least one.
pub fn slots_for(share: u64, payload: u64) -> usize {
    ((share + payload / 2) / payload).max(1) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{fold, split};
    use crate::request::tests::{parse, request_for};
    use std::collections::BTreeMap;

    /// The requests under which every workload is tested.
    const VARIANTS: [(&str, &str); 17] = [
        ("churn", "p.lifetime=random"),
        ("churn", "p.lifetime=oldest"),
        ("churn", "p.pointers=0"),
        ("graph", "p.mutations=4"),
        ("slices", "p.layout=pointers"),
        ("slices", "p.layout=values"),
        ("cache", "p.eviction=oldest"),
        ("cache", "p.eviction=random"),
        ("trees", "p.retain_permille=300"),
        ("fragment", "p.shape=growing"),
        ("fragment", "p.shape=shrinking"),
        ("fragment", "p.shape=mixed"),
        ("fragment", "p.layout=stripes"),
        ("fragment", "p.contents=pointers"),
        ("stacks", "p.kind=light"),
        ("stacks", "p.kind=platform"),
        ("pooling", "p.kind=fresh"),
    ];

    /// Makes the variant's first thread and builds its live set.
    fn prepared(name: &str, changes: &[&str]) -> Box<dyn Workload> {
        let (_, mut works) = parse(&request_for(name, changes)).unwrap();
        let mut first = works.swap_remove(0);
        first.setup();
        first
    }

    /// The checksum after some operations, the live set included.
    fn outcome(w: &mut dyn Workload) -> u64 {
        let sum = (0..12).fold(0, |sum, _| fold(sum, w.operation()));
        fold(sum, w.verify().unwrap())
    }

    #[test]
    fn workloads_repeat_for_a_seed_and_differ_for_another() {
        for (name, change) in VARIANTS {
            let (mut first, mut second) = (prepared(name, &[change]), prepared(name, &[change]));
            let one = outcome(&mut *first);
            assert_eq!(one, outcome(&mut *second), "{name} {change}");
            assert_eq!(
                first.requested_bytes(),
                second.requested_bytes(),
                "{name} {change}"
            );
            assert_eq!(first.live_bytes(), second.live_bytes(), "{name} {change}");
            assert_ne!(
                one,
                outcome(&mut *prepared(name, &[change, "seed=43"])),
                "{name} {change}"
            );
        }
    }

    #[test]
    fn live_bytes_are_within_two_percent_of_what_was_asked() {
        for (name, change) in VARIANTS {
            let mut w = prepared(name, &[change, "p.live_bytes=16777216"]);
            for _ in 0..12 {
                let ratio = w.live_bytes() as f64 / 8_388_608.0;
                assert!(
                    (ratio - 1.0).abs() <= 0.02,
                    "{name} {change}: {ratio:.3} of the share"
                );
                w.operation();
            }
        }
    }

    // Every byte that is asked for is allocated: nothing was optimised away. (Release builds are the ones that matter:
    // tests/protocol.rs compares the accounts again.)
    #[test]
    fn the_allocation_account_is_at_least_what_was_requested() {
        for (name, change) in VARIANTS {
            let mut w = prepared(name, &[change]);
            let (requested, allocated) = (w.requested_bytes(), crate::allocator::allocated());
            outcome(&mut *w);
            let (requested, allocated) = (
                w.requested_bytes() - requested,
                crate::allocator::allocated() - allocated,
            );
            assert!(
                requested > 0 && allocated >= requested,
                "{name} {change}: {allocated} for {requested}"
            );
        }
    }

    #[test]
    fn verification_allocates_nothing() {
        for (name, change) in VARIANTS {
            let mut w = prepared(name, &[change]);
            let before = crate::allocator::allocated();
            w.verify().unwrap();
            assert_eq!(crate::allocator::allocated(), before, "{name} {change}");
        }
    }

    #[test]
    fn sizes_draw_every_class_equally_often() {
        let s = Sizes::new(48, 4095); // classes 48..63, 64..127, ... 2048..4095
        let mut g = split(3, 0);
        let mut count = BTreeMap::new();
        let (mut sum, draws) = (0, 70_000);
        for _ in 0..draws {
            let size = s.draw(&mut g);
            assert!((48..=4095).contains(&size), "drew {size}");
            *count.entry(size.ilog2()).or_insert(0) += 1;
            sum += size;
        }
        assert_eq!(count.len(), 7);
        for (class, n) in count {
            assert!(
                (9_500..=10_500).contains(&n),
                "class 2^{class} drawn {n} times in {draws}"
            );
        }
        let mean = sum / draws;
        assert!(
            mean >= s.mean() * 98 / 100 && mean <= s.mean() * 102 / 100,
            "{mean} against {}",
            s.mean()
        );
    }

    #[test]
    fn read_back_finds_every_touched_byte_that_changed() {
        for size in [1, 63, 64, 65, 128, 1000] {
            let mut data = vec![0; size];
            touch(&mut data, 7);
            let (whole, ok) = read_back(&data, 7);
            assert!(ok, "size {size} does not read back");
            for i in (0..size).filter(|i| i % 64 == 0 || i + 1 == size) {
                data[i] ^= 1;
                let (sum, ok) = read_back(&data, 7);
                assert!(!ok && sum != whole, "size {size}: byte {i} changed unnoticed");
                data[i] ^= 1;
            }
        }
    }
}
