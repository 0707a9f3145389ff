"""What the teacher gets: a row for each file, a gradebook, and a page for each student."""

import csv
import html
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path

from tools.grade.handed_in import plain
from tools.grade.run import Row

COLUMNS = ("file", "student", "platform id", "lesson", "right", "of", "exercises", "remark")
STYLE = """
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto;
       padding: 0 1rem }
.right, .wrong { border-left: .4rem solid; padding: .3rem 1rem; margin: 1rem 0 }
.right { border-color: #00664b } .wrong { border-color: #a33c00 }
h1, h2 { overflow-wrap: anywhere } p { overflow-wrap: anywhere }
"""


class Marks:
    """The folder with the results; what is in it is kept, and a run goes on where it stopped.

    rows.jsonl is the truth, with a line for each file, written as it comes. The tables and pages
    are made of it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "rows.jsonl"
        self.rows: dict[str, Row] = {}
        if self.path.exists():
            for line in self.path.read_text("utf-8").splitlines():
                try:
                    row = Row(**json.loads(line))
                except (ValueError, TypeError):  # the line at which the last run was stopped
                    continue
                row.marks = [(bool(right), str(advice)) for right, advice in row.marks]
                self.rows[row.file] = row

    def done(self, file: str, digest: str) -> bool:
        """Whether this very file has its row already, and another run would come to the same."""
        row = self.rows.get(file)
        return row is not None and row.digest == digest and not row.may_change

    def add(self, row: Row) -> None:
        """Write a row down at once."""
        self.rows[row.file] = row
        torn = self.path.exists() and not self.path.read_bytes().endswith(b"\n")
        with self.path.open("a", encoding="utf-8") as file:
            file.write(("\n" if torn else "") + json.dumps(vars(row)) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def write(self, lessons: dict[str, str]) -> None:
        """Write the two tables and the pages. lessons: the title for each name."""
        rows = sorted(self.rows.values(), key=lambda row: row.file)
        _table(self.folder / "marks.csv", COLUMNS, map(_row, rows))
        best = best_of(rows)
        names = sorted({lesson for found in best.values() for lesson in found})
        heads = ["student", "platform id", *names, "right in all"]
        _table(
            self.folder / "gradebook.csv",
            heads,
            (
                [
                    *who,
                    *(found[name].right if _marked(found.get(name)) else "" for name in names),
                    sum(row.right for row in found.values()),
                ]
                for who, found in sorted(best.items())
            ),
        )
        pages = self.folder / "feedback"
        pages.mkdir(exist_ok=True)
        for old in pages.glob("*.html"):
            old.unlink()
        everybody = sorted({(row.student, row.platform_id) for row in rows})
        for number, who in enumerate(everybody, start=1):
            mine = [row for row in rows if (row.student, row.platform_id) == who]
            name = f"{number:03d}-{_file_name(who[0])}.html"
            (pages / name).write_text(page(who[0], mine, lessons), encoding="utf-8")


def _worth(row: Row) -> tuple[bool, int]:
    return not row.may_change, row.right


def _marked(row: Row | None) -> bool:
    """Whether somebody has marks: where the machine failed there are none, and not 0."""
    return row is not None and not row.may_change


def best_of(rows: Iterable[Row]) -> dict[tuple[str, str], dict[str, Row]]:
    """For each student and lesson the file with the most right exercises."""
    best: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        found = best.setdefault((row.student, row.platform_id), {})
        if row.lesson and (row.lesson not in found or _worth(row) > _worth(found[row.lesson])):
            found[row.lesson] = row
    return best


def page(student: str, rows: list[Row], lessons: dict[str, str]) -> str:
    """One student's page: each exercise with its verdict and the check's advice."""
    parts = [f"<h1>Feedback for {html.escape(plain(student))}</h1>"]
    for row in rows:
        title = lessons.get(row.lesson, row.lesson) or row.file
        parts.append(f"<h2>{html.escape(plain(title))}</h2><p>File: {html.escape(row.file)}</p>")
        if row.marks:
            parts.append(f"<p>{row.right} of {len(row.marks)} exercises are right.</p>")
        for number, (right, advice) in enumerate(row.marks, start=1):
            kind, word = ("right", "✓ right") if right else ("wrong", "✗ not yet")
            said = html.escape(advice)
            parts.append(f'<div class="{kind}"><b>Exercise {number}: {word}.</b> {said}</div>')
        if row.remark:
            parts.append(f"<p><b>Remark:</b> {html.escape(row.remark)}</p>")
    body = "\n".join(parts)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Feedback</title><style>{STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def _row(row: Row) -> list:
    known = bool(row.marks)
    right = " ".join(str(n) for n, (good, _) in enumerate(row.marks, start=1) if good)
    return [
        row.file,
        row.student,
        row.platform_id,
        row.lesson,
        row.right if known else "",
        len(row.marks) if known else "",
        right,
        row.remark,
    ]


def _table(path: Path, heads: Iterable[str], rows: Iterable[list]) -> None:
    """A CSV that a spreadsheet opens as text: with a byte order mark, and without formulas."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(heads)
        for row in rows:
            table.writerow([plain(cell) if isinstance(cell, str) else cell for cell in row])


def _file_name(text: str) -> str:
    return re.sub(r"[^\w-]+", "_", text).strip("_")[:60] or "student"
