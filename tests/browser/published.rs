//! The page of a real run: the published one, rendered again from its raw files.

use std::path::{Path, PathBuf};

use gcrucible::artifact::axis::Axis;
use gcrucible::artifact::plan::Purpose;
use gcrucible::artifact::verdict::Verdicts;
use gcrucible::artifact::{plan::Plan, read};

use crate::checks::*;
use crate::driver::{self, Screen};

#[test]
fn the_published_run_reads_well_on_every_screen() {
    let Some(driver) = driver::start() else { return };
    let dir = rendered("quick");
    let page = dir.path().join("index.html");
    driver.run(async |browser| {
        for screen in SCREENS {
            browser.show(&page, "", screen).await;
            let mut found = missing_sections(browser).await;
            found.extend(scroll_through(browser).await);
            for axis in Axis::ALL {
                let script = format!(
                    "return document.querySelectorAll('#{} .plot[data-drawn=done]').length",
                    axis.id()
                );
                if browser.execute(&script).await == 0 {
                    found.push(format!("no chart for {}", axis.id()));
                }
            }
            for bare in browser.execute(BARE).await.as_array().unwrap() {
                found.push(format!("nothing to see in {bare}"));
            }
            found.extend(faint(browser).await);
            found.extend(squeezed(browser).await);
            found.extend(complaints(browser).await);
            assert!(found.is_empty(), "{screen:?}:\n{}", found.join("\n"));
        }
    });
}

#[test]
fn no_column_is_cut_off_on_paper() {
    let Some(driver) = driver::start() else { return };
    let dir = rendered("quick");
    driver.run(async |browser| {
        browser.show(&dir.path().join("index.html"), "", WIDE).await;
        assert!(browser.wait_for("return Boolean(window.Plotly)").await);
        browser
            .execute("dispatchEvent(new Event('beforeprint'))")
            .await;
        // A4 with a centimetre on each side.
        browser.on_paper(717).await;
        let cut = browser
            .execute(
                "return [...document.querySelectorAll('table')].filter(t => t.offsetWidth > document.body.clientWidth + 1)
                    .map(t => `${t.offsetWidth} px: ${t.caption.textContent}`)",
            )
            .await;
        assert!(cut.as_array().unwrap().is_empty(), "{cut:#}");
    });
}

#[test]
fn every_published_verdict_leads_to_the_raw_files_of_all_its_runs() {
    let Some(driver) = driver::start() else { return };
    let dir = rendered("quick");
    let plan: Plan = read(dir.path()).unwrap();
    let verdicts: Verdicts = read(dir.path()).unwrap();
    driver.run(async |browser| {
        browser.show(&dir.path().join("index.html"), "", WIDE).await;
        for verdict in &verdicts.verdicts {
            let axis = verdict.axis.id();
            let links = browser
                .execute(&format!(
                    "const row = document.querySelector('table.verdicts a[href=\"#{axis}\"]');
                     return row && [...document.querySelectorAll('#{axis} .trace a')].map(a => a.getAttribute('href'))"
                ))
                .await;
            let links: Vec<&str> = links
                .as_array()
                .unwrap_or_else(|| panic!("{axis} has a row"))
                .iter()
                .filter_map(|l| l.as_str())
                .collect();
            for work in &verdict.works {
                for collector in [&verdict.a, &verdict.b] {
                    let cell = format!("{}/{collector}", work.work);
                    let runs = plan
                        .invocations
                        .iter()
                        .filter(|i| i.cell == cell && i.purpose == Purpose::Measure);
                    for run in runs {
                        let link = format!("raw/{}/", run.id);
                        assert!(links.contains(&link.as_str()), "{axis}: no link to {link}");
                    }
                }
            }
            for link in links {
                for file in ["exit.json", "stdout", "request"] {
                    assert!(dir.path().join(link).join(file).is_file(), "{axis}: {link}{file}");
                }
            }
        }
    });
}

/// Where pictures go and which page they show can be said: `GCRUCIBLE_PICTURES=DIR GCRUCIBLE_PAGE=.../index.html`.
#[test]
#[ignore = "draws every section on every screen for a person to look at: target/tmp/pictures/"]
fn pictures_of_every_section() {
    let Some(driver) = driver::start() else { return };
    let dir = rendered("quick");
    let pictures = std::env::var_os("GCRUCIBLE_PICTURES").map_or_else(
        || Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures"),
        PathBuf::from,
    );
    std::fs::create_dir_all(&pictures).unwrap();
    let page =
        std::env::var_os("GCRUCIBLE_PAGE").map_or_else(|| dir.path().join("index.html"), PathBuf::from);
    driver.run(async |browser| {
        for screen in SCREENS {
            browser.show(&page, "", screen).await;
            scroll_through(browser).await;
            // It would lie across what it is scrolled over.
            browser
                .execute("document.querySelector('nav').style.position = 'static'")
                .await;
            let Screen { width, dark, .. } = screen;
            let tone = if dark { "dark" } else { "light" };
            let parts = browser
                .execute("return [...document.querySelectorAll('header, section')].map(s => s.id || 'top')")
                .await;
            for (i, part) in parts.as_array().unwrap().iter().enumerate() {
                let part = part.as_str().unwrap();
                let bytes = browser
                    .picture(&format!("document.querySelectorAll('header, section')[{i}]"))
                    .await;
                std::fs::write(pictures.join(format!("{width}-{tone}-{i:02}-{part}.png")), bytes).unwrap();
            }
        }
    });
}
