//! One line of the JVM's unified log, whatever decorations were asked for: `[3851697073398ns][113302524ns][info][gc  ] GC(21) ...`.

use super::quantity;
use crate::artifact::unit::Ns;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Line<'a> {
    /// `timenanos`: System.nanoTime(), which is CLOCK_MONOTONIC.
    pub nanos: Option<Ns>,
    /// Since the JVM began: `uptimenanos`, `uptimemillis` or `uptime`, the finest there is.
    pub uptime: Option<Ns>,
    pub level: Option<&'a str>,
    /// `gc,heap`, without padding; empty if not decorated.
    pub tags: &'a str,
    /// The collection's number, from `GC(21) `.
    pub gc: Option<u64>,
    /// The rest.
    pub message: &'a str,
}

const LEVELS: &[&str] = &["off", "trace", "debug", "info", "warning", "error"];

/// Splits by the shape of each decoration, not by its place. HotSpot prints them in one order whatever was asked for
/// (logDecorators.hpp: ... timenanos, uptimenanos, ... level, tags), which tells the two `ns` apart.
pub fn split(text: &str) -> Line<'_> {
    let mut line = Line::default();
    let mut rest = text;
    let (mut nanos, mut millis, mut seconds) = (Vec::new(), Vec::new(), None);
    while let Some((decoration, after)) = decoration(rest) {
        rest = after;
        let word = decoration.trim_end();
        if LEVELS.contains(&word) {
            line.level = Some(word);
        } else if let Some(value) = quantity::duration(word) {
            match word.as_bytes() {
                [.., b'n', b's'] => nanos.push(value),
                [.., b'm', b's'] => millis.push(value),
                _ => seconds = Some(value),
            }
        } else if is_tags(word) {
            line.tags = word;
        }
    }
    // Milliseconds since 1970 are no uptime.
    let uptime_millis = millis
        .last()
        .copied()
        .filter(|ms| *ms < Ns(1_000_000_000_000 * 1_000_000));
    let coarse = uptime_millis.or(seconds);
    match nanos.as_slice() {
        [time, uptime, ..] => (line.nanos, line.uptime) = (Some(*time), Some(*uptime)),
        [one] => match coarse {
            Some(up) if one.0.abs_diff(up.0) > 2_000_000 => (line.nanos, line.uptime) = (Some(*one), coarse),
            _ => line.uptime = Some(*one),
        },
        [] => line.uptime = coarse,
    }
    rest = rest.strip_prefix(' ').unwrap_or(rest);
    (line.gc, line.message) = collection(rest).map_or((None, rest), |(gc, message)| (Some(gc), message));
    line
}

/// `[x]` at the start of `rest`; a message that begins with a bracket is set off by a space.
fn decoration(rest: &str) -> Option<(&str, &str)> {
    rest.strip_prefix('[')?.split_once(']')
}

fn is_tags(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b',' || b == b'_')
}

fn collection(message: &str) -> Option<(u64, &str)> {
    let (number, rest) = message.strip_prefix("GC(")?.split_once(')')?;
    Some((number.parse().ok()?, rest.strip_prefix(' ').unwrap_or(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_decorations() {
        let line = split(
            "[3851697073398ns][113302524ns][info][gc             ] GC(21) Pause Full 23M->23M(24M) 5.758ms",
        );
        assert_eq!(line.nanos, Some(Ns(3_851_697_073_398)));
        assert_eq!(line.uptime, Some(Ns(113_302_524)));
        assert_eq!((line.level, line.tags, line.gc), (Some("info"), "gc", Some(21)));
        assert_eq!(line.message, "Pause Full 23M->23M(24M) 5.758ms");
    }

    #[test]
    fn other_peoples_decorations() {
        let uptime = |text| split(text).uptime;
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
        assert_eq!(split("[113302524ns][info][gc] x").nanos, None);
        assert_eq!(
            split("[0.113s][3851697073398ns][info][gc] x").nanos,
            Some(Ns(3_851_697_073_398))
        );
        assert_eq!(split("Pause Remark 1ms").message, "Pause Remark 1ms");
    }

    #[test]
    fn a_message_may_begin_with_a_bracket() {
        let line = split("[0.1s][info][gc,exit]  - [0x1, 0x2)");
        assert_eq!((line.tags, line.message), ("gc,exit", " - [0x1, 0x2)"));
        assert_eq!(split("[0.1s][info][gc] [x] y").message, "[x] y");
    }
}
