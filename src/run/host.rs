//! The machine, before the first process: facts for host.json, and what makes it unfit to measure.

use std::collections::BTreeMap;

use super::procfs;
use crate::artifact::doubt::Doubt;
use crate::artifact::host::Host;
use crate::artifact::unit::Bytes;

fn line(path: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned()).filter(|t| !t.is_empty())
}

fn field(text: &str, label: &str) -> Option<String> {
    let value = text.lines().find(|l| l.starts_with(label))?.split_once(':')?.1;
    Some(value.trim().to_owned())
}

/// Cores this process may use, memory in bytes (the cgroup's limit where that is lower).
pub fn capacity() -> (u32, u64) {
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get() as u32);
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    let limit = cgroup_memory().map_or(u64::MAX, |b| b.0);
    (cores, system.total_memory().min(limit))
}

/// Facts and doubts. `versions` and `binaries` are what the caller knows of toolchains and runners.
pub fn look(started: String, versions: BTreeMap<String, String>, binaries: BTreeMap<String, String>) -> Host {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    let (cores, _) = capacity();
    let mut host = Host {
        started,
        cpu: field(&cpuinfo, "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
        microcode: field(&cpuinfo, "microcode"),
        cores,
        memory: Bytes(system.total_memory()),
        cgroup_memory: cgroup_memory(),
        cgroup: cgroup_version().to_owned(),
        kernel: sysinfo::System::kernel_version().unwrap_or_default(),
        os: sysinfo::System::long_os_version().unwrap_or_default(),
        governor: line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        transparent_huge_pages: line("/sys/kernel/mm/transparent_hugepage/enabled"),
        huge_pages_reserved: huge_pages_reserved(),
        numa_nodes: numa_nodes(),
        swap_total: Bytes(system.total_swap()),
        swap_used: Bytes(system.used_swap()),
        clock_source: line("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        virtualised: cpuinfo
            .contains(" hypervisor")
            .then(|| line("/sys/class/dmi/id/sys_vendor").unwrap_or("yes".into())),
        load_before: procfs::load_average(),
        load_after: None,
        versions,
        binaries,
        commit: None,
        doubts: Vec::new(),
    };
    host.doubts = doubts(&host);
    host
}

fn doubts(host: &Host) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    if host.cores < 2 {
        doubts.push(Doubt::FewCores { cores: host.cores });
    }
    if host.swap_used.0 > 0 {
        doubts.push(Doubt::SwapInUse {
            bytes: host.swap_used.0,
        });
    }
    if let Some((name, cpu_percent)) = busiest_stranger() {
        doubts.push(Doubt::Stranger { name, cpu_percent });
    }
    doubts
}

/// The busiest other process over a third of a second, if it takes more than half a CPU.
fn busiest_stranger() -> Option<(String, f64)> {
    let mut system = sysinfo::System::new();
    let all = sysinfo::ProcessesToUpdate::All;
    system.refresh_processes(all, true);
    std::thread::sleep(std::time::Duration::from_millis(300));
    system.refresh_processes(all, true);
    system
        .processes()
        .values()
        .filter(|p| p.pid().as_u32() != std::process::id() && p.thread_kind().is_none())
        .map(|p| (p.name().to_string_lossy().into_owned(), f64::from(p.cpu_usage())))
        .filter(|(_, cpu)| *cpu > 50.0)
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

/// `Hugetlb:   1048576 kB`
fn huge_pages_reserved() -> Option<Bytes> {
    let told = field(&std::fs::read_to_string("/proc/meminfo").ok()?, "Hugetlb:")?;
    let kib: u64 = told.strip_suffix("kB")?.trim().parse().ok()?;
    Some(Bytes(kib * 1024))
}

fn numa_nodes() -> u32 {
    let Ok(entries) = std::fs::read_dir("/sys/devices/system/node") else {
        return 1;
    };
    let is_node = |name: &str| {
        name.strip_prefix("node")
            .is_some_and(|n| n.parse::<u32>().is_ok())
    };
    entries
        .flatten()
        .filter(|e| e.file_name().to_str().is_some_and(is_node))
        .count()
        .max(1) as u32
}

fn cgroup_version() -> &'static str {
    if std::path::Path::new("/sys/fs/cgroup/cgroup.controllers").exists() {
        "v2"
    } else if std::path::Path::new("/sys/fs/cgroup/memory").exists() {
        "v1"
    } else {
        "none"
    }
}

fn cgroup_memory() -> Option<Bytes> {
    let own = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let v2 = own.lines().find_map(|l| l.strip_prefix("0::")).unwrap_or("/");
    let v1 = own
        .lines()
        .find_map(|l| l.split_once(":memory:").map(|(_, p)| p))
        .unwrap_or("/");
    let limit = [
        format!("/sys/fs/cgroup{v2}/memory.max"),
        format!("/sys/fs/cgroup/memory{v1}/memory.limit_in_bytes"),
        "/sys/fs/cgroup/memory/memory.limit_in_bytes".to_owned(),
    ]
    .iter()
    .find_map(|p| line(p)?.parse::<u64>().ok())?;
    // v1 writes "no limit" as a number near 2^63.
    (limit < 1 << 60).then_some(Bytes(limit))
}
