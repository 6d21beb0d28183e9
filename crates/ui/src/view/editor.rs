//! Where the reader writes jobs of his own. What he types is taken as soon as it can be read; until then the jobs before
//! stay those that would run.

use session::catalog::{EXAMPLES, Experiment, Language, Script};
use session::{Action, History};
use web_sys::HtmlTextAreaElement;
use yew::{Callback, Html, InputEvent, Properties, TargetCast, component, html, use_effect_with, use_state};

use crate::texts::texts;

/// What the editor is given.
#[derive(PartialEq, Properties)]
pub struct EditorProperties {
    /// What is chosen now, whose jobs can be read.
    pub experiment: Experiment,
    /// The language of the page.
    pub language: Language,
    /// Told what the reader chooses.
    pub act: Callback<Action>,
}

/// A field for the jobs, what is wrong with them, examples, and how jobs are written.
#[component(Editor)]
pub fn editor(properties: &EditorProperties) -> Html {
    let EditorProperties { experiment, language, act } = properties;
    let texts = texts(*language);
    let draft = use_state(|| experiment.script.clone());
    {
        // Another link or an example brings other jobs; what is being typed is not touched.
        let draft = draft.clone();
        use_effect_with(experiment.script.clone(), move |script| draft.set(script.clone()));
    }
    let take = {
        let (experiment, act, draft) = (experiment.clone(), act.clone(), draft.clone());
        move |text: String, history: History| {
            if let Ok(experiment) = experiment.with_script(&text) {
                act.emit(Action::ExperimentChanged { experiment, history });
            }
            draft.set(text);
        }
    };
    let error = Script::read(&draft).err();
    let typed = {
        let take = take.clone();
        move |event: InputEvent| {
            if let Some(area) = event.target_dyn_into::<HtmlTextAreaElement>() {
                take(area.value(), History::Replace);
            }
        }
    };
    let example = |(name, text): &(session::catalog::Text, &'static str)| {
        let (take, text) = (take.clone(), *text);
        html! {
            <button type="button" class="quiet" onclick={move |_| take(text.to_owned(), History::Push)}>
                { name.in_language(*language) }
            </button>
        }
    };
    html! {
        <div class="script">
            <textarea name="script" rows="6" spellcheck="false" autocapitalize="off" autocomplete="off"
                aria-label={texts.script} aria-invalid={error.is_some().to_string()} aria-describedby="script-error"
                value={(*draft).clone()} oninput={typed} />
            <p id="script-error" class="note script-error" role="status" data-part="script-error">
                if let Some(error) = &error { { (texts.script_error)(error) } }
            </p>
            <p class="examples"><span class="note">{ texts.script_examples }</span>{ for EXAMPLES.iter().map(example) }</p>
            <details class="script-help">
                <summary>{ texts.script_help }</summary>
                <dl>
                    { for texts.script_steps.iter().map(|(step, what)| html! {
                        <><dt><code>{ *step }</code></dt><dd>{ *what }</dd></>
                    }) }
                </dl>
                <p class="note">{ texts.script_note }</p>
            </details>
        </div>
    }
}
