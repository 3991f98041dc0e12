//! Numbers to text. The only place of the program where a number gets a unit, digits or a separator.
//!
//! Three significant digits; a value and its interval share one unit. What is not finite is a dash.

use crate::artifact::analysis::Estimate;
use crate::artifact::metric::{Metric, Unit};

/// Stands for "not to be had".
pub const NONE: &str = "–";
/// Between a number and its unit.
const SPACE: char = '\u{a0}';

/// A scale: numbers are divided by `size` and followed by `name`.
#[derive(Clone, Copy)]
struct Scale {
    size: f64,
    name: &'static str,
}

const fn scale(size: f64, name: &'static str) -> Scale {
    Scale { size, name }
}

const TIME: &[Scale] = &[
    scale(1e9, "s"),
    scale(1e6, "ms"),
    scale(1e3, "µs"),
    scale(1.0, "ns"),
];
const SIZE: &[Scale] = &[
    scale(1_099_511_627_776.0, "TiB"),
    scale(1_073_741_824.0, "GiB"),
    scale(1_048_576.0, "MiB"),
    scale(1_024.0, "KiB"),
    scale(1.0, "B"),
];
const SPEED: &[Scale] = &[
    scale(1_073_741_824.0, "GiB/s"),
    scale(1_048_576.0, "MiB/s"),
    scale(1_024.0, "KiB/s"),
    scale(1.0, "B/s"),
];
const RATE: &[Scale] = &[scale(1e6, "M/s"), scale(1e3, "k/s"), scale(1.0, "/s")];
const SHARE: &[Scale] = &[scale(0.01, "%")];
const TIMES: &[Scale] = &[scale(1.0, "×")];
const COUNT: &[Scale] = &[scale(1.0, "")];

/// How a metric's numbers are written: by its unit, but shares of a whole as percent.
fn scales(metric: &Metric) -> &'static [Scale] {
    match metric.unit {
        Unit::Ns => TIME,
        Unit::Bytes => SIZE,
        Unit::BytesPerSecond => SPEED,
        Unit::PerSecond => RATE,
        Unit::Count => COUNT,
        Unit::Ratio if metric.name.ends_with("_share") => SHARE,
        Unit::Ratio => TIMES,
    }
}

/// The largest scale that leaves at least one whole unit after rounding.
fn fitting(scales: &[Scale], value: f64) -> Scale {
    let rounded = round(value.abs());
    let mut fit = scale(1.0, "");
    for candidate in scales {
        fit = *candidate;
        // Rounding lifts 999.6 ms to 1 s, but must not push 1024 MiB below 1 GiB.
        if rounded.max(value.abs()) >= candidate.size {
            break;
        }
    }
    fit
}

/// To three significant digits.
fn round(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

/// Three significant digits, thousands separated, a real minus sign.
pub fn significant(value: f64) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let rounded = round(value);
    if rounded == 0.0 {
        return "0".to_owned();
    }
    let magnitude = rounded.abs().log10().floor() as i32;
    let text = if magnitude >= 3 {
        group(&format!("{:.0}", value.abs()))
    } else if magnitude < -5 {
        format!("{:.2e}", rounded.abs())
    } else {
        format!("{:.*}", (2 - magnitude).max(0) as usize, rounded.abs())
    };
    if value < 0.0 { format!("−{text}") } else { text }
}

/// Commas every three digits of a run of digits.
fn group(digits: &str) -> String {
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn join(number: &str, unit: &str) -> String {
    if unit.is_empty() || number == NONE {
        number.to_owned()
    } else if unit.starts_with('/') {
        format!("{number}{unit}")
    } else {
        format!("{number}{SPACE}{unit}")
    }
}

fn on(scales: &[Scale], value: f64) -> String {
    let scale = fitting(scales, value);
    let number = significant(value / scale.size);
    // Whole units below the smallest scale: 3 ns, not 3.00 ns.
    if scale.size == 1.0 && value.fract() == 0.0 && value.abs() < 1e3 && scale.name != "×" {
        return join(&count(value), scale.name);
    }
    join(&number, scale.name)
}

/// A duration in ns.
pub fn ns(value: f64) -> String {
    on(TIME, value)
}

/// A size in bytes; a whole number of a unit is exact and keeps no zeros: `64 MiB`.
pub fn bytes(value: f64) -> String {
    let scale = fitting(SIZE, value);
    let units = value / scale.size;
    if units.fract() == 0.0 {
        return join(&count(units), scale.name);
    }
    on(SIZE, value)
}

/// `1.31 ×`
pub fn times(value: f64) -> String {
    on(TIMES, value)
}

/// A share of a whole, 0..1, in percent.
pub fn share(value: f64) -> String {
    on(SHARE, value)
}

/// Operations per second.
pub fn rate(value: f64) -> String {
    on(RATE, value)
}

/// A whole number with separators.
pub fn count(value: f64) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let text = group(&format!("{:.0}", value.abs()));
    if value < 0.0 && text != "0" {
        format!("−{text}")
    } else {
        text
    }
}

/// A number of things: `1 run`, `3 runs`.
pub fn things(n: usize, thing: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{}{SPACE}{thing}{plural}", count(n as f64))
}

/// A confidence level 0..1: `95 %`, `99.17 %`.
pub fn level(level: f64) -> String {
    percent((level * 1e4).round() / 1e4)
}

/// A quantile 0..1 as percent, with as many digits as it needs: `50 %`, `99.999 %`.
pub fn percent(level: f64) -> String {
    if !level.is_finite() {
        return NONE.to_owned();
    }
    let text = format!("{:.5}", level * 100.0);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}{SPACE}%")
}

/// The first letter large, unless it begins a symbol such as p99.
pub fn sentence_case(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if !letters.as_str().starts_with(|c: char| c.is_ascii_digit()) => {
            first.to_uppercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

/// `p99.9`
pub fn quantile(q: f64) -> String {
    format!("p{}", percent(q).trim_end_matches('%').trim_end())
}

/// A value of that metric.
pub fn value(metric: &Metric, value: f64) -> String {
    on(scales(metric), value)
}

/// Median, and its interval in the same unit.
pub fn estimate(metric: &Metric, estimate: &Estimate) -> (String, String) {
    let scale = fitting(scales(metric), estimate.median);
    let text = value(metric, estimate.median);
    let at = |v: f64| {
        let number = significant(v / scale.size);
        if metric.unit == Unit::Count {
            count(v)
        } else {
            number
        }
    };
    (text, range(at(estimate.lo), at(estimate.hi)))
}

/// Bounds of a ratio's interval: `0.41–0.55`.
pub fn bounds(lo: f64, hi: f64) -> String {
    range(significant(lo), significant(hi))
}

fn range(lo: String, hi: String) -> String {
    if lo.starts_with('−') || hi.starts_with('−') {
        format!("{lo} to {hi}")
    } else {
        format!("{lo}–{hi}")
    }
}

/// `5`, or `3–5` where two ends differ.
pub fn span(lo: u32, hi: u32) -> String {
    if lo == hi {
        lo.to_string()
    } else {
        format!("{lo}–{hi}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::metric::metric;

    #[test]
    fn three_significant_digits_and_the_unit_that_fits_after_rounding() {
        assert_eq!(ns(412.0), "412\u{a0}ns");
        assert_eq!(ns(3.0), "3\u{a0}ns");
        assert_eq!(ns(8_314.0), "8.31\u{a0}µs");
        assert_eq!(ns(999_999.0), "1.00\u{a0}ms");
        assert_eq!(ns(12_340_000.0), "12.3\u{a0}ms");
        assert_eq!(ns(184.2e9), "184\u{a0}s");
        assert_eq!(bytes(1_610_612_736.0), "1.50\u{a0}GiB");
        assert_eq!(bytes(1_073_741_824.0), "1\u{a0}GiB");
        assert_eq!(sentence_case("longest stop"), "Longest stop");
        assert_eq!(sentence_case("p99 of it"), "p99 of it");
        assert_eq!(bytes(67_108_864.0), "64\u{a0}MiB");
        assert_eq!(rate(12_345.0), "12.3\u{a0}k/s");
        assert_eq!(rate(7.0), "7/s");
        assert_eq!(share(0.1234), "12.3\u{a0}%");
        assert_eq!(times(0.4118), "0.412\u{a0}×");
    }

    #[test]
    fn what_is_not_finite_is_a_dash_and_never_a_number() {
        for text in [
            ns(f64::NAN),
            bytes(f64::INFINITY),
            times(f64::NAN),
            count(f64::NAN),
        ] {
            assert_eq!(text, NONE);
        }
    }

    #[test]
    fn zero_negative_tiny_and_huge() {
        assert_eq!(significant(0.0), "0");
        assert_eq!(significant(-0.01234), "−0.0123");
        assert_eq!(significant(1_234_567.0), "1,234,567");
        assert_eq!(significant(0.000_000_123), "1.23e-7");
        assert_eq!(count(-1234.0), "−1,234");
    }

    #[test]
    fn an_interval_shares_the_unit_of_its_median() {
        let metric = metric("pause_max_ns").unwrap();
        let estimate = Estimate {
            median: 1.2e6,
            lo: 0.9e6,
            hi: 1.5e6,
            n: 5,
            values: vec![],
        };
        let (value, interval) = super::estimate(metric, &estimate);
        assert_eq!(
            (value.as_str(), interval.as_str()),
            ("1.20\u{a0}ms", "0.900–1.50")
        );
        assert_eq!(bounds(-0.1, 0.2), "−0.100 to 0.200");
    }

    #[test]
    fn levels_keep_the_digits_they_need() {
        assert_eq!(percent(0.95), "95\u{a0}%");
        assert_eq!(level(1.0 - 0.05 / 6.0), "99.17\u{a0}%");
        assert_eq!(percent(0.99999), "99.999\u{a0}%");
        assert_eq!(quantile(0.999), "p99.9");
    }
}
