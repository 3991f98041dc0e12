//! One line of the JVM's unified log, whatever decorations were asked for: `[3851697073398ns][113302524ns][info][gc  ] GC(21) ...`.

use super::cursor::Cursor;
use super::layout::Layouts;
use super::quantity;
use crate::artifact::event::Clock;
use crate::artifact::unit::Ns;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Line<'a> {
    /// All of them; the times among them are read when they are asked for.
    decorations: &'a str,
    /// `gc,heap`, without padding; empty if not decorated.
    pub tags: &'a str,
    /// The collection's number, from `GC(21) `.
    pub gc: Option<u64>,
    /// The rest.
    pub message: &'a str,
}

/// The decorations that are times, as they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Stamps<'a> {
    /// `...ns`, in their order.
    nanos: [Option<u64>; 2],
    /// The last of `...ms`, in ms, that is no date, and of those that are.
    millis: Option<u64>,
    epoch_millis: Option<u64>,
    /// `12.345s`, in ns.
    seconds: Option<u64>,
    /// A date, not looked at yet.
    date: Option<&'a str>,
}

/// When a line was written, by each clock that it tells.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Times {
    /// `timenanos`: System.nanoTime(), which is CLOCK_MONOTONIC.
    pub nanos: Option<Ns>,
    /// Since the JVM began: `uptimenanos`, `uptimemillis` or `uptime`, the finest there is.
    pub uptime: Option<Ns>,
    /// Since 1970: `time`, `utctime` or `timemillis`.
    pub wall: Option<Ns>,
}

impl Times {
    /// On that clock.
    pub fn on(&self, clock: Clock) -> Option<Ns> {
        match clock {
            Clock::Monotonic => self.nanos,
            Clock::Uptime => self.uptime,
            Clock::Wall => self.wall,
            Clock::None => None,
        }
    }

    /// The best clock of the line: the finest, and one that no one sets.
    pub fn clock(&self) -> Clock {
        if self.nanos.is_some() {
            Clock::Monotonic
        } else if self.uptime.is_some() {
            Clock::Uptime
        } else if self.wall.is_some() {
            Clock::Wall
        } else {
            Clock::None
        }
    }
}

/// Milliseconds since 1970 from here on (2001), an uptime before.
const EPOCH_MILLIS: u64 = 1_000_000_000_000;

/// Splits the lines of one log.
#[derive(Default)]
pub struct Splitter {
    layouts: Layouts,
}

impl Splitter {
    /// As [`split`], but decorations that stood in a line before are not read again.
    #[inline]
    pub fn split<'a>(&mut self, text: &'a str) -> Line<'a> {
        let same = self.layouts.same(text);
        if same > 0
            && let Some(line) = split_from(text, same)
        {
            return line;
        }
        let mut walk = Walk::new(text);
        let line = walk.line();
        if let Some(beginning) = walk.before_tags {
            self.layouts.learn(beginning);
        }
        line
    }
}

/// Splits by the shape of each decoration, not by its place.
pub fn split(text: &str) -> Line<'_> {
    Walk::new(text).line()
}

/// A line of which the first `known` bytes are decorations, none of them a word that may be tags, and the bracket before the next.
#[inline(always)]
fn split_from(text: &str, known: usize) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(text.get(known..)?);
    let begin = cursor;
    let tags = unpadded(cursor.until_near(b']')?);
    if is_of_the_log(tags) && !cursor.rest().starts_with('[') {
        return Some(behind(text, cursor, tags));
    }
    let mut walk = Walk::new(text);
    walk.cursor = begin;
    let next = decoration(&mut walk.cursor, &mut Stamps::default())?;
    walk.found(next);
    Some(walk.line())
}

/// The line whose decorations end at the cursor.
#[inline(always)]
fn behind<'a>(text: &'a str, mut cursor: Cursor<'a>, tags: &'a str) -> Line<'a> {
    let passed = text.len() - cursor.rest().len();
    // A message that begins with a bracket is set off by a space.
    let _ = cursor.words(" ");
    let rest = cursor;
    let gc = collection(&mut cursor);
    let message = if gc.is_some() { cursor } else { rest };
    Line {
        decorations: text.get(..passed).unwrap_or_default(),
        tags,
        gc,
        message: message.rest(),
    }
}

/// The way through a line.
struct Walk<'a> {
    text: &'a str,
    cursor: Cursor<'a>,
    tags: &'a str,
    /// Up to the bracket before the first word that may be tags.
    before_tags: Option<&'a str>,
}

impl<'a> Walk<'a> {
    fn new(text: &'a str) -> Self {
        Walk {
            text,
            cursor: Cursor::new(text),
            tags: "",
            before_tags: None,
        }
    }

    /// Passes over the decorations that are left, and takes up the rest.
    fn line(&mut self) -> Line<'a> {
        loop {
            let begin = self.cursor;
            let untagged = self.tags.is_empty();
            if self.cursor.words("[").is_none() {
                break;
            }
            let inside = self.text.len() - self.cursor.rest().len();
            let Some(decoration) = decoration(&mut self.cursor, &mut Stamps::default()) else {
                self.cursor = begin;
                break;
            };
            self.found(decoration);
            if untagged && !self.tags.is_empty() && self.before_tags.is_none() {
                self.before_tags = self.text.get(..inside);
            }
        }
        behind(self.text, self.cursor, self.tags)
    }

    fn found(&mut self, decoration: Decoration<'a>) {
        match decoration {
            // A host's name has the same shape.
            Decoration::Word(word) if !is_level(word) && (self.tags.is_empty() || is_of_the_log(word)) => {
                self.tags = word;
            }
            // A pid or tid: a host's name stood before it.
            Decoration::Number if !is_of_the_log(self.tags) => self.tags = "",
            _ => {}
        }
    }
}

#[derive(Clone, Copy)]
enum Decoration<'a> {
    Number,
    Word(&'a str),
    /// A time, which is among the stamps, or anything else.
    Other,
}

/// What stands between the brackets, and the closing one.
#[inline(always)]
fn decoration<'a>(cursor: &mut Cursor<'a>, stamps: &mut Stamps<'a>) -> Option<Decoration<'a>> {
    let begin = *cursor;
    Some(match cursor.rest().as_bytes().first()? {
        b'0'..=b'9' => match stamp(cursor, stamps) {
            Some(Shape::Time) => Decoration::Other,
            shape => {
                *cursor = begin;
                let word = cursor.until_near(b']')?;
                if word.as_bytes().get(4) == Some(&b'-') {
                    stamps.date = Some(word);
                    Decoration::Other
                } else if shape == Some(Shape::Number) {
                    Decoration::Number
                } else {
                    Decoration::Other
                }
            }
        },
        b'a'..=b'z' => Decoration::Word(unpadded(cursor.until_near(b']')?)),
        _ => {
            cursor.until_near(b']')?;
            Decoration::Other
        }
    })
}

#[inline(always)]
fn unpadded(mut word: &str) -> &str {
    while let Some(shorter) = word.strip_suffix(' ') {
        word = shorter;
    }
    word
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Time,
    Number,
}

/// `3851697073398ns]`, `113ms]`, `0.113s]`; padded where a longer one came before. None for anything else, of which any part may be passed over.
#[inline(always)]
fn stamp(cursor: &mut Cursor, stamps: &mut Stamps) -> Option<Shape> {
    let whole = cursor.long_count()?;
    let (place, value) = if cursor.words("ns").is_some() {
        let place = if stamps.nanos[0].is_none() {
            &mut stamps.nanos[0]
        } else {
            &mut stamps.nanos[1]
        };
        (place, whole)
    } else if cursor.words("ms").is_some() {
        match whole {
            ..EPOCH_MILLIS => (&mut stamps.millis, whole),
            _ => (&mut stamps.epoch_millis, whole),
        }
    } else if cursor.words("s").is_some() {
        (&mut stamps.seconds, whole.checked_mul(1_000_000_000)?)
    } else if cursor.words(".").is_some() || cursor.words(",").is_some() {
        let fraction = cursor.fraction(9)?;
        cursor.words("s")?;
        (
            &mut stamps.seconds,
            whole.checked_mul(1_000_000_000)?.checked_add(fraction)?,
        )
    } else {
        return cursor.rest().starts_with([']', ' ']).then_some(Shape::Number);
    };
    *place = Some(value);
    while cursor.words(" ").is_some() {}
    cursor.words("]")?;
    Some(Shape::Time)
}

fn is_level(word: &str) -> bool {
    matches!(word, "info" | "debug" | "trace" | "warning" | "error" | "off")
}

impl<'a> Line<'a> {
    fn stamps(&self) -> Stamps<'a> {
        let (mut stamps, mut cursor) = (Stamps::default(), Cursor::new(self.decorations));
        // Behind these two there are no more times.
        while stamps.nanos[1].is_none()
            && cursor.words("[").is_some()
            && decoration(&mut cursor, &mut stamps).is_some()
        {}
        stamps
    }

    /// HotSpot prints decorations in one order whatever was asked for (logDecorators.hpp: ... timenanos, uptimenanos, ... level, tags),
    /// which tells the two `ns` apart.
    pub fn times(&self) -> Times {
        let stamps = self.stamps();
        let millis = |ms: u64| ms.checked_mul(1_000_000).map(Ns);
        let coarse = stamps.millis.and_then(millis).or(stamps.seconds.map(Ns));
        let wall = stamps.epoch_millis.and_then(millis);
        let mut times = Times {
            wall: wall.or_else(|| stamps.date.and_then(iso_8601)),
            ..Times::default()
        };
        match stamps.nanos {
            [Some(time), Some(uptime)] => (times.nanos, times.uptime) = (Some(Ns(time)), Some(Ns(uptime))),
            [Some(one), None] => match coarse {
                Some(up) if one.abs_diff(up.0) > 2_000_000 => {
                    (times.nanos, times.uptime) = (Some(Ns(one)), coarse);
                }
                _ => times.uptime = Some(Ns(one)),
            },
            _ => times.uptime = coarse,
        }
        times
    }
}

/// Tag sets of the collector and of its stops (logTag.hpp).
pub fn is_of_the_log(tags: &str) -> bool {
    tags.strip_prefix("gc")
        .or_else(|| tags.strip_prefix("safepoint"))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(','))
}

/// `GC(21) `
fn collection(cursor: &mut Cursor) -> Option<u64> {
    cursor.words("GC(")?;
    let number = cursor.count()?;
    cursor.words(")")?;
    let _ = cursor.words(" ");
    Some(number)
}

/// `2026-11-24T00:53:12.345+0000`, as os::iso8601_time prints it: since 1970.
fn iso_8601(word: &str) -> Option<Ns> {
    let number = |from: usize, to: usize| word.get(from..to).and_then(quantity::count);
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let bytes = word.as_bytes();
    if separators.iter().any(|(at, sign)| bytes.get(*at) != Some(sign)) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let zone = word.get(19..)?.find(['+', '-', 'Z']).map(|at| at + 19)?;
    let fraction = quantity::scaled(word.get(18..zone)?, 9)? % 1_000_000_000;
    let offset = match (bytes[zone], word.get(zone + 1..)?.replace(':', "")) {
        (b'Z', _) => 0,
        (_, offset) if offset.len() != 4 => return None,
        (sign, offset) => {
            let (hours, minutes) = offset.split_at_checked(2)?;
            let seconds = (quantity::count(hours)? * 60 + quantity::count(minutes)?) as i64 * 60;
            if sign == b'-' { -seconds } else { seconds }
        }
    };
    // Days from civil, after Howard Hinnant's chrono-compatible algorithms.
    let shifted = year.checked_sub(u64::from(month <= 2))?;
    let (era, of_era) = (shifted / 400, shifted % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day.checked_sub(1)?;
    let days = (era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year).checked_sub(719_468)?;
    let seconds = (days * 86_400 + hour * 3_600 + minute * 60 + second).checked_add_signed(-offset)?;
    seconds.checked_mul(1_000_000_000)?.checked_add(fraction).map(Ns)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn our_own_decorations() {
        let line = split(
            "[3851697073398ns][113302524ns][info][gc             ] GC(21) Pause Full 23M->23M(24M) 5.758ms",
        );
        assert_eq!(line.times().nanos, Some(Ns(3_851_697_073_398)));
        assert_eq!(line.times().uptime, Some(Ns(113_302_524)));
        assert_eq!((line.tags, line.gc), ("gc", Some(21)));
        assert_eq!(line.message, "Pause Full 23M->23M(24M) 5.758ms");
    }

    #[test]
    fn other_peoples_decorations() {
        let uptime = |text| split(text).times().uptime;
        assert_eq!(uptime("[0.113s][info][gc] x"), Some(Ns(113_000_000)));
        assert_eq!(
            uptime("[2026-11-24T00:53:12.345+0000][0.113s][info ][gc,heap] x"),
            Some(Ns(113_000_000))
        );
        assert_eq!(
            uptime("[1795482792345ms][113ms][4711][info][gc] x"),
            Some(Ns(113_000_000))
        );
        assert_eq!(uptime("[1795482792345ms][info][gc] x"), None);
        let of = split("[2026-11-24T00:53:12.345+0000][host.example][4711][4712][info ][gc,heap] x");
        assert_eq!(
            (of.times().wall, of.tags),
            (Some(Ns(1_795_481_592_345_000_000)), "gc,heap")
        );
        assert_eq!(of.times().clock(), Clock::Wall);
        let of = split("[2026-11-24T00:53:12.345+0000][vm][4711][4712] GC(3) Pause Remark 1ms");
        assert_eq!((of.tags, of.gc), ("", Some(3)));
        assert_eq!(split("[0.1s][build-7][info][os,thread] x").tags, "build-7");
        assert_eq!(
            split("[1795482792345ms][info][gc] x").times().wall,
            Some(Ns(1_795_482_792_345_000_000))
        );
        assert_eq!(split("GC(3) Pause Remark 1ms").times().clock(), Clock::None);
        assert_eq!(split("[113302524ns][info][gc] x").times().nanos, None);
        assert_eq!(
            split("[0.113s][3851697073398ns][info][gc] x").times().nanos,
            Some(Ns(3_851_697_073_398))
        );
        assert_eq!(split("Pause Remark 1ms").message, "Pause Remark 1ms");
    }

    /// Lines as they may follow one another in one file, whole and damaged.
    fn lines() -> impl Strategy<Value = Vec<String>> {
        let stamp = prop_oneof![
            "\\[[0-9]{1,3}\\.[0-9]{3}s\\]",
            "\\[[0-9]{9}ns\\]",
            "\\[2026-11-24T0[0-9]:53:12\\.[0-9]{3}\\+0000\\]",
            "\\[[0-9]{1,21}\\]",
            "\\[[a-z]{2}\\.example\\]"
        ];
        let stamps = prop::collection::vec(stamp, 0..3).prop_map(|all| all.concat());
        let level = prop_oneof![Just(""), Just("[info]"), Just("[info ]"), Just("[debug]")];
        let tags = prop_oneof![
            Just(""),
            Just("[gc]"),
            Just("[gc,heap ]"),
            Just("[safepoint]"),
            Just("[os,thread]")
        ];
        let message = prop_oneof![Just(" GC(3) Pause Remark 1ms"), Just(" [x] y"), Just("")];
        let line = (
            stamps,
            level,
            tags,
            message,
            any::<prop::sample::Index>(),
            any::<Option<u8>>(),
        );
        let line = line.prop_map(|(stamps, level, tags, message, at, other)| {
            let mut line = [&stamps, level, tags, message].concat().into_bytes();
            if let Some(other) = other
                && !line.is_empty()
            {
                let at = at.index(line.len());
                line[at] = other % 128;
            }
            String::from_utf8(line).unwrap()
        });
        prop::collection::vec(line, 1..6).prop_map(|few: Vec<String>| [&few[..], &few, &few].concat())
    }

    proptest! {
        #[test]
        fn lines_before_do_not_change_what_a_line_says(lines in lines()) {
            let mut splitter = Splitter::default();
            for line in &lines {
                prop_assert_eq!(splitter.split(line), split(line), "{}", line);
                prop_assert_eq!(splitter.split(line).times(), split(line).times());
            }
        }
    }

    #[test]
    fn dates_are_instants_wherever_they_were_written() {
        let jiff = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_nanosecond() as u64;
        for (ours, theirs) in [
            ("2026-11-24T00:53:12.345+0000", "2026-11-24T00:53:12.345Z"),
            ("2024-02-29T23:59:59.001+0530", "2024-02-29T23:59:59.001+05:30"),
            ("2000-03-01T00:00:00.000-0800", "2000-03-01T00:00:00.000-08:00"),
        ] {
            assert_eq!(iso_8601(ours), Some(Ns(jiff(theirs))), "{ours}");
        }
        assert_eq!(iso_8601("4711"), None);
        assert_eq!(iso_8601("2026-11-24T00:53:12"), None);
        assert_eq!(iso_8601("2026-11-24T00:53:12.345+00999999999999999999"), None);
    }

    #[test]
    fn a_message_may_begin_with_a_bracket() {
        let line = split("[0.1s][info][gc,exit]  - [0x1, 0x2)");
        assert_eq!((line.tags, line.message), ("gc,exit", " - [0x1, 0x2)"));
        assert_eq!(split("[0.1s][info][gc] [x] y").message, "[x] y");
    }
}
