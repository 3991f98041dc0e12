//! From the view to one HTML file that needs nothing else: templates, style sheet, script and the chart library inside.

use std::io::Write;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tera::{Context, Tera};

use super::ReportError;

/// Names end in `.html`, which is what switches escaping on.
const TEMPLATES: [(&str, &str); 8] = [
    ("report.html", include_str!("../../templates/report.html")),
    ("summary.html", include_str!("../../templates/summary.html")),
    ("section.html", include_str!("../../templates/section.html")),
    ("figure.html", include_str!("../../templates/figure.html")),
    ("precision.html", include_str!("../../templates/precision.html")),
    ("appendix.html", include_str!("../../templates/appendix.html")),
    ("parts.html", include_str!("../../templates/parts.html")),
    super::ledger::ROWS,
];
pub(super) const STYLE: &str = include_str!("../../templates/report.css");
pub(super) const SCRIPT: &str = include_str!("../../templates/report.js");

/// The page for a view.
///
/// # Errors
/// Where a template does not fit the view, or the chart library cannot be packed.
pub fn page(view: &Value) -> Result<String, ReportError> {
    let mut tera = Tera::new();
    tera.add_raw_templates(TEMPLATES)?;
    let mut context = Context::from_serialize(&with_scripts(view)?)?;
    context.insert("style", &format!("{STYLE}{}", super::ledger::MORE_STYLE));
    context.insert("script", SCRIPT);
    context.insert("library", packed_library()?);
    Ok(tera.render("report.html", &context)?)
}

/// The view with each panel's specification (`spec`) as the text of its script element. Specifications are most of a view: none is copied.
fn with_scripts(view: &Value) -> Result<Value, ReportError> {
    Ok(match view {
        Value::Object(fields) => {
            let text = |(name, value): (&String, &Value)| {
                let value = match name.as_str() {
                    "spec" => Value::String(script_json(value)?),
                    _ => with_scripts(value)?,
                };
                Ok((name.clone(), value))
            };
            Value::Object(fields.iter().map(text).collect::<Result<_, ReportError>>()?)
        }
        Value::Array(items) => Value::Array(items.iter().map(with_scripts).collect::<Result<_, _>>()?),
        other => other.clone(),
    })
}

/// JSON that neither ends nor comments out the script element it stands in.
pub fn script_json(value: &Value) -> Result<String, ReportError> {
    // `<` occurs in JSON only inside strings, where the escape means the same: this covers `</`, `<!--` and `<script`.
    Ok(serde_json::to_string(value)?.replace('<', "\\u003c"))
}

/// plotly.js as the crate ships it, without MathJax: gzip, base64.
pub(super) fn packed_library() -> Result<&'static str, ReportError> {
    static PACKED: OnceLock<Option<String>> = OnceLock::new();
    PACKED
        .get_or_init(|| {
            let sources = plotly::Plot::offline_js_sources();
            pack(first_script(&sources)?)
        })
        .as_deref()
        .ok_or(ReportError::Library)
}

/// The text of the first script element.
fn first_script(html: &str) -> Option<&str> {
    let open = html.find("<script")?;
    let start = open + html[open..].find('>')? + 1;
    let end = start + html[start..].find("</script>")?;
    Some(&html[start..end])
}

/// The gzip header carries no time: same library, same bytes.
fn pack(text: &str) -> Option<String> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).ok()?;
    Some(STANDARD.encode(encoder.finish().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_cannot_end_its_script_element() {
        let value = serde_json::json!({ "name": "</script><!--<script>" });
        let text = script_json(&value).unwrap();
        assert!(!text.contains('<'));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn the_chart_library_is_the_first_script_alone() {
        let sources = plotly::Plot::offline_js_sources();
        let library = first_script(&sources).unwrap();
        assert!(library.contains("plotly.js v"));
        assert!(!library.contains("MathJax.loader") && library.len() > 1 << 20);
        assert!(sources.len() - library.len() > 1 << 20, "MathJax is left behind");
    }

    #[test]
    fn packing_is_deterministic_and_reversible() {
        use std::io::Read;
        let packed = pack("text of a library").unwrap();
        assert_eq!(packed, pack("text of a library").unwrap());
        let mut text = String::new();
        flate2::read::GzDecoder::new(&STANDARD.decode(packed).unwrap()[..])
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "text of a library");
    }
}
