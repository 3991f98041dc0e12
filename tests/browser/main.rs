//! The page in a real browser: nothing fetched, nothing logged, every chart drawn, no sideways scrolling; wide and narrow, light and dark.
//!
//! Needs Debian's chromium and chromium-driver. Without them the tests say so and pass, unless CI is set: then they fail.

mod checks;
mod driver;
mod explained;
mod ledger;
mod published;
#[path = "../report_data/mod.rs"]
mod report_data;

use std::path::{Path, PathBuf};

use checks::*;
use driver::Screen;
use gcrucible::publish::static_copy::static_copy;

/// Pages are left in target/tmp/report/ for whoever wants to look at them.
fn write(name: &str, html: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    std::fs::create_dir_all(&dir).unwrap();
    let path = dir.join(name);
    std::fs::write(&path, html).unwrap();
    path
}

#[test]
fn the_page_reads_well_on_every_screen() {
    let Some(driver) = driver::start() else { return };
    let pages = [
        ("complete.html", report_data::complete()),
        ("without-a-jvm.html", report_data::without_a_jvm()),
        ("nothing-ran.html", report_data::nothing_ran()),
    ]
    .map(|(name, run)| (name, write(name, &run.render().1)));
    driver.run(async |browser| {
        for (name, path) in &pages {
            for screen in SCREENS {
                browser.show(path, "", screen).await;
                let mut found = missing_sections(browser).await;
                let plots = browser.execute(PLOTS).await;
                if *name == "complete.html" {
                    assert!(plots.as_u64().unwrap() > 20);
                    let early = browser.execute(DRAWN).await;
                    assert!(
                        early.as_u64() < plots.as_u64(),
                        "charts wait until they are looked at"
                    );
                }
                found.extend(scroll_through(browser).await);
                for bare in browser.execute(BARE).await.as_array().unwrap() {
                    found.push(format!("nothing to see in {bare}"));
                }
                found.extend(squeezed(browser).await);
                found.extend(complaints(browser).await);
                assert!(found.is_empty(), "{name} on {screen:?}:\n{}", found.join("\n"));
            }
        }
    });
}

#[test]
fn text_and_charts_follow_the_colour_scheme() {
    let Some(driver) = driver::start() else { return };
    let page = write("colours.html", &report_data::complete().render().1);
    driver.run(async |browser| {
        let mut papers = vec![];
        for screen in [WIDE, Screen { dark: true, ..WIDE }] {
            browser.show(&page, "", screen).await;
            browser
                .execute("document.querySelector('.plot').scrollIntoView()")
                .await;
            assert!(
                browser
                    .wait_for("return document.querySelector('.xtick text') !== null")
                    .await
            );
            let found = faint(browser).await;
            assert!(found.is_empty(), "{screen:?}:\n{}", found.join("\n"));
            papers.push(
                browser
                    .execute("return getComputedStyle(document.body).backgroundColor")
                    .await,
            );
        }
        assert_ne!(papers[0], papers[1]);
    });
}

#[test]
fn before_print_every_chart_is_drawn_and_every_caveat_open_and_after_it_all_is_as_before() {
    let Some(driver) = driver::start() else { return };
    let page = write("print.html", &report_data::complete().render().1);
    let open = "return document.querySelectorAll('details[open]').length";
    let scaled = "return document.querySelectorAll('.main-svg[viewBox]').length";
    driver.run(async |browser| {
        browser.show(&page, "", WIDE).await;
        assert!(
            browser.wait_for("return Boolean(window.Plotly)").await,
            "ready before anyone prints"
        );
        // In one go: a browser takes the page as it is when the handlers of this event return.
        let bare = browser
            .execute(&format!("dispatchEvent(new Event('beforeprint')); {BARE}"))
            .await;
        assert!(bare.as_array().unwrap().is_empty(), "{bare}");
        assert!(browser.execute(open).await.as_u64() > Some(0));
        assert!(browser.execute(scaled).await.as_u64() > Some(0));
        browser.execute("dispatchEvent(new Event('afterprint'))").await;
        assert_eq!(browser.execute(open).await, 0);
        assert_eq!(browser.execute(scaled).await, 0);
        let found = complaints(browser).await;
        assert!(found.is_empty(), "{}", found.join("\n"));
    });
}

#[test]
fn a_published_copy_shows_the_same_charts_without_any_script() {
    let Some(driver) = driver::start() else { return };
    let page = write("publish.html", &report_data::complete().render().1);
    driver.run(async |browser| {
        browser.show(&page, "#all", WIDE).await;
        assert!(browser.wait_for("return document.documentElement.dataset.drawn === 'all'").await);
        let plots = browser.execute(PLOTS).await;
        let dom = browser.execute("return document.documentElement.outerHTML").await;
        let copy = static_copy(&format!("<!DOCTYPE html>\n{}", dom.as_str().unwrap())).unwrap();
        assert!(!copy.contains("<script"));
        let copy = write("published.html", &copy);
        for screen in SCREENS {
            browser.show(&copy, "", screen).await;
            let mut found = missing_sections(browser).await;
            assert_eq!(browser.execute(PLOTS).await, plots);
            for bare in browser.execute(BARE).await.as_array().unwrap() {
                found.push(format!("nothing to see in {bare}"));
            }
            // The layers of one chart lie over each other, within their panel.
            let astray = browser
                .execute(
                    "return [...document.querySelectorAll('.panel')].filter(panel => {
                        const box = panel.querySelector('.plot').getBoundingClientRect();
                        return [...panel.querySelectorAll('.main-svg')].some(svg => {
                            const b = svg.getBoundingClientRect();
                            return b.width && (b.top < box.top - 1 || b.bottom > box.bottom + 1 || b.right > box.right + 1) }) }).length",
                )
                .await;
            assert_eq!(astray, 0, "{screen:?}");
            found.extend(complaints(browser).await);
            assert!(found.is_empty(), "{screen:?}:\n{}", found.join("\n"));
        }
    });
}

#[test]
fn this_test_would_notice_an_error_a_request_and_a_page_too_wide() {
    let Some(driver) = driver::start() else { return };
    let page = write(
        "bad.html",
        "<!DOCTYPE html><title>bad</title><div style='width:5000px'>x</div><img src='http://127.0.0.1:9/x.png'><script>console.error('complaint')</script>",
    );
    driver.run(async |browser| {
        browser.show(&page, "", WIDE).await;
        let found = complaints(browser).await.join("\n");
        for wanted in ["complaint", "http://127.0.0.1:9/x.png", "px wider"] {
            assert!(found.contains(wanted), "{wanted} is not in:\n{found}");
        }
        assert_eq!(missing_sections(browser).await.len(), 6);
    });
}
