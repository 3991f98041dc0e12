//! Whatever a person calls a cell or a collector comes out as it went in.

use proptest::prelude::*;

use gcrucible::expose::text;

use super::scrape::series;
use super::{prometheus, told};

/// Any text, with more of what is special than chance would give.
fn names() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![
        '"', '\\', '\n', 'n', '{', '}', '=', ',', ' ', '#', '\r', '\t', '\u{2028}',
    ]);
    let one = prop_oneof![special, any::<char>()];
    prop::collection::vec(one, 0..24).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn any_label_value_comes_out_as_it_went_in(collector in names(), cell in names()) {
        let plain = text::of(told::board("x", "a").snapshot()).unwrap();
        let text = text::of(told::board(&collector, &cell).snapshot()).unwrap();
        prop_assert_eq!(text.split('\n').count(), plain.split('\n').count());
        let (all, expected) = (series(&text), series(&plain));
        prop_assert_eq!(all.len(), expected.len());
        for ((name, labels), value) in expected {
            let renamed = labels.into_iter().map(|(label, value)| {
                let value = match value.as_str() {
                    "x" => collector.clone(),
                    "a" => cell.clone(),
                    _ => value,
                };
                (label, value)
            });
            prop_assert_eq!(all.get(&(name, renamed.collect())), Some(&value));
        }
    }
}

#[test]
fn promtool_takes_names_of_every_kind() {
    let Some(promtool) = prometheus::tool("promtool") else {
        return;
    };
    let every: String = (1..=0x2ff).filter_map(char::from_u32).collect();
    for (collector, cell) in [
        ("x", "a"),
        ("", ""),
        ("\\", "\""),
        ("\n", "\r\n"),
        ("\\n", "} 1\n# EOF\n"),
        ("x", every.as_str()),
        ("nothing: \0", "a"),
        ("\u{fffd}\u{10ffff}", "\u{2028}\u{feff}🦀"),
    ] {
        let text = text::of(told::board(collector, cell).snapshot()).unwrap();
        prometheus::parses(&promtool, &text);
    }
}

#[test]
fn promtool_refuses_what_is_no_openmetrics() {
    let Some(promtool) = prometheus::tool("promtool") else {
        return;
    };
    let text = text::of(told::board("x", "a").snapshot()).unwrap();
    for broken in [
        text.replace("# EOF\n", ""),
        text.replace("cell=\"a\"", "cell=\"a\"\""),
        text.replace("# UNIT", "# UNITS"),
    ] {
        let found = std::panic::catch_unwind(|| prometheus::parses(&promtool, &broken));
        assert!(found.is_err(), "promtool would take anything");
    }
}

#[test]
fn a_board_without_a_plan_is_valid_too() {
    let text = text::of(gcrucible::expose::Board::default().snapshot()).unwrap();
    let names: Vec<String> = series(&text).into_keys().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["gcrucible_scrapes_total", "gcrucible_serving_cpu_seconds_total"]
    );
    if let Some(promtool) = prometheus::tool("promtool") {
        prometheus::parses(&promtool, &text);
    }
}

#[test]
fn the_buckets_of_a_histogram_add_up_to_all_pauses_and_end_in_infinity() {
    let all = series(&text::of(told::board("x", "a").snapshot()).unwrap());
    let of = |part: &str| {
        let name = format!("gcrucible_gc_pause_seconds_{part}");
        all.iter().filter(move |((n, _), _)| *n == name)
    };
    let mut buckets: Vec<(f64, f64)> = of("bucket")
        .map(|((_, labels), count)| (labels["le"].parse().unwrap(), *count))
        .collect();
    buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert!(buckets.is_sorted_by(|a, b| a.1 <= b.1), "{buckets:?}");
    assert_eq!(buckets[..2], [(10e-6, 0.0), (25e-6, 3.0)]);
    let count: Vec<f64> = of("count").map(|(_, n)| *n).collect();
    assert_eq!(
        (buckets.last(), &count[..]),
        (Some(&(f64::INFINITY, 4.0)), &[4.0][..])
    );
    assert!(
        of("bucket").any(|((_, labels), _)| labels["le"] == "+Inf"),
        "as Prometheus writes it"
    );
    let sum: Vec<f64> = of("sum").map(|(_, n)| *n).collect();
    assert_eq!(sum, [2.00006]);
}
