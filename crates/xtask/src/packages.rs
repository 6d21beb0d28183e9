//! The distribution's packages: installed where we may, else the one line to type is said.
use crate::failure::{Failure, Outcome};
use crate::process::{answer, on_path};
use crate::progress::Step;
use std::process::Command;
use std::time::Duration;

/// The line that somebody with the rights would type.
pub fn line(packages: &[&str]) -> String {
    format!("sudo apt-get update && sudo apt-get install --no-install-recommends -y {}", packages.join(" "))
}

/// `apt-get` with the rights to install, if we have them without being asked for a password.
fn apt() -> Option<Command> {
    let program = on_path("apt-get")?;
    let mut command = if answer(Command::new("id").arg("-u")).as_deref() == Some("0") {
        Command::new(program)
    } else {
        answer(Command::new("sudo").args(["-n", "true"]))?;
        let mut command = Command::new("sudo");
        command.args(["-n", "DEBIAN_FRONTEND=noninteractive"]).arg(program);
        command
    };
    command.env("DEBIAN_FRONTEND", "noninteractive");
    Some(command)
}

pub fn install(packages: &[&str], why: &str, usually: &str) -> Outcome {
    if on_path("apt-get").is_none() {
        return Err(Failure::new(
            "This system has no `apt-get`.",
            format!("Install what corresponds to these Debian packages by hand: {}.", packages.join(" ")),
        ));
    }
    let by_hand = line(packages);
    let remedy = format!("Run `{by_hand}` and look at what it says.");
    let (Some(mut update), Some(mut install)) = (apt(), apt()) else {
        return Err(Failure::new(
            format!("Installing {} needs rights that this user does not have without a password.", packages.join(" ")),
            format!("Run `{by_hand}`, then the same command again."),
        ));
    };
    let step = |what, usually, limit| Step { what, why, usually, limit: Duration::from_secs(limit), remedy: &remedy };
    step("Updating the list of packages", "about 10 s", 300).run(update.arg("update"))?;
    let what = format!("Installing {}", packages.join(" "));
    step(&what, usually, 1800).run(install.args(["install", "--no-install-recommends", "-y"]).args(packages))
}
