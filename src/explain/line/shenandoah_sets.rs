//! What Shenandoah prints of its regions: what is free, what will be collected, what became of it.

use super::form::{Def, Form, Src, form, int, num, size, src, src_of, text, word};

const FREE_SET: &str = "gc/shenandoah/shenandoahFreeSet.cpp";
const ADAPTIVE: &str = "gc/shenandoah/heuristics/shenandoahAdaptiveHeuristics.cpp";
const GENERATIONAL: &str = "gc/shenandoah/heuristics/shenandoahGenerationalHeuristics.cpp";
const OLD: &str = "gc/shenandoah/heuristics/shenandoahOldHeuristics.cpp";
const FREE_BY: &[Src] = &[src("ShenandoahFreeSet::log_status", FREE_SET)];
const CHOOSES: &[Src] = &[
    src(
        "ShenandoahHeuristics::choose_collection_set",
        "gc/shenandoah/heuristics/shenandoahHeuristics.cpp",
    ),
    src_of(
        "JDK 25",
        "ShenandoahGenerationalHeuristics::choose_collection_set",
        GENERATIONAL,
    ),
];
const REFERENCES: &[Src] = &[src(
    "ShenandoahReferenceProcessor::collect_statistics",
    "gc/shenandoah/shenandoahReferenceProcessor.cpp",
)];
const PROGRESS: &[Src] = &[src(
    "ShenandoahMetricsSnapshot::is_good_progress",
    "gc/shenandoah/shenandoahMetrics.cpp",
)];
const STATUS: &[Src] = &[src_of(
    "JDK 25",
    "ShenandoahGeneration::log_status",
    "gc/shenandoah/shenandoahGeneration.cpp",
)];
const MMU: &str = "gc/shenandoah/shenandoahMmuTracker.cpp";

const FREE: Def = size(
    "free",
    "what the program may allocate, in free and partly used regions",
);
const MAX_REGULAR: Def = size("largest in a region", "largest object that fits into one region");
const MAX_HUMONGOUS: Def = size(
    "largest humongous",
    "largest object that fits into adjacent empty regions",
);
const EXTERNAL: Def = int(
    "external fragmentation",
    "%",
    "of the empty regions, what is not in the longest run of adjacent ones",
);
const INTERNAL: Def = int(
    "internal fragmentation",
    "%",
    "how full the regions are, on the mean, in which the program may still allocate",
);
const RESERVE: Def = size(
    "collector's reserve",
    "kept for copying: what the program may not allocate",
);
const RESERVE_MAX: Def = size(
    "reserve, largest",
    "largest object that fits into one region of it",
);
const RESERVE_USED: Def = size("reserve, used", "in use in its regions");

const GARBAGE: Def = size("garbage", "that this cycle will free");
const OF_GARBAGE: Def = int("share", "%", "of all garbage that marking found");
const IMMEDIATE: Def = size(
    "immediate",
    "of it, in regions without any live object: freed without copying",
);
const IMMEDIATE_REGIONS: Def = int("immediate regions", "regions", "without any live object");
const CSET: Def = size("collection set", "of it, in regions that are evacuated");
const CSET_REGIONS: Def = int("regions", "regions", "that are evacuated: the collection set");

const SOFT: Def = int("soft", "", "SoftReference: kept while memory lasts");
const WEAK: Def = int("weak", "", "WeakReference");
const FINAL: Def = int("final", "", "objects with finalize()");
const PHANTOM: Def = int("phantom", "", "PhantomReference, cleaners");
const EACH: &[Def] = &[SOFT, WEAK, FINAL, PHANTOM];

const WHEN: Def = text("when", "this was so");
const OF_GENERATION: Def = text("generation", "which");
const USED: Def = size("used", "in use");
const USED_REGIONS: Def = size("regions used", "memory of all regions that are not empty");
const WASTE: Def = size(
    "humongous waste",
    "ends of regions that humongous objects do not fill",
);
const SOFT_CAPACITY: Def = size(
    "soft capacity",
    "the heap should not grow beyond (SoftMaxHeapSize)",
);
const MAX_CAPACITY: Def = size("max capacity", "what it may grow to");
const AVAILABLE: Def = size("available", "left to allocate");

const TARGET: Def = size("target free", "what should be free after the cycle");
const ACTUAL: Def = size("actual free", "what is free now, with immediate garbage");
const MAX_CSET: Def = size(
    "limit",
    "live bytes that may be copied: the collector's reserve less a margin",
);
const MIN_GARBAGE: Def = size("least garbage", "what must be freed to reach the target");

pub const FORMS: &[Form] = &[
    form(
        "gc,ergo|gc,free",
        "Shenandoah: free memory",
        FREE_BY,
        "Free: {}, Max: {} regular, {} humongous, Frag: {}% external, {}% internal; Reserve: {}, Max: {}",
        &[FREE, MAX_REGULAR, MAX_HUMONGOUS, EXTERNAL, INTERNAL, RESERVE, RESERVE_MAX],
    )
    .note("words of JDK 17, tags gc,ergo; 25 prints more of the reserve, tags gc,free"),
    form(
        "gc,free",
        "Shenandoah: free memory",
        FREE_BY,
        "Free: {}, Max: {} regular, {} humongous, Frag: {}% external, {}% internal; Used: {}, Mutator Free: {} Collector Reserve: {}, Max: {}; Used: {}‹ Old Collector Reserve: {}, Max: {}; Used: {}›",
        &[
            FREE,
            MAX_REGULAR,
            MAX_HUMONGOUS,
            EXTERNAL,
            INTERNAL,
            size("used", "in use in regions in which the program may still allocate"),
            int("regions", "regions", "in which the program may allocate"),
            RESERVE,
            RESERVE_MAX,
            RESERVE_USED,
            size("old reserve", "kept for copying into the old generation"),
            size("old reserve, largest", "largest object that fits into one region of it"),
            size("old reserve, used", "in use in its regions"),
        ],
    )
    .note("words of JDK 25; the old reserve stands in generational mode only"),
    form(
        "gc,ergo",
        "Shenandoah: what this cycle will free",
        CHOOSES,
        "Collectable Garbage: {} ({}%), Immediate: {} ({}%)‹, {} regions›, CSet: {} ({}%)‹, {} regions›",
        &[
            GARBAGE,
            OF_GARBAGE,
            IMMEDIATE,
            OF_GARBAGE,
            IMMEDIATE_REGIONS,
            CSET,
            OF_GARBAGE,
            CSET_REGIONS,
        ],
    )
    .note("JDK 17 prints no numbers of regions"),
    form(
        "gc,ergo",
        "Shenandoah: limits within which the collection set is chosen",
        &[src(
            "ShenandoahAdaptiveHeuristics::choose_collection_set_from_regiondata",
            ADAPTIVE,
        )],
        "Adaptive CSet Selection. Target Free: {}, Actual Free: {}, Max CSet: {}, Min Garbage: {}",
        &[TARGET, ACTUAL, MAX_CSET, MIN_GARBAGE],
    ),
    form(
        "gc,ergo",
        "Shenandoah: limits within which the collection set is chosen",
        &[src_of(
            "JDK 25",
            "ShenandoahAdaptiveHeuristics::choose_collection_set_from_regiondata",
            ADAPTIVE,
        )],
        "Adaptive CSet Selection. Target Free: {}, Actual Free: {}, Max Evacuation: {}, Min Garbage: {}",
        &[TARGET, ACTUAL, MAX_CSET, MIN_GARBAGE],
    ),
    form(
        "gc,ergo",
        "Shenandoah: limits within which the young collection set is chosen",
        &[src_of(
            "JDK 25",
            "ShenandoahYoungHeuristics::choose_young_collection_set",
            "gc/shenandoah/heuristics/shenandoahYoungHeuristics.cpp",
        )],
        "Adaptive CSet Selection for YOUNG. Max Evacuation: {}, Actual Free: {}.",
        &[MAX_CSET, ACTUAL],
    ),
    form(
        "gc,ergo",
        "Shenandoah: what the chosen regions hold",
        &[src_of(
            "JDK 25",
            "ShenandoahGenerationalHeuristics::log_cset_composition",
            GENERATIONAL,
        )],
        "Chosen CSet evacuates young: {} (of which at least: {} are to be promoted), old: {}",
        &[
            size("young", "live bytes of young regions that are copied"),
            size("to promote", "of them, what goes to the old generation for its age"),
            size("old", "live bytes of old regions that are copied"),
        ],
    ),
    form(
        "gc,ergo",
        "Shenandoah: where live objects are copied to",
        &[src_of(
            "JDK 25",
            "ShenandoahGenerationalHeuristics::choose_collection_set",
            GENERATIONAL,
        )],
        "Evacuation Targets: YOUNG: {}, PROMOTE: {}, OLD: {}, TOTAL: {}",
        &[
            size("young", "within the young generation"),
            size("promote", "from the young to the old generation"),
            size("old", "within the old generation"),
            size("total", "of the three"),
        ],
    ),
    form(
        "gc,ergo",
        "Shenandoah: regions that grow old without being copied",
        &[src_of(
            "JDK 25",
            "ShenandoahGenerationalHeuristics::choose_collection_set",
            GENERATIONAL,
        )],
        "Planning to promote in place {} humongous regions and {} regular regions, spanning a total of {} used bytes",
        &[
            int("humongous", "regions", "of large objects"),
            int("regular", "regions", "with little garbage"),
            int("used", "bytes", "in use in them"),
        ],
    ),
    form(
        "gc,ergo",
        "Shenandoah: old regions that a young cycle evacuates too",
        &[src_of("JDK 25", "ShenandoahOldHeuristics::prime_collection_set", OLD)],
        "Old-gen piggyback evac ({} regions, evacuating {}, reclaiming: {})",
        &[
            int("regions", "regions", "of the old generation"),
            size("evacuated", "live bytes that are copied"),
            size("reclaimed", "garbage that is freed"),
        ],
    ),
    form(
        "gc,ergo",
        "Shenandoah: a generation grows at the other's cost",
        &[
            src_of("JDK 25", "ShenandoahFreeSet::establish_generation_sizes", FREE_SET),
            src_of(
                "JDK 25",
                "ShenandoahGenerationSizer::transfer_regions",
                "gc/shenandoah/shenandoahGenerationSizer.cpp",
            ),
        ],
        "Transfer {} region(s) from {} to {}, yielding increased size: {}",
        &[
            int("regions", "regions", "that change their generation"),
            text("from", "the generation that gives"),
            text("to", "the generation that gets"),
            size("size", "of the generation that gets them, afterwards"),
        ],
    ),
    form(
        "gc,ergo",
        "Shenandoah: sizes of the generations for the next cycle",
        &[src_of(
            "JDK 25",
            "ShenandoahGenerationalHeap::TransferResult::print_on",
            "gc/shenandoah/shenandoahGenerationalHeap.cpp",
        )],
        "After {}, {} transferred {} regions to {} to prepare for next gc, old available: {}, young_available: {}",
        &[
            text("after", "which collection"),
            text("whether", "regions could be moved"),
            int("regions", "regions", "that change their generation"),
            text("to", "the generation that gets them; none if none moved"),
            size("old available", "left in the old generation"),
            size("young available", "left in the young generation"),
        ],
    ),
    form(
        "gc,ergo",
        "Shenandoah: reserve that was not needed goes back to the program",
        &[src_of(
            "JDK 25",
            "ShenandoahFreeSet::move_regions_from_collector_to_mutator",
            FREE_SET,
        )],
        "At start of update refs, moving {} to Mutator free set from Collector Reserve ({}) and from Old Collector Reserve ({})",
        &[
            size("moved", "what the program may allocate from now on"),
            size("from the reserve", "of it"),
            size("from the old reserve", "of it"),
        ],
    ),
    form(
        "gc,ergo",
        "Shenandoah: did the collection free enough?",
        PROGRESS,
        "{} progress for free space: {}, need {}",
        &[
            PROGRESS_WORD,
            size("free", "after it"),
            size("needed", "least that must be free (ShenandoahCriticalFreeThreshold percent of the heap)"),
        ],
    ),
    form(
        "gc,ergo",
        "Shenandoah: did the collection free enough?",
        PROGRESS,
        "{} progress for used space: {}, need {}",
        &[
            PROGRESS_WORD,
            size("freed", "less in use than before"),
            size("needed", "least that must have been freed: a region"),
        ],
    ),
    form(
        "gc,ergo",
        "Shenandoah: did the collection help fragmentation?",
        PROGRESS,
        "{} progress for {} fragmentation: {}%, need {}%",
        &[
            PROGRESS_WORD,
            text("fragmentation", "internal: within regions; external: between them"),
            num("less", "%", "than before"),
            num("needed", "%", "least"),
        ],
    ),
    form(
        "gc,ergo",
        "Shenandoah: use of CPUs since the last such line",
        &[
            src_of("JDK 25", "ShenandoahMmuTracker::record_young", MMU),
            src_of("JDK 25", "ShenandoahMmuTracker::record_degenerated", MMU),
            src_of("JDK 25", "ShenandoahMmuTracker::record_global", MMU),
            src_of("JDK 25", "ShenandoahMmuTracker::record_full", MMU),
        ],
        "At end of {}: GCU: {}%, MU: {}% during period of {}s",
        &[
            text("collection", "which"),
            num("GC utilisation", "%", "of all CPUs, what the collector's threads took"),
            num(
                "mutator utilisation",
                "%",
                "of all CPUs, what the other threads took; CPU times are read in ticks, so that it may be below 0 in a short period",
            ),
            num("period", "s", "since the last such line"),
        ],
    ),
    form(
        "gc,ergo",
        "Shenandoah: a generation after a cycle",
        STATUS,
        "{}: {} generation used: {}, used regions: {}, humongous waste: {}, soft capacity: {}, max capacity: {}, available: {}",
        &[
            WHEN,
            OF_GENERATION,
            USED,
            USED_REGIONS,
            WASTE,
            SOFT_CAPACITY,
            MAX_CAPACITY,
            AVAILABLE,
        ],
    ),
    form(
        "gc,ergo",
        "Shenandoah: the heap after a cycle",
        STATUS,
        "{}: used: {}, used regions: {}, humongous waste: {}, soft capacity: {}, max capacity: {}, available: {}",
        &[
            WHEN,
            USED,
            USED_REGIONS,
            WASTE,
            SOFT_CAPACITY,
            MAX_CAPACITY,
            AVAILABLE,
        ],
    ),
    form(
        "gc,ref",
        "Shenandoah: references found while marking",
        REFERENCES,
        "Encountered references: Soft: {}, Weak: {}, Final: {}, Phantom: {}",
        EACH,
    ),
    form(
        "gc,ref",
        "Shenandoah: of the references found, those whose object was not found otherwise",
        REFERENCES,
        "Discovered references: Soft: {}, Weak: {}, Final: {}, Phantom: {}",
        EACH,
    ),
    form(
        "gc,ref",
        "Shenandoah: references whose object is dead",
        REFERENCES,
        "Enqueued references: Soft: {}, Weak: {}, Final: {}, Phantom: {}",
        EACH,
    ),
    form(
        "gc,age",
        "Shenandoah: age at which objects are promoted",
        &[src_of(
            "JDK 25",
            "ShenandoahAgeCensus::update_tenuring_threshold",
            "gc/shenandoah/shenandoahAgeCensus.cpp",
        )],
        "New tenuring threshold {} (min {}, max {})",
        &[
            int("threshold", "young cycles", "an object that outlived so many is promoted"),
            int(
                "least",
                "young cycles",
                "ShenandoahGenerationalMinTenuringAge",
            ),
            int("most", "young cycles", "ShenandoahGenerationalMaxTenuringAge"),
        ],
    ),
];

const PROGRESS_WORD: Def = text(
    "progress",
    "Good: enough; Bad: not enough, a degenerated collection then becomes a full one",
)
.words(&[
    word("Good", "enough", &[]),
    word(
        "Bad",
        "not enough: a degenerated collection then becomes a full one",
        &[],
    ),
]);
