//! What only G1 prints.

use super::form::{Def, Form, Src, form, int, num, size, src, src_of, text, word};
use super::phrases::{AFTER, BEFORE, BEGINS, CAPACITY, CAUSE, DURATION, ENDS};

const PHASES: &str = "gc/g1/g1GCPhaseTimes.cpp";
const HEAP: &str = "gc/g1/g1CollectedHeap.cpp";
const YOUNG_NAMED: &[Src] = &[
    src_of(
        "JDK 17",
        "G1CollectedHeap::do_collection_pause_at_safepoint_helper",
        HEAP,
    ),
    src_of(
        "JDK 25",
        "G1YoungCollector::collect",
        "gc/g1/g1YoungCollector.cpp",
    ),
];
const HEAP_CHANGE: &[Src] = &[src("G1HeapTransition::print", "gc/g1/g1HeapTransition.cpp")];

const KIND: Def = text("kind", "of young collection").by(YOUNG_NAMED).words(&[
    word("Normal", "eden and survivors are evacuated, nothing else", &[]),
    word(
        "Concurrent Start",
        "a normal one that also marks the roots: a concurrent cycle begins",
        &[],
    ),
    word(
        "Prepare Mixed",
        "the last normal one after a concurrent cycle; mixed ones follow",
        &[],
    ),
    word("Mixed", "old regions with much garbage are evacuated too", &[]),
]);

const FAILED: Def = text(
    "evacuation failure",
    "objects could not be moved and stay where they are: no room for them (Allocation), or native code has pinned their region (Pinned)",
)
.by(&[src_of(
    "JDK 25",
    "G1YoungCollector::collect",
    "gc/g1/g1YoungCollector.cpp",
)])
.words(&[
    word(
        "Evacuation Failure: Allocation",
        "no room was left to move survivors to: they stay where they are, and their regions become old",
        &[],
    ),
    word(
        "Evacuation Failure: Pinned",
        "native code holds objects of the region in place (JNI critical), so it could not be evacuated",
        &[],
    ),
    word(
        "Evacuation Failure",
        "no room was left to move survivors to: they stay where they are (releases between 17 and 25)",
        &[],
    ),
]);

const WORKERS: Def = int("workers", "", "threads that take part");
const OF_WORKERS: Def = int(
    "of",
    "",
    "threads there are (ParallelGCThreads, for marking ConcGCThreads)",
);

const BEFORE_REGIONS: Def = int("before", "regions", "of this kind when the pause began");
const AFTER_REGIONS: Def = int("after", "regions", "of this kind when it ended");
const ROOM: Def = int(
    "room",
    "regions",
    "that it may have before the next pause: the young length that the pause goal allows",
);
const SORT: Def = text("regions", "which regions").words(&[
    word("Eden", "where the program allocates", &[]),
    word(
        "Survivor",
        "objects that outlived at least one young collection",
        &[],
    ),
    word(
        "Old",
        "objects that outlived enough of them, or were moved there for want of room",
        &[],
    ),
    word(
        "Archive",
        "mapped from the class data archive; never collected",
        &[],
    ),
    word(
        "Humongous",
        "objects of at least half a region, each alone in its regions",
        &[],
    ),
]);

const PHASE: Def = text("phase", "of the pause, one after the other on the wall clock").words(&[
    word(
        "Pre Evacuate Collection Set",
        "allocation buffers are retired, the collection set is chosen",
        &[src("G1GCPhaseTimes::print_pre_evacuate_collection_set", PHASES)],
    ),
    word(
        "Merge Heap Roots",
        "remembered sets and log buffers become one set of cards to scan",
        &[src(
            "G1GCPhaseTimes::print_evacuate_initial_collection_set",
            PHASES,
        )],
    ),
    word(
        "Evacuate Collection Set",
        "live objects are copied out of the regions that are collected",
        &[src(
            "G1GCPhaseTimes::print_evacuate_initial_collection_set",
            PHASES,
        )],
    ),
    word(
        "Evacuate Optional Collection Set",
        "further old regions, as time was left to the pause goal",
        &[src(
            "G1GCPhaseTimes::print_evacuate_optional_collection_set",
            PHASES,
        )],
    ),
    word(
        "Merge Optional Heap Roots",
        "remembered sets of the optional old regions",
        &[src(
            "G1GCPhaseTimes::print_evacuate_optional_collection_set",
            PHASES,
        )],
    ),
    word(
        "Post Evacuate Collection Set",
        "references are processed, regions freed, tables updated",
        &[src("G1GCPhaseTimes::print_post_evacuate_collection_set", PHASES)],
    ),
    word(
        "Other",
        "what the phases above do not account for",
        &[src("G1GCPhaseTimes::print_other", PHASES)],
    ),
]);

pub const FORMS: &[Form] = &[
    form(
        "",
        "G1: a young collection ended",
        ENDS,
        "Pause Young ({}) ({})‹ ({})› {}->{}({}) {}ms",
        &[KIND, CAUSE, FAILED, BEFORE, AFTER, CAPACITY, DURATION],
    )
    .note("JDK 17 says `To-space exhausted` in a line of its own instead of the note on an evacuation failure"),
    form(
        "",
        "G1: a young collection begins",
        BEGINS,
        "Pause Young ({}) ({})",
        &[KIND, CAUSE],
    ),
    form(
        "",
        "G1: a pause of the concurrent cycle ended",
        ENDS,
        "Pause {} {}->{}({}) {}ms",
        &[PAUSE, BEFORE, AFTER, CAPACITY, DURATION],
    ),
    form(
        "gc,heap|gc",
        "G1: regions of one kind around a pause",
        HEAP_CHANGE,
        "{} regions: {}->{}‹({})›",
        &[SORT, BEFORE_REGIONS, AFTER_REGIONS, ROOM],
    )
    .note("Archive stands in JDK 17 and not in 25"),
    form(
        "gc,task|gc",
        "G1: threads of a phase",
        &[],
        "Using {} workers of {} for {}",
        &[
            WORKERS,
            OF_WORKERS,
            text("work", "what they do").words(&[
                word(
                    "evacuation",
                    "a young collection",
                    &[
                        src_of("JDK 17", "G1CollectedHeap::do_collection_pause_at_safepoint_helper", HEAP),
                        src_of("JDK 25", "G1YoungCollector::collect", "gc/g1/g1YoungCollector.cpp"),
                    ],
                ),
                word(
                    "full compaction",
                    "a full collection",
                    &[src("G1FullCollector::calc_active_workers", "gc/g1/g1FullCollector.cpp")],
                ),
                word(
                    "marking",
                    "concurrent marking",
                    &[src("G1ConcurrentMark::mark_from_roots", "gc/g1/g1ConcurrentMark.cpp")],
                ),
            ]),
        ],
    ),
    form(
        "gc,phases|gc",
        "G1: a phase of a young collection",
        &[src("G1GCPhaseTimes::info_time", PHASES)],
        "{}: {}ms",
        &[PHASE, num("duration", "ms", "wall time; JDK 17 gives tenths, 25 hundredths")],
    ),
    form(
        "gc,ergo",
        "G1: a full collection is the last resort",
        &[src("G1CollectedHeap::satisfy_failed_allocation_helper", HEAP)],
        "Attempting {}",
        &[text("attempt", "an allocation found no room").words(&[
            word("full compaction", "soft references are kept, a little waste is left", &[]),
            word(
                "full compaction clearing soft references",
                "soft references are cleared",
                &[src("G1CollectedHeap::upgrade_to_full_collection", HEAP)],
            ),
            word(
                "maximal full compaction clearing soft references",
                "every region is compacted, soft references are cleared: the last one before OutOfMemoryError",
                &[],
            ),
            word(
                "maximum full compaction clearing soft references",
                "every region is compacted, soft references are cleared: the last one before OutOfMemoryError",
                &[],
            ),
        ])],
    ),
    form(
        "gc",
        "G1: survivors found no room in this pause",
        &[src_of(
            "JDK 17",
            "G1CollectedHeap::do_collection_pause_at_safepoint_helper",
            HEAP,
        )],
        "To-space exhausted",
        &[],
    ),
    form(
        "gc,heap",
        "G1: memory of empty regions given back to the system",
        &[src(
            "G1UncommitRegionTask::report_summary",
            "gc/g1/g1UncommitRegionTask.cpp",
        )],
        "Concurrent Uncommit Summary: {}, {} regions, {}ms",
        &[
            size("uncommitted", "given back"),
            int("regions", "regions", "given back"),
            num("duration", "ms", "of the work, done beside the program"),
        ],
    ),
];

const PAUSE: Def = text("pause", "which").words(&[
    word(
        "Remark",
        "marking is finished: what changed meanwhile, references, classes to unload, empty regions are freed",
        &[src(
            "G1ConcurrentMarkThread::subphase_remark",
            "gc/g1/g1ConcurrentMarkThread.cpp",
        )],
    ),
    word(
        "Cleanup",
        "decides whether mixed collections follow",
        &[src(
            "G1ConcurrentMarkThread::phase_cleanup",
            "gc/g1/g1ConcurrentMarkThread.cpp",
        )],
    ),
]);
