//! What an idle process was late by is drawn under every duration, and what lies below it is grey and says why.

mod report_data;

use gcrucible::artifact::doubt::Doubt;
use gcrucible::artifact::unit::Ns;
use report_data::{Run, complete};
use serde_json::Value;

const FLOOR: u64 = 3_000_000;

/// A machine so noisy that short pauses drown.
fn noisy() -> Run {
    let mut run = complete();
    run.analysis.noise.as_mut().unwrap().p99 = Ns(FLOOR);
    run
}

fn figure<'a>(view: &'a Value, id: &str) -> &'a Value {
    let sections = view["sections"].as_array().unwrap();
    let mut figures = sections.iter().flat_map(|s| s["figures"].as_array().unwrap());
    figures
        .find(|f| f["id"] == id)
        .unwrap_or_else(|| panic!("no figure {id}"))
}

/// Panels of durations, each with the axis that has them.
fn panels(view: &Value) -> Vec<(String, &Value, &'static str)> {
    let mut found = vec![];
    for (id, axis) in [
        ("pause-curves", "y"),
        ("pause-felt", "y"),
        ("pause-timeline", "y2"),
        ("tail-curves", "y"),
        ("tail-load", "y"),
        ("large-heap-series", "y"),
    ] {
        for panel in figure(view, id)["panels"].as_array().unwrap() {
            let title = panel["title"].as_str().unwrap();
            // What grows with the payload and is no gap that an idle process could see has no floor.
            if id != "large-heap-series" || title.contains("pause") || title.contains("response") {
                found.push((format!("{id}: {title}"), &panel["spec"], axis));
            }
        }
    }
    assert!(found.len() > 10, "{}", found.len());
    found
}

fn bands<'a>(spec: &'a Value, axis: &str) -> Vec<&'a Value> {
    let shapes = spec["layout"]["shapes"].as_array().map_or(&[][..], Vec::as_slice);
    shapes
        .iter()
        .filter(|s| s["type"] == "rect" && s["yref"] == axis)
        .collect()
}

#[test]
fn every_chart_of_durations_has_a_labelled_band_up_to_the_floor_and_room_for_it() {
    let view = noisy().render().0.0;
    for (name, spec, axis) in panels(&view) {
        let [band] = bands(spec, axis)[..] else {
            panic!("{name}: {}", spec["layout"]["shapes"]);
        };
        assert_eq!(band["y1"].as_f64(), Some(FLOOR as f64), "{name}");
        let labels = spec["layout"]["annotations"].as_array().unwrap();
        assert!(
            labels
                .iter()
                .any(|l| l["text"] == "noise floor" && l["yref"] == axis),
            "{name}"
        );
        let range = &spec["layout"][axis.replacen('y', "yaxis", 1)]["range"];
        let floor = (FLOOR as f64).log10();
        assert!(
            range[0].as_f64().unwrap() < floor && floor < range[1].as_f64().unwrap(),
            "{name}: {range}"
        );
    }
    for id in [
        "pause-curves",
        "pause-felt",
        "pause-timeline",
        "tail-curves",
        "tail-load",
        "large-heap-series",
    ] {
        let key = figure(&view, id)["key"].to_string().replace('\u{a0}', " ");
        assert!(
            key.contains("noise floor: p99 of an idle process, 3.00 ms"),
            "{id}: {key}"
        );
    }
    let cpu = figure(&view, "large-heap-series")["panels"].as_array().unwrap();
    let cpu = cpu
        .iter()
        .find(|p| p["title"].as_str().unwrap().contains("share of CPU"))
        .unwrap();
    assert!(bands(&cpu["spec"], "y").is_empty(), "a share has no such floor");
}

#[test]
fn entries_of_tables_below_the_floor_are_grey_and_say_why_and_no_others() {
    let run = noisy();
    let (view, html) = run.render();
    let section = &view.0["sections"][0];
    assert_eq!(section["id"], "pause");
    let (mut grey, mut plain) = (0, 0);
    for row in section["works"]["rows"].as_array().unwrap() {
        for (i, cell) in row["cells"].as_array().unwrap().iter().enumerate() {
            let Some(collector) = run.plan.collectors.get(i) else {
                continue;
            };
            let id = format!("{}/{}", row["head"].as_str().unwrap(), collector.name);
            let Some(estimate) = run.analysis.cells[&id].metrics.get("pause_max_ns") else {
                continue;
            };
            let said = cell["under"].as_str().unwrap();
            assert_eq!(
                !said.is_empty(),
                estimate.median < FLOOR as f64,
                "{id} {}",
                estimate.median
            );
            if said.is_empty() {
                plain += 1;
            } else {
                grey += 1;
                assert!(
                    said.replace('\u{a0}', " ")
                        .contains("late by 3.00 ms at p99, so this is no finding"),
                    "{said}"
                );
            }
        }
    }
    assert!(grey > 0 && plain > 0, "{grey} grey, {plain} not");
    assert!(html.contains("<td class=\"value under\" title=\"under the noise floor"));
    // Wall time is no gap.
    let throughput = &view.0["sections"][1];
    assert!(!throughput["works"].to_string().contains("noise floor"));
}

#[test]
fn a_verdict_of_which_every_work_lies_below_the_floor_is_grey() {
    let mut run = noisy();
    let doubt = Doubt::UnderNoiseFloor {
        value_ns: 900_000,
        floor_ns: FLOOR,
    };
    let verdict = &mut run.verdicts.verdicts[0];
    verdict.doubts.push(doubt.clone());
    let works = verdict.works.len();
    assert!(works > 1);
    for work in verdict.works.iter_mut().skip(1) {
        work.doubts.push(doubt.clone());
    }
    let under = |run: &Run| {
        let view = run.render().0.0;
        view["summary"]["rows"][0]["cells"][0]["under"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(under(&run), "", "one work is above it");
    run.verdicts.verdicts[0].works[0].doubts.push(doubt);
    assert!(under(&run).contains("under the noise floor"));
}

#[test]
fn marks_below_the_floor_are_grey_and_those_above_keep_their_colour() {
    let view = noisy().render().0.0;
    let (mut below, mut above) = (0, 0);
    for (name, spec, axis) in panels(&view) {
        for trace in spec["data"].as_array().unwrap() {
            let marks =
                trace["type"] == "bar" || trace["mode"].as_str().is_some_and(|m| m.contains("markers"));
            if !marks || trace["yaxis"].as_str().unwrap_or("y") != axis {
                continue;
            }
            let colour = |i: usize| match trace["marker"]["color"].as_array() {
                Some(each) => each[i].clone(),
                None => trace["marker"]["color"].clone(),
            };
            for (i, value) in trace["y"].as_array().unwrap().iter().enumerate() {
                let Some(value) = value.as_f64().filter(|v| *v > 0.0) else {
                    continue;
                };
                let grey = colour(i) == "#a9adb1";
                assert_eq!(grey, value < FLOOR as f64, "{name}: {value}");
                below += u32::from(grey);
                above += u32::from(!grey);
            }
        }
    }
    assert!(below > 10 && above > 10, "{below} below, {above} above");
}

#[test]
fn where_no_idle_process_was_heard_nothing_is_grey_and_no_band_is_drawn() {
    let mut run = complete();
    run.analysis.noise = None;
    let (view, html) = run.render();
    assert!(!html.contains("class=\"value under\"") && !html.contains("noise floor: p99"));
    for (name, spec, axis) in panels(&view.0) {
        assert!(bands(spec, axis).is_empty(), "{name}");
    }
}

#[test]
fn every_cause_of_distrust_comes_with_its_cure() {
    let mut run = complete();
    run.verdicts.untrusted = vec![
        Doubt::FewCores { cores: 1 },
        Doubt::SwapInUse { bytes: 1 << 20 },
        Doubt::BusyMachine { load: 9.0, cores: 2 },
        Doubt::Stranger {
            name: "backup".into(),
            cpu_percent: 90.0,
        },
        Doubt::NoiseFloor { p99_ns: 2_000_000 },
    ];
    let view = run.render().0.0;
    let told = view["untrusted"].as_array().unwrap();
    let cures = [
        "measure on more",
        "swapoff before measuring",
        "stop what else is running",
        "stop it",
        "stop what else runs",
    ];
    assert_eq!(told.len(), cures.len());
    for (text, cure) in told.iter().zip(cures) {
        assert!(text.as_str().unwrap().contains(cure), "{text}");
    }
}
