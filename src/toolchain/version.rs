//! Versions as Go, JDKs and Rust write them: numbers and dots.

use std::cmp::Ordering;

fn numbers(text: &str) -> Vec<u64> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter_map(|n| n.parse().ok())
        .collect()
}

/// Compares as far as `wanted` goes: `25.0.3` equals `25`.
pub fn compare(have: &str, wanted: &str) -> Ordering {
    let wanted = numbers(wanted);
    let mut have = numbers(have);
    have.resize(wanted.len(), 0);
    have.cmp(&wanted)
}

/// Whole versions, for choosing the newest.
pub fn newer_first(a: &str, b: &str) -> Ordering {
    numbers(b).cmp(&numbers(a))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_compared_as_far_as_it_is_asked() {
        assert!(compare("25.0.3", "25").is_eq());
        assert!(compare("1.9.1", "1.24").is_lt());
        assert!(compare("1.26.8", "1.24").is_gt());
        assert!(compare("17", "17.0.1").is_lt());
    }

    #[test]
    fn the_newest_comes_first() {
        let mut all = vec!["1.9", "1.26.8", "1.26.10"];
        all.sort_by(|a, b| newer_first(a, b));
        assert_eq!(all, ["1.26.10", "1.26.8", "1.9"]);
    }
}
