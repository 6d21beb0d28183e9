//! The project's rules as checks: each failure says where, which rule, and how to obey it.
mod directions;
mod inline;
mod lengths;
mod licences;
mod manifests;
mod purity;
mod sentences;
mod words;

use crate::failure::{AtPath, Failure, Outcome};
use crate::process::answer;
use crate::progress::say;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// A place where a rule is broken.
#[derive(Debug, PartialEq)]
pub struct Finding {
    /// The file, seen from the project's folder.
    pub path: String,
    /// The line, from 1; 0 stands for the file as a whole.
    pub line: usize,
    /// The rule's name.
    pub rule: &'static str,
    /// How to obey it, as a sentence.
    pub how: String,
}

/// The project's text files by path, so that a rule is a function of text and its test needs no disk.
pub struct Tree(pub BTreeMap<String, String>);

/// A rule looks at the whole project and says where it is broken.
type Rule = fn(&Tree) -> Vec<Finding>;

const RULES: &[Rule] = &[
    directions::check,
    sentences::check,
    lengths::check,
    manifests::versions,
    manifests::flags,
    inline::check,
    words::unfinished,
    words::machine,
    purity::check,
    licences::check,
];

impl Tree {
    /// Every text file that git knows or would add; without git, every one outside the build's folders.
    pub fn read(root: &Path) -> Outcome<Self> {
        let mut git = Command::new("git");
        git.current_dir(root).args(["ls-files", "--cached", "--others", "--exclude-standard"]);
        let paths = match answer(&mut git) {
            Some(list) if !list.is_empty() => list.lines().map(str::to_owned).collect(),
            _ => walk(root, root)?,
        };
        // A file that is not text or was deleted a moment ago is no matter of these rules.
        Ok(Self(
            paths
                .into_iter()
                .filter_map(|path| Some((path.clone(), fs::read_to_string(root.join(&path)).ok()?)))
                .collect(),
        ))
    }

    /// The files with one of these extensions below a folder; an empty folder means everywhere.
    pub fn files<'a>(&'a self, folder: &'a str, extensions: &'a [&'a str]) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str())).filter(move |(path, _)| {
            path.starts_with(folder) && path.rsplit_once('.').is_some_and(|(_, end)| extensions.contains(&end))
        })
    }

    /// The crates below `crates/`, as name and manifest.
    pub fn crates(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(path, text)| {
            let name = path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")?;
            (!name.contains('/')).then_some((name, text.as_str()))
        })
    }

    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }
}

fn walk(root: &Path, folder: &Path) -> Outcome<Vec<String>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).at("read", folder)? {
        let path = entry.at("read", folder)?.path();
        let inside = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        if path.is_dir() {
            if !["target", "dist", ".git", "node_modules"].contains(&inside.as_str()) {
                paths.extend(walk(root, &path)?);
            }
        } else {
            paths.push(inside);
        }
    }
    Ok(paths)
}

/// The first line of `text` that contains `part`, from 1; 0 when there is none.
pub fn line_of(text: &str, part: &str) -> usize {
    text.lines().position(|line| line.contains(part)).map_or(0, |index| index + 1)
}

/// Whether a line is only a comment, in the languages that we use.
pub fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    ["//", "/*", "* ", "#", "<!--"].iter().any(|mark| line.starts_with(mark)) && !line.starts_with("#[")
}

pub fn run(root: &Path) -> Outcome {
    let start = Instant::now();
    let tree = Tree::read(root)?;
    let findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    for Finding { path, line, rule, how } in &findings {
        println!("{path}:{line}: {rule}: {how}");
    }
    if findings.is_empty() {
        say(format!("tidy: {} files obey {} rules ({} ms)", tree.0.len(), RULES.len(), start.elapsed().as_millis()));
        return Ok(());
    }
    Err(Failure::new(
        format!("{} places break a rule.", findings.len()),
        "Each line above says where, which rule, and how to obey it.",
    ))
}

#[cfg(test)]
mod tests {
    use super::{Tree, is_comment, line_of};

    #[test]
    fn files_are_chosen_by_folder_and_extension() {
        let tree = Tree::of(&[("a/x.rs", ""), ("a/y.js", ""), ("b/z.rs", "")]);
        assert_eq!(tree.files("a/", &["rs"]).map(|(path, _)| path).collect::<Vec<_>>(), ["a/x.rs"]);
        assert_eq!(line_of("one\ntwo", "two"), 2);
        assert!(is_comment("  // why") && !is_comment("let x = 1; // why") && !is_comment("#[test]"));
    }
}
