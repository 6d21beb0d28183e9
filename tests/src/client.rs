use crate::error::{Error, Result};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Duration;
use ureq::Agent;

/// How long a script in the page may take before the driver gives it up; runs are awaited this way.
const SCRIPT_LIMIT: Duration = Duration::from_secs(120);

/// How long one exchange with the driver may take. Longer than any script, so that the driver's own answer comes first.
const EXCHANGE_LIMIT: Duration = Duration::from_secs(135);

/// A key that is not a character, as WebDriver names it.
pub mod key {
    pub const TAB: char = '\u{E004}';
    pub const ENTER: char = '\u{E007}';
    pub const SPACE: char = ' ';
}

/// The W3C WebDriver protocol, as far as the cases need it.
///
/// A case does one thing after another, and a command must be able to time out alone, so the client blocks: no executor
/// stands between a case and what it says.
pub struct Client {
    agent: Agent,
    session: String,
}

impl Client {
    /// Asks a driver for a session, which starts the browser.
    ///
    /// The limit is ours because WebKit's driver waits for ever when it has no display.
    pub fn create(port: u16, capabilities: &Value, limit: Duration) -> Result<Self> {
        let agent = agent(EXCHANGE_LIMIT);
        let base = format!("http://127.0.0.1:{port}/session");
        let body = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let response = agent.post(&base).config().timeout_global(Some(limit)).build().send_json(&body);
        let value = answer("a new session", response)?;
        let id = value["sessionId"].as_str().ok_or_else(|| Error::Command {
            command: "a new session".into(),
            reason: format!("its answer has no session id: {value}"),
        })?;
        let client = Self { agent, session: format!("{base}/{id}") };
        let limits = json!({ "script": SCRIPT_LIMIT.as_millis(), "pageLoad": 60_000, "implicit": 0 });
        client.post("timeouts", &limits)?;
        Ok(client)
    }

    /// Ends the session; the browser goes with it.
    pub fn close(&self) -> Result<()> {
        let response =
            self.agent.delete(&self.session).config().timeout_global(Some(Duration::from_secs(5))).build().call();
        answer("the end of the session", response).map(drop)
    }

    pub fn navigate(&self, url: &str) -> Result<()> {
        self.post("url", &json!({ "url": url })).map(drop)
    }

    pub fn set_window(&self, width: u32, height: u32) -> Result<()> {
        self.post("window/rect", &json!({ "x": 0, "y": 0, "width": width, "height": height })).map(drop)
    }

    /// Runs the body of a function in the page and returns what it returns.
    pub fn evaluate<T: DeserializeOwned>(&self, body: &str, arguments: Value) -> Result<T> {
        // The value crosses as text: drivers copy objects property by property, and a report has thousands.
        let script = format!("return JSON.stringify((function () {{ {body} }}).apply(null, arguments) ?? null)");
        let value = self.post("execute/sync", &json!({ "script": script, "args": as_arguments(arguments) }))?;
        parse(body, &value)
    }

    /// Runs the body of an async function in the page and waits for what it returns.
    pub fn evaluate_async<T: DeserializeOwned>(&self, body: &str, arguments: Value) -> Result<T> {
        let script = format!(
            "const finish = arguments[arguments.length - 1];
             (async function () {{ {body} }}).apply(null, [...arguments].slice(0, -1)).then(
                 value => finish('=' + JSON.stringify(value ?? null)),
                 error => finish('!' + (error && error.message !== undefined ? error.message : String(error))))"
        );
        let value = self.post("execute/async", &json!({ "script": script, "args": as_arguments(arguments) }))?;
        match value.as_str().and_then(|text| text.split_at_checked(1)) {
            Some(("=", text)) => parse(body, &Value::from(text)),
            Some((_, message)) => Err(Error::Script(message.into())),
            None => Err(Error::Command { command: "a script".into(), reason: format!("it answered {value}") }),
        }
    }

    /// Presses and releases each key in turn, wherever the focus is.
    pub fn press(&self, keys: &[char]) -> Result<()> {
        let strokes: Vec<Value> = keys
            .iter()
            .flat_map(|key| [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })])
            .collect();
        let actions = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] });
        self.post("actions", &actions).map(drop)
    }

    /// Clicks in the middle of what the selector finds, after scrolling it into view.
    pub fn click(&self, selector: &str) -> Result<()> {
        let element = self.element(selector)?;
        let id = element.as_object().and_then(|entries| entries.values().next()?.as_str()).unwrap_or_default();
        self.post(&format!("element/{id}/click"), &json!({})).map(drop)
    }

    /// Makes the frame that the selector finds the one that scripts run in.
    pub fn enter_frame(&self, selector: &str) -> Result<()> {
        let element = self.element(selector)?;
        self.post("frame", &json!({ "id": element })).map(drop)
    }

    /// The same for a frame that a script returns, as one inside a shadow tree.
    pub fn enter_frame_returned_by(&self, script: &str) -> Result<()> {
        let element = self.post("execute/sync", &json!({ "script": script, "args": [] }))?;
        self.post("frame", &json!({ "id": element })).map(drop)
    }

    /// Makes the top-level page the one that scripts run in.
    pub fn leave_frames(&self) -> Result<()> {
        self.post("frame", &json!({ "id": null })).map(drop)
    }

    /// What the window shows, as PNG.
    pub fn screenshot(&self) -> Result<Vec<u8>> {
        let value = answer("a screenshot", self.agent.get(format!("{}/screenshot", self.session)).call())?;
        BASE64
            .decode(value.as_str().unwrap_or_default())
            .map_err(|cause| Error::Command { command: "a screenshot".into(), reason: cause.to_string() })
    }

    /// The severe lines of the browser's log since the last call. Chromium only; others refuse the command.
    pub fn severe_log(&self) -> Result<Vec<String>> {
        let value = self.post("se/log", &json!({ "type": "browser" }))?;
        let lines = value.as_array().into_iter().flatten();
        Ok(lines
            .filter(|line| line["level"] == "SEVERE")
            .map(|line| line["message"].as_str().unwrap_or_default().to_owned())
            .collect())
    }

    /// A command of Chromium's own protocol.
    pub fn chromium(&self, command: &str, parameters: &Value) -> Result<Value> {
        self.post("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// Runs the body of an async function in Firefox itself rather than in its page.
    pub fn firefox<T: DeserializeOwned>(&self, body: &str) -> Result<T> {
        self.post("moz/context", &json!({ "context": "chrome" }))?;
        let outcome = self.evaluate_async(body, Value::Null);
        self.post("moz/context", &json!({ "context": "content" }))?;
        outcome
    }

    fn element(&self, selector: &str) -> Result<Value> {
        self.post("element", &json!({ "using": "css selector", "value": selector }))
    }

    fn post(&self, command: &str, body: &Value) -> Result<Value> {
        answer(command, self.agent.post(format!("{}/{command}", self.session)).send_json(body))
    }
}

/// Whether a driver answers on this port yet.
pub fn is_listening(port: u16) -> bool {
    agent(Duration::from_secs(1)).get(format!("http://127.0.0.1:{port}/status")).call().is_ok()
}

fn agent(limit: Duration) -> Agent {
    Agent::config_builder().timeout_global(Some(limit)).http_status_as_error(false).proxy(None).build().into()
}

fn as_arguments(value: Value) -> Value {
    match value {
        Value::Null => json!([]),
        Value::Array(_) => value,
        single => json!([single]),
    }
}

fn parse<T: DeserializeOwned>(body: &str, value: &Value) -> Result<T> {
    let text = value.as_str().unwrap_or("null");
    serde_json::from_str(text).map_err(|cause| {
        let text: String = text.chars().take(400).collect();
        Error::Script(format!("{text}, which is not what was asked for ({cause}) by: {}", body.trim()))
    })
}

fn answer(command: &str, response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Value> {
    let refused = |reason: String| Error::Command { command: command.into(), reason };
    let mut response = response.map_err(|cause| refused(cause.to_string()))?;
    let body: Value = response
        .body_mut()
        .with_config()
        .limit(64 << 20)
        .read_json()
        .map_err(|cause| refused(format!("its answer is not JSON: {cause}")))?;
    if response.status().is_success() {
        return Ok(body["value"].clone());
    }
    let [error, message] = ["error", "message"].map(|field| body["value"][field].as_str().unwrap_or_default());
    Err(refused(format!("{error}: {message}")))
}
