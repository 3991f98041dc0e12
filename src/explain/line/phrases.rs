//! Phases and pauses as all collectors of the JVM but ZGC print them: GCTraceTime writes the title when something begins, and the title with
//! its cause, the heap before and after, and the duration when it ends (gc/shared/gcTraceTime.cpp).

use super::form::{Def, Form, Src, form, num, size, src, src_of, text, word};

pub const BEGINS: &[Src] = &[src(
    "GCTraceTimeLoggerImpl::log_start",
    "gc/shared/gcTraceTime.cpp",
)];
pub const ENDS: &[Src] = &[src("GCTraceTimeLoggerImpl::log_end", "gc/shared/gcTraceTime.cpp")];
const CAUSES: &[Src] = &[src("GCCause::to_string", "gc/shared/gcCause.cpp")];

pub const BEFORE: Def = size("heap before", "heap in use when it began, cut to whole MiB");
pub const AFTER: Def = size("heap after", "heap in use when it ended, cut to whole MiB");
pub const CAPACITY: Def = size("capacity", "heap that is committed, cut to whole MiB");
pub const DURATION: Def = num(
    "duration",
    "ms",
    "from begin to end of what the title names; the stop around a pause is longer (see its safepoint line)",
);

/// Words of gcCause.cpp.
pub const CAUSE: Def = text("cause", "why the collection was started").by(CAUSES).words(&[
    word("System.gc()", "the program asked for it: System.gc() or Runtime.gc()", &[]),
    word("Diagnostic Command", "somebody asked for it with jcmd GC.run", &[]),
    word("Heap Dump Initiated GC", "somebody asked for a heap dump of live objects", &[]),
    word(
        "Heap Inspection Initiated GC",
        "somebody asked for a histogram of live objects",
        &[],
    ),
    word(
        "Allocation Failure",
        "an allocation found no room: the usual cause of a stop-the-world collector",
        &[],
    ),
    word(
        "G1 Evacuation Pause",
        "eden is full: G1's usual cause",
        &[],
    ),
    word(
        "G1 Humongous Allocation",
        "an object of at least half a region was allocated and the heap in use has passed the marking threshold",
        &[],
    ),
    word(
        "G1 Compaction Pause",
        "an allocation found no room even after a young collection: nothing but a full collection is left",
        &[],
    ),
    word("G1 Periodic Collection", "none began for G1PeriodicGCInterval", &[]),
    word(
        "G1 Preventive Collection",
        "the next pause was predicted to find too few free regions (JDK 17 to 19)",
        &[],
    ),
    word(
        "GCLocker Initiated GC",
        "one that had to wait for native code in a critical region",
        &[],
    ),
    word(
        "Metadata GC Threshold",
        "metaspace has grown to its threshold: classes are to be unloaded",
        &[],
    ),
    word(
        "Metadata GC Clear Soft References",
        "metaspace is full: soft references are cleared too",
        &[],
    ),
    word("Ergonomics", "Parallel's size policy wants it", &[]),
    word("CodeCache GC Threshold", "the code cache has grown to its threshold", &[]),
]);

const MARKING: &str = "gc/g1/g1ConcurrentMarkThread.cpp";

/// Titles of G1's concurrent phases.
const CONCURRENT: Def = text("phase", "of concurrent work: the program runs").words(&[
    word(
        "Mark Cycle",
        "from the pause that started it: finding what is live in the old regions",
        &[],
    ),
    word(
        "Undo Cycle",
        "a cycle that the pause which should have started it made needless: only the bitmap is cleared",
        &[],
    ),
    word(
        "Clear Claimed Marks",
        "signs on class loaders from the last cycle are wiped",
        &[src(
            "G1ConcurrentMarkThread::phase_clear_cld_claimed_marks",
            MARKING,
        )],
    ),
    word(
        "Scan Root Regions",
        "survivors are scanned for references to old regions; a young pause must wait for it",
        &[src("G1ConcurrentMarkThread::phase_scan_root_regions", MARKING)],
    ),
    word(
        "Mark",
        "all of marking: from roots, precleaning and the remark pause in between",
        &[src("G1ConcurrentMarkThread::phase_mark_loop", MARKING)],
    ),
    word(
        "Mark From Roots",
        "the heap is traversed from the roots",
        &[src("G1ConcurrentMarkThread::subphase_mark_from_roots", MARKING)],
    ),
    word(
        "Preclean",
        "references that are found dead or live early, so that the remark pause has less to do",
        &[src("G1ConcurrentMarkThread::subphase_preclean", MARKING)],
    ),
    word(
        "Rebuild Remembered Sets",
        "of the old regions that may be collected next",
        &[src_of(
            "JDK 17",
            "G1ConcurrentMarkThread::phase_rebuild_remembered_sets",
            MARKING,
        )],
    ),
    word(
        "Rebuild Remembered Sets and Scrub Regions",
        "remembered sets of the old regions that may be collected next; dead objects are made skippable",
        &[src_of(
            "JDK 25",
            "G1ConcurrentMarkThread::phase_rebuild_and_scrub",
            MARKING,
        )],
    ),
    word(
        "Cleanup for Next Mark",
        "the mark bitmap is cleared",
        &[src(
            "G1ConcurrentMarkThread::phase_clear_bitmap_for_next_mark",
            MARKING,
        )],
    ),
    word(
        "Mark Abort",
        "a full collection ended the marking before it was done",
        &[src(
            "G1ConcurrentMark::concurrent_cycle_end",
            "gc/g1/g1ConcurrentMark.cpp",
        )],
    ),
]);

/// A phase of a full collection: who names it depends on the collector.
const FULL: Def = text("phase", "of the collection");
const STEP: Def = super::form::int("step", "", "place among the phases");

/// Last among the forms: these are the widest.
pub const FORMS: &[Form] = &[
    form(
        "",
        "JVM: a phase of a full collection ended",
        ENDS,
        "Phase {}: {} {}ms",
        &[STEP, FULL, DURATION],
    ),
    form(
        "",
        "JVM: a phase of a full collection begins",
        BEGINS,
        "Phase {}: {}",
        &[STEP, FULL],
    ),
    form(
        "gc,marking|gc",
        "G1: marking was given up",
        &[src(
            "G1ConcurrentMark::concurrent_cycle_end",
            "gc/g1/g1ConcurrentMark.cpp",
        )],
        "Concurrent Mark Abort",
        &[],
    ),
    form(
        "gc,marking|gc",
        "G1: concurrent work ended",
        ENDS,
        "Concurrent {} {}ms",
        &[CONCURRENT, DURATION],
    )
    .note("the line `Concurrent Mark` itself is printed by G1ConcurrentMarkThread::phase_mark_loop"),
    form(
        "gc,marking|gc",
        "G1: concurrent work begins",
        BEGINS,
        "Concurrent {}",
        &[CONCURRENT],
    ),
    form(
        "",
        "JVM: a pause ended",
        ENDS,
        "Pause {}« ({})» {}->{}({}) {}ms",
        &[
            text("title", "the collector's name for the pause"),
            CAUSE,
            BEFORE,
            AFTER,
            CAPACITY,
            DURATION,
        ],
    ),
    form(
        "",
        "JVM: a pause ended",
        ENDS,
        "Pause {}« ({})» {}ms",
        &[
            text("title", "the collector's name for the pause"),
            CAUSE,
            DURATION,
        ],
    ),
    form(
        "",
        "JVM: a pause begins",
        BEGINS,
        "Pause {}« ({})»",
        &[text("title", "the collector's name for the pause"), CAUSE],
    ),
    form(
        "gc,phases|gc,phases,start",
        "JVM: a phase of a pause ended",
        ENDS,
        "{} {}ms",
        &[FULL, DURATION],
    ),
    form(
        "gc,phases,start",
        "JVM: a phase of a pause begins",
        BEGINS,
        "{}",
        &[FULL],
    ),
];
