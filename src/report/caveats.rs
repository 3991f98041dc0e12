//! Doubts of an axis: one entry a kind, with every wording of it and where each holds.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::artifact::axis::Axis;
use crate::artifact::doubt::Doubt;
use crate::artifact::plan::Work;

use super::format;
use super::source::Source;

/// One kind of doubt.
#[derive(Clone, Debug, Serialize)]
pub struct Caveat {
    pub name: &'static str,
    /// "12 places"
    pub count: String,
    /// Its first wording.
    pub text: String,
    /// "and 3 more like it", or empty.
    pub more: String,
    pub wordings: Vec<Wording>,
}

/// The same words, and all that they concern.
#[derive(Clone, Debug, Serialize)]
pub struct Wording {
    pub text: String,
    pub places: Vec<String>,
}

/// What a doubt concerns. A work stands for its place in the plan, a subject for a collector or a pair.
struct Found<'a> {
    doubt: &'a Doubt,
    text: String,
    work: Option<&'a str>,
    subject: String,
    /// Collectors that the subject is made of.
    of: [&'a str; 2],
}

/// Doubts of the cells, of the verdicts' works, and of the verdicts themselves. What a cell says is not said again for the pairs that it is in.
pub fn caveats(source: &Source, axis: Axis, works: &[&Work]) -> Vec<Caveat> {
    let mut found: Vec<Found> = vec![];
    for work in works {
        for collector in &source.plan.collectors {
            if let Some(summary) = source.summary(&work.id, &collector.name) {
                let name = collector.name.as_str();
                find(
                    &mut found,
                    &summary.doubts,
                    Some(&work.id),
                    name.to_owned(),
                    [name, name],
                );
            }
        }
    }
    for pair in &source.plan.pairs {
        if let Some(verdict) = source.verdict(pair, axis) {
            let subject = format!("{} against {}", pair.a, pair.b);
            let of = [pair.a.as_str(), pair.b.as_str()];
            for work in &verdict.works {
                find(&mut found, &work.doubts, Some(&work.work), subject.clone(), of);
            }
            find(&mut found, &verdict.doubts, None, subject, of);
        }
    }
    kinds(&found)
}

/// Notes each doubt unless a narrower place has said it already.
fn find<'a>(
    found: &mut Vec<Found<'a>>,
    doubts: &'a [Doubt],
    work: Option<&'a str>,
    subject: String,
    of: [&'a str; 2],
) {
    for doubt in doubts {
        let text = doubt.to_string();
        let said = found.iter().any(|f| {
            f.text == text && (work.is_none() || f.work == work) && f.of.iter().all(|name| of.contains(name))
        });
        if !said {
            found.push(Found {
                doubt,
                text,
                work,
                subject: subject.clone(),
                of,
            });
        }
    }
}

fn kinds(found: &[Found]) -> Vec<Caveat> {
    let mut names: Vec<&'static str> = vec![];
    for name in found.iter().map(|f| f.doubt.name()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
        .into_iter()
        .map(|name| {
            let of_kind: Vec<&Found> = found.iter().filter(|f| f.doubt.name() == name).collect();
            let wordings = wordings(&of_kind);
            Caveat {
                name,
                count: format::things(of_kind.len(), "place"),
                text: wordings.first().map_or(String::new(), |w| w.text.clone()),
                more: match wordings.len() {
                    0 | 1 => String::new(),
                    n => format!("and {} more like it", n - 1),
                },
                wordings,
            }
        })
        .collect()
}

fn wordings(found: &[&Found]) -> Vec<Wording> {
    let mut texts: Vec<&str> = vec![];
    for text in found.iter().map(|f| f.text.as_str()) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
        .into_iter()
        .map(|text| {
            let same: Vec<&&Found> = found.iter().filter(|f| f.text == text).collect();
            Wording {
                text: text.to_owned(),
                places: places(&same),
            }
        })
        .collect()
}

/// "go, g1 on churn and cache": works with the same subjects share a line.
fn places(found: &[&&Found]) -> Vec<String> {
    let works: BTreeSet<(usize, Option<&str>)> = found
        .iter()
        .map(|f| (found.iter().position(|g| g.work == f.work).unwrap_or(0), f.work))
        .collect();
    let mut lines: Vec<(String, Vec<&str>)> = vec![];
    for (_, work) in works {
        let subjects: Vec<&str> = found
            .iter()
            .filter(|f| f.work == work)
            .map(|f| f.subject.as_str())
            .collect();
        let subjects = subjects.join(", ");
        match lines.iter_mut().find(|(s, _)| *s == subjects) {
            Some((_, works)) => works.extend(work),
            None => lines.push((subjects, work.into_iter().collect())),
        }
    }
    lines
        .into_iter()
        .map(|(subjects, works)| {
            if works.is_empty() {
                subjects
            } else {
                format!("{subjects} on {}", works.join(", "))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEW: [Doubt; 1] = [Doubt::FewRounds { rounds: 3 }];
    const PEAKS: [Doubt; 2] = [
        Doubt::UnequalMemory { ratio: 1.3 },
        Doubt::UnequalMemory { ratio: 1.4 },
    ];

    #[test]
    fn what_a_cell_says_is_not_said_again_for_its_pairs() {
        let mut found = vec![];
        find(&mut found, &FEW, Some("w"), "go".into(), ["go", "go"]);
        find(&mut found, &FEW, Some("w"), "go against g1".into(), ["go", "g1"]);
        find(&mut found, &FEW, None, "go against g1".into(), ["go", "g1"]);
        find(&mut found, &FEW, Some("v"), "go against g1".into(), ["go", "g1"]);
        let kinds = kinds(&found);
        assert_eq!(kinds.len(), 1);
        assert_eq!(kinds[0].count, "2\u{a0}places");
        assert_eq!(kinds[0].wordings[0].places, ["go on w", "go against g1 on v"]);
    }

    #[test]
    fn different_numbers_are_wordings_of_one_kind() {
        let mut found = vec![];
        find(
            &mut found,
            &PEAKS[..1],
            Some("w"),
            "a against b".into(),
            ["a", "b"],
        );
        find(
            &mut found,
            &PEAKS[1..],
            Some("v"),
            "a against b".into(),
            ["a", "b"],
        );
        find(&mut found, &PEAKS[1..], None, "c against b".into(), ["c", "b"]);
        let kinds = kinds(&found);
        assert_eq!((kinds.len(), kinds[0].wordings.len()), (1, 2));
        assert_eq!(kinds[0].more, "and 1 more like it");
        assert_eq!(kinds[0].wordings[1].places, ["a against b on v", "c against b"]);
    }

    #[test]
    fn works_with_the_same_subjects_share_a_line() {
        let mut found = vec![];
        for work in ["w", "v"] {
            for name in ["go", "g1"] {
                find(&mut found, &FEW, Some(work), name.into(), [name, name]);
            }
        }
        assert_eq!(kinds(&found)[0].wordings[0].places, ["go, g1 on w, v"]);
    }
}
