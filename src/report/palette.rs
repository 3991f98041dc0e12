//! One colour and one symbol per collector, the same in every chart and key.
//!
//! The hues are those of Okabe and Ito ("Color Universal Design", 2008), shifted to a luminance at which each has a contrast of
//! at least 3 to both the light and the dark paper: so a drawn chart needs no second version. Symbols carry the same
//! distinction without colour.

use std::collections::BTreeMap;

use crate::artifact::plan::{Collector, Plan};

pub const HUES: [&str; 8] = [
    "#0b79bf", "#d55e00", "#0b9a72", "#c0649b", "#a47a00", "#7f6bd0", "#2f97a8", "#a8664b",
];
/// References (no collector) are not rivals: neutral.
const GREYS: [&str; 3] = ["#808488", "#99938b", "#6f7a80"];

/// plotly's name of a symbol, and its outline in a box of 12 x 12 for our own keys.
pub const SYMBOLS: [(&str, &str); 8] = [
    ("circle", "M6 2a4 4 0 1 0 0 8a4 4 0 1 0 0-8z"),
    ("square", "M2.5 2.5h7v7h-7z"),
    ("diamond", "M6 1L11 6L6 11L1 6z"),
    ("triangle-up", "M6 1.5L10.8 10H1.2z"),
    ("triangle-down", "M6 10.5L10.8 2H1.2z"),
    ("cross", "M4.3 1h3.4v3.3H11v3.4H7.7V11H4.3V7.7H1V4.3h3.3z"),
    (
        "x",
        "M3.6 1.2L6 3.6l2.4-2.4l2.4 2.4L8.4 6l2.4 2.4l-2.4 2.4L6 8.4l-2.4 2.4l-2.4-2.4L3.6 6L1.2 3.6z",
    ),
    ("pentagon", "M6 1L11 4.7L9.1 10.6H2.9L1 4.7z"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    pub colour: &'static str,
    pub symbol: &'static str,
    pub outline: &'static str,
}

/// Collector name -> style.
pub struct Palette(BTreeMap<String, Style>);

/// No collector to judge: a reference.
pub fn is_reference(collector: &Collector) -> bool {
    !collector.collects()
}

impl Palette {
    /// In the plan's order, which a suite fixes: a collector keeps its colour from run to run.
    pub fn new(plan: &Plan) -> Palette {
        let (mut hue, mut grey) = (0, 0);
        let mut styles = BTreeMap::new();
        for (i, collector) in plan.collectors.iter().enumerate() {
            let of = collector.setting_of.as_deref();
            let colour = if let Some(style) = of.and_then(|of| styles.get(of)) {
                // Settings of one collector are told apart by their symbols.
                let style: &Style = style;
                style.colour
            } else if is_reference(collector) {
                grey += 1;
                GREYS[(grey - 1) % GREYS.len()]
            } else {
                hue += 1;
                HUES[(hue - 1) % HUES.len()]
            };
            let (symbol, outline) = SYMBOLS[i % SYMBOLS.len()];
            styles.insert(
                collector.name.clone(),
                Style {
                    colour,
                    symbol,
                    outline,
                },
            );
        }
        Palette(styles)
    }

    /// Grey for a name that the plan does not know.
    pub fn of(&self, collector: &str) -> Style {
        self.0.get(collector).copied().unwrap_or(Style {
            colour: GREYS[0],
            symbol: SYMBOLS[0].0,
            outline: SYMBOLS[0].1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2 relative luminance.
    fn luminance(hex: &str) -> f64 {
        let channel = |at: usize| {
            let c = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_colour_stands_out_from_light_and_dark_paper() {
        for colour in HUES.iter().chain(&GREYS) {
            for paper in ["#ffffff", "#15181b"] {
                let found = contrast(colour, paper);
                assert!(found >= 3.0, "{colour} on {paper}: {found:.2}");
            }
        }
    }

    #[test]
    fn a_setting_has_the_colour_of_its_collector_and_takes_none_from_others() {
        let collector = |name: &str, of: Option<&str>| Collector {
            name: name.into(),
            label: String::new(),
            runtime: String::new(),
            version: String::new(),
            tags: vec![],
            log: String::new(),
            gc_threads: vec![],
            setting_of: of.map(str::to_owned),
            unavailable: None,
        };
        let plan = Plan {
            collectors: vec![
                collector("a", None),
                collector("a2", Some("a")),
                collector("b", None),
            ],
            ..Plan::default()
        };
        let palette = Palette::new(&plan);
        let (a, a2, b) = (palette.of("a"), palette.of("a2"), palette.of("b"));
        assert!(a.colour == a2.colour && a.symbol != a2.symbol && b.colour == HUES[1]);
    }

    #[test]
    fn colours_and_symbols_are_pairwise_different() {
        let colours: std::collections::BTreeSet<_> = HUES.iter().chain(&GREYS).collect();
        assert_eq!(colours.len(), HUES.len() + GREYS.len());
        let symbols: std::collections::BTreeSet<_> = SYMBOLS.iter().map(|s| s.0).collect();
        assert_eq!(symbols.len(), SYMBOLS.len());
    }
}
