"""Downloads, against a server on this computer that does what servers do at their worst."""

import dataclasses
import hashlib
import io
import os
import random
import socket
import threading
import time
import zipfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from collab_lib.movielens import EDITIONS, DataError, Edition, download, load_collab
from collab_lib.movielens.download import fetch

# GroupLens's line endings, and enough rows that a half of the zip is a half of the ratings.
_dice = random.Random(1)
RATINGS = "userId,movieId,rating,timestamp\r\n" + "".join(
    f"{user},{movie},{_dice.randint(1, 10) / 2},{_dice.randint(1, 10**9)}\r\n"
    for user in range(1, 51)
    for movie in range(1, 51)
)
MOVIES = "movieId,title,genres\r\n" + "".join(
    f'{movie},"Film, The ({1950 + movie})",Drama\r\n' for movie in range(1, 51)
)


def make_zip(
    files: dict[str, str | bytes] | None = None, kind: int = zipfile.ZIP_DEFLATED, **more
) -> bytes:
    """A zip like GroupLens's: a folder with the tables, and others that nobody asked for."""
    if files is None:
        files = {"ml-test/ratings.csv": RATINGS, "ml-test/movies.csv": MOVIES}
        files |= {"ml-test/README.txt": "Read me", "ml-test/tags.csv": "userId,movieId,tag\r\n"}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in (files | more).items():
            # A date of its own, or the zip and its checksums would change with the clock.
            entry = zipfile.ZipInfo(name, date_time=(2016, 10, 17, 0, 0, 0))
            archive.writestr(entry, content, kind)
    return buffer.getvalue()


GOOD = make_zip()
SHA256 = "sha256:" + hashlib.sha256(GOOD).hexdigest()
MD5 = "md5:" + hashlib.md5(GOOD).hexdigest()


def edition(content: bytes = GOOD, checksum: str | None = None) -> Edition:
    return Edition("ml-test", "2016", 2_500, 50, zip_bytes=len(content), checksum=checksum)


def answer(content: bytes, length: int | None = None, status: int = 200) -> Callable:
    """What the server does with a request: announce `length` bytes, send `content`, hang up."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        if length is not None:
            handler.send_header("Content-Length", str(length))
        handler.end_headers()
        handler.wfile.write(content)

    return reply


def whole(content: bytes, status: int = 200) -> Callable:
    return answer(content, len(content), status)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    reply: Callable
    paths: list[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self.server.reply(self)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Server(("127.0.0.1", 0), Handler) as server:
        server.paths = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, where it would be by default."""
    monkeypatch.setenv("COLLAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def contents(cache) -> list[str]:
    return sorted(str(path.relative_to(cache)) for path in cache.rglob("*"))


@pytest.mark.parametrize("checksum", [SHA256, MD5, None], ids=["sha256", "md5", "no checksum"])
def test_a_good_zip_is_fetched_once(server, cache, capsys, checksum):
    server.reply = whole(GOOD)
    folder = fetch(edition(checksum=checksum), base_url=server.url)
    assert folder == cache / "ml-test"
    assert contents(cache) == ["ml-test", "ml-test/movies.csv", "ml-test/ratings.csv"]
    assert (folder / "ratings.csv").read_bytes() == RATINGS.encode()
    assert (folder / "movies.csv").read_bytes() == MOVIES.encode()

    assert fetch(edition(checksum=checksum), base_url=server.url) == folder
    assert server.paths == ["/ml-test.zip"]

    out, err = capsys.readouterr()
    assert f"from {server.url}ml-test.zip, this once." in out
    assert "ml-test: 100%" in out
    assert err == ""


def test_an_edition_is_loaded_by_its_name(server, cache, monkeypatch):
    monkeypatch.setitem(EDITIONS, "ml-test", edition(checksum=SHA256))
    monkeypatch.setattr(download, "GROUPLENS", server.url)
    server.reply = whole(GOOD)
    monkeypatch.setenv("COLLAB_DATA", "ml-test")
    collab = load_collab()
    assert collab.shape == (2_500, 5)
    # GroupLens's \r\n doesn't stay behind in the last column.
    assert collab["title"].iloc[0] == "Film, The (1951)"
    assert load_collab("ml-test").equals(collab)
    assert server.paths == ["/ml-test.zip"]


@pytest.mark.usefixtures("no_collab_data")
def test_nothing_is_downloaded_unless_an_edition_is_asked_for(server, cache, monkeypatch):
    monkeypatch.setattr(download, "GROUPLENS", server.url)
    load_collab()
    assert server.paths == []
    assert not cache.exists()


def test_every_edition_of_the_table_has_grouplens_address(server, cache):
    server.reply = whole(b"not found", status=404)
    downloadable = [edition for edition in EDITIONS.values() if not edition.is_bundled]
    for known in downloadable:
        with pytest.raises(DataError):
            fetch(known, base_url=server.url)
    assert server.paths == [f"/{known.name}.zip" for known in downloadable]
    assert download.GROUPLENS == "https://files.grouplens.org/datasets/movielens/"


BOMB = make_zip({"ml-test/ratings.csv": b"0" * 20_000_000, "ml-test/movies.csv": MOVIES})
# Each of the two is within the limit, but not both together.
BOMB_IN_TWO = make_zip({f"ml-test/{name}.csv": b"0" * 100_000 for name in ("ratings", "movies")})
# The size that a zip gives for a file stands in it twice. Here both say that it is small.
SLY_BOMB = BOMB.replace((20_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
HALF = GOOD[: len(GOOD) // 2]


def spoilt(kind: int) -> bytes:
    """A zip of another compression, damaged where the ratings begin."""
    content = make_zip(kind=kind)
    return content[:60] + bytes(byte ^ 0xFF for byte in content[60:90]) + content[90:]


# A name that says it is UTF-8, and isn't.
NO_NAME = make_zip(**{"ml-test/é": "x"}).replace("é".encode(), b"\xff\xfe")
OUTSIDE = "would land outside its folder"
DAMAGED = "is cut short or damaged"
CHANGED = "its checksum differs, so it was damaged on the way or GroupLens has replaced it"

BAD_ANSWERS = {
    "not there": (whole(b"no", 404), None, "ml-test.zip answers 404 Not Found."),
    "server out of order": (whole(b"no", 503), None, "answers 503 Service Unavailable."),
    "truncated zip": (whole(HALF), None, DAMAGED),
    "truncated zip, checksum known": (whole(HALF), SHA256, CHANGED),
    "empty answer": (whole(b""), None, DAMAGED),
    "a web page instead": (whole(b"<html>Please log in</html>"), None, DAMAGED),
    "one wrong byte": (whole(GOOD[:-1] + b"\x01"), SHA256, CHANGED),
    "wrong md5": (whole(GOOD[:-1] + b"\x01"), MD5, CHANGED),
    "one wrong byte, no checksum": (
        whole(GOOD[:999] + bytes([GOOD[999] ^ 1]) + GOOD[1000:]),
        None,
        DAMAGED,
    ),
    "server dies half way": (answer(HALF, len(GOOD)), SHA256, "The connection broke in the middle"),
    "server dies half way, size unknown": (answer(HALF), None, DAMAGED),
    "server sends too much": (
        answer(GOOD + b"0" * 5 * len(GOOD)),
        SHA256,
        f"sends more than {2 * len(GOOD):,} bytes, twice what it should, so the download was stop",
    ),
    "zip bomb": (whole(BOMB), None, "unpacks to far more than it should, so unpacking was stopped"),
    "zip bomb in two parts": (whole(BOMB_IN_TWO), None, "was stopped at ml-test/movies.csv."),
    "zip bomb that lies": (whole(SLY_BOMB), None, DAMAGED),
    "damaged LZMA": (whole(spoilt(zipfile.ZIP_LZMA)), None, DAMAGED),
    "damaged bzip2": (whole(spoilt(zipfile.ZIP_BZIP2)), None, DAMAGED),
    "a name that is no text": (whole(NO_NAME), None, DAMAGED),
    "no movies": (
        whole(make_zip({"ml-test/ratings.csv": RATINGS, "ml-test/u.item": MOVIES})),
        None,
        "holds no ml-test/movies.csv, so it isn't an edition that the course reads.",
    ),
    "path above": (whole(make_zip(**{"../evil.csv": "x"})), None, f"{OUTSIDE}, '../evil.csv'"),
    "path above, hidden": (whole(make_zip(**{"ml-test/../../evil": "x"})), None, OUTSIDE),
    "path from the root": (whole(make_zip(**{"/tmp/evil": "x"})), None, f"{OUTSIDE}, '/tmp/evil'"),
    "path above on Windows": (whole(make_zip(**{"..\\evil": "x"})), None, OUTSIDE),
    "drive on Windows": (whole(make_zip(**{"C:evil": "x"})), None, OUTSIDE),
}


@pytest.mark.parametrize(("reply", "checksum", "says"), BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_a_bad_answer_is_explained_and_leaves_nothing(server, cache, reply, checksum, says):
    server.reply = reply
    with pytest.raises(DataError) as caught:
        fetch(edition(checksum=checksum), base_url=server.url)
    message = str(caught.value)
    assert says in message
    assert f"{server.url}ml-test.zip" in message
    assert "set COLLAB_DATA to the folder" in message
    assert contents(cache) == []
    assert contents(cache.parent) == ["cache"]

    server.reply = whole(GOOD)
    assert fetch(edition(checksum=SHA256), base_url=server.url) == cache / "ml-test"


def endless(handler: BaseHTTPRequestHandler) -> None:
    answer(b"")(handler)
    try:
        for _ in range(1_000):
            handler.wfile.write(b"0" * 100_000)
    except OSError:
        pass


def test_no_redirect_escapes_the_limit(server, cache):
    def elsewhere(handler):
        if handler.path == "/much":
            return endless(handler)
        handler.send_response(302)
        handler.send_header("Location", "/much")
        handler.end_headers()
        return None

    server.reply = elsewhere
    with pytest.raises(DataError, match="the download was stopped"):
        fetch(edition(), base_url=server.url)
    assert server.paths == ["/ml-test.zip", "/much"]
    assert contents(cache) == []


@pytest.mark.parametrize("last", ["http", "https"])
def test_no_step_of_the_way_is_without_encryption(server, cache, monkeypatch, last):
    """From https to http, and where it comes back to https."""
    asked = requests.get
    server.reply = whole(GOOD)

    def get(url, **how):
        found, first, between = (
            asked(f"{server.url}ml-test.zip", **how),
            requests.Response(),
            requests.Response(),
        )
        first.url, between.url = url, "http://elsewhere/ml-test.zip"
        found.url = f"{last}://elsewhere/ml-test.zip"
        found.history = [first, between]
        return found

    monkeypatch.setattr(requests, "get", get)
    with pytest.raises(DataError, match="which is not encrypted, so nothing was downloaded"):
        fetch(edition(checksum=SHA256), base_url="https://elsewhere/")
    assert contents(cache) == []


def test_an_endless_answer_is_stopped(server, cache):
    sent = 0

    def endless(handler):
        nonlocal sent
        answer(b"")(handler)
        try:
            while sent < 100_000_000:
                sent += handler.wfile.write(b"0" * 100_000)
        except OSError:
            pass

    server.reply = endless
    with pytest.raises(DataError, match="the download was stopped"):
        fetch(edition(), base_url=server.url)
    assert contents(cache) == []
    server.server_close()
    assert sent < 50_000_000


@pytest.mark.parametrize("sent_before", [None, HALF], ids=["at once", "half way"])
def test_a_server_that_falls_silent(server, cache, monkeypatch, sent_before):
    monkeypatch.setattr(download, "_PATIENCE", 0.2)
    given_up = threading.Event()

    def silent(handler):
        if sent_before is not None:
            answer(sent_before, len(GOOD))(handler)
        given_up.wait(10)

    server.reply = silent
    with pytest.raises(DataError, match=r"ml-test.zip fell silent for 0.2 seconds"):
        fetch(edition(), base_url=server.url)
    given_up.set()
    assert contents(cache) == []


def test_no_network(cache, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        with pytest.raises(DataError) as caught:
            fetch(edition(), base_url=url)
    assert f"{url}ml-test.zip can't be reached: is this computer on the internet?" in str(
        caught.value
    )
    assert "without COLLAB_DATA the course uses the edition that it brings" in str(caught.value)
    assert contents(cache) == []


def test_a_certificate_that_is_not_valid(server, cache):
    """The server here doesn't speak TLS at all, which requests reports in the same way."""
    server.reply = whole(GOOD)
    with pytest.raises(DataError, match="can't be trusted: its certificate is not valid"):
        fetch(edition(), base_url=server.url.replace("http:", "https:"))
    assert contents(cache) == []


def test_a_cache_that_cannot_be_written(server, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("COLLAB_CACHE", str(tmp_path / "file" / "cache"))
    server.reply = whole(GOOD)
    with pytest.raises(DataError, match="set COLLAB_CACHE to a folder that you may write to"):
        fetch(edition(), base_url=server.url)


def test_an_interrupted_download_leaves_nothing(server, cache, monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    server.reply = whole(GOOD)
    monkeypatch.setattr(download, "_unpack", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch(edition(), base_url=server.url)
    assert contents(cache) == []


def test_two_notebooks_may_fetch_the_same_edition_at_once(server, cache):
    both_asked = threading.Barrier(2, timeout=10)

    def reply(handler):
        both_asked.wait()
        whole(GOOD)(handler)

    server.reply = reply
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(fetch(edition(), base_url=server.url)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [cache / "ml-test"] * 2
    assert contents(cache) == ["ml-test", "ml-test/movies.csv", "ml-test/ratings.csv"]


@pytest.mark.parametrize("left", ["half a folder", "an empty table", "a file"])
def test_what_is_left_of_an_edition_makes_way_for_a_whole_one(server, cache, left):
    if left == "a file":
        cache.mkdir(parents=True)
        (cache / "ml-test").write_text("")
    else:
        (cache / "ml-test").mkdir(parents=True)
        (cache / "ml-test" / "ratings.csv").write_text("half")
        if left == "an empty table":
            (cache / "ml-test" / "movies.csv").write_text("")
    old, new = cache / ".ml-test-old", cache / ".ml-test-new"
    for folder in (old, new):  # two programs were killed, one of them two days ago
        folder.mkdir()
    os.utime(old, (0, time.time() - 2 * 24 * 60 * 60))
    server.reply = whole(GOOD)
    fetch(dataclasses.replace(edition(), checksum=SHA256), base_url=server.url)
    found = [".ml-test-new", "ml-test", "ml-test/movies.csv", "ml-test/ratings.csv"]
    assert contents(cache) == found


def test_an_edition_that_another_notebook_finished_meanwhile_is_left_alone(tmp_path):
    folder, mine = tmp_path / "edition", tmp_path / "mine"
    for place, text in ((folder, "theirs"), (mine, "mine")):
        place.mkdir()
        for name in download.FILES:
            (place / name).write_text(text)
    download._move(mine, folder)
    assert {(folder / name).read_text() for name in download.FILES} == {"theirs"}
