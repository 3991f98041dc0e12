//! Numbers for the made-up run.

use super::*;
use gcrucible::artifact::fragmentation::{self, Block, Fragmentation, Returned, Slope};
use gcrucible::artifact::metric::SUFFERED;
use gcrucible::artifact::steady::{Course, RunCourse, Series, Steady};

/// What a collector is like, as factors of a formula. Made up.
struct Character {
    pause_ns: f64,
    stall_ns: f64,
    wall: f64,
    cpu: f64,
    gc_share: f64,
    peak: f64,
    tail: f64,
    growth: f64,
    slope: f64,
}

fn character(collector: &str) -> Character {
    let c = |pause_ns, stall_ns, wall, cpu, gc_share, peak, tail, growth, slope| Character {
        pause_ns,
        stall_ns,
        wall,
        cpu,
        gc_share,
        peak,
        tail,
        growth,
        slope,
    };
    match collector {
        "go" => c(3e5, 0.0, 1.31, 1.2, 0.21, 2.2, 1.8, 0.1, 0.01),
        "g1" => c(1.2e7, 0.0, 1.0, 1.0, 0.09, 3.4, 9.0, 0.6, 0.03),
        "zgc" => c(6e4, 8e6, 1.12, 1.35, 0.24, 4.6, 1.0, 0.05, 0.001),
        "shenandoah" => c(4e5, 3e6, 1.18, 1.3, 0.2, 3.9, 2.1, 0.2, 0.05),
        _ => c(0.0, 0.0, 0.72, 0.6, 0.0, 1.3, 0.35, 0.01, 0.06),
    }
}

/// A number in 0..1 that depends on nothing but its arguments.
fn noise_of(key: &str, round: u32) -> f64 {
    let mut state = 0xcbf2_9ce4_8422_2325u64 ^ u64::from(round);
    for byte in key.bytes() {
        state = (state ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    }
    (state >> 11) as f64 / (1u64 << 53) as f64
}

fn estimate(key: &str, value: f64, spread: f64) -> Estimate {
    let values: Vec<f64> = (1..=ROUNDS)
        .map(|r| value * (1.0 + spread * (2.0 * noise_of(key, r) - 1.0)))
        .collect();
    let mut sorted = values.clone();
    sorted.sort_by(f64::total_cmp);
    Estimate {
        median: sorted[sorted.len() / 2],
        lo: sorted[0],
        hi: sorted[sorted.len() - 1],
        n: ROUNDS,
        values,
    }
}

pub fn analysis(plan: &Plan) -> Analysis {
    let mut cells = BTreeMap::new();
    for cell in &plan.cells {
        let work = plan.work(&cell.work).unwrap();
        let load = cell.load.as_ref().filter(|l| l.of == Capacity::Own);
        let rate = load.map_or(60_000.0, |l| {
            ladder::offered(l.fraction, super::place(plan, cell))
        });
        cells.insert(cell.id.clone(), summary(cell, work, rate));
    }
    Analysis {
        tradeoffs: super::tradeoffs::tradeoffs(plan),
        growths: gcrucible::analyze::growths_of_cells(plan, &cells),
        precision: gcrucible::analyze::precision_of_cells(plan, &cells),
        distilled: distilled::distilled(plan),
        cells,
        failures: vec![],
        noise: Some(super::noise()),
        quiet: Some(super::noise()),
        instrument: Instrument {
            sampler_share: Some(0.0042),
            samples: 184_220,
            driver_rss: Bytes(21 << 20),
            recorder: BTreeMap::new(),
            scraped: None,
        },
        ..Analysis::default()
    }
}

fn summary(cell: &Cell, work: &Work, rate: f64) -> CellSummary {
    if sweep::undone(work, &cell.collector) {
        return CellSummary {
            invalid: ROUNDS,
            ..CellSummary::default()
        };
    }
    let c = character(&cell.collector);
    let scale = 0.7 + 0.6 * noise_of(&work.workload, 0);
    let doublings = (work.live.0 as f64 / (64.0 * MIB as f64)).log2();
    let live = work.live.0 as f64;
    let mut metrics = BTreeMap::new();
    let mut put = |name: &str, value: f64, spread: f64| {
        metrics.insert(
            name.to_owned(),
            estimate(&format!("{}{name}", cell.id), value, spread),
        );
    };
    let wall = 8e9 * c.wall * scale;
    put("wall_ns", wall, 0.02);
    put("cpu_ns", 3.1e10 * c.cpu * scale, 0.03);
    put("gc_cpu_share", c.gc_share + 0.02 * doublings, 0.1);
    put("gc_cpu_ns", 3.1e10 * c.cpu * scale * c.gc_share, 0.1);
    put("ops_per_s", 250_000.0 / c.wall, 0.02);
    put("alloc_rate", 2.1e9 / c.wall, 0.02);
    put("live_bytes", live, 0.0);
    put("rss_peak", live * c.peak * scale, 0.04);
    put("memory_peak_over_live", c.peak * scale, 0.04);
    put("memory_mean_over_live", c.peak * scale * 0.82, 0.03);
    put("rest_rss_over_live", 1.2 + 0.2 * c.peak, 0.03);
    put("rest_committed_over_live", 1.25 + 0.22 * c.peak, 0.02);
    put("control_p99_ns", 96_000.0, 0.2);
    put("control_max_ns", 640_000.0, 0.5);
    put("watcher_p99_ns", 110_000.0 + c.pause_ns * 0.4, 0.3);
    put("watcher_max_ns", 700_000.0 + c.pause_ns * 1.2 + c.stall_ns, 0.3);
    if c.pause_ns > 0.0 {
        let pause = c.pause_ns * scale * (1.0 + c.growth * doublings) * sweep::growth(work);
        put("cycle_max_ns", 4.0 * pause + 2e7, 0.1);
        put("pause_count", 180.0, 0.1);
        put("pause_p50_ns", pause * 0.3, 0.1);
        put("pause_p99_ns", pause * 0.8, 0.1);
        put("pause_max_ns", pause, 0.25);
        put("pause_share", 0.004, 0.2);
        put("ttsp_max_ns", pause * 0.1, 0.2);
        put("ttsp_share", 0.07, 0.2);
    }
    if cell.collector == "go" {
        put("assist_cpu_ns", 4.6e7, 0.2);
        put("assist_share", 0.07, 0.2);
    }
    if c.stall_ns > 0.0 {
        put("pacing_total_ns", 2.1e7, 0.3);
        put("stall_total_ns", c.stall_ns * 5.0, 0.3);
        put("stall_count", 12.0, 0.3);
        put("stall_max_ns", c.stall_ns, 0.4);
    }
    if work.mode == Mode::Open {
        put("rate", rate, 0.0);
        put("ops_per_s", rate, 0.001);
        put("saturated", 0.0, 0.0);
        let tail = 1.1e6 * c.tail * scale * (1.0 + c.growth * doublings);
        put("response_p50_ns", 14_000.0, 0.05);
        put("response_p99_ns", tail * 0.35, 0.1);
        put("response_p999_ns", tail, 0.15);
        put("response_p9999_ns", tail * 1.9, 0.2);
        put("service_p50_ns", 9_000.0, 0.05);
        put("service_p99_ns", tail * 0.12, 0.1);
        put("service_p999_ns", tail * 0.4, 0.15);
        put("tail_ratio", 2.86, 0.1);
    }
    put("setup_ns", 1.5 * live * scale, 0.05);
    if cell.collector != "rust" {
        put("forced_ns", 2.0 * live * scale, 0.05);
        put("trace_rate", 1e9, 0.05);
    }
    if work.axes.contains(&Axis::Fragmentation) {
        put("frag_resident_over_live", 1.4 + 12.0 * c.slope, 0.02);
        put("frag_committed_over_live", 1.5 + 12.0 * c.slope, 0.02);
        put("frag_slope", c.slope, 0.1);
        put("return_rss_over_live", 2.0 + c.peak, 0.05);
        put("return_share", 0.7 - 0.1 * c.peak, 0.05);
        match cell.collector.as_str() {
            "go" => put("frag_waste_over_live", 0.04, 0.05),
            "rust" => {}
            _ => put("frag_held_over_live", 0.3, 0.05),
        }
    }
    if work.id == ladder::rung(ladder::LOADS[1]) && cell.collector == ladder::SATURATED {
        metrics.retain(|name, _| !name.starts_with("response_") && name != "tail_ratio");
        let of = |name: &str, value, spread| (name.to_owned(), estimate(name, value, spread));
        metrics.extend([of("saturated", 1.0, 0.0), of("ops_per_s", rate * 0.93, 0.002)]);
    }
    let mut doubts = vec![];
    if c.stall_ns > 0.0 && work.axes.contains(&Axis::Pause) {
        doubts.push(Doubt::WatcherDisagrees {
            declared_ns: c.pause_ns as u64,
            watcher_ns: (c.pause_ns + c.stall_ns) as u64,
        });
    }
    CellSummary {
        valid: ROUNDS,
        invalid: 0,
        rounds: (1..=ROUNDS).collect(),
        curves: curves(&c, work, scale),
        mmu: mmu(&c, cell),
        attribution: (work.mode == Mode::Open).then(|| attribution(&c, &cell.id)),
        suffered: suffered(cell, &metrics),
        steady: (work.mode == Mode::Closed && !work.axes.contains(&Axis::Fragmentation))
            .then(|| steady(cell)),
        timeline: Some(timeline(cell, work, &c, wall)),
        epochs: if work.axes.contains(&Axis::Fragmentation) {
            epochs(&c, &cell.collector)
        } else {
            vec![]
        },
        fragmentation: work
            .axes
            .contains(&Axis::Fragmentation)
            .then(|| fragmentation(&c, &cell.collector)),
        doubts,
        metrics,
    }
}

/// Go tells assists and no stalls, the JVM stalls and no assists; a reference tells nothing.
fn mmu(c: &Character, cell: &Cell) -> Option<Mmu> {
    let told = cell.collector != "go";
    let points = |longest: f64| -> Vec<MmuPoint> {
        (0..13)
            .map(|i| {
                let window = [1, 2, 5][i % 3] * 10u64.pow((i / 3) as u32) * 1_000_000;
                let median = (1.0 - longest / window as f64).max(0.0);
                MmuPoint {
                    window: Ns(window),
                    median,
                    worst: median * 0.9,
                    n: ROUNDS,
                }
            })
            .collect()
    };
    (c.pause_ns > 0.0).then(|| Mmu {
        stopped: points(c.pause_ns),
        stalled: if told {
            points(c.pause_ns + c.stall_ns)
        } else {
            vec![]
        },
        stalls: if c.stall_ns > 0.0 { 60 } else { 0 },
        unplaced: Ns(0),
        assists: (!told).then_some(Ns(230_000_000)),
        placed_to: Ns(if told { 0 } else { 2_100_000 }),
        rounded: !told,
    })
}

/// The first run of a JVM's cell warms up for a fifth of its window; all others are flat.
fn steady(cell: &Cell) -> Steady {
    let warms = |round| round == 1 && !["go", "rust"].contains(&cell.collector.as_str());
    let time = |i: u32| Ns(if i < 30 { 40_000_000 } else { 22_000_000 } + 1000 * u64::from(i % 7));
    let course = |warms| if warms { Course::WarmUp } else { Course::Flat };
    Steady {
        runs: (1..=ROUNDS)
            .map(|round| RunCourse {
                invocation: invocation(&cell.id, round),
                course: course(warms(round)),
                before: if warms(round) { 0.19 } else { 0.0 },
                blocks: 256,
                outliers: round,
            })
            .collect(),
        worst: Some(Series {
            invocation: invocation(&cell.id, 1),
            course: course(warms(1)),
            block: 390,
            times: (0..256).map(time).collect(),
            states: vec![(0, Ns(40_000_000)), (30, Ns(22_000_000))],
            outliers: vec![17, 200],
        }),
    }
}

fn attribution(c: &Character, cell: &str) -> Attribution {
    let stopped = if c.pause_ns > 0.0 { 31 } else { 0 };
    Attribution {
        p999: (Ns(1_100_000), Ns(1_400_000)),
        beyond: Met {
            slices: 37,
            stop: stopped,
            stall: 0,
            cycle: 2,
            nothing: 35 - stopped,
            half: stopped / 2,
        },
        within: Met {
            slices: 600,
            stop: stopped,
            nothing: 600 - stopped,
            ..Met::default()
        },
        most: if stopped > 0 {
            vec![("pause".into(), stopped)]
        } else {
            vec![]
        },
        slowest: Some(SlowRequest {
            at: 3_210_000_000,
            response: Ns(5_000_000),
            met: (c.pause_ns > 0.0).then(|| Overlap {
                what: "pause".into(),
                duration: Ns(c.pause_ns as u64),
                overlap: Ns(c.pause_ns as u64 / 2),
            }),
        }),
        invocation: invocation(cell, 2),
        tolerance: Ns(0),
    }
}

fn suffered(cell: &Cell, metrics: &BTreeMap<String, Estimate>) -> Vec<Suffered> {
    let value = |name: &str, i: usize| Some((name.to_owned(), *metrics.get(name)?.values.get(i)?));
    (1..=ROUNDS)
        .map(|round| Suffered {
            invocation: invocation(&cell.id, round),
            round,
            values: SUFFERED
                .iter()
                .filter_map(|name| value(name, round as usize - 1))
                .collect(),
        })
        .collect()
}

/// A curve that rises with the logarithm of what remains.
fn curve(n: u64, base: f64, reach: f64) -> Curve {
    let mut points = vec![];
    let mut left = 1.0;
    while n as f64 * left >= 10.0 {
        let depth = -f64::log10(left) / f64::log10(n as f64);
        points.push((
            1.0 - left,
            Ns((base * (reach / base).powf(depth.powf(1.4))) as u64),
        ));
        left /= 1.18;
    }
    Curve {
        n,
        points,
        max: Ns((reach * 1.6) as u64),
    }
}

fn curves(c: &Character, work: &Work, scale: f64) -> BTreeMap<String, Curve> {
    let mut curves = BTreeMap::new();
    curves.insert(
        "watcher".into(),
        curve(40_000, 58_000.0, 1e6 + c.pause_ns + c.stall_ns),
    );
    curves.insert("control".into(), curve(40_000, 58_000.0, 640_000.0));
    if c.pause_ns > 0.0 {
        curves.insert(
            "pause".into(),
            curve(900, c.pause_ns * 0.2, c.pause_ns * 8.0 * scale),
        );
    }
    if work.mode == Mode::Open {
        curves.insert(
            "response".into(),
            curve(3_000_000, 14_000.0, 2e6 * c.tail * scale),
        );
        curves.insert(
            "service".into(),
            curve(3_000_000, 9_000.0, 8e5 * c.tail.sqrt() * scale),
        );
    }
    curves
}

fn timeline(cell: &Cell, work: &Work, c: &Character, window: f64) -> Timeline {
    let live = work.live.0 as f64;
    let points = 900;
    let from = -window * 0.15;
    let cycle = |t: f64| (t / window * 24.0 * c.wall).fract().abs();
    let rss = (0..points)
        .map(|i| {
            let t = from + (window - from) * f64::from(i) / f64::from(points - 1);
            let filled = ((t - from) / -from).min(1.0);
            let over = 1.0 + (c.peak - 1.0) * (0.7 + 0.3 * cycle(t.max(0.0)));
            (t as i64, Bytes((live * filled * over + 1.2e7) as u64))
        })
        .collect();
    let stops = |every: f64, length: f64, name: &str, key: &str| -> Vec<(i64, Ns, String)> {
        if length == 0.0 {
            return vec![];
        }
        (1..every as u32)
            .map(|i| {
                let at = window * f64::from(i) / every;
                let long = length * (0.2 + 0.8 * noise_of(key, i));
                (at as i64, Ns(long as u64), name.to_owned())
            })
            .collect()
    };
    let heap = if c.pause_ns > 0.0 {
        (1..24)
            .map(|i| {
                let at = window * f64::from(i) / 24.0;
                let before = live * (1.0 + (c.peak - 1.0) * 0.8);
                (
                    at as i64,
                    Some(Bytes(before as u64)),
                    Some(Bytes((live * 1.05) as u64)),
                )
            })
            .collect()
    } else {
        vec![]
    };
    Timeline {
        invocation: invocation(&cell.id, 3),
        window: Ns(window as u64),
        rss,
        pauses: stops(48.0, c.pause_ns, "pause", &cell.id),
        stalls: stops(9.0, c.stall_ns, "allocation-stall", &cell.id),
        heap,
        slow: if work.mode == Mode::Open {
            slow(window, c, &cell.id)
        } else {
            vec![]
        },
        p999: (work.mode == Mode::Open).then_some(Ns((1.1e6 * c.tail) as u64)),
        attribution: (work.mode == Mode::Open).then(|| attribution(c, &cell.id)),
        close_up: (work.mode == Mode::Open).then(|| close_up(c)),
    }
}

fn close_up(c: &Character) -> CloseUp {
    let request = SlowRequest {
        at: 3_210_000_000,
        response: Ns(5_000_000),
        met: None,
    };
    let event = |kind, at: i64, duration: f64| Event {
        kind,
        what: "event".into(),
        at: request.at + at,
        duration: Ns(duration as u64),
    };
    let mut events = vec![];
    if c.pause_ns > 0.0 {
        events.push(event(EventKind::Cycle, -7_000_000, 3e7));
        events.push(event(EventKind::Stop, 1_000_000, c.pause_ns));
    }
    if c.stall_ns > 0.0 {
        events.push(event(EventKind::Stall, 2_000_000, c.stall_ns));
    }
    CloseUp { request, events }
}

/// A request a slice; now and then one that waited for a pause.
fn slow(window: f64, c: &Character, key: &str) -> Vec<SlowRequest> {
    (0..200)
        .map(|i| {
            let late = noise_of(key, i).powi(6) * 3.0;
            SlowRequest {
                at: (window * (f64::from(i) + noise_of(key, i + 1000)) / 200.0) as i64,
                response: Ns((4e5 + 1.1e6 * c.tail * late) as u64),
                met: None,
            }
        })
        .collect()
}

/// Go tells waste, the JVM what it holds free; a reference tells neither.
fn epochs(c: &Character, collector: &str) -> Vec<EpochSummary> {
    (0..12)
        .map(|index| {
            let grown = c.slope * f64::from(index);
            EpochSummary {
                index,
                committed_over_live: 1.5 + grown,
                resident_over_live: 1.4 + grown,
                used_over_live: 1.05,
                held_over_live: (!["go", "rust"].contains(&collector)).then_some(0.3 + grown),
                waste_over_live: (collector == "go").then_some(0.04),
            }
        })
        .collect()
}

/// g1's slopes lie far apart; zgc never gives back, shenandoah in two of five runs does not; g1 refuses a block.
fn fragmentation(c: &Character, collector: &str) -> Fragmentation {
    let (course, off) = match collector {
        "g1" => (fragmentation::Course::NotKnown, 0.04),
        "zgc" => (fragmentation::Course::Flat, 0.001),
        _ => (fragmentation::Course::Rises, 0.002),
    };
    let second = 1_000_000_000;
    let within = match collector {
        "zgc" => vec![None; ROUNDS as usize],
        "shenandoah" => vec![
            Some(Ns(second)),
            None,
            Some(Ns(2 * second)),
            None,
            Some(Ns(3 * second)),
        ],
        _ => vec![Some(Ns(second)); ROUNDS as usize],
    };
    let lowest = if collector == "zgc" { 6.0 } else { 1.2 };
    let height = |step: u64| lowest + (10.0 * c.peak - lowest) / (1.0 + step as f64);
    let block = |mib: u64, served| Block {
        bytes: Bytes(mib * MIB),
        asked: ROUNDS,
        served,
        took: (served > 0).then(|| estimate(collector, mib as f64 * 3e5, 0.1)),
    };
    Fragmentation {
        slope: Some(Slope {
            median: c.slope,
            interval: Some((c.slope - off, c.slope + off)),
            n: ROUNDS,
            epochs: 11,
            band: 0.0025,
            course,
        }),
        returned: Some(Returned {
            curve: (0..=60)
                .map(|step| (Ns(step * step * 8 * second / 3600), height(step)))
                .collect(),
            waited: Ns(8 * second),
            within,
        }),
        blocks: vec![
            block(1, ROUNDS),
            block(2, ROUNDS),
            block(4, if collector == "g1" { 2 } else { ROUNDS }),
        ],
    }
}

pub fn verdicts(plan: &Plan, analysis: &Analysis) -> Verdicts {
    let mut verdicts = vec![];
    for pair in &plan.pairs {
        for axis in Axis::ALL {
            verdicts.push(verdict(plan, analysis, pair, axis));
        }
    }
    Verdicts {
        verdicts,
        rules: vec![
            DecisionRule {
                condition: "p99.9 below 5 ms and memory below 3 × live".into(),
                choices: vec!["go".into()],
                evidence: "go: 2.0 ms at 2.2 ×; zgc: 1.1 ms at 4.6 ×".into(),
            },
            DecisionRule {
                condition: "least CPU, whatever the tail".into(),
                choices: vec!["g1".into(), "go".into()],
                evidence: "g1: 1.00 of the best; go: 1.20".into(),
            },
        ],
        claims: vec![Claim {
            axis: Axis::Fragmentation,
            claim: "A heap does as it is told".into(),
            answer: vec!["In 1 of 5 cases.".into(), "The opposite holds in 4.".into()],
        }],
        untrusted: vec![],
        host: super::host(),
    }
}

fn verdict(plan: &Plan, analysis: &Analysis, pair: &Pair, axis: Axis) -> Verdict {
    let metric = axis.headline();
    let works: Vec<WorkRatio> = plan
        .works
        .iter()
        .filter(|w| w.axes.contains(&axis))
        .filter_map(|w| {
            let at = |name: &str| analysis.cells[&format!("{}/{name}", w.id)].metrics.get(metric);
            let (a, b) = (at(&pair.a)?, at(&pair.b)?);
            Some(WorkRatio {
                reading: None,
                work: w.id.clone(),
                a: a.median,
                b: b.median,
                ratio: Interval {
                    value: a.median / b.median,
                    lo: a.lo / b.hi,
                    hi: a.hi / b.lo,
                },
                n_a: a.n,
                n_b: b.n,
                rounds: (axis == Axis::Throughput).then_some(a.n.min(b.n)),
                doubts: vec![],
            })
        })
        .collect();
    let mean = |pick: fn(&WorkRatio) -> f64| {
        (works.iter().map(|w| pick(w).ln()).sum::<f64>() / works.len() as f64).exp()
    };
    let ratio = Interval {
        value: mean(|w| w.ratio.value),
        lo: mean(|w| w.ratio.lo),
        hi: mean(|w| w.ratio.hi),
    };
    let band = axis.band();
    let decision = if ratio.hi < 1.0 - band {
        Decision::AWins
    } else if ratio.lo > 1.0 + band {
        Decision::BWins
    } else if ratio.lo > 1.0 - band && ratio.hi < 1.0 + band {
        Decision::Tie
    } else {
        Decision::Undecided
    };
    let mut doubts = vec![Doubt::FewRounds { rounds: ROUNDS }];
    match axis {
        Axis::Throughput => doubts.push(Doubt::UnequalMemory { ratio: 1.55 }),
        Axis::LargeHeap => doubts.push(Doubt::SmallSeries { largest: 256 * MIB }),
        _ => {}
    }
    Verdict {
        enough: vec![],
        axis,
        a: pair.a.clone(),
        b: pair.b.clone(),
        decision,
        metric: metric.into(),
        ratio: Some(ratio),
        level: 1.0 - 0.05 / 6.0,
        band,
        works,
        rounds_to_decide: (decision == Decision::Undecided).then_some(14),
        mechanism: vec![format!(
            "{} collected 180 times with a median pause of 0.09 ms, {} 96 times with 3.6 ms.",
            pair.a, pair.b
        )],
        doubts,
    }
}
