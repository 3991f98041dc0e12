//! How a mistake in a definition, or in a name that a person typed, is shown.

use std::path::Path;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// File, line, column, the line itself and a caret under the mistake.
pub fn render(path: &Path, text: &str, error: &toml::de::Error) -> String {
    let message = error.message();
    let span = error.span().unwrap_or(0..0);
    let start = span.start.min(text.len());
    let end = span.end.clamp(start, text.len());
    let report = Level::ERROR.primary_title(message).element(
        Snippet::source(text)
            .path(path.display().to_string())
            .annotation(AnnotationKind::Primary.span(start..end).label("here")),
    );
    Renderer::plain().render(&[report]).to_string()
}
