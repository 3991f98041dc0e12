//! Where things are inside a run folder.

use std::path::{Path, PathBuf};

/// `reports/<date>-<host>-<suite>/`
#[derive(Clone, Debug)]
pub struct RunDir {
    root: PathBuf,
}

impl RunDir {
    pub fn new(root: impl Into<PathBuf>) -> Self {
        RunDir { root: root.into() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Raw files of one invocation.
    pub fn raw(&self, invocation: &str) -> Raw {
        Raw {
            dir: self.root.join("raw").join(invocation),
        }
    }

    pub fn observed(&self, invocation: &str) -> PathBuf {
        self.root.join("observed").join(format!("{invocation}.json"))
    }

    /// What the machine did on its own before a round.
    pub fn quiet(&self, round: u32) -> PathBuf {
        self.root.join("quiet").join(format!("r{round}.json"))
    }

    pub fn samples(&self) -> PathBuf {
        self.root.join("samples.csv")
    }

    /// What each second of each run was: [`super::tracker`].
    pub fn tracker(&self) -> PathBuf {
        self.root.join("tracker.csv")
    }

    pub fn page(&self) -> PathBuf {
        self.root.join("index.html")
    }
}

/// `raw/<invocation>/`
#[derive(Clone, Debug)]
pub struct Raw {
    dir: PathBuf,
}

impl Raw {
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The request as it was sent.
    pub fn request(&self) -> PathBuf {
        self.dir.join("request")
    }

    pub fn stdout(&self) -> PathBuf {
        self.dir.join("stdout")
    }

    pub fn stderr(&self) -> PathBuf {
        self.dir.join("stderr")
    }

    pub fn gc_log(&self) -> PathBuf {
        self.dir.join("gc.log")
    }

    /// Header `t_ns,rss_bytes`: one line a sample, CLOCK_MONOTONIC.
    pub fn memory(&self) -> PathBuf {
        self.dir.join("memory.csv")
    }

    /// Header `phase,t_ns,rss_bytes,pss_bytes,hwm_bytes,cgroup_peak_bytes`: one line a hold; an empty field is "not to be had".
    pub fn phases(&self) -> PathBuf {
        self.dir.join("phases.csv")
    }

    /// Header `phase,tid,name,cpu_ns`: on-CPU time of every thread at each hold, from its schedstat.
    pub fn threads(&self) -> PathBuf {
        self.dir.join("threads.csv")
    }

    /// Header `t_ns,tid,name,cpu_ns`: the same of every thread at the begin of the window, each second inside it and at its end; `t_ns` is CLOCK_MONOTONIC. Only
    /// for a collector with threads of its own.
    pub fn seconds(&self) -> PathBuf {
        self.dir.join("seconds.csv")
    }

    /// The idle control watcher's gaps during the window: base64 HdrHistogram V2 compressed, one line.
    pub fn control(&self) -> PathBuf {
        self.dir.join("control.hist")
    }

    /// Header `stopping,stopped,continuing,continued`: one line a stall that the driver made, CLOCK_MONOTONIC. Only where it made any.
    pub fn stalls(&self) -> PathBuf {
        self.dir.join("stalls.csv")
    }

    /// Header `t_ns,cpu_ns`: one line a scrape of live metrics that was answered while the process ran, CLOCK_MONOTONIC, and the CPU that it took. Only
    /// where there was any.
    pub fn scrapes(&self) -> PathBuf {
        self.dir.join("scrapes.csv")
    }

    pub fn exit(&self) -> PathBuf {
        self.dir.join("exit.json")
    }
}
