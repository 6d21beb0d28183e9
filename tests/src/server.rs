use crate::{
    error::{Error, Result},
    request::{Request, media_type},
};
use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// What goes wrong with a file.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// It is answered with 404.
    Missing,
    /// Only its first bytes are there, as after an upload that broke off.
    Truncated(usize),
    /// It comes late.
    Delayed(Duration),
}

/// Which response headers a site sends with every answer.
#[derive(Clone, Debug, Default)]
pub struct Headers(pub Vec<(String, String)>);

impl Headers {
    /// Those the project itself is served with: the `[serve] headers` of Trunk.toml, so that there is one source.
    pub fn of_the_project() -> Result<Self> {
        let path = root().join("Trunk.toml");
        let text = fs::read_to_string(&path).map_err(|cause| Error::File { path: path.clone(), cause })?;
        let content = |reason: String| Error::Content { path: path.clone(), reason };
        let table: toml::Table = toml::from_str(&text).map_err(|cause| content(cause.to_string()))?;
        let headers = table.get("serve").and_then(|serve| serve.get("headers")).and_then(toml::Value::as_table);
        let headers = headers.ok_or_else(|| content("it has no table `headers` in `[serve]`".into()))?;
        let pairs = headers.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
        Ok(Self(pairs.collect()))
    }

    /// No header beyond what HTTP needs: a host its author cannot configure.
    pub fn none() -> Self {
        Self::default()
    }

    /// The same, less all but those named.
    pub fn only(self, names: &[&str]) -> Self {
        let kept = |name: &str| names.iter().any(|wanted| wanted.eq_ignore_ascii_case(name));
        Self(self.0.into_iter().filter(|(name, _)| kept(name)).collect())
    }

    /// The same and one more. A browser obeys every policy it is given, so a second one can only tighten the first.
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }
}

/// What a server serves.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// The folder whose files are served, if any.
    pub folder: Option<PathBuf>,
    /// The path below which they are served, with a slash at both ends; empty means the root.
    pub below: String,
    /// Further files that exist only here, by path from the root.
    pub pages: BTreeMap<String, String>,
    /// Sent with every answer.
    pub headers: Headers,
    /// Each spoils the files whose path contains the text.
    pub faults: Vec<(String, Fault)>,
}

impl Site {
    /// The built page, as the project serves it, and beside it `empty.html`, which runs nothing: from there a case looks
    /// at the origin once the page is gone.
    pub fn project() -> Result<Self> {
        let site = Self { folder: Some(dist()?), headers: Headers::of_the_project()?, ..Self::default() };
        Ok(site.with_page("/empty.html", "<!doctype html><title>empty</title>"))
    }

    pub fn with_headers(self, headers: Headers) -> Self {
        Self { headers, ..self }
    }

    pub fn with_page(mut self, path: &str, text: &str) -> Self {
        self.pages.insert(path.into(), text.into());
        self
    }

    /// Puts text before a script of the folder, as a probe for what only that script can see.
    pub fn with_probe(self, path: &str, probe: &str) -> Result<Self> {
        let file = self.folder.clone().unwrap_or_default().join(path.trim_start_matches('/'));
        let script = fs::read_to_string(&file).map_err(|cause| Error::File { path: file, cause })?;
        Ok(self.with_page(path, &format!("{probe}\n{script}")))
    }

    pub fn with_fault(mut self, path_contains: &str, fault: Fault) -> Self {
        self.faults.push((path_contains.into(), fault));
        self
    }

    pub fn below(self, path: &str) -> Self {
        Self { below: path.into(), ..self }
    }

    pub fn serve(self) -> Result<Server> {
        Server::start(self).map_err(|cause| Error::Driver(format!("the test's own server did not start: {cause}")))
    }

    fn content(&self, path: &str) -> Option<Vec<u8>> {
        if let Some(text) = self.pages.get(path) {
            return Some(text.clone().into_bytes());
        }
        let inner = path.strip_prefix(self.below.trim_end_matches('/'))?.trim_start_matches('/');
        let inner = if inner.is_empty() { "index.html" } else { inner };
        let is_inside = inner.split('/').all(|part| !part.is_empty() && part != "..");
        fs::read(self.folder.as_ref().filter(|_| is_inside)?.join(inner)).ok()
    }
}

/// A static file server on a free port of this machine; it ends when dropped.
pub struct Server {
    address: SocketAddr,
    below: String,
    asked: Arc<Mutex<Vec<String>>>,
    is_over: Arc<AtomicBool>,
}

impl Server {
    fn start(site: Site) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let server = Self {
            address: listener.local_addr()?,
            below: site.below.clone(),
            asked: Arc::default(),
            is_over: Arc::default(),
        };
        let (asked, is_over, site) = (server.asked.clone(), server.is_over.clone(), Arc::new(site));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                let (site, asked) = (site.clone(), asked.clone());
                // A connection that breaks off is the browser's affair; what it misses shows on the page.
                thread::spawn(move || serve(&stream, &site, &asked));
            }
        });
        Ok(server)
    }

    /// An address on `127.0.0.1`.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{}{path}", self.address.port(), self.below.trim_start_matches('/'))
    }

    /// The same under `localhost`, which is another site to every browser.
    pub fn url_of_other_site(&self, path: &str) -> String {
        format!("http://localhost:{}/{}{path}", self.address.port(), self.below.trim_start_matches('/'))
    }

    /// The paths asked for so far, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        // The listening thread waits for a connection; this is its last.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(mut stream: &TcpStream, site: &Site, asked: &Mutex<Vec<String>>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let Some(request) = Request::read(stream)? else { return Ok(()) };
    asked.lock().unwrap_or_else(PoisonError::into_inner).push(request.path.clone());
    let mut content = site.content(&request.path);
    for (_, fault) in site.faults.iter().filter(|(part, _)| request.path.contains(part.as_str())) {
        match fault {
            Fault::Missing => content = None,
            Fault::Truncated(length) => {
                if let Some(bytes) = &mut content {
                    bytes.truncate(*length);
                }
            }
            Fault::Delayed(delay) => thread::sleep(*delay),
        }
    }
    // Every browser asks for an icon on its own; a page of ours that has none is no error.
    let status = match &content {
        Some(_) => "200 OK",
        None if request.path.ends_with("/favicon.ico") => "204 No Content",
        None => "404 Not Found",
    };
    let ending = if request.path.ends_with('/') { "index.html" } else { &request.path };
    let body = content.unwrap_or_default();
    let mut answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-cache\r\nConnection: close\r\n",
        media_type(ending),
        body.len()
    );
    for (name, value) in &site.headers.0 {
        answer += &format!("{name}: {value}\r\n");
    }
    let mut answer = (answer + "\r\n").into_bytes();
    if !request.head_only {
        answer.extend(body);
    }
    // Head and body leave in one write: apart, the second waits 40 ms for the first to be acknowledged.
    stream.write_all(&answer)
}

/// The workspace's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is a folder of the workspace")
}

/// The path of the built engine's folder, as the manifest names it.
pub fn engine_path() -> Result<String> {
    let path = dist()?.join("manifest.json");
    let text = fs::read_to_string(&path).map_err(|cause| Error::File { path: path.clone(), cause })?;
    let manifest: serde_json::Value = serde_json::from_str(&text)
        .map_err(|cause| Error::Content { path: path.clone(), reason: cause.to_string() })?;
    match manifest["engine"].as_str() {
        Some(name) => Ok(format!("/{name}")),
        None => Err(Error::Content { path, reason: "it does not name the engine's folder".into() }),
    }
}

/// The built page: `INTERLEAVE_DIST`, or `dist` in the workspace.
pub fn dist() -> Result<PathBuf> {
    let path = env::var_os("INTERLEAVE_DIST").map_or_else(|| root().join("dist"), PathBuf::from);
    if path.join("index.html").is_file() {
        return Ok(path);
    }
    let reason = "there is no built page; build it with `cargo xtask build`".into();
    Err(Error::Content { path: path.join("index.html"), reason })
}
