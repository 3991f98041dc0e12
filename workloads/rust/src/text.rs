//! The few text formats of the cache's requests and replies.

use std::io::Write;

/// Appends session:%012d.
pub fn append_key(to: &mut Vec<u8>, key: u64) {
    to.extend_from_slice(b"session:");
    let mut unit = 100_000_000_000;
    while unit > 0 {
        to.push(b'0' + (key / unit % 10) as u8);
        unit /= 10;
    }
}

pub fn append_number(to: &mut Vec<u8>, n: u64) {
    write!(to, "{n}").expect("a Vec takes every byte");
}

/// Appends two hex digits a byte.
pub fn append_hex(to: &mut Vec<u8>, bytes: &[u8]) {
    to.reserve(2 * bytes.len());
    for byte in bytes {
        to.push(b"0123456789abcdef"[usize::from(byte >> 4)]);
        to.push(b"0123456789abcdef"[usize::from(byte & 15)]);
    }
}

/// A handler does not trust its client: what is no text is no request.
pub fn as_text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_in_the_other_languages() {
        let mut text = Vec::new();
        append_key(&mut text, 42);
        append_number(&mut text, 0);
        append_hex(&mut text, &[0, 0x7f, 0xa0]);
        assert_eq!(as_text(&text), "session:0000000000420007fa0");
        assert_eq!(as_text(b"\xff"), "");
    }
}
