// JupyterLab calls a notebook changed as soon as a kernel starts, because it notes the version of
// Python in it; autosave then writes the file, and closing the tab asks whether to save. This small
// extension of JupyterLab and Notebook 7, written by hand in the form that they load, calls a lesson
// changed when somebody wrote something in it: a cell that was read, run or folded is as it was.
// Saving by hand (Ctrl+S) saves everything, as always. Other notebooks are left alone.
(() => {
(window._JUPYTERLAB = window._JUPYTERLAB || {})["clean-lessons"] = {
  init() {},
  get: () => Promise.resolve(() => ({ __esModule: true, default: plugin })),
};

const LESSON = /(^|\/)\d\d_[a-z_]+\.ipynb$/;
const watched = new WeakSet();

const plugin = {
  id: "clean-lessons:plugin",
  description: "A lesson that was only read and run counts as unchanged",
  autoStart: true,
  activate(app) {
    // Lessons are opened by hand, seldom: looking once a second misses none.
    setInterval(() => {
      for (const widget of app.shell.widgets("main")) {
        const context = widget.context;
        if (context?.model?.cells && LESSON.test(context.path) && !watched.has(context)) {
          watched.add(context);
          context.ready.then(() => watch(context));
        }
      }
    }, 1000);
  },
};

function watch(context) {
  const model = context.model;
  let saved = writing(model);
  const look = () => {
    if (!model.isDisposed && model.dirty && writing(model) === saved) model.dirty = false;
  };
  model.stateChanged.connect((_, change) => {
    // When what sets the mark has done all that it wants to, and before a timer can save.
    if (change.name === "dirty" && change.newValue) queueMicrotask(look);
  });
  context.saveState.connect((_, state) => {
    if (state === "completed") saved = writing(model);
  });
  look();
}

// What is written in a lesson: its cells, their order, kinds and texts. Outputs aren't.
function writing(model) {
  const cells = Array.from(model.cells, (cell) => [cell.id, cell.type, cell.sharedModel.getSource()]);
  return JSON.stringify(cells);
}
})();
