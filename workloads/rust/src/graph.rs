//! A long-lived pointer graph that is walked, rewired and renewed node by node.

use std::array;
use std::hint::black_box;
use std::mem;
use std::ptr::NonNull;

use crate::random::{GOLDEN, Generator, fold, split};
use crate::request::Request;
use crate::workload::{Workload, slots_for};

const SLOTS: usize = 4;
const GRAPH_PAYLOAD: u64 = 16 + 2 * SLOTS as u64 * 8 + 32;

/// Nodes are boxes that the table owns through raw pointers, since an edge has two ends and a node eight.
///
/// SAFETY, once for the whole file: every pointer in the table came from `Box::leak` in `new_node`, and is freed once: by
/// `replace`, which takes it out of the table, or by `drop`. Between two operations each edge ends in a node of the
/// table: `setup` joins every slot of every node, `mutate` swaps targets of one slot, and `replace` mends both ends of
/// the four edges out of the old node and of the four into it before it frees the node. No reference to a node outlives
/// the expression that makes it.
#[repr(align(128))] // see Workload
pub struct Graph {
    random: Generator,
    walk_steps: u64,
    mutations: u64,
    replacements: u64,
    nodes: usize,
    table: Box<[NodePointer]>, // as long as nodes, once set up
    next_id: u64,
    requested: u64,
}

// SAFETY: a graph's nodes are reachable through the graph only, so they move to another thread together with it.
unsafe impl Send for Graph {}

type NodePointer = NonNull<Node>;

/// The k-th outgoing edge ends in the k-th incoming edge of its target. For each slot every node has exactly one of
/// either, so that a node can be replaced by mending its eight neighbours.
struct Node {
    id: u64,
    value: u64,
    outgoing: [NodePointer; SLOTS],
    incoming: [NodePointer; SLOTS],
    data: [u64; 4],
}

pub fn new_graph(r: &mut Request, t: usize) -> Box<dyn Workload> {
    Box::new(Graph {
        random: split(r.seed, t),
        walk_steps: r.param("walk_steps", 0, 1 << 20),
        mutations: r.param("mutations", 0, 1 << 20),
        replacements: r.param("replacements", 0, 1 << 20),
        nodes: slots_for(r.share(GRAPH_PAYLOAD), GRAPH_PAYLOAD),
        table: Box::default(),
        next_id: 0,
        requested: 0,
    })
}

impl Workload for Graph {
    /// Makes the nodes and joins them along a random permutation per slot: first all edges out of one node after another,
    /// then all into it, so that no barrier sees a random place in memory at every store.
    fn setup(&mut self) {
        self.table = (0..self.nodes).map(|_| self.new_node()).collect();
        let mut ends = self.permutations();
        for (i, from) in self.table.iter().enumerate() {
            for (k, order) in ends.iter().enumerate() {
                // SAFETY: a node of the table.
                unsafe { (*from.as_ptr()).outgoing[k] = self.table[order[i] as usize] };
            }
        }
        invert(&mut ends);
        for (i, to) in self.table.iter().enumerate() {
            for (k, order) in ends.iter().enumerate() {
                // SAFETY: a node of the table.
                unsafe { (*to.as_ptr()).incoming[k] = self.table[order[i] as usize] };
            }
        }
    }

    fn operation(&mut self) -> u64 {
        let mut sum = self.walk();
        for _ in 0..self.mutations {
            self.mutate();
        }
        for _ in 0..self.replacements {
            sum = sum.wrapping_add(self.replace());
        }
        sum
    }

    fn verify(&mut self) -> Result<u64, String> {
        let mut sum = 0;
        for n in &self.table {
            // SAFETY: nodes of the table, and the ends of their edges.
            unsafe {
                let node = n.as_ref();
                let mut ok = node.value == node.id.wrapping_mul(GOLDEN);
                for k in 0..SLOTS {
                    let (to, from) = (node.outgoing[k].as_ref(), node.incoming[k].as_ref());
                    ok = ok && to.incoming[k] == *n && from.outgoing[k] == *n;
                    ok = ok && node.data[k] == node.id + k as u64;
                    sum = fold(sum, to.id);
                }
                if !ok {
                    return Err(format!("graph: node {} or one of its edges is broken", node.id));
                }
            }
        }
        Ok(sum)
    }

    fn live_bytes(&self) -> u64 {
        self.table.len() as u64 * GRAPH_PAYLOAD
    }

    fn requested_bytes(&self) -> u64 {
        self.requested
    }
}

impl Graph {
    /// Allocates a node without edges: they dangle until it is joined, and nobody follows them before.
    fn new_node(&mut self) -> NodePointer {
        let id = self.next_id;
        self.next_id += 1;
        self.requested += 16 + 2 * SLOTS as u64 * 4 + 32;
        let node = Node {
            id,
            value: id.wrapping_mul(GOLDEN),
            outgoing: [NonNull::dangling(); SLOTS],
            incoming: [NonNull::dangling(); SLOTS],
            data: array::from_fn(|i| id + i as u64),
        };
        black_box(NonNull::from(Box::leak(Box::new(node))))
    }

    /// A random order of the nodes per slot.
    fn permutations(&mut self) -> [Box<[u32]>; SLOTS] {
        let mut order: Box<[u32]> = (0..self.nodes as u32).collect();
        array::from_fn(|_| {
            for i in (1..order.len()).rev() {
                let j = self.random.below(i as u64 + 1) as usize;
                order.swap(i, j);
            }
            order.clone()
        })
    }

    fn pick(&mut self) -> usize {
        self.random.below(self.nodes as u64) as usize
    }

    /// Follows walk_steps edges from a random node.
    fn walk(&mut self) -> u64 {
        let mut sum = 0;
        let mut at = self.table[self.pick()];
        for _ in 0..self.walk_steps {
            let k = self.random.below(SLOTS as u64) as usize;
            // SAFETY: a node of the table, and then one at the end of an edge.
            unsafe {
                at = at.as_ref().outgoing[k];
                sum = fold(sum, at.as_ref().value);
            }
        }
        sum
    }

    /// Swaps the targets of slot k of two random nodes (perhaps the same one): four pointer stores.
    fn mutate(&mut self) {
        let (a, b) = (self.pick(), self.pick());
        let (a, b) = (self.table[a], self.table[b]);
        let k = self.random.below(SLOTS as u64) as usize;
        // SAFETY: nodes of the table, and the ends of their edges.
        unsafe {
            let (x, y) = (a.as_ref().outgoing[k], b.as_ref().outgoing[k]);
            join(a, k, y);
            join(b, k, x);
        }
    }

    /// Puts a new node with the same edges in place of a random one and returns the value of the old.
    fn replace(&mut self) -> u64 {
        let at = self.pick();
        let (old, fresh) = (self.table[at], self.new_node());
        // SAFETY: old is in the table until it is freed here, when all eight ends that met in it have moved to fresh.
        unsafe {
            for k in 0..SLOTS {
                let (mut to, mut from) = (old.as_ref().outgoing[k], old.as_ref().incoming[k]);
                if to == old {
                    (to, from) = (fresh, fresh); // then from is old too
                }
                join(fresh, k, to);
                join(from, k, fresh);
            }
            self.table[at] = fresh;
            let old = Box::from_raw(old.as_ptr());
            old.value
        }
    }
}

fn invert(all: &mut [Box<[u32]>; SLOTS]) {
    let mut spare = all[0].clone();
    for order in all {
        for (i, to) in order.iter().enumerate() {
            spare[*to as usize] = i as u32;
        }
        mem::swap(order, &mut spare);
    }
}

/// Joins slot `k` of two live nodes, which may be one and the same: hence no references to both at once.
unsafe fn join(from: NodePointer, k: usize, to: NodePointer) {
    unsafe {
        (*from.as_ptr()).outgoing[k] = to;
        (*to.as_ptr()).incoming[k] = from;
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        for n in &self.table {
            // SAFETY: the table owns its nodes, and nobody follows an edge any more.
            drop(unsafe { Box::from_raw(n.as_ptr()) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(nodes: usize) -> Graph {
        let mut g = Graph {
            random: split(42, 0),
            walk_steps: 16,
            mutations: 50,
            replacements: 50,
            nodes,
            table: Box::default(),
            next_id: 0,
            requested: 0,
        };
        g.setup();
        g
    }

    #[test]
    fn edges_survive_mutations_and_replacements() {
        for nodes in [1, 2, 7, 300] {
            let mut g = prepared(nodes);
            let mut loops = 0; // of the few nodes many point at themselves
            for _ in 0..if cfg!(miri) { 5 } else { 300 } {
                g.operation();
                // SAFETY: nodes of the table.
                loops += g
                    .table
                    .iter()
                    .filter(|n| unsafe { n.as_ref() }.outgoing.contains(n))
                    .count();
                g.verify().unwrap();
            }
            assert!(
                loops > 0,
                "{nodes} nodes: replacing a node that points at itself was never tried"
            );
        }
    }

    #[test]
    fn a_damaged_edge_is_found() {
        let mut g = prepared(300);
        let n = g.table[0].as_ptr();
        // SAFETY: nodes of the table; both edges still end in one.
        unsafe { (*n).outgoing[1] = (*n).outgoing[2] };
        assert!(g.verify().unwrap_err().starts_with("graph: node "));
    }
}
