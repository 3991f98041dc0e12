//! Having what the machine's own packages have: a Java compiler, Maven, pip.

const APT: &str = "apt-get install -y ";

/// Packages of a hint that is an apt-get command, and nothing for any other hint.
pub fn packages(hint: &str) -> Vec<&str> {
    hint.strip_prefix(APT)
        .map(|rest| rest.split_whitespace().collect())
        .unwrap_or_default()
}

/// One command for all, where each is an apt-get command; else one after the other.
pub fn one_hint(hints: &[&str]) -> String {
    let named: Vec<Vec<&str>> = hints.iter().map(|h| packages(h)).collect();
    if named.iter().any(Vec::is_empty) {
        return hints.join("; ");
    }
    let mut all = named.concat();
    all.sort_unstable();
    all.dedup();
    format!("{APT}{}", all.join(" "))
}

/// Installs with apt-get, after saying so, where that needs no question: as root, or with a sudo that asks nothing.
/// The error says why not.
pub fn install(packages: &[&str], say: &mut dyn FnMut(&str)) -> Result<(), String> {
    if which::which("apt-get").is_err() {
        return Err("this system has no apt-get".into());
    }
    let mut command: Vec<&str> = if rustix::process::geteuid().is_root() {
        vec![]
    } else if duct::cmd!("sudo", "-n", "true")
        .stdin_null()
        .stdout_null()
        .stderr_null()
        .run()
        .is_ok()
    {
        vec!["sudo", "-n"]
    } else {
        return Err("installing it takes root".into());
    };
    say(&format!(
        "installing {} with apt-get, which may take some minutes",
        packages.join(" ")
    ));
    // sudo does not hand on the environment.
    command.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]);
    // Lists may be missing or stale.
    let update = run(&[&command[..], &["-o", "APT::Update::Error-Mode=any", "update"]].concat());
    // A new machine updates itself in the background: its lock is worth waiting for.
    let install = [
        "-o",
        "DPkg::Lock::Timeout=300",
        "install",
        "-y",
        "--no-install-recommends",
    ];
    run(&[&command[..], &install, packages].concat()).map_err(|reason| match update {
        Ok(()) => reason,
        // Why a package is unknown.
        Err(cause) => format!("{reason} ({cause})"),
    })
}

fn run(command: &[&str]) -> Result<(), String> {
    let output = duct::cmd(command[0], &command[1..])
        .stdin_null()
        .stderr_to_stdout()
        .stdout_capture()
        .unchecked()
        .run()
        .map_err(|e| format!("{}: {e}", command[0]))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut errors = text.lines().filter(|l| l.starts_with("E:"));
    // The first is the cause, what follows is consequence.
    Err(errors.next().unwrap_or("apt-get failed").to_owned())
}

#[cfg(test)]
mod tests {
    use super::{one_hint, packages};

    #[test]
    fn only_a_hint_that_is_an_apt_get_command_names_packages() {
        assert_eq!(packages("apt-get install -y maven git"), ["maven", "git"]);
        assert!(packages("install Go from its site").is_empty());
    }

    #[test]
    fn several_packages_are_one_command() {
        let (b, a) = ("apt-get install -y b", "apt-get install -y a");
        assert_eq!(one_hint(&[b, a, b]), "apt-get install -y a b");
        assert_eq!(one_hint(&[b, "ask someone"]), "apt-get install -y b; ask someone");
    }
}
