//! What the JVM tells of itself when it begins: `gc,init`, and where metaspace lies.

use super::form::{Def, Form, Kind, Src, Word, form, hex, int, num, size, src, src_of, text, word};

const INIT: &str = "gc/shared/gcInitLogger.cpp";
const G1_OWN: &[Src] = &[src("G1InitLogger::print_gc_specific", "gc/g1/g1InitLogger.cpp")];
const SHENANDOAH: &[Src] = &[src(
    "ShenandoahInitLogger::print_heap",
    "gc/shenandoah/shenandoahInitLogger.cpp",
)];
const SHENANDOAH_MODE: &[Src] = &[
    src_of(
        "JDK 17",
        "ShenandoahInitLogger::print_heap",
        "gc/shenandoah/shenandoahInitLogger.cpp",
    ),
    src_of(
        "JDK 25",
        "ShenandoahInitLogger::print_gc_specific",
        "gc/shenandoah/shenandoahInitLogger.cpp",
    ),
];
const Z_PAGES: &[Src] = &[src("ZPageAllocator::ZPageAllocator", "gc/z/zPageAllocator.cpp")];
const Z_BACKING: &[Src] = &[src("ZPhysicalMemoryBacking::ZPhysicalMemoryBacking", Z_LINUX)];
const Z_LINUX: &str = "gc/z/zPhysicalMemoryBacking_linux.cpp (below src/hotspot/os/linux)";
const EPSILON: &[Src] = &[src(
    "EpsilonInitLogger::print_gc_specific",
    "gc/epsilon/epsilonInitLogger.cpp",
)];
const HEAP: &[Src] = &[src("GCInitLogger::print_heap", INIT)];
const WORKERS: &[Src] = &[src("GCInitLogger::print_workers", INIT)];
const CLASSES: &[Src] = &[src_of(
    "JDK 25",
    "CompressedKlassPointers::print_mode",
    "oops/compressedKlass.cpp",
)];
const CLASSES_BOTH: &[Src] = &[
    src_of(
        "JDK 17",
        "CompressedKlassPointers::print_mode",
        "oops/compressedOops.cpp",
    ),
    src_of(
        "JDK 25",
        "CompressedKlassPointers::print_mode",
        "oops/compressedKlass.cpp",
    ),
];

const NAMES: &[Word] = &[
    word(
        "Memory",
        "of the machine or its container",
        &[src("GCInitLogger::print_memory", INIT)],
    ),
    word(
        "Large Page Support",
        "of the heap (UseLargePages)",
        &[src("GCInitLogger::print_large_pages", INIT)],
    ),
    word(
        "NUMA Support",
        "of the heap (UseNUMA)",
        &[src("GCInitLogger::print_numa", INIT)],
    ),
    word(
        "Compressed Oops",
        "references of 32 bits (UseCompressedOops), and how they are decoded",
        &[src("GCInitLogger::print_compressed_oops", INIT)],
    ),
    word(
        "Heap Min Capacity",
        "the heap is never made smaller (MinHeapSize)",
        HEAP,
    ),
    word(
        "Heap Initial Capacity",
        "of the heap when the JVM begins (-Xms)",
        HEAP,
    ),
    word("Heap Max Capacity", "the heap never grows beyond (-Xmx)", HEAP),
    word(
        "Pre-touch",
        "is all of the heap touched when the JVM begins (AlwaysPreTouch)",
        HEAP,
    ),
    word(
        "Parallel Workers",
        "threads for work with the world stopped (ParallelGCThreads)",
        WORKERS,
    ),
    word(
        "Concurrent Workers",
        "threads for work beside the program (ConcGCThreads)",
        WORKERS,
    ),
    word(
        "Concurrent Refinement Workers",
        "threads that keep remembered sets beside the program (G1ConcRefinementThreads)",
        &[src("G1InitLogger::print_workers", "gc/g1/g1InitLogger.cpp")],
    ),
    word(
        "Periodic GC",
        "is a collection begun when none was for long (G1PeriodicGCInterval)",
        G1_OWN,
    ),
    word(
        "Periodic GC Interval",
        "time without a collection after which one is begun",
        G1_OWN,
    ),
    word(
        "Heap Region Size",
        "unit in which the heap is divided and collected",
        &[
            src("G1InitLogger::print_heap", "gc/g1/g1InitLogger.cpp"),
            src(
                "ShenandoahInitLogger::print_heap",
                "gc/shenandoah/shenandoahInitLogger.cpp",
            ),
        ],
    ),
    word("Heap Region Count", "regions of the heap", SHENANDOAH),
    word(
        "TLAB Size Max",
        "largest buffer in which a thread allocates",
        &[
            src(
                "ShenandoahInitLogger::print_heap",
                "gc/shenandoah/shenandoahInitLogger.cpp",
            ),
            src(
                "EpsilonInitLogger::print_gc_specific",
                "gc/epsilon/epsilonInitLogger.cpp",
            ),
        ],
    ),
    word(
        "TLAB Size Decay Time",
        "after which an idle thread's buffer size is forgotten",
        EPSILON,
    ),
    word(
        "TLAB Size Elasticity",
        "by which a thread's buffer grows each time it is used up",
        EPSILON,
    ),
    word(
        "Humongous Object Threshold",
        "a larger object has regions of its own",
        SHENANDOAH,
    ),
    word(
        "Mode",
        "how marking keeps up with the program, and whether there are generations",
        SHENANDOAH_MODE,
    ),
    word(
        "Heuristics",
        "that decide when a cycle begins and what it collects",
        SHENANDOAH_MODE,
    ),
    word(
        "Initial Capacity",
        "of the heap when the JVM begins (-Xms)",
        Z_PAGES,
    ),
    word("Min Capacity", "the heap is never made smaller", Z_PAGES),
    word("Max Capacity", "the heap never grows beyond (-Xmx)", Z_PAGES),
    word(
        "Medium Page Size",
        "pages for objects of middle size; N/A in a small heap",
        Z_PAGES,
    ),
    word(
        "Runtime Workers",
        "threads for the JVM's own work in a safepoint",
        &[src(
            "ZRuntimeWorkers::ZRuntimeWorkers",
            "gc/z/zRuntimeWorkers.cpp",
        )],
    ),
    word(
        "Address Space Type",
        "contiguous or not / restricted or not / complete or degraded",
        &[src_of(
            "JDK 17",
            "ZVirtualMemoryManager::reserve",
            "gc/z/zVirtualMemory.cpp",
        )],
    ),
    word(
        "Heap Backing File",
        "file behind the heap's memory",
        &[src("ZPhysicalMemoryBacking::create_mem_fd", Z_LINUX)],
    ),
    word("Heap Backing Filesystem", "and its magic number", Z_BACKING),
    word(
        "Available space on backing filesystem",
        "N/A where it has no limit",
        &[src("ZPhysicalMemoryBacking::warn_available_space", Z_LINUX)],
    ),
    word(
        "Uncommit",
        "is memory that is not in use given back to the system",
        &[src(
            "ZPhysicalMemoryManager::try_enable_uncommit",
            "gc/z/zPhysicalMemoryManager.cpp",
        )],
    ),
    word(
        "Uncommit Delay",
        "time that memory must be unused before it is given back (ZUncommitDelay)",
        &[src(
            "ZPhysicalMemoryManager::try_enable_uncommit",
            "gc/z/zPhysicalMemoryManager.cpp",
        )],
    ),
    word(
        "CardTable entry size",
        "bytes of the heap that one card stands for (GCCardSizeInBytes)",
        &[src_of(
            "JDK 25",
            "CardTable::initialize_card_size",
            "gc/shared/cardTable.cpp",
        )],
    ),
];

const NAME: Def = text("setting", "of the JVM").words(NAMES);
const TEXT: Def = text("value", "of the setting");
const COUNT: Def = int("value", "", "of the setting");
const SIZE: Def = size("value", "of the setting");

const BASE: Def = hex("base", "address from which compressed class pointers are counted");
const SHIFT: Def = int("shift", "bits", "by which they are shifted");
const FROM: Def = hex("from", "first address");
const TO: Def = hex("to", "first address behind it");
const BYTES: Def = int("size", "bytes", "of the range");
const CDS: &[Src] = &[src("MetaspaceShared::print_on", "cds/metaspaceShared.cpp")];

pub const FORMS: &[Form] = &[
    form(
        "gc,init",
        "JVM: its release",
        &[
            src("GCInitLogger::print_version", INIT),
            src("ZInitialize::ZInitialize", "gc/z/zInitialize.cpp"),
        ],
        "Version: {} ({})",
        &[
            text("version", "java.vm.version"),
            text(
                "build",
                "release, or a debug build: its times are not to be compared",
            ),
        ],
    ),
    form(
        "gc,init",
        "JVM: its CPUs",
        &[
            src("GCInitLogger::print_cpu", INIT),
            src("ZCPU::initialize", "gc/z/zCPU.cpp"),
        ],
        "CPUs: {} total, {} available",
        &[
            int("total", "CPUs", "of the machine"),
            int(
                "available",
                "CPUs",
                "that this process may use: container and affinity",
            ),
        ],
    ),
    form(
        "gc,init",
        "Parallel: what sizes are rounded to",
        &[src(
            "ParallelInitLogger::print_heap",
            "gc/parallel/parallelInitLogger.cpp",
        )],
        "Alignments: Space {}, Generation {}, Heap {}",
        &[
            size("space", "sizes of spaces are multiples of it"),
            size("generation", "sizes of generations are multiples of it"),
            size("heap", "the heap's size is a multiple of it"),
        ],
    ),
    form(
        "gc,init",
        "ZGC: its threads",
        &[src_of("JDK 17", "ZWorkers::ZWorkers", "gc/z/zWorkers.cpp")],
        "GC Workers: {}‹/{}› ({})",
        &[
            int("workers", "", "threads that collect beside the program, at most"),
            int("in pauses", "", "threads that collect with the world stopped"),
            text("how", "dynamic: as many as are needed; static: as set"),
        ],
    ),
    form(
        "gc,init",
        "ZGC: its threads",
        &[src_of("JDK 25", "ZHeap::ZHeap", "gc/z/zHeap.cpp")],
        "GC Workers Max: {} ({})",
        &[
            int(
                "workers",
                "",
                "threads that collect beside the program, at most (ConcGCThreads)",
            ),
            text("how", "dynamic: as many as are needed"),
        ],
    ),
    form(
        "gc,init",
        "ZGC: threads of a generation",
        &[src_of("JDK 25", "ZWorkers::ZWorkers", "gc/z/zWorkers.cpp")],
        "GC Workers for {} Generation: {} ({})",
        &[
            text("generation", "which"),
            int("workers", "", "threads that collect it beside the program"),
            text("how", "dynamic: as many as are needed; static: as set"),
        ],
    ),
    form(
        "gc,init",
        "ZGC: address space of the heap",
        &[src_of(
            "JDK 17",
            "ZVirtualMemoryManager::reserve",
            "gc/z/zVirtualMemory.cpp",
        )],
        "Address Space Size: {} x {} = {}",
        &[
            size("view", "of each of the views of the heap"),
            int("views", "", "the same memory, once for each colour of references"),
            size("total", "address space reserved: not memory"),
        ],
    ),
    form(
        "gc,init",
        "ZGC: it begins",
        &[src("", "gc/z/zInitialize.cpp")],
        "Initializing {}",
        &[text("collector", "which")],
    ),
    form(
        "gc,init",
        "Epsilon: advice",
        EPSILON,
        "Consider enabling {} to avoid memory commit hiccups",
        &[text(
            "option",
            "that touches the heap's memory when the JVM begins",
        )],
    ),
    form("gc,init", "JVM: a setting", &[], "{}: {}", &[NAME, SIZE]),
    form(
        "gc,init",
        "JVM: a setting",
        &[],
        "{}: {}ms",
        &[NAME, int("value", "ms", "of the setting")],
    ),
    form(
        "gc,init",
        "JVM: a setting",
        &[],
        "{}: {}s",
        &[NAME, int("value", "s", "of the setting")],
    ),
    form(
        "gc,init",
        "JVM: a setting",
        &[],
        "{}: {}x",
        &[NAME, num("value", "x", "of the setting")],
    ),
    form("gc,init", "JVM: a setting", &[], "{}: {}", &[NAME, COUNT]),
    form("gc,init", "JVM: a setting", &[], "{}: {}", &[NAME, TEXT]),
    form(
        "gc",
        "Shenandoah: memory is never given back",
        &[src(
            "ShenandoahArguments::initialize",
            "gc/shenandoah/shenandoahArguments.cpp",
        )],
        "Min heap equals to max heap, disabling {}",
        &[text("option", "which is of no use then")],
    ),
    form(
        "gc|gc,init",
        "Shenandoah: an option that its mode or heuristics set",
        &[
            src(
                "ShenandoahSATBMode::initialize_flags",
                "gc/shenandoah/mode/shenandoahSATBMode.cpp",
            ),
            src_of(
                "JDK 25",
                "ShenandoahGenerationalMode::initialize_flags",
                "gc/shenandoah/mode/shenandoahGenerationalMode.cpp",
            ),
        ],
        "Heuristics ergonomically sets {}",
        &[text("option", "as if it stood on the command line")],
    ),
    form(
        "gc",
        "JVM: its collector",
        &[src("universe_init", "memory/universe.cpp")],
        "Using {}",
        &[text("collector", "which")],
    ),
    form(
        "gc,metaspace",
        "JVM: where the class data archive lies",
        CDS,
        "CDS archive(s) mapped at: [{}-{}-{}), size {}, SharedBaseAddress: {}, ArchiveRelocationMode: {}.",
        &[
            FROM,
            hex("end of the first", "of the archive that comes with the JDK"),
            TO,
            int("size", "bytes", "of the archives"),
            hex("base", "address that was wished for"),
            int(
                "relocation",
                "",
                "1: put at an address by chance, for safety (ArchiveRelocationMode)",
            ),
        ],
    ),
    form(
        "gc,metaspace",
        "JVM: where the compressed class space lies",
        &[src(
            "Metaspace::print_compressed_class_space",
            "memory/metaspace.cpp",
        )],
        "Compressed class space mapped at: {}-{}, reserved size: {}",
        &[
            FROM,
            TO,
            int(
                "reserved",
                "bytes",
                "address space for classes (CompressedClassSpaceSize)",
            ),
        ],
    ),
    form(
        "gc,metaspace",
        "JVM: how compressed class pointers are decoded",
        CLASSES_BOTH,
        "Narrow klass base: {}, Narrow klass shift: {}‹, Narrow klass range: {}›",
        &[
            BASE,
            SHIFT,
            Def::new(Kind::Hex, "range", "bytes", "that they reach"),
        ],
    ),
    form(
        "gc,metaspace",
        "JVM: how classes are referred to",
        CLASSES,
        "UseCompressedClassPointers {}, UseCompactObjectHeaders {}",
        &[
            int("compressed", "", "1: class pointers of 32 bits or less"),
            int("compact headers", "", "1: object headers of 8 bytes (JEP 519)"),
        ],
    )
    .note("JDK 25"),
    form(
        "gc,metaspace",
        "JVM: how wide class pointers are",
        CLASSES,
        "Narrow klass pointer bits {}, Max shift {}",
        &[
            int("width", "bits", "of a class pointer"),
            int("most", "bits", "by which it may be shifted"),
        ],
    ),
    form(
        "gc,metaspace",
        "JVM: addresses that class pointers reach",
        CLASSES,
        "Encoding Range: [{} - {}), ({} bytes)",
        &[FROM, TO, BYTES],
    ),
    form(
        "gc,metaspace",
        "JVM: addresses at which classes may lie",
        CLASSES,
        "Klass Range: [{} - {}), ({} bytes)",
        &[FROM, TO, BYTES],
    ),
    form(
        "gc,metaspace",
        "JVM: numbers that classes may have",
        CLASSES,
        "Klass ID Range: [{} - {}) ({})",
        &[
            int("from", "", "first number"),
            int("to", "", "first number behind them"),
            int("count", "", "of numbers"),
        ],
    ),
    form(
        "gc,metaspace",
        "JVM: addresses kept free so that a wrong class pointer faults",
        CLASSES,
        "Protection zone: [{} - {}), ({} bytes)",
        &[FROM, TO, BYTES],
    ),
];
