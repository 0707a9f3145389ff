/* Panels on a page without a kernel: controls that choose among pictures drawn beforehand.

`tools/stills.py` draws every state of a panel, `tools/site.py` writes them beside the page and sets
window.panels: for each panel its controls and, for each state (the last control changes fastest),
the number of its picture, its sentence and the number of its table. Here they become controls of
the browser's own kind, so that fingers, keyboards and screen readers work as everywhere. Files are
read as pictures and scripts only: then a page opened from a folder works as well. */
"use strict";
window.panels ??= [];
window.panelTables = {}; // by panel and part, what a part's script brings

document.addEventListener("DOMContentLoaded", () => {
  for (const panel of window.panels) {
    const place = document.querySelector(`.panel[data-panel="${panel.number}"]`);
    if (panel.live != "instead") wake(panel, place);
    if (panel.live) rateFilms(panel, place);
  }
});

function wake(panel, place) {
  const { controls, lengths } = panel;
  const image = place.querySelector("img");
  const says = place.querySelector("[role=status]");
  const table = new Table(panel, place);
  const now = controls.map((control) => control.start);
  const pictures = new Map();

  /* The number of the state where the controls stand at `at`. */
  const state = (at) =>
    lengths.length
      ? lengths.slice(0, at[0]).reduce((sum, n) => sum + n, 0) + at[1]
      : at.reduce((sum, step, k) => sum * controls[k].options.length + step, 0);
  const steps = (k) => (k == 1 && lengths.length ? lengths[now[0]] : controls[k].options.length);

  const address = (number) => `${panel.folder}/${number}.webp`;
  const load = (number) => {
    if (!pictures.has(number)) {
      const picture = new Image();
      picture.src = address(number);
      pictures.set(number, picture.decode().catch(() => {}));
    }
    return pictures.get(number);
  };
  /* The pictures one step away are fetched before they are asked for. */
  const preload = () => {
    for (const k of now.keys())
      for (const step of [-1, 1]) {
        const at = now.slice();
        at[k] += step;
        if (at[k] >= 0 && at[k] < steps(k)) load(panel.pictures[state(at)]);
      }
  };
  const show = async () => {
    const wanted = state(now);
    await load(panel.pictures[wanted]);
    if (wanted != state(now)) return; // moved on while the picture came
    for (const one of place.querySelectorAll("img")) one.src = address(panel.pictures[wanted]);
    image.alt = says.textContent = panel.sentences[wanted];
    place.dataset.state = wanted;
    table.follow(wanted);
    preload();
  };

  const form = document.createElement("form");
  form.className = "panel-controls";
  form.setAttribute("aria-label", "Controls of this panel");
  form.addEventListener("submit", (event) => event.preventDefault());
  const ranges = [];
  controls.forEach((control, k) => {
    if (control.options.length < 2) return;
    const { input, output, button } = field(control, form);
    const tell = () => {
      if (!output) return;
      output.textContent = control.options[now[k]];
      input.setAttribute("aria-valuetext", output.textContent);
      if (button) button.textContent = pressed(control, now[k], steps(k) - 1);
    };
    ranges[k] = () => {
      if (!output) return;
      input.max = steps(k) - 1;
      now[k] = Math.min(now[k], steps(k) - 1);
      input.value = now[k];
      input.disabled = steps(k) < 2;
      tell();
    };
    ranges[k]();
    input.addEventListener("input", () => {
      now[k] = control.kind == "box" ? +input.checked : +input.value;
      tell();
      if (k == 0 && lengths.length) {
        now[1] = lengths[now[0]] - 1; // a run is shown as it ended
        ranges[1]();
      }
      show();
    });
    // At the end it does nothing and says so; a disabled button would lose the keyboard's focus.
    button?.addEventListener("click", () => {
      if (now[k] == steps(k) - 1) return;
      input.value = now[k] + 1;
      input.dispatchEvent(new Event("input"));
    });
  });
  const note = place.querySelector(".panel-note");
  note.after(form);
  note.hidden = false;
  place.querySelector(".panel-hint")?.remove(); // "run this lesson to move them"
  place.dataset.state = panel.start;
  // On a phone the picture stays above the controls: none must be scrolled to behind it.
  new ResizeObserver(([{ target }]) =>
    place.style.setProperty("--picture-height", `${target.offsetHeight}px`),
  ).observe(place.querySelector(".panel-picture"));
  form.addEventListener("pointerenter", preload, { once: true });
  form.addEventListener("focusin", preload, { once: true });
}

/* What the button of a slider says: at the end, and where the page keeps only some of the values. */
function pressed({ button, options }, at, last) {
  if (at == last) return `${button} (at the end)`;
  return +options[at + 1] == +options[at] + 1 ? button : `${button} to ${options[at + 1]}`;
}

let fields = 0;

/* A control with its label before it, and for a slider its value behind it and its button below,
   put into `form`. */
function field(control, form) {
  const row = form.appendChild(document.createElement("div"));
  const label = row.appendChild(document.createElement("label"));
  label.textContent = control.label;
  const input = document.createElement(control.kind == "list" ? "select" : "input");
  input.id = label.htmlFor = `panel-control-${fields++}`;
  input.autocomplete = "off"; // after a reload the browser must not set it to another value
  row.append(input);
  if (control.kind == "list") {
    control.options.forEach((text, i) => input.add(new Option(text, i)));
    input.value = control.start;
    return { input };
  }
  if (control.kind == "box") {
    input.type = "checkbox";
    input.checked = control.start == 1;
    row.prepend(input);
    return { input };
  }
  input.type = "range";
  Object.assign(input, { min: 0, max: control.options.length - 1, value: control.start });
  // The slider tells its value itself; aria-hidden keeps it from being read twice.
  const output = row.appendChild(document.createElement("output"));
  output.setAttribute("aria-hidden", "true");
  const longest = Math.max(...control.options.map((text) => text.length));
  output.style.minWidth = `min(${longest}ch, 35%)`;
  if (!control.button) return { input, output };
  const button = form.appendChild(document.createElement("button"));
  button.type = "button";
  button.className = "panel-step";
  return { input, output, button };
}

/* The folded numbers under the picture: fetched when somebody opens them, and then kept up. */
class Table {
  constructor(panel, place) {
    this.panel = panel;
    this.details = place.querySelector("details");
    this.state = panel.start;
    this.shown = panel.numbers[panel.start];
    this.details?.addEventListener("toggle", () => this.follow(this.state));
  }

  follow(state) {
    this.state = state;
    const wanted = this.panel.numbers[state];
    if (!this.details || !this.details.open || wanted == this.shown) return;
    const part = Math.floor(wanted / this.panel.tables_a_part);
    const key = `${this.panel.number}-${part}`;
    if (window.panelTables[key]) this.write(window.panelTables[key], wanted);
    else if (!document.querySelector(`script[data-part="${key}"]`)) {
      const script = document.createElement("script");
      script.dataset.part = key;
      script.src = `${this.panel.folder}/numbers-${part}.js`;
      script.addEventListener("load", () => this.follow(this.state));
      document.head.append(script);
    }
  }

  write(part, wanted) {
    const [names, ...rows] = part[wanted % this.panel.tables_a_part];
    const table = this.details.querySelector("table");
    const row = (texts, kind) => {
      const line = document.createElement("tr");
      for (const text of texts) line.appendChild(document.createElement(kind)).textContent = text;
      return line;
    };
    const head = table.createTHead();
    head.replaceChildren(row(names ?? [], "th"));
    for (const cell of head.querySelectorAll("th")) cell.scope = "col";
    table.tBodies[0].replaceChildren(...rows.map((texts) => row(texts, "td")));
    this.shown = wanted;
  }
}
