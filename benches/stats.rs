//! How long does one verdict's bootstrap take? Goal: at most 20 ms for 10 works of 30 runs a side.

use criterion::{Criterion, criterion_group, criterion_main};
use gcrucible::stats::{Side, ratio_of_medians};

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

criterion_group!(benches, hierarchical);
criterion_main!(benches);
