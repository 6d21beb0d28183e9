//! Choices that outlive the visit. A browser that refuses to keep them is no error.

use session::Theme;
use session::catalog::Language;
use web_sys::Storage;

use super::the_window;

// floor.js reads these two before the first paint; from it the page has what it begins with.
const LANGUAGE: &str = "interleave/language";
const THEME: &str = "interleave/theme";

fn storage() -> Option<Storage> {
    the_window().local_storage().ok().flatten()
}

fn keep(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, value);
    }
}

/// For the next visit.
pub fn remember_language(language: Language) {
    keep(LANGUAGE, language.tag());
}

/// For the next visit.
pub fn remember_theme(theme: Theme) {
    keep(THEME, theme.slug());
}
