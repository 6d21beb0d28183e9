use crate::Options;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use tests::{
    browser::{Browser, Kind, Sharing},
    error::{Error, Result},
    page::Page,
    server::{Headers, Server, Site, root},
    session::Session,
};

/// Whether the picture is taken before, during or after a run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Moment {
    Before,
    During,
    After,
}

/// How the page came to the reader.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Isolated,
    NotIsolated,
    WithoutEngine,
    Embedded,
}

/// One picture to take.
struct Picture {
    name: &'static str,
    size: (u32, u32),
    language: &'static str,
    theme: &'static str,
    way: Way,
    moment: Moment,
}

const DESKTOP: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (390, 844);
const WIDE: (u32, u32) = (1920, 1080);
const EMBEDDED: (u32, u32) = (640, 360);

#[rustfmt::skip]
const PICTURES: &[Picture] = &[
    Picture { name: "desktop-before", size: DESKTOP, language: "en", theme: "light", way: Way::Isolated, moment: Moment::Before },
    Picture { name: "desktop-during", size: DESKTOP, language: "en", theme: "light", way: Way::Isolated, moment: Moment::During },
    Picture { name: "desktop-after", size: DESKTOP, language: "en", theme: "light", way: Way::Isolated, moment: Moment::After },
    Picture { name: "desktop-dark", size: DESKTOP, language: "en", theme: "dark", way: Way::Isolated, moment: Moment::After },
    Picture { name: "desktop-chinese", size: DESKTOP, language: "zh", theme: "light", way: Way::Isolated, moment: Moment::After },
    Picture { name: "wide-after", size: WIDE, language: "en", theme: "light", way: Way::Isolated, moment: Moment::After },
    Picture { name: "phone-before", size: PHONE, language: "en", theme: "light", way: Way::Isolated, moment: Moment::Before },
    Picture { name: "phone-after", size: PHONE, language: "en", theme: "light", way: Way::Isolated, moment: Moment::After },
    Picture { name: "phone-chinese-dark", size: PHONE, language: "zh", theme: "dark", way: Way::Isolated, moment: Moment::After },
    Picture { name: "embedded-before", size: EMBEDDED, language: "en", theme: "light", way: Way::Embedded, moment: Moment::Before },
    Picture { name: "embedded-after", size: EMBEDDED, language: "en", theme: "light", way: Way::Embedded, moment: Moment::After },
    Picture { name: "desktop-not-isolated", size: DESKTOP, language: "en", theme: "light", way: Way::NotIsolated, moment: Moment::After },
    Picture { name: "desktop-failed", size: DESKTOP, language: "en", theme: "light", way: Way::WithoutEngine, moment: Moment::After },
];

/// Long enough to be photographed while it runs.
const LONG: &str = "work=sleeping&jobs=4&millis=5000&models=event-loop&place=worker";

/// Takes every picture and prints where it is.
pub fn run(options: &Options) -> Result<()> {
    let browser = options.browser.as_deref().map_or(Ok(Browser::Chromium), Browser::from_name)?;
    let folder = options.out.as_ref().map_or_else(|| root().join("target/screenshots"), PathBuf::from);
    fs::create_dir_all(&folder).map_err(|cause| Error::File { path: folder.clone(), cause })?;
    let session = Session::start(Kind { browser, sharing: Sharing::Offered })?;
    for picture in PICTURES {
        take(&session, picture, &folder)?;
    }
    Ok(())
}

fn take(session: &Session, picture: &Picture, folder: &Path) -> Result<()> {
    session.set_size(picture.size)?;
    let (_servers, page) = open(session, picture)?;
    page.choose(picture.language, picture.theme)?;
    match picture.moment {
        Moment::Before => {}
        Moment::During => {
            page.start(LONG)?;
            page.wait_for_phase("running", Duration::from_secs(10))?;
            std::thread::sleep(Duration::from_millis(800));
        }
        Moment::After => drop(page.run_what_is_shown()),
    }
    // Two frames: one in which the page draws what it knows, one in which the browser shows it.
    let drawn = "await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))";
    page.evaluate_async::<Value>(drawn, Value::Null)?;
    if picture.way == Way::Embedded {
        session.client.leave_frames()?;
    }
    let path = folder.join(format!("{}-{}.png", session.kind.browser.name(), picture.name));
    fs::write(&path, session.client.screenshot()?).map_err(|cause| Error::File { path: path.clone(), cause })?;
    println!("{}", path.display());
    if picture.moment == Moment::During {
        page.stop()?;
    }
    Ok(())
}

fn open<'a>(session: &'a Session, picture: &Picture) -> Result<(Vec<Server>, Page<'a>)> {
    let site = match picture.way {
        Way::Isolated | Way::Embedded => Site::project()?,
        Way::NotIsolated => Site::project()?.with_headers(Headers::none()),
        Way::WithoutEngine => Site::project()?.with_fault("engine_bg.wasm", tests::server::Fault::Missing),
    };
    let server = site.serve()?;
    if picture.way != Way::Embedded {
        let page = Page::open(session, &server.url(""))?.ready()?;
        return Ok((vec![server], page));
    }
    let (width, height) = picture.size;
    let host = format!(
        "<!doctype html><title>an article</title><body style='margin:0'>
         <iframe width={width} height={height} style='border:0;display:block' src='{}'></iframe>",
        server.url("")
    );
    let outer = Site::default().with_page("/", &host).serve()?;
    Page::open(session, &outer.url_of_other_site(""))?;
    session.client.enter_frame("iframe")?;
    let page = Page::in_frame(session).ready()?;
    Ok((vec![server, outer], page))
}
