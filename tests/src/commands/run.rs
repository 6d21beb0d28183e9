use crate::Options;
use tests::{
    browser::{Browser, Kind, Sharing},
    error::Result,
    page::Page,
    server::Site,
    session::Session,
    table::table,
};

/// Runs one experiment and prints its results side by side.
pub fn run(options: &Options) -> Result<()> {
    let browser = chosen_or_first(options)?;
    let server = Site::project()?.serve()?;
    let session = Session::start(Kind { browser, sharing: Sharing::Offered })?;
    let page = Page::open(&session, &server.url(""))?.ready()?;
    let environment = page.environment()?;
    let report = match &options.link {
        Some(link) => page.run(link)?,
        None => page.run_what_is_shown()?,
    };
    let isolated = if environment.isolated { "isolated" } else { "not isolated" };
    println!("{}, {isolated}, {} cores, engine {}", browser.name(), environment.cores, environment.engine);
    println!("{}\n", report.experiment);
    print!("{}", table(&report));
    if let Some(gap) = report.longest_frame_gap_millis {
        println!("\nlongest time between two frames of the page: {gap:.1} ms");
    }
    Ok(())
}

/// The browser that was asked for, or the first that is on this machine.
pub fn chosen_or_first(options: &Options) -> Result<Browser> {
    if let Some(name) = &options.browser {
        return Browser::from_name(name);
    }
    let chosen = Browser::chosen()?;
    let at_hand = chosen.iter().copied().find(|browser| browser.programs().is_ok());
    match at_hand {
        Some(browser) => Ok(browser),
        // None is there: say what the first one lacks.
        None => chosen[0].programs().map(|_| chosen[0]),
    }
}
