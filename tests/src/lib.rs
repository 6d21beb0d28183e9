//! The page driven as a person would, in Chromium, Firefox and WebKit.
