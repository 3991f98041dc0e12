//! What threads and requests suffered.

use super::*;

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
