//! Crates that must not know a platform: no clock, no thread, no JavaScript.
use super::{Finding, Tree, is_comment};

/// A folder, what its sources must not name, and why.
const PURE: &[(&str, &[&str], &str)] = &[
    (
        "crates/workloads/",
        &["std::time", "std::thread", "SystemTime", "Instant::", "js_sys", "web_sys", "wasm_bindgen"],
        "a workload is pure: take what it needs as a parameter.",
    ),
    (
        "crates/trace/",
        &["SystemTime", "Instant::", "::Instant", "std::thread", "js_sys", "web_sys", "wasm_bindgen"],
        "trace reads no clock: it is given times.",
    ),
    ("crates/models/", &["js_sys", "web_sys", "wasm_bindgen"], "models reaches a platform only through Host."),
];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (folder, forbidden, how) in PURE {
        for (path, text) in tree.files(folder, &["rs"]) {
            for (index, line) in text.lines().enumerate().filter(|(_, line)| !is_comment(line)) {
                if let Some(part) = forbidden.iter().find(|part| line.contains(**part)) {
                    let how = format!("`{part}`: {how}");
                    findings.push(Finding { path: path.to_owned(), line: index + 1, rule: "purity", how });
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{Tree, check};

    #[test]
    fn platforms_are_found_where_they_must_not_be() {
        let bad = "// std::time is not used\nuse std::time::Instant;\n";
        assert_eq!(check(&Tree::of(&[("crates/workloads/src/a.rs", bad)]))[0].line, 2);
        assert_eq!(check(&Tree::of(&[("crates/trace/src/a.rs", "let now = Instant::now();")])).len(), 1);
        assert_eq!(check(&Tree::of(&[("crates/trace/src/a.rs", "use std::time::Duration;")])), []);
        assert_eq!(check(&Tree::of(&[("crates/models/src/web.rs", "use js_sys::Array;")])).len(), 1);
        assert_eq!(check(&Tree::of(&[("crates/engine/src/a.rs", "use js_sys::Array;")])), []);
    }
}
