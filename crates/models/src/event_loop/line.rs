//! Standing in line for what another coroutine will give back.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use super::life::Life;
use crate::{Coroutine, Lane, Stopped};

/// Coroutines that stand in line, by the order in which they came.
#[derive(Default)]
pub(super) struct Line(RefCell<VecDeque<Rc<Life>>>);

impl Line {
    /// Grants what is waited for to the first in line, if there is one.
    pub(super) fn grant_first(&self) -> bool {
        let first = self.0.borrow_mut().pop_front();
        first.is_some_and(|life| {
            life.has_grant.set(true);
            life.wake();
            true
        })
    }

    /// Stands in line until it is this coroutine's turn. If it is called off when its turn has come already, `pass_on` gives
    /// what was granted to the next.
    pub(super) async fn stand<L: Lane>(&self, coroutine: &Coroutine<L>, pass_on: impl FnOnce()) -> Result<(), Stopped> {
        let life = coroutine.life();
        life.has_grant.set(false);
        self.0.borrow_mut().push_back(Rc::clone(life));
        let waited = coroutine.wait_on(None, || life.has_grant.get().then_some(())).await;
        if waited.is_err() {
            if life.has_grant.take() {
                pass_on();
            } else {
                self.0.borrow_mut().retain(|other| !Rc::ptr_eq(other, life));
            }
        }
        waited
    }
}
