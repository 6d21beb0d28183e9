//! What is said before any time: what the runs lost in all, and what they did twice.

use core::cmp::Reverse;

use catalog::{Language, ModelId};
use trace::Losses;

use crate::figures::grouped;
use crate::finding::subject;
use crate::{Outcome, Report};

/// What was lost or done twice, if something was.
pub(crate) fn losses(report: &Report, language: Language) -> Option<String> {
    let finished: Vec<(ModelId, Losses, u64)> = report
        .rows
        .iter()
        .filter(|row| row.outcome == Outcome::Finished)
        .map(|row| (row.model, row.losses().0, row.losses().1))
        .collect();
    let mut said: Vec<String> = updates(&finished, language).into_iter().collect();
    for &(model, losses, _) in &finished {
        let jobs = report.experiment.jobs() * runs(report, model);
        said.extend((losses.jobs > 0).then(|| lost_jobs(model, losses.jobs, jobs, language)));
        said.extend((losses.repeated > 0).then(|| repeated_jobs(model, losses.repeated, language)));
    }
    let blank = if language == Language::En { " " } else { "" };
    (!said.is_empty()).then(|| said.join(blank))
}

/// How often a model ran. What was lost is the sum of all its runs.
fn runs(report: &Report, model: ModelId) -> u64 {
    report.rows.iter().find(|row| row.model == model).map_or(0, |row| row.runs.len() as u64)
}

/// Which models lost updates, if any did: the two that lost most by name, the others by number.
fn updates(finished: &[(ModelId, Losses, u64)], language: Language) -> Option<String> {
    let mut losses: Vec<(ModelId, u64, u64)> = finished
        .iter()
        .filter(|(_, losses, _)| losses.updates > 0)
        .map(|&(model, losses, answer)| (model, losses.updates, answer.saturating_add(losses.updates)))
        .collect();
    losses.sort_by_key(|(_, lost, _)| Reverse(*lost));
    let (&(first, first_lost, updates), rest) = losses.split_first()?;
    let name = |model: ModelId| subject(model, language);
    let (first_lost, updates) = (grouped(first_lost), grouped(updates));
    Some(match language {
        Language::En => {
            let first = capitalized(name(first));
            let and = match rest {
                [] => String::new(),
                [(second, lost, _)] => format!(", {} {}", name(*second), grouped(*lost)),
                [(second, lost, _), others @ ..] => {
                    format!(", {} {}, and {} more lost some", name(*second), grouped(*lost), others.len())
                }
            };
            format!("{first} lost {first_lost} of {updates} updates{and}.")
        }
        Language::Zh => {
            let and = match rest {
                [] => String::new(),
                [(second, lost, _)] => format!("，{}丢了 {} 次", name(*second), grouped(*lost)),
                [(second, lost, _), others @ ..] => {
                    format!("，{}丢了 {} 次，另有 {} 种模型也有丢失", name(*second), grouped(*lost), others.len())
                }
            };
            format!("{updates} 次更新里，{}丢了 {first_lost} 次{and}。", name(first))
        }
    })
}

fn lost_jobs(model: ModelId, lost: u32, jobs: u64, language: Language) -> String {
    let (name, lost, jobs) = (subject(model, language), grouped(lost.into()), grouped(jobs));
    match language {
        Language::En => format!("{} lost {lost} of {jobs} jobs with a consumer that died.", capitalized(name)),
        Language::Zh => format!("有消费者死亡，{name}丢了 {jobs} 个任务中的 {lost} 个。"),
    }
}

fn repeated_jobs(model: ModelId, repeated: u32, language: Language) -> String {
    let name = subject(model, language);
    match language {
        Language::En if repeated == 1 => format!("{} ran one job again, because a consumer died.", capitalized(name)),
        Language::En => {
            format!("{} ran {} jobs again, because a consumer died.", capitalized(name), grouped(repeated.into()))
        }
        Language::Zh => format!("有消费者死亡，{name}把任务重跑了 {} 次。", grouped(repeated.into())),
    }
}

fn capitalized(text: &str) -> String {
    let mut rest = text.chars();
    let first: String = rest.next().into_iter().flat_map(char::to_uppercase).collect();
    first + rest.as_str()
}
