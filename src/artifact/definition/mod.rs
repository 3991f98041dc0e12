//! Definitions are data: what `workloads/`, `go/runtime.toml`, `jvm/runtime.toml`... say. These types are the TOML files' own shape
//! (wire types); `define` checks them against each other.

pub mod claim;
pub mod minimum;
pub mod name;
pub mod quantity;
pub mod runtime;
pub mod suite;
pub mod workload;

use std::collections::BTreeMap;

pub use claim::ClaimFile;
pub use minimum::{Minimum, MinimumFile};
pub use runtime::{CollectorDef, RuntimeDef};
pub use suite::SuiteDef;
pub use workload::WorkloadDef;

/// Everything that was loaded, by name. Names are unique; collectors are unique over all runtimes.
#[derive(Clone, Debug, Default)]
pub struct Definitions {
    pub workloads: BTreeMap<String, WorkloadDef>,
    pub runtimes: BTreeMap<String, RuntimeDef>,
    pub suites: BTreeMap<String, SuiteDef>,
    /// By preset.
    pub minimums: BTreeMap<String, MinimumFile>,
    /// By row.
    pub claims: BTreeMap<String, ClaimFile>,
}

impl Definitions {
    /// The runtime that defines a collector, and the collector.
    pub fn collector(&self, name: &str) -> Option<(&RuntimeDef, &CollectorDef)> {
        self.runtimes
            .values()
            .find_map(|r| r.collectors.iter().find(|c| c.name == name).map(|c| (r, c)))
    }

    /// All collector names, runtime by runtime.
    pub fn collector_names(&self) -> Vec<&str> {
        self.runtimes
            .values()
            .flat_map(|r| r.collectors.iter().map(|c| c.name.as_str()))
            .collect()
    }
}
