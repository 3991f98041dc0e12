//! What a published folder promises: nothing of the machine in it, the same verdicts from its own raw files, all of it or nothing.

mod home;

use gcrucible::artifact::envelope::{self, hash_file, parents};
use gcrucible::artifact::verdict::Verdicts;
use home::{Home, files, told, with_browser};

#[test]
fn no_published_file_names_a_path_of_the_machine() {
    let home = Home::new();
    let output = home.publish(&[]);
    assert!(home.to().exists(), "{}", told(&output));
    let secret = home.path().display().to_string();
    let published = files(&home.to());
    assert!(published.len() > 60);
    for (name, bytes) in &published {
        assert!(
            !String::from_utf8_lossy(bytes).contains(&secret),
            "{name} names {secret}"
        );
    }
    let text = |name: &str| String::from_utf8_lossy(&published[name]).into_owned();
    assert!(text("plan.json").contains("\"{project}/target/runners/go/default\""));
    assert!(text("plan.json").contains("\"{home}/.cache\""));
    assert!(text("raw/r1-003-g1/exit.json").contains("file=\\\"{run}/raw/r1-003-g1/gc.log\\\""));
    assert_eq!(text("raw/r1-002-serial/stderr"), "warning: {home}/x.jar\n");
}

#[test]
fn every_other_raw_byte_is_the_one_that_was_measured_and_the_source_is_only_read() {
    let home = Home::new();
    let before = files(&home.run());
    home.publish(&[]);
    assert!(before == files(&home.run()), "the source changed");
    let published = files(&home.to());
    let raw = before.iter().filter(|(name, _)| name.starts_with("raw/"));
    for (name, bytes) in raw {
        let changed = name.ends_with("exit.json") || name == "raw/r1-002-serial/stderr";
        assert_eq!(&published[name] == bytes, !changed, "{name}");
    }
}

#[test]
fn every_artifact_names_its_published_parents() {
    let home = Home::new();
    home.publish(&[]);
    let mut links = 0;
    for (name, bytes) in files(&home.to()) {
        for (parent, hash) in parents(&bytes) {
            assert_eq!(
                hash_file(&home.to().join(&parent)).unwrap(),
                hash,
                "{name} of {parent}"
            );
            links += 1;
        }
    }
    assert!(links > 20, "{links}");
}

#[test]
fn a_published_folder_can_be_published_again_and_says_the_same() {
    let home = Home::new();
    home.publish(&[]);
    let first = files(&home.to());
    let verdicts: Verdicts = envelope::read(&home.to()).unwrap();
    assert_eq!(verdicts, envelope::read(&home.run()).unwrap());
    let report = home.gcrucible(&["report", "reports/published/one"]);
    assert!(
        first == files(&home.to()),
        "computed again it differs: {}",
        told(&report)
    );

    let arguments = [
        "publish",
        "reports/published/one",
        "--to",
        "reports/published/one",
        "--force",
    ];
    let output = home.command(&arguments).env("PATH", "/nowhere").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert!(first == files(&home.to()));
}

#[test]
fn without_a_browser_it_says_what_is_left_out_and_how_to_get_one() {
    let home = Home::new();
    let output = home.publish(&[]);
    assert_eq!(output.status.code(), Some(1));
    let told = told(&output);
    for words in [
        "static.html and page.png are left out",
        "apt-get install chromium",
    ] {
        assert!(told.contains(words), "{told}");
    }
    assert!(home.to().join("index.html").exists() && !home.to().join("static.html").exists());
}

#[test]
fn the_page_is_kept_as_the_browser_drew_it_without_scripts() {
    let home = Home::new();
    let output = with_browser(
        &home,
        "for a; do case $a in --screenshot=*) echo picture > \"${a#--screenshot=}\";; esac; done\n\
         echo '<html data-drawn=\"all\"><script>x</script><p>drawn</p></html>'",
    );
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let page = std::fs::read_to_string(home.to().join("static.html")).unwrap();
    assert_eq!(page, "<html data-drawn=\"all\"><p>drawn</p></html>\n");
    assert!(home.to().join("page.png").exists());
}

#[test]
fn a_browser_that_fails_or_draws_nothing_publishes_nothing() {
    for (script, words) in [
        ("echo no display >&2; exit 7", "no display"),
        (
            "echo '<html><script>x</script></html>'",
            "did not draw every chart",
        ),
        ("echo '<html data-drawn=\"all\"></html>'", "took no picture"),
        (
            "for a; do case $a in --screenshot=*) echo x > \"${a#--screenshot=}\";; esac; done\n\
             echo \"<html data-drawn=\\\"all\\\">$HOME/x</html>\"",
            "a path of this machine",
        ),
    ] {
        let home = Home::new();
        let output = with_browser(&home, script);
        assert_eq!(output.status.code(), Some(1), "{}", told(&output));
        assert!(told(&output).contains(words), "{}", told(&output));
        home.nothing_published();
    }
}

#[test]
fn stopped_while_the_browser_draws_it_publishes_nothing() {
    let home = Home::new();
    // Whoever started the browser gets what Ctrl-C sends.
    let output = with_browser(&home, "kill -INT $PPID; sleep 60");
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert!(
        told(&output).contains("stopped; nothing was published"),
        "{}",
        told(&output)
    );
    home.nothing_published();
}

#[test]
fn verdicts_that_do_not_follow_from_the_raw_files_are_not_published() {
    let home = Home::new();
    let mut verdicts: Verdicts = envelope::read(&home.run()).unwrap();
    verdicts.verdicts[0].decision = gcrucible::artifact::verdict::Decision::Tie;
    envelope::write(
        &home.run(),
        &verdicts,
        &["plan.json", "analysis.json", "host.json"],
    )
    .unwrap();
    let output = home.publish(&[]);
    assert_eq!(output.status.code(), Some(1));
    let told = told(&output);
    for words in [
        "do not follow from its raw files",
        "Pause time, go against g1@25: tie",
        "gcrucible report reports/run",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    home.nothing_published();
}

#[test]
fn a_raw_file_whose_plan_was_changed_is_not_published() {
    let home = Home::new();
    let plan = home.run().join("plan.json");
    let text = std::fs::read_to_string(&plan)
        .unwrap()
        .replace("\"seed\": 42", "\"seed\": 43");
    std::fs::write(&plan, text).unwrap();
    let output = home.publish(&[]);
    assert_ne!(output.status.code(), Some(0));
    assert!(
        told(&output).contains("computed from another plan.json"),
        "{}",
        told(&output)
    );
    home.nothing_published();
}

#[test]
fn what_is_not_a_computed_run_is_refused() {
    let home = Home::new();
    let to = ["--to", "reports/published/one"];
    let refused = |dir: &str, words: &str| {
        let output = home.gcrucible(&[&["publish", dir], &to[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        assert!(told(&output).contains(words), "{}", told(&output));
        home.nothing_published();
    };
    refused("reports/nowhere", "no such folder");
    refused("workloads", "is not a run folder");
    std::fs::remove_file(home.run().join("verdict.json")).unwrap();
    refused("reports/run", "`gcrucible report reports/run`");
}

#[test]
fn a_link_in_the_folder_is_refused_not_followed() {
    let home = Home::new();
    std::os::unix::fs::symlink("/etc/passwd", home.run().join("raw/c-001-go/notes")).unwrap();
    let output = home.publish(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        told(&output).contains("notes: is neither a file nor a folder"),
        "{}",
        told(&output)
    );
    home.nothing_published();
}

#[test]
fn what_is_at_the_destination_is_replaced_only_when_asked_and_only_if_it_is_a_run() {
    let home = Home::new();
    home.publish(&[]);
    let first = files(&home.to());
    std::fs::write(home.to().join("raw/c-001-go/note"), "old").unwrap();
    let output = home.publish(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output).contains("--force replaces it"), "{}", told(&output));
    assert!(home.to().join("raw/c-001-go/note").exists());
    home.publish(&["--force"]);
    assert!(first == files(&home.to()), "the old one's files are gone");

    std::fs::remove_dir_all(home.to()).unwrap();
    std::fs::create_dir(home.to()).unwrap();
    std::fs::write(home.to().join("thesis.txt"), "").unwrap();
    let output = home.publish(&["--force"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output).contains("is not a run folder"), "{}", told(&output));
    assert!(home.to().join("thesis.txt").exists());
}

#[test]
fn a_destination_inside_the_source_or_around_it_is_refused() {
    let home = Home::new();
    for to in ["reports/run/published", "reports"] {
        let output = home.gcrucible(&["publish", "reports/run", "--to", to, "--force"]);
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        assert!(told(&output).contains("lies in the other"), "{}", told(&output));
    }
    assert!(!home.run().join("published").exists());
}

#[test]
fn what_the_instrument_proved_is_published_with_the_report_that_prints_it() {
    use gcrucible::artifact::selftest::{Part, PartName, Proof, Selftest};
    let home = Home::new();
    let proven = Selftest {
        parts: vec![Part {
            name: PartName::Power,
            began: "2026-01-31T10:00:00Z".into(),
            seconds: 1.0,
            program: "0".into(),
            doubts: Vec::new(),
            proofs: vec![Proof::failed("a slowdown", "X", "could not be looked for")],
        }],
        ..Selftest::default()
    };
    envelope::write(&home.run(), &proven, &[]).unwrap();
    home.gcrucible(&["report", "reports/run"]);
    let output = home.publish(&[]);
    assert!(home.to().exists(), "{}", told(&output));
    assert_eq!(envelope::read::<Selftest>(&home.to()).unwrap(), proven);
    let published = files(&home.to());
    assert!(parents(&published["view.json"]).contains_key("selftest.json"));
    let page = String::from_utf8_lossy(&published["index.html"]).into_owned();
    assert!(page.contains("could not be looked for"));
}

#[test]
fn a_page_for_a_pair_that_somebody_named_is_left_out() {
    let home = Home::new();
    let output = home.gcrucible(&["report", "reports/run", "--pair", "serial@17,go"]);
    assert!(
        home.run().join("index-serial@17-go.html").exists(),
        "{}",
        told(&output)
    );
    home.publish(&[]);
    let names: Vec<String> = files(&home.to()).into_keys().collect();
    assert!(names.len() > 60);
    assert!(!names.iter().any(|n| n.contains("serial@17-go")), "{names:?}");
}
