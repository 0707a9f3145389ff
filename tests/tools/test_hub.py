"""The class server: accounts, slips, lessons that are brought, and a real hub with one student."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.conftest import skip
from tools.hub import __main__ as command
from tools.hub.accounts import TEACHER, Accounts, names_in, slips, user_of
from tools.hub.student import bring_lessons

ROOT = Path(__file__).parents[2]
HUB = ROOT / ".venv-hub"


def test_names_become_accounts_that_are_easy_to_type():
    assert names_in("Ada\n\n# teachers\n  Dia   Müller \r\n") == ["Ada", "Dia Müller"]
    assert user_of("Dia Müller") == "dia.mueller"
    assert user_of("../../etc/passwd") == "etc.passwd"
    for bad in ("", "# nobody\n", "Ada\n!!!\n", "x" * 200, "Ada Smith\nBo\nAda  Smith\n"):
        with pytest.raises(ValueError):
            names_in(bad)


def test_each_name_gets_one_account_and_a_password_of_its_own(tmp_path):
    accounts = Accounts(tmp_path / "accounts.json")
    new = accounts.add_all([TEACHER, "Ada", "ada!", "Teacher", "Ada"])
    users = [account.user for account, _ in new]
    assert users == ["teacher", "ada", "ada2", "teacher2"]  # nobody becomes the teacher
    assert len({password for _, password in new}) == 4
    assert len({account.number for account, _ in new}) == 4
    again = Accounts(tmp_path / "accounts.json")
    assert [account for account, _ in again.add_all(["Ada", "Bo"])] == [again.known["bo"]]
    for account, password in new:
        assert again.known[account.user].lets_in(password)
        assert again.known[account.user].lets_in(f" {password.upper()} ")
        assert not again.known[account.user].lets_in(password[:-1])
        assert not again.known["bo"].lets_in(password)


def test_a_password_is_kept_nowhere_and_can_be_renewed(tmp_path):
    path = tmp_path / "accounts.json"
    ((account, password),) = Accounts(path).add_all(["Ada"])
    assert password not in path.read_text("utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    renewed, new = Accounts(path).renew("ada")
    assert renewed.lets_in(new) and not renewed.lets_in(password)
    assert renewed.number == account.number  # the same files
    with pytest.raises(KeyError):
        Accounts(path).renew("nobody")


@pytest.fixture
def prepare(tmp_path, monkeypatch):
    """`prepare` of the hub for a class of two, with more arguments; needs no bubblewrap."""
    (tmp_path / "class.txt").write_text("Ada\nBo\n")
    monkeypatch.setattr(command.sandbox, "works", lambda: True)
    monkeypatch.setattr(command, "node", lambda: "node")

    def prepared(*arguments):
        names, folder = str(tmp_path / "class.txt"), str(tmp_path / "class")
        return command.prepare(command._arguments([names, "--folder", folder, *arguments]))

    return prepared


def test_no_password_is_lost_where_the_server_is_not_started(prepare, monkeypatch):
    with pytest.raises(ValueError, match="nobody is called boo"):
        prepare("--http", "--renew", "boo")
    with monkeypatch.context() as without:
        without.setattr(command, "node", lambda: (_ for _ in ()).throw(ValueError("no node")))
        with pytest.raises(ValueError, match="no node"):
            prepare("--http")
    assert [account.user for account, _ in prepare("--http")[1]] == ["teacher", "ada", "bo"]
    assert [account.user for account, _ in prepare("--http", "--renew", "bo")[1]] == ["bo"]


def test_slips_show_what_is_needed_and_run_nothing(tmp_path):
    new = Accounts(tmp_path / "a.json").add_all(["<script>alert(1)</script>"])
    page = slips(new, "https://192.0.2.7:8443", "AB:CD")
    assert "<script" not in page
    assert new[0][1] in page and "https://192.0.2.7:8443" in page and "AB:CD" in page


@pytest.fixture
def class_room(tmp_path):
    course, home = tmp_path / "notebooks", tmp_path / "home"
    course.mkdir()
    for name in ("03_a.ipynb", "04_b.ipynb"):
        (course / name).write_text("first edition")
    assert set(bring_lessons(course, home).values()) == {"given"}
    return course, home


def test_an_update_replaces_only_what_a_student_has_not_touched(class_room):
    course, home = class_room
    (home / "03_a.ipynb").write_text("my work")
    for name in ("03_a.ipynb", "04_b.ipynb", "05_c.ipynb"):
        (course / name).write_text("second edition")
    done = bring_lessons(course, home)
    assert done == {"03_a.ipynb": "beside", "04_b.ipynb": "updated", "05_c.ipynb": "given"}
    assert (home / "03_a.ipynb").read_text() == "my work"
    assert (home / "new" / "03_a.ipynb").read_text() == "second edition"
    assert (home / "04_b.ipynb").read_text() == "second edition"
    assert set(bring_lessons(course, home).values()) == {"kept"}


def test_what_a_student_deleted_or_planted_is_left_alone(class_room):
    course, home = class_room
    (home / "03_a.ipynb").unlink()
    assert set(bring_lessons(course, home).values()) == {"kept"}
    assert not (home / "03_a.ipynb").exists()
    (home / ".given.json").write_text("[nonsense")
    (home / "04_b.ipynb").write_text("my work")
    bring_lessons(course, home)
    assert (home / "04_b.ipynb").read_text() == "my work"


def test_a_student_s_sandbox_shows_no_other_student(tmp_path):
    sandbox = pytest.importorskip("tools.hub.sandbox")
    if not sandbox.works():
        skip("bubblewrap doesn't work here")
    known = Accounts(tmp_path / "accounts.json")
    known.add_all(["Ada", "Bo"])
    for user in ("ada", "bo"):
        command = sandbox.student_command("bubblewrap", tmp_path, known.known[user])
        at = command.index("-m")  # in place of the server
        code = (
            "import os, pathlib; home = pathlib.Path.home(); (home / 'mine').write_text('x'); "
            f"print(os.listdir('/home'), os.path.exists({str(tmp_path / 'accounts.json')!r}), "
            f"os.path.exists({str(tmp_path / 'homes')!r}), sorted(os.listdir(home)), os.getuid())"
        )
        done = subprocess.run([*command[:at], "-c", code], capture_output=True, text=True)
        assert done.stdout.startswith(f"['{user}'] False False ['mine']"), done
        assert os.getuid() != 0 or done.stdout.split()[-1] == str(known.known[user].number)
        assert (tmp_path / "homes" / user / "mine").read_text() == "x"


CERTIFICATES = """
import sys
from argparse import Namespace
from pathlib import Path
from tools.hub.__main__ import certificate

made = []
for address in ("192.0.2.7", "192.0.2.7", "class.example", "class.example"):
    given = Namespace(http=False, cert=None, key=None, address=address)
    made.append(Path(certificate(given, Path(sys.argv[1]))[0]).read_bytes())
print(made[0] == made[1], made[1] == made[2], made[2] == made[3])
"""


def test_a_certificate_is_made_anew_for_another_address_and_only_then(tmp_path):
    python = HUB / "bin" / "python"
    if not python.exists():
        skip("there is no class server here: `make .venv-hub/hub`")
    command = [python, "-c", CERTIFICATES, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.split() == ["True", "False", "True"]


def test_a_real_hub_lets_one_student_in_and_stops():
    """Start, log in, run a cell, kill, start, find it again, stop: the benchmark with no lesson."""
    python = HUB / "bin" / "python"
    proxy = HUB / "node_modules" / ".bin" / "configurable-http-proxy"
    if not (python.exists() and proxy.exists() and shutil.which("bwrap")):
        skip("there is no class server here: `make .venv-hub/hub`, and the package bubblewrap")
    command = [python, "-m", "tools.benchmarks.hub", "--students", "1", "--lessons", "0"]
    done = subprocess.run(
        [*command, "--port", "18643"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=300,
        env={**os.environ, "COLLAB_PACKAGES": str(ROOT / ".venv")},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    rows = dict(line.strip("| ").split(" | ") for line in done.stdout.splitlines()[2:])
    assert "0 errors" in rows["all run lesson 0 at once"]
    assert rows["saved work that is still there"] == "1 of 1"
    assert rows["kernels that are still there"] == "1 of 1"
    assert rows["processes left"] == "0"
