//! A file that grows past the limit wants to be two.
use super::{Finding, Tree};

const LIMIT: usize = 400;

/// Files that may be longer, each with the reason. The list shrinks: an entry that is no longer needed is a finding.
const EXCEPTIONS: &[(&str, &str)] = &[];

pub fn check(tree: &Tree) -> Vec<Finding> {
    judge(tree, EXCEPTIONS)
}

fn judge(tree: &Tree, exceptions: &[(&str, &str)]) -> Vec<Finding> {
    let rule = "short files";
    let mut findings = Vec::new();
    for (path, text) in tree.files("", &["rs", "js", "css", "html"]) {
        let lines = text.lines().count();
        let excepted = exceptions.iter().any(|(exception, _)| *exception == path);
        let how = match (lines > LIMIT, excepted) {
            (true, false) => {
                format!("it has {lines} lines of {LIMIT}; make two files of it along a seam that has a name.")
            }
            (false, true) => "it is short again; remove it from the exceptions in tidy/lengths.rs.".to_owned(),
            _ => continue,
        };
        findings.push(Finding { path: path.to_owned(), line: lines, rule, how });
    }
    for (path, reason) in exceptions.iter().filter(|(path, _)| !tree.0.contains_key(*path)) {
        let how = format!("it is gone; remove it (\"{reason}\") from the exceptions in tidy/lengths.rs.");
        findings.push(Finding { path: (*path).to_owned(), line: 0, rule, how });
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{LIMIT, Tree, judge};

    #[test]
    fn long_files_and_idle_exceptions_are_found() {
        let (long, short) = ("x\n".repeat(LIMIT + 1), "x\n".repeat(LIMIT));
        let tree = Tree::of(&[("long.rs", &long), ("short.rs", &short), ("long.md", &long)]);
        assert_eq!(judge(&tree, &[]).len(), 1);
        assert_eq!(judge(&tree, &[("long.rs", "a table")]), []);
        let idle = judge(&tree, &[("long.rs", "a table"), ("short.rs", "was long"), ("gone.rs", "was here")]);
        assert_eq!(idle.iter().map(|finding| finding.path.as_str()).collect::<Vec<_>>(), ["short.rs", "gone.rs"]);
    }
}
