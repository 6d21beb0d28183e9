//! Where event loops run, and where pages come from.

use serde::{Deserialize, Serialize};

use crate::Text;

/// Where an event loop runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// On the page itself.
    Page,
    /// In a worker.
    Worker,
}

impl Place {
    /// Its name in links and exports.
    pub const fn slug(self) -> &'static str {
        match self {
            Place::Page => "page",
            Place::Worker => "worker",
        }
    }
}

/// Where the reader wants event loops to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceChoice {
    /// On the page where that is harmless, else in a worker.
    Automatic,
    /// Where he says.
    Fixed(Place),
}

/// How the pages that jobs fetch are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pages {
    /// By the service worker, to which every request really goes.
    ServiceWorker,
    /// Not at all: where no service worker answers, a timer stands in for each request.
    Timers,
}

impl Pages {
    /// Its name in exports.
    pub const fn slug(self) -> &'static str {
        match self {
            Pages::ServiceWorker => "service-worker",
            Pages::Timers => "timers",
        }
    }

    /// What the reader is told, as a part of a sentence.
    pub const fn said(self) -> Text {
        match self {
            Pages::ServiceWorker => {
                Text { en: "fetched through the service worker", zh: "网页经由 Service Worker 抓取" }
            }
            Pages::Timers => Text { en: "timers in place of fetch", zh: "以定时器代替抓取" },
        }
    }
}
