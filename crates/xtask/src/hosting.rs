//! What a release needs to be served well by any static host: the headers, in the language of each of the usual ones, and
//! every file compressed beforehand.
//!
//! ```text
//! dist/_headers             Netlify, Cloudflare Pages
//! dist/.htaccess            Apache
//! dist/hosting/nginx.conf   nginx, to be included in a server block
//! dist/hosting/Caddyfile    Caddy
//! ```
use crate::engine::files_below;
use crate::failure::{AtPath, Failure, Outcome};
use crate::progress::say;
use crate::project::Project;
use flate2::{Compression, write::GzEncoder};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// Files smaller than this fit into one packet as they are.
const WORTH_COMPRESSING: usize = 1_000;

/// Names that carry a digest of their content, as patterns of file names: what is behind one never changes. Everything else
/// is asked for anew each time, and answered with "not modified" if it is the same.
const NAMED_BY_CONTENT: [&str; 3] = ["engine-*", "ui-*", "*-*.css"];

const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

/// Completes a release that lies in `dist`.
pub fn complete(project: &Project, dist: &Path) -> Outcome {
    let headers = project.served_headers()?;
    compress(dist)?;
    for (name, text) in [
        ("_headers", for_static_hosts(&headers)),
        (".htaccess", for_apache(&headers)),
        ("hosting/nginx.conf", for_nginx(&headers)),
        ("hosting/Caddyfile", for_caddy(&headers)),
    ] {
        let path = dist.join(name);
        let folder = path.parent().unwrap_or(dist);
        fs::create_dir_all(folder).at("create", folder)?;
        fs::write(&path, text).at("write", &path)?;
    }
    say("The headers for hosts are in dist/_headers, dist/.htaccess and dist/hosting/");
    Ok(())
}

/// Whether a file of dist is there for a host and not for a browser.
pub fn is_for_the_host(path: &str) -> bool {
    matches!(path, "_headers" | ".htaccess") || path.starts_with("hosting/") || is_compressed(path)
}

fn is_compressed(path: &str) -> bool {
    path.ends_with(".br") || path.ends_with(".gz")
}

/// Puts `name.br` and `name.gz` beside every file that becomes smaller by it.
fn compress(dist: &Path) -> Outcome {
    for file in files_below(dist)? {
        let name = file.to_string_lossy().into_owned();
        if is_compressed(&name) {
            continue;
        }
        let content = fs::read(&file).at("read", &file)?;
        if content.len() < WORTH_COMPRESSING {
            continue;
        }
        for (ending, packed) in [("br", brotli(&content, &file)?), ("gz", gzip(&content, &file)?)] {
            if packed.len() < content.len() {
                let path = format!("{name}.{ending}");
                fs::write(&path, packed).at("write", Path::new(&path))?;
            }
        }
    }
    Ok(())
}

/// As a server would that has all the time in the world.
pub fn brotli(content: &[u8], path: &Path) -> Outcome<Vec<u8>> {
    let mut packed = Vec::new();
    brotli::CompressorWriter::new(&mut packed, 65536, 11, 22).write_all(content).at("compress", path)?;
    Ok(packed)
}

fn gzip(content: &[u8], path: &Path) -> Outcome<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).at("compress", path)?;
    encoder.finish().at("compress", path)
}

type Headers = [(String, String)];

fn for_static_hosts(headers: &Headers) -> String {
    let mut text = String::from(
        "# Netlify, Cloudflare Pages and others read this file from the folder that is published. If Interleave lies below a\n\
         # path of the site, move it there and put that path before each pattern.\n/*\n",
    );
    for (name, value) in headers {
        let _ = writeln!(text, "  {name}: {value}");
    }
    let _ = writeln!(text, "  Cache-Control: {ASK_AGAIN}");
    // Hosts join the values of a header that several patterns set; the exclamation mark takes the first one back.
    for pattern in NAMED_BY_CONTENT {
        let below = if pattern == "engine-*" { "/engine-*/*" } else { &format!("/{pattern}") };
        let _ = writeln!(text, "{below}\n  ! Cache-Control\n  Cache-Control: {FOR_EVER}");
    }
    text
}

fn for_apache(headers: &Headers) -> String {
    let mut text = String::from(
        "# Apache reads this where `AllowOverride FileInfo` (or All) is set for the folder. Needs mod_headers; mod_rewrite serves\n\
         # the compressed files.\nAddType text/javascript .js\nAddType application/wasm .wasm\n<IfModule mod_headers.c>\n",
    );
    for (name, value) in headers {
        let _ = writeln!(text, "  Header always set {name} \"{value}\"");
    }
    let _ = write!(
        text,
        "  Header set Cache-Control \"{ASK_AGAIN}\"\n  <If \"%{{REQUEST_URI}} =~ m#/(engine-[^/]+/.*|ui-[^/]+|[^/]+-[0-9a-f]+\\.css(\\.br|\\.gz)?)$#\">\n    \
         Header set Cache-Control \"{FOR_EVER}\"\n  </If>\n</IfModule>\n"
    );
    text.push_str("<IfModule mod_rewrite.c>\n  RewriteEngine On\n");
    for (coding, ending) in [("br", "br"), ("gzip", "gz")] {
        // Without the two variables Apache's own filters would compress once more.
        let _ = write!(
            text,
            "  RewriteCond %{{HTTP:Accept-Encoding}} \\b{coding}\\b\n  RewriteCond %{{REQUEST_FILENAME}}.{ending} -f\n  \
             RewriteRule ^(.+)$ $1.{ending} [E=no-brotli:1,E=no-gzip:1,L]\n"
        );
    }
    text.push_str("</IfModule>\n");
    for (ending, coding) in [("br", "br"), ("gz", "gzip")] {
        let _ = write!(
            text,
            "<FilesMatch \"\\.{ending}$\">\n  RemoveType .gz\n  RemoveEncoding .gz .br\n  RemoveLanguage .br\n"
        );
        let _ = write!(
            text,
            "  Header set Content-Encoding \"{coding}\"\n  Header append Vary Accept-Encoding\n</FilesMatch>\n"
        );
    }
    for (kind, name) in
        [("text/javascript", "js"), ("application/wasm", "wasm"), ("text/css", "css"), ("text/html", "html")]
    {
        let _ = write!(text, "<FilesMatch \"\\.{name}\\.(br|gz)$\">\n  ForceType {kind}\n</FilesMatch>\n");
    }
    text
}

fn for_nginx(headers: &Headers) -> String {
    let mut lines = String::new();
    for (name, value) in headers {
        let _ = writeln!(lines, "add_header {name} \"{value}\" always;");
    }
    format!(
        "# Inside a server block:  include /path/to/dist/hosting/nginx.conf;   with  root /path/to/dist;\n\
         # Below a path of the site, put it into that path's location block.\n\
         # `brotli_static on;` besides, where nginx has that module. Before 1.21 its mime.types lacks `application/wasm wasm;`.\n\
         gzip_static on;\n\
         gzip_vary on;\n\
         {lines}\
         # A variable, because an `add_header` inside a location would drop all the headers above.\n\
         set $interleave_cache \"{ASK_AGAIN}\";\n\
         if ($uri ~ \"/(engine-[^/]+/.*|ui-[^/]+|[^/]+-[0-9a-f]+\\.css)$\") {{ set $interleave_cache \"{FOR_EVER}\"; }}\n\
         add_header Cache-Control $interleave_cache always;\n"
    )
}

fn for_caddy(headers: &Headers) -> String {
    let mut text = String::from(
        "# caddy run --config dist/hosting/Caddyfile   from the folder in which dist lies; write your domain in place of :8080.\n\
         :8080 {\n\troot * dist\n\tfile_server {\n\t\tprecompressed br gzip\n\t}\n\theader {\n",
    );
    for (name, value) in headers {
        let _ = writeln!(text, "\t\t{name} \"{value}\"");
    }
    let _ = write!(
        text,
        "\t}}\n\t@named path {}\n\t@other not path {0}\n\theader @named Cache-Control \"{FOR_EVER}\"\n\theader @other Cache-Control {ASK_AGAIN}\n}}\n",
        NAMED_BY_CONTENT
            .map(|pattern| if pattern == "engine-*" { "/engine-*/*".into() } else { format!("/{pattern}") })
            .join(" ")
    );
    text
}

impl Project {
    /// The headers that every answer should carry: `[serve.headers]` of Trunk.toml, the one place where they are written.
    pub fn served_headers(&self) -> Outcome<Vec<(String, String)>> {
        let path = self.root.join("Trunk.toml");
        let table = crate::project::read_toml(&path)?;
        let headers = table.get("serve").and_then(|serve| serve.get("headers")?.as_table());
        let headers = headers.ok_or_else(|| {
            Failure::new(format!("{} has no table [serve.headers].", path.display()), "Write the headers there.")
        })?;
        Ok(headers.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{for_apache, for_caddy, for_nginx, for_static_hosts, is_for_the_host};
    use crate::project::Project;

    #[test]
    fn every_host_is_told_every_header() {
        let headers = Project::open().and_then(|project| project.served_headers()).unwrap_or_else(|f| panic!("{f:?}"));
        assert!(headers.len() > 4, "{headers:?}");
        for text in [for_static_hosts(&headers), for_apache(&headers), for_nginx(&headers), for_caddy(&headers)] {
            for (name, value) in &headers {
                let found = text.lines().any(|line| line.contains(name.as_str()) && line.contains(value.as_str()));
                assert!(found, "{name}: {value} is not in\n{text}");
            }
        }
    }

    #[test]
    fn what_a_browser_asks_for_is_not_the_hosts() {
        assert!(["_headers", ".htaccess", "hosting/Caddyfile", "ui-1_bg.wasm.br"].into_iter().all(is_for_the_host));
        assert!(!["index.html", "ui-1_bg.wasm", "engine-1/conductor.js"].into_iter().any(is_for_the_host));
    }
}
