"""What Orca's log holds is read in full, and what wasn't heard is noticed."""

import sys

import pytest

from tools import listen
from tools.listen import Heard, as_table, missing, spoken

# As Orca 43.1 writes it: a key's echo, a slider, a value with hard spaces, two lines at once.
LOG = """\
10:20:01.429406 - KEYBOARD INPUT: keyval_name='Tab'
10:20:01.429471 - SPEECH OUTPUT: 'tab ' {'established': False}
10:20:01.547260 - SPEECH OUTPUT: 'step horizontal slider 0.'{'established': False}
10:20:02.000000 - SPEECH: Last spoke 0.1178 seconds ago
10:20:02.100000 - SPEECH OUTPUT: 'p\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}1.' voice=system{'rate': 50}
10:20:02.200000 - SPEECH OUTPUT: 'JupyterLab'
10:20:02.300000 - SPEECH OUTPUT: 'The first user's match is 0.75.
                  Use its sign.'{'established': False}
10:20:02.400000 - SPEECH OUTPUT: '.' {'established': False}
"""


def test_speech_is_read_from_the_log_without_the_echo_of_keys():
    assert spoken(LOG) == [
        "step horizontal slider 0.",
        "p = 1.",
        "JupyterLab",
        "The first user's match is 0.75. Use its sign.",
    ]


def test_a_line_that_is_still_being_written_is_not_heard_yet():
    assert spoken("10:20:01 - SPEECH OUTPUT: 'step hor") == []


@pytest.mark.parametrize(
    ("said", "wanted", "lost"),
    [
        (["step horizontal slider 0."], ["step", "0"], []),
        (["horizontal slider 0."], ["step", "0"], ["step"]),  # no name
        (["step horizontal slider 0.1."], ["step", "0"], ["0"]),  # another number
        (["step horizontal slider 10."], ["step", "0"], ["0"]),
        (["slider −0.5."], ["0.5"], ["0.5"]),  # its sign is part of it
        ([], ["0.3"], ["0.3"]),  # silent
        (["0.3", "0.3 × 0.3 = 0.09."], ["0.3", "0.3 × 0.3 = 0.09."], []),
        (["0.3 × 0.3 = 0.09."], ["0.3", "0.3 × 0.3 = 0.09."], ["0.3"]),  # only in the sentence
        (["p = 1, q = 1."], ["p\N{NO-BREAK SPACE}= 1,\n q = 1"], []),
        (["stretch by horizontal slider ½."], ["stretch by", "½"], []),
    ],
)
def test_a_name_or_value_that_was_not_heard_is_noticed(said, wanted, lost):
    assert missing(said, wanted) == lost


def test_the_table_has_a_row_for_each_thing_done():
    rows = [
        Heard("Tab (slider)", ["step horizontal slider 0."]),
        Heard("→", ["1", "a | b"], ["the sentence"]),
        Heard("Space", []),
    ]
    assert as_table(rows).splitlines() == [
        "| done | Orca says |",
        "| --- | --- |",
        '| Tab (slider) | "step horizontal slider 0." |',
        '| → | "1" "a \\| b" **Not heard: the sentence.** |',
        "| Space | (nothing) |",
    ]


@pytest.mark.parametrize(("lost", "code"), [([], None), (["step"], 1)])
def test_it_fails_when_something_was_not_heard(monkeypatch, tmp_path, lost, code):
    file = tmp_path / "new" / "heard.md"
    heard = [Heard("Tab (slider)", ["horizontal slider 0."], lost)]
    monkeypatch.setattr(sys, "argv", ["listen", str(file)])
    monkeypatch.setattr(listen, "NEEDED", ())
    monkeypatch.setattr(listen, "listen", lambda folder: (heard, 1, "150"))
    monkeypatch.setattr(listen, "page_of", lambda rows, panels, chromium: as_table(rows))
    if code:
        with pytest.raises(SystemExit) as ended:
            listen.main()
        assert ended.value.code == code
    else:
        listen.main()
    assert "horizontal slider 0." in file.read_text(encoding="utf-8")


def test_where_orca_is_not_installed_it_says_so(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["listen"])
    monkeypatch.setattr(listen.shutil, "which", lambda program: None)
    with pytest.raises(SystemExit) as ended:
        listen.main()
    assert ended.value.code == 2
    assert "orca" in capsys.readouterr().err
