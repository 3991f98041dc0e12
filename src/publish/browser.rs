//! A browser without a window: the page as it draws it, and a picture of its first screen.

use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// In the order of preference.
const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];
/// The last one makes the page's clock run ahead while it draws.
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=60000",
];
const PATIENCE: Duration = Duration::from_secs(180);
/// Width and height of the picture in pixels.
const SCREEN: (u32, u32) = (1400, 1340);

#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    #[error("{browser}: {cause}")]
    Io { browser: PathBuf, cause: std::io::Error },
    #[error("{browser} ended with {status}: {last}", browser = .browser.display())]
    Failed {
        browser: PathBuf,
        status: std::process::ExitStatus,
        last: String,
    },
    #[error("{browser} was still busy with the page after {PATIENCE:?}", browser = .browser.display())]
    TooSlow { browser: PathBuf },
    #[error("{browser} took no picture of the page", browser = .browser.display())]
    NoPicture { browser: PathBuf },
    #[error("stopped")]
    Stopped,
}

pub struct Browser<'a> {
    program: PathBuf,
    stop: &'a AtomicBool,
}

impl<'a> Browser<'a> {
    /// None where this machine has no browser of that kind.
    pub fn find(stop: &'a AtomicBool) -> Option<Browser<'a>> {
        let program = NAMES.iter().find_map(|name| which::which(name).ok())?;
        Some(Browser { program, stop })
    }

    /// The DOM of the page with every chart drawn.
    pub fn dom(&self, page: &Path) -> Result<String, BrowserError> {
        let bytes = self.run(&["--dump-dom".into(), format!("{}#all", address(page))])?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The first screen of the page, light, as PNG in `picture`.
    pub fn picture(&self, page: &Path, picture: &Path) -> Result<(), BrowserError> {
        let (width, height) = SCREEN;
        self.run(&[
            format!("--window-size={width},{height}"),
            "--hide-scrollbars".into(),
            format!("--screenshot={}", picture.display()),
            address(page),
        ])?;
        if picture.exists() {
            Ok(())
        } else {
            Err(BrowserError::NoPicture {
                browser: self.program.clone(),
            })
        }
    }

    fn io(&self, cause: std::io::Error) -> BrowserError {
        BrowserError::Io {
            browser: self.program.clone(),
            cause,
        }
    }

    /// What it printed, once it has ended well.
    fn run(&self, arguments: &[String]) -> Result<Vec<u8>, BrowserError> {
        let place = tempfile::tempdir().map_err(|e| self.io(e))?;
        let (out, err) = (place.path().join("out"), place.path().join("err"));
        // A group of its own: the browser's many processes end with it.
        let mut child = Command::new(&self.program)
            .args(FLAGS)
            .arg(format!(
                "--user-data-dir={}",
                place.path().join("user-data").display()
            ))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(File::create(&out).map_err(|e| self.io(e))?)
            .stderr(File::create(&err).map_err(|e| self.io(e))?)
            .process_group(0)
            .spawn()
            .map_err(|e| self.io(e))?;
        let end = Instant::now() + PATIENCE;
        let ended = loop {
            match child.try_wait() {
                Ok(Some(status)) => break Ok(status),
                Err(e) => break Err(self.io(e)),
                Ok(None) if self.stop.load(Ordering::Relaxed) => break Err(BrowserError::Stopped),
                Ok(None) if Instant::now() > end => {
                    break Err(BrowserError::TooSlow {
                        browser: self.program.clone(),
                    });
                }
                Ok(None) => std::thread::sleep(Duration::from_millis(50)),
            }
        };
        if ended.is_err() {
            if let Some(group) = rustix::process::Pid::from_raw(child.id().cast_signed()) {
                let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            }
            let _ = child.wait();
        }
        let status = ended?;
        if !status.success() {
            let said = std::fs::read(&err).unwrap_or_default();
            let said = String::from_utf8_lossy(&said);
            return Err(BrowserError::Failed {
                browser: self.program.clone(),
                status,
                last: said.lines().last().unwrap_or("it said nothing").to_owned(),
            });
        }
        std::fs::read(&out).map_err(|e| self.io(e))
    }
}

/// `file://` with what has a meaning in addresses escaped.
fn address(path: &Path) -> String {
    let mut address = String::from("file://");
    for byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(byte) {
            address.push(char::from(*byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_every_byte_of_the_path() {
        assert_eq!(
            address(Path::new("/a b/#1?/ü%.html")),
            "file:///a%20b/%231%3F/%C3%BC%25.html"
        );
    }
}
