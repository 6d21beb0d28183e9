//! Choices that outlive the visit. A browser that refuses to keep them is no error.

use session::Theme;
use session::catalog::Language;
use web_sys::Storage;

use super::the_window;

// floor.js reads the same two, before the first paint.
const LANGUAGE: &str = "interleave/language";
const THEME: &str = "interleave/theme";

fn storage() -> Option<Storage> {
    the_window().local_storage().ok().flatten()
}

fn kept(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

fn keep(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, value);
    }
}

/// The language of the last visit, else the browser's.
pub fn language() -> Language {
    let tag = kept(LANGUAGE).or_else(|| the_window().navigator().language());
    Language::for_tag(&tag.unwrap_or_default())
}

/// The theme of the last visit, else the system's.
pub fn theme() -> Theme {
    kept(THEME).and_then(|slug| Theme::from_slug(&slug)).unwrap_or(Theme::System)
}

/// For the next visit.
pub fn remember_language(language: Language) {
    keep(LANGUAGE, language.tag());
}

/// For the next visit.
pub fn remember_theme(theme: Theme) {
    keep(THEME, theme.slug());
}
