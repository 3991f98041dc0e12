//! One process from spawn to reap: answers its holds, watches the clock and the person, keeps every byte.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ExitStatus};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::control::Control;
use super::sampler::{Sampler, Window};
use super::stall::{self, Staller};
use super::{Event, RunError, Surroundings, child, procfs};
use crate::artifact::exit::{End, Exit};
use crate::artifact::interference::{Disturbance, Stalled};
use crate::artifact::run_dir::Raw;

/// How often the clock and Ctrl-C are looked at.
const LOOK: Duration = Duration::from_millis(50);
/// How long output may trail behind the end of the process.
const TRAIL: Duration = Duration::from_millis(500);

/// How a process is watched.
pub struct Watch {
    pub timeout_s: u64,
    /// Also what its threads spend in each second of the window.
    pub by_second: bool,
}

/// Runs `exit.argv`, fills in the rest of `exit`, and leaves the raw files (all but exit.json).
pub fn supervise(
    raw: &Raw,
    request: &str,
    watch: &Watch,
    disturbance: &Disturbance,
    around: &Surroundings,
    exit: &mut Exit,
    tell: &mut dyn FnMut(Event),
) -> Result<(), RunError> {
    let io = |path: PathBuf| move |source| RunError::Io { path, source };
    exit.spawned = procfs::now();
    let mut process = match child::spawn(exit, &raw.stderr()) {
        Ok(process) => process,
        Err(e) => {
            let program = exit.argv.first().map_or("", String::as_str);
            exit.end = End::NotStarted {
                reason: format!("{program}: {e}"),
            };
            exit.ended = procfs::now();
            return Ok(());
        }
    };
    let sampler = Sampler::start(process.id(), !disturbance.unsampled, watch.by_second);
    let mut holds = Holds::new(process.id(), disturbance, around, sampler.window());
    let result = converse(
        &mut process,
        request,
        watch.timeout_s,
        around,
        exit,
        &mut holds,
        tell,
    );
    // Whatever happened, nothing of the child stays.
    child::kill_group(process.id());
    holds.control = None;
    holds.end_stalls();
    let status = match result {
        Ok((output, status)) => {
            std::fs::write(raw.stdout(), output).map_err(io(raw.stdout()))?;
            status
        }
        Err(e) => {
            let _ = process.kill();
            let _ = process.wait();
            return Err(RunError::Io {
                path: raw.dir().into(),
                source: e,
            });
        }
    };
    exit.strays_killed = child::end_strays(None);
    exit.ended = procfs::now();
    exit.sampler = sampler.finish(raw).map_err(io(raw.dir().into()))?;
    std::fs::write(raw.phases(), &holds.phases).map_err(io(raw.phases()))?;
    std::fs::write(raw.threads(), &holds.threads).map_err(io(raw.threads()))?;
    if let Some(stalls) = &holds.stalls {
        stall::write(&raw.stalls(), stalls).map_err(io(raw.stalls()))?;
    }
    if let Some(line) = &holds.gaps {
        std::fs::write(raw.control(), line).map_err(io(raw.control()))?;
    }
    if let Some(status) = status {
        exit.end = match (status.code(), status.signal()) {
            (Some(status), _) => End::Exited { status },
            (None, signal) => End::Signalled {
                signal: signal.unwrap_or(0),
            },
        };
    }
    Ok(())
}

type Spoken = (Vec<u8>, Option<ExitStatus>);

/// Sends the request and reads lines until the process has ended. The status is None when we ended it; `exit.end` then says why.
fn converse(
    process: &mut Child,
    request: &str,
    timeout_s: u64,
    around: &Surroundings,
    exit: &mut Exit,
    holds: &mut Holds,
    tell: &mut dyn FnMut(Event),
) -> std::io::Result<Spoken> {
    let mut stdin = process.stdin.take();
    if let Some(pipe) = &mut stdin {
        // A runner that does not read its request will say so by how it ends.
        let _ = pipe.write_all(request.as_bytes());
    }
    // Not before: what listeners do would be in the time that the runtime takes to start.
    tell(Event::Spawned { pid: process.id() });
    let lines = read_lines(process);
    let deadline = Instant::now() + Duration::from_secs(timeout_s);
    let mut output = Vec::new();
    let mut silent = false;
    let mut ended_by_us = None;
    loop {
        if silent {
            std::thread::sleep(LOOK.min(Duration::from_millis(5)));
        } else {
            match lines.recv_timeout(LOOK) {
                Ok(line) => {
                    holds.on_line(&line, &mut stdin);
                    output.extend_from_slice(&line);
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => silent = true,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
        if let Some((status, used)) = child::try_reap(process, exit)? {
            child::kill_group(process.id());
            tell(Event::Reaped { used });
            let trail = Instant::now() + TRAIL;
            while let Ok(line) = lines.recv_timeout(trail.saturating_duration_since(Instant::now())) {
                output.extend_from_slice(&line);
            }
            return Ok((output, if ended_by_us.is_some() { None } else { Some(status) }));
        }
        if ended_by_us.is_none() {
            if around.stop.load(Ordering::Relaxed) {
                ended_by_us = Some(End::Interrupted);
            } else if Instant::now() >= deadline {
                ended_by_us = Some(End::TimedOut { after_s: timeout_s });
            }
            if let Some(end) = &ended_by_us {
                exit.end = end.clone();
                child::kill_group(process.id());
            }
        }
    }
}

/// A thread that turns stdout into lines. It ends with the pipe, and holds nothing else.
fn read_lines(process: &mut Child) -> Receiver<Vec<u8>> {
    let (send, receive) = channel();
    if let Some(pipe) = process.stdout.take() {
        std::thread::spawn(move || {
            let mut reader = BufReader::new(pipe);
            loop {
                let mut line = Vec::new();
                match reader.read_until(b'\n', &mut line) {
                    Ok(n) if n > 0 && send.send(line).is_ok() => {}
                    _ => return,
                }
            }
        });
    }
    receive
}

/// What is read while the runner waits, between its phases: the costly things.
struct Holds<'a> {
    pid: u32,
    disturbance: &'a Disturbance,
    around: &'a Surroundings<'a>,
    window: Window,
    control: Option<Control>,
    gaps: Option<String>,
    staller: Option<Staller>,
    /// None where none was asked for, or none could be made.
    stalls: Option<Vec<Stalled>>,
    phases: String,
    threads: String,
}

impl<'a> Holds<'a> {
    fn new(pid: u32, disturbance: &'a Disturbance, around: &'a Surroundings<'a>, window: Window) -> Self {
        Holds {
            pid,
            disturbance,
            around,
            window,
            control: None,
            gaps: None,
            staller: None,
            stalls: None,
            phases: "phase,t_ns,rss_bytes,pss_bytes,hwm_bytes,cgroup_peak_bytes\n".into(),
            threads: "phase,tid,name,cpu_ns\n".into(),
        }
    }

    fn on_line(&mut self, line: &[u8], stdin: &mut Option<ChildStdin>) {
        let Some(phase) = line.strip_prefix(b"hold=") else {
            return;
        };
        let phase = String::from_utf8_lossy(phase).trim_end().to_owned();
        self.end_stalls();
        if phase == "end" {
            self.window.has_ended();
            self.gaps = self.control.take().and_then(Control::finish);
        }
        // At the end of the window CPU comes first: reading PSS may make the runner's threads work.
        if phase != "setup" {
            self.read_threads(&phase);
        }
        self.read_memory(&phase);
        if phase == "setup" {
            self.control = Control::start(&self.around.control);
            self.read_threads(&phase);
            self.window.begins();
        }
        if let Some(pipe) = stdin {
            let _ = pipe.write_all(b"go\n");
        }
        if phase == "setup" {
            self.staller = Staller::start(self.pid, procfs::now(), &self.disturbance.stalls);
        }
    }

    fn end_stalls(&mut self) {
        if let Some(staller) = self.staller.take() {
            self.stalls = Some(staller.finish());
        }
    }

    fn read_memory(&mut self, phase: &str) {
        let text = |b: Option<crate::artifact::unit::Bytes>| b.map(|b| b.0.to_string()).unwrap_or_default();
        let resident = procfs::Statm::open(self.pid).ok().and_then(|s| s.resident());
        self.phases.push_str(&format!(
            "{phase},{},{},{},{},\n",
            procfs::now().0,
            text(resident),
            text(procfs::proportional(self.pid)),
            text(procfs::high_water(self.pid)),
        ));
    }

    fn read_threads(&mut self, phase: &str) {
        for thread in procfs::threads(self.pid) {
            let name = thread.name_for_csv();
            self.threads
                .push_str(&format!("{phase},{},{name},{}\n", thread.tid, thread.cpu.0));
        }
    }
}
