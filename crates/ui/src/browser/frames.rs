//! The frame meter: the longest time between two frames of the page while a model runs.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::the_window;

/// Measures from its start to its stop.
pub struct FrameMeter {
    marks: Rc<Marks>,
}

struct Marks {
    last: Cell<f64>,
    longest: Cell<f64>,
    frames: Cell<u32>,
    /// The frame that has been asked for.
    asked: Cell<Option<i32>>,
    on_frame: RefCell<Option<Closure<dyn Fn()>>>,
}

fn now() -> f64 {
    the_window().performance().map_or(0.0, |performance| performance.now())
}

impl Marks {
    fn note(&self) {
        let now = now();
        self.longest.set(self.longest.get().max(now - self.last.get()));
        self.last.set(now);
    }

    fn ask_for_next(&self) {
        if let Some(on_frame) = &*self.on_frame.borrow() {
            let asked = the_window().request_animation_frame(on_frame.as_ref().unchecked_ref());
            self.asked.set(asked.ok());
        }
    }
}

impl FrameMeter {
    /// Begins to measure.
    pub fn start() -> FrameMeter {
        let marks = Rc::new(Marks {
            last: Cell::new(now()),
            longest: Cell::new(0.0),
            frames: Cell::new(0),
            asked: Cell::new(None),
            on_frame: RefCell::new(None),
        });
        let noted = marks.clone();
        *marks.on_frame.borrow_mut() = Some(Closure::new(move || {
            noted.note();
            noted.frames.set(noted.frames.get() + 1);
            noted.ask_for_next();
        }));
        marks.ask_for_next();
        FrameMeter { marks }
    }

    /// The longest gap in milliseconds, the one that is still open included; absent if the page was hidden, for then it
    /// draws no frames and the gap says nothing.
    pub fn stop(self) -> Option<f64> {
        let hidden = the_window().document().is_some_and(|document| document.hidden());
        self.marks.note();
        // A frame that comes after the closure is gone would call into nothing. On a busy machine it may come late.
        if let Some(asked) = self.marks.asked.take() {
            drop(the_window().cancel_animation_frame(asked));
        }
        // The closure holds the marks and they hold it; without this neither would ever be freed.
        self.marks.on_frame.take();
        let longest = self.marks.longest.get();
        (self.marks.frames.get() > 0 || !hidden).then_some(longest)
    }
}
