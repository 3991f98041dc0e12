//! The page of claims, rendered again from the published run.

use gcrucible::artifact::ledger::{Ledger, Outcome};
use gcrucible::artifact::read;

use crate::checks::*;
use crate::driver;

#[test]
fn claims_read_well_on_every_screen_and_are_filtered_without_a_script() {
    let Some(driver) = driver::start() else { return };
    let dir = rendered("claims");
    let page = dir.path().join("index.html");
    let ledger: Ledger = read(dir.path()).unwrap();
    let counted = |outcome| ledger.answers.iter().filter(|a| a.outcome == outcome).count();
    driver.run(async |browser| {
        for screen in SCREENS {
            browser.show(&page, "", screen).await;
            browser
                .execute("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
                .await;
            let mut found = squeezed(browser).await;
            found.extend(complaints(browser).await);
            assert!(found.is_empty(), "on {screen:?}:\n{}", found.join("\n"));
        }
        let shown = "return [...document.querySelectorAll('.claim')].filter((c) => c.offsetHeight).length";
        assert_eq!(browser.execute(shown).await, ledger.answers.len());
        for (id, outcome) in [
            ("show-holds", Outcome::Holds),
            ("show-fails", Outcome::DoesNotHold),
            ("show-undecided", Outcome::Undecided),
            ("show-inapplicable", Outcome::NotApplicable),
        ] {
            browser
                .execute(&format!("document.getElementById('{id}').click()"))
                .await;
            assert_eq!(browser.execute(shown).await, counted(outcome), "{id}");
        }
        browser
            .execute("document.getElementById('show-all').click()")
            .await;
        assert_eq!(browser.execute(shown).await, ledger.answers.len());
    });
}
