//! Prometheus itself, as the judge of what is served: its server, and its parser of OpenMetrics alone.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::scrape::ask;

/// Only matters when something is wrong.
const PATIENCE: Duration = Duration::from_secs(90);

/// None, with a note, where there is no Prometheus; fails instead where CI is set.
pub fn tool(name: &str) -> Option<PathBuf> {
    let found = which::which(name).ok();
    if found.is_none() {
        let note = format!("no {name} here: apt-get install prometheus");
        assert!(std::env::var_os("CI").is_none(), "{note}");
        // Not with eprintln: the harness keeps the output of tests that pass.
        let _ = writeln!(std::io::stderr(), "SKIPPED: {note}");
    }
    found
}

/// Panics unless promtool's parser of OpenMetrics takes all of it. `promtool check metrics` is of the older text format, which has neither
/// `info` nor units; what fills a database reads the newer, of samples with a time.
pub fn parses(promtool: &PathBuf, text: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("metrics");
    let timed: String = text
        .lines()
        .map(|line| match line.starts_with('#') {
            true => format!("{line}\n"),
            false => format!("{line} 1700000000\n"),
        })
        .collect();
    std::fs::write(&file, timed).unwrap();
    let output = Command::new(promtool)
        .args(["tsdb", "create-blocks-from", "openmetrics"])
        .args([file, folder.path().join("blocks")])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{text}");
}

/// A server that scrapes one target each second. Killed when dropped.
pub struct Prometheus {
    child: Child,
    address: SocketAddr,
    folder: tempfile::TempDir,
}

impl Prometheus {
    pub fn start(target: SocketAddr) -> Option<Prometheus> {
        let program = tool("prometheus")?;
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("prometheus.yml");
        let text = format!(
            "global:\n  scrape_interval: 1s\nscrape_configs:\n  - job_name: gcrucible\n    static_configs:\n      - targets: ['{target}']\n"
        );
        std::fs::write(&config, text).unwrap();
        // It does not tell a port that it picked.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new(program);
        command
            .arg(format!("--config.file={}", config.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.path().join("data").display()
            ))
            .arg(format!("--web.listen-address={address}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.path().join("log")).unwrap());
        // SAFETY: one async-signal-safe system call between fork and exec, no allocation. Even a test killed with SIGKILL leaves no server.
        unsafe {
            command.pre_exec(|| {
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
                Ok(())
            });
        }
        Some(Prometheus {
            child: command.spawn().expect("prometheus starts"),
            address,
            folder,
        })
    }

    /// What a query finds, once it is more than nothing.
    pub fn query(&self, query: &str) -> Value {
        let encoded: String = query.bytes().map(|b| format!("%{b:02x}")).collect();
        self.ask(&format!("/api/v1/query?query={encoded}"))["result"].take()
    }

    /// What the API answers at that path, once it is more than nothing.
    pub fn ask(&self, path: &str) -> Value {
        let since = Instant::now();
        loop {
            let answer = ask(self.address, "GET", path).ok().filter(|a| a.status == 200);
            let found = answer.and_then(|a| serde_json::from_str::<Value>(&a.body).ok());
            if let Some(data) = found.map(|mut f| f["data"].take()).filter(is_something) {
                return data;
            }
            if since.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                panic!("{path} stays empty; prometheus says:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

fn is_something(data: &Value) -> bool {
    match data {
        Value::Array(all) => !all.is_empty(),
        // What a query finds is a list inside.
        Value::Object(all) => all.get("result").map_or(!all.is_empty(), is_something),
        _ => false,
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
