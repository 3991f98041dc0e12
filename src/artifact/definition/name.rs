//! Names that a person typed, and the known ones.

/// The known name closest to what was typed, if it is close at all.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(typed, name), name))
        .filter(|(score, _)| *score > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// "unknown collector `gi`: did you mean `g1`? Known: epsilon, g1, go".
pub fn unknown<'a>(what: &str, typed: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let hint =
        nearest(typed, known.iter().copied()).map_or(String::new(), |n| format!(" did you mean `{n}`?"));
    format!("unknown {what} `{typed}`:{hint} Known: {}", known.join(", "))
}
