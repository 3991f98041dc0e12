//! What another setting would do: cycles a second, peak heap and the collector's share of the CPU, from the events of one log. The
//! models follow the runtimes' own pacing rules, with the log's steady part as calibration; what they cannot know they say. How well
//! they do is measured in docs/PREDICT.md.

mod cycles;
mod g1;
mod go;
mod goal;
mod history;
mod zgc;

use std::fmt;

use crate::artifact::event::{Amount, Event, What};
use crate::artifact::unit::Bytes;

const MIB: f64 = (1 << 20) as f64;

/// Of something that comes every so many seconds, with three digits: the models know no more.
fn per_second(seconds: f64) -> String {
    let rate = 1.0 / seconds;
    let decimals = (2.0 - rate.abs().max(1e-6).log10().floor()).clamp(0.0, 6.0);
    format!("{rate:.0$}", decimals as usize)
}

/// A setting that somebody may want to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Percent, without a memory limit.
    Gogc(u32),
    /// GOMEMLIMIT with GOGC=off.
    MemoryLimit(Bytes),
    /// -Xmx, and -Xms with it.
    HeapMax(Bytes),
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Setting::Gogc(percent) => write!(f, "GOGC={percent}"),
            Setting::MemoryLimit(limit) => write!(f, "GOMEMLIMIT={}MiB GOGC=off", limit.0 >> 20),
            Setting::HeapMax(max) => write!(f, "-Xms{0}m -Xmx{0}m", max.0 >> 20),
        }
    }
}

/// What would happen under a setting. Each figure that is None has its reason in `reasons`.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    pub setting: Setting,
    /// Collections a second: marking cycles (Go), pauses that collect (G1), collections of any generation (ZGC).
    pub cycles_per_s: Option<f64>,
    /// Bytes allocated from the end of one collection to the end of the next (Go), to the next (G1): how often per work done, whatever the
    /// clock does.
    pub allocated_per_cycle: Option<Bytes>,
    /// The highest heap in use that a line of the log would show.
    pub peak_heap: Option<Bytes>,
    /// CPU of the collector / (CPUs x wall time), 0..1; without idle marking (Go), pauses and marking (G1), concurrent phases (ZGC).
    pub gc_cpu_share: Option<f64>,
    /// What the figures assume, and why those that are missing are.
    pub reasons: Vec<String>,
}

impl Forecast {
    /// Nothing can be said, for this reason.
    pub fn unknown(setting: Setting, reason: impl Into<String>) -> Self {
        Forecast {
            setting,
            cycles_per_s: None,
            allocated_per_cycle: None,
            peak_heap: None,
            gc_cpu_share: None,
            reasons: vec![reason.into()],
        }
    }

    /// All reasons in one line.
    pub fn note(&self) -> String {
        self.reasons.join(" ")
    }
}

/// What was learnt from a log, in constant memory.
#[derive(Default)]
pub struct Model {
    go: go::Model,
    g1: g1::Model,
    z: zgc::Model,
    writer: Option<Writer>,
    /// What the JVM calls the collector, where none of the models is its.
    other: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Writer {
    Go,
    G1,
    Z,
    Other,
}

impl Model {
    /// Takes the next event of the log.
    pub fn hear(&mut self, event: &Event) {
        if self.writer.is_none() {
            self.writer = writer(&event.what);
            if let (Some(Writer::Other), What::Setting { value, .. }) = (self.writer, &event.what) {
                self.other = Some((*value).to_owned());
            }
        }
        match self.writer {
            Some(Writer::Go) => self.go.hear(event),
            Some(Writer::Other) => {}
            // A log without its beginning shows its collector after some events.
            Some(Writer::G1) => self.g1.hear(event),
            Some(Writer::Z) => self.z.hear(event),
            None => {
                self.g1.hear(event);
                self.z.hear(event);
            }
        }
    }

    /// The settings a person would try first: half and double of what is, and for Go a memory limit.
    pub fn predict(&self) -> Vec<Forecast> {
        let settings = match self.writer {
            Some(Writer::Go) => self.go.settings(),
            Some(Writer::G1) => halved_and_doubled(self.g1.max()),
            Some(Writer::Z) => halved_and_doubled(self.z.max()),
            Some(Writer::Other) | None => Vec::new(),
        };
        settings.into_iter().map(|setting| self.at(setting)).collect()
    }

    /// What this setting would do.
    pub fn at(&self, setting: Setting) -> Forecast {
        match (self.writer, setting) {
            (Some(Writer::Go), Setting::HeapMax(_)) => {
                Forecast::unknown(setting, "Go has no -Xmx: GOMEMLIMIT is its memory limit.")
            }
            (Some(Writer::Go), _) => self.go.at(setting),
            (Some(Writer::G1), Setting::HeapMax(max)) => self.g1.at(setting, max),
            (Some(Writer::Z), Setting::HeapMax(max)) => self.z.at(setting, max),
            (Some(Writer::G1 | Writer::Z), _) => Forecast::unknown(
                setting,
                "This is a JVM's log: GOGC and GOMEMLIMIT are settings of Go.",
            ),
            (Some(Writer::Other), _) => {
                let name = self.other.as_deref().unwrap_or("this collector");
                Forecast::unknown(setting, format!("There is no model of {name}."))
            }
            (None, _) => Forecast::unknown(setting, "The log has no collection."),
        }
    }
}

fn halved_and_doubled(max: Option<Bytes>) -> Vec<Setting> {
    let Some(max) = max else { return Vec::new() };
    let whole = |bytes: u64| Setting::HeapMax(Bytes(bytes >> 20 << 20));
    vec![whole(max.0 / 2), whole(max.0.saturating_mul(2))]
}

fn writer(what: &What) -> Option<Writer> {
    match what {
        What::GoCpu(_) => Some(Writer::Go),
        What::Setting {
            name: "Collector",
            value,
        } => Some(match *value {
            "G1" => Writer::G1,
            "The Z Garbage Collector" => Writer::Z,
            _ => Writer::Other,
        }),
        What::Space(space) if matches!(space.before, Amount::Regions(_)) => Some(Writer::G1),
        What::Cycle(cycle) if ["Minor", "Major", "Collection"].contains(&cycle.kind) => Some(Writer::Z),
        _ => None,
    }
}

/// `192M`, `1G`, `524288K` of a setting line, in bytes; None for anything else.
fn size(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim() {
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "B" | "" => 0,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(1 << shift)
}

/// For a sentence: `48 MB`.
fn mb(bytes: f64) -> String {
    format!("{:.0} MB", bytes / MIB)
}

/// Not below nothing, whole bytes.
fn bytes(figure: f64) -> Bytes {
    Bytes(figure.max(0.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_setting_lines_are_bytes_and_anything_else_is_none() {
        assert_eq!(size("192M"), Some(192 << 20));
        assert_eq!(size("1G"), Some(1 << 30));
        assert_eq!(size("2 total"), None);
        assert_eq!(size("99999999999999999G"), None);
    }

    #[test]
    fn a_log_without_collections_has_reasons_and_no_figures() {
        let model = Model::default();
        assert_eq!(model.predict(), vec![]);
        let forecast = model.at(Setting::Gogc(50));
        assert_eq!(
            (forecast.cycles_per_s, forecast.peak_heap, forecast.gc_cpu_share),
            (None, None, None)
        );
        assert!(forecast.note().contains("no collection"), "{}", forecast.note());
    }

    #[test]
    fn a_collector_without_a_model_is_named() {
        let mut model = Model::default();
        model.hear(&Event {
            at: None,
            place: Default::default(),
            gc: None,
            what: What::Setting {
                name: "Collector",
                value: "Serial",
            },
        });
        let forecast = model.at(Setting::HeapMax(Bytes(1 << 30)));
        assert_eq!(forecast.note(), "There is no model of Serial.");
    }

    #[test]
    fn settings_are_written_as_a_person_would_set_them() {
        assert_eq!(Setting::Gogc(50).to_string(), "GOGC=50");
        assert_eq!(
            Setting::MemoryLimit(Bytes(96 << 20)).to_string(),
            "GOMEMLIMIT=96MiB GOGC=off"
        );
        assert_eq!(Setting::HeapMax(Bytes(96 << 20)).to_string(), "-Xms96m -Xmx96m");
    }
}
