//! Shenandoah's times of a cycle (`gc,stats`): phases, their workers, and who was held back by the pacer.

use super::form::{Def, Form, Src, form, int, num, src, text, word};

const TIMES: &[Src] = &[src(
    "ShenandoahPhaseTimings::print_cycle_on",
    "gc/shenandoah/shenandoahPhaseTimings.cpp",
)];
const PACING: &[Src] = &[src(
    "ShenandoahPacer::print_cycle_on",
    "gc/shenandoah/shenandoahPacer.cpp",
)];
const AGES: &[Src] = &[src("AgeTable::print_on", "gc/shared/ageTable.cpp")];

const PHASE: Def = text(
    "phase",
    "(G) gross: with the time to stop all threads, (N) net: without; set in are parts of the phase above, two letters and a colon begin the parts that workers share",
);
const TIME: Def = num(
    "time",
    "us",
    "wall time of a phase; of a part that workers share, the sum over all workers",
);
const PARALLELISM: Def = num(
    "parallelism",
    "x",
    "sum of the workers' times by the wall time: how many worked at once",
);
const WORKER: Def = int(
    "worker",
    "us",
    "time of one worker, in the order of their numbers",
);
const NO_WORKER: Def = text("worker", "took no part");

pub const FORMS: &[Form] = &[
    form(
        "gc,stats",
        "Shenandoah: how to read the table of times",
        TIMES,
        "All times are wall-clock times, except per-root-class counters, that are sum over",
        &[],
    ),
    form(
        "gc,stats",
        "Shenandoah: how to read the table of times, continued",
        TIMES,
        "all workers. Dividing the <total> over the root stage time estimates parallelism.",
        &[],
    ),
    form(
        "gc,stats",
        "Shenandoah: title of the table of threads that were held back",
        PACING,
        "Allocation pacing accrued:",
        &[],
    ),
    form(
        "gc,stats",
        "Shenandoah: how long a thread was held back so that the collector keeps up",
        PACING,
        "{} of {} ms ({}%): {}",
        &[
            int(
                "held back",
                "ms",
                "that the thread waited to allocate since the last such table",
            ),
            int("of", "ms", "since the last such table"),
            num(
                "share",
                "%",
                "of that time; above 100 where several threads waited at once",
            ),
            text("thread", "that waited").words(&[
                word("<total>", "the sum of all threads", &[]),
                word("<average total>", "the mean of all threads", &[]),
                word(
                    "<average non-zero>",
                    "the mean of the threads that waited at all",
                    &[],
                ),
            ]),
        ],
    ),
    form(
        "gc,stats",
        "Shenandoah: time of a phase and of its workers",
        TIMES,
        "{} {} us, workers (us): «{}, »«{}, »",
        &[PHASE, TIME, WORKER, NO_WORKER],
    ),
    form(
        "gc,stats",
        "Shenandoah: time of a phase",
        TIMES,
        "{} {} us‹, parallelism: {}x›",
        &[PHASE, TIME, PARALLELISM],
    ),
    form(
        "gc,stats",
        "Shenandoah: title of a table of ages",
        &[],
        "{} regions: Age table:",
        &[text("generation", "which")],
    ),
    form(
        "gc,stats",
        "Shenandoah: whose table of ages follows",
        &[],
        "{}:",
        &[
            text("whose", "objects that this one copied or allocated").words(&[
                word("Workers", "the collector's threads", &[]),
                word("Mutators", "the program's threads", &[]),
            ]),
        ],
    ),
    form(
        "gc,stats|gc,age",
        "JVM: surviving objects of one age",
        AGES,
        "- age {}: {} bytes, {} total",
        &[
            int("age", "collections", "that the objects outlived"),
            int("bytes", "bytes", "of objects of this age"),
            int("total", "bytes", "of objects of this age and younger"),
        ],
    ),
];
