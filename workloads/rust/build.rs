//! Tells the runner which compiler made it: the protocol's `version` names it.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let rustc = env::var_os("RUSTC").expect("cargo sets RUSTC");
    let output = Command::new(rustc).arg("--version").output().expect("rustc runs");
    let text = String::from_utf8(output.stdout).expect("rustc's version is text");
    // "rustc 1.95.0 (59807616e 2026-04-14)"
    let version = text
        .split_whitespace()
        .nth(1)
        .expect("rustc's version has two words");
    println!("cargo:rustc-env=RUSTC_VERSION={version}");
}
