//! Pages that have been asked for: by one lane, answered by another, or by the browser.

use std::sync::{Arc, Mutex, PoisonError};

use trace::Failure;
use workloads::{Page, page_text};

use crate::{Lane, Signal, Stopped};

/// The bytes of a page, or why there are none.
pub type Arrived = Result<Vec<u8>, String>;

/// A page that has been asked for.
#[derive(Clone, Default)]
pub struct Request(Arc<Inner>);

#[derive(Default)]
struct Inner {
    arrived: Mutex<Option<Arrived>>,
    signal: Signal,
}

impl Request {
    /// Not answered.
    pub fn new() -> Request {
        Request::default()
    }

    /// Hands over what has come and rouses the lane that waits for it.
    pub fn answer(&self, arrived: Arrived) {
        *self.0.arrived.lock().unwrap_or_else(PoisonError::into_inner) = Some(arrived);
        self.0.signal.set();
    }

    /// Set once there is an answer.
    pub(crate) fn signal(&self) -> &Signal {
        &self.0.signal
    }

    /// The answer, if it has come.
    pub(crate) fn take(&self) -> Arrived {
        let arrived = self.0.arrived.lock().unwrap_or_else(PoisonError::into_inner).take();
        arrived.unwrap_or_else(|| Err("no answer came in time".into()))
    }

    /// Waits for the answer, for so long at most.
    pub async fn arrival<L: Lane>(&self, lane: &L, timeout_nanos: Option<u64>) -> Result<Arrived, Stopped> {
        lane.wait_for(&self.0.signal, timeout_nanos).await?;
        Ok(self.take())
    }
}

/// How much later than it should a page may come before it is given up. A browser ends a service worker that it thinks is
/// stuck, and what was asked of it may then never be answered.
pub(crate) const PATIENCE_NANOS: u64 = 30_000_000_000;

/// Fetches a page, which is answered after so long, or lets that time pass where nobody answers.
pub(crate) async fn fetch<L: Lane>(lane: &L, page: u32, nanos: u64) -> Result<Result<Page, Failure>, Stopped> {
    let arrived = match lane.request(page, nanos) {
        Some(request) => request.arrival(lane, Some(nanos.saturating_add(PATIENCE_NANOS))).await?,
        None => {
            lane.sleep(nanos).await?;
            Ok(page_text(page))
        }
    };
    Ok(read(page, arrived))
}

/// The page that was asked for, if it is what has come.
pub fn read(page: u32, arrived: Arrived) -> Result<Page, Failure> {
    let text = arrived.map_err(|message| Failure::PageNotFetched { page, message })?;
    let message = || "what came is not that page, or not all of it".into();
    Page::read(page, &text).ok_or_else(|| Failure::PageNotFetched { page, message: message() })
}
