//! The idle control watcher: a process that does nothing but sleep 1 ms at a time beside the measured one. What it sees is the machine's
//! noise floor; it is drawn beside the findings and never subtracted (METHOD, rule 8).

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};

use super::procfs;

const TICK: Duration = Duration::from_millis(1);

/// The control process's main: watches until stdin ends, then prints its histogram (base64, V2 compressed) on one line.
pub fn watch(mut input: impl Read + Send + 'static, mut output: impl Write) -> std::io::Result<()> {
    let other = std::io::Error::other::<String>;
    let mut gaps: Histogram<u64> =
        Histogram::new_with_bounds(1, 3_600_000_000_000, 3).map_err(|e| other(e.to_string()))?;
    let ended = Arc::new(AtomicBool::new(false));
    let seen = ended.clone();
    std::thread::spawn(move || {
        let _ = input.read_to_end(&mut Vec::new());
        seen.store(true, Ordering::Relaxed);
    });
    writeln!(output, "ready")?;
    output.flush()?;
    while !ended.load(Ordering::Relaxed) {
        let start = procfs::now();
        std::thread::sleep(TICK);
        let late = (procfs::now().0 - start.0).saturating_sub(TICK.as_nanos() as u64);
        gaps.saturating_record(late.max(1));
    }
    let mut bytes = Vec::new();
    V2DeflateSerializer::new()
        .serialize(&gaps, &mut bytes)
        .map_err(|e| other(e.to_string()))?;
    writeln!(
        output,
        "{}",
        base64::engine::general_purpose::STANDARD.encode(bytes)
    )
}

/// A running control watcher.
pub struct Control {
    child: Child,
}

impl Control {
    /// Starts it and waits until it is watching; None where there is no program for it.
    pub fn start(argv: &[String]) -> Option<Control> {
        let (program, arguments) = argv.split_first()?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        super::child::die_with_parent(&mut command);
        let mut child = command.spawn().ok()?;
        let mut ready = [0u8; 6];
        child.stdout.as_mut()?.read_exact(&mut ready).ok()?;
        Some(Control { child })
    }

    /// Ends it and gives its histogram line.
    pub fn finish(mut self) -> Option<String> {
        drop(self.child.stdin.take());
        let mut line = String::new();
        BufReader::new(self.child.stdout.take()?)
            .read_line(&mut line)
            .ok()?;
        let _ = self.child.wait();
        (!line.trim().is_empty()).then_some(line)
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
