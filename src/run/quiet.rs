//! The machine on its own: the idle control watcher, before each round, with nothing of ours beside it. What it sees is the machine's (and
//! its strangers'); what the same watcher sees beside a run is also the run's, which may well use every core.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::control::Control;
use super::{RunError, Surroundings};
use crate::artifact::envelope;
use crate::artifact::plan::{Invocation, Purpose};
use crate::artifact::quiet::Quiet;
use crate::artifact::run_dir::RunDir;

/// A single round must give the thousand gaps that a 99th percentile needs.
const LISTEN: Duration = Duration::from_millis(1300);

/// Once a round, before its first measured process.
pub fn listen(dir: &RunDir, invocation: &Invocation, around: &Surroundings) -> Result<(), RunError> {
    let path = dir.quiet(invocation.round);
    if invocation.purpose != Purpose::Measure || path.exists() {
        return Ok(());
    }
    if let Some(gaps) = hear(around, LISTEN) {
        let quiet = Quiet {
            round: invocation.round,
            gaps,
        };
        envelope::write_at(&path, dir.root(), &quiet, &["plan.json"])?;
    }
    Ok(())
}

/// What the idle control watcher sees in that time: lateness of sleeps of 1 ms, ns, as an HdrHistogram (V2 compressed, base64). None where
/// there is no watcher, or the person wants to stop.
pub fn hear(around: &Surroundings, length: Duration) -> Option<String> {
    let control = Control::start(&around.control)?;
    let until = Instant::now() + length;
    while Instant::now() < until {
        if around.stop.load(Ordering::Relaxed) {
            return None;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    control.finish().map(|line| line.trim().to_owned())
}
