"""Draw every state of every panel once, so that the site's pages need no kernel.

python -m tools.stills                       all lessons, into build/stills
python -m tools.stills notebooks/03_*.ipynb  some
python -m tools.stills --limit 30            at most 30 states a panel, for a quick look

Each lesson is run once, in a process of its own, from the top to its last panel. Where a cell shows
a panel, its grid is walked: every combination of the values that `Panel(stills=...)` keeps, or of
all values. A panel that trains is trained once for each of its `stills`, and every epoch is a
state. A state is a picture (a file of its own, WebP without loss) and a sentence. What comes of a
lesson lies in build/stills/<lesson>/<key>, where the key is made of everything that it was made
from: the lesson's code, the library, the ratings. As long as they stay, nothing is drawn again.
"""

import argparse
import contextlib
import gc
import hashlib
import io
import itertools
import json
import math
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ipywidgets as w
import nbformat
import numpy as np
import torch
from matplotlib.figure import Figure
from nbformat import NotebookNode
from PIL import Image

from collab_lib.kit.canvas import pixels_of
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import Picture
from collab_lib.kit.training_panel import TrainingPanel
from tools import try_this
from tools.course import lesson_paths
from tools.lesson_panels import panels_as_shown
from tools.live import live_data, remember_what_panels_are_made_from

PROJECT = Path(__file__).parent.parent
STILLS = PROJECT / "build" / "stills"
LEAST_GAP = 3  # pixels without ink between two plots that may be cut apart
LIMIT = 340
SAMPLE = 6  # states of each panel that are compared with the panel itself


class NotLive(Exception):
    """A panel can't be shown without a kernel; the message says which, and what to do."""


@dataclass(frozen=True)
class Axis:
    """One control of a panel: its values in order, and how they are called.

    kind: "range", "list" or "box". start: the place of the value that it starts with. button: what
    the button says that moves it one on; "" if there is none.
    """

    name: str
    label: str
    kind: str
    values: list
    labels: list[str]
    start: int
    button: str = ""


@dataclass
class Grid:
    """All states of a panel: for each combination of values, a picture's number and a sentence.

    axes: the last one changes fastest. lengths: only of a panel that trains; its first axis is the
    run, its second the epoch, and a run has as many epochs as it has.
    """

    axes: list[Axis]
    width: int
    height: int
    start: int
    pictures: list[int] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    tables: list[list] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    pieces: list[float] = field(default_factory=list)


# --- a lesson, run -------------------------------------------------------------------------------


def lesson_key(path: Path, limit: int) -> str:
    """A hash of everything that the stills of a lesson are made from."""
    cells = nbformat.read(path, 4).cells
    code = "\n".join(c.source for c in cells if c.cell_type == "code")
    asked = [try_this.asked(c.source) for c in cells if c.cell_type == "markdown"]
    library = PROJECT / "collab_lib"
    own, todo = set(), set(_lessons_named_in(code))
    while todo:
        own.add(name := todo.pop())
        for file in (library / "lessons" / name).rglob("*.py"):
            todo |= set(_lessons_named_in(file.read_text(encoding="utf-8"))) - own
    found = hashlib.sha256(f"{limit}\n{code}\n{asked}".encode())
    tools = [
        Path(__file__),
        *(Path(__file__).with_name(f"{name}.py") for name in ("lesson_panels", "live", "try_this")),
    ]
    for file in sorted([*tools, *library.rglob("*.*")]):
        inside = file.relative_to(PROJECT).parts
        foreign = inside[:2] == ("collab_lib", "lessons") and inside[2] not in own
        if file.is_file() and "__pycache__" not in inside and not foreign:
            found.update(f"{file.relative_to(PROJECT)}\n".encode() + file.read_bytes())
    return found.hexdigest()[:12]


def _lessons_named_in(code: str) -> list[str]:
    return re.findall(r"collab_lib\.lessons\.(\w+)", code)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """The random numbers that come after the block are those that would have come without it."""
    states = torch.get_rng_state(), np.random.get_state(), random.getstate()
    yield
    torch.set_rng_state(states[0])
    np.random.set_state(states[1])
    random.setstate(states[2])


# --- a panel, walked -----------------------------------------------------------------------------


def choices(control: w.Widget) -> tuple[str, list[tuple[str, Any]]]:
    """The kind of a control on the page, and its (label, value) pairs; none for free text."""
    if isinstance(control, w.Checkbox | w.ToggleButton):
        return "box", [("no", False), ("yes", True)]
    if hasattr(control, "_options_full"):
        kind = "range" if isinstance(control, w.SelectionSlider) else "list"
        return kind, [(str(label), value) for label, value in control._options_full]
    if isinstance(control, w.IntSlider | w.BoundedIntText):
        return "range", [(f"{v}", v) for v in range(control.min, control.max + 1, control.step)]
    if isinstance(control, w.FloatSlider | w.BoundedFloatText):
        steps = round((control.max - control.min) / control.step)
        values = [round(control.min + i * control.step, 10) for i in range(steps + 1)]
        return "range", [(f"{v:g}", v) for v in values]
    if isinstance(control, w.Text):
        return "list", []
    raise NotLive(f"a page has nothing like a {type(control).__name__}: use another control")


def axes_of(panel: Panel, limit: int = LIMIT) -> list[Axis]:
    """The controls of a panel with the values that the page offers, at most `limit` in all.

    Where `stills` names no values and all of them are too many, every second one is left out until
    they are few enough. Raises NotLive if a value of `stills` isn't one of its control's.
    """
    kept = dict(panel.stills or {})
    offered = {}
    with _free_text_set(panel, kept):
        for name, control in panel.controls.items():
            kind, pairs = choices(control)
            if name in kept and not pairs:
                pairs = [(str(value) or "(empty)", value) for value in kept[name]]
            elif name in kept:
                pairs = [_named(name, pairs, value) for value in kept[name]]
            elif not pairs:
                pairs = [(str(control.value) or "(empty)", control.value)]
            offered[name] = kind, pairs
    starts = {name: _nearest(offered[name][1], c.value) for name, c in panel.controls.items()}
    while math.prod(len(pairs) for _, pairs in offered.values()) > limit:
        # Of equally long ones the last: what comes first in a panel matters most.
        name = max(reversed(offered), key=lambda name: len(offered[name][1]))
        kind, pairs = offered[name]
        at, n = starts[name], len(pairs)
        places = {*range(at % 2, n, 2)} | ({0, n - 1} if n > 6 else set())
        if n <= 3:
            places = {at} if n == 2 else {at, 0 if at else n - 1}
        offered[name] = kind, [pairs[i] for i in sorted(places)]
        starts[name] = sorted(places).index(at)
    return [
        Axis(
            name,
            _label(panel.controls[name], name),
            kind,
            *_unzip(pairs),
            starts[name],
            getattr(panel.controls[name], "press", ""),
        )
        for name, (kind, pairs) in offered.items()
    ]


@contextlib.contextmanager
def _free_text_set(panel: Panel, kept: dict) -> Iterator[None]:
    """What is typed in decides what a list beside it offers: the first text of `stills` counts."""
    before = {name: control.value for name, control in panel.controls.items()}
    texts = {n: v[0] for n, v in kept.items() if n in before and not choices(panel.controls[n])[1]}
    with panel.held():
        for name, value in texts.items():
            panel.controls[name].value = value
        yield
        for name, value in before.items():
            panel.controls[name].value = value


def _named(name: str, pairs: list[tuple[str, Any]], value: Any) -> tuple[str, Any]:
    for label, one in pairs:
        if one == value or (isinstance(one, float) and math.isclose(one, value, abs_tol=1e-9)):
            return label, one
    raise NotLive(f"stills gives {name} the value {value!r}, which the control doesn't have")


def _nearest(pairs: list[tuple[str, Any]], value: Any) -> int:
    values = [one for _, one in pairs]
    if value in values:
        return values.index(value)
    numbers = all(isinstance(one, int | float) for one in [*values, value])
    return int(np.argmin([abs(one - value) for one in values])) if numbers else 0


def _label(control: w.Widget, name: str) -> str:
    return (control.description or name.replace("_", " ")).strip().rstrip(":")


def _unzip(pairs: list[tuple[str, Any]]) -> tuple[list, list[str]]:
    return [value for _, value in pairs], [label for label, _ in pairs]


def states(panel: Panel, limit: int = LIMIT) -> tuple[list[Axis], list[int], Iterator]:
    """A panel's axes, the lengths of its runs (if it trains), and a picture for each state."""
    if isinstance(panel, TrainingPanel):
        return _runs(panel, limit)
    axes = axes_of(panel, limit)
    names = [axis.name for axis in axes]
    grid = itertools.product(*[axis.values for axis in axes])
    return axes, [], (_draw(panel, dict(zip(names, values, strict=True))) for values in grid)


def _draw(panel: Panel, values: dict) -> Picture:
    """The picture of a state, without setting a control: observers and encoders take their time."""
    picture = panel.draw(**values)
    if panel.keep_layout:
        panel.picture = picture
        panel._place_axes()
    return picture


def _runs(panel: TrainingPanel, limit: int) -> tuple[list[Axis], list[int], Iterator]:
    """A panel that trains: its runs one after the other, as if the button were pressed for each.

    No further run begins once there are `limit` states.
    """
    settings = [dict(one) for one in panel.recorded or [{}]]
    told = list(dict.fromkeys(name for one in settings for name in one if name != "n_epochs"))
    first = panel.picture
    runs, labels = [[first]], ["not trained yet"]
    for number, values in enumerate(settings, start=1):
        if sum(map(len, runs)) >= limit:
            break
        panel(**values)
        pictures = [panel.picture]
        for _ in panel._epochs():
            pictures.append(panel.picture)
        runs.append(pictures[2:] if len(pictures) > 2 else pictures)
        words = [f"{_label(panel.controls[n], n)} {_shown(panel.controls[n])}" for n in told]
        labels.append(f"run {number}: {', '.join(words)}" if words else f"run {number}")
    lengths = [len(pictures) for pictures in runs]
    epochs = [str(n) for n in range(1, max(lengths) + 1)]
    axes = [
        Axis("run", "recorded run", "list", list(range(len(runs))), labels, 0),
        Axis("epoch", "epoch", "range", epochs, epochs, 0),
    ]
    return axes, lengths, (picture for pictures in runs for picture in pictures)


def _shown(control: w.Widget) -> str:
    """What a reader sees as the value of a control."""
    _, pairs = choices(control)
    return next((label for label, value in pairs if value == control.value), str(control.value))


def walk(panel: Panel, limit: int = LIMIT, folder: Path | None = None) -> Grid:
    """Draw all states of a panel; pictures go to `folder` as 0.webp, 1.webp, ...

    Equal pictures are stored once, equal tables too. Raises NotLive if the panel can't be shown.
    """
    first = panel.picture
    axes, lengths, pictures = states(panel, limit)
    grid = None
    places: dict[bytes, int] = {}
    tables: dict[str, int] = {}
    ink = None
    for picture in pictures:
        pixels, data = encode(picture, panel.frames.pixels)
        if grid is None:
            grid = Grid(axes, *pixels.shape[1::-1], start=0, lengths=lengths)
            ink, gaps = np.zeros(pixels.shape[1], bool), _gaps(picture.figure)
        elif pixels.shape[1::-1] != (grid.width, grid.height):
            raise NotLive(f"its pictures differ in size: {pixels.shape[1::-1]}, {grid.width}")
        digest = _digest(pixels)
        if digest not in places:
            places[digest] = len(places)
            ink |= (pixels.min(axis=0)[:, :3] < 250).any(axis=1)
            if folder:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / f"{places[digest]}.webp").write_bytes(data())
        grid.pictures.append(places[digest])
        grid.sentences.append(picture.sentence)
        table = json.dumps(table_of(picture), ensure_ascii=False)
        grid.numbers.append(tables.setdefault(table, len(tables)))
    if len(set(grid.pictures)) < 2:
        raise NotLive("nothing changes on the page, whatever is moved: name more in `stills`")
    grid.tables = [json.loads(table) for table in tables]
    grid.digests = list(places)
    grid.pieces = _pieces(ink, gaps)
    grid.start = _start(grid, first)
    return grid


def as_it_starts(panel: Panel, folder: Path) -> Grid:
    """A grid of one state, for a panel that works on the page without stills."""
    pixels, webp = encode(panel.picture)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "0.webp").write_bytes(webp())
    grid = Grid([], *pixels.shape[1::-1], start=0, pictures=[0], numbers=[0])
    grid.sentences, grid.tables = [panel.picture.sentence], [table_of(panel.picture)]
    return grid


def encode(
    picture: Picture, draw: Callable[[Figure], np.ndarray] = pixels_of
) -> tuple[np.ndarray, Callable[[], bytes]]:
    """The pixels of a picture, and a function that makes a WebP of the 256 colours of its PNG.

    draw: gives the pixels of the figure; a panel has one that copies what it drew before.
    """
    pixels = draw(picture.figure)

    def webp() -> bytes:
        image = Image.fromarray(pixels).convert("RGB")
        few = image.quantize(256, method=Image.Quantize.FASTOCTREE).convert("RGB")
        buffer = io.BytesIO()
        # Less effort makes the site too large; more saves a fortieth, for twice the time.
        few.save(buffer, "WEBP", lossless=True, quality=50, method=4)
        return buffer.getvalue()

    return pixels, webp


def _digest(pixels: np.ndarray) -> bytes:
    return hashlib.blake2b(pixels).digest()


def table_of(picture: Picture) -> list[list[str]]:
    """The numbers of a picture as rows of text, the names of the columns first; [] if none."""
    numbers = picture.numbers
    if numbers.empty:
        return []
    rows = numbers.itertuples(index=False, name=None)
    return [[str(name) for name in numbers.columns], *([_text(v) for v in row] for row in rows)]


def _text(value: Any) -> str:
    if isinstance(value, float | np.floating):
        return "" if math.isnan(value) else f"{value:.4g}"
    return "" if value is None else str(value)


def _start(grid: Grid, first: Picture) -> int:
    """The state that the lesson shows: where the controls start, or else the one that says so."""
    place = 0
    for axis in grid.axes:
        place = place * len(axis.values) + axis.start
    if grid.lengths:
        place = 0
    if grid.sentences[place] == first.sentence:
        return place
    if first.sentence in grid.sentences:
        return grid.sentences.index(first.sentence)
    stands = ", ".join(f"{axis.name}={axis.values[axis.start]!r}" for axis in grid.axes)
    raise NotLive(
        f"no state on the page is the one that it starts with; the nearest is {stands}, which says "
        f"{grid.sentences[place]!r} and not {first.sentence!r}: name the start's values in `stills`"
    )


def _gaps(figure: Figure) -> list[tuple[int, int]]:
    """The columns of pixels between plots side by side: from the first up to the last."""
    boxes = [axes.get_tightbbox() for axes in figure.axes]
    spans = sorted((box.x0, box.x1) for box in boxes if box is not None and box.width > 0)
    gaps, right = [], math.inf
    for x0, x1 in spans:
        if x0 > right:
            gaps.append((math.ceil(right), math.floor(x0)))
        right = x1 if right is math.inf else max(right, x1)
    return gaps


def _pieces(ink: np.ndarray, gaps: list[tuple[int, int]]) -> list[float]:
    """Where a phone may cut the pictures, to put plots under each other: shares of the width.

    Only where no picture has ink, and so that no piece is narrower than a quarter. The labels of a
    backdrop belong to no axes, and may stand between two plots: they are the right one's.
    """
    width, cuts = len(ink), [0.0]
    for left, right in gaps:
        while left > 0 and not ink[left - 1]:
            left -= 1
        runs = (run for run in _without_ink(ink, left, right) if len(run) >= LEAST_GAP)
        run = next(runs, range(0))
        share = round((run.start + run.stop) / 2 / width, 4)
        if run and share - cuts[-1] > 0.25 and share < 0.75:
            cuts.append(share)
    return [*cuts[1:]]


def _without_ink(ink: np.ndarray, left: int, right: int) -> Iterator[range]:
    """The runs of columns without ink from `left` up to `right`."""
    start = left
    for column in range(left, right + 1):
        if column == right or ink[column]:
            yield range(start, column)
            start = column + 1


# --- a lesson, stored ----------------------------------------------------------------------------


def draw_lesson(path: Path, folder: Path, limit: int = LIMIT) -> None:
    """Run a lesson, and write its panels' pictures and panels.json into `folder`."""
    panels, troubles = [], []
    remember_what_panels_are_made_from()
    for cell, panel in panels_as_shown(path, Path.cwd(), whole=False):
        number = len(panels) + len(troubles)
        before = time.process_time()
        # What the lesson made stays: looking for garbage in it took a tenth of the time.
        gc.collect()
        gc.freeze()
        with undisturbed():
            try:
                live = live_data(panel)
                if live and live["instead"]:
                    grid, sample = as_it_starts(panel, folder / str(number)), []
                else:
                    if missing := not_offered(path, cell, panel):
                        raise NotLive(f"`stills` lacks what its Try this names: {missing}")
                    grid = walk(panel, limit, folder / str(number))
                    sample = [] if grid.lengths else compare(panel, grid)
            except NotLive as trouble:
                line = cell.source.strip().splitlines()[-1]
                troubles.append(f"{path.stem}, cell {cell.id}, {line}: {trouble}")
                continue
        seconds = time.process_time() - before
        panels.append(_as_stored(grid, sample, seconds) | {"live": live})
    if troubles:
        raise NotLive("\n".join(troubles))
    folder.mkdir(parents=True, exist_ok=True)
    stored = json.dumps(panels, ensure_ascii=False, separators=(",", ":"))
    (folder / "panels.json").write_text(stored, encoding="utf-8")


def not_offered(path: Path, cell: NotebookNode, panel: Panel) -> list[str]:
    """What the Try this under a panel names, and a page with all stills doesn't offer."""
    cells = nbformat.read(path, as_version=4).cells
    place = next(i for i, one in enumerate(cells) if one.id == cell.id)
    text = try_this.asked(cells[place + 1].source) if place + 1 < len(cells) else ""
    options = {
        _label(control, name): [label for label, _ in choices(control)[1]]
        for name, control in panel.controls.items()
    }
    if isinstance(panel, TrainingPanel):
        offered = {_label(c, name): [_shown(c)] for name, c in panel.controls.items()}
        for values in panel.recorded or []:
            for name, value in values.items():
                label, pairs = _label(panel.controls[name], name), choices(panel.controls[name])[1]
                offered[label].append(_named(name, pairs, value)[0])
    else:
        offered = {axis.label: axis.labels for axis in axes_of(panel)}
    return try_this.left_out(text, offered, options)


def compare(panel: Panel, grid: Grid) -> list[dict]:
    """Set some states through the panel's own controls: picture and sentence must be those walked.

    Returns them, values as the page names them, with the sentence: a test sets them on the page.
    """
    before = {name: control.value for name, control in panel.controls.items()}
    sample, last = [], len(grid.sentences) - 1
    for place in sorted({grid.start, *(last * i // (SAMPLE - 1) for i in range(SAMPLE))}):
        values, labels, rest = {}, {}, place
        for axis in reversed(grid.axes):
            rest, at = divmod(rest, len(axis.values))
            values[axis.name], labels[axis.label] = axis.values[at], axis.labels[at]
        picture = panel(**{name: values[name] for name in panel.controls})
        if picture.sentence != grid.sentences[place]:
            raise NotLive(
                f"for {values} the page would say {grid.sentences[place]!r}, and the panel says "
                f"{picture.sentence!r}"
            )
        again = _draw(panel, {name: control.value for name, control in panel.controls.items()})
        if _digest(panel.frames.pixels(again.figure)) != grid.digests[grid.pictures[place]]:
            raise NotLive(f"for {values} the page would show another picture than the panel does")
        sample.append({"set": labels, "says": picture.sentence})
    panel(**before)
    return sample


def _as_stored(grid: Grid, sample: list[dict], seconds: float) -> dict:
    """A grid as the page's script reads it."""
    controls = [
        {"label": a.label, "kind": a.kind, "options": a.labels, "start": a.start}
        | ({"button": a.button} if a.button else {})
        for a in grid.axes
    ]
    fields = ("width", "height", "start", "pictures", "sentences", "numbers", "tables", "lengths")
    told = {name: getattr(grid, name) for name in (*fields, "pieces")}
    return {"controls": controls, **told, "sample": sample, "seconds": seconds}


def make(
    paths: Sequence[Path] | None = None, limit: int = LIMIT, folder: Path = STILLS
) -> dict[str, Path]:
    """The folder with the stills of each lesson; those that aren't there yet are drawn.

    Raises NotLive if a panel can't be shown without a kernel, RuntimeError if a lesson fails.
    """
    paths = lesson_paths() if paths is None else paths
    folders = {
        path.stem: folder / path.stem / f"{lesson_key(path, limit)}-{limit}" for path in paths
    }
    missing = [path for path in paths if not (folders[path.stem] / "panels.json").exists()]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        errors = list(pool.map(lambda p: _draw_apart(p, folders[p.stem], limit), missing))
    if troubles := [error for error in errors if error]:
        raise NotLive("\n".join(troubles))
    for path in missing:
        for old in folders[path.stem].parent.glob(f"*-{limit}"):
            if old != folders[path.stem]:
                shutil.rmtree(old)
    return folders


def _draw_apart(path: Path, folder: Path, limit: int) -> str:
    """Draw a lesson in a process of its own; returns what went wrong, or nothing."""
    shutil.rmtree(folder, ignore_errors=True)
    # The bundled edition, the guest in the reader's place, and no thread that another waits for.
    left_out = ("COLLAB_DATA", "COLLAB_USERS", "PYTHONWARNINGS")
    environment = {k: v for k, v in os.environ.items() if k not in left_out}
    environment |= {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-m", "tools.stills", "--draw", str(folder), f"--limit={limit}"]
    with tempfile.TemporaryDirectory() as nobody:
        done = subprocess.run(
            [*command, str(path.resolve())],
            cwd=nobody,
            env=environment,
            capture_output=True,
            text=True,
        )
    if done.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        return done.stderr.strip() or done.stdout.strip() or f"{path.stem} failed"
    return ""


def are_drawn(limit: int = LIMIT, folder: Path = STILLS) -> bool:
    """Whether the stills of all lessons are there, so that `make` has nothing to do."""
    return all(
        (folder / path.stem / f"{lesson_key(path, limit)}-{limit}" / "panels.json").exists()
        for path in lesson_paths()
    )


def report(folders: dict[str, Path]) -> str:
    """A line for each panel: states, pictures, megabytes, seconds of processor."""
    lines = ["lesson                        panel  states  pictures    MB  CPU s  controls"]
    states_sum = bytes_sum = seconds_sum = 0
    for stem, folder in folders.items():
        for number, panel in enumerate(json.loads((folder / "panels.json").read_text("utf-8"))):
            files = list((folder / str(number)).glob("*.webp"))
            size = sum(file.stat().st_size for file in files)
            grid = " × ".join(str(len(control["options"])) for control in panel["controls"])
            lines.append(
                f"{stem:30}{number:5}{len(panel['sentences']):8}{len(files):10}"
                f"{size / 1e6:6.1f}{panel['seconds']:7.1f}  {grid}"
            )
            states_sum += len(panel["sentences"])
            bytes_sum += size
            seconds_sum += panel["seconds"]
    lines.append(f"{'all':35}{states_sum:8}{'':10}{bytes_sum / 1e6:6.1f}{seconds_sum:7.1f}")
    return "\n".join(lines)


def _limit(text: str) -> int:
    if not int(text) > 0:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return int(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--limit", type=_limit, default=LIMIT, help="states of a panel, at most")
    parser.add_argument("--draw", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    try:
        if chosen.draw:
            draw_lesson(chosen.notebooks[0], chosen.draw, chosen.limit)
        else:
            print(report(make(chosen.notebooks or None, chosen.limit)))
    except (NotLive, RuntimeError) as trouble:
        sys.exit(f"{trouble}")


if __name__ == "__main__":
    main()
