//! The stops of the JVM, all operations alike: `-Xlog:safepoint`.

use super::form::{Def, Form, Src, form, int, src, text};

const END: &[Src] = &[src("SafepointTracing::end", "runtime/safepoint.cpp")];

const OPERATION: Def = text(
    "operation",
    "VM operation for which all threads were stopped (VM_OPS_DO in runtime/vmOperation.hpp)",
);
const SINCE: Def = int(
    "time since last",
    "ns",
    "threads ran: from the end of the last safepoint to the request for this one",
)
.by(&[src("SafepointTracing::begin", "runtime/safepoint.cpp")]);
const REACHING: Def = int(
    "reaching",
    "ns",
    "time to safepoint: from the request until the last thread stood still; threads that stopped early wait all this time",
)
.by(&[src("SafepointTracing::synchronized", "runtime/safepoint.cpp")]);
const TOTAL: Def = int(
    "total",
    "ns",
    "from the request until all threads may run again: what the program suffers, reaching included",
);

pub const FORMS: &[Form] = &[
    form(
        "",
        "JVM: all threads were stopped (a safepoint)",
        END,
        "Safepoint \"{}\", Time since last: {} ns, Reaching safepoint: {} ns, ‹Cleanup: {} ns, ›At safepoint: {} ns, ‹Leaving safepoint: {} ns, ›Total: {} ns‹, Threads: {} runnable, {} total›",
        &[
            OPERATION,
            SINCE,
            REACHING,
            int(
                "cleanup",
                "ns",
                "bookkeeping of the virtual machine before the operation, which is not the collector's",
            ),
            int("at safepoint", "ns", "the operation itself, all threads standing still"),
            int(
                "leaving",
                "ns",
                "from the operation's end until the threads were told to go on",
            ),
            TOTAL,
            int(
                "running threads",
                "",
                "threads that ran when the stop was asked for, so that it had to wait for them",
            )
            .by(&[src("SafepointTracing::synchronized", "runtime/safepoint.cpp")]),
            int("threads", "", "all Java threads there are").by(&[src(
                "SafepointTracing::synchronized",
                "runtime/safepoint.cpp",
            )]),
        ],
    )
    .note("Cleanup stands in JDK 17 and not in 25; Leaving safepoint and Threads stand in 25 and not in 17"),
    form(
        "",
        "JVM: the program was stopped (JDK 8's words, also printed for -Xlog:safepoint in 9 to 12)",
        &[],
        "Total time for which application threads were stopped: {} seconds, Stopping threads took: {} seconds",
        &[
            super::form::num("total", "s", "from the request until all threads may run again"),
            super::form::num("reaching", "s", "time to safepoint"),
        ],
    ),
];
