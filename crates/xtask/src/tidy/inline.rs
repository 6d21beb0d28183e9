//! Nothing that the page's Content-Security-Policy would refuse: no inline script, style or handler.
use super::{Finding, Tree, is_comment};

const RULE: &str = "strict policy";

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files("", &["html"]) {
        // The static pages of the tests are foreign sites, whose policy is their own.
        if path.starts_with("tests/") {
            continue;
        }
        for (line, tag) in tags(text) {
            for problem in problems_of_tag(tag) {
                findings.push(Finding { path: path.to_owned(), line, rule: RULE, how: problem.to_owned() });
            }
        }
        for (offset, body) in script_bodies(text) {
            if !body.trim().is_empty() {
                let how = "move the script into a file in www/ and name it by `src`.".to_owned();
                findings.push(Finding { path: path.to_owned(), line: line_at(text, offset), rule: RULE, how });
            }
        }
    }
    for (path, text) in tree.files("crates/ui/src/", &["rs"]) {
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !is_comment(line)) {
            if has_attribute(line, "style") {
                let how = "use a class, or `style().set_property` on the element; the attribute is refused.".to_owned();
                findings.push(Finding { path: path.to_owned(), line: index + 1, rule: RULE, how });
            }
        }
    }
    findings
}

fn line_at(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

/// Opening tags with their lines.
fn tags(text: &str) -> Vec<(usize, &str)> {
    let opens = text.match_indices('<').filter(|(at, _)| text[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic()));
    opens.map(|(at, _)| (line_at(text, at), text[at..].split('>').next().unwrap_or_default())).collect()
}

fn problems_of_tag(tag: &str) -> Vec<&'static str> {
    let mut problems = Vec::new();
    if has_attribute(tag, "style") || tag.starts_with("<style") {
        problems.push("move the style into a file in www/ and use a class.");
    }
    let handler = tag.split_whitespace().filter_map(|word| word.split_once('=')).any(|(name, _)| {
        name.strip_prefix("on").is_some_and(|event| !event.is_empty() && event.chars().all(|c| c.is_ascii_lowercase()))
    });
    if handler {
        problems.push("listen from a script in www/ with addEventListener; a handler in the markup is refused.");
    }
    problems
}

/// What stands between `<script …>` and `</script>`, with its place.
fn script_bodies(text: &str) -> Vec<(usize, &str)> {
    let mut bodies = Vec::new();
    for (at, _) in text.match_indices("<script") {
        let Some(start) = text[at..].find('>').map(|end| at + end + 1) else { continue };
        let body = text[start..].split("</script").next().unwrap_or_default();
        // Data for machines is not run, so the policy lets it pass.
        if !text[at..start].contains("application/ld+json") {
            bodies.push((at, body));
        }
    }
    bodies
}

/// Whether `name=` stands there as an attribute of its own, not as the end of a longer word.
fn has_attribute(text: &str, name: &str) -> bool {
    let pattern = format!("{name}=");
    text.match_indices(&pattern).any(|(at, _)| {
        let follows = text[at + pattern.len()..].starts_with(['"', '\'', '{']);
        follows && text[..at].ends_with(|before: char| before.is_whitespace())
    })
}

#[cfg(test)]
mod tests {
    use super::{Tree, check};

    #[track_caller]
    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&Tree::of(&[(path, text)])).into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn what_the_policy_refuses_is_found() {
        assert_eq!(lines("index.html", "<p class=\"a\">\n<script type=\"module\" src=\"x.js\"></script>"), [0; 0]);
        assert_eq!(lines("index.html", "<p>\n<script>alert(1)</script>"), [2]);
        assert_eq!(lines("index.html", "<p\n style=\"color: red\">"), [1]);
        assert_eq!(lines("index.html", "<style>p {}</style>"), [1]);
        assert_eq!(lines("index.html", "<button onclick=\"go()\">"), [1]);
        assert_eq!(lines("crates/ui/src/a.rs", "html! { <p class=\"a\" data-style=\"b\" onclick={go}/> }"), [0; 0]);
        assert_eq!(lines("crates/ui/src/a.rs", "html! {\n <p style={wide}/> }"), [2]);
    }
}
