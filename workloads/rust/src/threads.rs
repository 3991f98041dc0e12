//! Threads that a workload starts beside the mutators, and how many of them fit here.

use std::fs::read_to_string;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::{Builder, JoinHandle};

/// Left to everything else: the other programs, and the process's own threads.
const SPARE: u64 = 256;
/// Mappings that one takes: its stack, and the guard below it.
const MAPPINGS: u64 = 2;

/// Begins a thread with that much stack, in bytes.
pub fn start_thread(stack: usize, live: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    Builder::new()
        .name("sleeper".into())
        .stack_size(stack)
        .spawn(live)
}

/// How many threads a process may start here, and the limit that says so. `root` is empty, but for tests. Where a limit
/// cannot be read there is none.
pub fn most_threads(root: &str) -> (u64, String) {
    let mut room = (u64::MAX, "nothing".to_owned());
    let mut tighten = |limit: u64, used: u64, name: &str| {
        let left = limit.saturating_sub(used + SPARE);
        if left < room.0 {
            room = (left, name.to_owned());
        }
    };
    for name in ["threads-max", "pid_max"] {
        if let Some(limit) = read_number(format!("{root}/proc/sys/kernel/{name}")) {
            tighten(limit, threads_in_use(root), &format!("kernel.{name}"));
        }
    }
    if let Some(mappings) = read_number(format!("{root}/proc/sys/vm/max_map_count")) {
        tighten(mappings / MAPPINGS, 0, "vm.max_map_count");
    }
    for folder in thread_groups(root) {
        if let Some(limit) = read_number(folder.join("pids.max")) {
            let used = read_number(folder.join("pids.current")).unwrap_or(0);
            tighten(limit, used, "pids.max of the control group");
        }
    }
    room
}

/// How many there are on the whole machine: the fourth field of loadavg is running/all.
fn threads_in_use(root: &str) -> u64 {
    let text = read_to_string(format!("{root}/proc/loadavg")).unwrap_or_default();
    let all = text
        .split_whitespace()
        .nth(3)
        .and_then(|field| field.split_once('/'));
    all.and_then(|(_, all)| all.parse().ok()).unwrap_or(0)
}

/// The folders of the control groups that count this process's threads, the innermost first.
fn thread_groups(root: &str) -> Vec<PathBuf> {
    let text = read_to_string(format!("{root}/proc/self/cgroup")).unwrap_or_default();
    let mut folders = Vec::new();
    for line in text.lines() {
        let mut parts = line.splitn(3, ':'); // id:controllers:path, version 2 has no controllers
        let (_, Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let top = match controllers {
            "" => format!("{root}/sys/fs/cgroup"),
            _ if controllers.split(',').any(|c| c == "pids") => format!("{root}/sys/fs/cgroup/pids"),
            _ => continue,
        };
        for at in Path::new(path).ancestors() {
            folders.push(Path::new(&top).join(at.strip_prefix("/").unwrap_or(at)));
        }
    }
    folders
}

/// Reads a file that holds a number; "max" is none.
fn read_number(file: impl AsRef<Path>) -> Option<u64> {
    read_to_string(file).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir_all, remove_dir_all, write};

    /// Names and texts.
    type Files = [(&'static str, &'static str)];

    /// The same machines as the ports in other languages test, and one whose mappings run out first.
    #[test]
    fn the_tightest_limit_on_threads_is_found() {
        let root = std::env::temp_dir().join(format!("gcrucible-threads-{}", std::process::id()));
        let cases: [(&Files, u64, &str); 6] = [
            (&[], 20_000 - 300 - 256, "kernel.threads-max"),
            (
                &[("proc/sys/kernel/pid_max", "8000")],
                8000 - 300 - 256,
                "kernel.pid_max",
            ),
            (
                &[("proc/sys/vm/max_map_count", "30000")],
                15_000 - 256,
                "vm.max_map_count",
            ),
            (
                &[
                    ("proc/self/cgroup", "0::/a/b"),
                    ("sys/fs/cgroup/a/b/pids.max", "max"),
                    ("sys/fs/cgroup/a/pids.max", "1000"),
                    ("sys/fs/cgroup/a/pids.current", "40"),
                ],
                1000 - 40 - 256,
                "pids.max of the control group",
            ),
            (
                &[
                    ("proc/self/cgroup", "8:pids:/a\n4:memory:/b"),
                    ("sys/fs/cgroup/pids/a/pids.max", "2000"),
                    ("sys/fs/cgroup/b/pids.max", "5"),
                ],
                2000 - 256,
                "pids.max of the control group",
            ),
            (&[("proc/sys/kernel/threads-max", "100")], 0, "kernel.threads-max"),
        ];
        for (more, most, by) in cases {
            let files = [
                ("proc/loadavg", "0.10 0.20 0.30 2/300 4321"),
                ("proc/sys/kernel/threads-max", "20000"),
                ("proc/sys/kernel/pid_max", "4194304"),
            ];
            for (name, text) in files.iter().chain(more) {
                let file = root.join(name);
                create_dir_all(file.parent().unwrap()).unwrap();
                write(file, format!("{text}\n")).unwrap();
            }
            let found = most_threads(root.to_str().unwrap());
            remove_dir_all(&root).unwrap();
            assert_eq!(found, (most, by.to_owned()), "{more:?}");
        }
    }

    #[test]
    fn here_some_threads_fit() {
        let (most, by) = most_threads("");
        assert!(most >= 100, "{most} threads by {by}");
    }
}
