//! Stops a process as a whole, for a known time, inside its measured window: what the response times must then say is known.
//!
//! Signals go through a pidfd, so that none can reach a process that was given the id of a dead one. Whatever ends the thread, the process
//! is told to go on; and a process that is killed while it stands still dies all the same.

use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, pidfd_open, pidfd_send_signal, waitid,
};

use super::procfs;
use crate::artifact::interference::{AskedStall, Stalled};
use crate::artifact::unit::Ns;

pub struct Staller {
    /// Dropped to end the thread at once.
    end: Sender<()>,
    thread: JoinHandle<Vec<Stalled>>,
}

impl Staller {
    /// `begun` is when the runner was told to begin its window, CLOCK_MONOTONIC. None where nothing is asked or the kernel has no pidfd
    /// (before 5.4): then the file of stalls stays away, and whoever looks for them says so.
    pub fn start(pid: u32, begun: Ns, asked: &[AskedStall]) -> Option<Staller> {
        if asked.is_empty() {
            return None;
        }
        let pid = Pid::from_raw(i32::try_from(pid).ok()?)?;
        let process = pidfd_open(pid, PidfdFlags::empty()).ok()?;
        let asked = asked.to_vec();
        let (end, ended) = channel();
        let thread = std::thread::spawn(move || {
            let mut done = Vec::with_capacity(asked.len());
            for stall in asked {
                if !wait_until(&ended, begun.0.saturating_add(stall.after.0)) {
                    break;
                }
                let Some(seen) = stop(&process, &ended, stall.length) else {
                    break;
                };
                done.push(seen);
            }
            done
        });
        Some(Staller { end, thread })
    }

    /// The window is over, or the process: nothing is stopped after this, and nothing stays stopped. Gives the stalls that were whole.
    pub fn finish(self) -> Vec<Stalled> {
        drop(self.end);
        self.thread.join().unwrap_or_default()
    }
}

/// stalls.csv, with a header.
pub fn write(path: &Path, stalls: &[Stalled]) -> std::io::Result<()> {
    let mut text = String::from("stopping,stopped,continuing,continued\n");
    for s in stalls {
        text.push_str(&format!(
            "{},{},{},{}\n",
            s.stopping.0, s.stopped.0, s.continuing.0, s.continued.0
        ));
    }
    std::fs::write(path, text)
}

/// False when the thread is to end.
fn wait_until(ended: &Receiver<()>, instant: u64) -> bool {
    let left = instant.saturating_sub(procfs::now().0);
    ended.recv_timeout(Duration::from_nanos(left)) == Err(RecvTimeoutError::Timeout)
}

/// Lets the process go on when it is dropped.
struct Stopped<'a>(&'a OwnedFd);

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        let _ = pidfd_send_signal(self.0, Signal::CONT);
    }
}

/// None if the process has ended, or the thread is to.
fn stop(process: &OwnedFd, ended: &Receiver<()>, length: Ns) -> Option<Stalled> {
    let stopping = procfs::now();
    pidfd_send_signal(process, Signal::STOP).ok()?;
    let guard = Stopped(process);
    // Every thread has to take the signal; the kernel tells when the last has. The state is left for whoever reaps the process.
    let wanted = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    let status = waitid(WaitId::PidFd(process.as_fd()), wanted).ok()??;
    if !status.stopped() {
        return None;
    }
    let stopped = procfs::now();
    let whole = wait_until(ended, stopping.0.saturating_add(length.0));
    let continuing = procfs::now();
    drop(guard);
    whole.then(|| Stalled {
        stopping,
        stopped,
        continuing,
        continued: procfs::now(),
    })
}
