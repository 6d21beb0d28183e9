//! The timeline: what each lane did, on the axis of the bars.
//!
//! ```text
//!                      0        100       200 ms
//!  work-stealing pool  │
//!           thread 1   █████████████████
//!           thread 2   ██████████████████
//!                      ↑ `x = 0` is when the model began to run its jobs
//! ```
//!
//! Pointing at a lane says what it did there and what it waited for; whoever listens hears the sums of each lane.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::rc::Rc;

use session::catalog::{Home, Place};
use session::figures::millis_from_nanos;
use session::trace::{LaneRecord, MarkKind, Recording, Share, State as LaneState};
use session::{Outcome, Phase, ResultRow, State};
use wasm_bindgen::JsCast;
use yew::{Callback, Html, NodeRef, PointerEvent, Properties, classes, component, html, use_state_eq};

use crate::chart::{Axis, DRAWN, REACH, glyph, marks, shape};
use crate::texts::Texts;

/// Lanes drawn per model. More would be a page of hairlines; the rest is counted.
const MOST: usize = 24;
/// What a lane waited for that its description names: of many locks and queues those that took longest.
const MOST_WAITS: usize = 6;
const LANE_HEIGHT: f64 = 12.0;
const AXIS_HEIGHT: f64 = 22.0;

/// Axis and lanes. `plot` is given to the element as wide as every plot.
pub fn timeline(state: &State, texts: &'static Texts, axis: &Axis, plot: &NodeRef) -> Html {
    // Drawing takes the page's time and a processor, which belong to the run while one is on.
    let at_rest = matches!(state.phase, Phase::Ready);
    let rows = state.report.iter().filter(|_| at_rest).flat_map(|report| report.in_order(state.order_shown()));
    let drawn: Vec<Html> = rows
        .filter(|row| row.outcome == Outcome::Finished)
        .filter_map(|row| Some(model(row, &row.typical.as_ref()?.recording, state, texts, axis)))
        .collect();
    // On a phone it scrolls sideways, which has to be possible without a finger too.
    html! {
        <div class="timeline" role="group" aria-label={texts.timeline} data-part="lanes" tabindex="0">
            { patterns() }
            <div class="row axis-row">
                <span class="row-name axis-name">{ texts.axis }</span>
                <span class="row-plot" ref={plot.clone()}>{ scale(axis) }</span>
            </div>
            if drawn.is_empty() {
                <p class="note timeline-empty">{ if at_rest { texts.timeline_empty } else { texts.timeline_later } }</p>
            } else {
                { drawn }
                { recorder(state, texts) }
            }
        </div>
    }
}

/// What recording has cost the run of which it took the largest part.
fn recorder(state: &State, texts: &Texts) -> Html {
    let rows = state.report.iter().flat_map(|report| &report.rows);
    let shares = rows.filter(|row| row.outcome == Outcome::Finished).filter_map(|row| {
        let recording = &row.typical.as_ref()?.recording;
        Some((recording.recording_share()?, recording, row.model))
    });
    let largest = shares.max_by(|(one, ..), (other, ..)| one.total_cmp(other));
    let said = largest.and_then(|(share, recording, model)| {
        let percent = share * 100.0;
        let places = if percent < 0.1 { 3 } else { 1 };
        let percent = format!("{percent:.places$}");
        let name = model.row().name.in_language(state.language);
        Some((texts.recorder)(name, recording.spans(), recording.recorder?.nanos(), &percent))
    });
    html! { <p class="note recorder" data-part="recorder">{ said }</p> }
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
    let row_of_model = row.model.row();
    let place = match (row_of_model.home, row.place) {
        (Home::Loop, Place::Page) => texts.places[1],
        (Home::Loop, Place::Worker) => texts.places[2],
        _ => "",
    };
    html! {
        <OfModel key={row_of_model.slug} name={row_of_model.name.in_language(state.language)} slug={row_of_model.slug} {place}
            summary={row_of_model.summary.in_language(state.language)} recording={recording.clone()} axis={*axis} {texts} />
    }
}

#[derive(Properties)]
struct OfModelProperties {
    name: &'static str,
    slug: &'static str,
    place: &'static str,
    summary: &'static str,
    recording: Rc<Recording>,
    axis: Axis,
    texts: &'static Texts,
}

/// A recording never changes, so the same one need not be drawn again.
impl PartialEq for OfModelProperties {
    fn eq(&self, other: &OfModelProperties) -> bool {
        Rc::ptr_eq(&self.recording, &other.recording)
            && self.axis == other.axis
            && self.place == other.place
            && std::ptr::eq(self.texts, other.texts)
    }
}

/// Where the reader points: a lane, and a time since the run's epoch.
type Spot = Option<(usize, u64)>;

#[component]
fn OfModel(properties: &OfModelProperties) -> Html {
    let OfModelProperties { name, slug, place, summary, recording, axis, texts } = properties;
    let pointed = use_state_eq(Spot::default);
    let point = Callback::from({
        let pointed = pointed.setter();
        move |spot| pointed.set(spot)
    });
    let reach_nanos = axis.nanos_from_x(REACH);
    let said = pointed.and_then(|(lane, at_nanos)| what_happened(recording, lane, (at_nanos, reach_nanos), texts));
    let beyond = recording.lanes.len().saturating_sub(MOST) as u64 + u64::from(recording.dropped_lanes);
    html! {
        <div class="lanes" role="group" aria-label={*name} data-model={*slug}>
            <p class="lanes-name">
                { *name }
                if !place.is_empty() { <span class="note">{ *place }</span> }
                if let Some(said) = said {
                    <span class="note lanes-said" data-part="lane-said">{ said }</span>
                } else {
                    <span class="note lanes-summary">{ *summary }</span>
                }
            </p>
            <Lanes recording={recording.clone()} axis={*axis} {texts} {point} />
            if beyond > 0 {
                <p class="note lanes-beyond">{ (texts.lanes_not_drawn)(beyond) }</p>
            }
        </div>
    }
}

/// What a lane did at a time, from when to when, for which job, and what it waited for; and what happened about then.
fn what_happened(
    recording: &Recording,
    lane: usize,
    (at_nanos, reach_nanos): (u64, u64),
    texts: &Texts,
) -> Option<String> {
    let record = recording.lanes.get(lane)?;
    let since_start = |nanos: u64| millis_from_nanos(nanos.saturating_sub(recording.start_nanos));
    let mut parts = Vec::new();
    if let Some(span) = record.span_at(at_nanos) {
        parts.push((texts.from_to)(&since_start(span.start_nanos), &since_start(span.end_nanos)));
        parts.extend(span.job.map(|job| (texts.job)(job + 1)));
        parts.push((texts.state)(span.state).to_owned());
        parts.extend(span.wait.map(texts.waits_for));
    }
    let near = record.marks.iter().filter(|mark| mark.at_nanos.abs_diff(at_nanos) <= reach_nanos);
    let kinds: Vec<MarkKind> = near.map(|mark| mark.kind).collect();
    parts.extend(DRAWN.into_iter().filter(|kind| kinds.contains(kind)).map(|kind| (texts.mark)(kind).to_owned()));
    if parts.is_empty() {
        return None;
    }
    parts.insert(0, (texts.lane)(record.lane.kind, record.lane.number));
    Some(parts.join(" · "))
}

#[derive(Properties)]
struct LanesProperties {
    recording: Rc<Recording>,
    axis: Axis,
    texts: &'static Texts,
    point: Callback<Spot>,
}

/// What is called when the reader points is always the same.
impl PartialEq for LanesProperties {
    fn eq(&self, other: &LanesProperties) -> bool {
        Rc::ptr_eq(&self.recording, &other.recording)
            && self.axis == other.axis
            && std::ptr::eq(self.texts, other.texts)
    }
}

#[component]
fn Lanes(properties: &LanesProperties) -> Html {
    let LanesProperties { recording, axis, texts, point } = properties;
    let lanes = recording.lanes.iter().take(MOST).enumerate().map(|(index, record)| {
        let (axis, origin) = (*axis, recording.start_nanos);
        let over = point.reform(move |event: PointerEvent| {
            // The path or the picture itself, whose left edge is not the plot's.
            let pointed_at = event.target()?.dyn_into::<web_sys::Element>().ok()?;
            let plot = pointed_at.closest(".row-plot").ok()??;
            let x = f64::from(event.client_x()) - plot.get_bounding_client_rect().left();
            Some((index, origin + axis.nanos_from_x(x)))
        });
        let away = point.reform(|_: PointerEvent| None);
        html! {
            <div class="row lane">
                <span class="row-name">{ (texts.lane)(record.lane.kind, record.lane.number) }</span>
                <span class="row-plot" onpointermove={over.clone()} onpointerdown={over} onpointerout={away}>
                    { lane(record, origin, &axis, texts) }
                </span>
            </div>
        }
    });
    html! { <>{ for lanes }</> }
}

fn lane(record: &LaneRecord, origin: u64, axis: &Axis, texts: &Texts) -> Html {
    let shapes = shape(record, origin, axis, LANE_HEIGHT).into_iter().map(|shape| {
        let slug = shape.state.slug();
        html! { <path class={slug} fill={fill(shape.state)} d={shape.path} /> }
    });
    html! {
        <svg class="lane-plot" height={LANE_HEIGHT.to_string()} role="img" aria-label={description(record, texts)}>
            { for shapes }
            { for marks(record, origin, axis).into_iter().map(|(kind, path)| html! {
                <path class={classes!("mark", kind.slug())} d={path} />
            }) }
        </svg>
    }
}

/// What a lane's time went into, and what became of its messages, in words.
fn description(record: &LaneRecord, texts: &Texts) -> String {
    let mut shares = record.shares();
    let mut waits: Vec<Share> = shares.iter().filter(|share| share.wait.is_some()).copied().collect();
    waits.sort_by_key(|share| Reverse(share.nanos));
    waits.truncate(MOST_WAITS);
    shares.retain(|share| share.wait.is_none() || waits.contains(share));
    let said = shares.iter().map(|Share { state, wait, nanos }| {
        let wait = wait.map(texts.waits_for);
        (texts.share)((texts.state)(*state), &millis_from_nanos(*nanos), wait.as_deref())
    });
    let count = |kind| (kind, record.marks.iter().filter(|mark| mark.kind == kind).count());
    let counts = DRAWN.into_iter().map(count).filter(|(_, times)| *times > 0);
    let counts = counts.map(|(kind, times)| (texts.marks)((texts.mark)(kind), times));
    said.chain(counts).collect::<Vec<_>>().join(texts.between)
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

/// What the colours and patterns mean, and the marks, where there are any.
pub fn legend(state: &State, texts: &Texts) -> Html {
    let rows = state.report.iter().flat_map(|report| &report.rows);
    let recordings = rows.filter_map(|row| row.typical.as_ref()).map(|typical| &typical.recording);
    let happened = recordings.flat_map(|recording| &recording.lanes).flat_map(|lane| &lane.marks);
    let kinds: BTreeSet<MarkKind> = happened.map(|mark| mark.kind).collect();
    let marks = DRAWN.into_iter().filter(|kind| kinds.contains(kind)).map(|kind| {
        html! {
            <li>
                <svg width="12" height="12" aria-hidden="true">
                    <path class={classes!("mark", kind.slug())} d={glyph(kind, 6.0)} />
                </svg>
                { (texts.mark)(kind) }
            </li>
        }
    });
    let entries = LaneState::ALL.into_iter().map(|state| {
        html! {
            <li>
                <svg width="22" height="12" aria-hidden="true"><rect width="22" height="12" fill={fill(state)} /></svg>
                { (texts.state)(state) }
            </li>
        }
    });
    html! { <ul class="legend">{ for entries }{ for marks }</ul> }
}
