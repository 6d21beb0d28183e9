use std::cell::Cell;
use tests::{
    browser::{Browser, Kind},
    error::{Error, Result},
    page::Page,
    server::{Server, Site},
    session::Session,
};

/// The browsers as their users have them.
pub const SHARING: &[Kind] = &[Kind::CHROMIUM, Kind::FIREFOX, Kind::WEBKIT];

/// The browsers in which a page that is not isolated has no shared memory. WebKitGTK gives it to every page or to none.
pub const HONEST: &[Kind] = &[Kind::CHROMIUM, Kind::FIREFOX, Kind::WEBKIT_WITHOUT_SHARING];

/// The browser that lacks shared memory however the page is served.
pub const WITHOUT_SHARING: &[Kind] = &[Kind::WEBKIT_WITHOUT_SHARING];

/// A thing that must hold, and where.
#[derive(Clone, Copy)]
pub struct Case {
    /// Its module and its sentence.
    pub name: &'static str,
    /// The kinds of browsers it is about.
    pub kinds: &'static [Kind],
    /// Panics or returns an error when it does not hold.
    pub check: fn(&Bench) -> Result<()>,
}

impl Case {
    pub const fn new(name: &'static str, kinds: &'static [Kind], check: fn(&Bench) -> Result<()>) -> Self {
        Self { name, kinds, check }
    }
}

/// What a case has at hand: a browser, and whether errors of the page are part of the plan.
pub struct Bench {
    session: Session,
    expects_errors: Cell<bool>,
}

impl Bench {
    pub fn new(session: Session) -> Self {
        Self { session, expects_errors: Cell::new(false) }
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    pub fn into_session(self) -> Session {
        self.session
    }

    pub fn browser(&self) -> Browser {
        self.session.kind.browser
    }

    /// Serves the project's page with the project's headers, opens it and waits until it is ready.
    pub fn project(&self) -> Result<(Server, Page<'_>)> {
        self.open(Site::project()?)
    }

    /// Serves a site, opens its index and waits until it is ready.
    pub fn open(&self, site: Site) -> Result<(Server, Page<'_>)> {
        let server = site.serve()?;
        let page = Page::open(&self.session, &server.url(""))?.ready()?;
        Ok((server, page))
    }

    /// Says that this case makes the page report errors; it looks at them itself.
    pub fn expect_errors(&self) {
        self.expects_errors.set(true);
    }

    /// Fails when the page or the console has errors that the case did not announce.
    pub fn no_unexpected_errors(&self) -> Result<()> {
        if self.expects_errors.get() {
            return Ok(());
        }
        let in_page = "return ((window.interleave || {}).errors || []).map(String)";
        let mut errors: Vec<String> = self.session.client.evaluate(in_page, serde_json::Value::Null)?;
        errors.extend(self.session.console_errors());
        if errors.is_empty() { Ok(()) } else { Err(Error::PageErrors(errors)) }
    }
}
