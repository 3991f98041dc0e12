//! How the instrument proves itself: what counts as accounted for, what a split is, when a slowdown is found, and that a real process that
//! was stopped is found so and is never left stopped.

mod accounts;
mod chances;
mod designs;
mod page;
#[path = "../report_data/mod.rs"]
mod report_data;
mod stopped;

use gcrucible::artifact::axis::Axis;
use gcrucible::artifact::plan::{Collector, Mode, Plan, Work};
use gcrucible::prove::resample::Run;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Read rather than written out, so that fields that a plan may lack are no matter here.
fn read<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

fn collector() -> Collector {
    read(json!({
        "name": "x", "label": "X", "runtime": "x", "version": "", "tags": [], "log": "none", "gc_threads": [], "unavailable": null,
    }))
}

fn work(id: &str, mode: Mode, axes: &[Axis]) -> Work {
    read(json!({
        "id": id, "workload": "w", "variant": null, "mode": mode, "live": 1 << 20, "budget": "default", "threads": 2, "axes": axes,
        "series": null, "summary": "", "expected_checksum": null,
    }))
}

/// One work under one collector whose runner is a script in bash.
fn scripted(work: Work, script: &str, timeout_s: u64) -> Plan {
    let cell = json!({
        "id": format!("{}/x", work.id), "work": work.id, "collector": "x", "argv": ["bash", "-c", script], "env": {},
        "request": [["protocol", "1"]], "timeout_s": timeout_s, "load": null,
    });
    read(json!({
        "suite": "s", "question": "", "seed": 1, "rounds": 1, "pairs": [], "collectors": [collector()], "works": [work],
        "cells": [cell], "invocations": [],
    }))
}

/// Runs whose wall times scatter by some per cent around `centre`.
fn pool(n: usize, centre: f64, spread: f64, seed: u64) -> Vec<Run> {
    let mut random = Pcg64::seed_from_u64(seed);
    let mut normal = || (0..12).map(|_| random.random_range(0.0..1.0)).sum::<f64>() - 6.0;
    (0..n)
        .map(|i| {
            let wall = centre * (spread * normal()).exp();
            Run {
                round: i as u32 + 1,
                values: [("wall_ns".into(), wall), ("gc_cycles".into(), 5.0)].into(),
            }
        })
        .collect()
}
