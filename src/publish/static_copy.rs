//! A copy of a report that may be committed: charts drawn, scripts gone, so that it holds no third-party code.
//!
//! Made from the DOM of the page at `#all`, which has `data-drawn="all"` on its root element once every chart is there.

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotStatic {
    #[error("the browser did not draw every chart of the page in time")]
    NotDrawn,
    #[error("an element <{0}> has no end")]
    Unclosed(&'static str),
}

/// The DOM of a drawn page without any script element, and without the notes for readers who have scripts off: the charts are there.
///
/// # Errors
/// Where the page was not drawn in full, or a script has no end.
pub fn static_copy(dom: &str) -> Result<String, NotStatic> {
    if !root_tag(dom).contains("data-drawn=\"all\"") {
        return Err(NotStatic::NotDrawn);
    }
    let copy = strip(dom, "script")?;
    let copy = strip(&copy, "noscript")?;
    let mut copy = copy.trim_end().to_owned();
    copy.push('\n');
    Ok(copy)
}

fn root_tag(dom: &str) -> &str {
    let Some(start) = find_tag(dom, 0, "<html") else {
        return "";
    };
    let end = dom[start..].find('>').map_or(dom.len(), |e| start + e);
    &dom[start..end]
}

/// Leaves out every element of that name, which must not nest; text inside is raw, as a browser treats it.
fn strip(html: &str, name: &'static str) -> Result<String, NotStatic> {
    let (open, close) = (format!("<{name}"), format!("</{name}"));
    let mut kept = String::with_capacity(html.len());
    let mut at = 0;
    while let Some(start) = find_tag(html, at, &open) {
        kept.push_str(&html[at..start]);
        let end = find_tag(html, start, &close).ok_or(NotStatic::Unclosed(name))?;
        at = end + html[end..].find('>').ok_or(NotStatic::Unclosed(name))? + 1;
    }
    kept.push_str(&html[at..]);
    Ok(kept)
}

/// Position of `tag` at or after `from`, in any case, followed by what ends a tag's name.
fn find_tag(html: &str, from: usize, tag: &str) -> Option<usize> {
    let bytes = html.as_bytes();
    let tag = tag.as_bytes();
    (from..bytes.len().saturating_sub(tag.len())).find(|at| {
        bytes[*at] == b'<'
            && bytes[*at..*at + tag.len()].eq_ignore_ascii_case(tag)
            && matches!(
                bytes[*at + tag.len()],
                b'>' | b'/' | b' ' | b'\t' | b'\n' | b'\r' | 0x0c
            )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &str) -> String {
        format!("<!DOCTYPE html><html lang=\"en\" data-drawn=\"all\"><body>{body}</body></html>")
    }

    #[test]
    fn every_script_goes_and_everything_else_stays() {
        let dom = page(
            "<p>a</p><script>if (1 < 2) { \"</p>\" }</script><svg></svg><SCRIPT type=x>y</SCRIPT ><p>b</p>",
        );
        let copy = static_copy(&dom).unwrap();
        assert_eq!(copy, format!("{}\n", page("<p>a</p><svg></svg><p>b</p>")));
    }

    #[test]
    fn notes_for_readers_without_scripts_go_too() {
        let copy = static_copy(&page("<noscript>charts need a script</noscript><p>x</p>")).unwrap();
        assert!(!copy.contains("need a script") && copy.contains("<p>x</p>"));
    }

    #[test]
    fn text_that_only_looks_like_a_script_stays() {
        let copy = static_copy(&page("<p>&lt;script&gt;</p><scripted>z</scripted>")).unwrap();
        assert!(copy.contains("&lt;script&gt;") && copy.contains("<scripted>z"));
    }

    #[test]
    fn a_page_that_is_not_drawn_is_refused() {
        assert_eq!(
            static_copy("<html><script></script></html>"),
            Err(NotStatic::NotDrawn)
        );
        let claims = "<html><p>data-drawn=\"all\"</p></html>";
        assert_eq!(static_copy(claims), Err(NotStatic::NotDrawn));
    }

    #[test]
    fn a_script_without_an_end_is_refused_not_kept() {
        assert_eq!(
            static_copy(&page("<script>alert(1)")),
            Err(NotStatic::Unclosed("script"))
        );
    }
}
