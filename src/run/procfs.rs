//! What /proc says of a process. Costs on a quiet machine: statm about 1 us, schedstat 0.7 us a thread, smaps_rollup 2 to 50 ms (it walks
//! the page tables: only ever read at holds).

use std::fs::{DirEntry, File};
use std::os::unix::fs::FileExt;

use crate::artifact::unit::{Bytes, Ns};
use crate::artifact::usage::{Seen, Usage};

/// CLOCK_MONOTONIC, the clock every runner stamps its marks with.
pub fn now() -> Ns {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    Ns(t.tv_sec as u64 * 1_000_000_000 + t.tv_nsec as u64)
}

/// CPU time of the calling thread.
pub fn thread_cpu() -> Ns {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Ns(t.tv_sec as u64 * 1_000_000_000 + t.tv_nsec as u64)
}

/// One-minute load average; 0 where there is none to read.
pub fn load_average() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|f| f.parse().ok()).unwrap_or(0.0)
}

/// A kept descriptor on /proc/<pid>/statm.
pub struct Statm {
    file: File,
    page: u64,
}

impl Statm {
    pub fn open(pid: u32) -> std::io::Result<Statm> {
        Ok(Statm {
            file: File::open(format!("/proc/{pid}/statm"))?,
            page: rustix::param::page_size() as u64,
        })
    }

    /// Resident memory; None once the process is gone.
    pub fn resident(&self) -> Option<Bytes> {
        let mut buffer = [0u8; 128];
        let n = self.file.read_at(&mut buffer, 0).ok()?;
        let text = std::str::from_utf8(&buffer[..n]).ok()?;
        let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
        // A zombie reads as all zeros: that is no measurement.
        (pages > 0).then_some(Bytes(pages * self.page))
    }
}

/// A kept descriptor on /proc/<pid>/stat: it never tells of another process that was given the same id.
pub struct Stat {
    file: File,
    page: u64,
    /// ns a tick; CPU is told in these, 10 ms on usual kernels.
    tick: u64,
}

impl Stat {
    pub fn open(pid: u32) -> std::io::Result<Stat> {
        Ok(Stat {
            file: File::open(format!("/proc/{pid}/stat"))?,
            page: rustix::param::page_size() as u64,
            tick: 1_000_000_000 / rustix::param::clock_ticks_per_second().max(1),
        })
    }

    /// None once the process is reaped. Takes 3 us with 30 threads, whose accounts the kernel adds up.
    pub fn read(&self) -> Option<Seen> {
        let mut buffer = [0u8; 1024];
        let n = self.file.read_at(&mut buffer, 0).ok()?;
        self.parse(&String::from_utf8_lossy(&buffer[..n]))
    }

    fn parse(&self, text: &str) -> Option<Seen> {
        // The name may hold spaces and brackets; the last bracket is the kernel's.
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        // Numbers as in proc_pid_stat(5), where the state, the first after the name, is the third.
        let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        let resident = field(24)?.saturating_mul(self.page);
        Some(Seen {
            usage: Usage {
                user: Ns(field(14)?.saturating_mul(self.tick)),
                system: Ns(field(15)?.saturating_mul(self.tick)),
                minor_faults: field(10)?,
                major_faults: field(12)?,
            },
            resident: (resident > 0).then_some(Bytes(resident)),
            threads: field(20)?,
        })
    }
}

/// Proportional set size; None where the kernel has no smaps_rollup or the process is gone.
pub fn proportional(pid: u32) -> Option<Bytes> {
    kib_field(
        &std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?,
        "Pss:",
    )
}

/// VmHWM: the highest resident memory of the process's life so far.
pub fn high_water(pid: u32) -> Option<Bytes> {
    kib_field(
        &std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?,
        "VmHWM:",
    )
}

fn kib_field(text: &str, label: &str) -> Option<Bytes> {
    let line = text.lines().find_map(|l| l.strip_prefix(label))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(Bytes(kib << 10))
}

/// One thread: id, name (15 characters), time on CPU.
pub struct Thread {
    pub tid: u32,
    pub name: String,
    pub cpu: Ns,
}

impl Thread {
    /// Thread names are free text: a comma would shift the columns.
    pub fn name_for_csv(&self) -> String {
        self.name.replace([',', '"', '\n'], " ")
    }
}

/// All threads of the process, in order of their ids.
pub fn threads(pid: u32) -> Vec<Thread> {
    threads_up_to(pid, usize::MAX)
}

/// As [`threads`]; none of a process that has more than `most`.
pub fn threads_up_to(pid: u32, most: usize) -> Vec<Thread> {
    let Ok(entries) = std::fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let entries: Vec<DirEntry> = entries.flatten().take(most.saturating_add(1)).collect();
    if entries.len() > most {
        return Vec::new();
    }
    let mut all: Vec<Thread> = entries
        .into_iter()
        .filter_map(|entry| {
            let tid: u32 = entry.file_name().to_str()?.parse().ok()?;
            let name = std::fs::read_to_string(entry.path().join("comm"))
                .ok()?
                .trim_end()
                .to_owned();
            let stat = std::fs::read_to_string(entry.path().join("schedstat")).ok()?;
            let cpu = stat.split(' ').next()?.parse().ok()?;
            Some(Thread {
                tid,
                name,
                cpu: Ns(cpu),
            })
        })
        .collect();
    all.sort_by_key(|t| t.tid);
    all
}

/// Resident memory of this process.
pub fn own_resident() -> Bytes {
    Statm::open(std::process::id())
        .ok()
        .and_then(|s| s.resident())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_can_read_itself() {
        let pid = std::process::id();
        let resident = Statm::open(pid).unwrap().resident().unwrap();
        assert!(resident.0 > 100_000, "{resident:?}");
        assert!(high_water(pid).unwrap() >= Bytes(resident.0 / 2));
        let all = threads(pid);
        assert!(all.iter().any(|t| t.tid > 0 && !t.name.is_empty()));
        assert!(threads_up_to(pid, 0).is_empty() && !threads_up_to(pid, 10_000).is_empty());
    }

    #[test]
    fn a_process_is_seen_with_its_threads_memory_and_faults() {
        let seen = Stat::open(std::process::id()).unwrap().read().unwrap();
        assert!(seen.threads >= 1 && seen.usage.minor_faults > 0, "{seen:?}");
        assert!(seen.resident.unwrap().0 > 100_000, "{seen:?}");
    }

    #[test]
    fn a_name_with_brackets_and_spaces_shifts_no_field() {
        let stat = Stat {
            page: 4096,
            tick: 10_000_000,
            ..Stat::open(std::process::id()).unwrap()
        };
        let line = "7 (a) S 1 (b) R 1 7 7 0 -1 4194560 110 0 12 0 150 25 0 0 20 0 33 0 5000 900000 2400 1 1";
        let seen = stat.parse(line).unwrap();
        assert_eq!(
            seen.usage,
            Usage {
                user: Ns(1_500_000_000),
                system: Ns(250_000_000),
                minor_faults: 110,
                major_faults: 12,
            }
        );
        assert_eq!((seen.resident, seen.threads), (Some(Bytes(2400 * 4096)), 33));
        assert_eq!(stat.parse("7 (a) Z 1"), None);
        let zombie = line.replace(" 2400 ", " 0 ");
        assert_eq!(stat.parse(&zombie).unwrap().resident, None);
    }

    #[test]
    fn a_process_that_is_gone_reads_as_nothing() {
        assert!(Stat::open(u32::MAX).is_err());
        assert!(Statm::open(u32::MAX).is_err());
        assert!(proportional(u32::MAX).is_none() && threads(u32::MAX).is_empty());
    }
}
