//! What the page promises, whatever the run was like.

#[path = "report/fragmentation.rs"]
mod fragmentation;
mod report_data;

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
                ["#", "raw/", "view.json", "samples.csv", "data:,"]
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

/// The panel of the large-heap figure that shows this.
fn growth_panel<'a>(view: &'a Value, title: &str) -> &'a Value {
    let panels = figure(view, "large-heap-series")["panels"]
        .as_array()
        .unwrap()
        .iter();
    let mut named = panels.filter(|p| p["title"] == title);
    named.next().unwrap()
}

/// (dashed traces, their largest payload, the largest one of the others)
fn beyond(panel: &Value) -> (usize, f64, f64) {
    let (mut dashed, mut far, mut measured) = (0, 0f64, 0f64);
    for trace in panel["spec"]["data"].as_array().unwrap() {
        let xs = trace["x"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap());
        let largest = xs.fold(0.0, f64::max);
        if trace["line"]["dash"] == "dash" {
            dashed += 1;
            far = far.max(largest);
        } else {
            measured = measured.max(largest);
        }
    }
    (dashed, far, measured)
}

#[test]
fn what_was_not_measured_is_dashed_on_grey_and_reaches_the_machines_one_would_like_to_know_about() {
    let run = complete();
    let (view, html) = run.render();
    let panel = growth_panel(&view.0, "cache.open: p99.9 response");
    let (dashed, far, measured) = beyond(panel);
    // A band and a line for each of five collectors.
    assert_eq!((dashed, far as u64, measured as u64), (10, 128 << 30, 256 << 20));
    assert_eq!(panel["spec"]["layout"]["shapes"][0]["x0"], 256 << 20);
    assert_eq!(panel["spec"]["layout"]["annotations"][0]["text"], "not measured");
    // A share ends at one; no law leads beyond it.
    let share = growth_panel(&view.0, "cache.open: collector's share of CPU");
    assert_eq!(beyond(share).0, 0);
    assert!(share["spec"]["layout"]["shapes"].is_null());
    assert!(html.contains("extrapolated, not measured"));
}

#[test]
fn two_payloads_are_drawn_and_carried_nowhere() {
    let mut run = complete();
    run.plan.works.retain(|w| w.id != "cache.open@256MiB");
    run.analysis.growths = gcrucible::analyze::growths_of_cells(&run.plan, &run.analysis.cells);
    let (view, html) = run.render();
    let (dashed, _, measured) = beyond(growth_panel(&view.0, "cache.open: p99.9 response"));
    assert_eq!((dashed, measured as u64), (0, 128 << 20));
    assert!(html.contains("fewer than three payloads"));
}

#[test]
fn what_a_law_is_called_stands_beside_its_exponent_and_what_it_rests_on() {
    let run = complete();
    let (view, _) = run.render();
    let section = &view.0["sections"][5];
    let rows = section["growth"]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), run.analysis.growths.len());
    let row = rows
        .iter()
        .find(|r| r["head"] == "cache.open, setup_ns" && r["note"] == "go")
        .unwrap();
    let cell = |i: usize, what: &str| row["cells"][i][what].as_str().unwrap().replace('\u{a0}', " ");
    // 1.5 ns a byte by construction.
    assert!(
        cell(0, "text").starts_with("grows like payload^"),
        "{}",
        cell(0, "text")
    );
    assert_eq!(cell(2, "text"), "64 MiB to 256 MiB");
    assert_eq!(cell(2, "note"), "3 payloads, n 15");
    assert!(cell(3, "note").starts_with("extrapolated: "));
}

#[test]
fn larger_machines_are_answered_in_two_sentences_from_the_numbers() {
    let mut run = complete();
    let name = |c: &str| {
        run.analysis
            .cells
            .keys()
            .filter(|id| id.ends_with(c))
            .cloned()
            .collect::<Vec<_>>()
    };
    let (go, g1) = (name("/go"), name("/g1"));
    // By construction: go is ahead at 64 MiB, g1 at 256 MiB and, if it goes on so, beyond.
    for (ids, exponent) in [(go, 2.0), (g1, 0.01)] {
        for id in ids
            .iter()
            .filter(|id| id.starts_with("cache.open@") && !id.contains("own"))
        {
            let live = run.plan.work(&run.plan.cell(id).unwrap().work).unwrap().live.0 as f64;
            let cell = run.analysis.cells.get_mut(id).unwrap();
            let estimate = cell.metrics.get_mut("response_p999_ns").unwrap();
            let centre = 1e6 * (live / f64::from(128 << 20)).powf(exponent);
            estimate.values = (0..5).map(|i| centre * (1.0 + 0.01 * f64::from(i))).collect();
            estimate.median = estimate.values[2];
        }
    }
    run.analysis.growths = gcrucible::analyze::growths_of_cells(&run.plan, &run.analysis.cells);
    let said = |run: &Run| -> Vec<String> {
        let (view, _) = run.render();
        let group = &view.0["sections"][5]["answers"][0];
        assert_eq!(group["head"], "go against g1");
        let items = group["items"].as_array().unwrap().iter();
        items
            .map(|i| i.as_str().unwrap().replace('\u{a0}', " "))
            .collect()
    };
    let [measured, beyond] = &said(&run)[..] else {
        panic!()
    };
    assert!(
        measured.ends_with("; go is ahead at 64 MiB, g1 is ahead at 256 MiB, nobody for sure at 128 MiB."),
        "{measured}"
    );
    assert!(beyond.contains("no measurement and no verdict"), "{beyond}");
    assert!(
        beyond.ends_with("g1 would be ahead at 32 GiB, 64 GiB and 128 GiB."),
        "{beyond}"
    );

    // Without a figure in every run at three payloads there is nothing to carry on.
    let id = "cache.open@256MiB/g1";
    run.analysis.cells.get_mut(id).unwrap().invalid = 1;
    run.analysis.growths = gcrucible::analyze::growths_of_cells(&run.plan, &run.analysis.cells);
    assert!(said(&run)[1].starts_with("Nothing is said of larger machines: g1 has"));
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

#[test]
fn what_counts_as_lost_is_said_for_each_collector_from_what_its_runs_told() {
    let (view, _) = complete().render();
    let mmu = figure(&view.0, "pause-mmu");
    assert_eq!(
        said(mmu, "go"),
        "Stops count. Stalls are not told, so there is no second curve. Assists (920 ms of CPU in these runs) do not: they have no place in \
         time, so the curve flatters. The log tells pauses to three digits and places cycles to 1 ms, so windows of a few ms are rough."
    );
    assert_eq!(
        said(mmu, "g1"),
        "Stops count. Stalls would count; there was none with a place in time, and both curves are one."
    );
    assert_eq!(
        said(mmu, "zgc"),
        "Stops count. 240 stalls of single threads count in the second curve."
    );
    let heads: Vec<&Value> = mmu["said"]
        .as_array()
        .unwrap()
        .iter()
        .map(|g| &g["head"])
        .collect();
    assert_eq!(
        heads.len(),
        4,
        "a reference that tells nothing of pauses has no curve: {heads:?}"
    );
}

#[test]
fn a_dashed_curve_is_drawn_only_where_stalls_change_it() {
    let (view, _) = complete().render();
    for panel in figure(&view.0, "pause-mmu")["panels"].as_array().unwrap() {
        let dashed = panel["spec"]["data"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|t| t["line"]["dash"] == "dash");
        let names: Vec<&str> = dashed.map(|t| t["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["zgc stopped or stalled", "shenandoah stopped or stalled"]);
    }
}

#[test]
fn what_threads_suffered_stands_open_side_by_side_and_a_blank_says_why() {
    let (view, html) = complete().render();
    let felt = figure(&view.0, "pause-felt");
    assert_eq!(felt["open"], true);
    let head = felt["table"]["head"].as_array().unwrap();
    let column = |name: &str| head.iter().position(|h| h == name).unwrap() - 1;
    let row = |note: &str| {
        let mut rows = felt["table"]["rows"].as_array().unwrap().iter();
        rows.find(|r| r["note"] == note).unwrap()["cells"]
            .as_array()
            .unwrap()
    };
    assert_eq!(row("go")[column("stall")]["note"], "see assists");
    assert_eq!(row("go")[column("assists (CPU)")]["kind"], "value");
    assert_eq!(row("zgc")[column("assists (CPU)")]["note"], "see stalls");
    let stall = row("zgc")[column("stall")]["note"].as_str().unwrap();
    assert!(stall.contains(" in all, ") && stall.contains("paced "), "{stall}");
    for name in ["stopped", "to safepoint", "watcher", "idle process"] {
        assert_eq!(row("g1")[column(name)]["kind"], "value", "{name}");
    }
    assert!(html.contains("<summary>Run by run</summary>"));
}

#[test]
fn slow_requests_lie_on_the_clock_of_the_pauses_with_the_runs_own_tail_as_a_line() {
    let run = complete();
    let (view, _) = run.render();
    let timeline = figure(&view.0, "pause-timeline");
    for (panel, collector) in timeline["panels"]
        .as_array()
        .unwrap()
        .iter()
        .zip(&run.plan.collectors)
    {
        let found = run.analysis.cells[&format!("churn.open@64MiB/{}", collector.name)]
            .timeline
            .as_ref()
            .unwrap();
        let p999 = found.p999.unwrap();
        let data = panel["spec"]["data"].as_array().unwrap();
        let slow = data.iter().find(|t| t["name"] == "slow request").unwrap();
        let drawn: Vec<i64> = slow["x"]
            .as_array()
            .unwrap()
            .iter()
            .map(|x| x.as_i64().unwrap())
            .collect();
        let wanted = found.slow.iter().filter(|s| s.response > p999).map(|s| s.at);
        assert_eq!(drawn, wanted.collect::<Vec<_>>());
        assert_eq!(slow["yaxis"], "y2");
        let lines = panel["spec"]["layout"]["shapes"].as_array().unwrap();
        assert!(lines.iter().any(|l| l["type"] == "line" && l["y0"] == p999.0));
    }
}

#[test]
fn what_the_slowest_requests_met_is_said_under_the_timeline_and_in_the_tail() {
    let (view, _) = complete().render();
    let words = "Of 37 slices with a request beyond p99.9 (1.10 ms to 1.40 ms), 31 met a stop, 2 met only a cycle at work, 4 met no collector \
                 event, in 15 stops, or one stall, take half of the response and more. Of the other 600 slices' slowest requests 5.17 % met a stop. \
                 What overlapped longest: pause in 31. The slowest took 5.00 ms and was due 3.21 s into r2-churn.open@64MiB-g1: pause of 12.0 ms \
                 overlaps 6.00 ms of it.";
    assert_eq!(said(figure(&view.0, "pause-timeline"), "g1"), words);
    let tail = said(figure(&view.0, "tail-curves"), "churn.open@64MiB");
    let short = words.replace(" What overlapped longest: pause in 31.", "");
    assert!(tail.contains(&format!("g1: {short}")), "{tail}");
    assert!(tail.contains("rust: Of 37 slices"));
    assert!(tail.contains("no collector event overlaps it"));
}

#[test]
fn a_run_without_requests_by_slices_has_no_close_up() {
    let mut run = complete();
    assert!(run.render().1.contains("id=\"pause-close-up\""));
    let cells = run.analysis.cells.values_mut();
    for timeline in cells.filter_map(|cell| cell.timeline.as_mut()) {
        timeline.close_up = None;
    }
    assert!(!run.render().1.contains("id=\"pause-close-up\""));
}

#[test]
fn what_memory_buys_is_drawn_as_curves_with_their_front_and_told_in_a_table() {
    let run = report_data::complete();
    let (_, page) = run.render();
    for words in [
        "What memory buys",
        "Pareto front",
        "on the front over all collectors",
        "on none: it failed in some rounds",
        "The memory that speed needs",
        "≤ 4.10",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let mut one = report_data::complete();
    one.analysis.tradeoffs.clear();
    assert!(
        !one.render().1.contains("What memory buys"),
        "a run without a sweep has no such figure"
    );
}

#[test]
fn a_ladder_of_loads_draws_response_over_service_and_marks_what_was_too_much() {
    use report_data::ladder::{COMMON, LOADS, SATURATED, rung};
    let run = complete();
    let (view, _) = run.render();
    let figure = figure(&view.0, "tail-load");
    let panel = &figure["panels"].as_array().unwrap()[0];
    assert_eq!(panel["title"], COMMON);
    let of = |name: &str| -> Vec<&Value> {
        let data = panel["spec"]["data"].as_array().unwrap().iter();
        data.filter(|t| t["name"] == name).collect()
    };
    for (place, collector) in run.plan.collectors.iter().enumerate() {
        let traces = of(&collector.name);
        let capacity = report_data::ladder::capacity(place);
        assert_eq!(traces[0]["x"][0], capacity, "{}", collector.name);
        let dashes: Vec<_> = traces.iter().map(|t| t["line"]["dash"].as_str()).collect();
        assert_eq!(
            dashes,
            [Some("dot"), None, Some("dash"), None]
                .into_iter()
                .chain((collector.name == SATURATED).then_some(None))
                .collect::<Vec<_>>()
        );
        let (response, service, common) = (traces[1], traces[2], traces[3]);
        let carried = if collector.name == SATURATED { 1 } else { 2 };
        assert_eq!(response["x"].as_array().unwrap().len(), carried);
        assert_eq!(response["error_y"]["array"].as_array().unwrap().len(), carried);
        assert_eq!(service["x"].as_array().unwrap().len(), LOADS.len());
        assert_eq!(common["x"][0], 60_000.0);
    }
    let mark = of(SATURATED)[4];
    assert_eq!(mark["text"][0], "saturated");
    assert!(mark["marker"]["symbol"].as_str().unwrap().ends_with("-open"));
    let edge = |end: usize| panel["spec"]["layout"]["yaxis"]["range"][end].as_f64().unwrap();
    let height = (mark["y"][0].as_f64().unwrap().log10() - edge(0)) / (edge(1) - edge(0));
    assert!((0.95..1.0).contains(&height), "{height} of the panel's height");

    let said = figure["said"][0]["items"].as_array().unwrap();
    let said = said.iter().map(|s| s.as_str().unwrap().replace('\u{a0}', " "));
    let said: Vec<String> = said.collect();
    assert_eq!(said[0], "go: capacity 120 k/s; carried 85 % of it.");
    assert_eq!(
        said[3],
        "shenandoah: capacity 147 k/s; carried 30 % of it, saturated at 85 %: of 125 k/s it achieved 116 k/s."
    );

    let rows = figure["table"]["rows"].as_array().unwrap();
    let head: Vec<&str> = figure["table"]["head"]
        .as_array()
        .unwrap()
        .iter()
        .map(|h| h.as_str().unwrap())
        .collect();
    assert_eq!(
        head[5..],
        [
            "p50 response",
            "p50 service",
            "p99 response",
            "p99 service",
            "p99.9 response",
            "p99.9 service"
        ]
    );
    let upper = rows
        .iter()
        .find(|r| r["head"] == rung(LOADS[1]) && r["note"] == SATURATED)
        .unwrap();
    assert_eq!(upper["cells"][2]["text"], "yes");
    for (column, word) in head[5..].iter().enumerate() {
        let cell = &upper["cells"][column + 4];
        assert_eq!(
            cell["text"] == "saturated",
            word.ends_with("response"),
            "{word}: {cell}"
        );
    }
    assert!(
        upper["cells"][4]["note"]
            .as_str()
            .unwrap()
            .starts_with("achieved 116")
    );
}

#[test]
fn a_suite_without_a_ladder_says_so_and_a_collector_without_rungs_says_why() {
    let mut run = complete();
    run.plan.works.retain(|w| w.ladder.is_none());
    let (view, _) = run.render();
    let empty = figure(&view.0, "tail-load")["empty"].as_str().unwrap();
    assert!(empty.starts_with("This suite has no ladder of loads"), "{empty}");

    let (view, _) = without_a_jvm().render();
    let items = figure(&view.0, "tail-load")["said"][0]["items"].to_string();
    assert!(
        items.contains("g1: no run at a share of its own capacity; no JDK found"),
        "{items}"
    );
}

#[test]
fn whether_the_work_reached_a_steady_state_stands_open_beside_throughput_and_nowhere_without_blocks() {
    let mut run = complete();
    let (view, html) = run.render();
    let figure = figure(&view.0, "throughput-steady");
    assert_eq!(figure["open"], true);
    let told = figure["table"].to_string().replace('\u{a0}', " ");
    for wanted in [
        "\"5 flat\"",
        "\"4 flat, 1 warm-up\"",
        "19.0 % before it, 15 of 1,280 blocks outliers",
    ] {
        assert!(told.contains(wanted), "{wanted}: {told}");
    }
    // One drawing: a run in doubt, with all its blocks, its two states and its two outliers.
    let panels = figure["panels"].as_array().unwrap();
    assert!(panels.len() == 1 && panels[0]["title"].as_str().unwrap().ends_with(": warm-up"));
    let data = panels[0]["spec"]["data"].as_array().unwrap();
    let points = |i: usize| data[i]["x"].as_array().unwrap().len();
    assert_eq!((points(0), points(1), data.len()), (256, 2, 4));
    assert!(prose(&html).contains("nothing is trimmed"));

    for cell in run.analysis.cells.values_mut() {
        cell.steady = None;
    }
    assert!(!run.render().1.contains("id=\"throughput-steady\""));
}

#[test]
fn the_method_says_what_the_intervals_cover_for_as_many_runs_as_there_are() {
    use gcrucible::stats::{Interval, coverage};
    let told = |run: &Run| {
        run.render().0.0["method"]["sentences"]
            .to_string()
            .replace('\u{a0}', " ")
    };
    let mut run = complete();
    let five = told(&run);
    assert!(five.contains("with 5 runs a side"), "{five}");
    for of in [Interval::Median, Interval::Ratio, Interval::Rounds] {
        let least = coverage(of, 5).unwrap().least;
        assert!(five.contains(&format!("{:.1} % to", 100.0 * least)), "{five}");
    }
    run.analysis.cells.values_mut().for_each(|c| c.valid = 3);
    let three = told(&run);
    assert!(three.contains("with 3 runs a side") && three.contains("not as what they are called"));
    run.analysis.cells.values_mut().for_each(|c| c.valid = 20);
    assert!(told(&run).contains("with 20 runs a side"));
    run.analysis.cells.values_mut().for_each(|c| c.valid = 1);
    assert!(told(&run).contains("cover nothing"));
}

#[test]
fn the_page_says_of_every_headline_that_is_not_narrow_enough_how_wide_it_is_and_what_would_do() {
    let run = complete();
    let (view, html) = run.render();
    let wide = view.0["precision"]["wide"]["rows"].as_array().unwrap();
    let expected: Vec<_> = run.analysis.precision.iter().filter(|p| !p.reached()).collect();
    assert_eq!(wide.len(), expected.len());
    assert!(!wide.is_empty() && wide.len() < run.analysis.precision.len());
    for (row, precision) in wide.iter().zip(expected) {
        assert_eq!(row["head"], precision.cell.as_str());
        if precision.half_width.is_some() {
            assert!(
                row["cells"][0]["text"].as_str().unwrap().starts_with('±'),
                "{row}"
            );
            assert_ne!(row["cells"][3]["text"], "–", "{row}");
        }
    }
    assert!(html.contains("<section id=\"precision\">") && html.contains("href=\"#precision\""));
    assert!(html.contains("usual goal"));
    let mut run = run;
    run.plan.goal = Some(gcrucible::artifact::goal::Goal::USUAL);
    assert!(run.render().1.contains("suite&#39;s goal") || run.render().1.contains("suite's goal"));
}

#[test]
fn a_sweep_is_drawn_over_its_parameter_and_what_a_collector_cannot_do_is_a_word_and_no_point() {
    use report_data::sweep::{NAME, REASON, UNABLE, VALUES};
    let run = complete();
    let (view, _) = run.render();
    let section = &view.0["sections"][5];
    assert_eq!(section["id"], Axis::LargeHeap.id());
    let figure = figure(&view.0, "sweep");
    assert!(section["figures"].as_array().unwrap().contains(figure));
    assert_eq!(figure["title"], "Growth with sleepers");
    let caption = figure["caption"].as_str().unwrap();
    assert!(
        caption.starts_with("sleepers: parked threads of execution, over all mutators."),
        "{caption}"
    );
    let panels = figure["panels"].as_array().unwrap();
    let titles: Vec<&str> = panels.iter().map(|p| p["title"].as_str().unwrap()).collect();
    let expected = ["longest pause", "longest collection", "peak memory / live"];
    assert_eq!(titles, expected.map(|word| format!("{NAME}: {word}")));
    let values = serde_json::json!(VALUES.map(|v| v as f64));
    for panel in panels {
        let x = &panel["spec"]["layout"]["xaxis"];
        assert_eq!((&x["type"], &x["tickvals"]), (&"log".into(), &values));
        for trace in panel["spec"]["data"].as_array().unwrap() {
            let points = trace["x"].as_array().unwrap();
            let most = if trace["name"] == UNABLE { 2 } else { 3 };
            assert_eq!(points.len(), most, "{}", trace["name"]);
            assert_eq!(points[..], values.as_array().unwrap()[..most]);
        }
    }
    // Rust tells of neither pauses nor collections, but has memory.
    let lines = |i: usize| panels[i]["spec"]["data"].as_array().unwrap().len();
    assert_eq!([0, 1, 2].map(lines), [4, 4, 5]);

    assert_eq!(
        said(figure, NAME),
        format!("{UNABLE} at 100,000 sleepers: not started: {REASON}")
    );
    let rows = figure["table"]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), VALUES.len() * run.plan.collectors.len());
    let undone = rows
        .iter()
        .find(|r| r["note"] == UNABLE && r["head"].as_str().unwrap().ends_with("+sleepers=100000"));
    let cell = &undone.unwrap()["cells"][2];
    assert_eq!(
        (&cell["text"], &cell["note"]),
        (&"not started".into(), &REASON.into())
    );
}

#[test]
fn a_suite_that_sweeps_nothing_has_no_such_figure_and_a_collector_that_is_not_there_is_not_said_at_every_value()
 {
    let mut run = complete();
    run.plan.works.retain(|w| w.swept.is_none());
    assert!(!run.render().1.contains("id=\"sweep\""));

    let (view, _) = without_a_jvm().render();
    let groups = figure(&view.0, "sweep")["said"].to_string();
    assert!(!groups.contains("g1"), "{groups}");
}
