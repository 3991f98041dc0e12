//! How a mistake in a definition, or in a name that a person typed, is shown.

use std::ops::Range;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// File, line, column, the line itself and a caret under the mistake.
pub fn render(path: &Path, text: &str, error: &toml::de::Error) -> String {
    show(path, text, error.span().unwrap_or(0..0), error.message())
}

/// As [`render`], for a mistake that a parser cannot know; `span` in bytes of the text.
pub fn show(path: &Path, text: &str, span: Range<usize>, message: &str) -> String {
    let start = span.start.min(text.len());
    let end = span.end.clamp(start, text.len());
    let report = Level::ERROR.primary_title(message).element(
        Snippet::source(text)
            .path(path.display().to_string())
            .annotation(AnnotationKind::Primary.span(start..end).label("here")),
    );
    Renderer::plain().render(&[report]).to_string()
}
