"""Fetch an edition from GroupLens, once, into a cache that belongs to the user.

Everything happens in a temporary folder inside the cache; the finished edition is renamed into its
place in one step. So whatever fails, no half of an edition is ever left to be read later.
"""

from __future__ import annotations

import lzma
import os
import shutil
import sys
import tempfile
import time
import zipfile
import zlib
from pathlib import Path, PureWindowsPath

from .editions import Edition
from .errors import DataError

GROUPLENS = "https://files.grouplens.org/datasets/movielens/"
FILES = ("ratings.csv", "movies.csv")

# GroupLens's zips shrink the two tables to about a third. Far beyond that it isn't its zip.
_MAX_DOWNLOAD = 2
_MAX_UNPACKED = 8
_CHUNK = 1 << 18
_PATIENCE = 30  # seconds without a sign of life
_DAY = 24 * 60 * 60


def cache_folder() -> Path:
    """Where downloaded editions are kept: COLLAB_CACHE, or the system's cache for this user."""
    # Imported late: the bundled edition needs none of it, and importing the course stays quick.
    import pooch

    return Path(os.environ.get("COLLAB_CACHE", "").strip() or pooch.os_cache("collab_lib"))


def fetch(edition: Edition, cache: Path | None = None, base_url: str | None = None) -> Path:
    """Return the folder that holds `edition`, downloading it first unless it is there already.

    `base_url` stands in for GroupLens's address and ends in a slash.
    Raises DataError, naming the address and the remedy, and then leaves no file behind.
    """
    cache = cache_folder() if cache is None else Path(cache)
    folder = cache.expanduser().absolute() / edition.name
    if _is_complete(folder):
        return folder
    url = f"{base_url or GROUPLENS}{edition.name}.zip"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _clear_up_leftovers(folder)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{edition.name}-") as work:
            zip_path = Path(work, f"{edition.name}.zip")
            _download(url, zip_path, edition)
            unpacked = Path(work, "unpacked")
            unpacked.mkdir()
            _unpack(zip_path, unpacked, edition, url)
            _move(unpacked, folder)
    except OSError as error:
        raise DataError(
            f"{edition.name} can't be kept in {folder.parent}: {error}. "
            "Make room there, or set COLLAB_CACHE to a folder that you may write to."
        ) from error
    return folder


def _download(url: str, zip_path: Path, edition: Edition) -> None:
    import pooch
    import requests

    print(f"Downloading {edition} from {url}, this once.")
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("WARNING")
    try:
        pooch.retrieve(
            url,
            known_hash=edition.checksum,
            fname=zip_path.name,
            path=zip_path.parent,
            downloader=lambda url, target, _: _stream(url, target, edition),
        )
    except DataError:
        raise
    except requests.RequestException as error:
        raise DataError(f"{_reason(error, url)} {_remedy(url)}") from error
    except ValueError as error:
        raise DataError(
            f"What came from {url} is not what the course knows as {edition.name}: its checksum "
            "differs, so it was damaged on the way or GroupLens has replaced it. Try again. If it "
            f"fails again: {_remedy(url)}"
        ) from error
    finally:
        logger.setLevel(level)


def _stream(url: str, target: str, edition: Edition) -> None:
    """Write what an address sends to a file, with a progress bar, up to a limit."""
    import requests
    from tqdm import tqdm

    limit = edition.zip_bytes * _MAX_DOWNLOAD
    with requests.get(url, stream=True, timeout=_PATIENCE) as response:
        response.raise_for_status()
        addresses = [answer.url for answer in (*response.history, response)]
        if url.startswith("https:") and not all(a.startswith("https:") for a in addresses):
            raise DataError(
                f"{url} leads to {addresses[-1]}, which is not encrypted, so nothing was "
                f"downloaded. {_remedy(url)}"
            )
        length = response.headers.get("Content-Length", "")
        announced = int(length) if length.isdecimal() else edition.zip_bytes
        # To stdout, because a notebook shows stderr as if something had gone wrong.
        bar = tqdm(total=announced, desc=edition.name, unit="B", unit_scale=True, file=sys.stdout)
        with bar, open(target, "wb") as file:
            for chunk in response.iter_content(_CHUNK):
                bar.update(len(chunk))
                # Counted here, because what a server announces need not be what it sends.
                if bar.n > limit:
                    raise DataError(
                        f"{url} sends more than {limit:,} bytes, twice what it should, so the "
                        f"download was stopped. {_remedy(url)}"
                    )
                file.write(chunk)


def _unpack(zip_path: Path, into: Path, edition: Edition, url: str) -> None:
    """Take the two tables, and nothing else, out of a zip that nobody has to trust."""
    limit = edition.zip_bytes * _MAX_UNPACKED
    try:
        with zipfile.ZipFile(zip_path) as archive:
            for name in archive.namelist():
                if _leads_outside(name):
                    raise DataError(
                        f"The zip from {url} holds a file that would land outside its folder, "
                        f"{name!r}. GroupLens's doesn't, so nothing was unpacked. {_remedy(url)}"
                    )
            for name in FILES:
                size = _copy(archive, f"{edition.name}/{name}", into / name, limit, url)
                if size == 0:
                    raise DataError(
                        f"The zip from {url} holds an empty {name}. Try again. If it fails again: "
                        f"{_remedy(url)}"
                    )
                limit -= size
    except DataError:
        raise
    # RuntimeError and NotImplementedError: a password, or a compression that Python lacks; OSError
    # with no number and ValueError: damaged bzip2, or a name that is no text.
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        RuntimeError,
        NotImplementedError,
        ValueError,
        OSError,
    ) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise DataError(
            f"The zip from {url} is cut short or damaged ({error}). Try again. "
            f"If it fails again: {_remedy(url)}"
        ) from error


def _leads_outside(name: str) -> bool:
    # Windows's rules are the wider ones: they know /, \\ and drive letters.
    path = PureWindowsPath(name)
    return bool(path.anchor) or ".." in path.parts


def _copy(archive: zipfile.ZipFile, member: str, target: Path, limit: int, url: str) -> int:
    try:
        source = archive.open(member)
    except KeyError:
        raise DataError(
            f"The zip from {url} holds no {member}, so it isn't an edition that the course reads."
            f" {_remedy(url)}"
        ) from None
    size = 0
    with source, open(target, "wb") as file:
        # Counted while unpacking, because a zip's own word for its size can be a lie.
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise DataError(
                    f"The zip from {url} unpacks to far more than it should, so unpacking was "
                    f"stopped at {member}. {_remedy(url)}"
                )
            file.write(chunk)
    return size


def _move(unpacked: Path, folder: Path) -> None:
    if _is_complete(folder):  # another notebook has fetched the same edition meanwhile
        return
    # What stands in the way of a whole edition: half of one, or a file of its name.
    if folder.is_dir():
        shutil.rmtree(folder)
    else:
        folder.unlink(missing_ok=True)
    try:
        unpacked.rename(folder)
    except OSError:
        if not _is_complete(folder):
            raise


def _is_complete(folder: Path) -> bool:
    return all((folder / name).is_file() and (folder / name).stat().st_size for name in FILES)


def _clear_up_leftovers(folder: Path) -> None:
    """A program that is killed leaves its working folder; one of yesterday belongs to nobody."""
    for left in folder.parent.glob(f".{folder.name}-*"):
        if time.time() - left.stat().st_mtime > _DAY:
            shutil.rmtree(left, ignore_errors=True)


def _reason(error: Exception, url: str) -> str:
    import requests

    response = getattr(error, "response", None)
    if response is not None:
        return f"{url} answers {response.status_code} {response.reason}."
    if isinstance(error, requests.exceptions.SSLError):
        return f"{url} can't be trusted: its certificate is not valid ({error})."
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return f"The connection broke in the middle of {url}."
    # requests calls a silence in the middle of an answer a failed connection.
    if isinstance(error, requests.exceptions.Timeout) or "timed out" in str(error):
        return f"{url} fell silent for {_PATIENCE} seconds."
    return f"{url} can't be reached: is this computer on the internet? ({type(error).__name__})"


def _remedy(url: str) -> str:
    return (
        f"You can download {url} with a browser, unpack it, and set COLLAB_DATA to the folder; "
        "without COLLAB_DATA the course uses the edition that it brings with it."
    )
