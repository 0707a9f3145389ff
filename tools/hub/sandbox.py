"""What a student's server sees: the system and the course, read-only, and the student's folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.grade.sandbox import (
    COURSE,
    SETTINGS,
    SYSTEM,
    data_folders,
    python_folders,
    read_only,
)
from tools.hub.accounts import Account

NETWORK = ("hosts", "nsswitch.conf", "resolv.conf", "ssl", "terminfo", "bash.bashrc")
HOME = "/home/{}"


def packages() -> Path:
    """Where JupyterLab and the course's packages are: COLLAB_PACKAGES, or the course's .venv."""
    named, usual = os.environ.get("COLLAB_PACKAGES", ""), COURSE / ".venv"
    return Path(named) if named else (usual if usual.exists() else Path(sys.prefix)).resolve()


def works() -> bool:
    """Whether bubblewrap can make such a sandbox here."""
    if shutil.which("bwrap") is None:
        return False
    command = [*_bubblewrap([]), "--", sys.executable, "-c", "print('works')"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.stdout.strip() == b"works"


def student_command(protection: str, state: Path, account: Account) -> list[str]:
    """The command that starts a student's server; the folder is made where it isn't there yet."""
    home = state / "homes" / account.user
    home.mkdir(parents=True, exist_ok=True)
    program = [sys.executable, "-m", "tools.hub.student"]
    if protection != "bubblewrap":
        return program
    passwd = state / "passwd" / account.user
    passwd.parent.mkdir(exist_ok=True)
    inside, number = HOME.format(account.user), os.getuid() or account.number
    passwd.write_text(f"{account.user}:x:{number}:{number}::{inside}:/bin/bash\n", "utf-8")
    if os.getuid() == 0:
        os.chown(home, number, number)
        home.chmod(0o700)
        program = [
            *("setpriv", "--reuid", str(number), "--regid", str(number), "--clear-groups"),
            *("--inh-caps=-all", "--no-new-privs", "--", *program),
        ]
    mounts = ["--ro-bind", str(passwd), "/etc/passwd", "--bind", str(home), inside]
    mounts += ["--setenv", "HOME", inside, "--chdir", "/"]  # only the student may enter the home
    return [*_bubblewrap(mounts), "--", *program]


def _bubblewrap(mounts: list[str]) -> list[str]:
    command = ["bwrap", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--hostname", "class"]
    if os.getuid() == 0:
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user"]
    course = [COURSE / part for part in ("collab_lib", "tools", "notebooks")]
    etc = [Path("/etc") / name for name in (*SETTINGS, *NETWORK)]
    shown = [*map(Path, SYSTEM), *etc, *python_folders(), packages(), *course, *data_folders()]
    command += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp"]
    command += read_only(shown)  # after /tmp: a course may lie there
    return [*command, "--perms", "0755", "--dir", "/home", *mounts]
