//! The six axes of the comparison.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Axis {
    Pause,
    Throughput,
    Memory,
    Tail,
    Fragmentation,
    LargeHeap,
}

impl Axis {
    pub const ALL: [Axis; 6] = [
        Axis::Pause,
        Axis::Throughput,
        Axis::Memory,
        Axis::Tail,
        Axis::Fragmentation,
        Axis::LargeHeap,
    ];

    /// Stable identifier, as in suite files and page anchors.
    pub fn id(self) -> &'static str {
        match self {
            Axis::Pause => "pause",
            Axis::Throughput => "throughput",
            Axis::Memory => "memory",
            Axis::Tail => "tail",
            Axis::Fragmentation => "fragmentation",
            Axis::LargeHeap => "large-heap",
        }
    }

    /// As a heading.
    pub fn title(self) -> &'static str {
        match self {
            Axis::Pause => "Pause time",
            Axis::Throughput => "Throughput",
            Axis::Memory => "Memory overhead",
            Axis::Tail => "Latency tail",
            Axis::Fragmentation => "Fragmentation",
            Axis::LargeHeap => "Large heap",
        }
    }

    /// Name of the metric whose ratio decides the axis (a row of [`super::metric::METRICS`]); lower is better on all six.
    pub fn headline(self) -> &'static str {
        match self {
            Axis::Pause => "pause_max_ns",
            Axis::Throughput => "wall_ns",
            Axis::Memory => "memory_peak_over_live",
            Axis::Tail | Axis::LargeHeap => "response_p999_ns",
            Axis::Fragmentation => "frag_resident_over_live",
        }
    }

    /// Half-width of the equivalence band: 5 % for cost and memory, 20 % for pauses and tails (docs/METHOD.md).
    pub fn band(self) -> f64 {
        match self {
            Axis::Throughput | Axis::Memory | Axis::Fragmentation => 0.05,
            Axis::Pause | Axis::Tail | Axis::LargeHeap => 0.20,
        }
    }
}
