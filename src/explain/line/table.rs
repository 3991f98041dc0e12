//! ZGC's tables: a row's cells stand under columns that another line names (ZStatHeap::print and ZStatRelocation in gc/z/zStat.cpp).

use std::ops::Range;

use super::form::{Def, Src, int, size, src, src_of, text, word};
use crate::artifact::line::{Field, NamedLine, Source};

const FILE: &str = "gc/z/zStat.cpp";
const HEAP: &[Src] = &[src("ZStatHeap::print", FILE)];
const STALLS: &[Src] = &[src_of("JDK 25", "ZStatHeap::print_stalls", FILE)];
const AGES: &[Src] = &[src_of("JDK 25", "ZStatRelocation::print_age_table", FILE)];
const PAGES: &[Src] = &[src_of("JDK 25", "ZStatRelocation::print_page_summary", FILE)];
const REFERENCES: &[Src] = &[src_of("JDK 25", "ZStatReferences::print", FILE)];

pub fn claims() -> impl Iterator<Item = &'static Src> {
    [HEAP, STALLS, AGES, PAGES, REFERENCES].into_iter().flatten()
}

const ROWS: Def = text("row", "of the table").words(&[
    word("Capacity", "heap that is committed", &[]),
    word("Free", "max capacity less what is used", &[]),
    word("Used", "pages that hold objects, dead ones too", &[]),
    word(
        "Live",
        "objects that marking found reachable, less those that were promoted since (JDK 25)",
        &[],
    ),
    word("Allocated", "by the program since mark start", &[]),
    word(
        "Garbage",
        "what was used at mark start less what is live and what was reclaimed",
        &[],
    ),
    word(
        "Reclaimed",
        "garbage of which the memory was freed in this collection",
        &[],
    ),
    word(
        "Promoted",
        "moved from the young to the old generation in this collection",
        &[],
    ),
    word(
        "Compacted",
        "live objects that were moved to free their pages",
        &[],
    ),
]);

const COLUMNS: &[(&str, &str)] = &[
    ("mark start", "when marking began (pause)"),
    ("mark end", "when marking ended (pause)"),
    ("relocate start", "when objects began to be moved (pause)"),
    (
        "relocate end",
        "when all of them were moved: the end of the collection",
    ),
    ("high", "most during the collection"),
    ("low", "least during the collection"),
];

const AGE_ROWS: Def = text(
    "age",
    "collections that the objects outlived: Eden none, Survivor n n of them",
);
const AGE_COLUMNS: [&str; 2] = ["live", "garbage"];
const PAGE_ROWS: Def = text("pages", "of this size").words(&[
    word("Small", "2 MiB, for objects up to 256 KiB", &[]),
    word(
        "Medium",
        "for objects up to an eighth of a page; its size depends on the heap",
        &[],
    ),
    word("Large", "one object each", &[]),
]);
const PAGE_COLUMNS: &[(&str, &str)] = &[
    ("candidates", "pages that could be collected"),
    ("selected", "pages that will be: the relocation set"),
    (
        "in place",
        "pages compacted within themselves because no other page was free to move their objects to",
    ),
    ("size", "memory of the candidates"),
    (
        "empty",
        "memory of those without any live object: freed without moving",
    ),
    (
        "relocated",
        "bytes of live objects in the selected pages, which are moved",
    ),
];
const REFERENCE_ROWS: Def = text("references", "of this strength (java.lang.ref)");
const REFERENCE_COLUMNS: &[(&str, &str)] = &[
    ("encountered", "found while marking"),
    (
        "discovered",
        "of them, those whose object was not found otherwise",
    ),
    (
        "enqueued",
        "of them, those that were cleared or queued: the object is dead",
    ),
];

pub fn name(line: &str, tags: Option<&str>, range: Range<usize>) -> Option<NamedLine> {
    let message = line.get(range.clone())?;
    let allowed = |wanted: &str| tags.is_none_or(|tags| tags.trim_end() == wanted);
    let words = message.split_whitespace().collect::<Vec<_>>();
    if message.contains("Mark Start")
        || words.first() == Some(&"Candidates")
        || words.starts_with(&["Live", "Garbage"])
    {
        return header(line, tags, range, &words);
    }
    if words.starts_with(&["Encountered", "Discovered", "Enqueued"]) {
        return header(line, tags, range, &words);
    }
    let colon = message.find(':');
    let title = colon.map(|at| message.get(..at).unwrap_or_default().trim())?;
    let cells = range.start + colon? + 1..range.end;
    // Shenandoah has a `Free:` too, as a sentence.
    if allowed("gc,heap") && ROWS.word(title).is_some() && !line.get(cells.clone())?.contains(',') {
        return row(line, &ROWS, title, range, cells, Row::Heap);
    }
    if allowed("gc,alloc") && title == "Allocation Stalls" {
        let def = &text(
            "row",
            "of the table: allocations that waited for memory at each moment",
        );
        return row(line, def, title, range, cells, Row::Stalls);
    }
    if allowed("gc,reloc")
        && let Some(pages) = title.strip_suffix(" Pages")
        && PAGE_ROWS.word(pages).is_some()
        && !line.get(cells.clone())?.contains(',')
    {
        return row(line, &PAGE_ROWS, pages, range, cells, Row::Pages);
    }
    if allowed("gc,ref")
        && let Some(strength) = title.strip_suffix(" References")
    {
        return row(line, &REFERENCE_ROWS, strength, range, cells, Row::References);
    }
    None
}

/// Rows of the age table have no colon: `Eden  5M (6%)  16M (17%)  11 / 8  0 / 0  0 / 0`.
pub fn age(line: &str, tags: Option<&str>, range: Range<usize>) -> Option<NamedLine> {
    let message = line.get(range.clone())?.trim_start();
    if tags.is_some_and(|tags| tags.trim_end() != "gc,reloc") || !message.contains(" / ") {
        return None;
    }
    let title = if message.starts_with("Eden") {
        "Eden"
    } else {
        let digits = message.strip_prefix("Survivor ")?;
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        message.get(..9 + length).filter(|_| length > 0)?
    };
    let start = line.get(range.clone())?.find(title)? + range.start + title.len();
    let cells = start..range.end;
    row(line, &AGE_ROWS, title, range, cells, Row::Ages)
}

#[derive(Clone, Copy)]
enum Row {
    Heap,
    Stalls,
    Ages,
    Pages,
    References,
}

fn row(
    line: &str,
    def: &Def,
    title: &str,
    range: Range<usize>,
    cells: Range<usize>,
    kind: Row,
) -> Option<NamedLine> {
    let at = range.start + line.get(range.clone())?.find(title)?;
    let mut fields = vec![def.field(line, at..at + title.len())];
    let mut known = true;
    let found = words(line, cells);
    let mut column = 0;
    for (index, bytes) in found.iter().enumerate() {
        let cell = line.get(bytes.clone()).unwrap_or_default();
        let next = match (kind, cell) {
            // The second half of a cell: `(44%)`, `/ 8`.
            (Row::Heap | Row::Ages, cell) if cell.starts_with('(') => {
                column += 1;
                percent(line, bytes, column_name(kind, column - 1))
            }
            (Row::Ages, "/") => continue,
            (Row::Ages, _) if column >= 2 => {
                let first = found
                    .get(index + 1)
                    .is_some_and(|next| line.get(next.clone()) == Some("/"));
                let page = ["small", "medium", "large"].get((column - 2) / 2);
                column += 1;
                page.map(|page| pages(line, bytes.clone(), page, first))
            }
            (Row::Heap | Row::Ages, "-") => {
                column += 1;
                let (name, when) = column_name(kind, column - 1).unwrap_or(("cell", ""));
                Some(plain(
                    line,
                    bytes.clone(),
                    name,
                    &format!("nothing to tell yet {when}"),
                ))
            }
            (Row::Heap | Row::Ages, _) => column_name(kind, column).map(|(name, when)| {
                measured(
                    line,
                    bytes.clone(),
                    name,
                    &format!("{}: {when}", def_words(def, title)),
                )
            }),
            (Row::Stalls, _) => {
                column += 1;
                COLUMNS.get(column - 1).map(|(name, _)| {
                    let meaning = "allocations that waited for memory at that moment";
                    Field {
                        name: format!("stalls at {name}"),
                        ..int("stalls", "allocations", meaning).field(line, bytes.clone())
                    }
                })
            }
            (Row::Pages, _) => {
                column += 1;
                PAGE_COLUMNS
                    .get(column - 1)
                    .map(|(name, meaning)| measured(line, bytes.clone(), name, meaning))
            }
            (Row::References, _) => {
                column += 1;
                REFERENCE_COLUMNS
                    .get(column - 1)
                    .map(|(name, meaning)| measured(line, bytes.clone(), name, meaning))
            }
        };
        match next {
            Some(field) => fields.push(field),
            None => known = false,
        }
    }
    if !known || fields.len() < 2 {
        return None;
    }
    let (what, by) = described(kind);
    Some(named(what, by, line, &range, fields))
}

fn described(kind: Row) -> (&'static str, &'static [Src]) {
    match kind {
        Row::Heap => ("ZGC: a row of the heap's table at the end of a collection", HEAP),
        Row::Stalls => (
            "ZGC: threads that had to wait for memory during a collection",
            STALLS,
        ),
        Row::Ages => ("ZGC: a row of the table of ages", AGES),
        Row::Pages => ("ZGC: pages of one size in a collection", PAGES),
        Row::References => ("ZGC: references of one strength in a collection", REFERENCES),
    }
}

fn def_words(def: &Def, title: &str) -> &'static str {
    def.word(title).map_or(def.meaning, |word| word.meaning)
}

fn column_name(kind: Row, column: usize) -> Option<(&'static str, &'static str)> {
    match kind {
        Row::Ages => AGE_COLUMNS
            .get(column)
            .map(|name| (*name, "of objects of this age")),
        _ => COLUMNS.get(column).copied(),
    }
}

fn percent(line: &str, bytes: &Range<usize>, column: Option<(&str, &str)>) -> Option<Field> {
    let (name, _) = column?;
    let figure = line.get(bytes.clone())?.strip_prefix('(')?.strip_suffix("%)")?;
    let at = bytes.start + 1..bytes.start + 1 + figure.len();
    Some(Field {
        name: format!("{name}, share"),
        ..int("share", "%", "of the heap's max capacity").field(line, at)
    })
}

fn pages(line: &str, bytes: Range<usize>, page: &str, first: bool) -> Field {
    let (name, meaning) = if first {
        ("candidates", "pages of this age that could be collected")
    } else {
        ("selected", "of them, those that are: the relocation set")
    };
    Field {
        name: format!("{page} pages, {name}"),
        ..int("pages", "pages", meaning).field(line, bytes)
    }
}

fn measured(line: &str, bytes: Range<usize>, name: &str, meaning: &str) -> Field {
    let words = line.get(bytes.clone()).unwrap_or_default();
    let def = if words.bytes().all(|b| b.is_ascii_digit()) {
        int("figure", "", "")
    } else {
        size("figure", "")
    };
    Field {
        name: name.to_owned(),
        meaning: meaning.to_owned(),
        ..def.field(line, bytes)
    }
}

fn plain(line: &str, bytes: Range<usize>, name: &str, meaning: &str) -> Field {
    Field {
        name: name.to_owned(),
        meaning: meaning.to_owned(),
        ..text("", "").field(line, bytes)
    }
}

/// The line that names the columns.
fn header(line: &str, tags: Option<&str>, range: Range<usize>, words_of: &[&str]) -> Option<NamedLine> {
    let message = line.get(range.clone())?;
    let mut columns: Vec<(&str, &str, &str)> = Vec::new();
    let (what, by) = match words_of.first().copied()? {
        "Mark" => {
            let wide = message.contains("High");
            for (title, (_, meaning)) in [
                "Mark Start",
                "Mark End",
                "Relocate Start",
                "Relocate End",
                "High",
                "Low",
            ]
            .into_iter()
            .zip(COLUMNS)
            {
                columns.push((title, title, meaning));
            }
            if !wide {
                columns.truncate(4);
            }
            let by = if tags == Some("gc,alloc") { STALLS } else { HEAP };
            ("ZGC: the columns of a table of the heap or of stalls", by)
        }
        "Candidates" => {
            for (title, (_, meaning)) in ["Candidates", "Selected", "In-Place", "Size", "Empty", "Relocated"]
                .into_iter()
                .zip(PAGE_COLUMNS)
            {
                columns.push((title, title, meaning));
            }
            ("ZGC: the columns of the table of pages", PAGES)
        }
        "Encountered" => {
            for (title, (_, meaning)) in ["Encountered", "Discovered", "Enqueued"]
                .into_iter()
                .zip(REFERENCE_COLUMNS)
            {
                columns.push((title, title, meaning));
            }
            ("ZGC: the columns of the table of references", REFERENCES)
        }
        _ => {
            for title in ["Live", "Garbage"] {
                columns.push((
                    title,
                    title,
                    "bytes of objects of this age, and their share of the heap",
                ));
            }
            for title in ["Small", "Medium", "Large"] {
                columns.push((title, title, "pages of this size: candidates / selected"));
            }
            ("ZGC: the columns of the table of ages", AGES)
        }
    };
    let mut fields = Vec::new();
    let mut at = 0;
    for (title, name, meaning) in columns {
        let found = message.get(at..)?.find(title)? + at;
        at = found + title.len();
        let bytes = range.start + found..range.start + at;
        fields.push(plain(line, bytes, &name.to_lowercase(), meaning));
    }
    if !message.get(at..)?.trim().is_empty() {
        return None;
    }
    Some(named(what, by, line, &range, fields))
}

fn named(what: &str, by: &[Src], line: &str, range: &Range<usize>, fields: Vec<Field>) -> NamedLine {
    let mut format = String::new();
    let mut at = range.start;
    for field in &fields {
        format.push_str(line.get(at..field.range.start).unwrap_or_default());
        format.push_str("{}");
        at = field.range.end;
    }
    format.push_str(line.get(at..range.end).unwrap_or_default());
    NamedLine {
        what: what.to_owned(),
        printed_by: by.iter().map(Source::from).collect(),
        format: format.split_whitespace().collect::<Vec<_>>().join(" "),
        fields,
        ..NamedLine::default()
    }
}

/// Words between spaces, with their places.
fn words(line: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let Some(part) = line.get(range.clone()) else {
        return all;
    };
    let mut start = None;
    for (at, c) in part.char_indices() {
        match (c.is_whitespace(), start) {
            (true, Some(from)) => {
                all.push(range.start + from..range.start + at);
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    all.extend(start.map(|from| range.start + from..range.end));
    all
}
