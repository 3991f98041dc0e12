//! Names that a person typed, and the known ones.

/// The known name closest to what was typed, if it is close at all: fewest typing mistakes first (a swap of neighbours is one), then the
/// most that is alike from the beginning.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| {
            (
                strsim::osa_distance(typed, name),
                strsim::jaro_winkler(typed, name),
                name,
            )
        })
        .filter(|(mistakes, alike, _)| *mistakes <= 1 || *alike > 0.7)
        .min_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)))
        .map(|(_, _, name)| name)
}

/// "unknown collector `gi`: did you mean `g1`? Known: epsilon, g1, go".
pub fn unknown<'a>(what: &str, typed: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let hint =
        nearest(typed, known.iter().copied()).map_or(String::new(), |n| format!(" did you mean `{n}`?"));
    format!("unknown {what} `{typed}`:{hint} Known: {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_the_one_with_the_fewest_mistakes() {
        let collectors = ["go", "go-gogc50", "g1", "g1-20ms", "zgc", "shenandoah"];
        for (typed, meant) in [
            ("g1-2ms", "g1-20ms"),
            ("gp", "go"),
            ("zgx", "zgc"),
            ("shenandoa", "shenandoah"),
            ("g1-20", "g1-20ms"),
        ] {
            assert_eq!(nearest(typed, collectors), Some(meant), "{typed}");
        }
        assert_eq!(nearest("quikc", ["full", "quick", "smoke"]), Some("quick"));
        assert_eq!(nearest("parallelism", ["go", "g1"]), None);
    }
}
