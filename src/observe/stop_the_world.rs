//! What Serial and Parallel write, and Epsilon, which writes next to nothing.

use super::g1::full;
use super::jvm_log::{Grammar, asked_for, begun, declared, space};
use super::listener::Out;
use super::phrase::Phrase;
use super::unified::Line;
use crate::artifact::event::{Amount, Cycle, What};
use crate::artifact::unit::Bytes;

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

pub const PARALLEL: &str = "Parallel";
pub const NAMES: &[&str] = &["Serial", PARALLEL, "Epsilon"];

/// In a log without its beginning, what Serial never writes.
pub fn is_parallel(operation: &str, message: &str) -> bool {
    operation.starts_with(PARALLEL)
        || message.starts_with("PSYoungGen: ")
        || message.starts_with("ParOldGen: ")
}

/// For logs without their beginning, once it is clear that G1 did not write them: it says more than the cause.
pub const SIGNS: &[&str] = &["Pause Young (", "DefNew: ", "PSYoungGen: "];

#[derive(Default)]
pub struct StopTheWorld;

impl Grammar for StopTheWorld {
    fn passes_over(&self, tags: &str) -> bool {
        matches!(tags, "gc,phases" | "gc,start")
    }

    fn line(&mut self, line: &Line, out: &mut Out) -> bool {
        if !line.message.starts_with("Pause ") {
            return matches!(line.tags, "gc,heap" | "gc" | "") && spaces(line.message, out);
        }
        let phrase = Phrase::parse(line.message);
        match phrase.name {
            "Pause Young" => young(&phrase, out),
            "Pause Full" => full(&phrase, out),
            _ => return false,
        }
        true
    }
}

/// `Pause Young (Allocation Failure) 18M->14M(61M) 13.500ms`
fn young(phrase: &Phrase, out: &mut Out) {
    if let (Some(heap), Some(duration)) = (phrase.heap, phrase.duration) {
        declared(phrase, out);
        out.tell(What::Cycle(Cycle {
            kind: "Young",
            cause: phrase.cause(),
            begun: begun(out, duration),
            duration: Some(duration),
            before: Some(heap.before),
            after: Some(heap.after),
            capacity: heap.capacity,
            asked: asked_for(phrase.cause()),
            ..Cycle::default()
        }));
    }
}

/// `Tenured: 0K(43712K)->11861K(43712K)`; what the old one gains was promoted. Epsilon's gauge stands here too, every few percent of the heap.
fn spaces(message: &str, out: &mut Out) -> bool {
    let Some(space) = space(message).filter(|s| s.name != "Metaspace") else {
        return message.starts_with("Heap: ") || message.starts_with("Metaspace: ");
    };
    out.tell(What::Space(space));
    if let ("Tenured" | "ParOldGen", Amount::Bytes(before), Amount::Bytes(after)) =
        (space.name, space.before, space.after)
        && let Some(bytes) = after.0.checked_sub(before.0)
    {
        out.tell(What::Promoted { bytes: Bytes(bytes) });
    }
    true
}
