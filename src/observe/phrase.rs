//! A message of the JVM's log: `Pause Young (Normal) (G1 Evacuation Pause) 24M->13M(92M) 7.311ms`.

use super::quantity::{self, Heap};
use crate::artifact::unit::Ns;

/// Read from the right, since the parts at the right are the ones with a fixed shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Phrase<'a> {
    /// `Pause Young`
    pub name: &'a str,
    notes: [&'a str; NOTES],
    /// Of `notes`; the last one found stands first.
    found: usize,
    pub heap: Option<Heap>,
    pub duration: Option<Ns>,
}

/// No message has more.
const NOTES: usize = 4;

impl<'a> Phrase<'a> {
    pub fn parse(message: &'a str) -> Self {
        let mut rest = message.trim();
        let duration = take_last(&mut rest, quantity::duration);
        let heap = take_last(&mut rest, quantity::heap);
        let (mut notes, mut found) = ([""; NOTES], 0);
        while found < NOTES
            && let Some((before, note)) = last_group(rest)
        {
            notes[found] = note;
            found += 1;
            rest = before.trim_end();
        }
        Phrase {
            name: rest,
            notes,
            found,
            heap,
            duration,
        }
    }

    /// What stands in parentheses, outermost pair only, from left to right: `Normal`, `G1 Evacuation Pause`.
    pub fn notes(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.notes[..self.found].iter().rev().copied()
    }

    /// The last note: where a collection has a cause, it stands there.
    pub fn cause(&self) -> Option<&'a str> {
        self.notes[..self.found].first().copied()
    }
}

fn take_last<T>(rest: &mut &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
    let (before, word) = rest.rsplit_once(' ').unwrap_or(("", rest));
    let value = read(word)?;
    *rest = before.trim_end();
    Some(value)
}

/// `a (b (c))` -> (`a `, `b (c)`).
fn last_group(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_suffix(')')?;
    let mut depth = 1;
    for (at, byte) in inner.bytes().enumerate().rev() {
        match byte {
            b')' => depth += 1,
            b'(' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            // A parenthesis glued to a word belongs to it: `System.gc()`.
            let (before, group) = (inner.get(..at)?, inner.get(at + 1..)?);
            return (before.is_empty() || before.ends_with(' ')).then_some((before, group));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_stand_in_their_order() {
        let phrase = Phrase::parse(
            "Pause Young (Mixed) (G1 Evacuation Pause) (Evacuation Failure: Allocation) 24M->13M(92M) 7.311ms",
        );
        let notes: Vec<&str> = phrase.notes().collect();
        assert_eq!(
            notes,
            ["Mixed", "G1 Evacuation Pause", "Evacuation Failure: Allocation"]
        );
    }

    #[test]
    fn notes_may_hold_parentheses_of_their_own() {
        let phrase = Phrase::parse("Pause Full (System.gc()) 43M->12M(61M) 4.480ms");
        assert_eq!((phrase.name, phrase.cause()), ("Pause Full", Some("System.gc()")));
        assert_eq!(phrase.duration, Some(Ns(4_480_000)));
        let phrase = Phrase::parse("Trigger: GC request (System.gc())");
        assert_eq!(phrase.name, "Trigger: GC request");
    }

    #[test]
    fn a_phrase_may_be_nothing_but_a_name() {
        let phrase = Phrase::parse("Concurrent Mark Cycle");
        assert_eq!((phrase.name, phrase.duration), ("Concurrent Mark Cycle", None));
        assert_eq!(phrase.notes().count(), 0);
    }
}
