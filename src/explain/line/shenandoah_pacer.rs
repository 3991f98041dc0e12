//! How Shenandoah holds allocation back, and what it prints when memory runs out all the same.

use super::form::{Def, Form, form, int, num, size, src, src_of, text, word};
use super::shenandoah::{CONTROL, FREE, GENERATION};

const PACER: &str = "gc/shenandoah/shenandoahPacer.cpp";

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
