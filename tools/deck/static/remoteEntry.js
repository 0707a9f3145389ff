// Only `make slides` loads this small extension, written by hand in the form that JupyterLab loads.
// It adds to the deck what a speaker misses: below each slide its number, the time and the licence;
// with N a second window with notes from the teacher's guide; with B a black screen.
// (In a function: JupyterLab loads such files as scripts that share their names.)
(() => {
(window._JUPYTERLAB = window._JUPYTERLAB || {})["course-deck"] = {
  init() {},
  get: () => Promise.resolve(() => ({ __esModule: true, default: plugin })),
};

const LICENCE = "Collaborative filtering · © The collab_lib authors · CC BY 4.0";
const started = Date.now();
let notes = {};
let win = null;
let written = "";

const plugin = {
  id: "course-deck:plugin",
  description: "Slide number, time, notes and a black screen",
  autoStart: true,
  async activate(app) {
    const line = add("footer", "course-deck-line");
    const black = add("div", "course-deck-black");
    black.hidden = true;
    const style = document.createElement("style");
    style.textContent = STYLE;
    document.head.append(style);

    const tell = () => show(app, line);
    const watched = new WeakSet();
    setInterval(() => {
      const notebook = app.shell.currentWidget?.content;
      if (notebook?.activeCellChanged && !watched.has(notebook)) {
        watched.add(notebook);
        notebook.activeCellChanged.connect(tell);
      }
      tell();
    }, 1000);

    window.addEventListener("keydown", (event) => {
      if (!presenting() || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!black.hidden) black.hidden = true;
      else if (writing(event.target)) return;
      else if (event.key === "b" || event.key === ".") black.hidden = false;
      else if (event.key === "n") openNotes(tell);
      else return;
      event.preventDefault();
      event.stopPropagation();
    }, true);

    const config = JSON.parse(document.getElementById("jupyter-config-data").textContent);
    const answer = await fetch(`${config.fullLabextensionsUrl}/course-deck/static/notes.json`);
    if (answer.ok) notes = await answer.json();
  },
};

function add(tag, id) {
  const part = document.createElement(tag);
  part.id = id;
  document.body.append(part);
  return part;
}

function presenting() {
  return document.body.dataset.jpDeckMode === "presenting";
}

// In a text, a list or a cell that is edited, letters are letters.
function writing(target) {
  return target.matches?.("input, select, textarea") || target.isContentEditable;
}

function kind(cell) {
  return (cell.model.getMetadata("slideshow") || {}).slide_type;
}

// Where the speaker is: the number of this screen and of all, its headings, and what comes next.
function position(app) {
  const widget = app.shell.currentWidget;
  const cells = widget?.content?.widgets ?? [];
  const here = widget?.content?.activeCellIndex ?? -1;
  const screens = [];
  cells.forEach((cell, place) => ["slide", "subslide"].includes(kind(cell)) && screens.push(place));
  const headings = cells.slice(0, here + 1).map((cell) => /^###? (.*)/.exec(source(cell)));
  const last = headings.findLastIndex((found) => found);
  const section = headings.findLastIndex((found) => found && !found[0].startsWith("###"));
  return {
    lesson: widget?.context?.path?.split("/").pop().replace(".ipynb", ""),
    number: screens.filter((place) => place <= here).length,
    of: screens.length,
    headings: [last, section].filter((place) => place >= 0).map((place) => headings[place][1].trim()),
    next: source(cells.find((cell, place) => place > here && kind(cell) !== "skip")),
  };
}

function source(cell) {
  return cell?.model.sharedModel.getSource() ?? "";
}

function show(app, line) {
  if (!presenting()) return;
  const { lesson, number, of, headings, next } = position(app);
  if (!of) return;
  const clock = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const minutes = Math.floor((Date.now() - started) / 60000);
  const time = `${clock} · ${minutes} min`;
  line.textContent = `${LICENCE} · ${number} / ${of} · ${time}`;
  if (!win || win.closed) return;
  if (written !== lesson) writeNotes(lesson);
  const doc = win.document;
  doc.getElementById("where").textContent = `${number} / ${of} · ${headings[0] ?? ""} · ${time}`;
  doc.getElementById("next").textContent = next.length > 400 ? `${next.slice(0, 400)} …` : next;
  let row = null;
  doc.querySelectorAll("#guide tr").forEach((tr) => {
    const sections = (tr.cells[1]?.textContent ?? "").split(";").map((name) => name.trim());
    tr.className = headings.some((name) => sections.includes(name)) ? "now" : "";
    if (tr.className) row = row ?? tr;
  });
  if (row && row !== win.row) row.scrollIntoView({ block: "center" });
  win.row = row;
}

function openNotes(tell) {
  if (!win || win.closed) {
    win = window.open("", "course-deck-notes", "width=900,height=700");
    written = "";
  }
  win?.focus();
  tell();
}

// The guide's text was made by our own tool from docs/teaching.md; a lesson's text is set as text.
function writeNotes(lesson) {
  written = lesson;
  const doc = win.document;
  doc.title = "Notes";
  doc.documentElement.lang = "en";
  doc.head.innerHTML = `<style>${NOTES_STYLE}</style>`;
  doc.body.innerHTML =
    '<h1 id="where"></h1><h2>Next</h2><p id="next"></p><div id="guide"></div>';
  doc.getElementById("guide").innerHTML = notes[lesson] ?? "The guide has no chapter for this.";
}

const STYLE = `
#course-deck-line, #course-deck-black { display: none; }
body[data-jp-deck-mode='presenting'] #course-deck-line {
  display: block; position: fixed; bottom: 0; left: 0; right: 7em; padding: 0.2em 1em; z-index: 9000;
  font: 12px var(--jp-ui-font-family); color: var(--jp-ui-font-color2); text-align: right;
  pointer-events: none;
}
body[data-jp-deck-mode='presenting'] #course-deck-black:not([hidden]) {
  display: block; position: fixed; inset: 0; z-index: 10000; background: black;
}`;

const NOTES_STYLE = `
body { font: 16px/1.4 sans-serif; margin: 1em 2em; color: #111; background: white; }
h1 { font-size: 1.3em; } h2 { font-size: 1em; margin-bottom: 0; }
#next { white-space: pre-wrap; margin-top: 0.2em; border-left: 4px solid #888; padding-left: 0.6em; }
table { border-collapse: collapse; } td, th { border: 1px solid #888; padding: 0.2em 0.5em; text-align: left; }
tr.now { background: #ffe9a8; outline: 3px solid #996600; }`;
})();
