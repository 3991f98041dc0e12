//! Lays a pattern over a line, with as many steps as are needed and not more than a fixed number.

use std::ops::Range;

use super::form::{Def, Kind};

/// Field number and its bytes.
pub type Hits = Vec<(usize, Range<usize>)>;

pub enum Laid {
    Whole(Hits),
    /// As far as it goes: what was found, and where the understanding ends.
    Part(Hits, usize),
}

/// A line of a log that we know is short; a longer one is somebody's text, and backtracking over it would take long.
const MOST_STEPS: usize = 200_000;

#[derive(Clone, Debug)]
enum Item<'p> {
    Sign(&'p str),
    Field(usize),
    Group { items: Vec<Item<'p>>, many: bool },
}

fn items<'p>(pattern: &'p str, count: &mut usize) -> Vec<Item<'p>> {
    let mut all = Vec::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '‹', '«']) {
        let (sign, from) = rest.split_at(at);
        if !sign.is_empty() {
            all.push(Item::Sign(sign));
        }
        if let Some(after) = from.strip_prefix("{}") {
            all.push(Item::Field(*count));
            *count += 1;
            rest = after;
            continue;
        }
        let (close, many) = if from.starts_with('«') {
            ('»', true)
        } else {
            ('›', false)
        };
        let inside = from.strip_prefix(['‹', '«']).unwrap_or_default();
        // Groups of one kind are not nested, so the first closing sign is theirs.
        let Some((inside, after)) = inside.split_once(close) else {
            break;
        };
        let items = items(inside, count);
        all.push(Item::Group { items, many });
        rest = after;
    }
    if !rest.is_empty() {
        all.push(Item::Sign(rest));
    }
    all
}

/// How many fields a pattern has.
#[cfg(test)]
pub fn fields_of(pattern: &str) -> usize {
    let mut count = 0;
    items(pattern, &mut count);
    count
}

struct Overlay<'a> {
    defs: &'a [Def],
    line: &'a str,
    end: usize,
    hits: Hits,
    best: Option<(Hits, usize)>,
    steps: usize,
}

/// None if not even the pattern's opening words are there.
pub fn lay(pattern: &str, defs: &[Def], line: &str, range: Range<usize>) -> Option<Laid> {
    let items = items(pattern, &mut 0);
    let mut overlay = Overlay {
        defs,
        line,
        end: range.end,
        hits: Vec::new(),
        best: None,
        steps: 0,
    };
    let items: Vec<&Item> = items.iter().collect();
    if overlay.go(&items, range.start) {
        return Some(Laid::Whole(overlay.hits));
    }
    let opening = match items.first() {
        Some(Item::Sign(sign)) => sign.trim().len(),
        _ => 0,
    };
    // Few letters open many lines.
    let (hits, at) = overlay
        .best
        .filter(|(hits, _)| !hits.is_empty() && opening >= 3)?;
    Some(Laid::Part(hits, at))
}

impl Overlay<'_> {
    fn rest(&self, at: usize) -> &str {
        self.line.get(at..self.end).unwrap_or_default()
    }

    fn reached(&mut self, at: usize) {
        if self.best.as_ref().is_none_or(|(_, best)| at > *best) {
            self.best = Some((self.hits.clone(), at));
        }
    }

    fn go(&mut self, items: &[&Item], at: usize) -> bool {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return false;
        }
        let Some((first, others)) = items.split_first() else {
            return self.rest(at).trim().is_empty();
        };
        match first {
            Item::Sign(sign) => match sign_length(sign, self.rest(at)) {
                Some(length) => {
                    self.reached(at + length);
                    self.go(others, at + length)
                }
                None => false,
            },
            Item::Group { items, many } => {
                let mut inside: Vec<&Item> = items.iter().collect();
                if *many {
                    inside.push(first);
                }
                inside.extend(others);
                let kept = self.hits.len();
                if self.go(&inside, at) {
                    return true;
                }
                self.hits.truncate(kept);
                self.go(others, at)
            }
            Item::Field(index) => self.field(*index, others, at),
        }
    }

    fn field(&mut self, index: usize, others: &[&Item], at: usize) -> bool {
        let Some(def) = self.defs.get(index) else {
            return false;
        };
        let kind = def.kind;
        let padding = match kind {
            Kind::Word | Kind::Text => 0,
            _ => self.rest(at).len() - self.rest(at).trim_start_matches(' ').len(),
        };
        let from = at + padding;
        if let Some(length) = figure_length(kind, self.rest(from)) {
            self.hits.push((index, from..from + length));
            self.reached(from + length);
            if self.go(others, from + length) {
                return true;
            }
            self.hits.pop();
            return false;
        }
        if !matches!(kind, Kind::Word | Kind::Text) || self.rest(from).starts_with(' ') {
            return false;
        }
        let mut end = from;
        while let Some(next) = self.rest(end).chars().next() {
            if kind == Kind::Word && next.is_whitespace() {
                return false;
            }
            end += next.len_utf8();
            // A word that ends in a space has not ended.
            if next == ' ' {
                continue;
            }
            let kept = self.hits.len();
            self.hits.push((index, from..end));
            if self.go(others, end) {
                return true;
            }
            self.hits.truncate(kept);
            if self.steps > MOST_STEPS {
                return false;
            }
        }
        false
    }
}

/// Bytes that the pattern's words and signs take at the start of `rest`.
fn sign_length(sign: &str, rest: &str) -> Option<usize> {
    let mut at = 0;
    for wanted in sign.chars() {
        let here = rest.get(at..)?;
        if wanted == ' ' {
            let spaces = here.len() - here.trim_start_matches([' ', '\t']).len();
            if spaces == 0 {
                return None;
            }
            at += spaces;
        } else {
            here.strip_prefix(wanted)?;
            at += wanted.len_utf8();
        }
    }
    Some(at)
}

/// Bytes of the figure at the start of `rest`; None also for kinds that are no figures.
fn figure_length(kind: Kind, rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let digits =
        |from: usize| -> usize { bytes.iter().skip(from).take_while(|b| b.is_ascii_digit()).count() };
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    match kind {
        Kind::Int => Some(sign + digits(sign)).filter(|length| *length > sign),
        Kind::Hex => {
            let hex = rest.strip_prefix("0x")?;
            let length = hex.bytes().take_while(u8::is_ascii_hexdigit).count();
            (length > 0).then_some(length + 2)
        }
        Kind::Num => {
            for special in ["NaN", "+Inf", "-Inf", "nan", "inf", "-nan", "-inf"] {
                if rest.starts_with(special) {
                    return Some(special.len());
                }
            }
            let whole = digits(sign);
            if whole == 0 {
                return None;
            }
            let mut end = sign + whole;
            if matches!(bytes.get(end), Some(b'.' | b',')) && digits(end + 1) > 0 {
                end += 1 + digits(end + 1);
            }
            if bytes.get(end) == Some(&b'e') {
                let power = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
                if digits(power) > 0 {
                    end = power + digits(power);
                }
            }
            Some(end)
        }
        Kind::Size => {
            let end = figure_length(Kind::Num, rest)?;
            matches!(bytes.get(end), Some(b'B' | b'K' | b'M' | b'G' | b'T')).then_some(end + 1)
        }
        Kind::Word | Kind::Text => None,
    }
}
