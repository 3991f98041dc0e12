//! What memory buys in the made-up run: two closed works, as if they had been swept, and one open one.

use super::*;
use gcrucible::artifact::tradeoff::{Curve, Enough, Point, Price, Spread, Tradeoff};

pub fn tradeoffs(plan: &Plan) -> Vec<Tradeoff> {
    let of = |mode: Mode, prices: &[Price], most: usize| -> Vec<Tradeoff> {
        let works: Vec<&Work> = plan.works.iter().filter(|w| w.mode == mode).take(most).collect();
        works
            .iter()
            .flat_map(|w| prices.iter().map(|p| one(plan, w, *p)))
            .collect()
    };
    [
        of(Mode::Closed, &[Price::Wall, Price::Cpu], 2),
        of(Mode::Open, &[Price::Tail], 1),
    ]
    .concat()
}

fn one(plan: &Plan, work: &Work, cost: Price) -> Tradeoff {
    let live = work.live.0 as f64;
    let curves = plan
        .collectors
        .iter()
        .zip(1..)
        .map(|(collector, nth)| {
            let sweep = if collector.collects() {
                vec![1.9, 2.4, 3.3, 6.5]
            } else {
                vec![1.2]
            };
            let points: Vec<Point> = sweep
                .iter()
                .enumerate()
                .map(|(at, times)| {
                    let memory = times * (1.0 + 0.04 * f64::from(nth)) * live;
                    let price = 2e9 * (1.0 + f64::from(nth) / times);
                    let around = |value: f64| Spread {
                        value,
                        lo: value * 0.97,
                        hi: value * 1.04,
                    };
                    Point {
                        cell: format!("{}/{}", work.id, collector.name),
                        memory: around(memory),
                        cost: around(price),
                        runs: (1..=ROUNDS)
                            .map(|r| (r, price * (1.0 + 0.01 * f64::from(r))))
                            .collect(),
                        failed: u32::from(at == 0 && nth == 3),
                        own_front: !(at == 0 && nth == 3),
                        front: nth == 1 || !collector.collects(),
                    }
                })
                .collect();
            Curve {
                collector: collector.name.clone(),
                points,
                enough: (cost == Price::Wall && collector.collects()).then(|| Enough {
                    memory: Spread {
                        value: 4.1 * live,
                        lo: 3.9 * live,
                        hi: 4.6 * live,
                    },
                    values: vec![4.1 * live; ROUNDS as usize],
                    at_most: if nth == 2 { ROUNDS } else { 0 },
                }),
            }
        })
        .collect();
    Tradeoff {
        task: work.task().to_owned(),
        live: work.live,
        cost,
        curves,
    }
}
