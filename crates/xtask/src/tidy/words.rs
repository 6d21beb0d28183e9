//! Words that must not be in what we publish: unfinished work, and the paths of somebody's machine.
use super::{Finding, Tree};

/// Cut in two here, so that this file obeys its own rule.
const UNFINISHED: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("to", "do!("),
    concat!("unimple", "mented!("),
    concat!("db", "g!("),
    concat!("allow(dead", "_code)"),
];

const MACHINE: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/home", "/user"),
    concat!("/Use", "rs/"),
    concat!("arti", "factory"),
    concat!("../sha", "red"),
];

const TEXT: &[&str] = &["rs", "js", "css", "html", "toml", "md", "yml", "sh", "json", "svg", "txt"];

pub fn unfinished(tree: &Tree) -> Vec<Finding> {
    find(tree, UNFINISHED, "nothing unfinished", "finish it or remove it; what is planned belongs to an issue.")
}

pub fn machine(tree: &Tree) -> Vec<Finding> {
    find(tree, MACHINE, "no machine's paths", "name the place by a variable or relative to the project.")
}

fn find(tree: &Tree, parts: &[&str], rule: &'static str, how: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files("", TEXT) {
        for (index, line) in text.lines().enumerate() {
            if let Some(part) = parts.iter().find(|part| line.contains(**part)) {
                let how = format!("`{part}`: {how}");
                findings.push(Finding { path: path.to_owned(), line: index + 1, rule, how });
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{MACHINE, Tree, UNFINISHED, machine, unfinished};

    #[test]
    fn each_word_is_found() {
        for part in UNFINISHED {
            assert_eq!(unfinished(&Tree::of(&[("a.rs", &format!("fine\n// {part}"))]))[0].line, 2);
        }
        for part in MACHINE {
            assert_eq!(machine(&Tree::of(&[("a.md", &format!("see {part}x"))]))[0].line, 1);
        }
        assert_eq!(unfinished(&Tree::of(&[("a.rs", "fine")])), []);
    }
}
