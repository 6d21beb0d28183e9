//! What the person sees: Yew components that perform session's effects.

mod app;
mod browser;
mod chart;
mod texts;
mod view;

fn main() {
    console_error_panic_hook::set_once();
    let document = browser::the_window().document().expect("a window has a document");
    let place = document.get_element_by_id("app").expect("index.html has a place for the app");
    yew::Renderer::<app::App>::with_root(place).render();
    if let Some(shell) = document.get_element_by_id("shell") {
        shell.remove();
    }
}
