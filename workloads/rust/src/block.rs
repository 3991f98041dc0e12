//! What `fragment` holds: blocks of bytes, or of references.

use crate::random::mix;
use crate::workload::{read_back, touch};

/// An object with its id and, apart from it, its payload.
pub trait Block: Send + Sized + 'static {
    /// A block's size is in whole units.
    const UNIT: u64;
    /// Allocates a block of `size` bytes and writes to it.
    fn new(id: u64, size: u64) -> Box<Self>;
    fn id(&self) -> u64;
    fn payload(&self) -> u64;
    fn requested(&self) -> u64;
    /// Folds what was written; the flag is false if it is not what is there.
    fn read_back(&self) -> (u64, bool);
}

/// Holds bytes.
pub struct Cell {
    id: u64,
    data: Box<[u8]>,
}

impl Block for Cell {
    const UNIT: u64 = 1;

    fn new(id: u64, size: u64) -> Box<Cell> {
        let mut b = Box::new(Cell {
            id,
            data: vec![0; size as usize].into_boxed_slice(),
        });
        touch(&mut b.data, id);
        b
    }

    fn id(&self) -> u64 {
        self.id
    }

    fn payload(&self) -> u64 {
        8 + self.data.len() as u64
    }

    fn requested(&self) -> u64 {
        self.payload()
    }

    fn read_back(&self) -> (u64, bool) {
        read_back(&self.data, self.id)
    }
}

/// Holds references and nothing else, each of them to an anchor that its id and the place decide.
pub struct Knot {
    id: u64,
    refs: Box<[&'static Anchor]>,
}

/// What knots refer to: in a language with a collector, one that refers to another block would keep it alive.
pub struct Anchor {
    pub value: u64,
}

/// Of all threads, and never written to.
pub static ANCHORS: [Anchor; 1024] = {
    let mut made = [const { Anchor { value: 0 } }; 1024];
    let mut k = 0;
    while k < made.len() {
        made[k].value = mix(k as u64);
        k += 1;
    }
    made
};

/// The payload of a reference in bytes; 4 are requested.
pub const REFERENCE: u64 = 8;

fn anchor(id: u64, j: usize) -> &'static Anchor {
    &ANCHORS[(id as usize).wrapping_add(j) % ANCHORS.len()]
}

impl Block for Knot {
    const UNIT: u64 = REFERENCE;

    fn new(id: u64, size: u64) -> Box<Knot> {
        Box::new(Knot {
            id,
            refs: (0..(size / REFERENCE) as usize).map(|j| anchor(id, j)).collect(),
        })
    }

    fn id(&self) -> u64 {
        self.id
    }

    fn payload(&self) -> u64 {
        8 + REFERENCE * self.refs.len() as u64
    }

    fn requested(&self) -> u64 {
        8 + REFERENCE / 2 * self.refs.len() as u64
    }

    fn read_back(&self) -> (u64, bool) {
        let (mut sum, mut ok) = (0u64, true);
        for (j, r) in self.refs.iter().enumerate() {
            sum = sum.wrapping_mul(31).wrapping_add(r.value);
            ok = ok && std::ptr::eq(*r, anchor(self.id, j));
        }
        (sum, ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_as_long_as_was_asked_and_reads_back_until_it_is_damaged() {
        let mut b = Cell::new(5, 100);
        assert_eq!((b.payload(), b.requested()), (108, 108));
        let (sum, whole) = b.read_back();
        b.data[64] ^= 1;
        let (other, still) = b.read_back();
        assert!(whole && !still && sum != other);
    }

    #[test]
    fn a_knot_holds_whole_references_and_follows_every_one() {
        let mut b = Knot::new(1022, 39);
        assert_eq!(
            (b.refs.len(), b.payload(), b.requested()),
            (4, 8 + 4 * 8, 8 + 4 * 4)
        );
        assert!(std::ptr::eq(b.refs[2], &ANCHORS[0]), "1024 is the first again");
        let (sum, whole) = b.read_back();
        b.refs[2] = b.refs[3];
        let (other, still) = b.read_back();
        assert!(whole && !still && sum != other);
    }
}
