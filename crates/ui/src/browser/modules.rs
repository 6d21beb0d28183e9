//! The engine's compiled code, kept for as long as the page lives.

use std::cell::RefCell;

use js_sys::{Promise, WebAssembly};
use session::Flavour;
use session::trace::Failure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use super::javascript::{describe, get, interleave};
use super::the_window;

/// One promise per flavour, so that code that is wanted twice is fetched once.
#[derive(Default)]
pub struct Modules {
    threads: RefCell<Option<Promise>>,
    plain: RefCell<Option<Promise>>,
}

impl Modules {
    /// Nothing is fetched yet.
    pub fn new() -> Modules {
        Modules::default()
    }

    /// The address of the engine's folder, with a slash at its end.
    pub fn folder(&self) -> Result<String, String> {
        let engine = get(&get(&interleave(), "manifest"), "engine");
        let name = engine.as_string().ok_or("manifest.json does not name the engine's folder")?;
        let base = the_window().document().and_then(|document| document.base_uri().ok().flatten());
        let base = base.ok_or("the page has no address")?;
        let url = web_sys::Url::new_with_base(&format!("{name}/"), &base).map_err(|error| describe(&error))?;
        Ok(url.href())
    }

    /// Fetches and compiles what the first run will need. What fails is tried again, and reported, by that run.
    pub async fn prepare(&self, threads: bool) {
        let plain = self.get(Flavour::Plain).await;
        if threads && plain.is_ok() {
            drop(self.get(Flavour::Threads).await);
        }
    }

    /// The compiled code of one flavour.
    pub async fn get(&self, flavour: Flavour) -> Result<WebAssembly::Module, Failure> {
        let slot = match flavour {
            Flavour::Threads => &self.threads,
            Flavour::Plain => &self.plain,
        };
        let what = format!("{}/engine_bg.wasm", flavour.slug());
        let could_not_start =
            |message: String| Failure::CouldNotStart { what: format!("the engine ({what})"), message };
        let folder = self.folder().map_err(could_not_start)?;
        let promise = slot.borrow_mut().get_or_insert_with(|| compile(format!("{folder}{what}"))).clone();
        match JsFuture::from(promise).await {
            Ok(module) => Ok(module.unchecked_into()),
            Err(error) => {
                // The next run may have more luck.
                slot.take();
                Err(could_not_start(describe(&error)))
            }
        }
    }
}

fn compile(url: String) -> Promise {
    wasm_bindgen_futures::future_to_promise(async move {
        let response = JsFuture::from(the_window().fetch_with_str(&url)).await?;
        let response: Response = response.dyn_into()?;
        if !response.ok() {
            return Err(js_sys::Error::new(&format!("the server said {}", response.status())).into());
        }
        let compiling = WebAssembly::compile_streaming(&Promise::resolve(&JsValue::from(response)));
        JsFuture::from(compiling).await
    })
}
