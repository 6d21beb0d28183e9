// Runs before anything else and in browsers of any age, so it is written in the JavaScript of 2009.
// It gives the page its language and theme before the first paint, and says so when the browser is below the floor.
(function () {
  var root = document.documentElement;

  function remembered(key) {
    try {
      return window.localStorage.getItem(key);
    } catch (refused) {
      return null;
    }
  }

  var isEmbedded = true;
  try {
    isEmbedded = window.self !== window.top;
  } catch (foreign) {}
  if (isEmbedded) root.setAttribute("data-embedded", "");

  // In a frame the page that holds it may say what looks well there; nothing is kept for it.
  function wished(name) {
    var found = new RegExp("[#&]" + name + "=([a-zA-Z-]+)").exec(window.location.hash);
    return isEmbedded && found ? found[1] : null;
  }

  var language = wished("lang") || remembered("interleave/language") || navigator.language || "en";
  root.lang = /^zh\b/i.test(language) ? "zh-CN" : "en";
  var theme = wished("theme") || remembered("interleave/theme");
  root.setAttribute("data-theme", theme === "light" || theme === "dark" ? theme : "system");

  // The constructor reads `type` before it fetches anything, and the exception ends it there. A browser that does not
  // know module workers reads nothing and gets as far as the empty address.
  function hasModuleWorkers() {
    var asked = false;
    var options = {
      get type() {
        asked = true;
        throw asked;
      }
    };
    try {
      new Worker("blob:", options).terminate();
    } catch (expected) {}
    return asked;
  }

  // A module with one function that uses two SIMD instructions, as the engine's kernels do.
  function hasSimd() {
    return WebAssembly.validate(
      new Uint8Array([
        0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11
      ])
    );
  }

  // A module with one function that holds an empty `try_table`: the form of exceptions that the engine is compiled to.
  function hasExceptions() {
    return WebAssembly.validate(
      new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 8, 1, 6, 0, 31, 64, 0, 11, 11])
    );
  }

  function lacking() {
    if (!("noModule" in document.createElement("script"))) return "JavaScript modules";
    if (typeof BigInt64Array === "undefined") return "BigInt";
    if (typeof WebAssembly !== "object" || !WebAssembly.compileStreaming) return "WebAssembly";
    if (!hasSimd()) return "WebAssembly SIMD";
    if (!hasExceptions()) return "WebAssembly exceptions";
    if (typeof ResizeObserver === "undefined") return "ResizeObserver";
    if (!hasModuleWorkers()) return "module workers";
    return null;
  }

  var lacks = lacking();
  if (!lacks) return;
  root.setAttribute("data-floor", "below");
  document.addEventListener("DOMContentLoaded", function () {
    var places = document.querySelectorAll(".floor-lacks");
    for (var index = 0; index < places.length; index++) places[index].textContent = lacks;
  });
})();
