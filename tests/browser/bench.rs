use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
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
    servers: RefCell<Vec<Rc<Server>>>,
}

impl Bench {
    pub fn new(session: Session) -> Self {
        Self { session, expects_errors: Cell::new(false), servers: RefCell::default() }
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Ends the case: its page goes first, then its servers, so that the page finds them for as long as it lives.
    pub fn into_session(self) -> Result<Session> {
        self.session.client.leave_frames()?;
        self.session.client.navigate("about:blank")?;
        Ok(self.session)
    }

    /// Serves a site until the case is over.
    pub fn serve(&self, site: Site) -> Result<Rc<Server>> {
        let server = Rc::new(site.serve()?);
        self.servers.borrow_mut().push(server.clone());
        Ok(server)
    }

    pub fn browser(&self) -> Browser {
        self.session.kind.browser
    }

    /// Serves the project's page with the project's headers, opens it and waits until it is ready.
    pub fn project(&self) -> Result<Page<'_>> {
        self.open(Site::project()?)
    }

    /// Serves a site, opens its index and waits until it is ready.
    pub fn open(&self, site: Site) -> Result<Page<'_>> {
        let server = self.serve(site)?;
        Page::open(&self.session, &server.url(""))?.ready()
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
