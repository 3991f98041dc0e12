//! Names every field of one line of a collector's log: unit, meaning and the function of the runtime that prints it.
//!
//! What is said of Go was read in the runtime's sources (1.26). What is said of the JVM was found in the libraries of JDK 17 and 25:
//! which function refers to which format string; where releases differ, the release stands with the function.

pub mod form;

mod decorations;
mod exit;
mod g1;
mod gctrace;
mod gopacer;
mod overlay;
mod phrases;
mod safepoint;
mod settings;
mod shenandoah;
mod shenandoah_sets;
mod shenandoah_stats;
mod stop_the_world;
mod table;
mod zgc;

use std::ops::Range;

use crate::artifact::line::{NamedLine, Source, Span};
use form::{Form, Src};
use overlay::Laid;

/// No line of a log that we know is longer.
const LONGEST: usize = 8 << 10;

/// All forms, in the order in which they are tried: a narrow one before a wide one.
fn forms() -> impl Iterator<Item = &'static Form> {
    go_forms().chain(jvm_forms())
}

fn go_forms() -> impl Iterator<Item = &'static Form> {
    gctrace::FORMS.iter().chain(gopacer::FORMS)
}

fn jvm_forms() -> impl Iterator<Item = &'static Form> {
    safepoint::FORMS
        .iter()
        .chain(g1::FORMS)
        .chain(stop_the_world::FORMS)
        .chain(zgc::FORMS)
        .chain(shenandoah::FORMS)
        .chain(shenandoah_sets::FORMS)
        .chain(shenandoah_stats::FORMS)
        .chain(exit::FORMS)
        .chain(settings::FORMS)
        .chain(phrases::FORMS)
}

/// The line as it stands in the log, with whatever decorations. None if it is of no kind that we know.
pub fn name(text: &str) -> Option<NamedLine> {
    let end = text.trim_end_matches(['\n', '\r']).len();
    if end > LONGEST || text.get(..end)?.trim().is_empty() {
        return None;
    }
    go(text, end).or_else(|| jvm(text, end))
}

/// What kind of line it resembles most, for a line that is not known.
pub fn nearest(text: &str) -> Option<&'static str> {
    let message = decorations::split(text).map_or(text, |d| text.get(d.message..).unwrap_or(text));
    let letters = |words: &str| words.replace(|c: char| !c.is_alphabetic(), " ");
    let given = letters(message.get(..message.len().min(200)).unwrap_or(message));
    forms()
        .map(|form| {
            let likeness = strsim::jaro_winkler(&letters(form.pattern), &given);
            (likeness, form.what)
        })
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, what)| what)
}

/// Every claim that a function prints or computes something, for a test against the runtimes' sources.
pub fn claims() -> Vec<Source> {
    let mut all: Vec<&Src> = decorations::claims().chain(table::claims()).collect();
    for form in forms() {
        all.extend(form.by);
        for def in form.fields {
            all.extend(def.by);
            all.extend(def.words.iter().flat_map(|word| word.by));
        }
    }
    let mut all: Vec<Source> = all.into_iter().map(Source::from).collect();
    all.sort();
    all.dedup();
    all
}

/// A trace that may begin in the middle of a line: standard error is everybody's.
fn go(text: &str, end: usize) -> Option<NamedLine> {
    let starts = ["gc ", "pacer: ", "scav ", "GC forced", "checkfinalizers: "];
    let mut part = None;
    for start in starts {
        for (at, _) in text.match_indices(start).take(8) {
            for form in go_forms().filter(|form| form.pattern.starts_with(start)) {
                match overlay::lay(form.pattern, form.fields, text, at..end) {
                    Some(Laid::Whole(hits)) => return Some(line(form, text, at..end, hits, end)),
                    // Words of a program may begin like this; a cut trace begins the line.
                    Some(Laid::Part(hits, until)) if at == 0 && hits.len() > 1 => {
                        part.get_or_insert_with(|| line(form, text, at..end, hits, until));
                    }
                    _ => {}
                }
            }
        }
    }
    part
}

fn jvm(text: &str, end: usize) -> Option<NamedLine> {
    let decorated = decorations::split(text.get(..end)?);
    let (tags, start) = match &decorated {
        Some(d) => (d.tags.as_deref(), d.message),
        None => (None, 0),
    };
    let gc = decorations::collection(text, start, end);
    let message = gc.as_ref().map_or(start, |gc| gc.message)..end;
    let named = message_of(text, tags, message.clone());
    let sure = decorated.as_ref().is_some_and(|d| d.is_the_jvms());
    let mut named = match named {
        Some(named) => named,
        // A bare number of a collection is not enough to believe the rest.
        None if sure || decorated.is_some() && gc.is_some() => unknown(text, tags, message),
        None => return None,
    };
    // Somebody else's brackets say nothing.
    if named.fields.is_empty() && !sure && gc.is_none() && named.format.len() < 4 {
        return None;
    }
    let mut fields = decorated.map(|d| d.fields).unwrap_or_default();
    fields.extend(gc.into_iter().flat_map(|gc| gc.fields));
    fields.append(&mut named.fields);
    named.fields = fields;
    Some(named)
}

fn message_of(text: &str, tags: Option<&str>, message: Range<usize>) -> Option<NamedLine> {
    if let Some(named) =
        table::name(text, tags, message.clone()).or_else(|| table::age(text, tags, message.clone()))
    {
        return Some(named);
    }
    let mut best: Option<(usize, NamedLine)> = None;
    let trimmed = text.get(message.clone())?;
    let start = message.start + trimmed.len() - trimmed.trim_start().len();
    for form in jvm_forms().filter(|form| fits(form.tags, tags)) {
        match overlay::lay(form.pattern, form.fields, text, start..message.end) {
            Some(Laid::Whole(hits)) => return Some(line(form, text, message, hits, usize::MAX)),
            Some(Laid::Part(hits, until)) if best.as_ref().is_none_or(|(at, _)| until > *at) => {
                best = Some((until, line(form, text, message.clone(), hits, until)));
            }
            _ => {}
        }
    }
    best.map(|(_, named)| named)
}

/// Forms that are wide need their tags; a log without tags has none to check.
fn fits(wanted: &str, tags: Option<&str>) -> bool {
    match tags {
        Some(tags) => {
            let tags = tags.trim_end();
            wanted.is_empty() || wanted.split('|').any(|one| tags == one)
        }
        None => !wanted.starts_with("gc,init"),
    }
}

fn line(form: &Form, text: &str, range: Range<usize>, hits: overlay::Hits, until: usize) -> NamedLine {
    let mut by = form.by;
    let mut fields = Vec::with_capacity(hits.len());
    for (index, bytes) in hits {
        let Some(def) = form.fields.get(index) else {
            continue;
        };
        let words = text.get(bytes.clone()).unwrap_or_default();
        // A setting's name tells which function prints it.
        if by.is_empty()
            && let Some(word) = def.word(words)
        {
            by = word.by;
        }
        fields.push(def.field(text, bytes));
    }
    NamedLine {
        what: form.what.to_owned(),
        printed_by: by.iter().map(Source::from).collect(),
        format: form.pattern.to_owned(),
        note: (!form.note.is_empty()).then(|| form.note.to_owned()),
        fields,
        not_named: span(text, until.min(range.end)..range.end).into_iter().collect(),
    }
}

fn unknown(text: &str, tags: Option<&str>, message: Range<usize>) -> NamedLine {
    let of = tags.map_or_else(String::new, |tags| format!(" with the tags {tags}"));
    NamedLine {
        what: format!("JVM: a line of the unified log{of} whose message is not known"),
        not_named: span(text, message).into_iter().collect(),
        ..NamedLine::default()
    }
}

/// Without the spaces around it; None if nothing is left.
fn span(text: &str, range: Range<usize>) -> Option<Span> {
    let words = text.get(range.clone())?;
    let start = range.start + words.len() - words.trim_start().len();
    let words = words.trim();
    (!words.is_empty()).then(|| Span {
        text: words.to_owned(),
        range: start..start + words.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_a_name_for_each_of_its_fields() {
        for form in forms() {
            assert_eq!(
                overlay::fields_of(form.pattern),
                form.fields.len(),
                "{}",
                form.pattern
            );
        }
    }
}
