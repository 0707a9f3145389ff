"""The tables of `make load`, from what was measured. Nothing is timed here."""

from statistics import mean, median

from tools.benchmarks.report import text_table

MEMORY = ("peak", "files", "private")
MEMORY_NAMES = ["peak MB", "shared MB", "private MB"]
SPREAD_NAMES = ["median s", "worst s", "slowest / fastest"]


def lessons_table(found: dict[str, dict]) -> str:
    """Each lesson alone; `found` by its name."""
    rows = [
        [
            name,
            f"{own['ready_seconds']:.1f}",
            f"{own['lesson_seconds']:.1f}",
            f"{own['cpu_seconds']:.1f}",
            *memory_cells(own),
        ]
        for name, own in found.items()
    ]
    header = ["", "ready s", "lesson s", "CPU s", *MEMORY_NAMES]
    return text_table("Each lesson from top to bottom, in a kernel of its own", header, rows)


def server_table(found: dict) -> str:
    """The Jupyter server that every student has beside the kernels."""
    row = ["JupyterLab's own process", f"{found['ready_seconds']:.1f}", *memory_cells(found)]
    title = "A student's server, with a notebook open, without the kernel"
    return text_table(title, ["", "ready s", *MEMORY_NAMES], [row])


def students_table(lessons: dict[str, dict], server: dict) -> str:
    """How many students, each with a server and one kernel, that makes a GB and a core."""
    rows = []
    for name, own in lessons.items():
        private = own["memory"]["private"] + server["memory"]["private"]
        cpu_seconds = own["cpu_seconds"]
        rows.append([name, f"{private:.0f}", f"{1000 / private:.1f}", f"{60 / cpu_seconds:.0f}"])
    shared = max(own["memory"]["files"] for own in lessons.values()) + server["memory"]["files"]
    title = f"Students: server and kernel, beside the {shared:.0f} MB that all of them share"
    header = ["", "private MB", "students a GB", "lessons run a core and minute"]
    return text_table(title, header, rows)


def together_table(found: dict[int, list[dict]]) -> str:
    """Lesson 5 in several kernels at once; `found` by their number."""
    rows = [
        [
            str(n),
            f"{max(own['ready_seconds'] for own in students):.1f}",
            *spread([[own["lesson_seconds"] for own in students]]),
            f"{mean(own['cpu_seconds'] for own in students):.1f}",
            f"{mean(own['memory']['pss'] for own in students):.0f}",
        ]
        for n, students in found.items()
    ]
    header = ["kernels", "ready s, worst", *SPREAD_NAMES, "CPU s each", "PSS MB each"]
    return text_table("The whole of lesson 5, in several kernels at once", header, rows)


def training_table(found: list[dict]) -> str:
    """An epoch in several kernels at once, by threads."""
    return threads_by_kernels("An epoch of the dot model, in several kernels at once", found)


def threads_table(found: list[dict]) -> str:
    """Lesson 6 in several kernels at once, by threads."""
    return threads_by_kernels("The whole of lesson 6, in one kernel and in two at once", found)


def threads_by_kernels(title: str, found: list[dict]) -> str:
    """A row for each number of kernels, with one thread and with torch's default.

    found: {"n", "one_thread", "round", "seconds", "cpu_seconds"} each.
    """
    groups = {}
    for own in found:
        rounds = groups.setdefault((not own["one_thread"], own["n"]), {})
        rounds.setdefault(own["round"], []).append(own)
    rows = [
        [
            str(n),
            "torch's default" if default else "1",
            *spread([[own["seconds"] for own in students] for students in rounds.values()]),
            f"{mean(own['cpu_seconds'] for students in rounds.values() for own in students):.2f}",
        ]
        for (default, n), rounds in sorted(groups.items())
    ]
    return text_table(title, ["kernels", "threads", *SPREAD_NAMES, "CPU s each"], rows)


def spread(rounds: list[list[float]]) -> list[str]:
    """Median, worst, and the slowest by the fastest of a round (the median over the rounds)."""
    everything = [seconds for one_round in rounds for seconds in one_round]
    unfair = median(max(one_round) / min(one_round) for one_round in rounds)
    return [f"{median(everything):.2f}", f"{max(everything):.2f}", f"{unfair:.2f}"]


def memory_cells(own: dict) -> list[str]:
    return [f"{own['memory'][kind]:.0f}" for kind in MEMORY]
