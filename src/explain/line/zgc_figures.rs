//! What ZGC prints at the end of a collection beside its tables: load, utilisation, marking, references, pages, limits.

use super::form::{Def, Form, Src, form, int, num, size, src, src_of, text, word};

const STAT: &str = "gc/z/zStat.cpp";

const HEAP: &[Src] = &[src("ZStatHeap::print", STAT)];

const RELOCATION: &[Src] = &[
    src_of("JDK 17", "ZStatRelocation::print", STAT),
    src_of("JDK 25", "ZStatRelocation::print_page_summary", STAT),
];

const REFERENCES: &[Src] = &[src_of("JDK 17", "ZStatReferences::print", STAT)];

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

const ROW_SIZE: Def = text("limit", "of the heap").only(&[
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
