//! The JVM's safepoint line: how long all threads stood still, whatever the collector's own "Pause" line says.
//!
//! `Safepoint "G1CollectForAllocation", Time since last: 240829 ns, Reaching safepoint: 2845 ns, At safepoint: 9118218 ns, ...`
//! The figures differ by release (17 has `Cleanup:`, 25 has `Leaving safepoint:` and `Threads:`), so they are read by label.

use super::cursor::Cursor;
use super::{g1, shenandoah, stop_the_world, zgc};
use crate::artifact::event::Stop;
use crate::artifact::unit::Ns;

pub fn parse(message: &str) -> Option<Stop<'_>> {
    let mut cursor = Cursor::new(message);
    cursor.words("Safepoint \"")?;
    let operation = cursor.until(b'"')?;
    cursor.words(", ")?;
    let mut stop = Stop {
        operation,
        collection: false,
        reaching: None,
        cleanup: None,
        inside: None,
        leaving: None,
        total: Ns(0),
    };
    let mut total = None;
    while let Some(label) = cursor.until(b':') {
        let Some((value, unit)) = figure(&mut cursor) else {
            break;
        };
        let value = (unit == " ns").then_some(Ns(value));
        match label {
            "Reaching safepoint" => stop.reaching = value,
            "Cleanup" => stop.cleanup = value,
            "At safepoint" => stop.inside = value,
            "Leaving safepoint" => stop.leaving = value,
            "Total" => total = value,
            _ => {}
        }
    }
    stop.reaching?;
    stop.total = total?;
    stop.collection = is_collection(operation);
    Some(stop)
}

/// ` 2845 ns, `: the figure and the words behind it.
fn figure<'a>(cursor: &mut Cursor<'a>) -> Option<(u64, &'a str)> {
    cursor.words(" ")?;
    let value = cursor.count()?;
    let unit = match cursor.until(b',') {
        Some(unit) => {
            cursor.words(" ")?;
            unit
        }
        None => {
            let unit = cursor.rest();
            cursor.words(unit)?;
            unit
        }
    };
    Some((value, unit))
}

/// Operations that any collector may run (VM_OPS_DO in vmOperation.hpp; classes in gcVMOperations.hpp). GC_HeapInspection is a
/// question that a person asks, Z/X/ShenandoahVerify a debugging aid, CleanClassLoaderDataMetaspaces no collection: all left out.
const SHARED: &[&str] = &["CollectForMetadataAllocation", "CollectForCodeCacheAllocation"];

/// Is this stop the collector's? Others (deoptimisation, handshakes, thread dumps) are the JVM's own and no collector's fault.
pub fn is_collection(operation: &str) -> bool {
    let table = match operation.as_bytes() {
        [b'G', b'1', ..] => g1::OPERATIONS,
        [b'Z' | b'X', ..] => zgc::OPERATIONS,
        [b'S', b'h', ..] => shenandoah::OPERATIONS,
        [b'C', ..] => SHARED,
        _ => stop_the_world::OPERATIONS,
    };
    table.contains(&operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_by_label_in_every_release() {
        let of_17 = r#"Safepoint "ZMarkStart", Time since last: 1 ns, Reaching safepoint: 2 ns, Cleanup: 3 ns, At safepoint: 4 ns, Total: 9 ns"#;
        let of_25 = r#"Safepoint "ZMarkStart", Time since last: 1 ns, Reaching safepoint: 2 ns, At safepoint: 4 ns, Leaving safepoint: 3 ns, Total: 9 ns, Threads: 0 runnable, 12 total"#;
        for line in [of_17, of_25] {
            let safepoint = parse(line).unwrap();
            assert_eq!(
                (
                    safepoint.operation,
                    safepoint.reaching,
                    safepoint.inside,
                    safepoint.total
                ),
                ("ZMarkStart", Some(Ns(2)), Some(Ns(4)), Ns(9))
            );
        }
        assert_eq!(parse(&of_17[..of_17.len() - 1]), None);
    }

    #[test]
    fn only_collections_are_collections() {
        assert!(is_collection("G1CollectForAllocation") && is_collection("XMarkEnd"));
        assert!(!is_collection("GC_HeapInspection") && !is_collection("CleanClassLoaderDataMetaspaces"));
    }
}
