//! What Shenandoah prints of its cycles: why they began, phases, pauses, pacing.

use super::form::{Def, Form, Kind, Src, form, int, num, size, src, src_of, text, word};
use super::phrases::{AFTER, BEFORE, BEGINS, CAPACITY, DURATION, ENDS};

const ADAPTIVE: &str = "gc/shenandoah/heuristics/shenandoahAdaptiveHeuristics.cpp";
const CONCURRENT: &str = "gc/shenandoah/shenandoahConcurrentGC.cpp";
const CONTROL: &str = "gc/shenandoah/shenandoahControlThread.cpp";
const PACER: &str = "gc/shenandoah/shenandoahPacer.cpp";
const DEGENERATED: &[Src] = &[
    src_of(
        "JDK 17",
        "ShenandoahDegenGC::entry_degenerated",
        "gc/shenandoah/shenandoahDegeneratedGC.cpp",
    ),
    src_of(
        "JDK 25",
        "ShenandoahDegenGC::degen_event_message",
        "gc/shenandoah/shenandoahDegeneratedGC.cpp",
    ),
];
const TRIGGERS: &[Src] = &[
    src_of(
        "JDK 17",
        "ShenandoahAdaptiveHeuristics::should_start_gc",
        ADAPTIVE,
    ),
    src_of(
        "JDK 25",
        "ShenandoahHeuristics::log_trigger",
        "gc/shenandoah/heuristics/shenandoahHeuristics.cpp",
    ),
];
const DECIDES: &[Src] = &[src("ShenandoahAdaptiveHeuristics::should_start_gc", ADAPTIVE)];

const GENERATION: Def = text("generation", "for which it began (generational mode)").words(&[
    word("Young", "the young generation", &[]),
    word("Old", "the old generation", &[]),
    word("Global", "the whole heap", &[]),
]);
const NOTE: Def = text("note", "generation, or what else the phase does").words(&[
    word("Young", "of the young generation", &[]),
    word("Old", "of the old generation", &[]),
    word("Global", "of the whole heap", &[]),
    word("unload classes", "this cycle also unloads classes", &[]),
]);

const PHASE: Def = text("phase", "beside the program").words(&[
    word(
        "reset",
        "mark bitmaps are cleared",
        &[src("ShenandoahConcurrentGC::entry_reset", CONCURRENT)],
    ),
    word(
        "reset after collect",
        "mark bitmaps are cleared early for the next cycle",
        &[src_of(
            "JDK 25",
            "ShenandoahConcurrentGC::entry_reset_after_collect",
            CONCURRENT,
        )],
    ),
    word(
        "marking roots",
        "references of threads and of the JVM",
        &[src("ShenandoahConcurrentGC::entry_mark_roots", CONCURRENT)],
    ),
    word(
        "remembered set scanning",
        "references from old to young objects",
        &[src_of(
            "JDK 25",
            "ShenandoahConcurrentGC::entry_scan_remembered_set",
            CONCURRENT,
        )],
    ),
    word(
        "marking",
        "what is live is found",
        &[src("ShenandoahConcurrentGC::entry_mark", CONCURRENT)],
    ),
    word(
        "thread roots",
        "references on stacks into the collection set",
        &[src("ShenandoahConcurrentGC::entry_thread_roots", CONCURRENT)],
    ),
    word(
        "weak references",
        "java.lang.ref references are processed",
        &[src("ShenandoahConcurrentGC::entry_weak_refs", CONCURRENT)],
    ),
    word(
        "weak roots",
        "the JVM's own weak references are cleared",
        &[src("ShenandoahConcurrentGC::entry_weak_roots", CONCURRENT)],
    ),
    word(
        "class unloading",
        "dead classes and their code are dropped",
        &[src("ShenandoahConcurrentGC::entry_class_unloading", CONCURRENT)],
    ),
    word(
        "cleanup",
        "regions without live objects are freed, after marking and again at the end",
        &[
            src("ShenandoahConcurrentGC::entry_cleanup_early", CONCURRENT),
            src("ShenandoahConcurrentGC::entry_cleanup_complete", CONCURRENT),
        ],
    ),
    word(
        "strong roots",
        "references of the JVM into the collection set",
        &[src("ShenandoahConcurrentGC::entry_strong_roots", CONCURRENT)],
    ),
    word(
        "evacuation",
        "live objects of the collection set are copied",
        &[src("ShenandoahConcurrentGC::entry_evacuate", CONCURRENT)],
    ),
    word(
        "Init Update Refs",
        "made ready to set references to the copies",
        &[],
    ),
    word("Final Roots", "a cycle that evacuates nothing ends", &[]),
    word(
        "update references",
        "references in the heap are set to the copies",
        &[
            src_of("JDK 17", "ShenandoahConcurrentGC::entry_updaterefs", CONCURRENT),
            src_of("JDK 25", "ShenandoahConcurrentGC::entry_update_refs", CONCURRENT),
        ],
    ),
    word(
        "update thread roots",
        "references on stacks are set to the copies",
        &[src(
            "ShenandoahConcurrentGC::entry_update_thread_roots",
            CONCURRENT,
        )],
    ),
]);

const PAUSE: Def = text("pause", "all threads stand still").words(&[
    word(
        "Init Mark",
        "marking begins",
        &[src("ShenandoahConcurrentGC::entry_init_mark", CONCURRENT)],
    ),
    word(
        "Final Mark",
        "marking ends; the collection set is chosen, evacuation begins",
        &[src("ShenandoahConcurrentGC::entry_final_mark", CONCURRENT)],
    ),
    word(
        "Init Update Refs",
        "evacuation ends; references will be set to the copies",
        &[
            src_of(
                "JDK 17",
                "ShenandoahConcurrentGC::entry_init_updaterefs",
                CONCURRENT,
            ),
            src_of(
                "JDK 25",
                "ShenandoahConcurrentGC::entry_init_update_refs",
                CONCURRENT,
            ),
        ],
    ),
    word(
        "Final Update Refs",
        "references are set; the evacuated regions can be freed",
        &[
            src_of(
                "JDK 17",
                "ShenandoahConcurrentGC::entry_final_updaterefs",
                CONCURRENT,
            ),
            src_of(
                "JDK 25",
                "ShenandoahConcurrentGC::entry_final_update_refs",
                CONCURRENT,
            ),
        ],
    ),
    word(
        "Full",
        "the whole heap is compacted with the world stopped: the last resort",
        &[src(
            "ShenandoahFullGC::entry_full",
            "gc/shenandoah/shenandoahFullGC.cpp",
        )],
    ),
    word("Final Roots", "a cycle that evacuates nothing ends", &[]),
]);

const POINT: Def = text("where", "the concurrent cycle was when it ran out of memory")
    .by(DEGENERATED)
    .words(&[
        word(
            "Outside of Cycle",
            "in none: memory was gone before one began",
            DEGENERATED,
        ),
        word("Roots", "marking or preparing roots", DEGENERATED),
        word("Mark", "marking", DEGENERATED),
        word("Evacuation", "copying live objects", DEGENERATED),
        word("Update Refs", "setting references to the copies", DEGENERATED),
    ]);
const NUMBER: Def = int("cycle", "", "of the first ones, from which the heuristics learn");
const OF: Def = int("of", "", "cycles to learn from (ShenandoahLearningSteps)");
const FREE: Def = size("free", "what the program may allocate");
const THRESHOLD: Def = size(
    "threshold",
    "least that should be free: of the heap, ShenandoahMinFreeThreshold percent",
);
const LEARNING: Def = size(
    "threshold",
    "least that should be free while learning: ShenandoahInitFreeThreshold percent of the heap",
);
const GC_TIME: Def = num(
    "GC time",
    "ms",
    "mean time of a cycle, with a margin for its scatter",
);
const RATE: Def = num(
    "allocation rate",
    "B/s with the letter behind it",
    "of the program",
);
const LETTER: Def = Def {
    kind: Kind::Word,
    ..text("multiple", "of bytes: K, M or G")
};
const HEADROOM: Def = size(
    "headroom",
    "free memory less room for a spike and penalties for failed cycles",
);

/// `Trigger: ` of JDK 17, `Trigger (Young): ` of generational mode.
macro_rules! trigger {
    ($rest:literal) => {
        concat!("Trigger‹ ({})›: ", $rest)
    };
}

const LIVE: Def = size("expected live", "mean of what the last cycles marked");
const NON_TAXABLE: Def = size(
    "non-taxable",
    "of the free memory, what may be allocated before threads are held back (ShenandoahPacingCycleSlack)",
);
const TAX: Def = num(
    "tax rate",
    "x",
    "bytes that the collector must have worked through for each byte allocated; a thread that allocates faster waits",
);

pub const FORMS: &[Form] = &[
    form(
        "gc",
        "Shenandoah: why a cycle begins: it learns how the program allocates",
        TRIGGERS,
        trigger!("Learning {} of {}. Free ({}) is below initial threshold ({})"),
        &[GENERATION, NUMBER.by(DECIDES), OF, FREE, LEARNING],
    ),
    form(
        "gc",
        "Shenandoah: why a cycle begins: little is free",
        TRIGGERS,
        trigger!("Free ({}) is below minimum threshold ({})"),
        &[GENERATION, FREE.by(DECIDES), THRESHOLD],
    ),
    form(
        "gc",
        "Shenandoah: why a cycle begins: at this rate memory would run out first",
        TRIGGERS,
        trigger!(
            "Average GC time ({} ms) is above the time for {} allocation rate ({} {}B/s) to deplete free headroom ({}) ({} = {})"
        ),
        &[
            GENERATION,
            GC_TIME.by(DECIDES),
            text(
                "which rate",
                "average of the last time, or instantaneous: a spike",
            ),
            RATE,
            LETTER,
            HEADROOM,
            text(
                "margin",
                "of the comparison, which the heuristics adjust by how cycles went",
            ),
            num("margin's value", "standard deviations", "how many are added"),
        ],
    ),
    form(
        "gc",
        "Shenandoah: why a cycle begins: none began for long",
        TRIGGERS,
        trigger!("Time since last GC ({} ms) is larger than guaranteed interval ({} ms)"),
        &[
            GENERATION,
            num("since the last", "ms", "since the last cycle ended"),
            int("interval", "ms", "ShenandoahGuaranteedGCInterval"),
        ],
    ),
    form(
        "gc",
        "Shenandoah: why a cycle begins: an allocation failed, so it runs with the world stopped",
        &[
            src("ShenandoahControlThread::run_service", CONTROL),
            src_of(
                "JDK 25",
                "ShenandoahGenerationalControlThread::prepare_for_allocation_failure_gc",
                "gc/shenandoah/shenandoahGenerationalControlThread.cpp",
            ),
        ],
        trigger!("Handle Allocation Failure"),
        &[GENERATION],
    ),
    form(
        "gc",
        "Shenandoah: why a cycle begins: somebody asked for it",
        &[src("ShenandoahControlThread::run_service", CONTROL)],
        trigger!("{} GC request ({})"),
        &[
            GENERATION,
            text(
                "request",
                "Explicit: by the program or a tool; Implicit: by the JVM itself",
            ),
            super::phrases::CAUSE,
        ],
    ),
    form(
        "gc",
        "Shenandoah: why a cycle begins",
        TRIGGERS,
        trigger!("{}"),
        &[
            GENERATION,
            text("reason", "in the heuristics' words").words(&[
                word(
                    "GC start is already pending",
                    "a cycle was asked for and has not begun",
                    &[src_of(
                        "JDK 25",
                        "ShenandoahHeuristics::should_start_gc",
                        "gc/shenandoah/heuristics/shenandoahHeuristics.cpp",
                    )],
                ),
                word(
                    "Resume preparing to mark old",
                    "work on the old generation that a young cycle interrupted goes on",
                    &[src_of(
                        "JDK 25",
                        "ShenandoahOldHeuristics::should_resume_old_cycle",
                        "gc/shenandoah/heuristics/shenandoahOldHeuristics.cpp",
                    )],
                ),
            ]),
        ],
    ),
    form(
        "gc",
        "Shenandoah: the concurrent cycle came too late and is finished with the world stopped",
        ENDS,
        "Pause Degenerated GC‹ ({})› ({}) {}->{}({}) {}ms",
        &[GENERATION, POINT, BEFORE, AFTER, CAPACITY, DURATION],
    ),
    form(
        "gc,start|gc",
        "Shenandoah: the concurrent cycle came too late: it goes on with the world stopped",
        BEGINS,
        "Pause Degenerated GC‹ ({})› ({})",
        &[GENERATION, POINT],
    ),
    form(
        "gc",
        "Shenandoah: a pause ended",
        ENDS,
        "Pause {}« ({})»‹ {}->{}({})› {}ms",
        &[PAUSE, NOTE, BEFORE, AFTER, CAPACITY, DURATION],
    ),
    form(
        "gc,start|gc",
        "Shenandoah: a pause begins",
        BEGINS,
        "Pause {}« ({})»",
        &[PAUSE, NOTE],
    ),
    form(
        "gc",
        "Shenandoah: a concurrent phase ended",
        ENDS,
        "Concurrent {}« ({})»‹ {}->{}({})› {}ms",
        &[PHASE, NOTE, BEFORE, AFTER, CAPACITY, DURATION],
    ),
    form(
        "gc,start|gc",
        "Shenandoah: a concurrent phase begins",
        BEGINS,
        "Concurrent {}« ({})»",
        &[PHASE, NOTE],
    ),
    form(
        "gc",
        "Shenandoah: dead old objects were made skippable",
        ENDS,
        "Coalescing and filling« ({})» {}ms",
        &[NOTE, DURATION],
    ),
    form(
        "gc,start|gc",
        "Shenandoah: dead old objects are made skippable",
        &[src(
            "GCTraceTimeLoggerImpl::log_start",
            "gc/shared/gcTraceTime.cpp",
        )],
        "Coalescing and filling« ({})»",
        &[NOTE],
    ),
    form(
        "gc,ergo",
        "Shenandoah pacer: no cycle is under way",
        &[src("ShenandoahPacer::setup_for_idle", PACER)],
        "Pacer for Idle. Initial: {}, Alloc Tax Rate: {}x",
        &[
            size(
                "initial",
                "what may be allocated before the collector takes note (ShenandoahPacingIdleSlack percent of the heap)",
            ),
            TAX,
        ],
    ),
    form(
        "gc,ergo",
        "Shenandoah pacer: bitmaps are reset, nobody is held back",
        &[src("ShenandoahPacer::setup_for_reset", PACER)],
        "Pacer for Reset. Non-Taxable: {}",
        &[size(
            "non-taxable",
            "what may be allocated before threads are held back: the whole heap",
        )],
    ),
    form(
        "gc,ergo",
        "Shenandoah pacer: plan for marking",
        &[src("ShenandoahPacer::setup_for_mark", PACER)],
        "Pacer for Mark. Expected Live: {}, Free: {}, Non-Taxable: {}, Alloc Tax Rate: {}x",
        &[LIVE, FREE, NON_TAXABLE, TAX],
    ),
    form(
        "gc,ergo",
        "Shenandoah pacer: plan for evacuation",
        &[src("ShenandoahPacer::setup_for_evac", PACER)],
        "Pacer for Evacuation. Used CSet: {}, Free: {}, Non-Taxable: {}, Alloc Tax Rate: {}x",
        &[
            size("collection set", "memory of the regions that are evacuated"),
            FREE,
            NON_TAXABLE,
            TAX,
        ],
    ),
    form(
        "gc,ergo",
        "Shenandoah pacer: plan for setting references to the copies",
        &[
            src_of("JDK 17", "ShenandoahPacer::setup_for_updaterefs", PACER),
            src_of("JDK 25", "ShenandoahPacer::setup_for_update_refs", PACER),
        ],
        "Pacer for Update Refs. Used: {}, Free: {}, Non-Taxable: {}, Alloc Tax Rate: {}x",
        &[
            size("used", "heap in use, all of which is gone through"),
            FREE,
            NON_TAXABLE,
            TAX,
        ],
    ),
    form(
        "",
        "Shenandoah: the cycle under way is given up",
        &[src(
            "ShenandoahHeap::cancel_gc",
            "gc/shenandoah/shenandoahHeap.cpp",
        )],
        "Cancelling GC: {}",
        &[text("cause", "why").words(&[
            word(
                "Allocation Failure",
                "memory ran out before it was done: a degenerated collection follows",
                &[],
            ),
            word(
                "Upgrade To Full GC",
                "the degenerated collection freed too little: a full one follows",
                &[],
            ),
            word("Stopping VM", "the JVM ends", &[]),
        ])],
    ),
    form(
        "gc",
        "Shenandoah: an allocation found no memory",
        &[
            src_of("JDK 17", "ShenandoahControlThread::handle_alloc_failure", CONTROL),
            src_of(
                "JDK 25",
                "ShenandoahController::handle_alloc_failure",
                "gc/shenandoah/shenandoahController.cpp",
            ),
        ],
        "Failed to allocate {}, {}",
        &[
            text("for", "what the memory was wanted").words(&[
                word("Shared", "an object outside of any thread's buffer", &[]),
                word("TLAB", "a buffer in which a thread allocates", &[]),
                word("GCLAB", "a buffer in which a worker copies", &[]),
            ]),
            size("size", "that was asked for"),
        ],
    ),
    form(
        "gc",
        "Shenandoah: an evacuation found no memory for its copy",
        &[
            src_of(
                "JDK 17",
                "ShenandoahControlThread::handle_alloc_failure_evac",
                CONTROL,
            ),
            src_of(
                "JDK 25",
                "ShenandoahController::handle_alloc_failure_evac",
                "gc/shenandoah/shenandoahController.cpp",
            ),
        ],
        "Failed to allocate {} for evacuation",
        &[size("size", "that was asked for")],
    ),
    form(
        "gc",
        "Shenandoah: marking is given up",
        &[src_of(
            "JDK 25",
            "ShenandoahGeneration::cancel_marking",
            "gc/shenandoah/shenandoahGeneration.cpp",
        )],
        "Cancel marking:‹ {}›",
        &[GENERATION],
    ),
    form(
        "gc,ergo",
        "Shenandoah: a cycle begins",
        &[src_of(
            "JDK 25",
            "ShenandoahGenerationalControlThread::run_gc_cycle",
            "gc/shenandoah/shenandoahGenerationalControlThread.cpp",
        )],
        "Start GC cycle ({})",
        &[GENERATION],
    ),
    form(
        "gc,task|gc",
        "Shenandoah: threads of a phase",
        &[
            src_of(
                "JDK 17",
                "ShenandoahWorkerScope::ShenandoahWorkerScope",
                "gc/shenandoah/shenandoahUtils.cpp",
            ),
            src_of(
                "JDK 25",
                "ShenandoahWorkerScope::ShenandoahWorkerScope",
                "gc/shenandoah/shenandoahUtils.cpp",
            ),
        ],
        "Using {} of {} workers for {}",
        &[
            int("workers", "", "threads that take part"),
            int(
                "of",
                "",
                "threads there are (ParallelGCThreads in pauses, ConcGCThreads beside the program)",
            ),
            text("work", "the phase"),
        ],
    ),
];
