//! Go's `GODEBUG=gcpacertrace=1` and `scavtrace=1`: runtime/mgcpacer.go, runtime/mgcsweep.go, runtime/mgcscavenge.go.

use super::form::{Def, Form, Src, form, int, num, src, text};

const SWEEP_PACE: &[Src] = &[src("gcPaceSweeper", "runtime/mgcsweep.go")];
const REVISE: &[Src] = &[src("revise", "runtime/mgcpacer.go")];
const ALLOC: &[Src] = &[src("allocSpan", "runtime/mheap.go")];

const START: &[Def] = &[
    num(
        "assist ratio",
        "bytes of scan work per byte allocated",
        "how much a goroutine must mark for each byte that it allocates, if marking is to end before the goal",
    )
    .by(REVISE),
    int(
        "heap to scan",
        "MiB",
        "of the heap that holds pointers, what the last cycle scanned and what was allocated since (heapScan), cut to whole MiB",
    ),
    int("heap at start", "MiB", "heap in use when marking began (initialHeapLive)").by(&[src(
        "gcResetMarkState",
        "runtime/mgc.go",
    )]),
    int("goal", "MiB", "heap at which marking must be done").by(&[src("heapGoal", "runtime/mgcpacer.go")]),
    int(
        "dedicated workers",
        "",
        "processors that do nothing but mark: a quarter of GOMAXPROCS, rounded",
    ),
    num(
        "fractional worker",
        "share of each processor",
        "what is missing to a quarter of GOMAXPROCS where rounding missed it: the share of each processor's time that a fractional worker may take",
    ),
];

const END: &[Def] = &[
    int(
        "GC CPU",
        "%",
        "utilisation while marking: background workers by design and assists beside them; idle marking is left out",
    ),
    int("expected GC CPU", "%", "gcGoalUtilization, 25 %"),
    int("heap work", "bytes", "heap that was scanned").by(&[src("gcDrain", "runtime/mgcmark.go")]),
    int("stack work", "bytes", "goroutine stacks that were scanned"),
    int("globals work", "bytes", "global variables that were scanned"),
    int(
        "expected work",
        "bytes",
        "what the last cycle scanned of heap and stacks, and the globals",
    )
    .by(&[src("resetLive", "runtime/mgcpacer.go")]),
    int("trigger", "bytes", "heap in use when this cycle was started")
        .by(&[src("startCycle", "runtime/mgcpacer.go")]),
    int(
        "heap at end",
        "bytes",
        "heap in use when marking ended (heapLive)",
    ),
    int(
        "past the goal",
        "bytes",
        "heap at end less the goal: above 0 the goal was missed",
    ),
    num(
        "cons/mark",
        "bytes allocated per byte scanned",
        "how fast the program allocates against how fast a processor marks: the estimate with which this cycle was planned (the greatest of the last ones)",
    ),
];

const SWEPT: &[Def] = &[
    int("heap", "MiB", "heap in use now (heapLive), cut to whole MiB"),
    int(
        "allocated",
        "MiB",
        "allocated since sweeping began, cut to whole MiB",
    )
    .by(SWEEP_PACE),
    int("pages", "pages of 8 KiB", "swept since the last cycle").by(&[src("sweep", "runtime/mgcsweep.go")]),
    num(
        "sweep ratio",
        "pages per byte allocated",
        "how much a goroutine must sweep for what it allocates, if sweeping is to end before the next cycle",
    )
    .by(SWEEP_PACE),
];

const FORCED: Def =
    text("forced", "debug.FreeOSMemory asked for it").by(&[src("scavengeAll", "runtime/mheap.go")]);
const RESET: Def = text(
    "controller reset",
    "the scavenger's pace could not be kept and was reset since the last line",
)
.by(&[src("controllerFailed", "runtime/mgcscavenge.go")]);

const SCAVENGED: &[Def] = &[
    int("background", "KiB", "given back to the system by the background scavenger since the last line").by(&[src(
        "bgscavenge",
        "runtime/mgcscavenge.go",
    )]),
    int(
        "eager",
        "KiB",
        "given back while allocating, to stay below the memory limit, since the last line; with (forced): by debug.FreeOSMemory",
    )
    .by(ALLOC),
    int("returned now", "KiB", "of the heap's address space, what is given back at present (heapReleased)").by(&[
        src("scavengeOne", "runtime/mgcscavenge.go"),
        src("allocSpan", "runtime/mheap.go"),
    ]),
    int(
        "utilisation",
        "%",
        "share of the heap that was not given back (heapRetained) which is in use",
    )
    .by(&[src("heapRetained", "runtime/mgcscavenge.go")]),
    FORCED,
    RESET,
];

pub const FORMS: &[Form] = &[
    form(
        "",
        "Go pacer: the plan when marking begins",
        &[src("startCycle", "runtime/mgcpacer.go")],
        "pacer: assist ratio={} (scan {} MB in {}->{} MB) workers={}+{}",
        START,
    ),
    form(
        "",
        "Go pacer: what marking took, when it has ended",
        &[src("endCycle", "runtime/mgcpacer.go")],
        "pacer: {}% CPU ({} exp.) for {}+{}+{} B work ({} B exp.) in {} B -> {} B (∆goal {}, cons/mark {})",
        END,
    ),
    form(
        "",
        "Go pacer: sweeping is done",
        &[src("end", "runtime/mgcsweep.go")],
        "pacer: sweep done at heap size {}MB; allocated {}MB during sweep; swept {} pages at {} pages/byte",
        SWEPT,
    ),
    form(
        "",
        "Go scavenger: memory given back to the system",
        &[src("printScavTrace", "runtime/mgcscavenge.go")],
        "scav {} KiB work (bg), {} KiB work (eager), {} KiB now, {}% util‹ ({})›‹ [{}]›",
        SCAVENGED,
    )
    .note("extern.go calls the third figure `total`; the line says `now`"),
];
