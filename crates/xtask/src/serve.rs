//! `cargo xtask serve`: builds, then becomes `trunk serve`.
use crate::engine::{self, Edition};
use crate::failure::{Failure, Outcome};
use crate::page;
use crate::process::on_path;
use crate::progress::say;
use crate::project::{Project, read_toml};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;

/// `arguments` are handed on to Trunk, except `--no-open`.
pub fn run(project: &Project, arguments: &[String]) -> Outcome {
    let port = port(project, arguments)?;
    // Before anything is built: nobody wants to learn it two minutes later.
    free(port)?;
    let compilers = page::provide(project)?;
    engine::build(project, Edition::Development)?;
    let mut trunk = page::trunk(project, &compilers)?;
    let mut handed_on: Vec<String> = arguments.iter().filter(|word| *word != "--no-open").cloned().collect();
    let decided = arguments.iter().any(|word| word == "--no-open" || word.starts_with("--open"));
    if !decided && has_display() {
        handed_on.push("--open".into());
    }
    say(format!("Building the page, then serving it on http://127.0.0.1:{port}/ (Ctrl-C ends it) …"));
    if !arguments.iter().any(|word| word == "--dist" || word == "-d" || word.starts_with("--dist=")) {
        // Not dist/, which a test or a release would replace meanwhile.
        trunk.env("TRUNK_BUILD_DIST", project.root.join("target/served"));
    }
    // In our place rather than as our child, so that Ctrl-C and signals reach Trunk itself.
    let error = trunk.arg("serve").args(&handed_on).exec();
    Err(Failure::new(format!("Could not start Trunk: {error}."), "Run `cargo xtask setup`."))
}

fn port(project: &Project, arguments: &[String]) -> Outcome<u16> {
    let mut words = arguments.iter();
    let mut given = std::env::var("TRUNK_SERVE_PORT").ok();
    while let Some(word) = words.next() {
        if word == "--port" || word == "-p" {
            let value =
                words.next().ok_or_else(|| Failure::usage("`--port` needs a number.", "For example `--port 8081`."))?;
            given = Some(value.clone());
        } else if let Some(value) = word.strip_prefix("--port=") {
            given = Some(value.to_owned());
        }
    }
    if let Some(text) = given {
        return text
            .parse()
            .map_err(|_| Failure::usage(format!("`{text}` is not a port."), "Give a number from 1 to 65535."));
    }
    let config = read_toml(&project.root.join("Trunk.toml"))?;
    Ok(config.get("serve").and_then(|serve| serve.get("port")?.as_integer()?.try_into().ok()).unwrap_or(8080))
}

fn free(port: u16) -> Outcome {
    match TcpListener::bind(("127.0.0.1", port)) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::new(
            format!("Port {port} on this machine cannot be used: {error}."),
            format!(
                "End the program that listens there, or run `cargo xtask serve --port {}`.",
                port.saturating_add(1)
            ),
        )),
    }
}

/// Whether there is a screen to open a browser on.
fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if set("CI") {
        return false;
    }
    if cfg!(target_os = "macos") {
        true
    } else {
        (set("DISPLAY") || set("WAYLAND_DISPLAY")) && on_path("xdg-open").is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::free;
    use std::net::TcpListener;

    #[test]
    fn a_taken_port_is_said_with_another_one() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).expect("some port is free");
        let port = taken.local_addr().expect("it is bound").port();
        let failure = free(port).expect_err("the port is taken");
        assert!(failure.fact.starts_with(&format!("Port {port} ")), "{failure}");
        assert!(failure.remedy.contains("--port"), "{failure}");
        drop(taken);
        assert!(free(port).is_ok());
    }
}
