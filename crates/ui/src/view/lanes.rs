//! The timeline: what each lane did, on the axis of the bars.
//!
//! ```text
//!                      0        100       200 ms
//!  work-stealing pool  │
//!           thread 1   █████████████████
//!           thread 2   ██████████████████
//!                      ↑ `x = 0` is when the model began to run its jobs
//! ```

use std::rc::Rc;

use session::catalog::{Home, Place};
use session::trace::{LaneRecord, Recording, State as LaneState};
use session::{Outcome, Phase, ResultRow, State};
use yew::{Html, NodeRef, Properties, component, html};

use crate::chart::{Axis, shape};
use crate::texts::Texts;

/// Lanes drawn per model. More would be a page of hairlines; the rest is counted.
const MOST: usize = 24;
const LANE_HEIGHT: f64 = 12.0;
const AXIS_HEIGHT: f64 = 22.0;

/// Axis and lanes. `plot` is given to the element as wide as every plot.
pub fn timeline(state: &State, texts: &'static Texts, axis: &Axis, plot: &NodeRef) -> Html {
    // Drawing takes the page's time and a processor, which belong to the run while one is on.
    let at_rest = matches!(state.phase, Phase::Ready);
    let rows = state.report.iter().filter(|_| at_rest).flat_map(|report| &report.rows);
    let drawn: Vec<Html> = rows
        .filter_map(|row| match &row.outcome {
            Outcome::Finished { recording, .. } => Some(model(row, recording, state, texts, axis)),
            _ => None,
        })
        .collect();
    html! {
        <div class="timeline" role="group" aria-label={texts.timeline} data-part="lanes">
            { patterns() }
            <div class="row axis-row">
                <span class="row-name axis-name">{ texts.axis }</span>
                <span class="row-plot" ref={plot.clone()}>{ scale(axis) }</span>
            </div>
            if drawn.is_empty() {
                <p class="note timeline-empty">{ if at_rest { texts.timeline_empty } else { texts.timeline_later } }</p>
            } else {
                { drawn }
            }
        </div>
    }
}

fn scale(axis: &Axis) -> Html {
    let ticks = axis.ticks().into_iter().map(|tick| {
        let x = format!("{:.1}", tick.x);
        let anchor = if tick.x < 8.0 {
            "start"
        } else if tick.x > axis.width - 16.0 {
            "end"
        } else {
            "middle"
        };
        html! {
            <g>
                <line x1={x.clone()} x2={x.clone()} y1="16" y2={AXIS_HEIGHT.to_string()} />
                <text {x} y="12" text-anchor={anchor}>{ tick.label }</text>
            </g>
        }
    });
    html! { <svg class="axis" height={AXIS_HEIGHT.to_string()} aria-hidden="true">{ for ticks }</svg> }
}

fn model(row: &ResultRow, recording: &Rc<Recording>, state: &State, texts: &'static Texts, axis: &Axis) -> Html {
    let name = row.model.row().name.in_language(state.language);
    let place = match (row.model.row().home, row.place) {
        (Home::Loop, Place::Page) => texts.places[1],
        (Home::Loop, Place::Worker) => texts.places[2],
        _ => "",
    };
    let beyond = recording.lanes.len().saturating_sub(MOST) as u64 + u64::from(recording.dropped_lanes);
    html! {
        <div class="lanes" role="group" aria-label={name} data-model={row.model.row().slug}>
            <p class="lanes-name">
                { name }
                if !place.is_empty() { <span class="note">{ place }</span> }
                <span class="note lanes-summary">{ row.model.row().summary.in_language(state.language) }</span>
            </p>
            <Lanes recording={recording.clone()} axis={*axis} language={state.language.tag()} lane_name={texts.lane} />
            if beyond > 0 {
                <p class="note lanes-beyond">{ (texts.lanes_not_drawn)(beyond) }</p>
            }
        </div>
    }
}

#[derive(Properties)]
struct LanesProperties {
    recording: Rc<Recording>,
    axis: Axis,
    language: &'static str,
    lane_name: fn(session::trace::LaneKind, u32) -> String,
}

/// A recording never changes, so the same one need not be drawn again.
impl PartialEq for LanesProperties {
    fn eq(&self, other: &LanesProperties) -> bool {
        Rc::ptr_eq(&self.recording, &other.recording) && self.axis == other.axis && self.language == other.language
    }
}

#[component]
fn Lanes(properties: &LanesProperties) -> Html {
    let recording = &properties.recording;
    let lanes = recording.lanes.iter().take(MOST).map(|record| {
        html! {
            <div class="row lane">
                <span class="row-name">{ (properties.lane_name)(record.lane.kind, record.lane.number) }</span>
                <span class="row-plot">{ lane(record, recording.start_nanos, &properties.axis) }</span>
            </div>
        }
    });
    html! { <>{ for lanes }</> }
}

fn lane(record: &LaneRecord, origin: u64, axis: &Axis) -> Html {
    let shapes = shape(record, origin, axis, LANE_HEIGHT).into_iter().map(|shape| {
        let slug = shape.state.slug();
        html! { <path class={slug} fill={fill(shape.state)} d={shape.path} /> }
    });
    html! { <svg class="lane-plot" height={LANE_HEIGHT.to_string()} aria-hidden="true">{ for shapes }</svg> }
}

/// A pattern's address must stand in the page itself: in a style sheet it would be looked for there.
fn fill(state: LaneState) -> String {
    format!("url(#pattern-{})", state.slug())
}

/// Colour and pattern of each state. Whoever cannot tell the colours apart has the pattern.
fn patterns() -> Html {
    let ink = |state: LaneState| match state {
        LaneState::Computing => html! {},
        LaneState::Waiting => html! { <circle cx="2" cy="2" r="0.9" /> },
        LaneState::Blocked => html! { <path d="M0 0h1.6v6h-1.6zM3 0h1.6v6h-1.6z" /> },
        LaneState::Copying => html! { <path d="M-1 1l2-2M0 6l6-6M5 7l2-2" /> },
        LaneState::Starting => html! { <path d="M0 1h6M0 4h6" /> },
        LaneState::Idle => html! { <path d="M0 6h6" /> },
    };
    let patterns = LaneState::ALL.into_iter().map(|state| {
        let slug = state.slug();
        // Idle is one line along the middle of the lane; the others repeat.
        let height = if state == LaneState::Idle { LANE_HEIGHT } else { 6.0 }.to_string();
        html! {
            <pattern id={format!("pattern-{slug}")} class={slug} width="6" height={height.clone()}
                patternUnits="userSpaceOnUse">
                <rect width="6" {height} />
                { ink(state) }
            </pattern>
        }
    });
    html! { <svg class="patterns" width="0" height="0" aria-hidden="true"><defs>{ for patterns }</defs></svg> }
}

/// What the colours and patterns mean.
pub fn legend(texts: &Texts) -> Html {
    let entries = LaneState::ALL.into_iter().map(|state| {
        html! {
            <li>
                <svg width="22" height="12" aria-hidden="true"><rect width="22" height="12" fill={fill(state)} /></svg>
                { (texts.state)(state) }
            </li>
        }
    });
    html! { <ul class="legend">{ for entries }</ul> }
}
