//! Formats of lines, and how one is laid over a line.
//!
//! A pattern is the runtime's own format string with `{}` for each field; a space stands for any number of them (columns are padded);
//! `‹…›` may be missing, `«…»` may come any number of times.

use std::ops::Range;

use crate::artifact::line::{Field, Source, Value};

/// Where in a runtime's source. An empty function or release is one that is not stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Src {
    pub function: &'static str,
    pub file: &'static str,
    pub release: &'static str,
}

/// In every release that we know.
pub const fn src(function: &'static str, file: &'static str) -> Src {
    Src {
        function,
        file,
        release: "",
    }
}

pub const fn src_of(release: &'static str, function: &'static str, file: &'static str) -> Src {
    Src {
        function,
        file,
        release,
    }
}

impl From<&Src> for Source {
    fn from(src: &Src) -> Self {
        let stated = |word: &str| (!word.is_empty()).then(|| word.to_owned());
        Source {
            function: stated(src.function),
            file: src.file.to_owned(),
            release: stated(src.release),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `-12`
    Int,
    /// `0.018`, `+1.5e+000`, `NaN`
    Num,
    /// `24M`: its unit is its letter's.
    Size,
    /// `0x00007f80e8000000`
    Hex,
    /// Without spaces.
    Word,
    /// As short as the rest of the pattern allows.
    Text,
}

/// One field of a format.
#[derive(Clone, Copy, Debug)]
pub struct Def {
    pub kind: Kind,
    pub name: &'static str,
    pub unit: &'static str,
    pub meaning: &'static str,
    pub by: &'static [Src],
    /// What certain words of it mean, and who sets them.
    pub words: &'static [Word],
}

#[derive(Clone, Copy, Debug)]
pub struct Word {
    pub word: &'static str,
    pub meaning: &'static str,
    pub by: &'static [Src],
}

pub const fn word(word: &'static str, meaning: &'static str, by: &'static [Src]) -> Word {
    Word { word, meaning, by }
}

impl Def {
    pub const fn new(kind: Kind, name: &'static str, unit: &'static str, meaning: &'static str) -> Def {
        Def {
            kind,
            name,
            unit,
            meaning,
            by: &[],
            words: &[],
        }
    }

    pub const fn by(self, by: &'static [Src]) -> Def {
        Def { by, ..self }
    }

    pub const fn words(self, words: &'static [Word]) -> Def {
        Def { words, ..self }
    }

    /// What is known of these words of it.
    pub fn word(&self, text: &str) -> Option<&'static Word> {
        self.words.iter().find(|word| word.word == text)
    }

    pub fn field(&self, line: &str, range: Range<usize>) -> Field {
        let text = line.get(range.clone()).unwrap_or_default();
        let word = self.word(text);
        let unit = match self.kind {
            Kind::Size => size_unit(text),
            _ => self.unit,
        };
        let by = word.map_or(self.by, |w| if w.by.is_empty() { self.by } else { w.by });
        Field {
            text: text.to_owned(),
            range,
            name: self.name.to_owned(),
            unit: unit.to_owned(),
            value: value(self.kind, text),
            meaning: word.map_or(self.meaning, |w| w.meaning).to_owned(),
            set_by: by.iter().map(Source::from).collect(),
        }
    }
}

pub const fn int(name: &'static str, unit: &'static str, meaning: &'static str) -> Def {
    Def::new(Kind::Int, name, unit, meaning)
}

pub const fn num(name: &'static str, unit: &'static str, meaning: &'static str) -> Def {
    Def::new(Kind::Num, name, unit, meaning)
}

pub const fn size(name: &'static str, meaning: &'static str) -> Def {
    Def::new(Kind::Size, name, "", meaning)
}

pub const fn hex(name: &'static str, meaning: &'static str) -> Def {
    Def::new(Kind::Hex, name, "address", meaning)
}

pub const fn text(name: &'static str, meaning: &'static str) -> Def {
    Def::new(Kind::Text, name, "", meaning)
}

/// One kind of line.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// Tags (or their beginning) that a decorated line must have; empty for any.
    pub tags: &'static str,
    pub what: &'static str,
    pub by: &'static [Src],
    pub pattern: &'static str,
    pub fields: &'static [Def],
    pub note: &'static str,
}

pub const fn form(
    tags: &'static str,
    what: &'static str,
    by: &'static [Src],
    pattern: &'static str,
    fields: &'static [Def],
) -> Form {
    Form {
        tags,
        what,
        by,
        pattern,
        fields,
        note: "",
    }
}

impl Form {
    pub const fn note(self, note: &'static str) -> Form {
        Form { note, ..self }
    }
}

fn size_unit(text: &str) -> &'static str {
    match text.as_bytes().last() {
        Some(b'B') => "B",
        Some(b'K') => "KiB",
        Some(b'M') => "MiB",
        Some(b'G') => "GiB",
        Some(b'T') => "TiB",
        _ => "",
    }
}

pub fn value(kind: Kind, text: &str) -> Option<Value> {
    let whole = |digits: &str| digits.parse().ok().map(Value::Whole);
    match kind {
        Kind::Int => whole(text),
        Kind::Hex => i64::from_str_radix(text.strip_prefix("0x")?, 16)
            .ok()
            .map(Value::Whole),
        // A comma is the point of some locales.
        Kind::Num => text
            .replace(',', ".")
            .parse()
            .ok()
            .filter(|v: &f64| v.is_finite())
            .map(Value::Real),
        Kind::Size => {
            let figure = text.get(..text.len().checked_sub(1)?)?;
            whole(figure).or_else(|| value(Kind::Num, figure))
        }
        Kind::Word | Kind::Text => None,
    }
}
