//! host.json: the machine, as far as it bears on the numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::doubt::Doubt;
use super::envelope::Body;
use super::unit::Bytes;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// RFC 3339, when the run began.
    pub started: String,
    pub cpu: String,
    pub microcode: Option<String>,
    /// CPUs this process may use.
    pub cores: u32,
    pub memory: Bytes,
    /// Limit of the cgroup, if it is below the machine's memory.
    pub cgroup_memory: Option<Bytes>,
    /// `v2`, `v1`, `none`.
    pub cgroup: String,
    pub kernel: String,
    pub os: String,
    pub governor: Option<String>,
    pub transparent_huge_pages: Option<String>,
    /// Memory set aside for huge pages of the old kind, which nobody else gets; None where the kernel does not tell.
    #[serde(default)]
    pub huge_pages_reserved: Option<Bytes>,
    pub numa_nodes: u32,
    pub swap_total: Bytes,
    pub swap_used: Bytes,
    pub clock_source: Option<String>,
    pub virtualised: Option<String>,
    pub load_before: f64,
    /// Before the last process, from its exit.json: the machine is looked at once, before the first.
    pub load_after: Option<f64>,
    /// Tool -> version line: go, java@25, rust runner, gcrucible.
    pub versions: BTreeMap<String, String>,
    /// Runner path -> SHA-256 of the binary that ran.
    pub binaries: BTreeMap<String, String>,
    /// The driver's own commit, where it was built from a checkout.
    pub commit: Option<String>,
    /// What makes this machine unfit to measure; not empty brands the run untrusted.
    pub doubts: Vec<Doubt>,
}

impl Host {
    /// What makes two machines, or two states of one, different: "cores: 2 and 8". Empty where numbers of both may be compared.
    pub fn differences(&self, other: &Host) -> Vec<String> {
        let of = |host: &Host| {
            [
                ("CPU", host.cpu.clone()),
                ("cores", host.cores.to_string()),
                ("memory", format!("{} bytes", host.memory.0)),
                (
                    "memory limit",
                    host.cgroup_memory
                        .map_or("none".to_owned(), |b| format!("{} bytes", b.0)),
                ),
                ("kernel", host.kernel.clone()),
                (
                    "virtualisation",
                    host.virtualised.clone().unwrap_or_else(|| "none".to_owned()),
                ),
            ]
        };
        of(self)
            .into_iter()
            .zip(of(other))
            .filter(|(a, b)| a != b)
            .map(|((name, a), (_, b))| format!("{name}: {a} and {b}"))
            .collect()
    }
}

impl Body for Host {
    const KIND: &'static str = "host";
    const FILE: &'static str = "host.json";
    const FORMAT: u32 = 1;
}
