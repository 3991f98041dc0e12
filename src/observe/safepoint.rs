//! The JVM's safepoint line: how long all threads stood still, whatever the collector's own "Pause" line says.
//!
//! `Safepoint "G1CollectForAllocation", Time since last: 240829 ns, Reaching safepoint: 2845 ns, At safepoint: 9118218 ns, ...`
//! The figures differ by release (17 has `Cleanup:`, 25 has `Leaving safepoint:` and `Threads:`), so they are read by label.

use super::quantity::scaled;
use super::{g1, shenandoah, stop_the_world, zgc};
use crate::artifact::unit::Ns;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Safepoint<'a> {
    pub operation: &'a str,
    pub reaching: Ns,
    pub total: Ns,
}

pub fn parse(message: &str) -> Option<Safepoint<'_>> {
    let (operation, fields) = message.strip_prefix("Safepoint \"")?.split_once("\", ")?;
    let field = |label: &str| {
        fields.split(", ").find_map(|field| {
            let (name, value) = field.split_once(": ")?;
            (name == label).then_some(scaled(value.strip_suffix(" ns")?, 0)?)
        })
    };
    Some(Safepoint {
        operation,
        reaching: Ns(field("Reaching safepoint")?),
        total: Ns(field("Total")?),
    })
}

/// Operations that any collector may run (VM_OPS_DO in vmOperation.hpp; classes in gcVMOperations.hpp). GC_HeapInspection is a
/// question that a person asks, Z/X/ShenandoahVerify a debugging aid, CleanClassLoaderDataMetaspaces no collection: all left out.
const SHARED: &[&str] = &["CollectForMetadataAllocation", "CollectForCodeCacheAllocation"];

/// Is this stop the collector's? Others (deoptimisation, handshakes, thread dumps) are the JVM's own and no collector's fault.
pub fn is_collection(operation: &str) -> bool {
    [
        SHARED,
        g1::OPERATIONS,
        zgc::OPERATIONS,
        shenandoah::OPERATIONS,
        stop_the_world::OPERATIONS,
    ]
    .iter()
    .any(|table| table.contains(&operation))
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
                (safepoint.operation, safepoint.reaching, safepoint.total),
                ("ZMarkStart", Ns(2), Ns(9))
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
