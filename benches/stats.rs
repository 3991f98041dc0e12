//! How long does one verdict's bootstrap take? Goal: at most 20 ms for 10 works of 30 runs a side. And the change points of one run?

use criterion::{Criterion, criterion_group, criterion_main};
use gcrucible::stats::{Side, changepoints, ratio_of_medians, steadiness, warmup_penalty};

fn hierarchical(c: &mut Criterion) {
    let values: Vec<Vec<f64>> = (0..20)
        .map(|i| {
            (0..30)
                .map(|j| 100.0 + f64::from((i * 31 + j * 17) % 23))
                .collect()
        })
        .collect();
    let groups: Vec<_> = values
        .chunks(2)
        .zip(0..)
        .map(|(sides, seed)| {
            let side = |i: usize| Side {
                values: &sides[i],
                seed: 2 * seed + i as u64,
            };
            (side(0), side(1))
        })
        .collect();
    c.bench_function("ratio_of_medians 10 works x 30 runs, 10000 resamples", |b| {
        b.iter(|| ratio_of_medians(std::hint::black_box(&groups), 10_000))
    });
}

/// 256 blocks: a warm-up under a saw-tooth, so that there is something to find and little to prune.
fn blocks(c: &mut Criterion) {
    let time = |i: i32| {
        let burst = if i % 20 > 14 { 2.0 } else { 1.0 };
        let cold = if i < 60 { 3.0 } else { 1.0 };
        burst * cold * (100.0 + f64::from((i * 31) % 7))
    };
    let times: Vec<f64> = (0..256).map(time).collect();
    let penalty = warmup_penalty(times.len());
    c.bench_function("changepoints of 256 blocks", |b| {
        b.iter(|| changepoints(std::hint::black_box(&times), penalty))
    });
    c.bench_function("steadiness of 256 blocks", |b| {
        b.iter(|| steadiness(std::hint::black_box(&times)))
    });
}

criterion_group!(benches, hierarchical, blocks);
criterion_main!(benches);
