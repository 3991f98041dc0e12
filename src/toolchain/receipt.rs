//! The version receipt: one command that proves presence and identity.

use std::io::{ErrorKind, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Reason;
use crate::artifact::definition::runtime::Find;

/// A JVM on a machine that is short of everything answers within a few seconds.
const PATIENCE: Duration = Duration::from_secs(20);
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// Asks a program for its version: (version, the line that says it).
pub fn receipt(program: &Path, find: &Find) -> Result<(String, String), Reason> {
    within(program, find, PATIENCE)
}

fn within(program: &Path, find: &Find, patience: Duration) -> Result<(String, String), Reason> {
    let text = answer(program, &find.receipt, patience)?;
    let pattern = regex::Regex::new(&find.version).map_err(|e| Reason::NotStarted(e.to_string()))?;
    let said = text.lines().find_map(|line| {
        let version = pattern.captures(line)?.get(1)?.as_str();
        let version = version.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        Some((version.to_owned(), line.trim().to_owned()))
    });
    said.ok_or_else(|| Reason::NoVersion(text.lines().next().unwrap_or_default().trim().to_owned()))
}

/// stdout and stderr (where `java -version` answers) together. They go to a file, not a pipe: a grandchild that outlives the
/// child would keep a pipe open, and us waiting.
fn answer(program: &Path, arguments: &[String], patience: Duration) -> Result<String, Reason> {
    let not_started = |e: std::io::Error| Reason::NotStarted(e.to_string());
    let mut output = tempfile::tempfile().map_err(not_started)?;
    let deadline = Instant::now() + patience;
    let mut child = loop {
        let started = Command::new(program)
            .args(arguments)
            // A go.mod or a .tool-versions where we stand must not change who answers; nor must Go fetch another Go to answer.
            .current_dir("/")
            .env("GOTOOLCHAIN", "local")
            .stdin(Stdio::null())
            .stdout(output.try_clone().map_err(not_started)?)
            .stderr(output.try_clone().map_err(not_started)?)
            .process_group(0)
            .spawn();
        match started {
            // It is being written at this moment, or a fork has not yet closed the descriptor that wrote it.
            Err(e) if e.kind() == ErrorKind::ExecutableFileBusy && Instant::now() < deadline => {
                std::thread::sleep(BETWEEN_LOOKS);
            }
            other => break other.map_err(not_started)?,
        }
    };
    while child.try_wait().map_err(not_started)?.is_none() {
        if Instant::now() >= deadline {
            if let Some(group) = rustix::process::Pid::from_raw(child.id() as i32) {
                let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            }
            let _ = child.wait();
            return Err(Reason::NoAnswer {
                seconds: patience.as_secs(),
            });
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
    let mut bytes = Vec::new();
    std::io::Seek::rewind(&mut output).map_err(not_started)?;
    output.read_to_end(&mut bytes).map_err(not_started)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(script: &str) -> Result<(String, String), Reason> {
        let find = Find {
            program: "bin/tool".into(),
            env: vec![],
            roots: vec![],
            receipt: vec!["-c".into(), script.into()],
            version: r#"version "?([0-9.]+)"#.into(),
            minimum: "1".into(),
            prefer: None,
            called: None,
            hint: String::new(),
        };
        within(Path::new("/bin/sh"), &find, Duration::from_millis(500))
    }

    #[test]
    fn a_version_on_stderr_is_as_good_as_one_on_stdout() {
        let wanted = Ok(("25.0.2".to_owned(), r#"openjdk version "25.0.2""#.to_owned()));
        assert_eq!(
            ask(r#"echo 'Picked up OPTIONS'; echo 'openjdk version "25.0.2"' >&2"#),
            wanted
        );
        assert_eq!(ask(r#"echo 'openjdk version "25.0.2"'"#), wanted);
    }

    #[test]
    fn one_that_hangs_is_given_up_with_all_its_children() {
        assert_eq!(ask("sleep 600 & sleep 600"), Err(Reason::NoAnswer { seconds: 0 }));
    }

    #[test]
    fn one_that_says_something_else_is_quoted() {
        assert_eq!(
            ask("echo no such thing; exit 1"),
            Err(Reason::NoVersion("no such thing".into()))
        );
    }
}
