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
const HEAP: &[Src] = &[src("ZStatHeap::print", STAT)];
const RELOCATION: &[Src] = &[
    src_of("JDK 17", "ZStatRelocation::print", STAT),
    src_of("JDK 25", "ZStatRelocation::print_page_summary", STAT),
];
const REFERENCES: &[Src] = &[src_of("JDK 17", "ZStatReferences::print", STAT)];

const COLLECTION: Def = text("collection", "which").words(&[
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
const PAUSE: Def = text("pause", "all threads stand still").by(GENERATION).words(&[
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
    .words(&[
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
const STALLS: Def = text("stall", "what for").words(&[
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

const WINDOW: Def = int("window", "ms", "any stretch of so long");
const UTILISATION: Def = num(
    "utilisation",
    "%",
    "least share of such a stretch in which the program could run, since the JVM began; counts ZGC's pauses, not stalls",
);
const LOAD_1: Def = num(
    "load, 1 minute",
    "",
    "threads of the machine that ran or wanted to, mean of the last minute (os::loadavg)",
);
const LOAD_5: Def = num("load, 5 minutes", "", "mean of the last 5 minutes");
const LOAD_15: Def = num("load, 15 minutes", "", "mean of the last 15 minutes");
const LOAD_SHARE: Def = int("share", "%", "the load before it, of the CPUs there are");

const ROW_SIZE: Def = text("limit", "of the heap").words(&[
    word("Min", "the heap is never made smaller (-Xms)", &[]),
    word("Max", "the heap never grows beyond (-Xmx)", &[]),
    word(
        "Soft Max",
        "the heap should not grow beyond unless it must (SoftMaxHeapSize)",
        &[],
    ),
]);

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
            text("generation", "which").words(&[
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
    form(
        "gc,load",
        "ZGC: load of the machine",
        &[src("ZStatLoad::print", STAT)],
        "Load: {}/{}/{}",
        &[LOAD_1, LOAD_5, LOAD_15],
    ),
    form(
        "gc,load",
        "ZGC: load of the machine",
        &[src("ZStatLoad::print", STAT)],
        "Load: {} ({}%) / {} ({}%) / {} ({}%)",
        &[LOAD_1, LOAD_SHARE, LOAD_5, LOAD_SHARE, LOAD_15, LOAD_SHARE],
    ),
    form(
        "gc,mmu",
        "ZGC: minimum mutator utilisation",
        &[src("ZStatMMU::print", STAT)],
        "MMU: {}ms/{}%«, {}ms/{}%»",
        &[WINDOW, UTILISATION, WINDOW, UTILISATION],
    ),
    form(
        "gc,marking",
        "ZGC: how marking went",
        &[src("ZStatMark::print", STAT)],
        "Mark: {} stripe(s), {} proactive flush(es), {} terminate flush(es), {} completion(s), {} continuation(s)",
        &[
            int(
                "stripes",
                "",
                "parts of the heap that workers mark apart from each other",
            ),
            int(
                "proactive flushes",
                "",
                "threads were asked for their marking work while there was other work left",
            ),
            int(
                "terminate flushes",
                "",
                "threads were asked for their marking work to find out whether marking is done",
            ),
            int("completions", "", "marking was thought done and was not"),
            int(
                "continuations",
                "",
                "the pause at mark end found more work, so marking went on",
            ),
        ],
    ),
    form(
        "gc,marking",
        "ZGC: memory of marking",
        &[src_of("JDK 17", "ZStatMark::print", STAT)],
        "Mark Stack Usage: {}",
        &[size("mark stacks", "memory of the marking work's stacks")],
    ),
    form(
        "gc,nmethod",
        "ZGC: compiled code",
        &[src("ZStatNMethods::print", STAT)],
        "NMethods: {} registered, {} unregistered",
        &[
            int(
                "registered",
                "",
                "compiled methods that hold references and are scanned as roots",
            ),
            int(
                "unregistered",
                "",
                "compiled methods that were dropped since the last collection",
            ),
        ],
    ),
    form(
        "gc,metaspace",
        "ZGC: metaspace",
        &[src("ZStatMetaspace::print", STAT)],
        "Metaspace: {} used, {} committed, {} reserved",
        &[
            size("used", "for classes, cut to whole MiB"),
            size("committed", "memory behind it"),
            size("reserved", "address space for it"),
        ],
    ),
    form(
        "gc,ref",
        "ZGC: references of one strength in a collection",
        REFERENCES,
        "{}: {} encountered, {} discovered, {} enqueued",
        &[
            text("references", "of this strength (java.lang.ref)"),
            int("encountered", "", "found while marking"),
            int(
                "discovered",
                "",
                "of them, those whose object was not found otherwise",
            ),
            int(
                "enqueued",
                "",
                "of them, those that were cleared or queued: the object is dead",
            ),
        ],
    ),
    form(
        "gc,reloc",
        "ZGC: pages of one size in a collection",
        &[src_of("JDK 17", "ZStatRelocation::print", STAT)],
        "{} Pages: {} / {}, Empty: {}, Relocated: {}, In-Place: {}",
        &[
            text(
                "pages",
                "of this size: Small 2 MiB, Medium dependent on the heap, Large one object each",
            ),
            int("candidates", "pages", "that could be collected"),
            size("size", "memory of the candidates"),
            size(
                "empty",
                "memory of those without any live object: freed without moving",
            ),
            size(
                "relocated",
                "bytes of live objects in the pages that were chosen, which are moved",
            ),
            int(
                "in place",
                "pages",
                "compacted within themselves because no other page was free to move their objects to",
            ),
        ],
    ),
    form(
        "gc,reloc",
        "ZGC: memory of the forwarding tables",
        RELOCATION,
        "Forwarding Usage: {}",
        &[size(
            "forwarding",
            "memory of the tables that tell where moved objects are",
        )],
    ),
    form(
        "gc,reloc",
        "ZGC: age at which objects are promoted",
        &[src_of(
            "JDK 25",
            "ZGenerationYoung::select_tenuring_threshold",
            "gc/z/zGeneration.cpp",
        )],
        "Using tenuring threshold: {} ({})",
        &[
            int(
                "threshold",
                "young collections",
                "an object that outlived so many is promoted",
            ),
            text("how", "it was found").words(&[
                word("Computed", "from what survived in each age", &[]),
                word("Promote All", "a major collection promotes all that is live", &[]),
                word("ZTenuringThreshold", "set on the command line", &[]),
            ]),
        ],
    ),
    form(
        "gc,heap",
        "ZGC: limits of the heap",
        HEAP,
        "{} Capacity: {}({}%)",
        &[
            ROW_SIZE,
            size("capacity", "this limit"),
            int("share", "%", "of the heap's max capacity"),
        ],
    ),
    form(
        "gc,heap",
        "ZGC: title of the heap's table",
        &[src_of("JDK 25", "ZStatHeap::print", STAT)],
        "Heap Statistics:",
        &[],
    ),
    form(
        "gc,heap",
        "ZGC: title of a generation's table",
        &[src_of("JDK 25", "ZStatHeap::print", STAT)],
        "{} Generation Statistics:",
        &[text("generation", "which")],
    ),
    form(
        "gc,reloc",
        "ZGC: title of the table of ages",
        &[src_of("JDK 25", "ZStatRelocation::print_age_table", STAT)],
        "Age Table:",
        &[],
    ),
    form(
        "gc,ref",
        "ZGC and Shenandoah: soft references are cleared in this collection, because memory is short",
        &[
            src_of(
                "JDK 17",
                "ZReferenceProcessor::set_soft_reference_policy",
                "gc/z/zReferenceProcessor.cpp",
            ),
            src_of(
                "JDK 25",
                "ZReferenceProcessor::process_references",
                "gc/z/zReferenceProcessor.cpp",
            ),
            src(
                "ShenandoahReferenceProcessor::set_soft_reference_policy",
                "gc/shenandoah/shenandoahReferenceProcessor.cpp",
            ),
        ],
        "Clearing All SoftReferences",
        &[],
    ),
    form(
        "gc,heap",
        "ZGC: memory given back to the system",
        &[src_of(
            "JDK 17",
            "ZUncommitter::run_service",
            "gc/z/zUncommitter.cpp",
        )],
        "Uncommitted: {}({}%)",
        &[
            size("uncommitted", "given back since the last such line"),
            int("share", "%", "of the heap's max capacity"),
        ],
    ),
    form(
        "gc,heap",
        "ZGC: memory given back to the system",
        &[src_of(
            "JDK 25",
            "ZUncommitter::run_thread",
            "gc/z/zUncommitter.cpp",
        )],
        "Uncommitter ({}) Uncommitted: {}({}%) in {}ms",
        &[
            int("partition", "", "of the heap (NUMA node)"),
            size("uncommitted", "given back"),
            int("share", "%", "of the heap's max capacity"),
            num("duration", "ms", "of giving back, beside the program"),
        ],
    ),
];
