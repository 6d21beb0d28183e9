use serde::Deserialize;
use serde_json::Value;

/// What `interleave.run()` resolves to.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The experiment as a link's query.
    pub experiment: String,
    /// One for each model asked for.
    pub results: Vec<ModelResult>,
    /// The longest time between two frames of the page while the models ran; absent when it drew none.
    pub longest_frame_gap_millis: Option<f64>,
    /// Why it ended.
    pub end: Option<String>,
}

/// What one model left behind.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelResult {
    /// The model's slug.
    pub model: String,
    /// How its run ended.
    pub outcome: Outcome,
    /// Why it did not finish.
    pub reason: Option<String>,
    /// From start to answer: the median of its runs.
    pub nanos: Option<f64>,
    /// That time compared with the baseline's.
    pub ratio: Option<f64>,
    /// Where the ratio lies; absent for too few runs.
    pub ratio_interval: Option<[f64; 2]>,
    /// What can be said of the ratio.
    pub verdict: Option<String>,
    /// Every run.
    #[serde(default)]
    pub runs: Vec<Run>,
    /// What the work came to.
    pub answer: Option<Value>,
    /// By how much the answer falls short because updates of a shared cell were lost.
    #[serde(default)]
    pub lost_updates: f64,
    /// Jobs whose answers never came.
    #[serde(default, rename = "lostJobs")]
    pub lost_jobs: f64,
    /// How often a job was begun that had been begun before.
    #[serde(default, rename = "repeatedJobs")]
    pub repeated_jobs: f64,
    /// Where loop lanes ran.
    pub place: Option<String>,
    /// What recording costs there.
    pub recorder: Option<Recorder>,
    /// How the pages that its jobs fetched were answered.
    pub pages: Option<String>,
    /// Spans that found no room in the buffers.
    #[serde(default)]
    pub dropped: f64,
    /// What happened, lane by lane.
    #[serde(default)]
    pub lanes: Vec<Lane>,
}

/// One of several runs of a model.
#[derive(Clone, Debug, Deserialize)]
pub struct Run {
    /// The round it belongs to, from one.
    pub round: u32,
    /// From start to answer.
    pub nanos: f64,
}

/// What recording costs, in nanoseconds.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recorder {
    /// To read the clock.
    pub clock_nanos: f64,
    /// To begin a span whose time has been read.
    pub span_nanos: f64,
}

/// How a model's run ended.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Finished,
    Failed,
    Unavailable,
    Stopped,
}

/// A row of the timeline.
#[derive(Clone, Debug, Deserialize)]
pub struct Lane {
    /// As the page shows it.
    pub name: String,
    /// What kind of thing ran it.
    pub kind: String,
    /// In the order recorded.
    pub spans: Vec<Span>,
}

/// An interval of a lane in one state; times in nanoseconds from the run's start.
#[derive(Clone, Debug, Deserialize)]
pub struct Span {
    /// What the lane did.
    pub state: String,
    /// When it began.
    pub start: f64,
    /// When it ended.
    pub end: f64,
    /// The job it was for, counted from zero.
    pub job: Option<u32>,
    /// What the lane waited for.
    #[serde(rename = "waitsFor")]
    pub waits_for: Option<String>,
}

impl Report {
    /// The result of one model.
    #[track_caller]
    pub fn of(&self, model: &str) -> &ModelResult {
        let found = self.results.iter().find(|result| result.model == model);
        found.unwrap_or_else(|| panic!("the report has no result for {model}: {:?}", self.results))
    }
}

impl ModelResult {
    /// The answer as a number, however it was written.
    pub fn number(&self) -> Option<f64> {
        match self.answer.as_ref()? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The spans in one state of each lane of a kind that has any.
    pub fn lanes_in(&self, kind: &str, state: &str) -> Vec<Vec<&Span>> {
        let lanes = self.lanes.iter().filter(|lane| lane.kind == kind);
        let lanes = lanes.map(|lane| lane.spans.iter().filter(|span| span.state == state).collect());
        lanes.filter(|spans: &Vec<_>| !spans.is_empty()).collect()
    }
}

/// For how long something of one list and something of another happened at once, in nanoseconds.
pub fn shared_nanos(one: &[&Span], other: &[&Span]) -> f64 {
    let pairs = one.iter().flat_map(|a| other.iter().map(move |b| a.end.min(b.end) - a.start.max(b.start)));
    pairs.filter(|nanos| *nanos > 0.0).sum()
}

/// The longest that any two of these lists share.
pub fn most_shared_nanos(lists: &[Vec<&Span>]) -> f64 {
    let later = |index: usize| lists[index + 1..].iter();
    let pairs = lists.iter().enumerate().flat_map(|(index, one)| later(index).map(|other| shared_nanos(one, other)));
    pairs.fold(0.0, f64::max)
}

#[test]
fn only_what_happens_at_once_is_shared() {
    let span = |start, end| Span { state: "computing".into(), start, end, job: None, waits_for: None };
    let (first, second, third) = (span(0.0, 10.0), span(6.0, 12.0), span(12.0, 20.0));
    assert_eq!(shared_nanos(&[&first], &[&second, &third]), 4.0);
    assert_eq!(shared_nanos(&[&second], &[&third]), 0.0);
    assert_eq!(most_shared_nanos(&[vec![&second], vec![&third], vec![&first]]), 4.0);
    assert_eq!(most_shared_nanos(&[vec![&second]]), 0.0);
}
