//! A client that takes an answer apart: as little as a test needs, and nothing of the code that wrote it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Only matters when something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Answer {
    pub status: u16,
    /// Lower case.
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()))
    }
}

/// HTTP/1.0, so that no answer comes in pieces.
pub fn ask(address: SocketAddr, method: &str, path: &str) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "{method} {path} HTTP/1.0\r\nhost: {address}\r\n\r\n")?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes).map_err(std::io::Error::other)?;
    let (head, body) = text
        .split_once("\r\n\r\n")
        .ok_or_else(|| std::io::Error::other("no end of headers"))?;
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok());
    Ok(Answer {
        status: status.ok_or_else(|| std::io::Error::other("no status"))?,
        head: head.to_ascii_lowercase(),
        body: body.to_owned(),
    })
}

/// Name and labels, in order of their names.
pub type Series = (String, BTreeMap<String, String>);

/// Series -> value, by the grammar of OpenMetrics; panics at what is not of it.
pub fn series(text: &str) -> BTreeMap<Series, f64> {
    let lines: Vec<&str> = text
        .strip_suffix("# EOF\n")
        .expect("it ends with # EOF")
        .lines()
        .collect();
    let mut all = BTreeMap::new();
    for line in lines.into_iter().filter(|line| !line.starts_with("# ")) {
        let end = line.find(['{', ' ']).expect("a name ends");
        let (name, rest) = line.split_at(end);
        let (labels, rest) = match rest.strip_prefix('{') {
            Some(rest) => labels(rest),
            None => (BTreeMap::new(), rest),
        };
        let value = rest.strip_prefix(' ').expect("a value follows").parse();
        let found = all.insert((name.to_owned(), labels), value.expect("a number"));
        assert_eq!(found, None, "{line} is told twice");
    }
    all
}

fn labels(mut rest: &str) -> (BTreeMap<String, String>, &str) {
    let mut all = BTreeMap::new();
    loop {
        let (name, value) = rest.split_once("=\"").expect("a label has a value");
        let mut told = String::new();
        let mut chars = value.char_indices();
        let end = loop {
            match chars.next().expect("the value ends") {
                (at, '"') => break at + 1,
                (_, '\\') => match chars.next().map(|(_, c)| c) {
                    Some('n') => told.push('\n'),
                    Some(c @ ('"' | '\\')) => told.push(c),
                    other => panic!("no such escape: {other:?}"),
                },
                (_, c) => told.push(c),
            }
        };
        all.insert(name.to_owned(), told);
        match value[end..].split_at(1) {
            (",", more) => rest = more,
            ("}", more) => return (all, more),
            (other, _) => panic!("{other:?} after a label"),
        }
    }
}

/// Families by what `# TYPE` says of them.
pub fn types(text: &str) -> BTreeMap<String, String> {
    let told = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    told.map(|line| {
        let (family, kind) = line.split_once(' ').expect("a type");
        (family.to_owned(), kind.to_owned())
    })
    .collect()
}
