//! chromedriver for the length of one test, and a browser in it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

const ARGUMENTS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-breakpad",
    // A browser on a pipe ends with its driver, whatever ended that.
    "--remote-debugging-pipe",
];
/// How long a page may take to do what it is waited for: generous, since it only matters when something is wrong.
const PATIENCE: Duration = Duration::from_secs(90);

#[derive(Clone, Copy, Debug)]
pub struct Screen {
    pub width: u32,
    pub height: u32,
    pub dark: bool,
}

/// Killed with everything it started when dropped.
pub struct Driver {
    child: Child,
    port: u16,
    profile: tempfile::TempDir,
}

pub struct Browser {
    client: Client,
    port: u16,
    session: String,
}

/// None, with a note, where there is no browser; fails instead where CI is set.
pub fn start() -> Option<Driver> {
    let (Ok(driver), Ok(_)) = (which::which("chromedriver"), which::which("chromium")) else {
        let note = "no chromedriver or no chromium here: apt-get install chromium chromium-driver";
        assert!(std::env::var_os("CI").is_none(), "{note}");
        // Not with eprintln: the harness keeps the output of tests that pass.
        let _ = writeln!(std::io::stderr(), "SKIPPED: {note}");
        return None;
    };
    let mut command = Command::new(driver);
    command
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0);
    // SAFETY: one async-signal-safe system call between fork and exec, no allocation. Even a test killed with SIGKILL leaves no driver.
    unsafe {
        command.pre_exec(|| {
            if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM) == 0 {
                Ok(())
            } else {
                Err(std::io::Error::last_os_error())
            }
        });
    }
    let mut child = command.spawn().expect("chromedriver starts");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
        let (_, port) = line.split_once("started successfully on port ")?;
        port.trim_end_matches('.').trim().parse().ok()
    });
    // The pipe stays open and read, or the driver would be stopped by its own output.
    std::thread::spawn(move || lines.for_each(drop));
    let profile = tempfile::tempdir().expect("a place for the profile");
    let driver = Driver {
        child,
        port: port.unwrap_or(0),
        profile,
    };
    assert_ne!(driver.port, 0, "chromedriver says which port it listens on");
    Some(driver)
}

impl Driver {
    /// Opens a fresh browser, does the work, and closes it also when the work panics.
    pub fn run(self, work: impl AsyncFnOnce(&Browser)) {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(async {
                let mut arguments = ARGUMENTS.map(str::to_owned).to_vec();
                arguments.push(format!("--user-data-dir={}", self.profile.path().display()));
                let capabilities = json!({
                    "browserName": "chrome",
                    "goog:chromeOptions": { "binary": which::which("chromium").unwrap(), "args": arguments },
                    "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
                });
                let client = ClientBuilder::new(HttpConnector::new())
                    .capabilities(capabilities.as_object().unwrap().clone())
                    .connect(&format!("http://127.0.0.1:{}", self.port))
                    .await
                    .expect("a session");
                let session = client.session_id().await.unwrap().expect("a session id");
                let browser = Browser {
                    client,
                    port: self.port,
                    session,
                };
                work(&browser).await;
                browser.client.close().await.expect("the session ends");
            });
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Asks first: the driver then closes its browsers, also those that a panic left open.
        let _ = request(self.port, "GET", "/shutdown", "");
        let group = self.child.id().cast_signed();
        // SAFETY: signals the group that this child leads and that nobody else has joined; it is not yet waited for.
        unsafe { libc::kill(-group, libc::SIGKILL) };
        let _ = self.child.wait();
    }
}

impl Browser {
    /// Loads the page afresh and forgets what was logged before.
    pub async fn show(&self, page: &Path, hash: &str, screen: Screen) {
        let Screen { width, height, dark } = screen;
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 }),
        );
        let scheme = if dark { "dark" } else { "light" };
        self.devtools(
            "Emulation.setEmulatedMedia",
            json!({ "media": "", "features": [{ "name": "prefers-color-scheme", "value": scheme }] }),
        );
        self.client.goto("about:blank").await.unwrap();
        self.log("browser");
        self.log("performance");
        self.client
            .goto(&format!("file://{}{hash}", page.display()))
            .await
            .unwrap();
    }

    /// The page that is shown, as it would be laid out on paper of that width in pixels.
    pub async fn on_paper(&self, width: u32) {
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": false }),
        );
        self.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" }));
    }

    pub async fn execute(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap()
    }

    /// The element that the expression gives, in full height, as PNG.
    pub async fn picture(&self, element: &str) -> Vec<u8> {
        let script = format!(
            "const b = {element}.getBoundingClientRect(); return {{ x: 0, y: b.top + scrollY, width: innerWidth, height: b.height, scale: 1 }}"
        );
        let clip = self.execute(&script).await;
        let answer = self.command(
            "goog/cdp/execute",
            json!({ "cmd": "Page.captureScreenshot", "params": { "clip": clip, "captureBeyondViewport": true } }),
        );
        let data = answer["data"].as_str().expect("a picture");
        base64::engine::general_purpose::STANDARD
            .decode(data)
            .expect("in base64")
    }

    /// Until the script returns true; false where it never does.
    pub async fn wait_for(&self, script: &str) -> bool {
        let end = std::time::Instant::now() + PATIENCE;
        while std::time::Instant::now() < end {
            if self.execute(script).await == true {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        false
    }

    /// Everything the page logged since it was shown.
    pub async fn console(&self) -> Vec<String> {
        self.log("browser")
            .iter()
            .map(|entry| format!("console: {}", entry["message"]))
            .collect()
    }

    /// Everything asked for since the page was shown that is not in the file itself.
    pub async fn requests_outside(&self) -> Vec<String> {
        self.log("performance")
            .iter()
            .filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok())
            .filter(|event| event["message"]["method"] == "Network.requestWillBeSent")
            .filter_map(|event| {
                let url = event["message"]["params"]["request"]["url"].as_str()?;
                let inside = ["file:", "data:", "blob:"].iter().any(|s| url.starts_with(s));
                (!inside).then(|| format!("request: {url}"))
            })
            .collect()
    }

    fn log(&self, kind: &str) -> Vec<Value> {
        let answer = self.command("se/log", json!({ "type": kind }));
        answer.as_array().cloned().unwrap_or_default()
    }

    fn devtools(&self, method: &str, parameters: Value) {
        self.command("goog/cdp/execute", json!({ "cmd": method, "params": parameters }));
    }

    /// Commands of chromedriver that are not WebDriver's.
    fn command(&self, path: &str, body: Value) -> Value {
        let path = format!("/session/{}/{path}", self.session);
        let answer = request(self.port, "POST", &path, &body.to_string()).expect("chromedriver answers");
        let answer: Value = serde_json::from_str(&answer).expect("in JSON");
        assert!(answer["value"]["error"].is_null(), "{path}: {answer}");
        answer["value"].clone()
    }
}

/// One exchange with chromedriver; the body of its answer.
fn request(port: u16, method: &str, path: &str, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    String::from_utf8(body).map_err(std::io::Error::other)
}
