"""Where students' code runs: as far from everything else as this system allows.

Three ways, the best first; `choose` tries each with a program that does nothing.

bubblewrap  a file system of its own, which holds Python, the packages and the course, all
            read-only, and an empty home in memory; no network; processes that die together
unshare     no network; processes that die together; an empty folder over what was handed in and
            over the marks; packages and course read-only. Other files are as they are for you
none        an empty folder, a group of processes and the limits. Files and network are open
"""

import os
import shutil
import signal
import site
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from collab_lib.movielens.download import cache_folder

COURSE = Path(__file__).resolve().parents[2]
HOME = "/home/student"
WORKER = ("-m", "tools.grade.worker")
FIRST_USER = 61_200  # users that exist on no system: each sandbox has its own
SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/sbin")
SETTINGS = ("alternatives", "fonts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime")


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    whole, cell: seconds for the notebook, and for each cell or call of a function; more on a busy
    machine (`patience`), since they are seconds of the clock.
    processor: seconds of processor time for each process.
    memory: bytes for each process, and for all of them together. processes: threads count too.
    disk: bytes in its home, and in one file.
    """

    whole: float = 300.0
    cell: float = 60.0
    processor: int = 240
    memory: int = 3 * 2**30
    processes: int = 64
    disk: int = 128 * 2**20


def patience() -> float:
    """How many times as long everything takes here: what wants to run, for each processor.

    From 1 to 10; without it a right answer would be late where many are graded at the same time.
    """
    try:
        wanting = os.getloadavg()[0]
    except (AttributeError, OSError):  # Windows
        return 1.0
    return min(10.0, max(1.0, wanting / (os.cpu_count() or 1)))


@dataclass(frozen=True)
class Sandbox:
    """One way to run students' code. hidden: folders that it mustn't see."""

    kind: str
    hidden: tuple[Path, ...] = ()

    @property
    def says(self) -> str:
        """What is kept from students' code, for whoever starts the grading."""
        return {
            "bubblewrap": "Students' code runs in bubblewrap: no network, no file but its own.",
            "unshare": (
                "Students' code runs in a namespace of its own (unshare): no network, and neither "
                "the submissions nor the marks; your other files are open to it. "
                "Install bubblewrap to close them as well."
            ),
            "none": (
                "There is no sandbox on this system: students' code runs with your rights, and can "
                "read and write your files and use the network. Do this only in an account, a "
                "container or a virtual machine where it can do no harm."
            ),
        }[self.kind]

    def start(self, limits: Limits, slot: int = 0, program: tuple[str, ...] = WORKER) -> "Running":
        """Start Python there, with pipes for its input and output."""
        folder = Path(tempfile.mkdtemp(prefix="collab-grade-"))
        settings = _environment(self.kind)
        if self.kind == "bubblewrap":
            command, settings = _bubblewrap(limits, settings, slot), dict(os.environ)
        elif self.kind == "unshare":
            command = _unshare(self.hidden, folder)
        else:
            command = []
        if self.kind != "bubblewrap":
            settings |= {"HOME": str(folder), "TMPDIR": str(folder)}
        process = subprocess.Popen(
            [*command, sys.executable, *program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=settings,
            start_new_session=True,
            bufsize=0,
        )
        return Running(process, folder)


class Running:
    """A sandbox at work."""

    def __init__(self, process: subprocess.Popen, folder: Path) -> None:
        self.process, self.folder = process, folder

    def memory(self) -> int:
        """The memory in use by all its processes, in bytes; 0 where the system doesn't tell."""
        return sum(_resident(number) for number in family(self.process.pid))

    def reason(self) -> str:
        """Why it has stopped, where it was killed: for a remark."""
        try:
            code = self.process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return ""
        killed = code in (-signal.SIGKILL, 128 + signal.SIGKILL)
        return " (killed: memory or processor time)" if killed else ""

    def close(self) -> None:
        """Kill it with all its children, and remove its folder."""
        end(self.process.pid)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            pipe.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def end(number: int) -> None:
    """Kill a process, its group, and its children in other groups, where the system shows them."""
    for child in [*family(number), number]:
        for kill in (os.killpg, os.kill):
            try:
                if kill is os.kill or os.getpgid(child) == child:
                    kill(child, signal.SIGKILL)
            except (OSError, AttributeError):
                pass


def choose(hidden: tuple[Path, ...] = (), kinds: tuple[str, ...] = ("bubblewrap", "unshare")):
    """The best Sandbox that works here."""
    for kind in kinds:
        sandbox = Sandbox(kind, hidden)
        if shutil.which({"bubblewrap": "bwrap"}.get(kind, kind)) and _works(sandbox):
            return sandbox
    return Sandbox("none", hidden)


def _works(sandbox: Sandbox) -> bool:
    try:
        running = sandbox.start(Limits(), program=("-c", "import tools.grade; print('works')"))
    except OSError:
        return False
    try:
        return running.process.communicate(timeout=60)[0].strip() == b"works"
    except (subprocess.TimeoutExpired, ValueError):
        return False
    finally:
        running.close()


def _environment(kind: str) -> dict[str, str]:
    """Nothing of the teacher's environment but what Python and the course need."""
    course = ("COLLAB_DATA", "COLLAB_USERS", "COLLAB_CACHE")
    names = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", *course)
    kept = {name: os.environ[name] for name in names if os.environ.get(name)}
    return {
        **kept,
        "COLLAB_GRADE_SANDBOX": "0" if kind == "none" else "1",
        "COLLAB_THREADS": "1",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "agg",
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(COURSE),
        "PYTHONSAFEPATH": "1",  # a torch.py beside the notebook is no torch
        "USER": "student",
    }


def _bubblewrap(limits: Limits, settings: dict[str, str], slot: int) -> list[str]:
    command = ["bwrap", "--die-with-parent", "--new-session", "--clearenv"]
    command += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    command += ["--unshare-cgroup-try", "--hostname", "sandbox"]
    if os.getuid() == 0:  # the worker gives up being root, and needs these two to do so
        settings["COLLAB_GRADE_USER"] = str(FIRST_USER + slot)
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user"]
    settings |= {"HOME": HOME, "TMPDIR": "/tmp"}
    for name, value in settings.items():
        command += ["--setenv", name, value]
    settings_folders = [Path("/etc") / name for name in SETTINGS]
    course = [COURSE / part for part in ("collab_lib", "tools/__init__.py", "tools/grade")]
    open_to_it = [
        *map(Path, SYSTEM),
        *settings_folders,
        *python_folders(),
        *course,
        *data_folders(),
    ]
    size = ["--size", str(limits.disk), "--perms", "1777", "--tmpfs"]
    command += ["--proc", "/proc", "--dev", "/dev", *size, "/dev/shm", "--remount-ro", "/dev"]
    command += [*size, "/tmp", *size, HOME]
    command += read_only(open_to_it)  # after /tmp: a course may lie there
    cache = f"{HOME}/.cache/matplotlib"
    command += ["--perms", "0777", "--dir", f"{HOME}/.cache", "--perms", "0777", "--dir", cache]
    for fonts in _font_lists():
        command += ["--ro-bind-try", str(fonts), f"{cache}/{fonts.name}"]
    return [*command, "--remount-ro", "/", "--chdir", HOME, "--"]


def read_only(paths: list[Path]) -> list[str]:
    """bubblewrap's arguments that show these paths read-only, in folders that anybody may enter."""
    arguments = []
    parents = {parent for path in paths for parent in path.parents} - {Path("/")}
    for folder in sorted(parents):
        arguments += ["--perms", "0755", "--dir", str(folder)]
    for path in paths:
        arguments += ["--ro-bind-try", str(path), str(path)]
    return arguments


def _unshare(hidden: tuple[Path, ...], folder: Path) -> list[str]:
    """Mounts an empty folder over what is hidden, and makes packages and course read-only."""
    closed = {COURSE, *python_folders(), *data_folders()}
    covers = [
        f"mount -t tmpfs -o ro,size=4k none {quote(str(path))}"
        for path in hidden
        if path.is_dir() and not any(needed.is_relative_to(path) for needed in closed)
    ]
    covers = [
        *(
            f"mount --rbind {p} {p} && mount -o remount,bind,ro {p}"
            for p in (quote(str(path)) for path in sorted(closed))
        ),
        *covers,
    ]
    # Without rights to mount, nobody takes a cover off again.
    drop = 'exec setpriv --no-new-privs --inh-caps=-all --bounding-set=-all "$@"'
    script = " && ".join(["mount --make-rprivate /", *covers, f"cd {quote(str(folder))}", drop])
    flags = ["--user", "--map-root-user", "--mount", "--net", "--ipc", "--uts"]
    flags += ["--pid", "--fork", "--kill-child", "--mount-proc"]
    return ["unshare", *flags, "sh", "-c", script, "sh"]


def python_folders() -> list[Path]:
    """The folders that Python and the packages lie in, outside of the system's own."""
    named = [sys.prefix, sys.base_prefix, sys.exec_prefix, sysconfig.get_path("stdlib")]
    named += [p for p in sys.path if p and "site-packages" in p]
    named += [p for p in site.getsitepackages() if p]
    home = Path(sys.executable).resolve().parent
    found = {Path(p).resolve() for p in named} | {Path(p).absolute() for p in named} | {home}
    system = [Path(p) for p in SYSTEM]
    return sorted(p for p in found if p.is_dir() and not any(p.is_relative_to(s) for s in system))


def data_folders() -> list[Path]:
    """The ratings that COLLAB_DATA names; those that come with the course lie in collab_lib."""
    named = os.environ.get("COLLAB_DATA", "").strip()
    if not named:
        return []
    return [path for path in (Path(named).absolute(), cache_folder().absolute()) if path.exists()]


def _font_lists() -> list[Path]:
    """Matplotlib's list of fonts, so that not every student's run has to make it."""
    import matplotlib

    return sorted(Path(matplotlib.get_cachedir()).glob("fontlist-*.json"))


def family(number: int) -> list[int]:
    """All the processes that a process started, and theirs. Linux; elsewhere none is seen."""
    parents: dict[int, list[int]] = {}
    for entry in os.scandir("/proc") if os.path.isdir("/proc") else ():
        if entry.name.isdigit():
            try:
                text = Path(entry.path, "stat").read_text("utf-8", "replace")
                parents.setdefault(int(text.rpartition(")")[2].split()[1]), []).append(
                    int(entry.name)
                )
            except (OSError, IndexError, ValueError):
                continue
    found, new = [], [number]
    while new:
        children = parents.get(new.pop(), [])
        found += children
        new += children
    return found


def _resident(number: int) -> int:
    """A process's share of the memory: what it shares with forked children counts once in all."""
    try:
        text = Path(f"/proc/{number}/smaps_rollup").read_text()
        return 1024 * int(text.partition("\nPss:")[2].split()[0])
    except (OSError, IndexError, ValueError):
        return 0
