//! Findings and checks in words.

use crate::artifact::explanation::LiveBasis;
use crate::artifact::finding::{Check, Evidence, Fault, Measure};
use crate::artifact::unit::{Bytes, Ns};
use crate::report::format;

pub fn ns(ns: Ns) -> String {
    format::ns(ns.0 as f64)
}

pub fn bytes(bytes: Bytes) -> String {
    format::bytes(bytes.0 as f64)
}

pub fn speed(bytes_per_s: f64) -> String {
    format!("{}/s", format::bytes(bytes_per_s.round()))
}

pub fn count(n: u64) -> String {
    format::count(n as f64)
}

fn times(n: u64) -> String {
    match n {
        1 => "once".to_owned(),
        n => format!("{} times", count(n)),
    }
}

/// `3 of 54 collections`
fn of_collections(n: u64, of: u64) -> String {
    format!("{} of {}", count(n), format::things(of as usize, "collection"))
}

pub fn measure(measure: Measure) -> String {
    match measure {
        Measure::Time(time) => ns(time),
        Measure::Size(size) => bytes(size),
        Measure::Share(share) => format::share(share),
        Measure::Count(n) => count(n),
        Measure::Speed(rate) => speed(rate),
        Measure::Percent(percent) => format::count(percent.round()),
    }
}

/// What was found, in figures.
pub fn facts(fault: &Fault) -> String {
    match fault {
        Fault::OutOfMemory { words, count } => {
            format!("the log says so {}: \"{words}\"", times(*count))
        }
        Fault::LiveNearLimit {
            live,
            limit,
            filled,
            basis,
            cpu_share,
            stop_share,
        } => {
            let what = match basis {
                LiveBasis::Told => "are live",
                LiveBasis::Lows => "are still in use after collections",
            };
            let mut text = format!(
                "{} of {} {what}: {}",
                bytes(*live),
                bytes(*limit),
                format::share(*filled)
            );
            if let Some(share) = cpu_share {
                text += &format!("; the collector takes {} of the CPUs", format::share(*share));
            }
            if let Some(share) = stop_share {
                text += &format!("; threads stand still for {} of the time", format::share(*share));
            }
            text
        }
        Fault::Leak {
            per_s,
            lo,
            hi,
            from,
            last,
            over,
            ..
        } => {
            let hourly = |per_s: &f64| format::bytes(per_s * 3600.0);
            format!(
                "from {} to {} over {}: {} an hour (95 % interval {} to {})",
                bytes(*from),
                bytes(*last),
                ns(*over),
                hourly(per_s),
                hourly(lo),
                hourly(hi)
            )
        }
        Fault::FullCollections {
            count,
            of,
            total,
            max,
        }
        | Fault::Degenerated {
            count,
            of,
            total,
            max,
        } => format!(
            "{}, {} in all, the longest {}",
            of_collections(*count, *of),
            ns(*total),
            ns(*max)
        ),
        Fault::EvacuationFailures {
            count,
            of,
            total,
            max,
        } => format!(
            "survivors found no room in {}: pauses of {} in all, the longest {}",
            of_collections(*count, *of),
            ns(*total),
            ns(*max)
        ),
        Fault::AllocationStalls {
            count,
            threads,
            total,
            max,
        } => format!(
            "{} in {}, {} in all, the longest {}",
            format::things(*count as usize, "stall"),
            format::things(*threads as usize, "thread"),
            ns(*total),
            ns(*max)
        ),
        Fault::Pacing {
            threads,
            total,
            share,
            ..
        } => format!(
            "{} held back for {} in all: {} of the time",
            format::things(*threads as usize, "thread"),
            ns(*total),
            format::share(*share)
        ),
        Fault::CollectingTooMuch {
            cpu_share,
            stop_share,
            limit,
            live,
        } => {
            let mut parts = Vec::new();
            if let Some(share) = cpu_share {
                parts.push(format!(
                    "the collector takes {} of the CPUs",
                    format::share(*share)
                ));
            }
            if let Some(share) = stop_share {
                parts.push(format!(
                    "threads stand still for {} of the time",
                    format::share(*share)
                ));
            }
            if let (Some(live), Some(limit)) = (live, limit) {
                parts.push(format!("{} of {} are live", bytes(*live), bytes(*limit)));
            }
            parts.join("; ")
        }
        Fault::GogcTooLow {
            cpu_share,
            peak,
            gogc,
        } => format!(
            "the collector takes {} of the CPUs for a heap of {} at most{}",
            format::share(*cpu_share),
            bytes(*peak),
            gogc.map_or(String::new(), |g| format!(
                ", at GOGC of about {}",
                format::count(g.round())
            ))
        ),
        Fault::GogcTooHigh {
            cpu_share,
            peak,
            live,
            gogc,
        } => format!(
            "GOGC of about {} makes {} of heap from {} of live data, for {} of the CPUs",
            format::count(gogc.round()),
            bytes(*peak),
            bytes(*live),
            format::share(*cpu_share)
        ),
        Fault::AssistsDominate { share, cpu_share } => format!(
            "goroutines that allocate do {} of the collector's work{}",
            format::share(*share),
            cpu_share.map_or(String::new(), |s| format!(
                ", which takes {} of the CPUs",
                format::share(s)
            ))
        ),
        Fault::Humongous {
            collections,
            of,
            peak,
            region,
        } => {
            let mut text = format!("{} began for one", of_collections(*collections, *of));
            if let Some(peak) = peak {
                text += &format!("; up to {} in humongous regions", bytes(*peak));
            }
            if let Some(region) = region {
                text += &format!(
                    "; a region has {}, so objects from {} on",
                    bytes(*region),
                    bytes(Bytes(region.0 / 2))
                );
            }
            text
        }
        Fault::PrematurePromotion {
            promoted,
            kept_share,
            reclaimed_share,
        } => format!(
            "{} were promoted, {} of what young collections kept, and {} of that was reclaimed later",
            bytes(*promoted),
            format::share(*kept_share),
            format::share(reclaimed_share.min(1.0))
        ),
        Fault::ExplicitCollections { count, of, total } => {
            format!("{}, {} in all", of_collections(*count, *of), ns(*total))
        }
        Fault::ResizingChurn {
            reversals,
            changes,
            least,
            most,
        } => format!(
            "between {} and {}: {} changes, {} of them the other way",
            bytes(*least),
            bytes(*most),
            count(*changes),
            count(*reversals)
        ),
        Fault::TimeToSafepoint {
            share,
            total,
            max,
            operation,
        } => format!(
            "{} in all{}, the longest {} ({operation})",
            ns(*total),
            share.map_or(String::new(), |s| format!(
                ", {} of the stops' time",
                format::share(s)
            )),
            ns(*max)
        ),
        Fault::OnlyPeriodic { count, of } => format!(
            "{} came by the clock or were asked for",
            of_collections(*count, *of)
        ),
    }
}

/// What it does to the program.
pub fn consequence(fault: &Fault) -> String {
    match fault {
        Fault::OutOfMemory { .. } => "A request for memory failed: threads die, and what they hold stays behind.".to_owned(),
        Fault::LiveNearLimit { .. } => {
            "Each collection finds little to free, so the next one comes at once: the closer to the limit, the more the collector works, until it does nothing else.".to_owned()
        }
        Fault::Leak { until_limit, .. } => match until_limit {
            Some(left) => format!("At this rate the limit is reached in about {}.", ns(*left)),
            None => "Each cycle marks more than the one before, until the machine's memory ends.".to_owned(),
        },
        Fault::FullCollections { .. } => "All threads stand still while the whole heap is compacted; the longer, the larger the heap.".to_owned(),
        Fault::EvacuationFailures { .. } => {
            "The pause is lengthened, the old generation is left fragmented, and a full collection often follows.".to_owned()
        }
        Fault::AllocationStalls { .. } => {
            "Threads wait for memory outside of any pause: no figure of pauses shows it, every percentile of latency does.".to_owned()
        }
        Fault::Degenerated { .. } => {
            "The concurrent collection came too late and was finished with all threads stopped: a pause of many times the usual length.".to_owned()
        }
        Fault::Pacing { .. } => "Threads are slowed down as they allocate: response times rise, and no pause shows why.".to_owned(),
        Fault::CollectingTooMuch { .. } => "The program has that much less of the machine.".to_owned(),
        Fault::GogcTooLow { .. } => "CPU is spent to keep a heap small that could well be larger.".to_owned(),
        Fault::GogcTooHigh { .. } => "Most of the heap is garbage that waits, for a saving of CPU that nobody would notice.".to_owned(),
        Fault::AssistsDominate { .. } => {
            "Goroutines must mark before they may allocate: their latency rises while a cycle runs, and stops do not show it.".to_owned()
        }
        Fault::Humongous { .. } => {
            "Each takes whole regions next to each other, skips the young generation, and may start a marking cycle.".to_owned()
        }
        Fault::PrematurePromotion { .. } => {
            "Objects die soon after they were copied into the old generation, where freeing them costs a mixed or full collection.".to_owned()
        }
        Fault::ExplicitCollections { .. } => "The whole heap is collected whether that is worth it or not.".to_owned(),
        Fault::ResizingChurn { .. } => "Memory is given back and fetched again: page faults, and pauses that wait for the kernel.".to_owned(),
        Fault::TimeToSafepoint { .. } => "All threads but one stand still and wait for it; the collector is not at work yet.".to_owned(),
        Fault::OnlyPeriodic { .. } => "Nothing is wrong: the process hardly allocates, and these figures say nothing about one that does.".to_owned(),
    }
}

/// What was found, and where a finding begins: `3.10 %`, `above 15 %`.
pub fn check(check: &Check) -> (String, String) {
    let found = check.found.map_or_else(|| "not told".to_owned(), measure);
    let threshold = match check.threshold {
        Measure::Share(share) if share >= 1.0 => return (found, "all of them".to_owned()),
        Measure::Share(share) => format::percent(share),
        Measure::Time(time) => format::ns(time.0 as f64).replace(".0", ""),
        other => measure(other),
    };
    (found, format!("above {threshold}"))
}

pub fn evidence(evidence: &Evidence) -> String {
    format!("{}  {}", measure(evidence.figure), evidence.what)
}
