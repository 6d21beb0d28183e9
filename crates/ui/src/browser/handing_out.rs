//! Taking the report elsewhere: the clipboard, and files that the browser saves.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use super::javascript::{after, get};
use super::the_window;

/// Until the browser has surely begun to save. What an address stands for is kept as long as the address.
const SAVING_MILLIS: u32 = 60_000;

/// Puts a text where the reader can paste it, if the browser lets us: in a frame, say, it does not.
pub async fn copy(text: &str) -> bool {
    let clipboard = get(&the_window().navigator(), "clipboard");
    let Ok(write) = get(&clipboard, "writeText").dyn_into::<Function>() else {
        return false;
    };
    match write.call1(&clipboard, &text.into()) {
        Ok(written) => JsFuture::from(Promise::resolve(&written)).await.is_ok(),
        Err(_) => false,
    }
}

/// Has the browser save a file, as a link to one does that the reader follows.
pub fn save(name: &str, media_type: &str, text: &str) {
    let kind = BlobPropertyBag::new();
    kind.set_type(media_type);
    let Ok(blob) = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &kind) else {
        return;
    };
    let (Ok(address), Some(document)) = (Url::create_object_url_with_blob(&blob), the_window().document()) else {
        return;
    };
    if let Ok(link) = document.create_element("a").map(JsCast::unchecked_into::<HtmlAnchorElement>) {
        link.set_href(&address);
        link.set_download(name);
        link.click();
    }
    after(SAVING_MILLIS, move || drop(Url::revoke_object_url(&address)));
}
