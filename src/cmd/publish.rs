//! `gcrucible publish`: a run folder for others, computed again from what it shows.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::cli::Publish;
use super::stages::{self, Outcome};
use super::{Ending, STOP, summary, usage};
use crate::artifact::envelope;
use crate::artifact::exit::Exit;
use crate::artifact::plan::Plan;
use crate::artifact::run_dir::RunDir;
use crate::artifact::verdict::{Verdict, Verdicts};
use crate::publish::browser::{Browser, BrowserError};
use crate::publish::copy::{copy, inspect};
use crate::publish::hide::Hide;
use crate::publish::place::Place;
use crate::publish::static_copy::static_copy;
use crate::report;

pub fn publish(project: Option<&Path>, args: &Publish) -> anyhow::Result<Ending> {
    let from = RunDir::new(std::path::absolute(&args.dir)?);
    let plan = stages::plan_of(&from)?;
    check_destination(from.root(), args)?;
    let old: Verdicts = envelope::read(from.root()).map_err(|e| {
        usage(format!(
            "{e}\n  `gcrucible report {}` computes its verdicts; publish it then",
            args.dir.display()
        ))
    })?;
    let hide = hidden(project, &from, &plan)?;

    let place = Place::beside(&args.to)?;
    let files = copy(from.root(), place.dir(), &hide)?;
    go_on()?;
    let dir = RunDir::new(place.dir());
    let outcome = stages::through(&dir)?;
    check_verdicts(&old, &hide, &outcome, args)?;
    go_on()?;
    // A page of claims needs no script: it is its own static copy.
    let charts = outcome.settled.is_none();
    let drawn = draw(&dir, charts)?;
    inspect(dir.root(), &hide)?;
    go_on()?;
    place.settle(args.force)?;

    let to = args.to.display();
    println!("{to}: {files} files copied, everything else computed again from them: the same verdicts");
    match &outcome.settled {
        Some(settled) => println!("{}", report::ledger::tally(&settled.ledger)),
        None => print!("{}", summary::table(&outcome, false)),
    }
    if drawn {
        println!("{to}/static.html: the page without scripts; {to}/page.png: its first screen");
        return Ok(Ending::Ok);
    }
    eprintln!(
        "no chromium or chrome here, so static.html and page.png are left out; apt-get install chromium, then\n  \
         gcrucible publish {to} --to {to} --force"
    );
    Ok(Ending::Invalid)
}

/// After Ctrl-C nothing is published.
fn go_on() -> anyhow::Result<()> {
    anyhow::ensure!(!STOP.load(Ordering::Relaxed), "stopped; nothing was published");
    Ok(())
}

/// Only a run folder is ever replaced, and only when asked.
fn check_destination(from: &Path, args: &Publish) -> anyhow::Result<()> {
    let to = std::path::absolute(&args.to)?;
    let shown = args.to.display();
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (from, at) = (real(from), real(&to));
    if at != from && (at.starts_with(&from) || from.starts_with(&at)) {
        return Err(usage(format!(
            "--to {shown}: one of the two folders lies in the other; choose a place beside {}",
            args.dir.display()
        )));
    }
    if to.symlink_metadata().is_err() {
        return Ok(());
    }
    if to.is_symlink() || !to.join("plan.json").is_file() {
        return Err(usage(format!(
            "--to {shown}: is there and is not a run folder; it is left as it is"
        )));
    }
    if !args.force {
        return Err(usage(format!(
            "--to {shown}: is there already; --force replaces it"
        )));
    }
    Ok(())
}

/// Paths and names of this machine, and of the one that the folder was made on as far as its commands tell.
fn hidden(project: Option<&Path>, from: &RunDir, plan: &Plan) -> anyhow::Result<Hide> {
    let mut hide = Hide::default();
    for checkout in project.into_iter().map(Path::to_owned).chain(checkouts(plan)) {
        hide.path(&checkout, "{project}");
    }
    // The leading one of several spellings counts, so the run folder comes after the checkout.
    hide.path(from.root(), "{run}");
    if let Some(made) = made_in(from, plan)? {
        hide.path(&made, "{run}");
    }
    for home in std::env::home_dir().into_iter().chain(homes(plan)) {
        hide.path(&home, "{home}");
    }
    if let Some(name) = sysinfo::System::host_name() {
        hide.host(&name);
    }
    Ok(hide)
}

fn words(plan: &Plan) -> impl Iterator<Item = &String> {
    plan.cells
        .iter()
        .flat_map(|c| c.argv.iter().chain(c.env.values()))
}

/// The checkouts that the plan's runners were built in.
fn checkouts(plan: &Plan) -> impl Iterator<Item = PathBuf> {
    words(plan).filter_map(|word| {
        let (checkout, _) = word.split_once("/target/runners/")?;
        Some(checkout[checkout.find('/')?..].into())
    })
}

/// Other people's homes on the usual places.
fn homes(plan: &Plan) -> impl Iterator<Item = PathBuf> {
    words(plan).filter_map(|word| {
        let home = &word[word.find("/home/")?..];
        let end = home["/home/".len()..].find(['/', '"', ':', ','])?;
        Some(home[.."/home/".len() + end].into())
    })
}

/// Where the folder was when it was run: a command that names its log tells.
fn made_in(from: &RunDir, plan: &Plan) -> anyhow::Result<Option<PathBuf>> {
    for invocation in &plan.invocations {
        let logs = plan
            .cell(&invocation.cell)
            .is_some_and(|c| c.argv.iter().any(|a| a.contains("{log}")));
        let path = from.raw(&invocation.id).exit();
        if !logs || !path.exists() {
            continue;
        }
        let exit: Exit = envelope::read_at(&path, from.root()).map_err(usage)?;
        let tail = format!("/raw/{}/gc.log", invocation.id);
        let found = exit.argv.iter().find_map(|word| {
            let (before, _) = word.split_once(&tail)?;
            let start = before.rfind(['"', '=', ':']).map_or(0, |at| at + 1);
            Some(PathBuf::from(&before[start..]))
        });
        return Ok(found);
    }
    Ok(None)
}

/// What the copy says must be what the original says.
fn check_verdicts(old: &Verdicts, hide: &Hide, new: &Outcome, args: &Publish) -> anyhow::Result<()> {
    // A doubt may name what was hidden.
    let old: Verdicts = serde_json::from_slice(&hide.apply(&serde_json::to_vec(old)?))?;
    if old == new.verdicts {
        return Ok(());
    }
    let row = |v: &Verdict| format!("{}, {} against {}", v.axis.title(), v.a, v.b);
    let pairs = old.verdicts.iter().zip(&new.verdicts.verdicts);
    let mut told: Vec<String> = pairs
        .filter(|(a, b)| a != b)
        .map(|(a, b)| {
            let (was, is) = (summary::words(a), summary::words(b));
            if was == is {
                format!("{}: reasons or doubts differ", row(a))
            } else {
                format!("{}: {was}; computed again: {is}", row(a))
            }
        })
        .collect();
    if told.is_empty() {
        told.push("the rules, the doubts of the whole run or the number of verdicts differ".into());
    }
    let more = told.len().saturating_sub(6);
    told.truncate(6);
    if more > 0 {
        told.push(format!("and {more} more"));
    }
    anyhow::bail!(
        "{0}: its verdicts do not follow from its raw files, so nothing was published\n  {1}\n  \
         If another version judged it, `gcrucible report {0}` judges it again; publish it then",
        args.dir.display(),
        told.join("\n  ")
    )
}

/// static.html and page.png; false where there is no browser.
fn draw(dir: &RunDir, charts: bool) -> anyhow::Result<bool> {
    let Some(browser) = Browser::find(&STOP) else {
        return Ok(false);
    };
    let drawn = || -> anyhow::Result<()> {
        let copy = if charts {
            static_copy(&browser.dom(&dir.page())?)?
        } else {
            std::fs::read_to_string(dir.page())?
        };
        envelope::write_atomic(&dir.root().join("static.html"), copy.as_bytes())?;
        browser.picture(&dir.page(), &dir.root().join("page.png"))?;
        Ok(())
    };
    drawn().map_err(|error| match error.downcast_ref::<BrowserError>() {
        Some(BrowserError::Stopped) => anyhow::anyhow!("stopped; nothing was published"),
        _ => error.context("the page could not be drawn, so nothing was published"),
    })?;
    Ok(true)
}
