//! Every grammar against spoiled logs: recorded ones, mutated. How long is `GCRUCIBLE_FUZZ_SECONDS` a grammar (default 3); the seed is
//! fixed, `GCRUCIBLE_FUZZ_SEED` takes another. What breaks is left in target/tmp, to be kept as a test.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gcrucible::artifact::event::{Event, Reading, What};
use gcrucible::observe::reader::Reader;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Longer inputs only make fewer of them.
const LONGEST: usize = 12_000;

fn setting<T: std::str::FromStr>(name: &str, otherwise: T) -> T {
    let set = std::env::var(name).ok();
    set.map_or(otherwise, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text}: a number is wanted"))
    })
}

fn corpus(wanted: impl Fn(&str) -> bool) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/observe/logs");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    paths.retain(|p| wanted(&p.file_name().unwrap().to_string_lossy()));
    assert!(!paths.is_empty());
    paths.iter().map(|p| fs::read(p).unwrap()).collect()
}

struct Mutator {
    random: Pcg64Mcg,
    corpus: Vec<Vec<u8>>,
}

impl Mutator {
    fn below(&mut self, bound: usize) -> usize {
        self.random.random_range(0..bound.max(1))
    }

    fn range(&mut self, length: usize, most: usize) -> std::ops::Range<usize> {
        let from = self.below(length + 1);
        from..(from + self.below(most)).min(length)
    }

    /// A stretch of a recorded log.
    fn stretch(&mut self, most: usize) -> Vec<u8> {
        let which = self.below(self.corpus.len());
        let range = self.range(self.corpus[which].len(), most);
        self.corpus[which][range].to_vec()
    }

    fn next(&mut self) -> Vec<u8> {
        let mut text = self.stretch(LONGEST);
        for _ in 0..=self.below(6) {
            self.mutate(&mut text);
        }
        text.truncate(4 * LONGEST);
        text
    }

    fn mutate(&mut self, text: &mut Vec<u8>) {
        let at = self.below(text.len() + 1);
        match self.below(8) {
            // Splice: a piece of any log somewhere in it.
            0 => _ = text.splice(at..at, self.stretch(300)),
            // Bit flips.
            1 => {
                for _ in 0..=self.below(8) {
                    let at = self.below(text.len());
                    let bit = self.below(8);
                    if let Some(byte) = text.get_mut(at) {
                        *byte ^= 1 << bit;
                    }
                }
            }
            // Cut off at the end, or at the beginning.
            2 => text.truncate(at),
            3 => _ = text.drain(..at.min(text.len() / 2)),
            // Repetition.
            4 => {
                let range = self.range(text.len(), 200);
                let again = text[range].repeat(1 + self.below(20));
                text.splice(at..at, again);
            }
            // Cross-over: the rest is another log's.
            5 => {
                text.truncate(at);
                text.extend(self.stretch(LONGEST / 2));
            }
            // Figures grow, up to ones that fit no integer.
            6 => {
                let figures: Vec<usize> = (0..text.len()).filter(|at| text[*at].is_ascii_digit()).collect();
                if !figures.is_empty() {
                    let at = figures[self.below(figures.len())];
                    let digits = [
                        b"9".repeat(1 + self.below(25)),
                        b"0".to_vec(),
                        b"-1".to_vec(),
                        b".".to_vec(),
                    ];
                    let which = self.below(digits.len());
                    text.splice(at..at + 1, digits[which].iter().copied());
                }
            }
            // Lines change places.
            _ => {
                let mut lines: Vec<Vec<u8>> = text
                    .split_inclusive(|b| *b == b'\n')
                    .map(<[u8]>::to_vec)
                    .collect();
                if lines.len() > 1 {
                    let (one, other) = (self.below(lines.len()), self.below(lines.len()));
                    lines.swap(one, other);
                    *text = lines.concat();
                }
            }
        }
    }
}

/// What holds of any bytes whatever.
fn check(text: &[u8]) -> Result<(), String> {
    let lines = text.split_inclusive(|b| *b == b'\n').count() as u64;
    let cut = !text.is_empty() && !text.ends_with(b"\n");
    let (mut last, mut wrong, mut unknown) = (0, None, 0);
    let mut reader = Reader::default();
    let mut hear = |event: &Event| {
        let line = event.place.line;
        if event.place.file != 1 || line == 0 || line > lines - u64::from(cut) {
            wrong = wrong
                .take()
                .or(Some(format!("{event:?} stands outside of {lines} lines")));
        }
        if line < last {
            wrong = wrong
                .take()
                .or(Some(format!("{event:?} comes after line {last}")));
        }
        last = line;
        unknown += u64::from(matches!(event.what, What::Unknown { .. }));
    };
    reader.read(text, 1, &mut hear).map_err(|e| e.to_string())?;
    let reading = reader.finish(&mut hear);
    let told = unknown;
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    let expected = [
        ("lines", reading.lines == lines),
        ("understood <= own", reading.understood <= reading.own),
        ("own <= lines", reading.own <= reading.lines),
        ("bytes", reading.bytes == text.len() as u64),
        ("cut", reading.cut == cut),
        ("unknown lines are told", told == reading.own - reading.understood),
        (
            "and kept",
            reading.unknown.len() as u64 == told.min(Reading::KEPT as u64),
        ),
        ("in order", reading.unknown.is_sorted_by_key(|(place, _)| *place)),
        ("a writer is known", reading.own == 0 || reading.writer.is_some()),
    ];
    match expected.iter().find(|(_, holds)| !holds) {
        Some((what, _)) => Err(format!("{what}: {reading:?}")),
        None => Ok(()),
    }
}

fn fuzz(grammar: &str, wanted: impl Fn(&str) -> bool) {
    let until = Instant::now() + Duration::from_secs_f64(setting("GCRUCIBLE_FUZZ_SECONDS", 3.0));
    let seed = setting("GCRUCIBLE_FUZZ_SEED", 42u64);
    let mut mutator = Mutator {
        random: Pcg64Mcg::seed_from_u64(seed),
        corpus: corpus(wanted),
    };
    let mut inputs = 0;
    while inputs == 0 || Instant::now() < until {
        let text = mutator.next();
        inputs += 1;
        let failure = match std::panic::catch_unwind(|| check(&text)) {
            Ok(Ok(())) => continue,
            Ok(Err(broken)) => broken,
            Err(_) => "panicked".to_owned(),
        };
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{grammar}.log"));
        fs::write(&kept, &text).unwrap();
        panic!(
            "{grammar}: input {inputs} of seed {seed}: {failure}; it is in {}",
            kept.display()
        );
    }
    println!("{grammar}: {inputs} inputs");
}

macro_rules! grammars {
    ($($test:ident: $wanted:expr;)*) => {$(
        #[test]
        fn $test() {
            fuzz(stringify!($test), $wanted);
        }
    )*};
}

grammars! {
    g1: |name| name.contains("-g1");
    zgc: |name| name.contains("-zgc");
    shenandoah: |name| name.contains("-shenandoah");
    stop_the_world: |name| ["-serial", "-parallel", "-epsilon"].iter().any(|c| name.contains(c));
    gctrace_and_pacer: |name| name.ends_with(".trace");
    all_in_one: |_| true;
}
