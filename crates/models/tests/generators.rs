//! Generators against a reference that has no futures: random programs, driven in random ways, do and say the same.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use models::{Generator, Raised, Resumed, Yielder};
use proptest::prelude::*;

/// What a body does next.
#[derive(Clone, Debug)]
enum Act {
    /// Yields a number; what is thrown there is met so.
    Yield(u32, Meets),
    /// Raises an error.
    Raise(u8),
    /// Lets another body do all it does, with `yield from`; what comes out of it is met so.
    Delegate(Vec<Act>, Meets),
}

/// What a body does with what is raised where it is suspended.
#[derive(Clone, Copy, Debug)]
enum Meets {
    /// Nothing: it ends the body.
    Lets,
    /// Goes on behind it.
    Swallows,
    /// Ends well.
    Returns,
}

/// What the driver does.
#[derive(Clone, Copy, Debug)]
enum Drive {
    Next,
    Send(u32),
    Throw(u8),
    Close,
}

type Error = Raised<u8>;
/// What the driver sees of each of its acts.
type Seen = Result<Resumed<u32, u32>, Error>;

/// What a body saw, in order: what it was sent, what was raised in it, what another returned to it.
#[derive(Clone, Debug, PartialEq)]
enum Note {
    Sent(Option<u32>),
    Raised(Error),
    Returned(u32),
}

type Notes = Rc<RefCell<Vec<Note>>>;

/// The body as a generator. It returns how many of its acts it has begun.
fn generator(acts: Vec<Act>, notes: Notes) -> Generator<u32, u32, u8, u32> {
    Generator::new(|yielder| body(acts, notes, yielder))
}

async fn body(acts: Vec<Act>, notes: Notes, yielder: Yielder<u32, u32, u8>) -> Result<u32, Error> {
    for (begun, act) in (1..).zip(&acts) {
        let (outcome, meets) = match act {
            Act::Yield(value, meets) => (yielder.give(*value).await.map(Note::Sent), *meets),
            Act::Raise(error) => return Err(Raised::Error(*error)),
            Act::Delegate(acts, meets) => {
                let mut inner = generator(acts.clone(), notes.clone());
                let returned = yielder.give_from(&mut inner).await;
                (returned.map(|value| Note::Returned(value.expect("it is new"))), *meets)
            }
        };
        match (outcome, meets) {
            (Ok(note), _) => notes.borrow_mut().push(note),
            (Err(raised), Meets::Lets) => return Err(raised),
            (Err(raised), Meets::Swallows) => notes.borrow_mut().push(Note::Raised(raised)),
            (Err(raised), Meets::Returns) => {
                notes.borrow_mut().push(Note::Raised(raised));
                return Ok(begun);
            }
        }
    }
    Ok(acts.len() as u32)
}

/// A body as PEP 342 and PEP 380 tell it: where it stands, and the body that it delegates to.
struct Machine {
    acts: Vec<Act>,
    /// How many acts it has begun.
    begun: usize,
    life: Life,
    inner: Option<Box<Machine>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Life {
    New,
    Suspended,
    Over,
}

impl Machine {
    fn new(acts: &[Act]) -> Machine {
        Machine { acts: acts.to_vec(), begun: 0, life: Life::New, inner: None }
    }

    fn drive(&mut self, drive: Drive, notes: &mut Vec<Note>) -> Seen {
        let input = match (drive, self.life) {
            (Drive::Close, _) => {
                return self.close(notes).map(|value| value.map_or(Resumed::Exhausted, Resumed::Returned));
            }
            (Drive::Throw(error), _) => return self.throw(Raised::Error(error), notes),
            (_, Life::Over) => return Ok(Resumed::Exhausted),
            (Drive::Send(_), Life::New) => return Err(Raised::SentBeforeStart),
            (_, Life::New) => return self.go_on(notes),
            (Drive::Next, Life::Suspended) => None,
            (Drive::Send(value), Life::Suspended) => Some(value),
        };
        match self.inner.as_mut() {
            Some(inner) => {
                let drive = input.map_or(Drive::Next, Drive::Send);
                let seen = inner.drive(drive, notes);
                self.after_inner(seen, notes)
            }
            None => {
                notes.push(Note::Sent(input));
                self.go_on(notes)
            }
        }
    }

    fn throw(&mut self, raised: Error, notes: &mut Vec<Note>) -> Seen {
        if self.life != Life::Suspended {
            self.life = Life::Over;
            return Err(raised);
        }
        match self.inner.as_mut() {
            Some(inner) if raised == Raised::Exit => {
                let closed = inner.close(notes);
                self.inner = None;
                self.meet(closed.err().unwrap_or(raised), notes)
            }
            Some(inner) => {
                let seen = inner.throw(raised, notes);
                self.after_inner(seen, notes)
            }
            None => self.meet(raised, notes),
        }
    }

    fn close(&mut self, notes: &mut Vec<Note>) -> Result<Option<u32>, Error> {
        if self.life != Life::Suspended {
            self.life = Life::Over;
            return Ok(None);
        }
        match self.throw(Raised::Exit, notes) {
            Ok(Resumed::Yielded(_)) => Err(Raised::IgnoredExit),
            Ok(Resumed::Returned(value)) => Ok(Some(value)),
            Ok(Resumed::Exhausted) | Err(Raised::Exit) => Ok(None),
            Err(raised) => Err(raised),
        }
    }

    fn after_inner(&mut self, seen: Seen, notes: &mut Vec<Note>) -> Seen {
        match seen {
            Ok(Resumed::Yielded(value)) => Ok(Resumed::Yielded(value)),
            Ok(Resumed::Returned(value)) => {
                self.inner = None;
                notes.push(Note::Returned(value));
                self.go_on(notes)
            }
            Ok(Resumed::Exhausted) => unreachable!("the inner one is dropped when it ends"),
            Err(raised) => {
                self.inner = None;
                self.meet(raised, notes)
            }
        }
    }

    fn meet(&mut self, raised: Error, notes: &mut Vec<Note>) -> Seen {
        let (Act::Yield(_, meets) | Act::Delegate(_, meets)) = self.acts[self.begun - 1] else {
            unreachable!("nothing else can be raised at")
        };
        match meets {
            Meets::Lets => self.end(Err(raised)),
            Meets::Swallows => {
                notes.push(Note::Raised(raised));
                self.go_on(notes)
            }
            Meets::Returns => {
                notes.push(Note::Raised(raised));
                self.end(Ok(Resumed::Returned(self.begun as u32)))
            }
        }
    }

    fn end(&mut self, seen: Seen) -> Seen {
        self.life = Life::Over;
        seen
    }

    fn go_on(&mut self, notes: &mut Vec<Note>) -> Seen {
        self.life = Life::Suspended;
        let Some(act) = self.acts.get(self.begun).cloned() else {
            return self.end(Ok(Resumed::Returned(self.begun as u32)));
        };
        self.begun += 1;
        match act {
            Act::Yield(value, _) => Ok(Resumed::Yielded(value)),
            Act::Raise(error) => self.end(Err(Raised::Error(error))),
            Act::Delegate(acts, _) => {
                let mut inner = Machine::new(&acts);
                let seen = inner.drive(Drive::Next, notes);
                self.inner = Some(Box::new(inner));
                self.after_inner(seen, notes)
            }
        }
    }
}

/// A body that waits for nothing but its driver is ready at each poll.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a generator waits for something else than its driver"),
    }
}

fn meets() -> impl Strategy<Value = Meets> {
    prop::sample::select(vec![Meets::Lets, Meets::Swallows, Meets::Returns])
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let leaf = prop_oneof![
        4 => (0u32..100, meets()).prop_map(|(value, meets)| Act::Yield(value, meets)),
        1 => (0u8..4).prop_map(Act::Raise),
    ];
    let act = leaf.prop_recursive(3, 24, 4, |act| {
        (prop::collection::vec(act, 0..4), meets()).prop_map(|(acts, meets)| Act::Delegate(acts, meets))
    });
    prop::collection::vec(act, 0..6)
}

fn drives() -> impl Strategy<Value = Vec<Drive>> {
    let drive = prop_oneof![
        4 => Just(Drive::Next),
        4 => (0u32..100).prop_map(Drive::Send),
        2 => (0u8..4).prop_map(Drive::Throw),
        1 => Just(Drive::Close),
    ];
    prop::collection::vec(drive, 1..16)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_generator_does_what_the_reference_does(acts in acts(), drives in drives()) {
        let notes = Notes::default();
        let (mut generator, mut machine) = (generator(acts.clone(), notes.clone()), Machine::new(&acts));
        let mut expected_notes = Vec::new();
        for drive in drives {
            let seen = at_once(async {
                match drive {
                    Drive::Next => generator.next().await,
                    Drive::Send(value) => generator.send(value).await,
                    Drive::Throw(error) => generator.throw(Raised::Error(error)).await,
                    Drive::Close => {
                        generator.close().await.map(|value| value.map_or(Resumed::Exhausted, Resumed::Returned))
                    }
                }
            });
            prop_assert_eq!(seen, machine.drive(drive, &mut expected_notes), "after {:?}", drive);
            prop_assert_eq!(&*notes.borrow(), &expected_notes, "after {:?}", drive);
        }
    }
}

#[test]
fn what_is_raised_has_cpythons_words() {
    let said = |raised: Error| raised.to_string();
    assert_eq!(said(Raised::SentBeforeStart), "can't send non-None value to a just-started generator");
    assert_eq!(said(Raised::IgnoredExit), "generator ignored GeneratorExit");
}
