"""What a **Try this.** under a panel names, and whether the site's page has it.

On a page a panel offers the values that `Panel(stills=...)` keeps. A reader who follows the text
must find each value that it names: numbers and words in quotation marks that come right after the
name of a control (*Epochs* to 30), and options in italics (*random start*). Settings that are told
in another way ("at the right end") aren't looked for.
"""

import re
from collections.abc import Mapping, Sequence

NUMBER = r"[−-]?\d[\d,]*(?:\.\d+)?(?!\w)"
JOINTS = r"(?:,|…|and|then|from|to|of|up|down|back)\s*"


def asked(text: str) -> str:
    """The part of a cell's text that tells what to try: without the folded answer."""
    return text.partition("<details>")[0] if text.startswith("**Try this.**") else ""


def left_out(
    text: str, offered: Mapping[str, Sequence[str]], options: Mapping[str, Sequence[str]]
) -> list[str]:
    """What the text of a Try this names, and the page doesn't offer, as "control: value".

    offered, options: by a control's label, the labels of its values, on the page and in all.
    """
    missing = []
    for label, kept in offered.items():
        numbers = {_number(one) for one in kept} - {None}
        said = rf"\*{re.escape(label)}\*\s+((?:{JOINTS}|{NUMBER}\s*|\"[^\"]*\"\s*)+)"
        for words in re.findall(said, text):
            quoted = re.findall(r'"([^"]*)"', words)
            missing += [f"{label}: {one}" for one in quoted if one not in kept]
            named = re.findall(NUMBER, re.sub(r'"[^"]*"', "", words))
            named = [one.rstrip(",") for one in named]
            missing += [f"{label}: {one}" for one in named if _number(one) not in numbers]
        italic = re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", text)
        missing += [
            f"{label}: {i}" for i in italic if i in options.get(label, ()) and i not in kept
        ]
    return missing


def _number(text: str) -> float | None:
    """The number that a label begins with; None if there is none."""
    found = re.match(r"[−-]?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?", text)
    return float(found[0].replace("−", "-").replace(",", "")) if found else None
