//! A log cut anywhere, at its end or its beginning, loses at most the event that was cut.

use gcrucible::artifact::event::Writer;
use proptest::prelude::*;

use super::corpus::{LOGS, Told, read};

/// Told when the log is over, of what was still going on: they stand behind the events of the last line that is whole.
fn is_left_over(told: &Told) -> bool {
    told.what.contains("Cycle(")
}

/// What each whole line up to `lines` told.
fn up_to(all: &[Told], lines: u64) -> Vec<&Told> {
    all.iter().filter(|t| t.line <= lines).collect()
}

fn lines(text: &[u8]) -> u64 {
    text.iter().filter(|b| **b == b'\n').count() as u64
}

/// What stands in a line by itself: it needs no line before it.
fn stands_alone(told: &Told) -> bool {
    [
        "Stop(",
        "Stall {",
        "Declared {",
        "Phase {",
        "Cpu {",
        "GoCpu(",
        "Scavenged",
        "Pacer(",
        "OutOfMemory",
    ]
    .iter()
    .any(|kind| told.what.contains(kind))
}

fn cut_end(which: usize, at: usize) -> Result<(), TestCaseError> {
    let log = &LOGS[which % LOGS.len()];
    let (whole, _) = read(&log.text);
    let end = at % (log.text.len() + 1);
    let (cut, reading) = read(&log.text[..end]);
    let kept = lines(&log.text[..end]);
    let wanted = up_to(&whole, kept);
    // A whole log tells each line's events before it reads on, so that only what is left over may differ.
    let wanted: Vec<_> = wanted.into_iter().filter(|t| !is_left_over(t)).collect();
    let found: Vec<_> = cut.iter().filter(|t| !is_left_over(t)).collect();
    prop_assert_eq!(found, wanted, "{} cut at {}", log.name, end);
    prop_assert_eq!(reading.cut, !log.text[..end].ends_with(b"\n") && end > 0);
    // Cycles told whole are told the same; those that were going on are told with what is known of them.
    let ended: Vec<_> = up_to(&whole, kept)
        .into_iter()
        .filter(|t| is_left_over(t))
        .collect();
    let told: Vec<_> = cut.iter().filter(|t| is_left_over(t)).collect();
    for cycle in ended.iter().filter(|t| t.line < kept) {
        prop_assert!(told.contains(cycle), "{} cut at {}: {:?}", log.name, end, cycle);
    }
    Ok(())
}

fn cut_start(which: usize, at: usize) -> Result<(), TestCaseError> {
    let log = &LOGS[which % LOGS.len()];
    let (whole, reading) = read(&log.text);
    let start = at % (log.text.len() + 1);
    let rest = &log.text[start..];
    let (cut, other) = read(rest);
    // The first line may be cut, and what is left of it may even look like another line. Until a line shows whose log it is, lines that
    // several collectors write wait in vain; each collector's stops show it.
    let first = lines(&log.text[..start]);
    let mine = |t: &&Told| t.line > 1 && stands_alone(t);
    let known = match log.writer {
        Writer::Go => cut.first().map_or(u64::MAX, |t| t.line),
        Writer::Jvm => {
            let shows = |t: &&Told| t.what.contains("Stop(") && t.what.contains("collection: true");
            cut.iter().filter(mine).find(shows).map_or(u64::MAX, |t| t.line)
        }
    };
    let wanted: Vec<(u64, &str)> = whole
        .iter()
        .filter(|t| t.line > first + 1 && stands_alone(t))
        .map(|t| (t.line - first, t.what.as_str()))
        .collect();
    let found: Vec<(u64, &str)> = cut
        .iter()
        .filter(mine)
        .map(|t| (t.line, t.what.as_str()))
        .collect();
    let since = |all: &[(u64, &str)]| all.iter().filter(|(line, _)| *line > known).count();
    let (later, wanted_later) = (
        &found[found.len() - since(&found)..],
        &wanted[wanted.len() - since(&wanted)..],
    );
    for (found, wanted) in later.iter().zip(wanted_later) {
        prop_assert_eq!(found, wanted, "{} from {}", log.name, start);
    }
    prop_assert_eq!(later.len(), wanted_later.len(), "{} from {}", log.name, start);
    prop_assert!(
        found.iter().all(|event| wanted.contains(event)),
        "{} from {}",
        log.name,
        start
    );
    if since(&wanted) > 0 {
        prop_assert_eq!(other.writer, reading.writer, "{} from {}", log.name, start);
        prop_assert_eq!(other.collector, reading.collector, "{} from {}", log.name, start);
    }
    Ok(())
}

/// What is left of "Heap Max Capacity: 48M" begins as a young collection of ZGC's does.
#[test]
fn the_end_of_a_line_that_begins_with_a_letter_and_a_colon_is_no_sign_of_zgc() -> Result<(), TestCaseError> {
    let name = "25-g1-undecorated.log";
    let which = LOGS.iter().position(|log| log.name == name).unwrap();
    let at = LOGS[which].text.windows(5).position(|w| w == b"y: 48").unwrap();
    cut_start(which, at)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_log_cut_at_any_byte_loses_the_cut_event_at_most(which in any::<usize>(), at in any::<usize>()) {
        cut_end(which, at)?;
    }

    #[test]
    fn a_log_whose_beginning_is_cut_off_at_any_byte_loses_what_was_cut_at_most(which in any::<usize>(), at in any::<usize>()) {
        cut_start(which, at)?;
    }
}
