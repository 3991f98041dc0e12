//! The heap when the JVM ends (`gc,heap,exit` in JDK 17, `gc,exit` in 25), and what Epsilon prints of its heap.

use super::form::{Def, Form, Src, form, hex, int, num, size, src, src_of, text, word};

const TAGS: &str = "gc,heap,exit|gc,exit";
const METASPACE: &[Src] = &[src("MetaspaceUtils::print_on", "memory/metaspace.cpp")];
const EPSILON: &str = "gc/epsilon/epsilonHeap.cpp";

const USED: Def = size("used", "in use");
const COMMITTED: Def = size("committed", "memory behind it");
const RESERVED: Def = size("reserved", "address space for it");
const TOTAL: Def = size(
    "total",
    "committed; of a young generation one survivor space is left out",
);
const SHARE: Def = int("share", "%", "of its size that is in use");
const LOW: Def = hex("from", "first address");
const MIDDLE: Def = hex("up to", "first address that is not in use, or not committed");
const HIGH: Def = hex("to", "first address behind it");
const SPACES: Def = text("space", "which").words(&[
    word("eden", "where the program allocates", &[]),
    word("from", "the survivor space that is in use", &[]),
    word("to", "the survivor space that is empty", &[]),
    word("the", "the only space of the old generation", &[]),
    word("object", "the only space of the old generation", &[]),
]);
const GENERATIONS: Def = text("generation", "which").words(&[
    word(
        "def new generation",
        "Serial's young generation",
        &[src_of(
            "JDK 17",
            "DefNewGeneration::print_on",
            "gc/serial/defNewGeneration.cpp",
        )],
    ),
    word(
        "DefNew",
        "Serial's young generation",
        &[src_of(
            "JDK 25",
            "DefNewGeneration::print_on",
            "gc/serial/defNewGeneration.cpp",
        )],
    ),
    word(
        "tenured generation",
        "Serial's old generation",
        &[src_of(
            "JDK 17",
            "Generation::print_on",
            "gc/shared/generation.cpp",
        )],
    ),
    word(
        "Tenured",
        "Serial's old generation",
        &[src_of(
            "JDK 25",
            "TenuredGeneration::print_on",
            "gc/serial/tenuredGeneration.cpp",
        )],
    ),
    word(
        "PSYoungGen",
        "Parallel's young generation",
        &[src("PSYoungGen::print_on", "gc/parallel/psYoungGen.cpp")],
    ),
    word(
        "ParOldGen",
        "Parallel's old generation",
        &[src("PSOldGen::print_on", "gc/parallel/psOldGen.cpp")],
    ),
]);

pub const FORMS: &[Form] = &[
    form(TAGS, "JVM: the heap at the end, title", &[], "Heap", &[]),
    form(
        TAGS,
        "G1: the heap at the end",
        &[src_of(
            "JDK 25",
            "G1CollectedHeap::print_heap_on",
            "gc/g1/g1CollectedHeap.cpp",
        )],
        "garbage-first heap total reserved {}, committed {}, used {} [{}, {})",
        &[RESERVED, COMMITTED, USED, LOW, HIGH],
    ),
    form(
        TAGS,
        "G1: the heap at the end",
        &[src_of(
            "JDK 17",
            "G1CollectedHeap::print_on",
            "gc/g1/g1CollectedHeap.cpp",
        )],
        "garbage-first heap total {}, used {} [{}, {})",
        &[size("total", "committed"), USED, LOW, HIGH],
    ),
    form(
        TAGS,
        "G1: the regions at the end",
        &[
            src_of("JDK 17", "G1CollectedHeap::print_on", "gc/g1/g1CollectedHeap.cpp"),
            src_of(
                "JDK 25",
                "G1CollectedHeap::print_heap_on",
                "gc/g1/g1CollectedHeap.cpp",
            ),
        ],
        "region size {}, {} young ({}), {} survivors ({})",
        &[
            size("region size", "of each region"),
            int("young", "regions", "eden and survivors"),
            size("young, size", "of these regions"),
            int(
                "survivors",
                "regions",
                "of them, those with objects that outlived a collection",
            ),
            size("survivors, size", "of these regions"),
        ],
    ),
    form(
        TAGS,
        "JVM: metaspace at the end",
        METASPACE,
        "Metaspace used {}, committed {}, reserved {}",
        &[USED, COMMITTED, RESERVED],
    ),
    form(
        TAGS,
        "JVM: of metaspace, the compressed class space at the end",
        METASPACE,
        "class space used {}, committed {}, reserved {}",
        &[USED, COMMITTED, RESERVED],
    ),
    form(
        TAGS,
        "ZGC: the heap at the end",
        &[
            src_of("JDK 17", "ZHeap::print_on", "gc/z/zHeap.cpp"),
            src_of(
                "JDK 25",
                "ZPageAllocator::print_usage_on",
                "gc/z/zPageAllocator.cpp",
            ),
        ],
        "ZHeap used {}, capacity {}, max capacity {}",
        &[
            USED,
            size("capacity", "committed"),
            size("max capacity", "what the heap may grow to"),
        ],
    ),
    form(
        TAGS,
        "Serial and Parallel: a generation at the end",
        &[],
        "{} total {}, used {} [{},{},{})",
        &[GENERATIONS, TOTAL, USED, LOW, MIDDLE, HIGH],
    ),
    form(
        TAGS,
        "JVM: a space at the end",
        &[
            src("ContiguousSpace::print_on", "gc/shared/space.cpp"),
            src("MutableSpace::print_on", "gc/parallel/mutableSpace.cpp"),
        ],
        "‹{} ›space {}, {}% used [{},{},{}‹,{}›)",
        &[
            SPACES,
            size("size", "of the space"),
            SHARE,
            LOW,
            MIDDLE,
            HIGH,
            hex(
                "to",
                "first address behind it, where the third is the end of the block offset table",
            ),
        ],
    ),
    form(
        TAGS,
        "Epsilon: the heap at the end, title",
        &[
            src_of("JDK 17", "EpsilonHeap::print_on", EPSILON),
            src_of("JDK 25", "EpsilonHeap::print_heap_on", EPSILON),
        ],
        "Epsilon Heap",
        &[],
    ),
    form(
        TAGS,
        "Epsilon: the only space of the heap, title",
        &[
            src_of("JDK 17", "EpsilonHeap::print_on", EPSILON),
            src_of("JDK 25", "EpsilonHeap::print_heap_on", EPSILON),
        ],
        "Allocation space:",
        &[],
    ),
    form(
        "gc",
        "Epsilon: the heap, which only grows",
        &[src("EpsilonHeap::print_heap_info", EPSILON)],
        "Heap: {} reserved, {} ({}%) committed, {} ({}%) used",
        &[
            RESERVED,
            COMMITTED,
            num("committed, share", "%", "of the address space"),
            USED,
            num("used, share", "%", "of the address space"),
        ],
    ),
    form(
        "gc,metaspace",
        "Epsilon: metaspace",
        &[src("EpsilonHeap::print_metaspace_info", EPSILON)],
        "Metaspace: {} reserved, {} ({}%) committed, {} ({}%) used",
        &[
            RESERVED,
            COMMITTED,
            num("committed, share", "%", "of the address space"),
            USED,
            num("used, share", "%", "of the address space"),
        ],
    ),
];
