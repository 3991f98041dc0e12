//! `gcrucible doctor`: is this machine fit to measure, and what would cure it?

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::cli::Doctor;
use super::{Ending, STOP, runners, usage};
use crate::artifact::analysis::Noise;
use crate::artifact::doubt::Doubt;
use crate::artifact::host::Host;
use crate::artifact::quiet::Quiet;
use crate::run::Surroundings;
use crate::{analyze, define, judge, run};

/// Looks at the machine, listens to it, and tells what a run here would be branded for; exit status 1 if anything. Starts no runner,
/// downloads nothing. Without a project it does not look for toolchains.
pub fn doctor(project: Option<&Path>, args: &Doctor) -> anyhow::Result<Ending> {
    let own = std::env::current_exe()?;
    let around = Surroundings {
        control: vec![own.display().to_string(), "control-watcher".into()],
        stop: &STOP,
    };
    let host = run::host::look(super::now(), BTreeMap::new(), BTreeMap::new());
    eprintln!("listening to an idle process for {} s", args.seconds);
    let gaps = run::hear(&around, Duration::from_secs(args.seconds));
    if STOP.load(Ordering::Relaxed) {
        return Ok(Ending::Invalid);
    }
    let quiet: Vec<Quiet> = gaps.into_iter().map(|gaps| Quiet { round: 0, gaps }).collect();
    let noise = analyze::quiet(&quiet);
    let doubts = judge::untrusted(&host, noise.as_ref());
    let toolchains = match project {
        Some(project) => toolchains(project)?,
        None => Vec::new(),
    };
    if args.json {
        let told: Vec<_> = doubts
            .iter()
            .map(|d| serde_json::json!({ "doubt": d, "words": d.to_string() }))
            .collect();
        let found: BTreeMap<&str, Vec<&str>> = toolchains
            .iter()
            .map(|(name, found)| (name.as_str(), found.iter().map(String::as_str).collect()))
            .collect();
        let object = serde_json::json!({
            "fit": doubts.is_empty(), "doubts": told, "idle": noise, "host": host, "toolchains": found,
        });
        println!("{}", serde_json::to_string(&object)?);
    } else {
        print!("{}", text(&host, noise.as_ref(), &toolchains, &doubts));
    }
    Ok(if doubts.is_empty() {
        Ending::Ok
    } else {
        Ending::Invalid
    })
}

/// Runtime -> its toolchains here, preferred first, or why there is none.
fn toolchains(project: &Path) -> anyhow::Result<Vec<(String, Vec<String>)>> {
    let defs = define::load(project).map_err(usage)?;
    let each = defs.runtimes.values().map(|runtime| {
        let found = match runners::there(runtime, project, false) {
            Ok(found) => found
                .iter()
                .map(|t| format!("{} ({})", t.label, t.program.display()))
                .collect(),
            Err(reason) => vec![reason],
        };
        (runtime.label.clone(), found)
    });
    Ok(each.collect())
}

fn text(
    host: &Host,
    noise: Option<&Noise>,
    toolchains: &[(String, Vec<String>)],
    doubts: &[Doubt],
) -> String {
    let gib = |bytes: u64| format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30));
    let or = |value: &Option<String>| value.clone().unwrap_or_else(|| "not told".to_owned());
    let mut rows = vec![
        ("CPU", format!("{}, {} usable", host.cpu, host.cores)),
        (
            "memory",
            match host.cgroup_memory {
                Some(limit) => format!("{}, cgroup limit {}", gib(host.memory.0), gib(limit.0)),
                None => gib(host.memory.0),
            },
        ),
        ("system", format!("{}, Linux {}", host.os, host.kernel)),
        (
            "virtual",
            host.virtualised.clone().unwrap_or_else(|| "no".to_owned()),
        ),
        ("governor", or(&host.governor)),
        ("huge pages", or(&host.transparent_huge_pages)),
        ("NUMA nodes", host.numa_nodes.to_string()),
        ("clock", or(&host.clock_source)),
        (
            "swap",
            format!("{} in use of {}", gib(host.swap_used.0), gib(host.swap_total.0)),
        ),
        ("load", format!("{:.2}", host.load_before)),
        (
            "idle",
            noise.map_or("not known: too few gaps".to_owned(), lateness),
        ),
    ];
    for (name, found) in toolchains {
        rows.push((name.as_str(), found.join(", ")));
    }
    let mut text: String = rows
        .iter()
        .map(|(name, value)| format!("{name:<11} {value}\n"))
        .collect();
    text += "\n";
    for doubt in doubts {
        text += &format!("untrusted: {doubt}\n");
    }
    if doubts.is_empty() {
        text += "fit to measure\n";
    }
    text
}

/// Of a process that sleeps 1 ms at a time.
fn lateness(noise: &Noise) -> String {
    let ms = |ns: u64| ns as f64 / 1e6;
    format!(
        "woke {:.3} ms late at the median, {:.3} at p99, {:.3} at most, of {} sleeps of 1 ms",
        ms(noise.p50.0),
        ms(noise.p99.0),
        ms(noise.max.0),
        noise.n
    )
}
