//! Epochs, memory return and blocks on the page.

use serde_json::Value;

use super::report_data::{Run, complete, nothing_ran, without_a_jvm};
use super::{figure, prose};

fn rows(table: &Value) -> Vec<(String, Vec<(String, String)>)> {
    let text = |v: &Value| v.as_str().unwrap().replace('\u{a0}', " ");
    let rows = table["rows"].as_array().unwrap().iter();
    rows.map(|row| {
        let cells = row["cells"].as_array().unwrap().iter();
        let cells = cells.map(|c| (text(&c["text"]), text(&c["note"])));
        (text(&row["note"]), cells.collect())
    })
    .collect()
}

/// (text, note) of a collector's cell below that head.
fn entry(figure: &Value, table: &Value, collector: &str, head: &str) -> (String, String) {
    let heads = table["head"].as_array().unwrap();
    let column = heads.iter().position(|h| h == head).unwrap() - 1;
    let found = rows(table).into_iter().find(|(name, _)| name == collector);
    let (_, cells) = found.unwrap_or_else(|| panic!("{} has no {collector}", figure["id"]));
    cells[column].clone()
}

#[test]
fn a_line_of_memory_return_for_each_collector_over_the_time_since_the_drop() {
    let run = complete();
    let (view, _) = run.render();
    let figure = figure(&view.0, "fragmentation-return");
    let panels = figure["panels"].as_array().unwrap();
    assert_eq!(panels.len(), 1, "a panel a work");
    let data = panels[0]["spec"]["data"].as_array().unwrap();
    assert_eq!(data.len(), run.plan.collectors.len());
    for (trace, collector) in data.iter().zip(&run.plan.collectors) {
        assert_eq!(trace["name"], collector.name.as_str());
        let told = run.analysis.cells[&format!("fragment.closed@64MiB/{}", collector.name)]
            .fragmentation
            .clone()
            .unwrap();
        let curve = told.returned.unwrap().curve;
        assert_eq!(trace["x"].as_array().unwrap().len(), curve.len());
        assert_eq!(trace["y"][60], curve[60].1);
    }
    let layout = &panels[0]["spec"]["layout"];
    assert_eq!(layout["shapes"][0]["y0"], 1.25);
    assert_eq!(layout["yaxis"]["type"], "log");
}

#[test]
fn memory_that_never_came_back_is_said_in_words_with_the_time_waited() {
    let (view, _) = complete().render();
    let figure = figure(&view.0, "fragmentation-return");
    let of = |collector: &str, head: &str| entry(figure, &figure["table"], collector, head);
    assert_eq!(
        of("zgc", "within 25 %"),
        ("not within 8.00 s".into(), "in 5 of 5 runs".into())
    );
    // Two of five never: the median is the last of the others.
    assert_eq!(
        of("shenandoah", "within 25 %"),
        ("3.00 s".into(), "not within 8.00 s in 2 of 5 runs".into())
    );
    assert_eq!(of("zgc", "waited").0, "8.00 s");
    let held: f64 = of("zgc", "at the end").0.trim_end_matches(" ×").parse().unwrap();
    let beyond: f64 = of("zgc", "not come back")
        .0
        .trim_end_matches(" MiB")
        .parse()
        .unwrap();
    assert!((beyond - (held - 1.0) * 6.4).abs() < 0.1, "{beyond} {held}");
}

#[test]
fn the_last_epoch_has_what_the_runtime_tells_its_slope_and_the_course_that_the_interval_allows() {
    let (view, html) = complete().render();
    let figure = figure(&view.0, "fragmentation-epochs");
    let of = |collector: &str, head: &str| entry(figure, &figure["table"], collector, head);
    assert_eq!(of("go", "course").0, "rises");
    assert_eq!(of("g1", "course").0, "not known");
    assert_eq!(of("zgc", "course").0, "flat");
    assert_eq!(
        of("go", "slope an epoch"),
        ("0.0100 ×".into(), "0.00800–0.0120, n 5".into())
    );
    assert_eq!(of("go", "free but held").0, "–");
    assert!(of("go", "waste").1.ends_with("n 5"));
    assert!(of("g1", "free but held").1.ends_with("n 5"));
    assert!(of("rust", "resident").1.ends_with("n 5"));
    assert!(
        prose(&html)
            .replace('\u{a0}', " ")
            .contains("±0.250 % of the payload an epoch")
    );
    // Resident and committed are known of all; what is free and what is waste have a panel where anyone tells.
    let titles: Vec<&str> = figure["panels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["title"].as_str().unwrap().rsplit(": ").next().unwrap())
        .collect();
    assert_eq!(
        titles,
        [
            "resident / live",
            "committed / live",
            "free but held / live",
            "waste / live"
        ]
    );
}

#[test]
fn the_largest_block_is_told_with_its_time_and_with_the_one_that_was_refused() {
    let (view, html) = complete().render();
    let figure = figure(&view.0, "fragmentation-epochs");
    let table = &figure["more"][0]["table"];
    let of = |collector: &str, head: &str| entry(figure, table, collector, head);
    assert_eq!(of("go", "largest in every run").0, "4 MiB");
    assert_eq!(of("go", "smallest refused").0, "nothing larger was asked for");
    assert_eq!(of("g1", "largest in every run").0, "2 MiB");
    assert_eq!(
        of("g1", "smallest refused"),
        ("4 MiB".into(), "in 3 of 5 runs".into())
    );
    assert!(html.contains("The largest block that could still be had"));
}

#[test]
fn a_work_without_forced_collections_stands_beside_and_says_so() {
    let mut run = complete();
    let mut work = run
        .plan
        .works
        .iter()
        .find(|w| w.workload == "fragment")
        .unwrap()
        .clone();
    let cells: Vec<_> = run
        .plan
        .cells
        .iter()
        .filter(|c| c.work == work.id)
        .cloned()
        .collect();
    let forced = work.id.clone();
    work.id = "fragment.as-it-comes.closed@64MiB".into();
    work.axes.clear();
    for mut cell in cells {
        let summary = run.analysis.cells[&cell.id].clone();
        cell.id = format!("{}/{}", work.id, cell.collector);
        cell.work.clone_from(&work.id);
        cell.request.push(("force".into(), "0".into()));
        run.analysis.cells.insert(cell.id.clone(), summary);
        run.plan.cells.push(cell);
    }
    let unforced = format!("{}, no collection forced", work.id);
    run.plan.works.push(work);
    // Garbage that nobody collected: 50 times the payload.
    let heap = run
        .analysis
        .cells
        .iter_mut()
        .filter(|(id, _)| id.contains("as-it-comes"));
    heap.flat_map(|(_, cell)| &mut cell.epochs)
        .for_each(|epoch| epoch.resident_over_live = 50.0);
    let (view, _) = run.render();
    let epochs = figure(&view.0, "fragmentation-epochs")["panels"]
        .as_array()
        .unwrap();
    let (beside, informs): (Vec<&Value>, Vec<&Value>) = epochs
        .iter()
        .partition(|p| p["title"].as_str().unwrap().starts_with(&unforced));
    assert!(
        informs.len() > 1 && beside.len() == 1,
        "one kind of those beside the axis"
    );
    let top = |panel: &Value| panel["spec"]["layout"]["yaxis"]["range"][1].as_f64().unwrap();
    assert!(top(beside[0]) > 50.0);
    assert!(informs.iter().all(|p| top(p) < 25.0), "on a scale of their own");
    let titles: Vec<String> = figure(&view.0, "fragmentation-return")["panels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["title"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(titles, [forced, unforced]);
}

#[test]
fn what_is_often_said_is_answered_in_the_section_of_its_axis_and_nowhere_without_an_answer() {
    let of = |run: &Run| -> Vec<(String, usize)> {
        let (view, _) = run.render();
        let sections = view.0["sections"].as_array().unwrap().clone();
        let with_claims = sections
            .iter()
            .filter(|s| !s["claims"].as_array().unwrap().is_empty());
        with_claims
            .map(|s| {
                let answers = s["claims"][0]["items"].as_array().unwrap().len();
                (s["id"].as_str().unwrap().to_owned(), answers)
            })
            .collect()
    };
    let mut run = complete();
    assert_eq!(of(&run), [("fragmentation".to_owned(), 2)]);
    assert!(prose(&run.render().1).contains("“A heap does as it is told”"));
    run.verdicts.claims.clear();
    assert_eq!(of(&run), []);
    assert!(!run.render().1.contains("What is often said"));
}

#[test]
fn without_runs_there_is_no_line_and_the_reason_stands_where_the_number_would() {
    let (view, _) = without_a_jvm().render();
    let returned = figure(&view.0, "fragmentation-return");
    let drawn = returned["panels"][0]["spec"]["data"].as_array().unwrap();
    assert_eq!(drawn.len(), 2);
    assert_eq!(
        entry(returned, &returned["table"], "g1", "at the end").0,
        "not started"
    );
    let (view, _) = nothing_ran().render();
    assert_eq!(
        figure(&view.0, "fragmentation-return")["panels"],
        Value::Array(vec![])
    );
}
