//! `--metrics`: what a run in progress tells to whoever asks. Fed between processes only; what is seen of the present one is read when asked.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;

use super::progress::{Follow, Progress};
use super::usage;
use crate::artifact::observation::Observation;
use crate::artifact::outcome::Outcome;
use crate::artifact::plan::{Invocation, Plan, Work};
use crate::artifact::run_dir::RunDir;
use crate::artifact::sample::Sample;
use crate::artifact::unit::{Bytes, Ns};
use crate::expose::board::{Current, Latest, Run, Scrape, Told, Totals};
use crate::expose::server::PATH;
use crate::expose::{Board, Server, address};
use crate::observe::Observer;
use crate::run::{Event, Stat};
use crate::sample;

#[derive(Args)]
pub struct Serve {
    /// Serve live OpenMetrics of the run on this port of this machine, such as 9095, or at an address that is written out; 0 picks a port.
    /// A scrape takes CPU from the machine that is measured; the run's record counts them
    #[arg(long, value_name = "[IP:]PORT", value_parser = address::parse)]
    pub metrics: Option<SocketAddr>,
}

/// Answers from its start on, and until it is dropped.
pub struct Live {
    server: Server,
    board: Arc<Board>,
}

impl Live {
    /// None where nobody asked for it. Says on stderr where it answers. Errors: the address cannot be listened on.
    pub fn start(asked: &Serve) -> anyhow::Result<Option<Live>> {
        let Some(asked) = asked.metrics else {
            return Ok(None);
        };
        let board = Arc::new(Board::default());
        let server = Server::start(asked, board.clone()).map_err(|error| {
            usage(format!(
                "--metrics {asked}: {error}; nothing was run: choose another port, or 0 for any that is free"
            ))
        })?;
        for line in announcement(server.address()) {
            eprintln!("{line}");
        }
        Ok(Some(Live { server, board }))
    }

    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Tells of this run from now on. Errors: the folder has no plan.json.
    pub fn follow<'a>(&'a self, plan: &'a Plan, dir: &'a RunDir) -> anyhow::Result<Follower<'a>> {
        let left = plan
            .invocations
            .iter()
            .filter(|i| !dir.raw(&i.id).exit().exists());
        let run = Run {
            suite: plan.suite.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            planned: left.count() as u64,
        };
        self.board.tell(|told| {
            told.run = Some(run);
            // What may be counted later is there with 0 from the start: who asks for an increase misses the first otherwise.
            told.outcomes = Outcome::NAMES.map(|name| (name.to_owned(), 0)).into();
            let used = plan.cells.iter().map(|cell| cell.collector.clone());
            told.collectors = used.map(|name| (name, Totals::default())).collect();
        });
        Ok(Follower {
            board: &self.board,
            plan,
            dir,
            observer: Observer::anew(plan, dir)?,
            current: None,
            scrapes: 0,
            cpu: Ns(0),
        })
    }
}

fn announcement(address: SocketAddr) -> Vec<String> {
    let mut lines = vec![format!("metrics: http://{address}{PATH}")];
    if address::is_open(address) {
        lines.push(format!(
            "metrics: {address} is open to the network: whoever reaches this machine can read them, and take its CPU by asking"
        ));
    }
    lines
}

/// Tells the board what happens.
pub struct Follower<'a> {
    board: &'a Board,
    plan: &'a Plan,
    dir: &'a RunDir,
    observer: Observer<'a>,
    /// The process that runs, and its collector.
    current: Option<(String, String)>,
    /// Answered beside processes.
    scrapes: u64,
    cpu: Ns,
}

impl Follower<'_> {
    fn on(&mut self, event: Event) {
        match event {
            Event::Started { invocation, .. } => self.started(invocation),
            Event::Spawned { pid } => self.spawned(pid),
            Event::Reaped { used } => {
                self.board.reaped(used);
                self.keep_scrapes();
            }
            Event::Finished { invocation, .. } => self.finished(invocation),
            Event::Rate { .. } => {}
        }
    }

    fn started(&mut self, invocation: &Invocation) {
        let Some((work, cell)) = self.plan.cell(&invocation.cell).and_then(|cell| {
            let work = self.plan.work(&cell.work)?;
            Some((work, cell))
        }) else {
            return;
        };
        self.current = Some((invocation.id.clone(), cell.collector.clone()));
        let runtime = self.plan.collector(&cell.collector);
        let current = Current {
            cell: cell.id.clone(),
            workload: named(work),
            collector: cell.collector.clone(),
            runtime: runtime.map(|c| c.runtime.clone()).unwrap_or_default(),
            mode: work.mode,
            round: invocation.round,
            purpose: invocation.purpose,
        };
        self.board.tell(|told| told.current = Some(current));
    }

    fn spawned(&mut self, pid: u32) {
        // What was answered between two processes disturbed none.
        self.board.take_scrapes();
        // A process that has ended at once has nothing to show.
        if let (Some((_, collector)), Ok(stat)) = (&self.current, Stat::open(pid)) {
            self.board.watch(collector, Box::new(move || stat.read()));
        }
    }

    /// Of the process that was just reaped.
    fn keep_scrapes(&mut self) {
        let scrapes = self.board.take_scrapes();
        let Some((invocation, _)) = &self.current else {
            return;
        };
        if scrapes.is_empty() {
            return;
        }
        self.scrapes += scrapes.len() as u64;
        self.cpu = scrapes
            .iter()
            .fold(self.cpu, |sum, s| Ns(sum.0.saturating_add(s.cpu.0)));
        let path = self.dir.raw(invocation).scrapes();
        if let Err(error) = std::fs::write(&path, lines(&scrapes)) {
            eprintln!("{}: the record of scrapes: {error}", path.display());
        }
    }

    fn finished(&mut self, invocation: &Invocation) {
        let collector = self.current.take().map(|(_, collector)| collector);
        // What cannot be read is told by the stages after the run, which stop at it.
        let observed = self.observer.read(invocation).ok();
        let samples = sample::extract(observed.as_slice());
        self.board.tell(|told| {
            told.current = None;
            let outcome = observed.as_ref().map_or("failed", |o| o.outcome.name());
            *told.outcomes.entry(outcome.to_owned()).or_default() += 1;
            if let (Some(observation), Some(collector)) = (&observed, collector)
                && !samples.is_empty()
            {
                learn(told, &collector, observation, &samples);
            }
        });
    }

    /// None where nothing was asked for while a process ran.
    pub fn summary(&self) -> Option<String> {
        (self.scrapes > 0).then(|| {
            format!(
                "metrics: asked for {} times beside the runs, which took {:.1} ms of this machine's CPU",
                self.scrapes,
                self.cpu.0 as f64 / 1e6
            )
        })
    }
}

/// The workload, with its variant where it has several.
fn named(work: &Work) -> String {
    match &work.variant {
        Some(variant) => format!("{}.{variant}", work.workload),
        None => work.workload.clone(),
    }
}

/// scrapes.csv, with its header.
fn lines(scrapes: &[Scrape]) -> String {
    scrapes.iter().fold("t_ns,cpu_ns\n".to_owned(), |text, s| {
        text + &format!("{},{}\n", s.at.0, s.cpu.0)
    })
}

/// What a valid measured process adds.
fn learn(told: &mut Told, collector: &str, observation: &Observation, samples: &[Sample]) {
    let values: BTreeMap<&str, f64> = samples.iter().map(|s| (s.metric.as_str(), s.value)).collect();
    let value = |name: &str| values.get(name).copied();
    let whole = |name: &str| value(name).map(|v| v as u64);
    let add = |sum: Option<u64>, more: Option<u64>| match (sum, more) {
        (None, None) => None,
        (sum, more) => Some(sum.unwrap_or(0).saturating_add(more.unwrap_or(0))),
    };
    let totals = told.collectors.entry(collector.to_owned()).or_default();
    totals.cycles = add(totals.cycles, whole("gc_cycles"));
    totals.gc_cpu = add(totals.gc_cpu.map(|ns| ns.0), whole("gc_cpu_ns")).map(Ns);
    totals.stalled = add(totals.stalled.map(|ns| ns.0), whole("stall_total_ns")).map(Ns);
    totals.allocated = add(totals.allocated.map(|b| b.0), whole("alloc_bytes")).map(Bytes);
    if let Some(lengths) = sample::pause_lengths(observation) {
        let total = Ns(whole("pause_total_ns").unwrap_or(0));
        totals.pauses.get_or_insert_default().add(&lengths, total);
    }
    if let Some(saturated) = value("saturated") {
        let quantiles = [
            ("response_p50_ns", 0.5),
            ("response_p99_ns", 0.99),
            ("response_p999_ns", 0.999),
            ("response_p9999_ns", 0.9999),
        ];
        let known = quantiles.iter().filter_map(|(name, q)| Some((*q, value(name)?)));
        let latest = Latest {
            collector: collector.to_owned(),
            response: known.collect(),
            saturated: saturated > 0.0,
        };
        told.latest.insert(observation.cell.clone(), latest);
    }
}

/// The person and whoever asks over the network are told the same.
pub struct Both<'a, 'f> {
    pub person: &'a mut Progress,
    pub network: Option<&'a mut Follower<'f>>,
}

impl Follow for Both<'_, '_> {
    fn on(&mut self, event: Event) {
        if let Some(follower) = &mut self.network {
            follower.on(event);
        }
        self.person.on(event);
    }

    fn say(&self, line: &str) {
        self.person.say(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_told_and_so_is_that_it_is_open_to_others() {
        let told = |text: &str| announcement(text.parse().unwrap());
        assert_eq!(told("127.0.0.1:9095"), ["metrics: http://127.0.0.1:9095/metrics"]);
        assert_eq!(told("[::1]:80"), ["metrics: http://[::1]:80/metrics"]);
        let open = told("0.0.0.0:9095");
        assert!(
            open.len() == 2 && open[1].contains("open to the network"),
            "{open:?}"
        );
    }

    #[test]
    fn scrapes_are_kept_as_rows() {
        let scrape = |n| Scrape {
            at: Ns(n),
            cpu: Ns(2 * n),
        };
        assert_eq!(lines(&[scrape(1), scrape(3)]), "t_ns,cpu_ns\n1,2\n3,6\n");
    }
}
