//! Growth with the payload, and with a parameter that a suite sweeps.

use super::*;

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
