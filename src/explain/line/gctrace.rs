//! Go's `GODEBUG=gctrace=1`: gcMarkTermination in runtime/mgc.go prints it after the world runs again.

use super::form::{Def, Form, Src, form, int, num, src, text};

const PRINTS: &[Src] = &[src("gcMarkTermination", "runtime/mgc.go")];
const START: &[Src] = &[src("gcStart", "runtime/mgc.go")];
const DONE: &[Src] = &[src("gcMarkDone", "runtime/mgc.go")];
const ASSIST: &[Src] = &[src("gcAssistAlloc1", "runtime/mgcmark.go")];
const STOPS: &[Src] = &[src("markWorkerStop", "runtime/mgcpacer.go")];

const FIELDS: &[Def] = &[
    int("cycle", "", "number of this collection, counted from 1 (memstats.numgc)"),
    num("at", "s", "when sweep termination began, since the runtime started; cut to whole milliseconds").by(START),
    int(
        "GC CPU",
        "%",
        "share of the CPU time available since the program started that the collector took, idle marking left out, cut to whole percent (memstats.gc_cpu_fraction)",
    ),
    text(
        "leak check",
        "this cycle also looked for goroutines that can never run again",
    )
    .by(&[src("findGoroutineLeaks", "runtime/mgc.go")]),
    num(
        "sweep termination, wall",
        "ms",
        "from the request to stop the world until marking begins and it runs again: what the last cycle left unswept is swept, marking is made ready (tMark - tSweepTerm)",
    )
    .by(START),
    num(
        "mark, wall",
        "ms",
        "marking and scanning beside the program, which keeps running (tMarkTerm - tMark)",
    )
    .by(DONE),
    num(
        "mark termination, wall",
        "ms",
        "from the request to stop the world for the last time until it may run again: marking is closed, the next goal computed (tEnd - tMarkTerm)",
    ),
    num(
        "sweep termination, CPU",
        "ms",
        "its wall time times GOMAXPROCS, at most the machine's CPUs: while the world is stopped every processor counts as taken",
    )
    .by(START),
    num(
        "assists, CPU",
        "ms",
        "goroutines that were made to mark because they allocated: time the program itself lost",
    )
    .by(ASSIST),
    num(
        "background, CPU",
        "ms",
        "mark workers: dedicated ones and the fractional one, together 25 % of GOMAXPROCS by design",
    )
    .by(STOPS),
    num(
        "idle, CPU",
        "ms",
        "mark workers on processors that had nothing else to do",
    )
    .by(STOPS),
    num(
        "mark termination, CPU",
        "ms",
        "its wall time times GOMAXPROCS, at most the machine's CPUs",
    ),
    int("heap at start", "MiB", "what the last cycle found live and what was allocated since, when this cycle began (work.heap0), cut to whole MiB").by(START),
    int(
        "heap at end",
        "MiB",
        "the same when marking ended, with what was allocated meanwhile (work.heap1), cut to whole MiB",
    ),
    int(
        "live heap",
        "MiB",
        "bytes that were found reachable (work.heap2 = bytesMarked): the live heap from which the next goal is computed, cut to whole MiB",
    ),
    int(
        "goal",
        "MiB",
        "heap at which this cycle was meant to be done: from the live heap, stacks and globals with GOGC, or from GOMEMLIMIT, whichever is less",
    )
    .by(&[src("endCycle", "runtime/mgcpacer.go")]),
    int("stacks", "MiB", "goroutine stacks that this cycle scanned, cut to whole MiB").by(&[src(
        "resetLive",
        "runtime/mgcpacer.go",
    )]),
    int("globals", "MiB", "global variables that hold pointers, cut to whole MiB").by(&[src(
        "addGlobals",
        "runtime/mgcpacer.go",
    )]),
    int("processors", "P", "GOMAXPROCS when the cycle began").by(START),
    text("forced", "asked for with runtime.GC() (also by debug.FreeOSMemory), not by the pacer").by(START),
];

pub const FORMS: &[Form] = &[
    form(
        "",
        "Go: one collection cycle",
        PRINTS,
        "gc {} @{}s {}%‹ ({})›: {}+{}+{} ms clock, {}+{}/{}/{}+{} ms cpu, {}->{}->{} MB, {} MB goal, ‹{} MB stacks, {} MB globals, ›{} P‹ ({})›",
        FIELDS,
    )
    .note("MB are 2^20 bytes; figures of time keep three digits; `(checking for goroutine leaks)` since Go 1.26; stacks and globals since Go 1.18"),
    // gctrace prints it too, when sysmon finds that no cycle began for two minutes (forcegcperiod).
    form(
        "",
        "Go: a cycle begins because none did for two minutes",
        &[src("forcegchelper", "runtime/proc.go")],
        "GC forced",
        &[],
    ),
    form(
        "",
        "Go: finalizers and cleanups that wait to run (checkfinalizers=1)",
        PRINTS,
        "checkfinalizers: queue: {} finalizers + {} cleanups",
        &[
            int("finalizers", "", "queued and not run yet").by(&[src("finReadQueueStats", "runtime/mfinal.go")]),
            int("cleanups", "", "queued and not run yet").by(&[src("readQueueStats", "runtime/mcleanup.go")]),
        ],
    ),
];
