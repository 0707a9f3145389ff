// A slider of ipywidgets has no name for a screen reader, says 0.19999999999999996 where its label
// shows 0.20, and loses its track on a narrow page. This small extension of JupyterLab and Notebook
// 7, written by hand in the form that they load, copies what is seen into what is heard, lets
// the parts of a slider wrap, and sets the names of a table's columns above them. It also says when
// a panel stands still.
(window._JUPYTERLAB = window._JUPYTERLAB || {})["accessible-panels"] = {
  init() {},
  get: () => Promise.resolve(() => ({ __esModule: true, default: plugin })),
};

const plugin = {
  id: "accessible-panels:plugin",
  description: "Names and values of sliders for screen readers; panels whose kernel was restarted",
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
    const listener = new MutationObserver((changes) => changes.forEach(({ target }) => follow(target)));
    listener.observe(document.body, { subtree: true, attributes: true, attributeFilter: ["class"] });
    window.addEventListener("keydown", keepInControl, true);
  },
};

// After a restart of the kernel nothing answers a panel. JupyterLab marks each of its parts with a
// class, and shows a broken chain. Here it gets one message, and its controls can't be moved.
const DEAD = "jupyter-widgets-disconnected";
const STOPPED = "collab-stopped";

function follow(part) {
  if (!part.matches(".jupyter-widgets")) return;
  const dead = part.classList.contains(DEAD);
  if (!part.matches(".widget-vbox, .widget-html")) part.inert = dead;
  if (part.parentElement?.closest(".jupyter-widgets")) return;
  part.classList.toggle(STOPPED, dead);
  const shown = part.previousElementSibling;
  if (shown?.matches(`p.${STOPPED}`)) {
    if (!dead) shown.remove();
  } else if (dead) {
    const message = document.createElement("p");
    message.className = STOPPED;
    message.setAttribute("role", "status");
    message.textContent = "The kernel was restarted, so this panel stands still. Choose Run, then Run All Cells.";
    part.before(message);
  }
}

const style = document.createElement("style");
style.textContent = `
  .widget-slider.widget-inline-hbox { flex-wrap: wrap; height: auto; }
  .widget-slider.widget-inline-hbox .slider-container { flex: 1 1 7em; min-width: 7em; }
  .jupyter-widgets .dataframe :is(th, td) { padding-right: 1em; text-align: left; }
  p.${STOPPED} { border-left: 4px solid #D55E00; padding-left: 0.6em; margin: 0.3em 0; }
  .${STOPPED} [inert]:not([inert] *) { opacity: 0.5; }
  .${STOPPED}::before, .${STOPPED} .${DEAD}::before { display: none !important; }
`;
document.head.append(style);

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
