//! What Serial and Parallel print, and what all collectors of the JVM print around a pause.

use super::form::{Def, Form, Src, form, int, num, size, src, src_of, text, word};
use super::phrases::{AFTER, BEFORE, BEGINS, CAPACITY, CAUSE, DURATION, ENDS};

const SERIAL: &str = "gc/serial/serialHeap.cpp";
const GENERATIONS: &str = "gc/shared/genCollectedHeap.cpp";
const PARALLEL: &str = "gc/parallel/psParallelCompact.cpp";
const FULL_G1: &str = "gc/g1/g1FullCollector.cpp";
const FULL_SERIAL: &str = "gc/serial/serialFullGC.cpp";
const MARK_SWEEP: &str = "gc/serial/genMarkSweep.cpp";
const FULL_SHENANDOAH: &str = "gc/shenandoah/shenandoahFullGC.cpp";

const TITLE: Def = text("collection", "which").words(&[
    word(
        "Young",
        "of the young generation: survivors are copied within it or promoted",
        &[
            src_of("JDK 17", "GenCollectedHeap::do_collection", GENERATIONS),
            src_of("JDK 25", "SerialHeap::do_young_collection", SERIAL),
            src_of(
                "JDK 17",
                "PSScavenge::invoke_no_policy",
                "gc/parallel/psScavenge.cpp",
            ),
            src_of("JDK 25", "PSScavenge::invoke", "gc/parallel/psScavenge.cpp"),
        ],
    ),
    word(
        "Full",
        "of the whole heap, which is compacted",
        &[
            src("G1CollectedHeap::do_full_collection", "gc/g1/g1CollectedHeap.cpp"),
            src("PSParallelCompact::invoke_no_policy", PARALLEL),
            src_of("JDK 17", "GenCollectedHeap::do_collection", GENERATIONS),
            src_of("JDK 25", "SerialHeap::do_full_collection", SERIAL),
            src("ShenandoahFullGC::entry_full", FULL_SHENANDOAH),
        ],
    ),
]);

const HEAP_CHANGE: &[Src] = &[
    src_of("JDK 17", "GenCollectedHeap::print_heap_change", GENERATIONS),
    src_of("JDK 25", "SerialHeap::print_heap_change", SERIAL),
    src(
        "ParallelScavengeHeap::print_heap_change",
        "gc/parallel/parallelScavengeHeap.cpp",
    ),
];

const SPACE: Def = text("space", "of the heap").words(&[
    word(
        "DefNew",
        "Serial's young generation: eden and one survivor space",
        &[],
    ),
    word(
        "PSYoungGen",
        "Parallel's young generation: eden and one survivor space",
        &[],
    ),
    word("Tenured", "Serial's old generation", &[]),
    word("ParOldGen", "Parallel's old generation", &[]),
]);
const SIZE_BEFORE: Def = size("before", "in use when the collection began");
const SIZE_WAS: Def = size("capacity before", "committed when it began");
const SIZE_AFTER: Def = size("after", "in use when it ended");
const SIZE_IS: Def = size("capacity after", "committed when it ended");
const TICKS: &str = "clock ticks of 10 ms where the system counts so";

const PHASE_OF_PARALLEL: Def = text("phase", "of a full collection").words(&[
    word(
        "Marking Phase",
        "live objects are found",
        &[src("PSParallelCompact::marking_phase", PARALLEL)],
    ),
    word(
        "Summary Phase",
        "where each region's objects will go",
        &[src("PSParallelCompact::summary_phase", PARALLEL)],
    ),
    word(
        "Adjust Roots",
        "references from outside the heap are set to the new places",
        &[src_of("JDK 17", "PSParallelCompact::adjust_roots", PARALLEL)],
    ),
    word(
        "Forward",
        "new addresses are written into the objects",
        &[src_of(
            "JDK 25",
            "PSParallelCompact::forward_to_new_addr",
            PARALLEL,
        )],
    ),
    word(
        "Adjust Pointers",
        "references are set to the new places",
        &[src_of("JDK 25", "PSParallelCompact::adjust_pointers", PARALLEL)],
    ),
    word(
        "Compaction Phase",
        "objects are moved",
        &[src("PSParallelCompact::compact", PARALLEL)],
    ),
    word(
        "Post Compact",
        "tables are made ready for the next collection",
        &[src("PSParallelCompact::post_compact", PARALLEL)],
    ),
]);

const PHASE_OF_FULL: Def = text("phase", "of a full collection").words(&[
    word(
        "Mark live objects",
        "what is reachable is found",
        &[
            src("G1FullCollector::phase1_mark_live_objects", FULL_G1),
            src_of("JDK 17", "GenMarkSweep::mark_sweep_phase1", MARK_SWEEP),
            src_of("JDK 25", "SerialFullGC::phase1_mark", FULL_SERIAL),
            src("ShenandoahFullGC::phase1_mark_heap", FULL_SHENANDOAH),
        ],
    ),
    word(
        "Prepare for compaction",
        "new addresses are computed",
        &[src_of(
            "JDK 17",
            "G1FullCollector::phase2_prepare_compaction",
            FULL_G1,
        )],
    ),
    word(
        "Prepare compaction",
        "new addresses are computed",
        &[src_of(
            "JDK 25",
            "G1FullCollector::phase2_prepare_compaction",
            FULL_G1,
        )],
    ),
    word(
        "Compute new object addresses",
        "where each object will go",
        &[
            src_of("JDK 17", "GenMarkSweep::mark_sweep_phase2", MARK_SWEEP),
            src_of("JDK 25", "SerialFullGC::invoke_at_safepoint", FULL_SERIAL),
            src(
                "ShenandoahFullGC::phase2_calculate_target_addresses",
                FULL_SHENANDOAH,
            ),
        ],
    ),
    word(
        "Adjust pointers",
        "references are set to the new places",
        &[
            src("G1FullCollector::phase3_adjust_pointers", FULL_G1),
            src_of("JDK 17", "GenMarkSweep::mark_sweep_phase3", MARK_SWEEP),
            src_of("JDK 25", "SerialFullGC::invoke_at_safepoint", FULL_SERIAL),
            src("ShenandoahFullGC::phase3_update_references", FULL_SHENANDOAH),
        ],
    ),
    word(
        "Move objects",
        "objects are moved",
        &[
            src_of("JDK 17", "GenMarkSweep::mark_sweep_phase4", MARK_SWEEP),
            src_of("JDK 25", "SerialFullGC::invoke_at_safepoint", FULL_SERIAL),
            src("ShenandoahFullGC::phase4_compact_objects", FULL_SHENANDOAH),
        ],
    ),
    word(
        "Compact heap",
        "objects are moved",
        &[src("G1FullCollector::phase4_do_compaction", FULL_G1)],
    ),
    word(
        "Reset Metadata",
        "remembered sets and bitmaps are made ready",
        &[src_of(
            "JDK 25",
            "G1FullCollector::phase5_reset_metadata",
            FULL_G1,
        )],
    ),
]);
const STEP: Def = int("step", "", "place among the phases of a full collection");

pub const FORMS: &[Form] = &[
    form(
        "",
        "JVM: a collection of Serial, Parallel, or any collector's full one ended",
        ENDS,
        "Pause {} ({}) {}->{}({}) {}ms",
        &[TITLE, CAUSE, BEFORE, AFTER, CAPACITY, DURATION],
    ),
    form(
        "",
        "JVM: a collection of Serial, Parallel, or any collector's full one begins",
        BEGINS,
        "Pause {} ({})",
        &[TITLE, CAUSE],
    ),
    form(
        "gc,heap|gc",
        "Serial and Parallel: the young generation around a collection",
        HEAP_CHANGE,
        "{}: {}({})->{}({}) Eden: {}({})->{}({}) From: {}({})->{}({})",
        &[
            SPACE,
            SIZE_BEFORE,
            SIZE_WAS,
            SIZE_AFTER,
            SIZE_IS,
            size("eden before", "in use where the program allocates"),
            size("eden's capacity before", "committed"),
            size("eden after", "in use; 0 unless promotion failed"),
            size("eden's capacity after", "committed"),
            size("survivors before", "in the survivor space that is in use"),
            size("survivors' capacity before", "committed, of one of the two"),
            size(
                "survivors after",
                "objects that outlived this collection and are young still",
            ),
            size("survivors' capacity after", "committed, of one of the two"),
        ],
    ),
    form(
        "gc,metaspace|gc",
        "JVM: metaspace around a collection",
        &[src(
            "MetaspaceUtils::print_metaspace_change",
            "memory/metaspace.cpp",
        )],
        "Metaspace: {}({})->{}({}) NonClass: {}({})->{}({}) Class: {}({})->{}({})",
        &[
            size(
                "before",
                "in use for classes and their code's data, when the collection began",
            ),
            size("committed before", "of metaspace"),
            size("after", "in use when it ended: less if classes were unloaded"),
            size("committed after", "of metaspace"),
            size(
                "without classes before",
                "of it, methods and constant pools: everything but the classes themselves",
            ),
            size("without classes, committed before", "of it"),
            size("without classes after", "of it"),
            size("without classes, committed after", "of it"),
            size("classes before", "of it, in the compressed class space"),
            size("classes, committed before", "of it"),
            size("classes after", "of it"),
            size("classes, committed after", "of it"),
        ],
    ),
    form(
        "gc,heap|gc",
        "Serial and Parallel: the old generation around a collection",
        HEAP_CHANGE,
        "{}: {}({})->{}({})",
        &[SPACE, SIZE_BEFORE, SIZE_WAS, SIZE_AFTER, SIZE_IS],
    ),
    form(
        "",
        "JVM: CPU of a collection, stop-the-world part",
        &[src(
            "GCTraceCPUTime::~GCTraceCPUTime",
            "gc/shared/gcTraceTime.cpp",
        )],
        "User={}s Sys={}s Real={}s",
        &[
            num(
                "user",
                "s",
                "CPU time of the whole process in user mode while the pause lasted, in hundredths",
            ),
            num(
                "system",
                "s",
                "CPU time of the whole process in the kernel while the pause lasted, in hundredths",
            ),
            num("real", "s", "wall time of the pause, in hundredths"),
        ],
    )
    .note(TICKS),
    form(
        "",
        "JVM: a phase of a full collection ended",
        ENDS,
        "Phase {}: {} {}ms",
        &[STEP, PHASE_OF_FULL, DURATION],
    ),
    form(
        "",
        "JVM: a phase of a full collection begins",
        BEGINS,
        "Phase {}: {}",
        &[STEP, PHASE_OF_FULL],
    ),
    form(
        "gc,phases",
        "Parallel: a phase of a full collection ended",
        ENDS,
        "{} {}ms",
        &[PHASE_OF_PARALLEL, DURATION],
    ),
    form(
        "gc,phases,start",
        "Parallel: a phase of a full collection begins",
        BEGINS,
        "{}",
        &[PHASE_OF_PARALLEL],
    ),
];
