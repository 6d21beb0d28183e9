//! The app's state and rules, without a DOM.
