//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::live::Serve;

#[derive(Parser)]
#[command(
    name = "gcrucible",
    version,
    about = "Which garbage collector should carry this work? Runs the same allocation workloads in Go, on the JVM and in Rust, and renders a six-axis comparison.",
    after_help = "\
Examples:
  gcrucible bench                                   the quick report: go, g1, zgc, shenandoah, rust; about 9 minutes
  gcrucible bench --collectors go,g1,parallel --workloads cache --rounds 5
  gcrucible bench --until 5% --pair zgc,g1          rounds until throughput and memory are within 5 %, 20 at most
  gcrucible bench --metrics 9095                    watch it with Prometheus, or curl localhost:9095/metrics
  gcrucible plan --suite standard                   what would run, with exact command lines
  gcrucible claims --only task-04,task-19           does what people assert hold here?
  gcrucible verify                                  are the workloads the same work in every language?
  gcrucible selftest                                can the instrument be believed on this machine? about 10 minutes
  gcrucible report reports/<folder>                 render a run again, also an interrupted one
  gcrucible publish reports/<folder> --to <dest>    copy it without your paths, with a page that needs no script

Exit status: 0 ok, 1 a result is invalid or the run was stopped, 2 a mistake in what was asked."
)]
pub struct Cli {
    /// Folder of the gcrucible checkout; otherwise the current one or the nearest above it
    #[arg(long, global = true, value_name = "DIR")]
    pub project: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Build, run, analyse and report: the main job
    Bench(Bench),
    /// Print what a suite would run, without running it
    Plan(PlanArgs),
    /// Run a folder's plan.json; finished invocations are not run again
    Run(Resume),
    /// Parse raw/ into observed/
    Observe(Dir),
    /// Compute samples.csv, analysis.json and verdict.json from observed/
    Analyze(Dir),
    /// Render index.html from a run folder (observes and analyses first what is stale)
    #[command(after_help = REPORT_HELP)]
    Report(Report),
    /// The same collectors in two run folders of one machine, such as two versions of a toolchain
    #[command(after_help = COMPARE_HELP)]
    Compare(Compare),
    /// Copy a run folder to where others may see it: without your paths, with a page that needs no script
    #[command(after_help = PUBLISH_HELP)]
    Publish(Publish),
    /// Test what is asserted of these collectors: each claim holds, does not hold, or stays undecided here
    #[command(after_help = CLAIMS_HELP)]
    Claims(ClaimsArgs),
    /// Run every workload x layout x mode once in every runtime and compare checksums
    Verify(Verify),
    /// Find the smallest memory budget with which each collector does the work
    #[command(after_help = CALIBRATE_HELP)]
    Calibrate(Calibrate),
    /// Find toolchains and build the runners
    Build(Build),
    /// Explain a Go or JVM collector's log from anywhere: figures, what is wrong, what to try
    #[command(after_help = EXPLAIN_HELP)]
    Explain(Explain),
    /// Is this machine fit to measure, and what would cure it?
    #[command(after_help = DOCTOR_HELP)]
    Doctor(Doctor),
    /// Prove the instrument on this machine: known stalls, equal runs, known slowdowns, instruments against each other, its own cost
    #[command(after_help = SELFTEST_HELP)]
    Selftest(Selftest),
    /// Show workloads, collectors and suites
    List(List),
    /// Print a request that a runner reads on stdin
    Request(Request),
    /// Print a completion script for a shell
    Completions { shell: clap_complete::Shell },
    /// Sleep 1 ms at a time until stdin ends, then print the gaps
    #[command(hide = true)]
    ControlWatcher,
}

#[derive(Args, Clone)]
pub struct Select {
    /// smoke, quick, standard, full, large, or one of your own in workloads/suites/
    #[arg(long, default_value = "quick")]
    pub suite: String,
    /// Collectors instead of the suite's, comma-separated: go,g1@17,zgc or tag:generational. The first is compared with each other one
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub collectors: Option<Vec<String>>,
    /// Only these workloads of the suite
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub workloads: Option<Vec<String>>,
    /// Fresh processes per cell; with --until the most of them, 20 unless said
    #[arg(long, value_name = "N")]
    pub rounds: Option<u32>,
    /// Add rounds until the 95 % intervals of all headlines are within this of their medians: 5% (throughput and memory; pauses and tails
    /// 25%), or 5%,10%
    #[arg(long, value_name = "WIDTHS")]
    pub until: Option<String>,
    /// Two collectors of the run to compare besides the suite's pairs, such as zgc,parallel; the first such pair leads. May be repeated
    #[arg(long, value_name = "A,B")]
    pub pair: Vec<String>,
    /// Live payload of every work, such as 256MiB
    #[arg(long, value_name = "SIZE")]
    pub live: Option<String>,
    /// Open-loop rate in operations per second, instead of half of the slowest collector's capacity
    #[arg(long, value_name = "OPS")]
    pub rate: Option<f64>,
    /// Seed of workloads, order and bootstrap
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Never download anything
    #[arg(long)]
    pub offline: bool,
}

#[derive(Args)]
pub struct Bench {
    #[command(flatten)]
    pub select: Select,
    #[command(flatten)]
    pub serve: Serve,
    /// Run folder; reports/<date>-<host>-<suite> unless said. An existing one with the same plan is resumed
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// One JSON object on stdout instead of the table
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct PlanArgs {
    #[command(flatten)]
    pub select: Select,
    /// Only check the definitions
    #[arg(long)]
    pub check: bool,
    /// The plan as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct Dir {
    /// A run folder
    pub dir: PathBuf,
    /// One JSON object on stdout instead of the table
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct Resume {
    #[command(flatten)]
    pub run: Dir,
    #[command(flatten)]
    pub serve: Serve,
}

#[derive(Args)]
pub struct Report {
    #[command(flatten)]
    pub run: Dir,
    /// Two collectors of the run to compare, such as zgc,parallel; may be repeated. Writes a page of its own beside index.html
    #[arg(long, value_name = "A,B")]
    pub pair: Vec<String>,
}

const REPORT_HELP: &str = "\
Examples:
  gcrucible report reports/<folder>                      index.html
  gcrucible report reports/<folder> --pair zgc,parallel  index-zgc-parallel.html, led by that pair; the
                                                         folder's own page and verdicts stay as they are";

#[derive(Args)]
pub struct Compare {
    /// The first run folder: a
    pub first: PathBuf,
    /// The second: b
    pub second: PathBuf,
    /// Only these collectors of those that are in both
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub collectors: Option<Vec<String>>,
    /// One JSON object on stdout instead of the table
    #[arg(long)]
    pub json: bool,
}

const COMPARE_HELP: &str = "\
Ratios are first / second folder, judged by the rule of every report. Folders of different machines,
or whose works were asked differently, are refused; what else differs is said beside the ratios.

Exit status: 0 compared, 2 the folders cannot be compared.";

#[derive(Args)]
pub struct Publish {
    /// The run folder to publish; it is only read
    pub dir: PathBuf,
    /// The published folder, such as reports/published/quick
    #[arg(long, value_name = "DEST")]
    pub to: PathBuf,
    /// Replace a run folder that is already there, which may be DIR itself
    #[arg(long)]
    pub force: bool,
}

const PUBLISH_HELP: &str = "\
What it does, in this order; DEST appears when all of it is done, or never:
  1. copies what the run left: plan.json, host.json, calibration.json, raw/
  2. writes {project} for the checkout's path, {run} for the run folder's,
     {home} for a home directory and {host} for this machine's name; mends the
     hashes by which artifacts name their parents
  3. computes everything else again from the copy; refuses unless the verdicts
     are those of DIR
  4. has chromium draw the page: static.html (every chart, no script) and
     page.png (its first screen)

Examples:
  gcrucible publish reports/2026-01-31-box-quick --to reports/published/quick
  gcrucible publish reports/published/quick --to reports/published/quick --force
                                                         draws its page again

Exit status: 0 published; 1 not published, or without static.html and page.png
since there is no browser; 2 a mistake in what was asked.";

#[derive(Args)]
pub struct Explain {
    /// The log; rotated files together, in any order; packed by gzip or zstd or not; - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// One JSON object on stdout instead of the text
    #[arg(long)]
    pub json: bool,
    /// Also write one offline page with a timeline
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Predict this setting too, besides half and double of the present one: GOGC=300, GOMEMLIMIT=2GiB, Xmx=4GiB
    #[arg(long, value_name = "SETTING")]
    pub what_if: Vec<String>,
    /// Name every field of this line instead, with the runtime's function that prints it
    #[arg(long, value_name = "N", conflicts_with_all = ["html", "what_if"])]
    pub line: Option<u64>,
}

const EXPLAIN_HELP: &str = "\
What makes a log worth explaining:
  Go   GODEBUG=gctrace=1 on stderr, among whatever else is written there
  JVM  -Xlog:gc*,safepoint:file=gc.log, with any decorations; uptime is best

Examples:
  gcrucible explain gc.log
  gcrucible explain gc.log.0 gc.log.1.gz gc.log      rotated, as one log
  kubectl logs pod | gcrucible explain -
  gcrucible explain stderr.log --html gc.html
  gcrucible explain stderr.log --what-if GOMEMLIMIT=2GiB
  gcrucible explain gc.log --line 17                 what is each figure?

Exit status: 0 explained, also where something is wrong with the process;
2 the log cannot be explained.";

#[derive(Args)]
pub struct ClaimsArgs {
    /// Only these rows or claims, also by how their names begin: task-04,task-24.4,task-19-slower
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub only: Option<Vec<String>>,
    /// Only claims about these runtimes alone: go,jvm,rust
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub runtime: Option<Vec<String>>,
    /// Fresh processes of each cell, instead of each row's own number
    #[arg(long, value_name = "N")]
    pub rounds: Option<u32>,
    /// Print what is asserted, without running anything
    #[arg(long)]
    pub list: bool,
    /// Never download anything
    #[arg(long)]
    pub offline: bool,
    /// Run folder; reports/<date>-<host>-claims unless said. An existing one with the same plan is resumed
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// One JSON object on stdout instead of the table
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub serve: Serve,
}

const CLAIMS_HELP: &str = "\
Claims are files, workloads/claims/<row>.toml; docs/CLAIMS.md lists them. A claim
that fails is a finding and no error.

Examples:
  gcrucible claims                                   all of them
  gcrucible claims --only task-19,task-24.4          a row, and what is said of an axis
  gcrucible claims --runtime go --list               what is asserted of Go alone

Exit status: 0 settled, whatever came out; 1 a run failed or the person stopped
it; 2 a mistake in what was asked.";

#[derive(Args)]
pub struct Verify {
    #[arg(long, default_value = "smoke")]
    pub preset: String,
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub workloads: Option<Vec<String>>,
    #[arg(long)]
    pub offline: bool,
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct Calibrate {
    /// The fixed works and collectors of this suite
    #[arg(long, default_value = "quick")]
    pub suite: String,
    /// Only these collectors
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub collectors: Option<Vec<String>>,
    /// Only these workloads of the suite
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub workloads: Option<Vec<String>>,
    /// File of what is known and found, instead of workloads/minimums/<preset>.toml; what ran is kept beside it, not under reports/
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
    /// Find again what is known
    #[arg(long)]
    pub refresh: bool,
    /// Never download anything
    #[arg(long)]
    pub offline: bool,
    /// What is known at the end, as JSON
    #[arg(long)]
    pub json: bool,
}

const CALIBRATE_HELP: &str = "\
Bisects budgets 5 % apart, multiples of the live payload; the least of which five of
five runs pass is kept in workloads/minimums/<preset>.toml with host and versions.
JVM: the runs finish (-Xms = -Xmx). Go, where a limit is a goal: they also peak
within 10 % of it, never make the runtime cap its collector, and take no more than
twice the time without a limit. An interrupted search goes on when called again.

Exit status: 0 all found, 1 one was not or the search was stopped, 2 a mistake.";

#[derive(Args)]
pub struct Build {
    /// Never download anything
    #[arg(long)]
    pub offline: bool,
    /// Build again even where nothing changed
    #[arg(long)]
    pub force: bool,
}

#[derive(Args)]
pub struct Doctor {
    /// How long to listen to an idle process; a 99th percentile needs 2 s
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u64).range(2..=3600))]
    pub seconds: u64,
    #[arg(long)]
    pub json: bool,
}

const DOCTOR_HELP: &str = "\
A report is branded untrusted for: fewer than two usable CPUs, swap in use, another
process above half a CPU, or an idle process that wakes more than 1 ms late at p99.
Every run is looked at for the same; doctor tells before.

Exit status: 0 fit, 1 a run here would be branded.";

#[derive(Args)]
pub struct Selftest {
    /// Only these parts: stalls, aa, power, instruments, cost
    #[arg(long, value_delimiter = ',', value_name = "PARTS")]
    pub only: Option<Vec<String>>,
    /// Collectors instead of the default one of each runtime, comma-separated; the first that collects is also compared with itself
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub collectors: Option<Vec<String>>,
    /// Never download anything
    #[arg(long)]
    pub offline: bool,
    /// Folder of this self-test; reports/selftest/<date>-<host> unless said. An interrupted one is gone on with
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// One JSON object on stdout instead of the table
    #[arg(long)]
    pub json: bool,
}

const SELFTEST_HELP: &str = "\
About 10 minutes on 2 cores. The parts, each kept as soon as it is done:
  stalls       a runner stopped for 2 to 500 ms is found stopped that long by its
               response times, and not by its service times
  aa           equal runs split at random have no winner, axis by axis
  power        a runner made 5 % slower is found slower at the rounds of a
               standard run
  instruments  sampled memory, CPU, pauses and allocation, each against another
               account of the same runs
  cost         what recording and sampling take

Every report made on this machine afterwards prints the figures. A proof that fails
is shown and is not tried again.

Exit status: 0 nothing failed, 1 a proof failed or the person stopped it, 2 a
mistake in what was asked.";

#[derive(Args)]
pub struct List {
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct Request {
    pub workload: String,
    #[arg(long, default_value = "smoke")]
    pub preset: String,
    /// closed or open
    #[arg(long, default_value = "closed")]
    pub mode: String,
    /// Value of the workload's variant parameter
    #[arg(long)]
    pub variant: Option<String>,
}
