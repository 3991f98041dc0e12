//! Samples of the recorded run folder, by way of stage observe.

use std::collections::BTreeMap;
use std::path::Path;

use gcrucible::artifact::{RunDir, read};
use gcrucible::sample::extract;

use super::blank;

#[test]
fn real_runs_have_the_metrics_of_their_kind() {
    let folder = tempfile::tempdir().unwrap();
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/observe/run");
    copy(&recorded, folder.path());
    let dir = RunDir::new(folder.path());
    let plan = read(folder.path()).unwrap();
    let samples = extract(&gcrucible::observe::parse(&plan, &dir).unwrap());
    let of = |id: &str| -> BTreeMap<String, f64> {
        let its = samples.iter().filter(|s| s.invocation == id);
        its.map(|s| (s.metric.clone(), s.value)).collect()
    };
    for id in [
        "r1-001-go",
        "r1-002-serial",
        "r1-003-g1",
        "r1-004-go",
        "r1-005-go",
    ] {
        let all = of(id);
        for name in [
            "wall_ns",
            "cpu_ns",
            "gc_cpu_share",
            "pause_count",
            "pause_max_ns",
            "watcher_max_ns",
        ] {
            assert!(all.contains_key(name), "{id}: {name}");
        }
        assert!(all["memory_peak_over_live"] > 1.0, "{id}");
        assert!(all["alloc_overhead"] >= 1.0, "{id}");
    }
    for id in ["r1-003-g1", "r1-004-go"] {
        assert_eq!(of(id)["saturated"], 0.0, "{id}");
        assert!(of(id).contains_key("response_p99_ns"), "{id}");
        blank(&of(id), &["response_p999_ns"]); // of 4000 requests
    }
    assert!(of("r1-005-go").contains_key("frag_slope"));
    assert!(of("r1-005-go").contains_key("return_rss_over_live"));
    for id in ["c-001-go", "r1-006-zgc", "r1-007-zgc"] {
        assert!(of(id).is_empty(), "{id}");
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, target).unwrap();
        }
    }
}
