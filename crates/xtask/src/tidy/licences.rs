//! Both licences are there, and the manifest names them.
use super::{Finding, Tree, line_of};

const FILES: &[(&str, &str)] = &[("LICENSE-MIT", "Permission is hereby granted"), ("LICENSE-APACHE", "Apache License")];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let rule = "two licences";
    let mut findings = Vec::new();
    for (file, part) in FILES {
        if !tree.0.get(*file).is_some_and(|text| text.contains(part)) {
            let how = format!("put the licence's whole text (\"{part} …\") there.");
            findings.push(Finding { path: (*file).to_owned(), line: 0, rule, how });
        }
    }
    let manifest = tree.0.get("Cargo.toml").map(String::as_str).unwrap_or_default();
    if !manifest.contains("license = \"MIT OR Apache-2.0\"") {
        let how = "say `license = \"MIT OR Apache-2.0\"` in [workspace.package].".to_owned();
        findings.push(Finding { path: "Cargo.toml".into(), line: line_of(manifest, "license"), rule, how });
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{Tree, check};

    #[test]
    fn a_missing_licence_is_found() {
        let (mit, apache) = (("LICENSE-MIT", "Permission is hereby granted"), ("LICENSE-APACHE", "Apache License"));
        let manifest = ("Cargo.toml", "license = \"MIT OR Apache-2.0\"");
        assert_eq!(check(&Tree::of(&[mit, apache, manifest])), []);
        assert_eq!(check(&Tree::of(&[mit, manifest])).len(), 1);
        assert_eq!(check(&Tree::of(&[mit, apache, ("Cargo.toml", "license = \"MIT\"")])).len(), 1);
    }
}
