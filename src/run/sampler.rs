//! Memory from outside: RSS at a fixed interval on a kept descriptor, into memory; written when the process has ended.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::procfs::{self, Statm};
use crate::artifact::exit::SamplerCost;
use crate::artifact::unit::{Bytes, Ns};

/// 100 samples a second: 0.25 to 0.4 % of a core of a virtual machine, where a wake-up costs 25 to 40 us; the read itself takes 1 us.
pub const INTERVAL: Duration = Duration::from_millis(10);

pub struct Sampler {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<(Vec<(Ns, Bytes)>, Ns)>,
}

impl Sampler {
    /// Samples until [`Sampler::finish`] or the end of the process; not at all where it is not to.
    pub fn start(pid: u32, sample: bool) -> Sampler {
        let stop = Arc::new(AtomicBool::new(!sample));
        let seen = stop.clone();
        let thread = std::thread::spawn(move || {
            let mut samples = Vec::with_capacity(1 << 14);
            let Ok(statm) = Statm::open(pid) else {
                return (samples, Ns(0));
            };
            while !seen.load(Ordering::Relaxed) {
                match statm.resident() {
                    Some(resident) => samples.push((procfs::now(), resident)),
                    None => break,
                }
                std::thread::sleep(INTERVAL);
            }
            (samples, procfs::thread_cpu())
        });
        Sampler { stop, thread }
    }

    /// Stops, writes memory.csv and says what it cost.
    pub fn finish(self, path: &Path) -> std::io::Result<SamplerCost> {
        self.stop.store(true, Ordering::Relaxed);
        let (samples, cpu) = self.thread.join().unwrap_or_default();
        let mut text = String::with_capacity(samples.len() * 28 + 16);
        text.push_str("t_ns,rss_bytes\n");
        for (t, rss) in &samples {
            text.push_str(&format!("{},{}\n", t.0, rss.0));
        }
        std::fs::write(path, text)?;
        Ok(SamplerCost {
            samples: samples.len() as u64,
            cpu,
            driver_rss: procfs::own_resident(),
        })
    }
}
