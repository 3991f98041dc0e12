//! Claims about a runtime's own source: where its lines stand in the toolchain that is installed.

use std::path::{Path, PathBuf};

use crate::artifact::ledger::{Questions, Seen, Test};
use crate::plan::Runners;

/// Notes for each such claim which lines were found, or why it means nothing here.
pub fn take(questions: &mut Questions, runners: &Runners) {
    for question in questions.rows.iter_mut().flat_map(|row| &mut row.questions) {
        let Test::Tour {
            collector,
            file,
            finds,
            seen,
        } = &mut question.test
        else {
            continue;
        };
        let read = match runners.get(collector) {
            Some(Ok(at)) => source(Path::new(&at.program), file).map(|text| Seen {
                version: at.version.clone(),
                lines: lines(&text, finds),
            }),
            Some(Err(reason)) => Err(reason.clone()),
            None => Err(format!("{collector} has no toolchain here")),
        };
        match read {
            Ok(found) => *seen = Some(found),
            Err(reason) => question.unfit = Some(reason),
        }
    }
}

/// The file below the `src` that lies beside the program's `bin`. A distribution may have left it out.
fn source(program: &Path, file: &str) -> Result<String, String> {
    let program = program.canonicalize().unwrap_or_else(|_| program.to_owned());
    let root = program.parent().and_then(Path::parent).map(Path::to_owned);
    let path: PathBuf = root.unwrap_or_default().join("src").join(file);
    std::fs::read_to_string(&path).map_err(|e| format!("its source is not installed ({file}: {e})"))
}

/// Line numbers of the first lines that have the pieces, one after the other, as far as they are found; what stands behind `//` is no statement, and
/// does not count. Where the first begins a function, the search ends with it: at a line that is a closing brace alone.
fn lines(text: &str, finds: &[String]) -> Vec<u32> {
    let mut found: Vec<u32> = Vec::new();
    let in_function = finds.first().is_some_and(|first| first.starts_with("func "));
    for (number, line) in (1..).zip(text.lines()) {
        if in_function && !found.is_empty() && line == "}" {
            break;
        }
        let code = line.split("//").next().unwrap_or_default();
        if finds.get(found.len()).is_some_and(|piece| code.contains(piece)) {
            found.push(number);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str =
        "package p\n// one(\nfunc a() { // two(\n\tone()\n\ttwo()\n}\n\nfunc b() {\n\tthree()\n}\n";

    fn toured(finds: &[&str]) -> Vec<u32> {
        let finds: Vec<String> = finds.iter().map(|f| (*f).to_owned()).collect();
        lines(SOURCE, &finds)
    }

    #[test]
    fn lines_are_found_in_order_and_inside_the_function_that_the_first_begins() {
        assert_eq!(toured(&["func a(", "one(", "two("]), [3, 4, 5]);
        assert_eq!(toured(&["func a(", "two(", "one("]), [3, 5]);
        assert_eq!(toured(&["func a(", "three("]), [3], "it is in another function");
        assert_eq!(toured(&["one(", "three("]), [4, 9]);
        assert_eq!(toured(&["four("]), [] as [u32; 0]);
    }

    #[test]
    fn a_source_that_is_not_there_is_told() {
        let error = source(Path::new("/nowhere/bin/go"), "runtime/mgc.go").unwrap_err();
        assert!(error.contains("runtime/mgc.go"), "{error}");
    }
}
