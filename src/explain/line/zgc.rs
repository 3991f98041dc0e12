//! What ZGC prints: one generation (JDK 17) and two (25).

use super::form::{Def, Form, Src, form, int, num, size, src, src_of, text, word};

const STAT: &str = "gc/z/zStat.cpp";
const PAGES: &str = "gc/z/zPageAllocator.cpp";
const PHASE_ENDS: &[Src] = &[src("ZStatPhase::log_end", STAT)];
const COLLECTION_BEGINS: &[Src] = &[
    src_of("JDK 17", "ZStatPhaseCycle::register_start", STAT),
    src_of("JDK 25", "ZStatPhaseCollection::register_start", STAT),
];
const COLLECTION_ENDS: &[Src] = &[
    src_of("JDK 17", "ZStatPhaseCycle::register_end", STAT),
    src_of("JDK 25", "ZStatPhaseCollection::register_end", STAT),
];

const COLLECTION: Def = text("collection", "which").only(&[
    word("Garbage", "of the whole heap (one generation)", &[]),
    word("Minor", "of the young generation only", &[]),
    word("Major", "of both generations", &[]),
]);
const CAUSE: Def = text(
    "cause",
    "why it was started: a rule of the director, or a request",
)
.by(&[src("GCCause::to_string", "gc/shared/gcCause.cpp")])
.words(&[
    word(
        "Warmup",
        "the heap has grown to 10, 20 or 30 % for the first time: so that the director learns",
        &[],
    ),
    word(
        "Allocation Rate",
        "at this rate memory would run out before a collection could end",
        &[],
    ),
    word(
        "Allocation Stall",
        "a thread waits for memory already: the collection comes too late",
        &[],
    ),
    word(
        "Proactive",
        "none was needed, but enough was allocated or time has passed",
        &[],
    ),
    word("High Usage", "5 % of the heap are free or less", &[]),
    word("Timer", "ZCollectionInterval has passed", &[]),
    word(
        "Metadata GC Threshold",
        "metaspace has grown to its threshold",
        &[],
    ),
    word("System.gc()", "the program asked for it", &[]),
]);
const BEFORE: Def = size("heap before", "heap in use when it began, cut to whole MiB");
const BEFORE_SHARE: Def = int("heap before, share", "%", "of the heap's max capacity");
const AFTER: Def = size(
    "heap after",
    "heap in use when it ended, with what was allocated meanwhile, cut to whole MiB",
);
const AFTER_SHARE: Def = int("heap after, share", "%", "of the heap's max capacity");
const SECONDS: Def = num(
    "duration",
    "s",
    "from its beginning to its end; the program ran but for three short pauses a generation",
);
const MILLIS: Def = num(
    "duration",
    "ms",
    "of the phase; the stop around a pause is longer (see its safepoint line)",
);

const GENERATION: &[Src] = &[
    src_of("JDK 17", "", "gc/z/zDriver.cpp"),
    src_of("JDK 25", "", "gc/z/zGeneration.cpp"),
];
const PAUSE: Def = text("pause", "all threads stand still").by(GENERATION).only(&[
    word(
        "Mark Start",
        "marking begins: roots are made ready, colours change",
        &[],
    ),
    word("Mark End", "is marking done? if not, it goes on", &[]),
    word(
        "Relocate Start",
        "objects may be moved from now on: colours change, roots are fixed",
        &[],
    ),
]);
const PHASE: Def = text("phase", "of the collection, beside the program")
    .by(GENERATION)
    .only(&[
        word("Mark", "what is live is found", &[]),
        word("Mark Continue", "marking had not been done at the pause", &[]),
        word("Mark Free", "memory of marking is given back", &[]),
        word(
            "Process Non-Strong References",
            "soft, weak, final and phantom references; classes are unloaded",
            &[],
        ),
        word(
            "Process Non-Strong",
            "soft, weak, final and phantom references; classes are unloaded",
            &[],
        ),
        word(
            "Reset Relocation Set",
            "forwarding tables of the last collection are given back",
            &[],
        ),
        word(
            "Select Relocation Set",
            "pages with much garbage are chosen; empty ones are freed",
            &[],
        ),
        word(
            "Relocate",
            "live objects of the chosen pages are moved, the pages freed",
            &[],
        ),
        word(
            "Remap Roots",
            "references into moved objects are set right, of the old generation's roots",
            &[],
        ),
    ]);
const STALLS: Def = text("stall", "what for").only(&[
    word(
        "Allocation",
        "no memory was left: the thread waited until a collection gave some back",
        &[src("", PAGES)],
    ),
    word(
        "Relocation",
        "the object was being moved in place: the thread waited for the page",
        &[
            src_of("JDK 17", "", "gc/z/zForwarding.cpp"),
            src_of("JDK 25", "", "gc/z/zRelocate.cpp"),
        ],
    ),
]);
const THREAD: Def = text("thread", "that waited");

pub const FORMS: &[Form] = &[
    form(
        "gc,phases",
        "ZGC: a phase of a generation's collection ended",
        &[src_of("JDK 25", "ZStatPhaseGeneration::register_end", STAT)],
        "{} Generation‹ ({})› {}({}%)->{}({}%) {}s",
        &[
            text("generation", "which"),
            text("part", "of a major collection"),
            BEFORE,
            BEFORE_SHARE,
            AFTER,
            AFTER_SHARE,
            SECONDS,
        ],
    ),
    form(
        "gc",
        "ZGC: a collection ended",
        COLLECTION_ENDS,
        "{} Collection ({}) {}({}%)->{}({}%)‹ {}s›",
        &[
            COLLECTION,
            CAUSE,
            BEFORE,
            BEFORE_SHARE,
            AFTER,
            AFTER_SHARE,
            SECONDS,
        ],
    )
    .note("JDK 17 prints no duration"),
    form(
        "gc",
        "ZGC: a collection was given up because the JVM ends",
        COLLECTION_ENDS,
        "{} Collection ({}) Aborted",
        &[COLLECTION, CAUSE],
    ),
    form(
        "gc,start|gc",
        "ZGC: a collection begins",
        COLLECTION_BEGINS,
        "{} Collection ({})",
        &[COLLECTION, CAUSE],
    ),
    form(
        "gc,phases",
        "ZGC: a generation's collection begins",
        &[src_of("JDK 25", "ZStatPhaseGeneration::register_start", STAT)],
        "{} Generation‹ ({})›",
        &[
            text("generation", "which").only(&[
                word("Young", "newly allocated objects", &[]),
                word("Old", "objects that outlived the tenuring threshold", &[]),
            ]),
            text("part", "of a major collection").words(&[
                word("Promote All", "every live young object is promoted first", &[]),
                word("Collect Roots", "roots into the old generation are found", &[]),
            ]),
        ],
    ),
    form(
        "gc,phases",
        "ZGC: a pause ended",
        PHASE_ENDS,
        "Pause {} {}ms",
        &[PAUSE, MILLIS],
    ),
    form(
        "gc,phases",
        "ZGC: a concurrent phase ended",
        PHASE_ENDS,
        "Concurrent {} {}ms",
        &[PHASE, MILLIS],
    ),
    form(
        "gc",
        "ZGC: a thread of the program was made to wait",
        PHASE_ENDS,
        "{} Stall ({}) {}ms",
        &[
            STALLS,
            THREAD,
            num(
                "duration",
                "ms",
                "that it waited: no stop of all threads, but lost to this one",
            ),
        ],
    ),
    form(
        "gc",
        "ZGC: an allocation failed for good: OutOfMemoryError",
        &[src("ZHeap::out_of_memory", "gc/z/zHeap.cpp")],
        "Out Of Memory ({})",
        &[text("thread", "that wanted memory")],
    ),
    form(
        "gc,task",
        "ZGC: threads of a collection",
        &[src("ZWorkers::set_active_workers", "gc/z/zWorkers.cpp")],
        "Using {} workers",
        &[int(
            "workers",
            "",
            "threads that collect beside the program (at most ConcGCThreads)",
        )],
    ),
    form(
        "gc,task",
        "ZGC: threads of a collection",
        &[src_of(
            "JDK 25",
            "ZWorkers::set_active_workers",
            "gc/z/zWorkers.cpp",
        )],
        "Using {} Workers for {} Generation",
        &[
            int(
                "workers",
                "",
                "threads that collect beside the program (at most ConcGCThreads)",
            ),
            text("generation", "which"),
        ],
    ),
];
