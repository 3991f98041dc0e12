//! Having what the machine's own packages have: a Java compiler, Maven, pip.

/// Packages of a hint that is an apt-get command, and nothing for any other hint.
pub fn packages(hint: &str) -> Vec<&str> {
    hint.strip_prefix("apt-get install -y ")
        .map(|rest| rest.split_whitespace().collect())
        .unwrap_or_default()
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
    say(&format!("installing {} with apt-get", packages.join(" ")));
    // sudo does not hand on the environment.
    command.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]);
    // Lists may be missing or stale; where they cannot be had, the install says so.
    let _ = run(&[&command[..], &["update"]].concat());
    let install = ["install", "-y", "--no-install-recommends"];
    run(&[&command[..], &install, packages].concat())
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
    Err(errors.next_back().unwrap_or("apt-get failed").to_owned())
}

#[cfg(test)]
mod tests {
    use super::packages;

    #[test]
    fn only_a_hint_that_is_an_apt_get_command_names_packages() {
        assert_eq!(packages("apt-get install -y maven git"), ["maven", "git"]);
        assert!(packages("install Go from its site").is_empty());
    }
}
