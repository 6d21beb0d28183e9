//! Which of our crates may depend on which.
use super::manifests::{dependencies, line_naming};
use super::{Finding, Tree};

/// Each crate and all of ours that it may name. `models` reaches a platform only through `Host` and `ui` an engine only
/// through `session`: the missing entries say so.
const ALLOWED: &[(&str, &[&str])] = &[
    ("trace", &[]),
    ("catalog", &[]),
    ("workloads", &[]),
    ("models", &["catalog", "workloads", "trace"]),
    ("protocol", &["catalog", "trace"]),
    ("engine", &["protocol", "models"]),
    ("session", &["protocol", "catalog", "trace"]),
    ("ui", &["session"]),
    ("xtask", &[]),
];

const RULE: &str = "dependency direction";

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, manifest) in tree.crates() {
        let path = format!("crates/{name}/Cargo.toml");
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else {
            let how =
                format!("`{name}` is not in the table of crates; add it to tidy/directions.rs and to ARCHITECTURE.md.");
            findings.push(Finding { path, line: 1, rule: RULE, how });
            continue;
        };
        for dependency in dependencies(manifest) {
            let ours = ALLOWED.iter().any(|(known, _)| *known == dependency.name);
            if ours && dependency.name != name && !allowed.contains(&dependency.name.as_str()) {
                let may = if allowed.is_empty() { "nothing of ours".into() } else { allowed.join(", ") };
                let how = format!("`{name}` may depend on {may}, not on `{}`; move what it needs.", dependency.name);
                findings.push(Finding {
                    path: path.clone(),
                    line: line_naming(manifest, &dependency.name),
                    rule: RULE,
                    how,
                });
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{Tree, check};

    #[track_caller]
    fn findings(path: &str, manifest: &str) -> usize {
        check(&Tree::of(&[(path, manifest)])).len()
    }

    #[test]
    fn a_wrong_direction_is_found_in_every_kind_of_dependency() {
        assert_eq!(findings("crates/ui/Cargo.toml", "[dependencies]\nsession.workspace = true\n"), 0);
        assert_eq!(findings("crates/ui/Cargo.toml", "[dependencies]\nengine.workspace = true\n"), 1);
        assert_eq!(findings("crates/ui/Cargo.toml", "[dev-dependencies]\nengine = { workspace = true }\n"), 1);
        assert_eq!(findings("crates/ui/Cargo.toml", "[target.'cfg(unix)'.dependencies]\nengine.workspace = true\n"), 1);
        assert_eq!(findings("crates/ui/Cargo.toml", "[dependencies.engine]\nworkspace = true\n"), 1);
        assert_eq!(findings("crates/extra/Cargo.toml", ""), 1);
    }
}
