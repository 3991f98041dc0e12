//! The page's context: everything it shows, as text, in the order in which it is shown.

use serde::Serialize;

use crate::artifact::axis::Axis;
use crate::artifact::host::Host;

use super::appendix::{self, FailureGroup, Method, Rule};
use super::claims::{self, Told};
use super::cost::{self, Cost};
use super::format;
use super::palette::is_reference;
use super::precision::{self, Widths};
use super::section::{self, Section};
use super::selftest::{self, Proven};
use super::source::Source;
use super::summary::{self, Summary};
use super::table::{Table, texts};

#[derive(Clone, Debug, Serialize)]
pub struct Page {
    pub title: String,
    pub suite: String,
    pub started: String,
    pub question: String,
    pub answer: String,
    /// "8 cores of X, 32 GiB, Linux 6.1"
    pub machine: String,
    pub versions: Vec<String>,
    /// Cures included; empty for a trusted run.
    pub untrusted: Vec<String>,
    pub collectors: Vec<Legend>,
    pub summary: Summary,
    pub sections: Vec<Section>,
    pub rules: Vec<Rule>,
    pub precision: Widths,
    pub failures: Vec<FailureGroup>,
    pub failed: String,
    pub method: Method,
    pub environment: Table,
    pub cost: Cost,
    pub proven: Proven,
    pub claims: Told,
    /// view.json and verdict.json of this page.
    pub files: Files,
}

#[derive(Clone, Debug, Serialize)]
pub struct Files {
    pub view: String,
    pub verdict: String,
    /// Link to the folder's own page, on one beside it.
    pub own: &'static str,
}

fn files(name: &str) -> Files {
    let file = |kind: &str| match name {
        "" => format!("{kind}.json"),
        name => format!("{kind}-{name}.json"),
    };
    Files {
        view: file("view"),
        verdict: file("verdict"),
        own: if name.is_empty() { "" } else { "index.html" },
    }
}

/// A collector in the common key.
#[derive(Clone, Debug, Serialize)]
pub struct Legend {
    pub name: String,
    pub label: String,
    pub colour: &'static str,
    pub outline: &'static str,
    /// "reference", "not started: no JDK", or empty.
    pub note: String,
}

/// "8 cores of X, 32 GiB of memory, Linux, kernel 6.1"
pub fn machine(host: &Host) -> String {
    format!(
        "{} of {}, {} of memory, {}, kernel {}",
        format::things(host.cores as usize, "core"),
        host.cpu,
        format::bytes(host.memory.0 as f64),
        host.os,
        host.kernel
    )
}

/// "go: go version go1.26"
pub fn versions(host: &Host) -> Vec<String> {
    let versions = host.versions.iter();
    versions
        .map(|(tool, version)| format!("{tool}: {version}"))
        .collect()
}

/// `name`: of a page beside the folder's own; empty for that one.
pub fn page(source: &Source, name: &str) -> Page {
    let plan = source.plan;
    let host = &source.verdicts.host;
    Page {
        title: format!("gcrucible: {}", plan.suite),
        suite: plan.suite.clone(),
        started: host.started.clone(),
        question: plan.question.clone(),
        answer: summary::answer(source),
        machine: machine(host),
        versions: versions(host),
        untrusted: texts(&source.verdicts.untrusted),
        collectors: plan
            .collectors
            .iter()
            .map(|c| {
                let style = source.palette.of(&c.name);
                Legend {
                    name: c.name.clone(),
                    label: c.label.clone(),
                    colour: style.colour,
                    outline: style.outline,
                    note: match &c.unavailable {
                        Some(reason) => format!("not started: {reason}"),
                        None if is_reference(c) && source.judged(&c.name) => "reference".to_owned(),
                        None if is_reference(c) => "reference, not judged".to_owned(),
                        None => String::new(),
                    },
                }
            })
            .collect(),
        summary: summary::summary(source),
        sections: Axis::ALL
            .iter()
            .map(|axis| section::section(source, *axis))
            .collect(),
        rules: appendix::rules(source),
        precision: precision::widths(source),
        failures: appendix::failures(source),
        failed: format::things(source.analysis.failures.len(), "run"),
        method: appendix::method(source),
        environment: appendix::environment(source),
        cost: cost::cost(source),
        proven: selftest::proven(source.beside.selftest),
        claims: claims::told(source.beside.settled),
        files: files(name),
    }
}
