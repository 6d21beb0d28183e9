//! How large dist is, compressed as a server would, and whether that is within the limits.
use crate::engine::files_below;
use crate::failure::{AtPath, Failure, Outcome};
use crate::hosting::{brotli, is_for_the_host};
use crate::progress::warn;
use std::fs;
use std::path::Path;

/// Compressed bytes that the page may take to show itself.
const PAGE_LIMIT: usize = 300_000;

/// Compressed bytes that one flavour of the engine may take.
const ENGINE_LIMIT: usize = 400_000;

/// One file of dist.
struct Weight {
    path: String,
    raw: usize,
    compressed: usize,
}

pub fn run(dist: &Path) -> Outcome {
    if !dist.join("index.html").is_file() {
        return Err(Failure::new(format!("{} holds no page yet.", dist.display()), "Run `cargo xtask dist` first."));
    }
    let mut weights = Vec::new();
    for file in files_below(dist)? {
        let path = file.strip_prefix(dist).unwrap_or(&file).to_string_lossy().into_owned();
        if is_for_the_host(&path) {
            continue;
        }
        let content = fs::read(&file).at("read", &file)?;
        weights.push(Weight { path, raw: content.len(), compressed: brotli(&content, &file)?.len() });
    }
    println!("{:>10} {:>10}  file", "bytes", "brotli");
    for Weight { path, raw, compressed } in &weights {
        println!("{raw:>10} {compressed:>10}  {path}");
    }
    let manifest = fs::read_to_string(dist.join("manifest.json")).unwrap_or_default();
    let release = manifest.contains("\"development\":false");
    let over: Vec<String> = sums(&weights)
        .into_iter()
        .filter_map(|(part, sum, limit)| {
            println!("{:>10} {sum:>10}  {part}, of {limit}", "");
            (sum > limit).then(|| format!("{part} takes {sum} bytes compressed, and the limit is {limit}."))
        })
        .collect();
    if !release {
        warn("dist holds a debug build, for which there are no limits. `cargo xtask dist` makes the release.");
    } else if !over.is_empty() {
        return Err(Failure::new(
            over.join(" "),
            "Look at what the last changes brought in, with `cargo tree` or `twiggy`.",
        ));
    }
    Ok(())
}

/// The page and each flavour of the engine, with what both flavours share counted for each.
fn sums(weights: &[Weight]) -> Vec<(&'static str, usize, usize)> {
    let sum = |belongs: &dyn Fn(&str) -> bool| weights.iter().filter(|w| belongs(&w.path)).map(|w| w.compressed).sum();
    let flavour = |path: &str, name: &str| {
        let inside = path.strip_prefix("engine-").and_then(|path| path.split_once('/')).map(|(_, inside)| inside);
        inside.is_some_and(|inside| inside.starts_with(name) || !inside.contains('/'))
    };
    vec![
        ("the page", sum(&|path| !path.starts_with("engine-")), PAGE_LIMIT),
        ("the engine, threads", sum(&|path| flavour(path, "threads/")), ENGINE_LIMIT),
        ("the engine, plain", sum(&|path| flavour(path, "plain/")), ENGINE_LIMIT),
    ]
}

#[cfg(test)]
mod tests {
    use super::{Weight, sums};

    #[test]
    fn what_flavours_share_counts_for_each() {
        let files = [("index.html", 1), ("ui.wasm", 10), ("engine-1/conductor.js", 100)];
        let flavours = [("engine-1/threads/engine.js", 1000), ("engine-1/plain/engine.js", 10000)];
        let weights: Vec<Weight> = files
            .iter()
            .chain(&flavours)
            .map(|(path, n)| Weight { path: (*path).into(), raw: *n, compressed: *n })
            .collect();
        assert_eq!(sums(&weights).iter().map(|(_, sum, _)| *sum).collect::<Vec<_>>(), [11, 1100, 10100]);
    }
}
