//! Memory from outside: RSS at a fixed interval on a kept descriptor, into memory; written when the process has ended. For a collector
//! with threads of its own, their CPU once a second beside it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, Thread};
use std::time::Duration;

use super::procfs::{self, Statm};
use super::seconds::Seconds;
use crate::artifact::exit::SamplerCost;
use crate::artifact::run_dir::Raw;
use crate::artifact::unit::{Bytes, Ns};

/// 100 samples a second: 0.25 to 0.4 % of a core of a virtual machine, where a wake-up costs 25 to 40 us; the read itself takes 1 us.
pub const INTERVAL: Duration = Duration::from_millis(10);

pub struct Sampler {
    stop: Arc<AtomicBool>,
    inside: Arc<AtomicBool>,
    thread: JoinHandle<Seen>,
}

#[derive(Default)]
struct Seen {
    samples: Vec<(Ns, Bytes)>,
    seconds: Option<String>,
    cpu: Ns,
}

/// Tells the sampler where the process's window is.
pub struct Window {
    inside: Arc<AtomicBool>,
    sampler: Thread,
}

impl Window {
    pub fn begins(&self) {
        self.is(true);
    }

    pub fn has_ended(&self) {
        self.is(false);
    }

    fn is(&self, inside: bool) {
        self.inside.store(inside, Ordering::Relaxed);
        self.sampler.unpark();
    }
}

impl Sampler {
    /// Samples until [`Sampler::finish`] or the end of the process; not at all where it is not to. `by_second`: looks at the process's
    /// threads, too, while [`Sampler::window`] is open.
    pub fn start(pid: u32, sample: bool, by_second: bool) -> Sampler {
        let stop = Arc::new(AtomicBool::new(!sample));
        let inside = Arc::new(AtomicBool::new(false));
        let (stopped, within) = (stop.clone(), inside.clone());
        let thread = std::thread::spawn(move || {
            let mut samples = Vec::with_capacity(1 << 14);
            let mut seconds = by_second.then(|| Seconds::of(pid));
            let Ok(statm) = Statm::open(pid) else {
                return Seen::default();
            };
            while !stopped.load(Ordering::Relaxed) {
                match statm.resident() {
                    Some(resident) => samples.push((procfs::now(), resident)),
                    None => break,
                }
                if let Some(seconds) = &mut seconds {
                    seconds.look(within.load(Ordering::Relaxed));
                }
                // Ends early where a window begins or ends: one sample more.
                std::thread::park_timeout(INTERVAL);
            }
            Seen {
                samples,
                seconds: seconds.and_then(Seconds::text),
                cpu: procfs::thread_cpu(),
            }
        });
        Sampler { stop, inside, thread }
    }

    pub fn window(&self) -> Window {
        Window {
            inside: self.inside.clone(),
            sampler: self.thread.thread().clone(),
        }
    }

    /// Stops, writes memory.csv, and seconds.csv where there is any, and says what it cost.
    pub fn finish(self, raw: &Raw) -> std::io::Result<SamplerCost> {
        self.stop.store(true, Ordering::Relaxed);
        let seen = self.thread.join().unwrap_or_default();
        let mut text = String::with_capacity(seen.samples.len() * 28 + 16);
        text.push_str("t_ns,rss_bytes\n");
        for (t, rss) in &seen.samples {
            text.push_str(&format!("{},{}\n", t.0, rss.0));
        }
        std::fs::write(raw.memory(), text)?;
        if let Some(seconds) = seen.seconds {
            std::fs::write(raw.seconds(), seconds)?;
        }
        Ok(SamplerCost {
            samples: seen.samples.len() as u64,
            cpu: seen.cpu,
            driver_rss: procfs::own_resident(),
        })
    }
}
