//! An explanation for a terminal.

use super::{figures, words};
use crate::artifact::explanation::Explanation;
use crate::artifact::finding::Finding;
use crate::report::format;

/// Columns of prose; figures stand on one line each, however long.
const WIDTH: usize = 100;

/// Bold where `colour` allows it, and nothing else that is not plain.
pub fn text(e: &Explanation, colour: bool) -> String {
    let bold = |text: &str| {
        if colour {
            format!("\x1b[1m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    };
    let mut out = String::new();
    for warning in figures::warnings(e) {
        out += &wrapped(&bold(&warning), "", "  ");
    }
    let verdict = figures::verdict(e);
    out += &format!("{}; {}\n\n", bold(&figures::headline(e)), bold(&verdict));
    rows(&mut out, &figures::subject(e));
    out.push('\n');
    rows(&mut out, &figures::figures(e));
    for (n, finding) in e.findings.iter().enumerate() {
        out.push('\n');
        tell(&mut out, e, n + 1, finding, &bold);
    }
    if !e.predictions.is_empty() {
        out += &format!("\n{}\n", bold("At other settings"));
        predictions(&mut out, e);
    }
    out += &format!("\n{}\n", bold("Looked for"));
    checks(&mut out, e);
    out.replace('\u{a0}', " ")
}

fn rows(out: &mut String, rows: &[figures::Row]) {
    for row in rows {
        let mut line = format!("{:<24} {}", row.name, row.value);
        if !row.note.is_empty() {
            line += &format!("  ({})", row.note);
        }
        *out += &wrapped(&line, "", "                         ");
    }
}

fn tell(out: &mut String, e: &Explanation, n: usize, finding: &Finding, bold: &dyn Fn(&str) -> String) {
    let head = format!(
        "{n}. {}: {}",
        bold(finding.fault.name()),
        words::facts(&finding.fault)
    );
    *out += &wrapped(&head, "", "   ");
    *out += &wrapped(&words::consequence(&finding.fault), "   ", "   ");
    for evidence in &finding.evidence {
        *out += &format!(
            "     {}  {}\n",
            e.place(evidence.place),
            words::evidence(evidence)
        );
    }
    for tried in &finding.tries {
        *out += &wrapped(
            &format!("try {}: {}", bold(&tried.setting), tried.why),
            "   ",
            "       ",
        );
    }
}

fn predictions(out: &mut String, e: &Explanation) {
    let text = |value: Option<String>| value.unwrap_or_else(|| format::NONE.to_owned());
    *out += &format!(
        "  {:<28} {:>10} {:>12} {:>10}\n",
        "setting", "cycles/s", "peak heap", "GC CPU"
    );
    for (at, p) in e.predictions.iter().enumerate() {
        let line = format!(
            "  {:<28} {:>10} {:>12} {:>10}",
            p.setting,
            text(p.cycles_per_s.map(format::significant)),
            text(p.peak_heap.map(words::bytes)),
            text(p.gc_cpu_share.map(format::share)),
        );
        *out += line.trim_end();
        out.push('\n');
        // What holds for several is said after the last of them.
        let next = e.predictions.get(at + 1);
        if !p.note.is_empty() && next.is_none_or(|next| next.note != p.note) {
            *out += &wrapped(&p.note, "      ", "      ");
        }
    }
}

fn checks(out: &mut String, e: &Explanation) {
    for check in &e.checks {
        let (found, threshold) = words::check(check);
        let sign = if check.exceeded { '!' } else { ' ' };
        *out += &format!(
            "{sign} {found:>9}  (a finding: {threshold:<11})  {}\n",
            check.name
        );
        if check.exceeded {
            *out += &wrapped(
                &format!("because {}", check.reason),
                "             ",
                "             ",
            );
        }
    }
}

/// Broken between words; a no-break space keeps a number with its unit.
fn wrapped(text: &str, first: &str, others: &str) -> String {
    let mut lines = String::from(first);
    let mut column = first.chars().count();
    let mut begun = false;
    for word in text.split(' ') {
        let length = word.chars().count();
        if begun && column + 1 + length > WIDTH {
            lines.push('\n');
            lines += others;
            column = others.len();
            begun = false;
        }
        if begun {
            lines.push(' ');
            column += 1;
        }
        lines += word;
        column += length;
        begun = true;
    }
    let mut kept: String = lines
        .lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect();
    if kept.is_empty() {
        kept.push('\n');
    }
    kept
}
