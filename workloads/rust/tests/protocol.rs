//! The runner as its driver sees it: a request on stdin, the answer on stdout.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Output, Stdio};

use base64::Engine;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;

const HEAD: &str = "protocol=1 mode=closed threads=2 seed=42 warmup_ops=5 ops=20";

/// Small parameters, those of the other languages' golden answers.
fn parameters(workload: &str) -> &'static str {
    match workload {
        "churn" => {
            "p.live_bytes=4194304 p.size_min=32 p.size_max=512 p.pointers=4 p.blocks_per_op=8 \
             p.young_slots=64 p.survival_permille=100 p.lifetime=random"
        }
        "graph" => "p.live_bytes=262144 p.walk_steps=16 p.mutations=4 p.replacements=8",
        "slices" => "p.live_bytes=4194304 p.layout=pointers p.updates=64",
        "cache" => {
            "p.live_bytes=4194304 p.value_min=128 p.value_max=512 p.update_permille=100 \
             p.requests_per_op=2 p.eviction=oldest"
        }
        "trees" => "p.live_bytes=4194304 p.depth=8 p.retain_permille=300",
        "stacks" => {
            "p.live_bytes=4194304 p.sleepers=21 p.depth=8 p.kind=light p.piece_bytes=256 p.pieces_per_op=8 \
             p.young_slots=64 p.wake_every=4"
        }
        "recording" => "p.path=closed p.times=100",
        _ => {
            "p.live_bytes=1048576 p.size_base=64 p.size_limit=1024 p.shape=growing p.keep_permille=50 \
             p.garbage_percent=50 p.layout=random p.contents=bytes p.handoff=0 p.give_back=wait"
        }
    }
}

fn request(workload: &str, changes: &[&str]) -> String {
    let mut lines = vec![format!("workload={workload}")];
    let defaults = HEAD
        .split_whitespace()
        .chain(parameters(workload).split_whitespace());
    let changed = |line: &&str| {
        !changes
            .iter()
            .any(|c| c.split_once('=').unwrap().0 == line.split_once('=').unwrap().0)
    };
    lines.extend(defaults.filter(changed).map(String::from));
    lines.extend(changes.iter().map(|c| c.to_string()));
    lines.join("\n") + "\nrun\n"
}

fn run(text: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_runner"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// What the runner printed, in order; a hold is a key of its own.
struct Answer(Vec<(String, String)>);

impl Answer {
    fn to(text: &str) -> Answer {
        let output = run(text);
        let (stdout, stderr) = (
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        );
        assert!(
            output.status.success() && stderr.is_empty(),
            "{}: {stdout}{stderr}",
            output.status
        );
        let pair = |line: &str| match line.split_once('=').unwrap() {
            ("hold", at) => (format!("hold.{at}"), String::new()),
            (key, value) => (key.to_string(), value.to_string()),
        };
        Answer(stdout.lines().map(pair).collect())
    }

    fn text(&self, key: &str) -> &str {
        self.0
            .iter()
            .find(|(k, _)| k == key)
            .map_or("", |(_, value)| value)
    }

    fn number(&self, key: &str) -> u64 {
        self.text(key)
            .parse()
            .unwrap_or_else(|_| panic!("{key}={}", self.text(key)))
    }

    fn histogram(&self, name: &str) -> Histogram<u64> {
        let text = self.text(&format!("hist.{name}"));
        let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
        Deserializer::new().deserialize(&mut bytes.as_slice()).unwrap()
    }
}

// The Go port settles them: go/golden_test.go.
#[test]
fn golden_answers() {
    for (workload, change, checksum, requested, live) in [
        (
            "churn",
            "p.lifetime=random",
            "6d15314df59a5999",
            100_837,
            4_188_396,
        ),
        (
            "churn",
            "p.lifetime=oldest",
            "c397e49f4afb3216",
            105_899,
            4_192_421,
        ),
        ("churn", "p.pointers=0", "4cc6398b3f63b982", 80_748, 4_188_879),
        ("graph", "p.mutations=4", "7661b02073782de4", 25_600, 262_080),
        (
            "slices",
            "p.layout=pointers",
            "78df50c682c5edd5",
            1_474_560,
            4_177_920,
        ),
        (
            "slices",
            "p.layout=values",
            "9a3efe01370b4e4b",
            1_310_720,
            4_194_304,
        ),
        (
            "cache",
            "p.eviction=oldest",
            "2727415471a75ac1",
            60_809,
            4_200_686,
        ),
        (
            "cache",
            "p.eviction=random",
            "ba6b74b145e45524",
            62_095,
            4_201_392,
        ),
        (
            "trees",
            "p.retain_permille=300",
            "e8be350551b09451",
            327_040,
            4_194_288,
        ),
        (
            "fragment",
            "p.shape=growing",
            "bd816a115a1f95b0",
            29_897_786,
            1_048_794,
        ),
        (
            "fragment",
            "p.shape=shrinking",
            "1048c9220c104c59",
            29_880_318,
            1_048_859,
        ),
        (
            "fragment",
            "p.shape=mixed",
            "a09519e72b0994ca",
            29_894_875,
            1_048_944,
        ),
        (
            "fragment",
            "p.layout=stripes",
            "df66850b93e40fa4",
            30_010_210,
            1_048_737,
        ),
        (
            "fragment",
            "p.contents=pointers",
            "004e3daed13ca23b",
            15_678_872,
            1_048_712,
        ),
        (
            "fragment",
            "p.handoff=1",
            "cb25431e446350a2",
            29_897_786,
            1_048_794,
        ),
        (
            "fragment",
            "p.size_limit=1048576",
            "12bfcb3ad08ba71f",
            34_073_943,
            1_048_846,
        ),
        ("stacks", "p.kind=light", "fd707f9a3f80764b", 84_480, 4_194_288),
    ] {
        let answer = Answer::to(&request(workload, &[change]));
        assert_eq!(answer.text("checksum"), checksum, "{workload} {change}");
        assert_eq!(answer.number("requested_bytes"), requested, "{workload} {change}");
        assert_eq!(answer.number("live_bytes"), live, "{workload} {change}");
        // Nothing that was asked for was optimised away, and what lives is still there.
        let allocated = answer.number("after.alloc_bytes") - answer.number("before.alloc_bytes");
        assert!(
            allocated >= requested,
            "{workload} {change}: {allocated} allocated, {requested} requested"
        );
        let rest = answer.number("rest.heap_used");
        // To mimalloc a block that another thread freed is in use until its owner looks.
        let unseen = change == "p.handoff=1" && answer.text("version").contains("mimalloc");
        assert!(
            rest >= live && (unseen || rest < 2 * live + 4_000_000),
            "{workload} {change}: {rest} at rest, {live} live"
        );
    }
}

#[test]
fn the_answer_has_every_key_in_the_order_of_the_protocol() {
    let changes = ["return_ms=30", "ops=3", "warmup_ops=1", "probe_bytes=2097152"];
    let answer = Answer::to(&request("fragment", &changes));
    let mut order: Vec<&str> = Vec::new();
    for (key, _) in &answer.0 {
        let key = match key.split_once('.') {
            Some((when @ ("before" | "after"), _)) => when,
            _ => key,
        };
        if order.last() != Some(&key) {
            order.push(key);
        }
    }
    assert_eq!(
        order.join(" "),
        "protocol runtime version mark.start mark.setup mark.warmup hold.setup mark.begin mark.end hold.end mark.drop \
         mark.return hold.return mark.rest hold.rest ops requested_bytes live_bytes checksum before after \
         rest.heap_used rest.heap_committed ticks epoch probe hist.service hist.watcher done"
    );
    assert_eq!(
        (
            answer.text("protocol"),
            answer.text("runtime"),
            answer.number("ops")
        ),
        ("1", "rust", 6)
    );
    let marks = [
        "start", "setup", "warmup", "begin", "end", "drop", "return", "rest",
    ];
    assert!(
        marks
            .map(|name| answer.number(&format!("mark.{name}")))
            .is_sorted()
    );
    assert!(answer.number("mark.return") >= answer.number("mark.drop") + 30_000_000);
    let epochs: Vec<&str> = answer
        .0
        .iter()
        .filter(|(key, _)| key == "epoch")
        .map(|(_, v)| v.as_str())
        .collect();
    assert_eq!(epochs.len(), 3);
    for (i, epoch) in epochs.iter().enumerate() {
        let fields: Vec<Option<u64>> = epoch.split(',').map(|field| field.parse().ok()).collect();
        let [
            Some(index),
            Some(at),
            Some(live),
            Some(used),
            Some(committed),
            held,
            waste,
        ] = fields[..]
        else {
            panic!("{epoch}")
        };
        assert_eq!(index, i as u64);
        assert!((answer.number("mark.begin")..=answer.number("mark.end")).contains(&at));
        assert!(used >= live && committed >= used, "{epoch}");
        let slack = held.expect("each allocator tells what it holds") + waste.unwrap_or(0);
        assert!(used + slack <= committed, "{epoch}");
    }
    let probe: Vec<&str> = answer.text("probe").split(';').collect();
    assert!(
        matches!(probe[..], [one, two] if one.starts_with("1048576:") && two.starts_with("2097152:")),
        "{probe:?}"
    );
    assert_eq!(answer.histogram("service").len(), 6);
}

#[test]
fn the_checksum_depends_neither_on_the_loop_nor_on_recording() {
    for workload in ["churn", "cache"] {
        let closed = Answer::to(&request(workload, &[]));
        let unrecorded = Answer::to(&request(workload, &["record=0"]));
        let open = Answer::to(&request(workload, &["mode=open", "rate=20000"]));
        for key in ["checksum", "requested_bytes", "live_bytes", "ops"] {
            assert_eq!(closed.text(key), open.text(key), "{workload} {key}");
            assert_eq!(closed.text(key), unrecorded.text(key), "{workload} {key}");
        }
        assert_eq!(
            (closed.text("hist.response"), unrecorded.text("hist.service")),
            ("", "")
        );
        assert_eq!(
            (open.histogram("response").len(), open.histogram("service").len()),
            (40, 40)
        );
        assert!(open.histogram("response").max() >= open.histogram("service").max());
    }
}

/// The entries of the line slowest=intended:response;...
fn slowest(text: &str) -> Vec<(u64, u64)> {
    let entry = |e: &str| {
        let (intended, response) = e.split_once(':').unwrap();
        (intended.parse().unwrap(), response.parse().unwrap())
    };
    text.split(';').map(entry).collect()
}

#[test]
fn an_open_loop_tells_its_slowest_requests_in_order_within_the_window_and_the_slowest_is_the_histograms() {
    let answer = Answer::to(&request("churn", &["mode=open", "rate=20000", "ops=500"]));
    let slowest = slowest(answer.text("slowest"));
    assert!(slowest.is_sorted_by(|a, b| a.0 < b.0));
    let (begin, end) = (answer.number("mark.begin"), answer.number("mark.end"));
    for (intended, response) in &slowest {
        assert!(*intended >= begin && *response > 0 && intended + response <= end);
    }
    let most = slowest.iter().map(|s| s.1).max().unwrap();
    let response = answer.histogram("response");
    assert!(
        response.equivalent(most, response.max()),
        "{most} and {}",
        response.max()
    );
    let keys: Vec<&str> = answer.0.iter().map(|(key, _)| key.as_str()).collect();
    assert!(keys.ends_with(&["hist.watcher", "slowest", "done"]), "{keys:?}");
}

#[test]
fn only_a_recorded_open_loop_tells_its_slowest_requests() {
    for changes in [vec![], vec!["mode=open", "rate=20000", "record=0"]] {
        let answer = Answer::to(&request("churn", &changes));
        assert!(answer.0.iter().all(|(key, _)| key != "slowest"), "{changes:?}");
    }
}

/// The line progress=block:d,d,...;d,d,...
fn blocks(text: &str) -> (u64, Vec<Vec<u64>>) {
    let (block, threads) = text.split_once(':').unwrap();
    let durations = |thread: &str| thread.split(',').map(|d| d.parse().unwrap()).collect();
    (
        block.parse().unwrap(),
        threads.split(';').map(durations).collect(),
    )
}

#[test]
fn the_blocks_of_a_closed_loop_fill_its_window() {
    for (record, block, many) in [("record=1", 20, 250), ("record=2", 32, 157)] {
        let answer = Answer::to(&request("churn", &["ops=5000", record]));
        let keys: Vec<&str> = answer.0.iter().map(|(key, _)| key.as_str()).collect();
        assert!(keys.ends_with(&["hist.watcher", "progress", "done"]), "{keys:?}");
        let (told, threads) = blocks(answer.text("progress"));
        assert_eq!((told, threads.len()), (block, 2), "{record}");
        let window = answer.number("mark.end") - answer.number("mark.begin");
        for durations in threads {
            let sum: u64 = durations.iter().sum();
            assert_eq!(durations.len(), many);
            assert!(sum > 0 && sum <= window, "{sum} ns in a window of {window} ns");
        }
    }
}

#[test]
fn only_a_recorded_closed_loop_tells_its_progress() {
    for (workload, changes) in [
        ("churn", vec!["mode=open", "rate=20000"]),
        ("cache", vec!["record=0"]),
        ("graph", vec!["alternate=1", "ops=512"]),
        ("fragment", vec![]),
    ] {
        let answer = Answer::to(&request(workload, &changes));
        assert!(
            answer.0.iter().all(|(key, _)| key != "progress"),
            "{workload} {changes:?}"
        );
    }
}

#[test]
fn checksums_do_not_depend_on_the_blocks() {
    let blocks = Answer::to(&request("cache", &["ops=700", "record=2"]));
    let none = Answer::to(&request("cache", &["ops=700", "record=0"]));
    assert_eq!(blocks.text("checksum"), none.text("checksum"));
    assert_eq!(blocks.text("ops"), none.text("ops"));
}

/// The line ticks=at:cpu:allocated:;...
fn ticks(text: &str) -> Vec<[u64; 3]> {
    let tick = |entry: &str| {
        let told = entry
            .strip_suffix(':')
            .unwrap_or_else(|| panic!("{entry} tells a heap"));
        let fields: Vec<u64> = told.split(':').map(|field| field.parse().unwrap()).collect();
        fields.try_into().unwrap()
    };
    text.split(';').map(tick).collect()
}

#[test]
fn ticks_span_the_window_and_add_up_to_its_accounts() {
    let answer = Answer::to(&request("churn", &["ops=3000"]));
    let ticks = ticks(answer.text("ticks"));
    let (first, last) = (ticks[0], ticks[ticks.len() - 1]);
    assert!(first[0] <= answer.number("mark.begin") && last[0] >= answer.number("mark.end"));
    let account = answer.number("after.alloc_bytes") - answer.number("before.alloc_bytes");
    // Little: what the threads allocate to wait for the harness.
    assert!(
        (last[2] - first[2]).abs_diff(account) <= 64 << 10,
        "{ticks:?} of {account}"
    );
}

#[test]
fn a_window_of_two_seconds_has_ticks_inside() {
    let answer = Answer::to(&request("cache", &["mode=open", "rate=200", "ops=250"]));
    let ticks = ticks(answer.text("ticks"));
    assert!(ticks.len() >= 4, "{ticks:?}");
    for figure in 0..3 {
        assert!(ticks.is_sorted_by_key(|tick| tick[figure]), "{ticks:?}");
    }
    assert!(ticks.windows(2).all(|two| two[1][2] > two[0][2]), "{ticks:?}");
}

#[test]
fn forcing_changes_nothing_of_the_work() {
    let forced = Answer::to(&request("fragment", &["force=1"]));
    let unforced = Answer::to(&request("fragment", &["force=0"]));
    for key in ["checksum", "requested_bytes", "live_bytes"] {
        assert_eq!(forced.text(key), unforced.text(key));
    }
}

/// Resident bytes of the runner at its hold after the load dropped.
fn resident_after_the_drop(changes: &[&str]) -> u64 {
    let mut child = Command::new(env!("CARGO_BIN_EXE_runner"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(request("fragment", changes).as_bytes()).unwrap();
    stdin.write_all(b"go\ngo\n").unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while line != "hold=return\n" {
        line.clear();
        assert!(stdout.read_line(&mut line).unwrap() > 0, "the runner ended");
    }
    let statm = std::fs::read_to_string(format!("/proc/{}/statm", child.id())).unwrap();
    stdin.write_all(b"go\n").unwrap();
    drop(stdin);
    std::io::copy(&mut stdout, &mut std::io::sink()).unwrap();
    assert!(child.wait().unwrap().success());
    statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

/// Survivors in stripes leave whole pages free, which glibc keeps unless it is asked.
#[test]
fn memory_that_is_asked_for_comes_back_at_once() {
    let work = [
        "p.live_bytes=33554432",
        "p.layout=stripes",
        "p.garbage_percent=0",
        "warmup_ops=0",
        "ops=1",
        "return_ms=50",
    ];
    let resident = |give_back| resident_after_the_drop(&[&work[..], &[give_back]].concat());
    let (waited, asked) = (resident("p.give_back=wait"), resident("p.give_back=ask"));
    assert!(
        waited > asked + (16 << 20),
        "{waited} and {asked} bytes are resident"
    );
}

#[test]
fn the_open_loop_keeps_to_its_rate() {
    let answer = Answer::to(&request("cache", &["mode=open", "rate=4000", "ops=400"]));
    let seconds = (answer.number("mark.end") - answer.number("mark.begin")) as f64 / 1e9;
    assert!(
        (0.16..0.5).contains(&seconds),
        "{seconds} s for 800 operations at 4000 a second"
    );
}

#[test]
fn a_wrong_request_leaves_stdout_empty_and_says_one_line() {
    let output = run(&request("churn", &["threads=many"]));
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(stderr, "runner: threads: must be a whole number from 1 to 256\n");
}

#[test]
fn more_threads_than_fit_are_refused_with_the_most_that_do() {
    let output = run(&request(
        "stacks",
        &["p.sleepers=1048576", "p.live_bytes=8589934592"],
    ));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        (output.status.code(), output.stdout.len()),
        (Some(5), 0),
        "{stderr}"
    );
    let said = "runner: p.sleepers: 1048576 threads do not fit here: at most ";
    assert!(
        stderr.starts_with(said) && stderr.lines().count() == 1,
        "{stderr}"
    );
}

#[test]
fn a_hold_waits_for_go_and_refuses_anything_else() {
    let output = run(&(request("churn", &[]) + "go\nstop\n"));
    assert_eq!(output.status.code(), Some(3));
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(
        stdout.ends_with("error=hold=end: expected the line go, got \"stop\"\n"),
        "{stdout}"
    );
}

#[test]
fn marks_and_holds_are_seen_at_once() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_runner"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(request("churn", &[]).as_bytes()).unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut seen = String::new();
    for hold in ["setup", "end", "rest"] {
        while !seen.ends_with(&format!("hold={hold}\n")) {
            let mut byte = [0];
            stdout.read_exact(&mut byte).unwrap();
            seen.push(byte[0] as char);
        }
        assert_eq!(seen.contains("mark.begin="), hold != "setup");
        stdin.write_all(b"go\n").unwrap();
    }
    stdout.read_to_string(&mut seen).unwrap();
    assert!(seen.ends_with("done=1\n") && child.wait().unwrap().success());
}

// The checksum folds how many values were counted, so it is the same in every language.
#[test]
fn every_path_of_the_recorder_counts_what_it_times() {
    for (path, checksum) in [
        ("clock", "5692161d100b05e5"),
        ("closed", "1c7d41d9b0d4d943"),
        ("open", "1efb2a22f48031bb"),
        ("waited", "1efb2a22f48031bb"),
    ] {
        let answer = Answer::to(&request("recording", &[&format!("p.path={path}")]));
        assert_eq!(answer.text("checksum"), checksum, "{path}");
        assert_eq!(answer.histogram("service").len(), 40);
    }
}

#[test]
fn record_two_records_four_of_each_sixteen() {
    let all = Answer::to(&request("churn", &["ops=40"]));
    let some = Answer::to(&request("churn", &["ops=40", "record=2"]));
    assert_eq!(all.histogram("service").len(), 2 * 40);
    assert_eq!(some.histogram("service").len(), 2 * (4 + 4 + 4));
    assert_eq!(
        (all.text("checksum"), "80"),
        (some.text("checksum"), some.text("ops"))
    );
}

#[test]
fn alternate_records_two_of_four_stretches_and_keeps_their_ratio() {
    let plain = Answer::to(&request("churn", &["ops=300", "record=0"]));
    for (record, recorded) in [("record=1", 128), ("record=2", 32)] {
        let answer = Answer::to(&request("churn", &["ops=300", "alternate=1", record]));
        let count = |name: &str| answer.histogram(name).len();
        assert_eq!(count("ratio"), 2);
        assert_eq!(count("service"), 2 * recorded);
        assert_eq!(answer.text("checksum"), plain.text("checksum"));
    }
}
