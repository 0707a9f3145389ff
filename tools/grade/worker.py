"""Runs one student's notebook, in the sandbox, and answers the grader's questions.

Everything here belongs to the student's code as soon as the first cell has run: nothing that this
process says is believed, except the values of the answers, which a student may choose anyway.
"""

import os
import signal
import sys


def main() -> None:
    """The grader is at the other end of the standard input and output."""
    read, write = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    become_nobody()

    from tools.grade.cells import Cells, TookTooLong, limited
    from tools.grade.wire import Peer

    class Student(Peer):
        """Calls the student's functions, and outlives them."""

        def _call(self, message: dict) -> object:
            try:
                with limited(seconds):
                    return super()._call(message)
            except Exception:
                raise
            except TookTooLong:
                raise RuntimeError("it took too long") from None
            except BaseException as error:
                raise RuntimeError(f"{type(error).__name__} in a function") from None

    peer = Student(read, write)
    job = peer.request("begin")
    seconds = job["seconds"]
    limit(job)
    cells = Cells(seconds)
    errors: list = []
    for place, source in enumerate(job["cells"]):
        check = job["checks"].get(str(place))
        if check is None:
            error = cells.run(source)
            if error is not None:
                errors.append([place, error])
        else:
            ask_for_verdict(peer, cells, check, errors)
    for check in job["at the end"]:
        ask_for_verdict(peer, cells, check, errors)
    peer.request("end", errors=errors[:1])
    os._exit(0)


def ask_for_verdict(peer: object, cells: object, check: dict, errors: list) -> None:
    names = {name: peer.encode(cells.names[name]) for name in check["names"] if name in cells.names}
    peer.request("judge", check=check["number"], names=names, errors=errors[-1:])


def become_nobody() -> None:
    """Give up root's rights, where the grader has them: files and limits hold for nobody only."""
    number = int(os.environ.pop("COLLAB_GRADE_USER", "0"))
    if number and os.getuid() == 0:
        os.setgroups([])
        os.setresgid(number, number, number)
        os.setresuid(number, number, number)


def limit(job: dict) -> None:
    """Memory, processes, processor time and the size of a file, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    wanted = {
        "RLIMIT_DATA": job["bytes"],
        "RLIMIT_NPROC": job["processes"],
        "RLIMIT_CPU": job["processor"],
        "RLIMIT_FSIZE": job["file"],
        "RLIMIT_CORE": 0,
    }
    if sys.platform != "linux" or os.environ.get("COLLAB_GRADE_SANDBOX") != "1":
        wanted.pop("RLIMIT_NPROC")  # there it counts the teacher's own processes, too
    for name, value in wanted.items():
        kind = getattr(resource, name, None)
        if kind is not None:
            _, most = resource.getrlimit(kind)
            value = value if most == resource.RLIM_INFINITY else min(value, most)
            resource.setrlimit(kind, (value, value))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


if __name__ == "__main__":
    main()
