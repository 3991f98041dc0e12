//! What is asked of every page, on every screen.

use std::path::Path;
use std::process::Command;

use gcrucible::artifact::axis::Axis;

use crate::driver::{Browser, Screen};

pub const WIDE: Screen = Screen {
    width: 1400,
    height: 1000,
    dark: false,
};
pub const SCREENS: [Screen; 4] = [
    WIDE,
    Screen { dark: true, ..WIDE },
    Screen { width: 400, ..WIDE },
    Screen {
        width: 400,
        dark: true,
        ..WIDE
    },
];

/// What no page of ours may do; empty is good.
pub async fn complaints(browser: &Browser) -> Vec<String> {
    let mut found = browser.console().await;
    found.extend(browser.requests_outside().await);
    let overflow = browser
        .execute("return document.scrollingElement.scrollWidth - document.documentElement.clientWidth")
        .await;
    if overflow.as_i64() != Some(0) {
        found.push(format!("the page is {overflow} px wider than the screen"));
    }
    found
}

/// Cells of tables so narrow that their text runs down the page; closed parts of the page count too.
pub async fn squeezed(browser: &Browser) -> Vec<String> {
    browser
        .execute("document.querySelectorAll('details').forEach(d => { d.open = true })")
        .await;
    let cells = browser
        .execute(
            "return [...document.querySelectorAll('tbody td, tbody th, table.data thead th')].filter(c => c.textContent.length > 6 && c.offsetWidth && c.scrollHeight > 8 * c.offsetWidth
                || c.scrollWidth > c.offsetWidth + 1).map(c => c.textContent)",
        )
        .await;
    let cells = cells.as_array().cloned().unwrap_or_default();
    cells.iter().map(|c| format!("squeezed: {c}")).collect()
}

pub async fn missing_sections(browser: &Browser) -> Vec<String> {
    let mut missing = vec![];
    for axis in Axis::ALL {
        let script = format!(
            "const s = document.querySelector('section#{}'); return Boolean(s && s.offsetHeight && s.querySelector('h2'))",
            axis.id()
        );
        if browser.execute(&script).await != true {
            missing.push(format!("no section for {}", axis.id()));
        }
    }
    missing
}

pub const DRAWN: &str =
    "return [...document.querySelectorAll('.plot')].filter(p => p.dataset.drawn === 'done').length";
pub const PLOTS: &str = "return document.querySelectorAll('.plot').length";
/// Plots without a mark in them, or with marks of no extent.
pub const BARE: &str = "return [...document.querySelectorAll('.plot')].filter(p => {
    const marks = [...p.querySelectorAll('.scatterlayer path, .barlayer path')];
    return !marks.some(m => { const b = m.getBoundingClientRect(); return b.width + b.height > 1 })
}).map(p => p.id)";

/// Scrolls through the page as a reader does; gives the plots that were not drawn.
pub async fn scroll_through(browser: &Browser) -> Vec<String> {
    let plots = browser.execute(PLOTS).await.as_u64().unwrap();
    let mut missed = vec![];
    for i in 0..plots {
        let plot = format!("document.querySelectorAll('.plot')[{i}]");
        browser
            .execute(&format!("{plot}.scrollIntoView({{block: 'center'}})"))
            .await;
        let done = format!("return {plot}.dataset.drawn === 'done'");
        if !browser.wait_for(&done).await {
            missed.push(format!("plot {i} was not drawn after scrolling to it"));
        }
    }
    missed
}

/// Text that stands out too little from what is behind it (WCAG 2, AA: 4.5, and 3 where it is large); closed parts of the page count too.
pub async fn faint(browser: &Browser) -> Vec<String> {
    let script = "
        document.querySelectorAll('details').forEach(d => { d.open = true });
        const numbers = c => c.match(/[\\d.]+/g).map(Number);
        const luminance = c => { const [r, g, b] = numbers(c).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b };
        const solid = c => c && c !== 'none' && (numbers(c)[3] ?? 1) > 0.5;
        const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (solid(c)) return c } return 'rgb(255, 255, 255)' };
        const found = new Set();
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const e = walker.currentNode.parentElement, text = walker.currentNode.data.trim();
            if (!text || e.closest('script, style, noscript') || !e.getClientRects().length) continue;
            const style = getComputedStyle(e), drawn = e.closest('svg');
            const ink = luminance(drawn ? style.fill : style.color), paper = luminance(behind(e));
            const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
            if (contrast < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) found.add(`faint: ${contrast.toFixed(2)} ${text.slice(0, 60)}`) }
        return [...found]";
    let found = browser.execute(script).await;
    let found = found.as_array().cloned().unwrap_or_default();
    found
        .iter()
        .map(|f| f.as_str().unwrap_or_default().to_owned())
        .collect()
}

/// A folder with the published inputs, and all that `report` computes from them.
pub fn rendered(name: &str) -> tempfile::TempDir {
    let published = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("reports/published")
        .join(name);
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    std::fs::copy(published.join("plan.json"), dir.path().join("plan.json")).unwrap();
    for name in ["host.json", "calibration.json", "claims.json"] {
        if published.join(name).exists() {
            std::fs::copy(published.join(name), dir.path().join(name)).unwrap();
        }
    }
    // Only read, and only there where the run was recent enough to have them.
    for name in ["raw", "quiet"] {
        if published.join(name).exists() {
            std::os::unix::fs::symlink(published.join(name), dir.path().join(name)).unwrap();
        }
    }
    let output = Command::new(env!("CARGO_BIN_EXE_gcrucible"))
        .arg("report")
        .arg(dir.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(dir.path().join("index.html").exists(), "{told}");
    dir
}
