//! Starting a process so that nothing of it can stay behind, and reaping it with its resource usage.

use std::fs::File;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::artifact::exit::Exit;
use crate::artifact::unit::Ns;
use crate::artifact::usage::Usage;

/// Orphans of a runner become ours, so that we can find and end them.
pub fn adopt_orphans() {
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// The child dies when this thread does, and may sleep to the nanosecond: the default timer slack of 50 us would be in every response time.
pub fn die_with_parent(command: &mut Command) {
    // SAFETY: only async-signal-safe system calls between fork and exec.
    unsafe {
        command.pre_exec(|| {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            libc::prctl(libc::PR_SET_TIMERSLACK, 1);
            Ok(())
        });
    }
}

/// Starts the runner in a process group of its own. stderr goes straight to its file: a full pipe would stall the runtime.
pub fn spawn(exit: &Exit, stderr: &Path) -> std::io::Result<Child> {
    let (program, arguments) = exit
        .argv
        .split_first()
        .ok_or_else(|| std::io::Error::other("the command line is empty"))?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(std::env::vars_os().filter(|(k, _)| KEPT.iter().any(|kept| k == kept)))
        .envs(&exit.env)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(File::create(stderr)?)
        .process_group(0);
    die_with_parent(&mut command);
    command.spawn()
}

/// What a runner inherits. Everything else (JAVA_TOOL_OPTIONS, GODEBUG, MALLOC_ARENA_MAX...) would change the measurement unseen.
const KEPT: [&str; 5] = ["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR"];

/// Reaps the process if it has ended, with its CPU and its page faults from wait4.
pub fn try_reap(child: &Child, exit: &mut Exit) -> std::io::Result<Option<(ExitStatus, Usage)>> {
    let mut status = 0;
    // SAFETY: an all-zero rusage is a valid value for the kernel to overwrite.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to live locals.
    let reaped = unsafe { libc::wait4(child.id() as i32, &mut status, libc::WNOHANG, &mut usage) };
    if reaped < 0 {
        return Err(std::io::Error::last_os_error());
    }
    if reaped == 0 {
        return Ok(None);
    }
    let ns = |t: libc::timeval| Ns(t.tv_sec as u64 * 1_000_000_000 + t.tv_usec as u64 * 1000);
    exit.user_cpu = ns(usage.ru_utime);
    exit.system_cpu = ns(usage.ru_stime);
    let used = Usage {
        user: exit.user_cpu,
        system: exit.system_cpu,
        minor_faults: usage.ru_minflt as u64,
        major_faults: usage.ru_majflt as u64,
    };
    Ok(Some((ExitStatus::from_raw(status), used)))
}

/// Kills the whole group; harmless when it is gone.
pub fn kill_group(pid: u32) {
    // SAFETY: a signal to a process group that we made.
    unsafe { libc::kill(-(pid as i32), libc::SIGKILL) };
}

/// Ends and reaps whatever is still a child of ours, also one that left its group. Returns how many there were.
pub fn end_strays(spare: Option<u32>) -> u32 {
    let mut killed = 0;
    // A killed parent's children arrive one generation at a time.
    for _ in 0..16 {
        let strays: Vec<i32> = own_children()
            .into_iter()
            .filter(|pid| Some(*pid as u32) != spare)
            .collect();
        if strays.is_empty() {
            break;
        }
        for pid in strays {
            // SAFETY: the process is our child, so its id cannot have been given to another.
            unsafe {
                libc::kill(pid, libc::SIGKILL);
                libc::waitpid(pid, std::ptr::null_mut(), 0);
            }
            killed += 1;
        }
    }
    killed
}

fn own_children() -> Vec<i32> {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else {
        return Vec::new();
    };
    tasks
        .flatten()
        .filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|text| {
            text.split_whitespace()
                .filter_map(|p| p.parse().ok())
                .collect::<Vec<i32>>()
        })
        .collect()
}
