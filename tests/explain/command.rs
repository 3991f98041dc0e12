//! The command: files as people have them, and what it says where there is nothing to explain.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::{G1, GO, log, path};

fn explain(arguments: &[&str], stdin: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gcrucible"))
        .arg("explain")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses may not read it.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    child.wait_with_output().unwrap()
}

/// The figures of what it says, as JSON.
fn figures(arguments: &[&str], stdin: &[u8]) -> serde_json::Value {
    let output = explain(&[arguments, &["--json"]].concat(), stdin);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    value["body"]["figures"].clone()
}

fn text_of(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_log_says_the_same_plain_packed_with_carriage_returns_and_on_stdin() {
    let folder = tempfile::tempdir().unwrap();
    let plain = figures(&[&text_of(&path(G1))], b"");
    let text = log(G1);
    let gz = folder.path().join("gc.log.gz");
    let mut encoder =
        flate2::write::GzEncoder::new(std::fs::File::create(&gz).unwrap(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap();
    let zst = folder.path().join("gc.log.zst");
    let packed =
        ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
    std::fs::write(&zst, packed).unwrap();
    let crlf = folder.path().join("windows.log");
    std::fs::write(&crlf, text.replace('\n', "\r\n")).unwrap();
    for file in [gz, zst, crlf] {
        assert_eq!(figures(&[&text_of(&file)], b""), plain, "{}", file.display());
    }
    assert_eq!(figures(&["-"], text.as_bytes()), plain);
}

#[test]
fn rotated_files_given_in_any_order_are_one_log() {
    let folder = tempfile::tempdir().unwrap();
    let text = log(G1);
    let lines: Vec<&str> = text.lines().collect();
    let parts: Vec<String> = lines
        .chunks(lines.len() / 3 + 1)
        .enumerate()
        .map(|(n, part)| {
            let path = folder.path().join(format!("gc.log.{n}"));
            std::fs::write(&path, format!("{}\n", part.join("\n"))).unwrap();
            text_of(&path)
        })
        .collect();
    let whole = figures(&[&text_of(&path(G1))], b"");
    let rotated = figures(&[&parts[2], &parts[0], &parts[1]], b"");
    for key in ["cycles", "heap", "cost"] {
        assert_eq!(rotated[key], whole[key], "{key}");
    }
    assert_eq!(rotated["stops"]["all"]["total"], whole["stops"]["all"]["total"]);
}

#[test]
fn the_page_is_written_where_it_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("gc.html");
    let output = explain(&[&text_of(&path(GO)), "--html", &text_of(&page)], b"");
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("page: ") && !said.contains('\x1b'));
    assert!(
        std::fs::read_to_string(&page)
            .unwrap()
            .contains("Assists dominate")
    );
}

#[test]
fn what_is_no_collectors_log_is_refused_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        text_of(&path)
    };
    let jvm_then_go = format!("{}{}", log(G1), log(GO));
    let cases = [
        (
            write("poem.txt", b"Shall I compare thee\nto a summer's day?\n"),
            vec!["poem.txt", "no collector's log", "gctrace=1"],
        ),
        (write("empty.log", b""), vec!["empty.log", "is empty"]),
        (
            write("binary.log", b"\x7fELF\0\0\0"),
            vec!["binary.log", "binary"],
        ),
        (text_of(folder.path()), vec!["is a folder"]),
        (
            "/nowhere/gc.log".to_owned(),
            vec!["/nowhere/gc.log", "no such file"],
        ),
        (
            write("mixed.log", jvm_then_go.as_bytes()),
            vec!["two runtimes", "mixed.log:847"],
        ),
        (
            write("cut.gz", &[0x1f, 0x8b, 8, 0, 1]),
            vec!["cut.gz", "cannot be read"],
        ),
    ];
    for (file, wanted) in cases {
        let output = explain(&[&file], b"");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{file}: {stderr}");
        for words in wanted {
            assert!(stderr.contains(words), "{words} is not in: {stderr}");
        }
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(output.stdout.is_empty() && !stderr.contains("panicked"));
    }
    let output = explain(&["-"], b"");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_reader_that_has_seen_enough_ends_it_quietly() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gcrucible"))
        .args(["explain", path(G1).to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.is_empty(), "{stderr}");
}

#[test]
fn one_line_is_named_field_by_field() {
    let path = path(GO);
    let file = path.to_str().unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let number = text.lines().position(|l| l.starts_with("gc ")).unwrap() + 1;
    let output = explain(&[file, "--line", &number.to_string()], b"");
    let text = String::from_utf8(output.stdout).unwrap();
    for words in ["gcMarkTermination in runtime/mgc.go", "goal", "globals"] {
        assert!(text.contains(words), "{words} is not in: {text}");
    }
    let output = explain(&[file, "--line", "999999"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("has no line 999999")
    );
}

#[test]
fn a_setting_is_predicted_beside_half_and_double() {
    let path = path(GO);
    let file = path.to_str().unwrap();
    let output = explain(
        &[
            file,
            "--json",
            "--what-if",
            "GOGC=300",
            "--what-if",
            "GOMEMLIMIT=2GiB",
        ],
        b"",
    );
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let settings: Vec<&str> = value["body"]["predictions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["setting"].as_str().unwrap())
        .collect();
    assert!(
        settings.len() > 2 && settings.ends_with(&["GOGC=300", "GOMEMLIMIT=2048MiB GOGC=off"]),
        "{settings:?}"
    );
    let output = explain(&[file, "--what-if", "GOGC=much"], b"");
    assert_eq!(output.status.code(), Some(2));
}
