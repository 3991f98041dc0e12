//! Binary trees, built bottom up, walked, and a few of them kept in a forest.

use std::hint::black_box;

use crate::random::{Generator, fold, split};
use crate::request::Request;
use crate::workload::{Workload, slots_for};

#[repr(align(128))] // see Workload
pub struct Trees {
    random: Generator,
    depth: u64,
    retain: u64,

    kept: usize,
    forest: Vec<Box<Tree>>,  // as many as kept
    last: Option<Box<Tree>>, // the tree of the last operation that retained nothing
    next_id: u64,
    broken: Option<String>,

    requested: u64,
}

struct Tree {
    left: Option<Box<Tree>>,
    right: Option<Box<Tree>>,
    value: u64,
}

pub fn new_trees(r: &mut Request, t: usize) -> Box<dyn Workload> {
    let mut w = Trees {
        random: split(r.seed, t),
        depth: r.param("depth", 1, 24),
        retain: r.param("retain_permille", 0, 1000),
        kept: 0,
        forest: Vec::new(),
        last: None,
        next_id: 0,
        broken: None,
        requested: 0,
    };
    let payload = w.nodes() * 24;
    w.kept = (slots_for(r.share(payload), payload) - 1).max(1); // one tree of the share is the one in last
    Box::new(w)
}

impl Workload for Trees {
    fn setup(&mut self) {
        self.forest.reserve_exact(self.kept);
        for _ in 0..self.kept {
            let fresh = self.new_tree();
            self.forest.push(fresh);
        }
        self.last = Some(self.new_tree());
    }

    fn operation(&mut self) -> u64 {
        let fresh = self.new_tree();
        let (count, mut sum) = fresh.walk();
        if count != self.nodes() && self.broken.is_none() {
            self.broken = Some(format!("trees: a new tree has {count} nodes"));
        }
        // A retained tree goes to the forest only: without a collector it has one owner.
        if self.random.below(1000) < self.retain {
            let at = self.random.below(self.kept as u64) as usize;
            sum = sum.wrapping_add(self.forest[at].value);
            self.forest[at] = fresh;
        } else {
            self.last = Some(fresh);
        }
        sum
    }

    fn verify(&mut self) -> Result<u64, String> {
        let mut total = 0;
        for (i, root) in self.forest.iter().enumerate() {
            let (count, sum) = root.walk();
            if count != self.nodes() {
                return Err(format!("trees: tree {i} has {count} nodes"));
            }
            total = fold(total, sum);
        }
        let last = self.last.as_ref().ok_or("trees: the last tree is gone")?;
        match &self.broken {
            Some(what) => Err(what.clone()),
            None => Ok(fold(total, last.walk().1)),
        }
    }

    fn live_bytes(&self) -> u64 {
        (self.kept as u64 + 1) * self.nodes() * 24
    }

    fn requested_bytes(&self) -> u64 {
        self.requested
    }
}

impl Trees {
    fn nodes(&self) -> u64 {
        (1 << (self.depth + 1)) - 1
    }

    fn new_tree(&mut self) -> Box<Tree> {
        self.requested += self.nodes() * (8 + 2 * 4);
        black_box(self.build(self.depth))
    }

    /// Makes the children before their parent; values count up in the order of allocation.
    fn build(&mut self, depth: u64) -> Box<Tree> {
        let (mut left, mut right) = (None, None);
        if depth > 0 {
            left = Some(self.build(depth - 1));
            right = Some(self.build(depth - 1));
        }
        self.next_id += 1;
        Box::new(Tree {
            left,
            right,
            value: self.next_id,
        })
    }
}

impl Tree {
    /// Counts the nodes and folds their values.
    fn walk(&self) -> (u64, u64) {
        let (Some(left), Some(right)) = (&self.left, &self.right) else {
            return (1, self.value);
        };
        let (left_count, left) = left.walk();
        let (right_count, right) = right.walk();
        let sum = self
            .value
            .wrapping_add(left.wrapping_mul(31))
            .wrapping_add(right.wrapping_mul(37));
        (left_count + right_count + 1, sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_has_the_size_that_is_accounted_for() {
        assert_eq!(size_of::<Tree>(), 24);
    }

    #[test]
    fn a_tree_that_lost_a_branch_is_found() {
        let mut w = Trees {
            random: split(42, 0),
            depth: 5,
            retain: 300,
            kept: 8,
            forest: Vec::new(),
            last: None,
            next_id: 0,
            broken: None,
            requested: 0,
        };
        w.setup();
        for _ in 0..20 {
            w.operation();
        }
        w.verify().unwrap();
        w.forest[1].left.as_mut().unwrap().right = None;
        assert_eq!(w.verify().unwrap_err(), "trees: tree 1 has 33 nodes");
    }
}
