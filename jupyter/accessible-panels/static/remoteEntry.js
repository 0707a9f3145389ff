// A slider of ipywidgets has no name for a screen reader, and says 0.19999999999999996 where its
// label shows 0.20. This small extension of JupyterLab and Notebook 7, written by hand in the form
// that they load, copies what is seen into what is heard.
(window._JUPYTERLAB = window._JUPYTERLAB || {})["accessible-panels"] = {
  init() {},
  get: () => Promise.resolve(() => ({ __esModule: true, default: plugin })),
};

const plugin = {
  id: "accessible-panels:plugin",
  description: "Names and values of sliders for screen readers",
  autoStart: true,
  activate() {
    const watcher = new MutationObserver(() => document.querySelectorAll(".widget-slider").forEach(tell));
    watcher.observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
      attributeFilter: ["aria-valuetext", "title"],
    });
    window.addEventListener("keydown", keepInControl, true);
  },
};

// JupyterLab takes single keys for its own, and waits after a "d" whether another follows. Keys in a
// list, a box, a text or a button are the browser's: it acts on them although they go no further.
// (A slider listens to its keys itself; default_setting_overrides.json leaves those to it.)
function keepInControl(event) {
  const shortcut = event.ctrlKey || event.metaKey || event.altKey || event.key === "Escape";
  const runs = event.shiftKey && event.key === "Enter";
  const control = event.target.closest?.(".jupyter-widgets") && event.target.matches("select, input, button");
  if (control && !shortcut && !runs) event.stopPropagation();
}

function tell(slider) {
  const shown = (part) => slider.querySelector(part)?.textContent.trim() ?? "";
  const label = shown(".widget-label");
  slider.querySelectorAll(".noUi-handle").forEach((handle) => {
    set(handle, "aria-label", label);
    set(handle, "aria-valuetext", shown(".widget-readout"));
  });
  const readout = slider.querySelector('.widget-readout[contenteditable="true"]');
  if (readout) {
    set(readout, "role", "textbox");
    set(readout, "aria-label", `${label}, number`);
  }
  slider.querySelectorAll('[title="null"]').forEach((part) => part.removeAttribute("title"));
}

function set(part, name, value) {
  if (value && part.getAttribute(name) !== value) part.setAttribute(name, value);
}
