//! How figures grow with the live payload: the laws as a table, and what they say of machines larger than this one.

use crate::artifact::growth::{Beyond, Growth, Law, Word};
use crate::artifact::metric::{Metric, metric};
use crate::artifact::plan::{Mode, Pair, Work};
use crate::artifact::unit::Bytes;
use crate::stats::{self, derive_seed};

use super::format;
use super::section::Group;
use super::source::Source;
use super::table::{Entry, Row, Table};

/// As many as for verdicts, with the same seeds: the same intervals.
const RESAMPLES: usize = 10_000;

/// An interval that reaches further than this many times from its middle says nothing, and its ends would only look like numbers.
const WIDEST: f64 = 1000.0;

/// Ends of an interval, as `text` writes them, or that there are none worth writing.
pub fn ends(value: f64, lo: f64, hi: f64, text: impl Fn(f64, f64) -> String) -> String {
    if hi / value <= WIDEST && value / lo <= WIDEST {
        text(lo, hi)
    } else {
        format!("over {} times either way", format::count(WIDEST))
    }
}

/// The law of one metric of one collector over a series; None where no run had a value.
pub fn of<'a>(source: &Source<'a>, series: &str, collector: &str, metric: &str) -> Option<&'a Growth> {
    let mut all = source.analysis.growths.iter();
    all.find(|g| g.series == series && g.collector == collector && g.metric == metric)
}

/// A row per series, metric and collector.
pub fn table(source: &Source) -> Table {
    let mut head: Vec<String> = ["series, metric, collector", "law", "exponent", "measured"]
        .map(str::to_owned)
        .into();
    head.extend(
        Law::REACH
            .iter()
            .map(|at| format!("at {}, not measured", size(*at))),
    );
    let mut rows = vec![];
    for growth in &source.analysis.growths {
        let Some(metric) = metric(&growth.metric) else {
            continue;
        };
        let mut cells = vec![
            words(growth),
            growth.law.as_ref().map_or_else(Entry::none, exponents),
            measured(growth),
        ];
        for at in Law::REACH {
            let found = growth.law.as_ref().and_then(|law| law.beyond_at(at));
            cells.push(found.map_or_else(Entry::none, |b| predicted(metric, b)));
        }
        rows.push(Row {
            head: format!("{}, {}", growth.series, growth.metric),
            note: growth.collector.clone(),
            cells,
        });
    }
    Table {
        caption: "figure = constant × payload^exponent, least squares in logarithms over every run, 95 % intervals; beyond what was measured where one further run \
                  would lie with 95 % if the law went on"
            .into(),
        head,
        rows,
    }
}

fn words(growth: &Growth) -> Entry {
    let Some(law) = &growth.law else {
        return Entry {
            text: "not known".into(),
            note: "fewer than three payloads of which every run has a figure above zero".into(),
            kind: "none",
            ..Entry::default()
        };
    };
    let power = |e: f64| format!("payload^{}", format::significant(e));
    let text = match (law.word, &law.bend) {
        (Word::Flat, _) => "flat".to_owned(),
        (Word::Grows, _) => format!("grows like {}", power(law.exponent.value)),
        (Word::Falls, _) => format!("falls like {}", power(law.exponent.value)),
        (Word::Breaks, Some(bend)) => format!(
            "breaks at {}: {}, then {}",
            size(bend.at),
            power(bend.before.value),
            power(bend.after.value)
        ),
        (Word::Breaks | Word::NotKnown, _) => "not known".to_owned(),
    };
    let note = if law.strays {
        "the payloads lie off the line by more than their runs scatter"
    } else {
        ""
    };
    Entry::prose(text).note(note)
}

fn exponents(law: &Law) -> Entry {
    let one =
        |e: &crate::artifact::tradeoff::Spread| (format::significant(e.value), format::bounds(e.lo, e.hi));
    let (value, interval) = match &law.bend {
        Some(bend) => {
            let ((before, first), (after, second)) = (one(&bend.before), one(&bend.after));
            (
                format!("{before}, then {after}"),
                format!("{first}, then {second}"),
            )
        }
        None => one(&law.exponent),
    };
    Entry::value(value).note(interval)
}

/// Which payloads the law rests on, and which it had to leave out.
fn measured(growth: &Growth) -> Entry {
    let counted: Vec<_> = growth.sizes.iter().filter(|s| s.counts()).collect();
    let left_out: Vec<String> = growth
        .sizes
        .iter()
        .filter(|s| !s.counts())
        .map(|s| {
            format!(
                "{} ({} of {} runs have none)",
                size(s.live),
                s.without,
                s.runs + s.without
            )
        })
        .collect();
    let runs: u32 = counted.iter().map(|s| s.runs).sum();
    let text = match (counted.first(), counted.last()) {
        (Some(first), Some(last)) if counted.len() > 1 => {
            format!("{} to {}", size(first.live), size(last.live))
        }
        (Some(only), _) => size(only.live),
        _ => format::NONE.to_owned(),
    };
    let mut note = format!("{}, n {runs}", format::things(counted.len(), "payload"));
    if !left_out.is_empty() {
        note += &format!("; without {}", left_out.join(", "));
    }
    Entry::prose(text).note(note)
}

fn predicted(metric: &Metric, at: &Beyond) -> Entry {
    let bounds = |lo, hi| format!("{} to {}", format::value(metric, lo), format::value(metric, hi));
    let ends = ends(at.value, at.lo, at.hi, bounds);
    Entry::value(format::value(metric, at.value)).note(format!("extrapolated: {ends}"))
}

fn size(bytes: Bytes) -> String {
    format::bytes(bytes.0 as f64)
}

/// For each pair, and each series of which both sides have figures, two sentences: who is ahead where it was measured, and what the growth of both would come to on
/// larger machines.
pub fn answers(source: &Source) -> Vec<Group> {
    let series = source.plan.series();
    let pairs = source.plan.pairs.iter().map(|pair| Group {
        head: format!("{} against {}", pair.a, pair.b),
        items: series
            .iter()
            .flat_map(|(name, works)| sentences(source, pair, name, works))
            .collect(),
    });
    pairs.filter(|group| !group.items.is_empty()).collect()
}

/// What a series is compared by, and its words.
fn headline(mode: Mode) -> (&'static str, &'static str) {
    match mode {
        Mode::Open => ("response_p999_ns", "p99.9 response"),
        Mode::Closed => ("pause_max_ns", "longest pause"),
    }
}

/// a / b with its interval, at one payload.
struct Ratio {
    live: Bytes,
    value: f64,
    lo: f64,
    hi: f64,
}

impl Ratio {
    fn text(&self) -> String {
        format!(
            "{} [{}]",
            format::times(self.value),
            ends(self.value, self.lo, self.hi, format::bounds)
        )
    }

    /// Which side the whole interval speaks for.
    fn ahead<'a>(&self, pair: &'a Pair) -> Option<&'a str> {
        if self.hi < 1.0 {
            Some(&pair.a)
        } else if self.lo > 1.0 {
            Some(&pair.b)
        } else {
            None
        }
    }
}

fn sentences(source: &Source, pair: &Pair, series: &str, works: &[&Work]) -> Vec<String> {
    let Some(mode) = works.first().map(|w| w.mode) else {
        return vec![];
    };
    let (metric, word) = headline(mode);
    let ratios: Vec<Ratio> = works
        .iter()
        .filter_map(|work| measured_ratio(source, pair, work, metric))
        .collect();
    if ratios.is_empty() {
        return vec![];
    }
    let each: Vec<String> = ratios
        .iter()
        .map(|r| format!("{} at {}", r.text(), size(r.live)))
        .collect();
    let first = format!(
        "{series}, {word}, as measured: {} / {} is {}; {}.",
        pair.a,
        pair.b,
        list(&each),
        who(pair, &ratios, "is", "at no payload is either ahead for sure")
    );
    let law = |name: &str| of(source, series, name, metric).and_then(|g| g.law.as_ref());
    let second = match (law(&pair.a), law(&pair.b)) {
        (Some(a), Some(b)) => beyond(pair, a, b),
        (a, _) => format!(
            "Nothing is said of larger machines: {} has no figure in every run at three payloads.",
            if a.is_none() { &pair.a } else { &pair.b }
        ),
    };
    vec![first, second]
}

fn measured_ratio(source: &Source, pair: &Pair, work: &Work, metric: &str) -> Option<Ratio> {
    let side = |name: &str| Some(&source.estimate(&work.id, name, metric)?.values[..]);
    let of = |name: &str, values| stats::Side {
        values,
        seed: derive_seed(source.plan.seed, &[&work.id, name, metric]),
    };
    let groups = [(of(&pair.a, side(&pair.a)?), of(&pair.b, side(&pair.b)?))];
    let ratio = stats::ratio_of_medians(&groups, RESAMPLES)?;
    let bounds = ratio.interval(Law::LEVEL);
    Some(Ratio {
        live: work.live,
        value: ratio.estimate(),
        lo: bounds.lo,
        hi: bounds.hi,
    })
}

/// The two predictions are of different processes, so that their distances add in squares, in logarithms.
fn predicted_ratio(a: &Beyond, b: &Beyond) -> Ratio {
    let (low, high) = (
        (a.value / a.lo).ln().hypot((b.hi / b.value).ln()),
        (a.hi / a.value).ln().hypot((b.value / b.lo).ln()),
    );
    let value = a.value / b.value;
    Ratio {
        live: a.live,
        value,
        lo: value * (-low).exp(),
        hi: value * high.exp(),
    }
}

fn beyond(pair: &Pair, a: &Law, b: &Law) -> String {
    let ratios: Vec<Ratio> = Law::REACH
        .iter()
        .filter_map(|at| Some(predicted_ratio(a.beyond_at(*at)?, b.beyond_at(*at)?)))
        .collect();
    let largest = |law: &Law| law.span().map_or(Bytes(0), |(_, to)| to);
    if ratios.is_empty() {
        return format!(
            "Nothing is extrapolated: {} was measured to {}, {} to {}.",
            pair.a,
            size(largest(a)),
            pair.b,
            size(largest(b))
        );
    }
    let each: Vec<String> = ratios
        .iter()
        .map(|r| format!("{} at {}", r.text(), size(r.live)))
        .collect();
    format!(
        "Extrapolated from {} ({}) and {} ({}), which is no measurement and no verdict, the ratio of two further runs would be {}: {}.",
        size(largest(a)),
        pair.a,
        size(largest(b)),
        pair.b,
        list(&each),
        who(
            pair,
            &ratios,
            "would be",
            "every interval holds 1, so that these runs do not say who would be ahead there"
        )
    )
}

/// "g1 is ahead at 2 GiB, go at 128 MiB and 512 MiB", or `nobody`.
fn who(pair: &Pair, ratios: &[Ratio], is: &str, nobody: &str) -> String {
    let at = |name: &str| -> Vec<String> {
        let mine = ratios.iter().filter(|r| r.ahead(pair) == Some(name));
        mine.map(|r| size(r.live)).collect()
    };
    let mut told: Vec<String> = [&pair.a, &pair.b]
        .into_iter()
        .map(|name| (name, at(name)))
        .filter(|(_, sizes)| !sizes.is_empty())
        .map(|(name, sizes)| format!("{name} {is} ahead at {}", list(&sizes)))
        .collect();
    if told.is_empty() {
        return nobody.to_owned();
    }
    let open: Vec<String> = ratios
        .iter()
        .filter(|r| r.ahead(pair).is_none())
        .map(|r| size(r.live))
        .collect();
    if !open.is_empty() {
        told.push(format!("nobody for sure at {}", list(&open)));
    }
    told.join(", ")
}

/// "x, y and z"
fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beyond(value: f64, lo: f64, hi: f64) -> Beyond {
        Beyond {
            live: Bytes(32 << 30),
            value,
            lo,
            hi,
        }
    }

    #[test]
    fn the_interval_of_a_ratio_is_that_of_both_sides() {
        let sure = beyond(4.0, 4.0, 4.0);
        let one = predicted_ratio(&beyond(8.0, 4.0, 16.0), &sure);
        for (found, wanted) in [(one.value, 2.0), (one.lo, 1.0), (one.hi, 4.0)] {
            assert!((found - wanted).abs() < 1e-9, "{found}");
        }
        let both = predicted_ratio(&beyond(8.0, 4.0, 16.0), &beyond(4.0, 2.0, 8.0));
        let reach = (2f64.ln() * 2f64.sqrt()).exp();
        assert!((both.hi / both.value - reach).abs() < 1e-9);
        assert!((both.value / both.lo - reach).abs() < 1e-9);
    }

    #[test]
    fn an_interval_of_many_orders_of_magnitude_is_called_that_and_not_printed() {
        assert_eq!(ends(2.0, 1.0, 4.0, format::bounds), "1.00–4.00");
        for (lo, hi) in [(1e-30, 4.0), (1.0, 1e40)] {
            assert_eq!(ends(2.0, lo, hi, format::bounds), "over 1,000 times either way");
        }
    }
}
