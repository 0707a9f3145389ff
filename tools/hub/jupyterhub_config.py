"""JupyterHub's settings for a class on one machine. `python -m tools.hub` runs it."""

import contextlib
import json
import os
import resource
import shutil
import signal
import sys
from pathlib import Path

from jupyterhub.auth import Authenticator
from jupyterhub.spawner import LocalProcessSpawner
from traitlets import Dict, Integer, Unicode

from tools.grade.sandbox import COURSE, family
from tools.hub.accounts import TEACHER, Accounts
from tools.hub.sandbox import student_command

SETTINGS = json.loads(os.environ["COLLAB_HUB"])
STATE = Path(SETTINGS["state"])


class SlipAuthenticator(Authenticator):
    """Lets in who has a slip, and is still on the list of names."""

    async def authenticate(self, handler, data):
        account = Accounts(STATE / "accounts.json").known.get(data["username"])
        if account is None or account.user not in self.allowed_users:
            return None
        return account.user if account.lets_in(data["password"]) else None


class StudentSpawner(LocalProcessSpawner):
    """Starts a student's server in a sandbox that shows the student's own folder and no other."""

    memory = Integer(config=True)
    protection = Unicode(config=True)
    settings = Dict(config=True)

    @property
    def account(self):
        return Accounts(STATE / "accounts.json").known[self.user.name]

    @property
    def home(self) -> Path:
        return STATE / "homes" / self.user.name

    def make_preexec_fn(self, name):
        limit = self.memory

        def before():
            os.nice(5)  # the hub itself answers first
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

        return before

    def user_env(self, env):
        env["USER"], env["HOME"], env["SHELL"] = self.user.name, str(self.home), "/bin/bash"
        return env | self.settings

    def get_env(self):
        env = super().get_env()
        kept = ("PATH", "HOME", "USER", "SHELL", "LANG", "JUPYTER", "COLLAB_", "OMP_", "PYTHON")
        return {n: v for n, v in env.items() if n.startswith(kept) and n != "COLLAB_HUB"}

    async def _signal(self, sig):
        """bubblewrap's own process would die alone: those in the sandbox get the signal."""
        inside = family(self.pid) if sig and self.protection == "bubblewrap" else []
        for number in inside:
            with contextlib.suppress(OSError):
                os.kill(number, sig)
        if inside and sig != signal.SIGKILL:
            return True
        return await super()._signal(sig)

    async def start(self):
        self.cmd = student_command(self.protection, STATE, self.account)
        return await super().start()


c = get_config()  # noqa: F821
c.JupyterHub.bind_url = SETTINGS["bind"]
c.JupyterHub.ssl_cert, c.JupyterHub.ssl_key = SETTINGS["cert"], SETTINGS["key"]
c.JupyterHub.hub_port = SETTINGS["hub_port"]
c.JupyterHub.db_url = f"sqlite:///{STATE}/hub.sqlite"
c.JupyterHub.cookie_secret_file = str(STATE / "cookie_secret")
c.JupyterHub.log_level = "INFO"
c.ConfigurableHTTPProxy.command = SETTINGS["proxy"]
c.ConfigurableHTTPProxy.pid_file = str(STATE / "proxy.pid")
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{SETTINGS['proxy_port']}"

c.JupyterHub.authenticator_class = SlipAuthenticator
c.Authenticator.allowed_users = set(SETTINGS["users"])
c.Authenticator.admin_users = {TEACHER}
c.Authenticator.delete_invalid_users = False

c.JupyterHub.spawner_class = StudentSpawner
c.StudentSpawner.memory = SETTINGS["memory"]
c.StudentSpawner.protection = SETTINGS["protection"]
c.StudentSpawner.settings = {
    "COLLAB_LESSONS": str(COURSE / "notebooks"),
    "COLLAB_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "LANG": "C.UTF-8",
    "JUPYTER_PATH": f"{SETTINGS['packages']}/share/jupyter",
    "JUPYTER_CONFIG_PATH": f"{SETTINGS['packages']}/etc/jupyter",
    "JUPYTERLAB_DIR": f"{SETTINGS['packages']}/share/jupyter/lab",
    "PYTHONPATH": str(COURSE),
    "PYTHONDONTWRITEBYTECODE": "1",
}
c.Spawner.notebook_dir = "~"
c.Spawner.default_url = "/lab/tree/course/00_start_here.ipynb"
c.Spawner.start_timeout = 180
c.Spawner.http_timeout = 120
c.JupyterHub.concurrent_spawn_limit = 20
idle = SETTINGS["idle"]
c.Spawner.args = [
    f"--MappingKernelManager.cull_idle_timeout={idle}",
    "--MappingKernelManager.cull_interval=300",
    "--MappingKernelManager.cull_connected=True",
]
c.JupyterHub.load_roles = [
    {
        "name": "culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["culler"],
    }
]
ends_with_hub = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
c.JupyterHub.services = [
    {
        "name": "culler",
        "command": [
            *ends_with_hub,
            sys.executable,
            "-m",
            "jupyterhub_idle_culler",
            f"--timeout={idle}",
        ],
    }
]
