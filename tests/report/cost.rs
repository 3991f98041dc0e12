//! Memory against cost, load against latency, steady states, and what the intervals are worth.

use super::*;
use gcrucible::artifact::analysis::Scraped;
use gcrucible::artifact::unit::Ns;

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
    let mut beside = complete();
    for work in beside.plan.works.iter_mut().filter(|w| w.workload == "fragment") {
        work.axes.clear();
    }
    for (_, cell) in beside
        .analysis
        .cells
        .iter_mut()
        .filter(|(id, _)| id.starts_with("fragment"))
    {
        cell.valid = 2;
    }
    assert!(
        told(&beside).contains("with 5 runs a side"),
        "fewer rounds beside the axes are no matter"
    );
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
fn a_run_whose_metrics_were_asked_for_says_so_and_any_other_is_silent() {
    let mut run = report_data::complete();
    assert!(!run.render().1.contains("Live metrics were served"));
    run.analysis.instrument.scraped = Some(Scraped {
        processes: 1,
        scrapes: 12,
        cpu: Ns(3_400_000),
    });
    let page = run.render().1.replace('\u{a0}', " ");
    let words = "12 requests beside 1 run, for 3.40 ms of CPU on the machine that was measured";
    assert!(page.contains(words));
}
