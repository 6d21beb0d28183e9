//! An experiment as the query of a link. Whatever stands there was written by someone else: every part is checked.

use core::fmt;

use crate::{
    BUDGET, CHUNK, DIES_AFTER, Experiment, GilSettings, LANES, LaneChoice, MODELS, ModelId, OutOfLimits, PRECISION,
    PREFETCH, Place, PlaceChoice, REPEATS, Repeats, SWITCH, ScriptError, WorkloadId,
};

/// The longest query that is looked at.
const LONGEST: usize = 4096;

/// What is wrong with a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// The query has more bytes than any experiment needs.
    TooLong(usize),
    /// No workload has that name.
    UnknownWorkload(String),
    /// No model has that name.
    UnknownModel(String),
    /// One of two words belongs here, and this is neither.
    UnknownWord {
        /// The parameter's name in links.
        slug: &'static str,
        /// The words that belong here.
        words: [&'static str; 2],
        /// What stands there.
        value: String,
    },
    /// Something else than a whole number stands where one belongs.
    NotANumber {
        /// The parameter's name in links.
        slug: &'static str,
        /// What stands there.
        value: String,
    },
    /// A number is beyond its limits.
    OutOfLimits(OutOfLimits),
    /// The jobs that stand there cannot be read.
    Script(ScriptError),
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkError::TooLong(bytes) => write!(f, "the link has {bytes} bytes, more than {LONGEST}"),
            LinkError::UnknownWorkload(name) => write!(f, "there is no workload “{name}”"),
            LinkError::UnknownModel(name) => write!(f, "there is no model “{name}”"),
            LinkError::UnknownWord { slug, words: [one, other], value } => {
                write!(f, "{slug} = “{value}” is neither “{one}” nor “{other}”")
            }
            LinkError::NotANumber { slug, value } => write!(f, "{slug} = “{value}” is not a whole number"),
            LinkError::OutOfLimits(error) => error.fmt(f),
            LinkError::Script(error) => write!(f, "the jobs cannot be read: {error}"),
        }
    }
}

impl core::error::Error for LinkError {}

impl From<OutOfLimits> for LinkError {
    fn from(error: OutOfLimits) -> LinkError {
        LinkError::OutOfLimits(error)
    }
}

/// What a reader is shown of a stranger's text.
fn excerpt(value: &str) -> String {
    value.chars().filter(|character| !character.is_control()).take(40).collect()
}

fn number(slug: &'static str, value: &str) -> Result<u64, LinkError> {
    value.parse().map_err(|_| LinkError::NotANumber { slug, value: excerpt(value) })
}

const PLACES: [&str; 2] = [Place::Page.slug(), Place::Worker.slug()];
/// The interpreter whose threads switch anywhere, and the one whose threads do not.
const PYTHONS: [&str; 2] = ["3.9", "3.10"];
const GILS: [&str; 2] = ["on", "off"];
/// As many lanes as Python would take.
const AUTOMATIC: &str = "auto";
/// When a consumer acknowledges a message.
const ACKNOWLEDGEMENTS: [&str; 2] = ["late", "early"];

/// Whether the first of two words stands there and not the second.
fn first_word(slug: &'static str, words: [&'static str; 2], value: &str) -> Result<bool, LinkError> {
    match words.iter().position(|word| *word == value) {
        Some(index) => Ok(index == 0),
        None => Err(LinkError::UnknownWord { slug, words, value: excerpt(value) }),
    }
}

/// Keys that are not ours (a tracker's, say) are left alone.
pub(crate) fn parse(query: &str) -> Result<Experiment, LinkError> {
    let query = query.strip_prefix('?').unwrap_or(query);
    if query.len() > LONGEST {
        return Err(LinkError::TooLong(query.len()));
    }
    let pairs = || query.split('&').filter_map(|pair| pair.split_once('='));
    let mut experiment = match pairs().find(|(key, _)| *key == "work") {
        Some((_, slug)) => {
            Experiment::of(WorkloadId::from_slug(slug).ok_or_else(|| LinkError::UnknownWorkload(excerpt(slug)))?)
        }
        None => Experiment::default(),
    };
    for (key, value) in pairs() {
        match key {
            "models" => experiment.models = models(value)?,
            "script" if experiment.workload == WorkloadId::Custom => {
                experiment = experiment.with_script(&decoded(value)).map_err(LinkError::Script)?;
            }
            "lanes" if value == AUTOMATIC => experiment.lanes = LaneChoice::Automatic,
            "lanes" => {
                experiment.lanes = LaneChoice::Fixed(LANES.check(number(LANES.slug, value)?)? as u32);
            }
            "seed" => experiment.seed = number("seed", value)?,
            "place" => {
                let on_page = first_word("place", PLACES, value)?;
                experiment.place = PlaceChoice::Fixed(if on_page { Place::Page } else { Place::Worker });
            }
            "switch" => experiment.gil.switch_micros = SWITCH.check(number(SWITCH.slug, value)?)? as u32,
            "python" => experiment.gil.switches_anywhere = first_word("python", PYTHONS, value)?,
            "gil" => experiment.pool_has_gil = first_word("gil", GILS, value)?,
            "repeats" => experiment.repeats = Repeats::Fixed(REPEATS.check(number(REPEATS.slug, value)?)? as u32),
            "precision" => {
                let percent = PRECISION.check(number(PRECISION.slug, value)?)? as u32;
                experiment.repeats = match experiment.repeats {
                    Repeats::UntilPrecise { seconds, .. } => Repeats::UntilPrecise { percent, seconds },
                    fixed @ Repeats::Fixed(_) => fixed,
                };
            }
            "budget" => {
                let seconds = BUDGET.check(number(BUDGET.slug, value)?)? as u32;
                experiment.repeats = match experiment.repeats {
                    Repeats::UntilPrecise { percent, .. } => Repeats::UntilPrecise { percent, seconds },
                    fixed @ Repeats::Fixed(_) => fixed,
                };
            }
            "chunk" => experiment.chunk = CHUNK.check(number(CHUNK.slug, value)?)? as u32,
            "prefetch" => experiment.messages.prefetch = PREFETCH.check(number(PREFETCH.slug, value)?)? as u32,
            "ack" => experiment.messages.acknowledges_late = first_word("ack", ACKNOWLEDGEMENTS, value)?,
            "dies" => experiment.messages.dies_after = DIES_AFTER.check(number(DIES_AFTER.slug, value)?)? as u32,
            _ => {
                let params = experiment.workload.row().params;
                if let Some(index) = params.iter().position(|param| param.slug == key) {
                    experiment.values[index] = params[index].check(number(params[index].slug, value)?)?;
                }
            }
        }
    }
    Ok(experiment)
}

fn models(list: &str) -> Result<Vec<ModelId>, LinkError> {
    let list = list.replace("%2C", ",").replace("%2c", ",");
    let mut named = Vec::new();
    for slug in list.split(',').filter(|slug| !slug.is_empty()) {
        named.push(ModelId::from_slug(slug).ok_or_else(|| LinkError::UnknownModel(excerpt(slug)))?);
    }
    Ok(MODELS.iter().map(|model| model.id).filter(|id| named.contains(id)).collect())
}

/// A text as it stands in a query: blanks as plus signs, and what could be taken for something else by its bytes.
fn encoded(text: &str) -> String {
    let mut query = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b';' => query.push(byte.into()),
            b' ' => query.push('+'),
            _ => query += &format!("%{byte:02X}"),
        }
    }
    query
}

/// What stands in a query as a text. What is no text becomes signs that no script has.
fn decoded(query: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = query.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = |digit: u8| char::from(digit).to_digit(16);
        (bytes, rest) = match (first, after) {
            (b'%', [high, low, behind @ ..]) if hex(*high).zip(hex(*low)).is_some() => {
                let byte = hex(*high).zip(hex(*low)).map_or(0, |(high, low)| high * 16 + low);
                bytes.push(byte as u8);
                (bytes, behind)
            }
            (byte, after) => {
                bytes.push(if *byte == b'+' { b' ' } else { *byte });
                (bytes, after)
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(crate) fn write(experiment: &Experiment) -> String {
    let workload = experiment.workload.row();
    let mut link = format!("work={}", workload.slug);
    for (param, value) in workload.params.iter().zip(&experiment.values) {
        link += &format!("&{}={value}", param.slug);
    }
    if experiment.workload == WorkloadId::Custom {
        link += &format!("&script={}", encoded(&experiment.script));
    }
    let slugs: Vec<_> = experiment.models.iter().map(|model| model.row().slug).collect();
    link += &format!("&models={}&lanes=", slugs.join(","));
    link += &match experiment.lanes {
        LaneChoice::Automatic => AUTOMATIC.to_owned(),
        LaneChoice::Fixed(lanes) => lanes.to_string(),
    };
    let GilSettings { switch_micros, switches_anywhere } = experiment.gil;
    if experiment.gil != GilSettings::default() {
        link += &format!("&switch={switch_micros}&python={}", PYTHONS[usize::from(!switches_anywhere)]);
    }
    if !experiment.pool_has_gil {
        link += "&gil=off";
    }
    if u64::from(experiment.chunk) != CHUNK.default {
        link += &format!("&chunk={}", experiment.chunk);
    }
    if u64::from(experiment.messages.prefetch) != PREFETCH.default {
        link += &format!("&prefetch={}", experiment.messages.prefetch);
    }
    if experiment.messages.acknowledges_late {
        link += "&ack=late";
    }
    if u64::from(experiment.messages.dies_after) != DIES_AFTER.default {
        link += &format!("&dies={}", experiment.messages.dies_after);
    }
    if let PlaceChoice::Fixed(place) = experiment.place {
        link += &format!("&place={}", place.slug());
    }
    link += &match experiment.repeats {
        usual if usual == Repeats::default() => String::new(),
        Repeats::Fixed(runs) => format!("&repeats={runs}"),
        Repeats::UntilPrecise { percent, seconds } => format!("&precision={percent}&budget={seconds}"),
    };
    link + &format!("&seed={}", experiment.seed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::MessageSettings;

    #[track_caller]
    fn check(link: &str, expected: &str) {
        let found = match parse(link) {
            Ok(experiment) => write(&experiment),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected);
    }

    const ALL: &str = "models=sequential,threads-gil,threads-free,processes,event-loop&lanes=auto&seed=1";

    #[test]
    fn nothing_means_the_default() {
        check("", &format!("work=primes&jobs=4&size=1000000&{ALL}"));
    }

    #[test]
    fn models_stand_in_the_order_of_the_page_and_once() {
        check(
            "?models=event-loop%2Csequential,event-loop",
            "work=primes&jobs=4&size=1000000&models=sequential,event-loop&lanes=auto&seed=1",
        );
    }

    #[test]
    fn strangers_keys_are_left_alone() {
        check("utm_source=x&work=sleeping&size=7", &format!("work=sleeping&jobs=4&millis=200&{ALL}"));
    }

    #[test]
    fn repeats_are_written_unless_they_are_the_usual_ones() {
        let named =
            |repeats: &str| format!("work=primes&jobs=4&size=1000000&models=sequential&lanes=auto{repeats}&seed=1");
        check("models=sequential&repeats=1", &named("&repeats=1"));
        check("models=sequential&budget=60", &named("&precision=2&budget=60"));
        check("models=sequential&precision=2&budget=20", &named(""));
        // A number of runs leaves nothing to be precise about.
        check("models=sequential&repeats=3&precision=1&budget=5", &named("&repeats=3"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        check("work=gravity", "there is no workload “gravity”");
        check("models=sequential,fibers", "there is no model “fibers”");
        check("jobs=1000000", "jobs = 1000000 is outside 1 to 64");
        check("jobs=-1", "jobs = “-1” is not a whole number");
        check("size=1e9", "size = “1e9” is not a whole number");
        check("lanes=0", "lanes = 0 is outside 1 to 32");
        check("lanes=99999999999999999999", "lanes = “99999999999999999999” is not a whole number");
        check("place=moon", "place = “moon” is neither “page” nor “worker”");
        check("ack=never", "ack = “never” is neither “late” nor “early”");
        check("prefetch=0", "prefetch = 0 is outside 1 to 64");
        check("python=2.7", "python = “2.7” is neither “3.9” nor “3.10”");
        check("repeats=0", "repeats = 0 is outside 1 to 100");
        check("precision=x", "precision = “x” is not a whole number");
        check("budget=601", "budget = 601 is outside 1 to 600");
        check("work=custom&script=jump", "the jobs cannot be read: line 1, column 1: there is no step “jump”");
        check("switch=0", "switch = 0 is outside 50 to 1000000");
        check(&"x".repeat(5000), "the link has 5000 bytes, more than 4096");
    }

    #[test]
    fn the_readers_own_jobs_stand_in_the_link() {
        let text = "# 50 % & more\n2 x wait 5 ms; lock é";
        let experiment = Experiment::of(WorkloadId::Custom).with_script(&text.replace('é', "e")).expect("a script");
        assert_eq!(parse(&write(&experiment)), Ok(experiment.clone()));
        assert!(write(&experiment).contains("&script=%23+50+%25+%26+more%0A2+x+wait+5+ms;+lock+e&"));
        assert_eq!(experiment.jobs(), 2);
        assert_eq!(decoded(&encoded(text)), text);
        assert_eq!(decoded("%zz%4"), "%zz%4");
    }

    proptest! {
        #[test]
        fn any_text_survives_the_link(text in ".{0,100}") {
            prop_assert_eq!(decoded(&encoded(&text)), text);
        }

        #[test]
        fn any_text_gives_an_experiment_or_an_error(text in ".{0,200}") {
            let _ = parse(&text);
        }

        #[test]
        fn what_is_written_is_read_back(
            jobs in 1u64..=64, size in 1_000u64..=10_000_000, lanes in 0u32..=32, seed: u64,
            mask in 0usize..1 << MODELS.len(), switch_micros in 50u32..=1_000_000, switches_anywhere: bool,
            pool_has_gil: bool, chunk in 1u32..=64, prefetch in 1u32..=64, acknowledges_late: bool, dies_after in 0u32..=64,
            repeats in prop_oneof![
                (1u32..=100).prop_map(Repeats::Fixed),
                (1u32..=50, 1u32..=600).prop_map(|(percent, seconds)| Repeats::UntilPrecise { percent, seconds }),
            ],
        ) {
            let mut experiment = Experiment::of(WorkloadId::Primes);
            experiment.values = vec![jobs, size];
            experiment.lanes = if lanes == 0 { LaneChoice::Automatic } else { LaneChoice::Fixed(lanes) };
            experiment.seed = seed;
            experiment.gil = GilSettings { switch_micros, switches_anywhere };
            experiment.pool_has_gil = pool_has_gil;
            experiment.chunk = chunk;
            experiment.messages = MessageSettings { prefetch, acknowledges_late, dies_after };
            experiment.repeats = repeats;
            let kept = |index: &usize| mask >> index & 1 == 1;
            experiment.models = (0..MODELS.len()).filter(kept).map(|index| MODELS[index].id).collect();
            prop_assert_eq!(parse(&write(&experiment)), Ok(experiment));
        }
    }
}
