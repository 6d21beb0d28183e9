use std::io::{self, BufRead, BufReader, Read};

/// The path of a GET or HEAD request, without its query.
pub struct Request {
    /// As in the first line, from the slash on.
    pub path: String,
    /// Whether only the head of the answer is wanted.
    pub head_only: bool,
}

impl Request {
    /// Reads one request; `None` when the other side closes without one, as browsers do with connections kept ready.
    pub fn read(stream: impl Read) -> io::Result<Option<Self>> {
        let mut lines = BufReader::new(stream.take(64 << 10)).lines();
        let Some(first) = lines.next().transpose()? else { return Ok(None) };
        for line in lines {
            if line?.is_empty() {
                break;
            }
        }
        let mut words = first.split(' ');
        let head_only = words.next() == Some("HEAD");
        let target = words.next().unwrap_or("/");
        let path = target.split(['?', '#']).next().unwrap_or("/");
        Ok(Some(Self { path: path.to_owned(), head_only }))
    }
}

/// The media type a path is served as; wasm must have its own, or streaming compilation refuses it.
pub fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[test]
fn the_path_is_read_without_its_query() {
    let request = Request::read(&b"GET /a/b.js?x=1 HTTP/1.1\r\nHost: here\r\n\r\n"[..]).unwrap().unwrap();
    assert_eq!((request.path.as_str(), request.head_only), ("/a/b.js", false));
    assert!(Request::read(&b""[..]).unwrap().is_none());
}
