//! Subject and figures as rows of a name and its value, for text and page alike.

use super::words::{bytes, count, ns, speed};
use crate::artifact::event::{Clock, Place, Reading, Stall, Writer};
use crate::artifact::explanation::{Attribution, Durations, Explanation, LimitBasis, LiveBasis, StopBasis};
use crate::report::format;

pub struct Row {
    pub name: String,
    pub value: String,
    /// How it was come by, or what it is a part of.
    pub note: String,
}

fn row(name: &str, value: impl Into<String>, note: impl Into<String>) -> Row {
    Row {
        name: name.to_owned(),
        value: value.into(),
        note: note.into(),
    }
}

/// `G1 of JDK 25.0.3: 54 collections in 1.67 s`
pub fn headline(e: &Explanation) -> String {
    let reading = &e.subject.reading;
    let collector = reading.collector.as_deref().unwrap_or("a JVM");
    let who = match (reading.writer, &e.subject.release) {
        (Some(Writer::Go), _) => "Go".to_owned(),
        (_, Some(release)) => format!("{collector}, JDK {}", release.trim_end_matches(" (release)")),
        (_, None) => collector.to_owned(),
    };
    let collections = format::things(e.figures.cycles.count as usize, "collection");
    match e.subject.span {
        // Its few events say nothing of how long the process ran.
        _ if e.figures.cycles.count == 0 => format!("{who}: no collection"),
        Some(span) => format!("{who}: {collections} in {}", ns(span)),
        None => format!("{who}: {collections}; the log has no clock"),
    }
}

/// How many findings, or that there is nothing to fix.
pub fn verdict(e: &Explanation) -> String {
    match e.findings.len() {
        0 if e.figures.cycles.count < Explanation::FEWEST_CYCLES => {
            format!(
                "nothing found, but fewer than {} collections are too few to judge by",
                Explanation::FEWEST_CYCLES
            )
        }
        0 => "nothing to fix".to_owned(),
        n => format::things(n, "finding"),
    }
}

/// What is to be said before anything else.
pub fn warnings(e: &Explanation) -> Vec<String> {
    let reading = &e.subject.reading;
    let mut warnings = Vec::new();
    if !reading.is_reliable() {
        let share = reading
            .share_understood()
            .map_or_else(|| format::NONE.to_owned(), format::share);
        warnings.push(format!(
            "UNRELIABLE: only {share} of the log's lines are understood (reliable from {} on)",
            format::percent(Reading::RELIABLE)
        ));
    }
    if let Some(second) = e.subject.second {
        warnings.push(format!(
            "the log holds {} processes, the second from {} on; times of a later one are counted from where the one before it ended",
            count(u64::from(e.subject.processes)),
            e.place(second)
        ));
    }
    warnings
}

pub fn subject(e: &Explanation) -> Vec<Row> {
    let s = &e.subject;
    let reading = &s.reading;
    let mut rows = vec![row("log", log(e), clock(reading.clock))];
    if reading.cut {
        rows.push(row("end", "in the middle of a line", "that line is not counted"));
    }
    if let Some((place, text)) = reading.unknown.first() {
        let text: String = text.chars().take(100).collect();
        let others: Vec<String> = reading
            .unknown
            .iter()
            .skip(1)
            .take(4)
            .map(|(p, _)| e.place(*p))
            .collect();
        let others = if others.is_empty() {
            String::new()
        } else {
            format!("also {}", others.join(", "))
        };
        rows.push(row(
            "not understood",
            format!("{}: {text}", e.place(*place)),
            others,
        ));
    }
    if let Some(cpus) = s.cpus {
        let name = if reading.writer == Some(Writer::Go) {
            "GOMAXPROCS"
        } else {
            "CPUs"
        };
        rows.push(row(name, cpus.to_string(), ""));
    }
    match (s.gogc, s.held_at) {
        (Some(gogc), _) => rows.push(row(
            "GOGC",
            format!("about {}, inferred", format::count(gogc.percent.round())),
            format!(
                "goal / live heap of {} neighbouring cycles, the middle of them {}{}",
                count(gogc.pairs),
                format::bounds(gogc.lo.round(), gogc.hi.round()),
                if gogc.or_limit {
                    "; the goal hardly varies, so it may be a memory limit instead"
                } else {
                    ""
                }
            ),
        )),
        (None, Some(held)) => rows.push(row(
            "memory limit",
            format!("likely, somewhat above {}", bytes(held)),
            "the goal stays there whatever the live heap, which GOGC alone does not do",
        )),
        (None, None) if reading.writer == Some(Writer::Go) => {
            rows.push(row(
                "GOGC",
                "cannot be inferred",
                "the heap is too small, or goal / live heap is not steady",
            ));
        }
        _ => {}
    }
    // Without those that are said elsewhere, or that say nothing of this process.
    const KNOWN: &[&str] = &["Collector", "Version", "CPUs"];
    let told: Vec<String> = s
        .settings
        .iter()
        .filter(|setting| !KNOWN.contains(&setting.name.as_str()) && is_worth_telling(&setting.name))
        .map(|setting| format!("{} {}", setting.name, setting.value))
        .collect();
    if !told.is_empty() {
        rows.push(row("settings", told.join(", "), ""));
    }
    rows
}

fn is_worth_telling(name: &str) -> bool {
    [
        "Capacity",
        "Workers",
        "Region",
        "Memory",
        "Periodic",
        "Large Page",
        "Heuristics",
        "Mode",
    ]
    .iter()
    .any(|part| name.contains(part))
}

fn log(e: &Explanation) -> String {
    let reading = &e.subject.reading;
    let share = reading.share_understood().map_or_else(String::new, |share| {
        format!(
            ", {} of {} collector's lines understood",
            format::share(share),
            count(reading.own)
        )
    });
    format!(
        "{}: {} lines, {}{share}",
        e.files.join(", "),
        count(reading.lines),
        format::bytes(reading.bytes as f64)
    )
}

fn clock(clock: Clock) -> &'static str {
    match clock {
        Clock::None => "no clock: no rates and no shares of time",
        Clock::Uptime => "times since the process began",
        Clock::Monotonic => "times on the machine's monotonic clock",
        Clock::Wall => "wall-clock times",
    }
}

pub fn figures(e: &Explanation) -> Vec<Row> {
    let mut rows = Vec::new();
    stops(e, &mut rows);
    cost(e, &mut rows);
    heap(e, &mut rows);
    cycles(e, &mut rows);
    rows
}

fn stops(e: &Explanation, rows: &mut Vec<Row>) {
    let stops = &e.figures.stops;
    let basis = match stops.basis {
        StopBasis::None => "no line tells of one",
        StopBasis::Safepoints => "by the safepoint lines, from the request to stop until all run again",
        StopBasis::Declared => {
            "as declared: the log has no safepoint lines (-Xlog:safepoint), and threads stand longer than this"
        }
        StopBasis::Traces => "by the clock fields; reaching the stop is not told",
    };
    rows.push(row("stops", durations(&stops.all, e), basis));
    if stops.by_operation.len() > 1 {
        for (name, figures) in stops.by_operation.iter().take(8) {
            rows.push(row(&format!("  {name}"), durations(figures, e), ""));
        }
    }
    if stops.reaching.count > 0 {
        let share = stops
            .reaching_share
            .map_or(String::new(), |s| format!(", {} of them", format::share(s)));
        rows.push(row(
            "  time to safepoint",
            format!(
                "{} in all{share}; longest {}",
                ns(stops.reaching.total),
                ns(stops.reaching.max)
            ),
            "in all stops, also those below",
        ));
    }
    if stops.others.count > 0 {
        rows.push(row(
            "other stops",
            durations(&stops.others, e),
            "not the collector's: deoptimisation, thread dumps...",
        ));
    }
    for stalls in &e.figures.stalls {
        let threads = stalls.threads.map_or(String::new(), |n| {
            format!(" in {}", format::things(n as usize, "thread"))
        });
        let note = if stalls.kind.stops_the_world() {
            "its time is in the stops too"
        } else {
            "outside of stops; summed over threads, so it may exceed the time"
        };
        let value = told(&stalls.durations, e, &threads);
        rows.push(row(stall(stalls.kind), value, note));
    }
}

fn stall(kind: Stall) -> &'static str {
    match kind {
        Stall::Allocation => "allocation stalls",
        Stall::Relocation => "relocation stalls",
        Stall::Degenerated => "degenerated",
        Stall::Full => "full, not asked for",
        Stall::Pacing => "pacing",
        Stall::EvacuationFailure => "evacuation failures",
    }
}

/// The line alone where there is but one file.
fn place_in(e: &Explanation, place: Place) -> String {
    match e.files.len() {
        1 => format!("line {}", place.line),
        _ => e.place(place),
    }
}

fn durations(d: &Durations, e: &Explanation) -> String {
    told(d, e, "")
}

/// `of` follows the count: ` in 2 threads`.
fn told(d: &Durations, e: &Explanation, of: &str) -> String {
    if d.count == 0 {
        return "none".to_owned();
    }
    let mut text = format!("{}{of}, {} in all", count(d.count), ns(d.total));
    if let Some(share) = d.share {
        text += &format!(" ({} of the time)", format::share(share));
    }
    for (name, value) in [("p50", d.p50), ("p99", d.p99), ("p99.9", d.p999)] {
        if let Some(value) = value {
            text += &format!("; {name} {}", ns(value));
        }
    }
    text += &format!("; longest {}", ns(d.max));
    if let Some(place) = d.longest {
        text += &format!(" at {}", place_in(e, place));
    }
    text
}

fn cost(e: &Explanation, rows: &mut Vec<Row>) {
    let Some(cost) = &e.figures.cost else { return };
    let (least, note) = match cost.attribution {
        Attribution::TraceCpu => (
            "",
            "the CPU fields of each cycle, without idle workers; before the first cycle's end nothing is counted",
        ),
        Attribution::CpuLinesAndPhases => (
            "at least ",
            "User and Sys of the pauses (10 ms ticks), and concurrent phases as if by one thread",
        ),
        Attribution::StopsAndPhases => ("at least ", "stops and concurrent phases, as if by one thread"),
    };
    let share = cost.share.map_or_else(String::new, |share| {
        format!("{} of the CPUs, ", format::share(share))
    });
    rows.push(row(
        "collector's CPU",
        format!("{least}{share}{} in all", ns(cost.cpu)),
        note,
    ));
    if let Some(assists) = cost.assists {
        let idle = format!(
            "{} more by idle workers, on CPUs that had nothing to do",
            ns(cost.idle)
        );
        rows.push(row(
            "  assists",
            format!("{} of it", format::share(assists)),
            idle,
        ));
    }
}

fn heap(e: &Explanation, rows: &mut Vec<Row>) {
    let heap = &e.figures.heap;
    if let Some(rate) = heap.allocation {
        rows.push(row("allocation", speed(rate), "between collections"));
    }
    if let Some(rate) = heap.promotion {
        rows.push(row("promotion", speed(rate), "of the whole time"));
    }
    if let Some(peak) = heap.peak {
        rows.push(row("heap in use", format!("{} at most", bytes(peak)), ""));
    }
    if let Some((least, most)) = heap.capacity {
        let name = if e.subject.reading.writer == Some(Writer::Go) {
            "goal"
        } else {
            "heap size"
        };
        let value = if least == most {
            bytes(most)
        } else {
            format!("{} to {}", bytes(least), bytes(most))
        };
        rows.push(row(name, value, ""));
    }
    if let Some(live) = &heap.live {
        let note = match live.basis {
            LiveBasis::Told => "as found reachable",
            LiveBasis::Lows => "the lowest level after collections in each stretch: an upper bound",
        };
        let mut value = format!(
            "{} last, {} median, {} highest",
            bytes(live.last),
            bytes(live.median),
            bytes(live.highest)
        );
        if let Some(trend) = live.trend {
            let hourly = |per_s: f64| format::bytes(per_s * 3600.0);
            value += &format!(
                "; slope {} an hour [{}, {}]",
                hourly(trend.slope),
                hourly(trend.lo),
                hourly(trend.hi)
            );
        }
        rows.push(row("live set", value, note));
    }
    if let Some(headroom) = heap.headroom {
        let of = match headroom.basis {
            LimitBasis::HeapMax => "the largest heap allowed",
            LimitBasis::Capacity => "the largest heap seen",
            LimitBasis::HeldGoal => "the goal that a limit seems to hold",
            LimitBasis::Goal => "the highest goal; no limit is in sight",
        };
        rows.push(row(
            "headroom",
            format!(
                "{} of {} live",
                format::share(headroom.filled()),
                bytes(headroom.limit)
            ),
            of,
        ));
    }
}

fn cycles(e: &Explanation, rows: &mut Vec<Row>) {
    let cycles = &e.figures.cycles;
    let list = |counts: &[(String, u64)]| {
        counts
            .iter()
            .take(12)
            .map(|(name, n)| format!("{} {name}", count(*n)))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let rate = cycles.per_s.map_or(String::new(), |rate| {
        format!(", {} a second", format::significant(rate))
    });
    rows.push(row(
        "collections",
        format!("{}{rate}", count(cycles.count)),
        list(&cycles.kinds),
    ));
    if !cycles.causes.is_empty() {
        rows.push(row("  because", list(&cycles.causes), ""));
    }
}
