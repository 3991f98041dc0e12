//! What Serial and Parallel write, and Epsilon, which writes next to nothing.

use super::collections::Log;
use super::g1::full;
use super::jvm_log::Grammar;
use super::phrase::Phrase;
use super::unified::Line;
use crate::artifact::observation::Cycle;
use crate::artifact::unit::Ns;

/// VM_OPS_DO in vmOperation.hpp; classes in serialVMOperations.hpp and parallelVMOperations.hpp (gcVMOperations.hpp and psVMOperations.hpp
/// until 21, under the names Gen* and ParallelGC*).
pub const OPERATIONS: &[&str] = &[
    "GenCollectForAllocation",
    "GenCollectFull",
    "GenCollectFullConcurrent",
    "SerialCollectForAllocation",
    "SerialGCCollect",
    "ParallelGCFailedAllocation",
    "ParallelGCSystemGC",
    "ParallelCollectForAllocation",
    "ParallelGCCollect",
];

pub const BANNERS: &[&str] = &["Using Serial", "Using Parallel", "Using Epsilon"];

/// For logs without their beginning, once it is clear that G1 did not write them: it says more than the cause.
pub const SIGNS: &[&str] = &["Pause Young ("];

pub struct StopTheWorld;

impl Grammar for StopTheWorld {
    fn line(&mut self, line: &Line, at: Ns, log: &mut Log) -> bool {
        let phrase = Phrase::parse(line.message);
        match phrase.name {
            "Pause Young" => young(&phrase, at, log),
            "Pause Full" => full(&phrase, at, log),
            // Epsilon's gauge, every few percent of the heap.
            _ => return line.message.starts_with("Heap: ") || line.message.starts_with("Metaspace: "),
        }
        true
    }
}

/// `Pause Young (Allocation Failure) 18M->14M(61M) 13.500ms`
fn young(phrase: &Phrase, at: Ns, log: &mut Log) {
    if let (Some(heap), Some(duration)) = (phrase.heap, phrase.duration) {
        log.cycles.push(Cycle {
            at: Ns(at.0.saturating_sub(duration.0)),
            kind: "Young".into(),
            cause: phrase.cause().map(str::to_owned),
            before: Some(heap.before),
            after: Some(heap.after),
            capacity: heap.capacity,
            duration: Some(duration),
        });
    }
}
