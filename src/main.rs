use std::process::ExitCode;
use std::sync::atomic::Ordering;

use clap::{CommandFactory, Parser};
use gcrucible::cmd::cli::{Cli, Command};
use gcrucible::cmd::{
    Ending, STOP, Usage, bench, calibrate, claims, compare, doctor, explain, folder, info, pairs, planning,
    publish, selftest, stages, verify,
};

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(Ending::Ok) => ExitCode::SUCCESS,
        Ok(Ending::Invalid) => ExitCode::from(1),
        Err(error) => {
            eprintln!("gcrucible: {error:#}");
            ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<Ending> {
    if !matches!(cli.command, Command::ControlWatcher) {
        // A second Ctrl-C is for those who do not want to wait for the first.
        ctrlc::set_handler(|| {
            if STOP.swap(true, Ordering::Relaxed) {
                std::process::exit(1);
            }
        })?;
    }
    if let Command::Explain(_)
    | Command::List(_)
    | Command::Plan(_)
    | Command::Report(_)
    | Command::Compare(_)
    | Command::Request(_)
    | Command::Completions { .. } = cli.command
    {
        end_with_the_reader();
    }
    let project = || folder::project(cli.project.as_deref());
    match &cli.command {
        Command::Bench(args) => bench::bench(&project()?, args),
        Command::Plan(args) => planning::plan(&project()?, args),
        Command::Run(args) => bench::resume(args),
        Command::Observe(args) => stages::observe_command(args),
        Command::Analyze(args) => stages::analyze_command(args),
        Command::Report(args) => pairs::report_command(args),
        Command::Compare(args) => compare::compare(args),
        Command::Publish(args) => publish::publish(project().ok().as_deref(), args),
        Command::Calibrate(args) => calibrate::calibrate(&project()?, args),
        Command::Claims(args) => claims::claims(&project()?, args),
        Command::Verify(args) => verify::verify(&project()?, args),
        Command::Build(args) => info::build(&project()?, args),
        Command::Explain(args) => explain::explain(args),
        Command::Doctor(args) => doctor::doctor(project().ok().as_deref(), args),
        Command::Selftest(args) => selftest::selftest(&project()?, args),
        Command::List(args) => info::list(&project()?, args),
        Command::Request(args) => info::request(&project()?, args),
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut Cli::command(), "gcrucible", &mut std::io::stdout());
            Ok(Ending::Ok)
        }
        Command::ControlWatcher => {
            gcrucible::run::control_watch(std::io::stdin(), std::io::stdout())?;
            Ok(Ending::Ok)
        }
    }
}

/// A reader that has seen enough (`| head`) ends a command that only prints, as people expect. Those that talk to children keep the error
/// instead: a child that dies must not take the driver with it.
fn end_with_the_reader() {
    // SAFETY: sets a disposition, before any other thread that could care about this signal.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}
