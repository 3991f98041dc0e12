//! The checksum gate: runs that were sent the same request must have done the same work.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::ObserveError;
use crate::artifact::RunDir;
use crate::artifact::observation::Observation;
use crate::artifact::outcome::Outcome;
use crate::artifact::plan::{Plan, Purpose};

/// Runs of one work with one request.
#[derive(Default)]
struct Group {
    /// Places in the slice of observations.
    members: Vec<usize>,
    /// Checksum -> how many members have it, and how many of them are references.
    votes: BTreeMap<String, (u32, u32)>,
}

/// Turns finished measured runs into `ChecksumDiffers` where they do.
///
/// The right checksum is the work's known one. Where none is known, it is the majority's among the runs that were sent the same
/// request; in a tie, that of the runs without a collector (tag `no-gc`); and if these do not decide either, nobody's.
pub fn gate(plan: &Plan, dir: &RunDir, observations: &mut [Observation]) -> Result<(), ObserveError> {
    let mut groups: BTreeMap<(&str, BTreeSet<String>), Group> = BTreeMap::new();
    for (place, observation) in observations.iter_mut().enumerate() {
        if observation.purpose != Purpose::Measure || !observation.outcome.is_finished() {
            continue;
        }
        let Some((checksum, cell)) = observation.checksum.clone().zip(plan.cell(&observation.cell)) else {
            continue;
        };
        if let Some(expected) = plan.work(&cell.work).and_then(|w| w.expected_checksum.as_deref()) {
            differs(observation, expected);
            continue;
        }
        let request = read_request(&dir.raw(&observation.invocation).request())?;
        let group = groups.entry((cell.work.as_str(), request)).or_default();
        group.members.push(place);
        let reference = plan.collector(&cell.collector).is_some_and(|c| !c.collects());
        let votes = group.votes.entry(checksum).or_default();
        votes.0 += 1;
        votes.1 += u32::from(reference);
    }
    for group in groups.values().filter(|g| g.votes.len() > 1) {
        let right = leader(group, |v| v.0).or_else(|| leader(group, |v| v.1));
        for &place in &group.members {
            let Some(observation) = observations.get_mut(place) else {
                continue;
            };
            match right {
                Some(right) => differs(observation, right),
                None => {
                    let other = group
                        .votes
                        .keys()
                        .find(|c| Some(*c) != observation.checksum.as_ref());
                    differs(observation, other.map_or("", String::as_str));
                }
            }
        }
    }
    Ok(())
}

/// The checksum with most votes; None if two have as many, or none has any.
fn leader(group: &Group, count: impl Fn(&(u32, u32)) -> u32) -> Option<&str> {
    let most = group.votes.values().map(&count).max().filter(|&n| n > 0)?;
    let mut leaders = group.votes.iter().filter(|(_, v)| count(v) == most);
    let (checksum, _) = leaders.next()?;
    leaders.next().is_none().then_some(checksum)
}

fn differs(observation: &mut Observation, expected: &str) {
    let found = observation.checksum.clone().unwrap_or_default();
    if found != expected {
        observation.outcome = Outcome::ChecksumDiffers {
            expected: expected.to_owned(),
            found,
        };
    }
}

/// The lines of a request; the order of keys carries no meaning. Empty where none was kept.
pub fn read_request(path: &Path) -> Result<BTreeSet<String>, ObserveError> {
    let text = super::read_if_there(path)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    Ok(lines.map(str::to_owned).collect())
}
