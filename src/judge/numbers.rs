//! Numbers inside the sentences of verdict.json, where the text is data: three significant digits and a unit.

use crate::artifact::metric::{Unit, metric};

/// A value of the named metric.
pub(super) fn of_metric(name: &str, value: f64) -> String {
    match metric(name).map(|m| m.unit) {
        Some(Unit::Ns) => duration(value),
        Some(Unit::Bytes) => bytes(value),
        Some(Unit::BytesPerSecond) => format!("{}/s", bytes(value)),
        Some(Unit::PerSecond) => format!("{}/s", digits(value)),
        Some(Unit::Count) | None => digits(value),
        Some(Unit::Ratio) if name.ends_with("share") => format!("{} %", digits(value * 100.0)),
        Some(Unit::Ratio) => digits(value),
    }
}

/// Nanoseconds.
pub(super) fn duration(ns: f64) -> String {
    let (divisor, unit) = match ns {
        _ if ns >= 1e9 => (1e9, "s"),
        _ if ns >= 1e6 => (1e6, "ms"),
        _ if ns >= 1e3 => (1e3, "us"),
        _ => (1.0, "ns"),
    };
    format!("{} {unit}", digits(ns / divisor))
}

pub(super) fn bytes(bytes: f64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let power = UNITS.len() - 1;
    let step = (0..power)
        .find(|i| bytes.abs() < 1024_f64.powi(*i as i32 + 1))
        .unwrap_or(power);
    format!("{} {}", digits(bytes / 1024_f64.powi(step as i32)), UNITS[step])
}

/// Three significant digits; whole numbers from 100 on.
pub(super) fn digits(value: f64) -> String {
    let size = value.abs();
    let decimals = match size {
        _ if size >= 99.95 || size == 0.0 => 0,
        _ if size >= 9.995 => 1,
        _ if size >= 0.9995 => 2,
        _ => 3,
    };
    let text = format!("{value:.decimals$}");
    let short = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    match short {
        // What is too small for the decimals has no sign either.
        "-0" => "0".to_owned(),
        _ => short.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_are_kept_and_nothing_has_no_sign() {
        assert_eq!(digits(0.0314), "0.031");
        assert_eq!(digits(-12.34), "-12.3");
        assert_eq!(digits(-0.0001), "0");
        assert_eq!(digits(-0.0), "0");
    }
}
