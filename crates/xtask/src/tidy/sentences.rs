//! Every crate is one sentence, the same in its manifest, on its first line and in ARCHITECTURE.md.
use super::{Finding, Tree, line_of};

const RULE: &str = "one sentence per crate";

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let architecture = tree.0.get("ARCHITECTURE.md");
    if architecture.is_none() {
        let how = "write ARCHITECTURE.md with a table row of name and sentence for each crate.".to_owned();
        findings.push(Finding { path: "ARCHITECTURE.md".into(), line: 0, rule: RULE, how });
    }
    for (name, manifest) in tree.crates() {
        let table = manifest.parse::<toml::Table>().unwrap_or_default();
        let description = table.get("package").and_then(|package| package.get("description")?.as_str());
        let Some(sentence) = description.map(plain) else {
            let how = "add the crate's sentence as `description`.".to_owned();
            findings.push(Finding { path: format!("crates/{name}/Cargo.toml"), line: 1, rule: RULE, how });
            continue;
        };
        let sources = ["lib", "main"].map(|stem| format!("crates/{name}/src/{stem}.rs"));
        if let Some((path, text)) = sources.iter().find_map(|path| tree.0.get_key_value(path)) {
            let first = text.lines().next().unwrap_or_default();
            if first.strip_prefix("//! ").map(plain).as_deref() != Some(&sentence) {
                let how = format!("begin with `//! ` and the manifest's sentence: {}", description.unwrap_or_default());
                findings.push(Finding { path: path.clone(), line: 1, rule: RULE, how });
            }
        }
        if let Some(text) = architecture {
            let quoted = format!("`{name}`");
            if !text.lines().any(|line| line.contains(&quoted) && plain(line).contains(&sentence)) {
                let how =
                    format!("give {quoted} a row with the manifest's sentence: {}", description.unwrap_or_default());
                findings.push(Finding {
                    path: "ARCHITECTURE.md".into(),
                    line: line_of(text, &quoted),
                    rule: RULE,
                    how,
                });
            }
        }
    }
    findings
}

/// A sentence without what a table leaves off: quotes for code, the full stop, the capital.
fn plain(sentence: &str) -> String {
    sentence.replace('`', "").trim().trim_end_matches('.').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{Tree, check};

    #[track_caller]
    fn lines(first: &str, row: &str) -> Vec<String> {
        let manifest = "[package]\ndescription = \"What `x` is.\"\n";
        let files = [("ARCHITECTURE.md", row), ("crates/x/Cargo.toml", manifest), ("crates/x/src/lib.rs", first)];
        check(&Tree::of(&files)).into_iter().map(|finding| finding.path).collect()
    }

    #[test]
    fn three_places_say_the_same() {
        assert_eq!(lines("//! What x is.\n", "| `x` | what `x` is | - |"), [""; 0]);
        assert_eq!(lines("//! Something else.\n", "| `x` | what x is |"), ["crates/x/src/lib.rs"]);
        assert_eq!(lines("//! What x is.\n", "| `x` | something else |"), ["ARCHITECTURE.md"]);
        assert_eq!(lines("// What x is.\n", "nothing"), ["crates/x/src/lib.rs", "ARCHITECTURE.md"]);
    }
}
