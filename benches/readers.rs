//! How fast logs are read, beside the time that counting the lines of the same file takes. Inputs are generated here from real logs,
//! not stored. Goal: 400 MB/s on one core, for unified logs and for gctrace.

use std::fs::File;
use std::hint::black_box;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use gcrucible::artifact::event::Event;
use gcrucible::observe::reader::Reader;

/// Long enough that a start does not count.
const BYTES: usize = 64 << 20;

/// The log over and over, as a process that goes on and on would write it.
fn generated(folder: &Path, name: &str, log: &str) -> PathBuf {
    let path = folder.join(name);
    let mut file = File::create(&path).expect("a temporary file can be written");
    for _ in 0..BYTES / log.len() {
        file.write_all(log.as_bytes())
            .expect("a temporary file can be written");
    }
    path
}

fn read(path: &Path) -> u64 {
    let mut events = 0;
    let mut listener = |event: &Event| {
        black_box(event);
        events += 1;
    };
    let mut reader = Reader::default();
    reader
        .read(File::open(path).expect("it was written before"), 1, &mut listener)
        .expect("it can be read");
    let reading = reader.finish(&mut listener);
    assert!(reading.is_reliable(), "{:?}", reading.unknown);
    events
}

fn count_lines(path: &Path) -> usize {
    let mut file = File::open(path).expect("it was written before");
    let (mut piece, mut lines) = (vec![0; 256 << 10], 0);
    loop {
        match file.read(&mut piece).expect("it can be read") {
            0 => return lines,
            n => lines += memchr::memchr_iter(b'\n', &piece[..n]).count(),
        }
    }
}

fn compare(group: &mut BenchmarkGroup<WallTime>, folder: &Path, name: &str, log: &str) {
    let path = generated(folder, name, log);
    let bytes = std::fs::metadata(&path).expect("it was written before").len();
    group.throughput(Throughput::BytesDecimal(bytes));
    group.bench_function(format!("{name}, events"), |b| b.iter(|| read(&path)));
    group.bench_function(format!("{name}, lines counted"), |b| {
        b.iter(|| count_lines(&path))
    });
}

/// Lines of the trace of a Go program with cycles of all lengths.
fn gctrace() -> String {
    let mut log = String::new();
    for n in 1..2000u64 {
        let at = n * 137;
        log += &format!(
            "gc {n} @{}.{:03}s {}%: 0.0{}+{}.{}+0.00{} ms clock, 0.0{}+0.{}/{}.{}/0.{}+0.00{} ms cpu, {}->{}->{} MB, {} MB goal, 0 MB stacks, 0 MB globals, 8 P\n",
            at / 1000,
            at % 1000,
            n % 25,
            10 + n % 80,
            n % 40,
            n % 9,
            n % 9,
            10 + n % 80,
            n % 90,
            n % 70,
            n % 9,
            n % 90,
            n % 9,
            100 + n % 50,
            110 + n % 50,
            60 + n % 30,
            120 + n % 60,
        );
    }
    log
}

fn readers(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let logs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/observe/logs");
    let mut group = c.benchmark_group("readers");
    group.sample_size(10).measurement_time(Duration::from_secs(3));
    for name in ["25-g1", "25-zgc", "25-shenandoah", "25-parallel", "17-g1"] {
        let log = std::fs::read_to_string(logs.join(name).with_extension("log"))
            .expect("the log is in the repository");
        compare(&mut group, folder.path(), name, &log);
    }
    compare(&mut group, folder.path(), "gctrace", &gctrace());
    group.finish();
}

criterion_group!(benches, readers);
criterion_main!(benches);
