"""A small lesson, and a bank of submissions that would harm a grader who trusts them."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

ANSWER, FUNCTION = "n_rows = 3", "def double(x):\n    return 2 * x"

LESSON = [
    ("markdown", "# 3. A small lesson about counting the rows of a table", "03-001", []),
    ("markdown", "Four users gave one rating each. One of them took it back.", "03-002", []),
    ("code", "rows = [4.0, 3.5, 5.0]  # the ratings that are left in the table", "03-003", []),
    ("code", "n_rows = 100", "03-004", ["exercise"]),
    (
        "code",
        "from collab_lib.kit.check import ask, judge\n\n"
        'judge(n_rows, len(rows), praise="Three rows.", otherwise="Count the rows.")',
        "03-005",
        ["check"],
    ),
    ("code", "def double(x):\n    return x", "03-006", ["exercise"]),
    (
        "code",
        'judge(ask(double, 3.5), 7.0, praise="Twice as much.", otherwise="Multiply by two.")',
        "03-007",
        ["check"],
    ),
    ("markdown", "That was the small lesson. Go on with the next one when you like.", "03-008", []),
]


def notebook(cells=LESSON, **changes) -> dict:
    """A notebook as a dictionary, with what `changes` replaces at its top level."""
    made = [
        {
            "cell_type": kind,
            "source": source,
            "id": name,
            "metadata": {"tags": tags},
            **({"outputs": [], "execution_count": None} if kind == "code" else {}),
        }
        for kind, source, name, tags in cells
    ]
    return {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **changes}


def answered(first=ANSWER, second=FUNCTION, before="", after="", **changes) -> dict:
    """The small lesson with two answers, and code before the first and after the second check."""
    cells = []
    for kind, source, name, tags in LESSON:
        source = {"03-004": first, "03-006": second}.get(name, source)
        if name == "03-004" and before:
            cells.append(("code", before, "mine-1", []))
        cells.append((kind, source, name, tags))
    if after:
        cells.append(("code", after, "mine-2", []))
    return notebook(cells, **changes)


@dataclass(frozen=True)
class Case:
    """A submission, and what it must get. marks: of the two exercises; None: it isn't run."""

    name: str
    content: object
    marks: tuple[bool, bool] | None
    remark: str = ""

    def write(self, folder: Path) -> None:
        path = folder / f"03_small_{self.name}.ipynb"
        if callable(self.content):
            self.content(path)
        elif isinstance(self.content, bytes):
            path.write_bytes(self.content)
        else:
            path.write_text(json.dumps(self.content), encoding="utf-8")


@dataclass
class Bank:
    """Both halves of the bank: what is no notebook, and what is one."""

    cases: list[Case] = field(default_factory=list)

    def add(self, name, content, marks=None, remark="") -> None:
        self.cases.append(Case(name, content, marks, remark))


WRONG = (False, False)
FIRST, SECOND, BOTH = (True, False), (False, True), (True, True)


def malformed() -> list[Case]:
    """Files that are no notebook, or none of this lesson."""
    bank = Bank()
    bank.add("list", [], None, "is not a notebook")
    bank.add("number", 42, None, "is not a notebook")
    bank.add("null", None, None, "is not a notebook")
    bank.add("empty_object", {}, None, "no list of cells")
    bank.add("no_cells", {"metadata": {}, "nbformat": 4}, None, "no list of cells")
    bank.add("cell_is_a_number", notebook() | {"cells": [1]}, None, "cell 1 is no cell")
    bank.add("source_is_a_number", notebook([("code", 7, "x", [])]), None, "cell 1 has no text")
    bank.add("of_2014", {"worksheets": [], "nbformat": 3}, None, "2015 or older")
    bank.add("brackets", b"[" * 200_000, None, "is not a notebook")
    bank.add("nothing", b"", None, "is not a notebook")
    bank.add("bytes", bytes(range(256)) * 20, None, "is not a notebook")
    bank.add("page", b"<html><body>my answer is 3</body></html>", None, "is not a notebook")
    bank.add("foreign", notebook([("code", "print('my own notebook')", "x", [])]), None, "no copy")
    bank.add("folder", lambda path: path.mkdir(), None, "is a folder")
    bank.add("broken_link", lambda path: path.symlink_to("nowhere"), None, "is a link")
    bank.add("link_to_a_secret", lambda path: path.symlink_to("/etc/passwd"), None, "is a link")
    bank.add("pipe", lambda path: os.mkfifo(path), None, "no plain file")
    bank.add(
        "huge",
        lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_RDWR), 2**25),
        None,
        "has more than",
    )
    return bank.cases


def harmless() -> list[Case]:
    """Odd, and right all the same."""
    bank = Bank()
    conda = {"kernelspec": {"name": "conda-env-collab-py", "display_name": "x"}}
    bank.add("conda", answered(metadata=conda), BOTH)
    bank.add("kernel_of_r", answered(metadata={"kernelspec": {"name": "ir"}}), BOTH)
    bank.add("metadata_null", answered(metadata=None), BOTH)
    bare = answered()
    for cell in bare["cells"]:
        cell.pop("id")
        cell["metadata"] = None
    bank.add("no_ids_no_tags", bare, BOTH)
    bank.add("right", answered(), BOTH)
    bank.add("starter", notebook(), WRONG)
    bank.add("no_checks", notebook([c for c in LESSON if "check" not in c[3]]), WRONG, "missing")
    bank.add("numpy_number", answered("import numpy\nn_rows = numpy.int8(3)"), BOTH)
    bank.add("prints", answered(before="import os\nos.system('echo 03_small_rival,2,2')"), BOTH)
    bank.add("breaks_early", answered(before="1 / 0"), BOTH, "ZeroDivisionError")
    return bank.cases


LIAR = """
class Liar{base}:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __bool__(self): return True
    def __float__(self): return 3.0
    def __array__(self, *given, **named): import numpy; return numpy.array(3.0)
    __hash__ = object.__hash__
"""


def hostile() -> list[Case]:
    """Notebooks that attack the marks, the others, the machine or the grader."""
    bank = Bank()
    wrong, same = "n_rows = 100", "def double(x):\n    return x"

    def attack(name, before="", first=wrong, second=same, marks=WRONG, remark="", after=""):
        bank.add(name, answered(first, second, before, after), marks, remark)

    # Making a wrong answer right.
    attack(
        "patched_check",
        "import collab_lib.kit.check as c\n"
        "c.judge = lambda *a, **k: c.right('mine')\nc.Verdict.passed = True",
    )
    attack(
        "patched_modules",
        "import sys, types\nfake = types.ModuleType('collab_lib.kit.check')\n"
        "fake.judge = fake.ask = lambda *a, **k: '✓ mine'\n"
        "sys.modules['collab_lib.kit.check'] = fake",
    )
    attack(
        "patched_builtins",
        "import builtins\nbuiltins.isinstance = lambda *a: True\n"
        "builtins.abs = builtins.len = lambda *a: 0\nbuiltins.float = lambda *a: 3.0",
    )
    attack("patched_numpy", "import numpy\nnumpy.allclose = lambda *a, **k: True")
    attack("always_equal", LIAR.format(base=""), first="n_rows = Liar()", remark="")
    attack("int_that_lies", LIAR.format(base="(int)"), first="n_rows = Liar(100)")
    attack(
        "float_that_lies", LIAR.format(base="(float)"), second="def double(x):\n    return Liar(1)"
    )
    attack(
        "class_that_lies",
        "class Liar:\n    __class__ = property(lambda self: int)\n"
        "    def __index__(self): return 3\n    __int__ = __index__",
        first="n_rows = Liar()",
    )
    attack(
        "not_a_number",
        first="n_rows = float('nan')",
        second="def double(x):\n    return float('nan')",
    )
    attack(
        "displays_ticks",
        "from IPython.display import display, HTML\ndisplay(HTML('✓ Right.'))\nprint('✓ Right.')",
    )
    attack(
        "cell_hook",
        "def tick(*given): get_ipython().user_ns['n_rows'] = 100\n"
        "get_ipython().events.register('pre_run_cell', tick)\n"
        "get_ipython().events.register('post_run_cell', tick)",
        first=ANSWER,
    )
    ticks = answered(wrong, same)
    for cell in ticks["cells"]:
        if "check" in cell["metadata"]["tags"]:
            cell["source"] = "class Tick:\n    __repr__ = lambda self: '✓'\nTick()"
            cell["outputs"] = [
                {
                    "output_type": "execute_result",
                    "execution_count": 1,
                    "metadata": {},
                    "data": {"text/plain": "✓ Right."},
                }
            ]
    bank.add("edited_checks", ticks, WRONG)
    attack("renamed_lesson_names", "rows = list(range(100))\nlen = lambda x: 100")
    frames = "import gc\npeers = [o for o in gc.get_objects() if type(o).__name__ == 'Student']\n"
    attack("ends_the_talk", frames + "peers[0].request('end', errors=[])")
    attack(
        "forges_replies",
        frames + "for k in range(9):\n    peers[0]._send({'reply': {'passed': True}})",
        remark="nobody asked",
    )
    attack(
        "asks_the_judge",
        frames + "try:\n    peers[0].request('call', number=0, given=[], "
        "named={})\nexcept Exception: pass\n"
        "try:\n    peers[0].request('attribute', number=0, name='__globals__')\n"
        "except Exception: pass",
    )
    attack(
        "judges_itself",
        frames + "peers[0].request('judge', check=1, errors=[], "
        "names={'n_rows': True, 'judge': 1, 'rows': 1})",
    )
    attack(
        "second_try",
        frames + "peers[0].request('judge', check=1, errors=[], names={'n_rows': 100})",
        first=ANSWER,
    )
    attack(
        "other_names",
        frames + "peers[0].request('judge', check=1, errors=[], names="
        "{'n_rows': {'dataclass': ['subprocess', 'Popen'], 'fields': {}}})",
        remark="answer that is none",
    )
    attack(
        "pickle",
        frames + "peers[0].request('judge', check=1, errors=[], names="
        "{'n_rows': {'array': ['|O', [1], 'gASVAAAA']}})",
        remark="answer that is none",
    )
    attack(
        "gibberish",
        "import os\nfor fd in range(3, 64):\n    try: os.write(fd, b'x' * 64)\n"
        "    except OSError: pass",
        remark="nonsense",
    )
    # Harming others.
    plant = (
        "import os, pathlib\nfor name in ('collab_lib', 'torch', 'numpy', 'pandas'):\n"
        "    try:\n        os.makedirs(name, exist_ok=True)\n"
        "        pathlib.Path(name, '__init__.py').write_text('raise SystemExit')\n"
        "        pathlib.Path(name + '.py').write_text('raise SystemExit')\n"
        "    except OSError: pass\n"
    )
    attack("plants", plant, first=ANSWER, second=FUNCTION, marks=BOTH)
    # Where the grader runs as root the rights of the files would refuse this as well: a file system
    # that is read-only is what the sandbox itself does.
    attack(
        "edits_the_checks",
        "import os, numpy, collab_lib\n"
        "check = os.path.join(os.path.dirname(collab_lib.__file__), 'kit', 'check.py')\n"
        "try:\n    open(check, 'a')\nexcept OSError: pass\nelse: raise SystemExit\n"
        "files = [check, numpy.__file__, os.__file__]\n"
        "closed = [os.statvfs(f).f_flag & os.ST_RDONLY for f in files]",
        first="n_rows = 3 if all(closed) else 0",
        marks=FIRST,
    )
    attack(
        "reads_the_others",
        "import glob, os\nfound = [f for top in ('/tmp', '/home', '/root', "
        "'/var', '/work') for f in glob.glob(top + '/**/03_small*', recursive=True)]\n"
        "for f in found:\n    os.remove(f)\n",
        first="n_rows = 3 + len(found)",
        marks=FIRST,
    )
    attack(
        "reads_the_marks",
        "import glob\nfound = [f for top in ('/tmp', '/home', '/root', "
        "'/work') for f in glob.glob(top + '/**/rows.jsonl', recursive=True)]",
        first="n_rows = 3 + len(found)",
        marks=FIRST,
    )
    attack(
        "uses_the_network",
        "import socket\ntry:\n    server = socket.create_server(('0.0.0.0', 0))"
        "\n    socket.create_connection(('192.0.2.1', 80), timeout=2)\n    found = 1\n"
        "except OSError as error:\n    found = 0 if error.errno == 101 else 2",
        first="n_rows = 3 + found",
        marks=FIRST,
    )
    attack(
        "reads_the_environment",
        "import os\nfound = 'COLLAB_TEST_SECRET' in os.environ\ntry:\n"
        "    found = found or b'COLLAB_TEST_SECRET' in open('/proc/1/environ', 'rb').read()\n"
        "except OSError: pass",
        first="n_rows = 3 + found",
        marks=FIRST,
    )
    # Harming the machine and the grader.
    attack("exits", second="import os\nos._exit(0)", first=ANSWER, marks=FIRST, remark="stopped")
    attack("quits", "quit()\n", first=ANSWER + "\nexit()", second=FUNCTION, marks=BOTH)
    attack("raises_exit", first=ANSWER, second="def double(x):\n    raise SystemExit", marks=FIRST)
    attack(
        "kills",
        "import os, signal\nfor whom in (os.getppid(), 1, -1):\n"
        "    try: os.kill(whom, signal.SIGKILL)\n    except OSError: pass",
        first=ANSWER,
        marks=FIRST,
    )
    attack("crashes", "import ctypes\nctypes.string_at(0)", first=ANSWER, remark="stopped")
    attack("loops", first=ANSWER, second="while True: pass", marks=FIRST)
    attack(
        "loops_in_a_call", first=ANSWER, second="def double(x):\n    while True: pass", marks=FIRST
    )
    attack(
        "loops_for_ever",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        remark="stopped",
    )
    attack("sleeps", first=ANSWER, second="import time\ntime.sleep(1e6)", marks=FIRST)
    attack("asks_for_input", first=ANSWER, second="input('press a key')", marks=FIRST)
    attack(
        "forks",
        "import os, time\nmade = 0\ntry:\n    for _ in range(500):\n"
        "        if os.fork() == 0:\n            time.sleep(600)\n            os._exit(0)\n"
        "        made += 1\nexcept OSError: pass",
        first="n_rows = 3 if made < 100 else 0",
        marks=FIRST,
    )
    attack(
        "leaves_a_process",
        "import subprocess\nsubprocess.Popen(['sleep', '86399.5'], start_new_session=True)",
        first=ANSWER,
        second=FUNCTION,
        marks=BOTH,
    )
    attack(
        "takes_memory",
        "try:\n    big = [bytearray(2**26) for _ in range(200)]\n    found = 2\n"
        "except MemoryError:\n    found = 0",
        first="n_rows = 3 + found",
        marks=FIRST,
    )
    attack(
        "fills_the_disk",
        "import errno\nfound = 3\nfor where in ('', '/tmp/', '/dev/shm/'):\n"
        "    try:\n        for k in range(99):\n"
        "            open(f'{where}{k}', 'wb').write(bytes(2**22))\n"
        "    except OSError as error:\n        found -= error.errno in (errno.ENOSPC, errno.EFBIG)",
        first="n_rows = 3 + found",
        marks=FIRST,
    )
    attack(
        "prints_for_ever",
        "import os\nfor _ in range(2000):\n    os.write(1, b'x' * 2**17)\nprint('x' * 2**26)",
        first=ANSWER,
        second=FUNCTION,
        marks=BOTH,
    )
    attack(
        "endless_answer",
        "deep = []\nfor _ in range(5000): deep = [deep]",
        first="n_rows = deep",
        second="def double(x):\n    return 10 ** 10_000",
    )
    attack(
        "long_answer",
        first="n_rows = 'x' * 2**26",
        second="def double(x):\n    return [7.0] * 2**22",
    )
    attack(
        "thread",
        "import threading\ndef run():\n    while True: globals()['n_rows'] = 100\n"
        "threading.Thread(target=run, daemon=True).start()",
        second=FUNCTION,
        marks=SECOND,
    )
    attack(
        "deaf_to_alarms",
        "import signal\nsignal.signal = lambda *a: None\n"
        "signal.setitimer = lambda *a: None\nsignal.pthread_sigmask(signal.SIG_BLOCK, "
        "range(1, 32))",
        first=ANSWER,
        second="while True: pass",
        marks=FIRST,
        remark="stopped",
    )
    return bank.cases


def second_round() -> list[Case]:
    """Attacks on what the first round left: memory that nobody counts, and the judge itself."""
    bank = Bank()
    peer = "import gc\npeer = [o for o in gc.get_objects() if type(o).__name__ == 'Student'][0]\n"

    def attack(name, before="", first="n_rows = 100", second="double = abs", **got):
        bank.add(
            name, answered(first, second, before), got.get("marks", WRONG), got.get("told", "")
        )

    attack(
        "files_in_memory",
        "import os\nmade = 0\ntry:\n    for k in range(99):\n"
        "        os.write(os.memfd_create('x'), bytes(2**23))\n        made += 1\n"
        "except OSError: pass",
        first="n_rows = 3 + made",
        marks=FIRST,
    )
    attack(
        "shared_segments",
        "import ctypes\nmade = [ctypes.CDLL(None).shmget(0, 2**20, 0o1600) for _ in range(3)]",
        first="n_rows = 3 if made == [-1] * 3 else 0",
        marks=FIRST,
    )
    attack(
        "full_sockets",
        "import socket\nkept = []\ntry:\n    for _ in range(999):\n"
        "        kept.append(socket.socketpair())\n        kept[-1][0].setblocking(False)\n"
        "        try:\n            while True: kept[-1][0].send(bytes(2**16))\n"
        "        except BlockingIOError: pass\nexcept OSError: pass\nmade = len(kept)\nkept = None",
        first="n_rows = 3 if made < 200 else 0",
        marks=FIRST,
    )
    attack(
        "short_name_of_much",
        first="n_rows = range(10**10)",
        second="def double(x):\n    return range(10**10)",
    )
    attack(
        "wide_and_empty",
        "import numpy as np",
        first="n_rows = np.zeros((0, 10**9))",
        second="def double(x):\n    return np.zeros((10**12, 0))",
    )
    attack(
        "verdict_as_answer",
        first="from collab_lib.kit.check import right\nn_rows = right('mine')",
        second="def double(x):\n    return right('mine')",
    )
    attack(
        "asks_while_it_is_asked",
        peer,
        second="def double(x):\n    for _ in range(50):\n"
        "        peer.request('judge', check=1, errors=[], names={'n_rows': 3})\n"
        "    peer.exported.append(double)\n    here = len(peer.exported) - 1\n"
        "    names = {'double': {'function': here, 'name': 'double'}}\n"
        "    peer.request('judge', check=2, errors=[], names=names)\n    return 1.0",
    )
    attack("endless_remark", peer + "peer.request('end', errors=[[k, 'x'] for k in range(10**5)])")
    attack(
        "error_that_shouts",
        "class Bad(Exception):\n    def __str__(self): return '\\x1b[31m<script>' + 'y' * 10**7\n"
        "Bad.__name__ = '=1'\nraise Bad",
        first=ANSWER,
        marks=FIRST,
        told="<script>yyy",
    )
    attack(
        "answer_that_sleeps",
        "import time\ndef slow():\n    while True:\n        time.sleep(1)\n        yield 3",
        first="n_rows = slow()",
        second=FUNCTION,
        marks=SECOND,
    )
    attack("closes_the_wire", "import os\nos.closerange(3, 10_000)", first=ANSWER, told="stopped")
    deep = answered()
    for cell in deep["cells"]:
        cell.pop("id")
        if "check" in cell["metadata"]["tags"]:
            cell["source"] = "lambda: " * 50_000 + "1"
    bank.add("check_that_breaks_the_parser", deep, BOTH)
    return bank.cases


def everything() -> list[Case]:
    return [*malformed(), *harmless(), *hostile(), *second_round()]
