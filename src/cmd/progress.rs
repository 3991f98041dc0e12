//! What a person sees while a suite runs: on a terminal a bar that is redrawn only between processes (nothing ticks inside a measured
//! window), elsewhere one plain line per finished process.

use std::io::IsTerminal;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::artifact::exit::End;
use crate::artifact::plan::{Plan, Purpose};
use crate::run::Event;

/// Whoever follows a run.
pub trait Follow {
    fn on(&mut self, event: Event);

    /// A line that stays, for the person.
    fn say(&self, line: &str);
}

pub struct Progress {
    bar: ProgressBar,
    terminal: bool,
    began: Instant,
    ran: usize,
    /// Why collectors cannot run here, which was said before the first process.
    known: Vec<String>,
    /// "at most ", where a rule may end the run before its last round.
    most: &'static str,
}

impl Progress {
    pub fn new(plan: &Plan) -> Progress {
        let terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::new(plan.invocations.len() as u64);
        bar.set_draw_target(if terminal {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        });
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len}  {msg}") {
            bar.set_style(style);
        }
        Progress {
            bar,
            terminal,
            began: Instant::now(),
            ran: 0,
            known: plan
                .collectors
                .iter()
                .filter_map(|c| c.unavailable.clone())
                .collect(),
            most: if plan.stopping.is_some() {
                "at most "
            } else {
                "about "
            },
        }
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn left(&self, to_do: usize) -> String {
        if self.ran < 3 {
            return String::new();
        }
        let each = self.began.elapsed().as_secs_f64() / self.ran as f64;
        let seconds = (each * to_do as f64) as u64;
        format!(", {}{}:{:02} left", self.most, seconds / 60, seconds % 60)
    }
}

impl Follow for Progress {
    fn say(&self, line: &str) {
        if self.terminal {
            self.bar.println(line);
        } else {
            eprintln!("{line}");
        }
    }

    fn on(&mut self, event: Event) {
        match event {
            Event::Started {
                index,
                total,
                invocation,
            } => {
                self.bar.set_position(index as u64);
                let round = match invocation.purpose {
                    Purpose::Calibrate => "calibrating".to_owned(),
                    Purpose::Measure => format!("round {}", invocation.round),
                };
                self.bar.set_message(format!(
                    "{round}: {}{}",
                    invocation.cell,
                    self.left(total - index)
                ));
            }
            Event::Finished {
                index,
                total,
                invocation,
                exit,
            } => {
                self.ran += 1;
                if matches!(&exit.end, End::NotStarted { reason } if self.known.contains(reason)) {
                    return;
                }
                let seconds = exit.ended.0.saturating_sub(exit.spawned.0) as f64 / 1e9;
                let end = match &exit.end {
                    End::Exited { status: 0 } => String::new(),
                    End::Exited { status } => format!("  exited with {status}"),
                    End::Signalled { signal } => format!("  killed by signal {signal}"),
                    End::TimedOut { after_s } => format!("  timed out after {after_s} s"),
                    End::NotStarted { reason } => format!("  not started: {reason}"),
                    End::Interrupted => "  interrupted".into(),
                };
                let line = format!(
                    "[{}/{total}] {}  {} {seconds:.1} s{end}",
                    index + 1,
                    invocation.id,
                    invocation.cell
                );
                if !self.terminal {
                    eprintln!("{line}");
                } else if !end.is_empty() {
                    self.bar.println(line);
                }
            }
            Event::Spawned { .. } | Event::Reaped { .. } => {}
            Event::Rate { work, rate } => {
                let line = format!("{work}: every collector is offered {rate} requests/s");
                if self.terminal {
                    self.bar.println(line)
                } else {
                    eprintln!("{line}")
                }
            }
        }
    }
}
