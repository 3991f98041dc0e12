//! One line of a log with a name for everything in it, for a terminal.

use crate::artifact::line::{Field, NamedLine, Source};

/// The line, a ruler of letters under it, and what each letter stands for.
pub fn named(text: &str, line: &NamedLine) -> String {
    let mut out = format!("{}\n", line.what);
    if !line.printed_by.is_empty() {
        out += &format!("printed by {}\n", sources(&line.printed_by));
    }
    if let Some(note) = &line.note {
        out += &format!("{note}\n");
    }
    out += &format!("\n{text}\n");
    let width = |of: fn(&Field) -> usize| line.fields.iter().map(of).max().unwrap_or_default();
    let (words, names) = (
        width(|f| f.text.chars().count()),
        width(|f| f.name.chars().count()),
    );
    for field in &line.fields {
        let unit = if field.unit.is_empty() {
            String::new()
        } else {
            format!(" [{}]", field.unit)
        };
        out += &format!(
            "  {:<words$}  {:<names$} {}{unit}",
            field.text, field.name, field.meaning
        );
        if !field.set_by.is_empty() {
            out += &format!(" ({})", sources(&field.set_by));
        }
        out.push('\n');
    }
    for span in &line.not_named {
        out += &format!("  {:<words$}  not named\n", span.text);
    }
    out
}

/// `gcMarkTermination in runtime/mgc.go`
fn sources(sources: &[Source]) -> String {
    let each: Vec<String> = sources
        .iter()
        .map(|source| {
            let mut text = match &source.function {
                Some(function) => format!("{function} in {}", source.file),
                None => source.file.clone(),
            };
            if let Some(release) = &source.release {
                text += &format!(", {release}");
            }
            text
        })
        .collect();
    each.join("; ")
}
