//! The page of `explain --html`, made by the command from real logs.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::checks::*;
use crate::driver;

fn explained(log: &str) -> PathBuf {
    let page =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("explained-{}.html", log.replace('/', "-")));
    let output = Command::new(env!("CARGO_BIN_EXE_gcrucible"))
        .arg("explain")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(log))
        .arg("--html")
        .arg(&page)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    page
}

#[test]
fn an_explained_log_reads_well_on_every_screen() {
    let Some(driver) = driver::start() else { return };
    // In trouble, healthy, with stalls, and without any time in it.
    let pages = [
        "explain/go-limit.trace",
        "explain/g1.log",
        "observe/logs/25-zgc.log",
        "observe/logs/17-epsilon.log",
    ];
    let pages = pages.map(explained);
    driver.run(async |browser| {
        for page in &pages {
            for screen in SCREENS {
                browser.show(page, "", screen).await;
                let mut found = scroll_through(browser).await;
                for section in ["findings", "figures", "subject", "checks"] {
                    let shown = format!("const s = document.querySelector('section#{section}'); return Boolean(s && s.offsetHeight && s.querySelector('h2'))");
                    if browser.execute(&shown).await != true {
                        found.push(format!("no section {section}"));
                    }
                }
                for bare in browser.execute(BARE).await.as_array().unwrap() {
                    found.push(format!("nothing to see in {bare}"));
                }
                found.extend(faint(browser).await);
                found.extend(squeezed(browser).await);
                found.extend(complaints(browser).await);
                assert!(found.is_empty(), "{} on {screen:?}:\n{}", page.display(), found.join("\n"));
            }
        }
    });
}
