//! What the page promises, whatever the run was like.

#[path = "report/claims.rs"]
mod claims;
#[path = "report/cost.rs"]
mod cost;
#[path = "report/fragmentation.rs"]
mod fragmentation;
#[path = "report/growth.rs"]
mod growth;
mod report_data;
#[path = "report/suffered.rs"]
mod suffered;

use gcrucible::artifact::axis::Axis;
use gcrucible::artifact::doubt::Doubt;
use gcrucible::artifact::outcome::Outcome;
use gcrucible::artifact::verdict::Decision;
use gcrucible::publish::static_copy::static_copy;
use report_data::{Run, complete, nothing_ran, without_a_jvm};
use serde_json::Value;

fn runs() -> [Run; 3] {
    [complete(), without_a_jvm(), nothing_ran()]
}

fn panels(view: &Value) -> Vec<&Value> {
    view["sections"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|s| s["figures"].as_array().unwrap())
        .flat_map(|f| f["panels"].as_array().unwrap())
        .collect()
}

/// The page without the packed library and the chart data: what a person can read.
fn prose(html: &str) -> String {
    static_copy(&html.replacen("<html", "<html data-drawn=\"all\"", 1)).unwrap()
}

#[test]
fn all_six_axes_have_a_section_and_a_row_that_leads_to_it() {
    for run in runs() {
        let (_, html) = run.render();
        for axis in Axis::ALL {
            assert!(
                html.contains(&format!("<section id=\"{}\"", axis.id())),
                "{}",
                axis.id()
            );
            assert!(html.contains(&format!("<a href=\"#{}\">{}</a>", axis.id(), axis.title())));
        }
    }
}

#[test]
fn every_axis_of_a_complete_run_has_charts_a_table_and_its_reason() {
    let (view, _) = complete().render();
    for section in view.0["sections"].as_array().unwrap() {
        let id = &section["id"];
        for figure in section["figures"].as_array().unwrap() {
            assert!(
                !figure["panels"].as_array().unwrap().is_empty(),
                "{id}: {}",
                figure["id"]
            );
            assert!(
                !figure["table"]["rows"].as_array().unwrap().is_empty(),
                "{id}: {}",
                figure["id"]
            );
            assert!(
                !figure["sources"].as_array().unwrap().is_empty(),
                "{id}: {}",
                figure["id"]
            );
        }
        assert!(!section["works"]["rows"].as_array().unwrap().is_empty(), "{id}");
        assert!(!section["mechanisms"].as_array().unwrap().is_empty(), "{id}");
    }
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let (first, second) = (complete().render(), complete().render());
    assert_eq!(first.0, second.0);
    assert!(first.1 == second.1, "pages differ");
}

#[test]
fn the_answer_follows_the_verdicts_of_the_leading_pair() {
    let mut run = complete();
    for (i, verdict) in run.verdicts.verdicts.iter_mut().take(6).enumerate() {
        verdict.decision = [
            Decision::AWins,
            Decision::BWins,
            Decision::Tie,
            Decision::Undecided,
            Decision::NoData,
            Decision::AWins,
        ][i];
        verdict.ratio.as_mut().unwrap().value = [0.25, 1.5, 1.0, 1.0, 1.0, 0.5][i];
    }
    let (view, _) = run.render();
    assert_eq!(
        view.0["answer"].as_str().unwrap().replace('\u{a0}', " "),
        "On this machine go wins pause time by 4.00 × and large heap by 2.00 ×; g1 wins throughput by 1.50 ×; memory overhead is a tie; \
         latency tail is undecided; fragmentation has no data."
    );
}

#[test]
fn an_untrusted_run_says_so_with_every_cure() {
    let mut run = complete();
    assert!(!run.render().1.contains("UNTRUSTED"));
    run.verdicts.untrusted = vec![Doubt::SwapInUse { bytes: 77 }, Doubt::FewCores { cores: 1 }];
    let html = run.render().1;
    assert!(html.contains("UNTRUSTED"));
    for doubt in &run.verdicts.untrusted {
        assert!(html.contains(&doubt.to_string()), "{doubt}");
    }
}

#[test]
fn a_collector_that_could_not_start_is_named_with_the_reason_wherever_its_number_would_be() {
    let run = without_a_jvm();
    let (view, html) = run.render();
    for section in view.0["sections"].as_array().unwrap() {
        let head: Vec<&str> = section["works"]["head"]
            .as_array()
            .unwrap()
            .iter()
            .map(|h| h.as_str().unwrap())
            .collect();
        let column = head.iter().position(|h| *h == "g1").unwrap() - 1;
        for row in section["works"]["rows"].as_array().unwrap() {
            let cell = &row["cells"][column];
            assert_eq!(cell["text"], "not started");
            assert_eq!(cell["note"], "no JDK found: set JAVA_HOME or install one");
        }
    }
    assert!(
        html.contains("g1 not started: no JDK found"),
        "the verdicts' table names it too"
    );
}

#[test]
fn every_failure_is_on_the_page_with_its_reason_and_its_raw_folder() {
    for run in [complete(), without_a_jvm()] {
        let html = run.render().1;
        let list = &html[html.find("id=\"failures\"").unwrap()..html.find("<footer>").unwrap()];
        for failure in &run.analysis.failures {
            assert!(
                list.contains(&format!("href=\"raw/{}/\"", failure.invocation)),
                "{}",
                failure.invocation
            );
            assert!(list.contains(failure.outcome.name()));
        }
    }
}

#[test]
fn every_chart_links_to_the_raw_folders_of_its_runs() {
    let run = complete();
    let (view, html) = run.render();
    let sources = &view.0["sections"][3]["figures"][0]["sources"];
    let hrefs: Vec<&str> = sources
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|s| s["runs"].as_array().unwrap())
        .map(|r| r["href"].as_str().unwrap())
        .collect();
    let wanted: Vec<String> = run
        .plan
        .invocations
        .iter()
        .filter(|i| i.round > 0)
        .filter(|i| {
            let cell = run.plan.cell(&i.cell).unwrap();
            run.plan.work(&cell.work).unwrap().axes.contains(&Axis::Tail)
        })
        .map(|i| format!("raw/{}/", i.id))
        .collect();
    assert_eq!(hrefs.len(), wanted.len());
    for href in &wanted {
        assert!(hrefs.contains(&href.as_str()) && html.contains(&format!("href=\"{href}\"")));
    }
}

#[test]
fn text_from_outside_stays_text() {
    let mut run = complete();
    let bad = "<img src=x onerror=alert(1)></script><script>alert(2)</script><!--";
    run.plan.question = bad.into();
    run.plan.collectors[0].label = bad.into();
    run.plan.works[0].summary = bad.into();
    run.verdicts.host.cpu = bad.into();
    run.verdicts.verdicts[0].mechanism = vec![bad.into()];
    run.verdicts.rules[0].condition = bad.into();
    run.analysis.failures[0].outcome = Outcome::Failed {
        status: Some(1),
        reason: bad.into(),
    };
    let cell = run.plan.cells[0].id.clone();
    let timeline = run
        .analysis
        .cells
        .get_mut(&cell)
        .unwrap()
        .timeline
        .as_mut()
        .unwrap();
    timeline.pauses[0].2 = bad.into();
    let (_, html) = run.render();
    assert!(html.contains("&lt;img src=x"));
    assert!(!html.contains("<img") && !html.contains("alert(2)</script>"));
    assert!(!html.contains("<!--"));
}

#[test]
fn the_lower_bounds_stand_on_the_page_and_nowhere_without_them() {
    let mut run = complete();
    let html = run.render().1;
    for wanted in [
        "What collecting costs at least",
        "overhead in wall time",
        "overhead in CPU time",
        "1.07\u{a0}×",
        "distilled: go 8.1",
    ] {
        assert!(html.contains(wanted), "{wanted}");
    }
    run.analysis.distilled.clear();
    assert!(!run.render().1.contains("What collecting costs at least"));
}

#[test]
fn a_collector_named_like_markup_stays_text_also_inside_charts() {
    let mut run = complete();
    let bad = "<a href=\"javascript:alert(1)\">go</a>";
    run.plan.collectors[0].name = bad.into();
    for cell in run.plan.cells.iter_mut().filter(|c| c.collector == "go") {
        cell.collector = bad.into();
    }
    let (view, html) = run.render();
    assert!(!html.contains("<a href=\"javascript"));
    for panel in panels(&view.0) {
        assert!(!panel["spec"].to_string().contains("<a href"), "{}", panel["id"]);
    }
}

#[test]
fn no_series_of_a_chart_has_more_points_than_a_screen_shows() {
    let mut run = complete();
    let cells = run.analysis.cells.values_mut();
    for timeline in cells.filter_map(|cell| cell.timeline.as_mut()) {
        let pause = (1, gcrucible::artifact::unit::Ns(5), "p".to_owned());
        timeline.pauses = vec![pause; 30_000];
        timeline.rss = timeline.rss.iter().cycle().take(30_000).copied().collect();
    }
    let (view, _) = run.render();
    let mut longest = 0;
    for panel in panels(&view.0) {
        for trace in panel["spec"]["data"].as_array().unwrap() {
            assert!(
                ["bar", "scatter"].contains(&trace["type"].as_str().unwrap()),
                "drawn as SVG only"
            );
            let n = trace["x"].as_array().unwrap().len();
            assert_eq!(n, trace["y"].as_array().unwrap().len());
            longest = longest.max(n);
        }
    }
    assert_eq!(longest, 2000);
}

#[test]
fn chart_data_can_be_read_back_from_the_page() {
    let (view, html) = complete().render();
    for panel in panels(&view.0) {
        let id = panel["id"].as_str().unwrap();
        let open = format!("data-for=\"{id}\">");
        let start = html.find(&open).unwrap() + open.len();
        let end = start + html[start..].find("</script>").unwrap();
        let spec: Value = serde_json::from_str(&html[start..end]).unwrap();
        assert_eq!(
            spec["data"].as_array().unwrap().len(),
            panel["spec"]["data"].as_array().unwrap().len()
        );
        assert!(html.contains(&format!("id=\"{id}\"")));
    }
}

#[test]
fn nothing_on_the_page_points_outside() {
    for run in runs() {
        let text = prose(&run.render().1);
        for scheme in ["http://", "https://", "src=", "@import", "url("] {
            assert!(!text.contains(scheme), "{scheme}");
        }
        for href in text.split("href=\"").skip(1) {
            assert!(
                ["#", "raw/", "view.json", "samples.csv", "tracker.csv", "data:,"]
                    .iter()
                    .any(|p| href.starts_with(p)),
                "{}",
                &href[..40]
            );
        }
    }
}

#[test]
fn no_number_is_printed_that_is_none() {
    for run in runs() {
        let (view, html) = run.render();
        let text = prose(&html);
        for word in ["NaN", "inf ", "null", "undefined", "None"] {
            assert!(!text.contains(word), "{word}");
        }
        assert!(!view.0["sections"].to_string().contains("NaN"));
    }
}

#[test]
fn numbers_without_sense_become_dashes_not_failures() {
    let mut run = complete();
    for cell in run.analysis.cells.values_mut() {
        for estimate in cell.metrics.values_mut() {
            (estimate.median, estimate.lo, estimate.hi) = (f64::NAN, f64::NEG_INFINITY, f64::INFINITY);
        }
        cell.curves.values_mut().for_each(|c| c.points.clear());
        for epoch in &mut cell.epochs {
            epoch.resident_over_live = f64::INFINITY;
        }
    }
    for verdict in &mut run.verdicts.verdicts {
        verdict.ratio = Some(gcrucible::artifact::verdict::Interval {
            value: f64::NAN,
            lo: f64::NAN,
            hi: f64::INFINITY,
        });
    }
    assert!(!prose(&run.render().1).contains("NaN"));
}

#[test]
fn headings_go_down_one_level_at_a_time() {
    for run in runs() {
        let html = run.render().1;
        let mut last = 0;
        for at in html.match_indices("<h").map(|(at, _)| at) {
            let Some(level) = html[at + 2..].chars().next().and_then(|c| c.to_digit(10)) else {
                continue;
            };
            assert!(level <= last + 1, "h{level} after h{last}");
            last = level;
        }
        assert_eq!(html.matches("<h1>").count(), 1);
    }
}

#[test]
fn a_reference_is_beside_the_pairs_and_never_judged() {
    let (view, _) = complete().render();
    let row = &view.0["summary"]["rows"][1];
    assert_eq!(row["cells"].as_array().unwrap().len(), 3);
    let reference = &row["references"][0];
    assert_eq!(reference["label"], "rust (reference)");
    let times: f64 = reference["text"]
        .as_str()
        .unwrap()
        .split('\u{a0}')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(
        (0.5..0.6).contains(&times),
        "0.72 / 1.31 by construction, found {times}"
    );
    assert_eq!(
        view.0["summary"]["rows"][0]["references"][0]["note"],
        "no such figure"
    );
}

#[test]
fn doubts_stand_beside_the_number_they_concern() {
    let (view, html) = complete().render();
    let throughput = &view.0["summary"]["rows"][1]["cells"][0];
    let doubts = throughput["doubts"].as_array().unwrap();
    let memory = Doubt::UnequalMemory { ratio: 1.55 }.to_string();
    assert!(doubts.iter().any(|d| d == &Value::String(memory.clone())));
    assert!(html.contains(&format!("<li>{memory}</li>")));
}

fn figure<'a>(view: &'a Value, id: &str) -> &'a Value {
    let sections = view["sections"].as_array().unwrap().iter();
    let mut figures = sections.flat_map(|s| s["figures"].as_array().unwrap());
    figures.find(|f| f["id"] == id).unwrap()
}

fn said(figure: &Value, head: &str) -> String {
    let groups = figure["said"].as_array().unwrap();
    let group = groups.iter().find(|g| g["head"] == head).unwrap();
    let items = group["items"].as_array().unwrap().iter();
    items
        .map(|i| i.as_str().unwrap().replace('\u{a0}', " "))
        .collect::<Vec<_>>()
        .join("\n")
}
