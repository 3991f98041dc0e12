//! Ever larger blocks asked of the heap as it is: which one can it still serve, and how fast?

use std::hint::black_box;

use crate::clock::now;
use crate::workload::{read_back, touch};

/// The first block that is asked for; each is twice the one before it.
const LEAST: u64 = 1 << 20;

/// One block, and how long it took from before it was asked for until it had been touched; `None` if it was not to be had.
#[derive(Debug, PartialEq)]
pub struct Try {
    pub bytes: u64,
    pub ns: Option<u64>,
}

/// Asks for blocks up to `most` bytes, or until one cannot be had. Each is touched, read back and freed.
pub fn probe(most: u64) -> Result<Vec<Try>, String> {
    let mut tries = Vec::new();
    let mut size = LEAST;
    while size <= most {
        let ns = ask(size)?;
        tries.push(Try { bytes: size, ns });
        if ns.is_none() {
            break;
        }
        size *= 2;
    }
    Ok(tries)
}

fn ask(size: u64) -> Result<Option<u64>, String> {
    let asked = now();
    let Some(mut block) = allocate(size as usize) else {
        return Ok(None);
    };
    touch(&mut block, size);
    let took = now() - asked;
    match read_back(black_box(&block), size) {
        (_, true) => Ok(Some(took)),
        (_, false) => Err(format!("probe: a block of {size} bytes does not read back")),
    }
}

/// A block of zeros, as a collector's runtime makes it. An allocator that has no room says so instead of ending the process.
fn allocate(size: usize) -> Option<Vec<u8>> {
    let mut block = Vec::new();
    block.try_reserve_exact(size).ok()?;
    block.resize(size, 0);
    Some(block)
}

/// Writes `bytes:ns;bytes:ns;...;bytes:failed`.
pub fn encode_probe(tries: &[Try]) -> String {
    let entry = |t: &Try| match t.ns {
        Some(ns) => format!("{}:{ns}", t.bytes),
        None => format!("{}:failed", t.bytes),
    };
    tries.iter().map(entry).collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_double_up_to_the_most_that_is_asked_for() {
        for (most, want) in [
            (0, vec![]),
            ((1 << 20) - 1, vec![]),
            (1 << 20, vec![1]),
            (3 << 20, vec![1, 2]),
            (8 << 20, vec![1, 2, 4, 8]),
        ] {
            let tries = probe(most).unwrap();
            let sizes: Vec<u64> = tries.iter().map(|t| t.bytes >> 20).collect();
            assert_eq!(sizes, want);
            assert!(tries.iter().all(|t| t.ns > Some(0)));
        }
    }

    #[test]
    fn a_block_that_cannot_be_had_is_no_panic_and_is_told_as_failed() {
        assert_eq!(ask(isize::MAX as u64), Ok(None));
        let tries = [
            Try {
                bytes: 1 << 20,
                ns: Some(7),
            },
            Try {
                bytes: 2 << 20,
                ns: None,
            },
        ];
        assert_eq!(encode_probe(&tries), "1048576:7;2097152:failed");
    }
}
