//! The sentences where there are too few runs for intervals.

use catalog::Language;

use super::{Figure, subject};
use crate::figures::ratio;

pub(super) fn english(opening: &str, (base, time): &(&str, String), named: &[Figure]) -> String {
    let subject = |figure: &Figure| subject(figure.model, Language::En);
    let part = |figure: &Figure, last: bool| {
        let (name, ratio) = (subject(figure), ratio(figure.ratio));
        if figure.is_about_one() {
            format!("{name} took about as long as {base} ({ratio})")
        } else if last && figure.ratio > 1.0 && named.len() > 1 {
            format!("{name} took the most, {ratio}")
        } else {
            format!("{name} took {ratio}")
        }
    };
    let Some((first, rest)) = named.split_first() else {
        return format!("{opening} {base} took {time}\u{202f}ms.");
    };
    let (mut said, rest) = match (first.is_about_one(), first.ratio < 1.0) {
        (true, _) if rest.is_empty() => {
            let name = subject(first);
            (format!("{name} took about as long as {base} ({time}\u{202f}ms), {}", ratio(first.ratio)), rest)
        }
        (true, _) => (format!("no model took clearly less time than {base} ({time}\u{202f}ms)"), named),
        (false, true) if rest.is_empty() => {
            (format!("{} took {} the time of {base} ({time}\u{202f}ms)", subject(first), ratio(first.ratio)), rest)
        }
        (false, true) => (
            format!("{} took the least time, {} that of {base} ({time}\u{202f}ms)", subject(first), ratio(first.ratio)),
            rest,
        ),
        (false, false) => (format!("{base} took the least time ({time}\u{202f}ms)"), named),
    };
    for (index, figure) in rest.iter().enumerate() {
        said += &format!("; {}", part(figure, index + 1 == rest.len()));
    }
    format!("{opening} {said}.")
}

pub(super) fn chinese(opening: &str, (base, time): &(&str, String), named: &[Figure]) -> String {
    let times = |figure: &Figure| ratio(figure.ratio).trim_end_matches('×').to_owned();
    let subject = |figure: &Figure| subject(figure.model, Language::Zh);
    let part = |figure: &Figure, last: bool| {
        let (name, times) = (subject(figure), times(figure));
        if figure.is_about_one() {
            format!("{name}与{base}相差无几（{times} 倍）")
        } else if last && figure.ratio > 1.0 && named.len() > 1 {
            format!("{name}最慢，是 {times} 倍")
        } else {
            format!("{name}是 {times} 倍")
        }
    };
    let Some((first, rest)) = named.split_first() else {
        return format!("{opening}{base}用时 {time} 毫秒。");
    };
    let (mut said, rest) = match (first.is_about_one(), first.ratio < 1.0) {
        (true, _) if rest.is_empty() => {
            (format!("{}与{base}（{time} 毫秒）相差无几，是 {} 倍", subject(first), times(first)), rest)
        }
        (true, _) => (format!("没有哪种模型明显快于{base}（{time} 毫秒）"), named),
        (false, true) if rest.is_empty() => {
            (format!("{}的用时是{base}（{time} 毫秒）的 {} 倍", subject(first), times(first)), rest)
        }
        (false, true) => (format!("{}最快，用时是{base}（{time} 毫秒）的 {} 倍", subject(first), times(first)), rest),
        (false, false) => (format!("{base}最快（{time} 毫秒）"), named),
    };
    for (index, figure) in rest.iter().enumerate() {
        said += &format!("；{}", part(figure, index + 1 == rest.len()));
    }
    format!("{opening}{said}。")
}
