//! What the process says of itself.

use crate::artifact::explanation::Setting;
use crate::artifact::unit::Bytes;

#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub list: Vec<Setting>,
    pub release: Option<String>,
    pub cpus: Option<u32>,
    pub heap_max: Option<Bytes>,
    pub region: Option<Bytes>,
}

/// More settings than any release prints.
const MOST: usize = 64;

impl Settings {
    pub fn hear(&mut self, name: &str, value: &str) {
        let (name, value) = (name.trim(), value.trim());
        match name {
            "Version" => self.release = Some(value.to_owned()),
            "CPUs" => self.cpus = cpus(value).or(self.cpus),
            // ZGC's table repeats it in every collection, and knows it even where the log's beginning is lost.
            "Heap Max Capacity" | "Max Capacity" => self.heap_max = size(value).or(self.heap_max),
            "Heap Region Size" => self.region = size(value).or(self.region),
            _ => {}
        }
        if let Some(known) = self.list.iter_mut().find(|known| known.name == name) {
            known.value.clear();
            known.value.push_str(value);
        } else if self.list.len() < MOST {
            self.list.push(Setting {
                name: name.to_owned(),
                value: value.to_owned(),
            });
        }
    }
}

/// `2 total, 2 available`
fn cpus(value: &str) -> Option<u32> {
    let available = value.split(", ").find_map(|part| part.strip_suffix(" available"));
    let total = value.split(", ").find_map(|part| part.strip_suffix(" total"));
    available.or(total)?.parse().ok()
}

/// `64M`, `1966K`: binary multiples, as HotSpot prints them.
fn size(value: &str) -> Option<Bytes> {
    let (figure, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    let shift = match unit {
        "B" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return None,
    };
    let figure: u64 = figure.parse().ok()?;
    figure.checked_mul(1 << shift).map(Bytes)
}
