//! What a published file does not say: where the checkout was, whose home it lay in, what the machine is called.

use std::collections::BTreeSet;
use std::path::Path;

/// Begins every compressed HdrHistogram in base64: numbers, in which any letters may turn up.
const HISTOGRAM: &[u8] = b"HISTFAAA";

/// Words to be replaced, and by what.
#[derive(Clone, Debug, Default)]
pub struct Hide {
    /// Longest first, so that the checkout inside a home is the checkout.
    words: Vec<Word>,
    /// By first byte: is there a word that begins so?
    first: Vec<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Word {
    text: Vec<u8>,
    replacement: &'static [u8],
    /// A name stands alone on both sides; a path may follow anything, but ends where one of its parts ends.
    name: bool,
}

impl Hide {
    /// A folder: as given, as it is without links, and as both look in JSON. `/` and nothing are not hidden.
    pub fn path(&mut self, path: &Path, replacement: &'static str) {
        let mut spellings = BTreeSet::from([path.to_owned()]);
        spellings.extend(path.canonicalize());
        for path in spellings {
            let text = path.display().to_string();
            let text = text.trim_end_matches('/');
            if text.len() > 1 && text.starts_with('/') {
                self.add(text, replacement, false);
            }
        }
    }

    /// A machine's name, with and without its domain. `localhost` tells nobody anything.
    pub fn host(&mut self, name: &str) {
        for name in [Some(name), name.split('.').next()].into_iter().flatten() {
            if !name.is_empty() && name != "localhost" {
                self.add(name, "{host}", true);
            }
        }
    }

    fn add(&mut self, text: &str, replacement: &'static str, name: bool) {
        let quoted = serde_json::Value::from(text).to_string();
        for text in [text, quoted.trim_matches('"')] {
            let word = Word {
                text: text.as_bytes().to_vec(),
                replacement: replacement.as_bytes(),
                name,
            };
            if !self.words.iter().any(|w| w.text == word.text) {
                self.words.push(word);
            }
        }
        self.words
            .sort_by_key(|w| (std::cmp::Reverse(w.text.len()), w.clone()));
        self.first = vec![false; 256];
        for word in &self.words {
            self.first[usize::from(word.text[0])] = true;
        }
    }

    /// The bytes without those words. Histograms are left as they are.
    pub fn apply(&self, bytes: &[u8]) -> Vec<u8> {
        let mut kept = Vec::with_capacity(bytes.len());
        let mut from = 0;
        while let Some((at, word)) = self.next(bytes, from) {
            kept.extend_from_slice(&bytes[from..at]);
            kept.extend_from_slice(word.replacement);
            from = at + word.text.len();
        }
        kept.extend_from_slice(&bytes[from..]);
        kept
    }

    /// The first path that [`Hide::apply`] would replace. Not names: a word of the page may happen to be one.
    pub fn first_path_in(&self, bytes: &[u8]) -> Option<String> {
        let mut from = 0;
        while let Some((at, word)) = self.next(bytes, from) {
            if !word.name {
                return Some(String::from_utf8_lossy(&word.text).into_owned());
            }
            from = at + word.text.len();
        }
        None
    }

    /// Where the next word begins, at or after `at`.
    fn next(&self, bytes: &[u8], mut at: usize) -> Option<(usize, &Word)> {
        while at < bytes.len() {
            if bytes[at] == HISTOGRAM[0] && bytes[at..].starts_with(HISTOGRAM) {
                at += bytes[at..].iter().take_while(|b| is_base64(**b)).count();
                continue;
            }
            if let Some(word) = self.word_at(bytes, at) {
                return Some((at, word));
            }
            at += 1;
        }
        None
    }

    fn word_at(&self, bytes: &[u8], at: usize) -> Option<&Word> {
        if !self.first.get(usize::from(bytes[at])).is_some_and(|f| *f) {
            return None;
        }
        self.words.iter().find(|word| {
            let rest = &bytes[at..];
            rest.starts_with(&word.text) && {
                let rest = &rest[word.text.len()..];
                if word.name {
                    !at.checked_sub(1).is_some_and(|b| is_letter(bytes[b]))
                        && !rest.first().is_some_and(|b| is_letter(*b))
                } else {
                    ends_a_part(rest)
                }
            }
        })
    }
}

/// Is what follows no longer the name of the folder before it? A dot may end a sentence.
fn ends_a_part(rest: &[u8]) -> bool {
    let goes_on = |b: Option<&u8>| b.is_some_and(|b| is_letter(*b) || *b == b'-');
    match rest {
        [b'.', after @ ..] => !goes_on(after.first()),
        _ => !goes_on(rest.first()),
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hide() -> Hide {
        let mut hide = Hide::default();
        hide.path(Path::new("/home/ana"), "{home}");
        hide.path(Path::new("/home/ana/crucible"), "{project}");
        hide.host("vm.example.org");
        hide
    }

    fn applied(text: &str) -> String {
        String::from_utf8(hide().apply(text.as_bytes())).unwrap()
    }

    #[test]
    fn the_longest_path_wins_wherever_it_stands() {
        assert_eq!(
            applied("-I/home/ana/crucible/x file=\"/home/ana/crucible\":/home/ana/y."),
            "-I{project}/x file=\"{project}\":{home}/y."
        );
        assert_eq!(applied("in /home/ana."), "in {home}.");
    }

    #[test]
    fn a_longer_name_is_another_folder() {
        for text in [
            "/home/anabel/x",
            "/home/ana-old",
            "/home/ana.old/x",
            "/home/ana_2",
        ] {
            assert_eq!(applied(text), text);
        }
        assert_eq!(applied("/home/ana/crucible2/x"), "{home}/crucible2/x");
    }

    #[test]
    fn the_hosts_name_is_hidden_as_a_word_and_not_inside_one() {
        assert_eq!(
            applied("reports/2026-01-31-vm-quick jvm vm.example.org vms /net/vm/x"),
            "reports/2026-01-31-{host}-quick jvm {host} vms /net/{host}/x"
        );
    }

    #[test]
    fn a_histogram_stays_as_it_is_even_where_it_spells_a_path() {
        let mut hide = hide();
        hide.path(Path::new("/root"), "{home}");
        let text = "hist.response=HISTFAAA+vm/root/A== vm\n/root/x";
        assert_eq!(
            String::from_utf8(hide.apply(text.as_bytes())).unwrap(),
            "hist.response=HISTFAAA+vm/root/A== {host}\n{home}/x"
        );
    }

    #[test]
    fn a_path_that_json_escapes_is_found_in_json() {
        let mut hide = Hide::default();
        hide.path(Path::new("/home/an\"a"), "{home}");
        assert_eq!(
            hide.apply(br#"["/home/an\"a/x", 1]"#),
            br#"["{home}/x", 1]"#.to_vec()
        );
    }

    #[test]
    fn the_root_folder_and_localhost_are_not_hidden() {
        let mut hide = Hide::default();
        hide.path(Path::new("/"), "{home}");
        hide.path(Path::new(""), "{home}");
        hide.host("localhost");
        assert_eq!(hide.apply(b"/usr localhost"), b"/usr localhost".to_vec());
    }

    #[test]
    fn bytes_that_are_no_text_pass_through() {
        let bytes = [0xff, 0x00, b'/', 0xfe, b'v', b'm'];
        assert_eq!(hide().apply(&bytes), [&bytes[..4], b"{host}"].concat());
    }
}
