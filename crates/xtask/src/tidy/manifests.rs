//! Versions in one place, and no flags where they would reach every build.
use super::{Finding, Tree, line_of};

/// One entry of a dependency table.
pub struct Dependency {
    /// The crate's name as the manifest writes it.
    pub name: String,
    /// Whether the entry takes everything from the workspace.
    pub from_workspace: bool,
}

const KINDS: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

/// Every dependency of a manifest, of whatever kind and for whatever target.
pub fn dependencies(manifest: &str) -> Vec<Dependency> {
    let Ok(table) = manifest.parse::<toml::Table>() else { return Vec::new() };
    let targets =
        table.get("target").and_then(|target| target.as_table()).into_iter().flat_map(|targets| targets.values());
    let places = std::iter::once(&table).chain(targets.filter_map(|target| target.as_table()));
    places
        .flat_map(|place| KINDS.iter().filter_map(move |kind| place.get(*kind)?.as_table()))
        .flatten()
        .map(|(name, value)| Dependency {
            name: name.clone(),
            from_workspace: value.get("workspace").and_then(toml::Value::as_bool).unwrap_or(false),
        })
        .collect()
}

/// The line on which a manifest names a dependency: `name.workspace = true`, `name = …` or `[dependencies.name]`.
pub fn line_naming(manifest: &str, name: &str) -> usize {
    let names = |line: &str| {
        let rest = line.trim_start().strip_prefix(name).map(str::trim_start);
        rest.is_some_and(|rest| rest.starts_with(['.', '=']))
            || line.trim_end().ends_with(&format!("dependencies.{name}]"))
    };
    manifest.lines().position(names).map_or(0, |index| index + 1)
}

/// The name in `[package]`.
fn own_name(manifest: &str) -> Option<String> {
    let table = manifest.parse::<toml::Table>().ok()?;
    Some(table.get("package")?.get("name")?.as_str()?.to_owned())
}

pub fn versions(tree: &Tree) -> Vec<Finding> {
    let members = tree.files("", &["toml"]).filter(|(path, _)| path.ends_with("/Cargo.toml"));
    members
        .flat_map(|(path, manifest)| {
            // A crate may name itself by its path, with the features that its own tests need.
            let own = own_name(manifest);
            let loose = dependencies(manifest)
                .into_iter()
                .filter(move |dependency| !dependency.from_workspace && own.as_deref() != Some(&dependency.name));
            loose.map(move |dependency| Finding {
                path: path.to_owned(),
                line: line_naming(manifest, &dependency.name),
                rule: "versions in one place",
                how: format!(
                    "write `{0}.workspace = true` here and the version of `{0}` in the root Cargo.toml.",
                    dependency.name
                ),
            })
        })
        .collect()
}

pub fn flags(tree: &Tree) -> Vec<Finding> {
    let rule = "no flags for every build";
    let mut findings = Vec::new();
    for (path, text) in &tree.0 {
        let file = path.rsplit('/').next().unwrap_or(path);
        if path.ends_with(".cargo/config.toml") && text.contains("rustflags") {
            let how = "flags belong to the engine's build alone; set them in crates/xtask/src/engine.rs.".to_owned();
            findings.push(Finding { path: path.clone(), line: line_of(text, "rustflags"), rule, how });
        }
        if file == "rust-toolchain" || file == "rust-toolchain.toml" {
            let how =
                "remove it: a machine that cannot download what it names could run no cargo command here.".to_owned();
            findings.push(Finding { path: path.clone(), line: 1, rule, how });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{Tree, flags, versions};

    #[test]
    fn a_version_in_a_member_is_found() {
        let own = "[package]\nname = \"x\"\n[dev-dependencies]\nx = { path = \".\", features = [\"test\"] }\n";
        assert_eq!(versions(&Tree::of(&[("crates/x/Cargo.toml", own)])), []);
        let good = "[dependencies]\na.workspace = true\nb = { workspace = true, features = [\"x\"] }\n";
        assert_eq!(versions(&Tree::of(&[("crates/x/Cargo.toml", good)])), []);
        let bad = "[dependencies]\na = \"1\"\n[dev-dependencies]\nb = { path = \"../b\" }\n";
        let found = versions(&Tree::of(&[("crates/x/Cargo.toml", bad)]));
        assert_eq!(found.iter().map(|finding| finding.line).collect::<Vec<_>>(), [2, 4]);
    }

    #[test]
    fn flags_for_every_build_are_found() {
        assert_eq!(flags(&Tree::of(&[(".cargo/config.toml", "[alias]\n")])), []);
        assert_eq!(flags(&Tree::of(&[(".cargo/config.toml", "[build]\nrustflags = []\n")])).len(), 1);
        assert_eq!(flags(&Tree::of(&[("rust-toolchain.toml", "")])).len(), 1);
    }
}
