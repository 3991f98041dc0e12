//! What stands before the message of a unified log: `[2026-11-24T00:53:12.345+0000][5.043s][info][gc,heap] GC(21) y: `.
//!
//! HotSpot prints decorations in one order whatever was asked for (logging/logDecorators.hpp): time, utctime, uptime, timemillis,
//! uptimemillis, timenanos, uptimenanos, hostname, pid, tid, level, tags; each is known by its shape.

use std::ops::Range;

use super::form::{Def, Kind, Src, int, num, src, src_of, text, word};
use crate::artifact::line::Field;

const FILE: &str = "logging/logDecorations.cpp";

const TIME: Def = text(
    "time",
    "local time, or UTC with utctime: ISO 8601 with milliseconds",
)
.by(&[
    src("LogDecorations::print_time_decoration", FILE),
    src("LogDecorations::print_utctime_decoration", FILE),
]);
const UPTIME: Def =
    num("uptime", "s", "since the JVM began").by(&[src("LogDecorations::print_uptime_decoration", FILE)]);
const TIME_MILLIS: Def =
    int("timemillis", "ms", "since 1970").by(&[src("LogDecorations::print_timemillis_decoration", FILE)]);
const UPTIME_MILLIS: Def = int("uptimemillis", "ms", "since the JVM began")
    .by(&[src("LogDecorations::print_uptimemillis_decoration", FILE)]);
const TIME_NANOS: Def = int(
    "timenanos",
    "ns",
    "System.nanoTime(): on Linux CLOCK_MONOTONIC, since the machine started",
)
.by(&[src("LogDecorations::print_timenanos_decoration", FILE)]);
const UPTIME_NANOS: Def = int("uptimenanos", "ns", "since the JVM began")
    .by(&[src("LogDecorations::print_uptimenanos_decoration", FILE)]);
const EITHER_NANOS: Def = int(
    "uptimenanos or timenanos",
    "ns",
    "since the JVM began (uptimenanos), or CLOCK_MONOTONIC (timenanos): a line with one of the two does not tell which",
)
.by(&[
    src("LogDecorations::print_uptimenanos_decoration", FILE),
    src("LogDecorations::print_timenanos_decoration", FILE),
]);
const HOST: Def =
    text("hostname", "of the machine").by(&[src("LogDecorations::print_hostname_decoration", FILE)]);
const PID: Def =
    int("pid", "", "number of the process").by(&[src("LogDecorations::print_pid_decoration", FILE)]);
const TID: Def = int(
    "tid",
    "",
    "number of the thread that wrote the line, as the system has it",
)
.by(&[src("LogDecorations::print_tid_decoration", FILE)]);
const PID_OR_TID: Def = int(
    "pid or tid",
    "",
    "number of the process or of the thread that wrote the line: a line with one of the two does not tell which",
)
.by(&[
    src("LogDecorations::print_pid_decoration", FILE),
    src("LogDecorations::print_tid_decoration", FILE),
]);
const LEVEL: Def = text(
    "level",
    "how much must be asked for to see the line; info is the default",
)
.by(&[src("LogDecorations::print_level_decoration", FILE)]);
const TAGS: Def = text(
    "tags",
    "what the line is about: `-Xlog:gc+heap` selects `gc,heap` (logging/logTag.hpp)",
)
.by(&[src("LogDecorations::print_tags_decoration", FILE)]);
const GC_ID: Def = int(
    "collection",
    "",
    "number of the collection that the line belongs to, counted from 0 over the JVM's life",
)
.by(&[src("GCId::print_prefix", "gc/shared/gcId.cpp")]);
const GENERATION: Def = Def {
    kind: Kind::Word,
    ..text("generation", "of ZGC's generations, the one at work")
}
.by(&[src_of(
    "JDK 25",
    "ZGCIdPrinter::print_gc_id",
    "gc/z/zGCIdPrinter.cpp",
)])
.words(&[
    word("y", "the young generation, in a minor collection", &[]),
    word("Y", "the young generation, in a major collection", &[]),
    word("O", "the old generation, in a major collection", &[]),
]);

const ALL: &[Def] = &[
    TIME,
    UPTIME,
    TIME_MILLIS,
    UPTIME_MILLIS,
    TIME_NANOS,
    UPTIME_NANOS,
    EITHER_NANOS,
    HOST,
    PID,
    TID,
    PID_OR_TID,
    LEVEL,
    TAGS,
    GC_ID,
    GENERATION,
];

pub fn claims() -> impl Iterator<Item = &'static Src> {
    ALL.iter().flat_map(|def| def.by)
}

pub struct Decorated {
    pub fields: Vec<Field>,
    pub tags: Option<String>,
    level: bool,
    timed: bool,
    /// Where the message begins.
    pub message: usize,
}

impl Decorated {
    /// Brackets are no proof: these are the JVM's if the tags are of its log of collections.
    pub fn is_the_jvms(&self) -> bool {
        let ours = self.tags.as_deref().is_some_and(|tags| {
            ["gc", "safepoint"].iter().any(|first| {
                tags.strip_prefix(first)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(','))
            })
        });
        ours && (self.level || self.timed)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Nanos,
    Millis,
    Seconds,
    Date,
    Number,
    Level,
    Word,
}

/// None if the line begins with no decoration.
pub fn split(line: &str) -> Option<Decorated> {
    let mut found: Vec<(Shape, Range<usize>)> = Vec::new();
    let mut at = 0;
    // A message that begins with a bracket is set off by a space.
    while let Some(inside) = line.get(at..).and_then(|rest| rest.strip_prefix('[')) {
        let Some(end) = inside.find(']') else { break };
        let words = inside.get(..end)?.trim_end();
        let Some(shape) = shape(words) else { break };
        found.push((shape, at + 1..at + 1 + words.len()));
        at += end + 2;
    }
    if found.is_empty() {
        return None;
    }
    let level = found.iter().position(|(shape, _)| *shape == Shape::Level);
    let last_word = found.iter().rposition(|(shape, _)| *shape == Shape::Word);
    let count = |shape| found.iter().filter(|(s, _)| *s == shape).count();
    let mut seen = [0usize; 2];
    let mut tags = None;
    let mut fields = Vec::new();
    for (index, (shape, range)) in found.iter().enumerate() {
        let words = line.get(range.clone())?;
        let def = match shape {
            Shape::Nanos => {
                seen[0] += 1;
                match (count(Shape::Nanos), seen[0]) {
                    (1, _) => &EITHER_NANOS,
                    (_, 1) => &TIME_NANOS,
                    _ => &UPTIME_NANOS,
                }
            }
            // Milliseconds since 1970 from here on (2001), an uptime before.
            Shape::Millis if words.len() >= "1000000000000ms".len() => &TIME_MILLIS,
            Shape::Millis => &UPTIME_MILLIS,
            Shape::Seconds => &UPTIME,
            Shape::Date => &TIME,
            Shape::Number => {
                seen[1] += 1;
                match (count(Shape::Number), seen[1]) {
                    (1, _) => &PID_OR_TID,
                    (_, 1) => &PID,
                    _ => &TID,
                }
            }
            Shape::Level => &LEVEL,
            Shape::Word if Some(index) == last_word && level.is_none_or(|level| index > level) => {
                tags = Some(words.to_owned());
                &TAGS
            }
            Shape::Word => &HOST,
        };
        // The unit is written behind a figure without a space, always the same one.
        let unit = match shape {
            Shape::Nanos | Shape::Millis => 2,
            Shape::Seconds => 1,
            _ => 0,
        };
        fields.push(def.field(line, range.start..range.end - unit));
    }
    Some(Decorated {
        fields,
        tags,
        level: level.is_some(),
        timed: found
            .iter()
            .any(|(s, _)| matches!(s, Shape::Nanos | Shape::Millis | Shape::Seconds | Shape::Date)),
        message: at,
    })
}

fn shape(words: &str) -> Option<Shape> {
    let figure = |words: &str| {
        !words.is_empty()
            && words
                .bytes()
                .all(|b| b.is_ascii_digit() || b == b'.' || b == b',')
            && words.starts_with(|c: char| c.is_ascii_digit())
    };
    let bytes = words.as_bytes();
    let before = |unit: &str| words.strip_suffix(unit).is_some_and(figure);
    Some(if before("ns") {
        Shape::Nanos
    } else if before("ms") {
        Shape::Millis
    } else if before("s") {
        Shape::Seconds
    } else if figure(words) {
        Shape::Number
    } else if bytes.len() > 18 && bytes.get(4) == Some(&b'-') && bytes.get(10) == Some(&b'T') {
        Shape::Date
    } else if matches!(words, "info" | "debug" | "trace" | "warning" | "error") {
        Shape::Level
    } else if !words.is_empty()
        && words
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-,*".contains(&b))
    {
        Shape::Word
    } else {
        return None;
    })
}

pub struct Collection {
    pub fields: Vec<Field>,
    pub message: usize,
}

/// `GC(21) `, and with two generations `GC(21) y: `.
pub fn collection(line: &str, start: usize, end: usize) -> Option<Collection> {
    let rest = line.get(start..end)?;
    let begin = start + rest.len() - rest.trim_start().len();
    let inside = line.get(begin..end)?.strip_prefix("GC(")?;
    let close = inside.find(')')?;
    if close == 0 || !inside.get(..close)?.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = begin + 3..begin + 3 + close;
    let mut message = number.end + 1;
    let mut fields = vec![GC_ID.field(line, number)];
    let after = line.get(message..end)?;
    if let Some(sign) = after.trim_start().get(..2)
        && matches!(sign, "y:" | "Y:" | "O:")
    {
        let at = message + after.len() - after.trim_start().len();
        fields.push(GENERATION.field(line, at..at + 1));
        message = at + 2;
    }
    Some(Collection { fields, message })
}
