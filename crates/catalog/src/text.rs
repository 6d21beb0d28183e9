//! Texts that a reader sees. A text without one of its languages does not compile.

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Simplified Chinese.
    Zh,
}

impl Language {
    /// Every language, in the order of the switch.
    pub const ALL: [Language; 2] = [Language::En, Language::Zh];

    /// What stands in `<html lang>`.
    pub fn tag(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Zh => "zh-CN",
        }
    }

    /// The language for a browser's language tag: Chinese for any Chinese, English for all else.
    pub fn for_tag(tag: &str) -> Language {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("zh") { Language::Zh } else { Language::En }
    }
}

/// The same thing said in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// In English.
    pub en: &'static str,
    /// In Chinese.
    pub zh: &'static str,
}

impl Text {
    /// The text in one language.
    pub fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::En => self.en,
            Language::Zh => self.zh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chinese_is_chinese_and_all_else_english() {
        let found: Vec<_> = ["zh", "zh-CN", "zh_TW", "ZH-Hans", "en-GB", "de", "", "zhx"]
            .into_iter()
            .map(|tag| Language::for_tag(tag).tag())
            .collect();
        assert_eq!(found, ["zh-CN", "zh-CN", "zh-CN", "zh-CN", "en", "en", "en", "en"]);
    }
}
