//! How long one block of a thread's operations took after the other, so that a report can tell whether the work reached a
//! steady state inside the window.

use std::fmt::Write;

use crate::mutator::IN_A_ROW;

/// How many blocks of operations a thread times at most.
pub const MOST_BLOCKS: u64 = 256;

/// One thread's blocks.
pub struct Progress {
    pub block: u64,            // operations
    pub durations: Box<[u64]>, // ns; the last block may have fewer operations
}

/// Has room for that many operations. A block is whole rows of those that are recorded and left out (`skip`), so that which
/// ones these are does not depend on the blocks.
pub fn new_progress(ops: u64, skip: u64) -> Progress {
    let mut block = ops.div_ceil(MOST_BLOCKS).max(1);
    if skip > 0 {
        block = block.next_multiple_of(IN_A_ROW + skip);
    }
    Progress {
        block,
        durations: vec![0; ops.div_ceil(block) as usize].into(),
    }
}

/// Returns the operations of a block and the threads' durations, `block:d,d,...;d,d,...`
pub fn encode_progress(parts: &[&Progress]) -> String {
    let mut text = parts[0].block.to_string();
    let mut separator = ':';
    for part in parts {
        for duration in &part.durations {
            write!(text, "{separator}{duration}").expect("a String takes every character");
            separator = ',';
        }
        separator = ';';
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutator::OF_EACH;

    #[test]
    fn a_thread_has_256_blocks_at_most_and_they_hold_all_operations() {
        for ops in [1, 2, 255, 256, 257, 1000, 65_537, 2_000_000_000] {
            for skip in [0, OF_EACH - IN_A_ROW] {
                let p = new_progress(ops, skip);
                let blocks = p.durations.len() as u64;
                assert!(blocks <= MOST_BLOCKS, "{ops} operations: {blocks} blocks");
                assert!(blocks * p.block >= ops && (blocks - 1) * p.block < ops, "{ops}");
                assert!(skip == 0 || p.block.is_multiple_of(OF_EACH), "a block cuts a row");
            }
        }
        assert!(new_progress(0, 0).durations.is_empty());
    }

    #[test]
    fn progress_is_encoded_thread_by_thread() {
        let part = |durations: &[u64]| Progress {
            block: 7,
            durations: durations.into(),
        };
        let (one, two) = (part(&[100, 200, 30]), part(&[110, 190, 25]));
        assert_eq!(encode_progress(&[&one, &two]), "7:100,200,30;110,190,25");
    }
}
