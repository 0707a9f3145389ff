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
    from tools.grade.cells import limited

    names = {}
    for name in check["names"]:
        if name in cells.names:
            with limited(cells.seconds):  # a generator works when it is read
                names[name] = peer.encode(cells.names[name])
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
        "RLIMIT_NOFILE": 256,  # what waits in a pipe or a socket is memory, too
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
    refuse_hidden_memory()


# By machine: its number in the kernel's audit.h, and those of memfd_create, memfd_secret, shmget.
REFUSED = {"x86_64": (0xC000003E, (319, 447, 29)), "aarch64": (0xC00000B7, (279, 447, 194))}


def refuse_hidden_memory() -> None:
    """Refuse files and segments that live in memory and that no limit counts. Linux only.

    A filter of system calls (seccomp), for this process and all that it starts: load the machine
    and the call's number, compare, then allow (0x7FFF0000) or answer EPERM (0x00050001).
    """
    import ctypes
    import platform
    import struct

    if sys.platform != "linux" or platform.machine() not in REFUSED:
        return
    machine, calls = REFUSED[platform.machine()]
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    n = len(calls)
    steps = [
        (load, 0, 0, 4),
        (equal, 0, n + 3, machine),  # another machine's calls are refused as well
        (load, 0, 0, 0),
        (at_least, n + 1, 0, 0x40000000),
        *((equal, n - k, 0, call) for k, call in enumerate(calls)),
        (answer, 0, 0, 0x7FFF0000),
        (answer, 0, 0, 0x00050001),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HP", len(steps), ctypes.addressof(code)))
    prctl = ctypes.CDLL(None).prctl
    prctl(38, 1, 0, 0, 0)  # no new rights, which a filter asks for
    prctl(22, 2, program, 0, 0)


if __name__ == "__main__":
    main()
