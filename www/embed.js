// <interleave-experiment>: an experiment in somebody else's page.
//
//   <script async src="https://…/embed.js"></script>
//   <interleave-experiment workload="primes" models="sequential,threads-gil,threads-free" jobs="4"></interleave-experiment>
//
// A classic script, so that a host needs no CORS. It makes a frame of the page that lies beside it and talks to that page
// through one port; it reads nothing of the host and asks nothing of it. Until the element comes near the window's edge
// there is only a placeholder.
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script?.src || customElements.get("interleave-experiment")) return;
  const home = new URL("./", script.src);

  const TEXTS = {
    en: {
      waiting: "An experiment with concurrency models, which runs in your browser.",
      load: "Show it here",
      full: "Open it in its own tab",
      title: "Interleave: concurrency models side by side",
      blocked: "This page does not let the experiment be shown here, or it cannot be reached.",
    },
    zh: {
      waiting: "一个并发模型的实验，就在你的浏览器里运行。",
      load: "在这里显示",
      full: "在新标签页中打开",
      title: "Interleave：并排比较并发模型",
      blocked: "本页面不允许在这里显示这个实验，或者无法连接到它。",
    },
  };

  // Everything else that stands on the element is a parameter of the experiment.
  const NOT_PARAMETERS = new Set([
    "class", "dir", "experiment", "hidden", "height", "id", "lang", "load", "part", "role", "slot", "style", "tabindex", "theme",
    "title",
  ]);
  const RENAMED = { workload: "work" };
  const THEMES = ["system", "light", "dark"];
  const HEIGHT = { least: 200, most: 4000, usual: 420 };
  // A page that cannot be reached says nothing at all.
  const PATIENCE_MILLIS = 20000;

  const STYLE = `
    :host { display: block; position: relative; contain: content; max-width: 100%; }
    :host([hidden]) { display: none; }
    iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: inherit; }
    .waiting { display: grid; place-content: center; justify-items: center; gap: 0.75em; height: 100%; padding: 1em; box-sizing: border-box;
      border: 1px solid color-mix(in srgb, currentColor 30%, transparent); font: 1rem/1.5 system-ui, sans-serif; text-align: center; }
    p { margin: 0; max-width: 34em; }
    button { font: inherit; padding: 0.4em 1.2em; cursor: pointer; }
  `;

  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting) target.show();
      }
    },
    { rootMargin: "300px" },
  );

  class InterleaveExperiment extends HTMLElement {
    #root = this.attachShadow({ mode: "open" });
    #frame;
    #port;
    #isReady = false;
    #shown = "";
    #patience;
    /** Requests that have not been answered, by number. */
    #asked = new Map();
    #next = 1;
    /** The page in the frame says that it listens, each time it has been loaded. */
    #knock = ({ data, origin, source }) => {
      if (source === this.#frame?.contentWindow && origin === home.origin && data?.interleave === "here") this.#greet();
    };
    #refused = ({ blockedURI }) => {
      if (blockedURI.startsWith(home.origin) && !this.#isReady) this.#giveUp();
    };
    #changes = new MutationObserver(() => this.#attributesChanged());

    connectedCallback() {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      this.#root.adoptedStyleSheets = [sheet];
      this.#setHeight(Number(this.getAttribute("height")) || HEIGHT.usual);
      this.#placeholder();
      this.#changes.observe(this, { attributes: true });
      if (this.getAttribute("load") !== "click") near.observe(this);
    }

    disconnectedCallback() {
      near.unobserve(this);
      this.#changes.disconnect();
      this.#forget("the element was taken out of its page");
    }

    /** Loads the page into the element. */
    show() {
      near.unobserve(this);
      if (this.#frame || !this.isConnected) return;
      this.#shown = this.#address();
      this.#frame = document.createElement("iframe");
      this.#frame.title = this.#texts().title;
      this.#frame.allow = "cross-origin-isolated";
      this.#frame.src = this.#shown;
      addEventListener("message", this.#knock);
      document.addEventListener("securitypolicyviolation", this.#refused);
      this.#patience = setTimeout(() => this.#giveUp(), PATIENCE_MILLIS);
      this.#root.replaceChildren(this.#frame);
    }

    /** Runs what is shown and resolves to its report. */
    run() {
      return this.#ask("run");
    }

    /** Ends what runs. */
    stop() {
      return this.#frame ? this.#ask("stop") : Promise.resolve();
    }

    #language() {
      const tag = this.lang || this.closest("[lang]")?.lang || navigator.language;
      return /^zh\b/i.test(tag) ? "zh-CN" : "en";
    }

    #texts() {
      return TEXTS[this.#language() === "en" ? "en" : "zh"];
    }

    /** The experiment's link: first what `experiment` says, then what single attributes say. */
    #link() {
      const link = new URLSearchParams(this.getAttribute("experiment") ?? "");
      for (const { name, value } of this.attributes) {
        if (!NOT_PARAMETERS.has(name) && !/^(data|aria|on)/.test(name)) link.set(RENAMED[name] ?? name, value);
      }
      // A comma has no other meaning in these values, and people read links.
      return link.toString().replaceAll("%2C", ",");
    }

    #address() {
      const link = new URLSearchParams({ lang: this.#language() });
      const theme = this.getAttribute("theme");
      if (THEMES.includes(theme)) link.set("theme", theme);
      return new URL(`?${this.#link()}#${link}`, home).href;
    }

    #setHeight(pixels) {
      const height = Math.min(Math.max(pixels, HEIGHT.least), HEIGHT.most);
      this.style.height = `${Math.ceil(height)}px`;
    }

    #placeholder() {
      const text = document.createElement("p");
      text.textContent = this.#texts().waiting;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = this.#texts().load;
      button.addEventListener("click", () => this.show());
      this.#waiting(text, button, this.#fullPage());
    }

    #waiting(...parts) {
      const waiting = document.createElement("div");
      waiting.className = "waiting";
      waiting.append(...parts);
      this.#root.replaceChildren(waiting);
    }

    #fullPage() {
      const link = document.createElement("a");
      link.href = new URL(`?${this.#link()}`, home).href;
      link.target = "_blank";
      link.rel = "noopener";
      link.textContent = this.#texts().full;
      return link;
    }

    /** Gives the page in the frame its end of a new channel. */
    #greet() {
      const { port1, port2 } = new MessageChannel();
      this.#isReady = false;
      this.#port?.close();
      this.#port = port1;
      port1.onmessage = ({ data }) => this.#hear(data);
      this.#frame.contentWindow.postMessage({ interleave: "hello" }, home.origin, [port2]);
    }

    #giveUp() {
      this.#forget("the experiment could not be shown");
      const text = document.createElement("p");
      text.textContent = this.#texts().blocked;
      this.#waiting(text, this.#fullPage());
      this.#tell("error", { message: "the experiment could not be shown" });
    }

    #forget(reason) {
      clearTimeout(this.#patience);
      removeEventListener("message", this.#knock);
      document.removeEventListener("securitypolicyviolation", this.#refused);
      this.#port?.close();
      this.#frame?.remove();
      this.#frame = this.#port = undefined;
      this.#isReady = false;
      for (const { reject } of this.#asked.values()) reject(new Error(reason));
      this.#asked.clear();
    }

    #tell(kind, detail) {
      this.dispatchEvent(new CustomEvent(kind, { detail }));
    }

    #ask(kind) {
      this.show();
      return new Promise((resolve, reject) => {
        const id = this.#next++;
        this.#asked.set(id, { kind, resolve, reject });
        if (this.#isReady) this.#port.postMessage({ kind, id });
      });
    }

    /** What the page says. It is our page, but whatever is not as it should be is left alone. */
    #hear(message) {
      if (typeof message !== "object" || message === null) return;
      const { kind, id } = message;
      if (kind === "ready") {
        clearTimeout(this.#patience);
        this.#isReady = true;
        for (const [id, { kind }] of this.#asked) this.#port.postMessage({ kind, id });
        this.#tell("ready", message.environment);
      } else if (kind === "size" && Number.isFinite(message.height) && !this.hasAttribute("height")) {
        this.#setHeight(message.height);
      } else if (kind === "progress" || kind === "report") {
        this.#tell(kind, message[kind]);
      } else if (kind === "error") {
        this.#tell("error", { message: String(message.message) });
      } else if (kind === "answer" && this.#asked.has(id)) {
        const { resolve, reject } = this.#asked.get(id);
        this.#asked.delete(id);
        if (message.error === undefined) resolve(message.value);
        else reject(new Error(String(message.error)));
      }
    }

    #attributesChanged() {
      if (this.hasAttribute("height")) this.#setHeight(Number(this.getAttribute("height")) || HEIGHT.usual);
      if (!this.#frame) {
        if (this.#root.querySelector("button")) this.#placeholder();
        return;
      }
      const address = this.#address();
      if (address === this.#shown) return;
      this.#shown = address;
      if (this.#isReady) this.#port.postMessage({ kind: "show", address });
      else this.#frame.src = address;
    }
  }

  customElements.define("interleave-experiment", InterleaveExperiment);
})();
