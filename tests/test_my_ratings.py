"""The reader's own ratings: a file that is written whole, read with care, and forgotten."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from collab_lib import forget_my_ratings, load_my_ratings, save_my_ratings
from collab_lib.movielens import load_movies
from tests.conftest import BUNDLED


def test_without_a_file_the_guest_stands_in(tmp_path):
    guest = load_my_ratings(tmp_path / "my_ratings.csv")
    assert guest.attrs["guest"] is True
    assert len(guest) == 10 and guest["movie"].is_unique
    assert not (tmp_path / "my_ratings.csv").exists()


@pytest.mark.parametrize("edition", ["bundled", "seed"])
def test_the_guests_films_are_in_both_editions(edition, request):
    source = BUNDLED if edition == "bundled" else request.getfixturevalue("seed_folder")
    titles = load_movies(source).set_index("movieId")["title"]
    guest = load_my_ratings("no such file")
    assert titles.loc[guest["movie"]].tolist() == guest["title"].tolist()


def test_what_is_saved_comes_back_and_is_forgotten(tmp_path):
    path = tmp_path / "my_ratings.csv"
    mine = load_my_ratings(path).head(3)
    save_my_ratings(mine, path)
    back = load_my_ratings(path)
    assert back.attrs["guest"] is False
    assert back.values.tolist() == mine.values.tolist()
    assert [p.name for p in tmp_path.iterdir()] == ["my_ratings.csv"]
    assert forget_my_ratings(path) is True and not path.exists()
    assert forget_my_ratings(path) is False


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "can't be read"),
        ("movie,rating\n1,5\n", "columns"),
        ("movie,title,rating\n", "holds no rating"),
        ("movie,title,rating\n1e19,Toy Story (1995),4\n", "line 2"),
        ("movie,title,rating\n1,Toy Story (1995),5\n2,Jumanji (1995),7\n", "line 3"),
        ("movie,title,rating\n1,Toy Story (1995),nan\n", "line 2"),
        ("movie,title,rating\n1,Toy Story (1995),3.3\n", "line 2"),
        ("movie,title,rating\n-1,Toy Story (1995),3\n", "line 2"),
        ("movie,title,rating\none,Toy Story (1995),3\n", "line 2"),
        ("movie,title,rating\n1,Toy Story (1995),3\n1,Toy Story (1995),4\n", "line 3"),
    ],
)
def test_a_file_that_is_no_table_of_ratings_is_told_and_kept(tmp_path, text, told):
    path = tmp_path / "my_ratings.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=told) as error:
        load_my_ratings(path)
    assert "my_ratings.csv" in str(error.value) and "lesson 1" in str(error.value)
    assert path.read_text() == text


def test_a_name_that_can_be_no_file_is_told():
    with pytest.raises(ValueError, match="lesson 1 again"):
        load_my_ratings("x" * 300)


def test_ratings_without_a_column_are_refused(tmp_path):
    with pytest.raises(ValueError, match="title"):
        save_my_ratings(load_my_ratings("none").drop(columns="title"), tmp_path / "x.csv")
    assert not list(tmp_path.iterdir())


def test_the_environment_can_name_another_file(tmp_path, monkeypatch):
    monkeypatch.setenv("COLLAB_MY_RATINGS", str(tmp_path / "hers.csv"))
    save_my_ratings(load_my_ratings("none").head(2))
    assert len(load_my_ratings()) == 2
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLLAB_MY_RATINGS")
    assert load_my_ratings().attrs["guest"] is True


def test_a_film_may_be_called_none(tmp_path):
    mine = load_my_ratings("none").head(2).assign(title=["None", "NA"])
    save_my_ratings(mine, tmp_path / "mine.csv")
    assert load_my_ratings(tmp_path / "mine.csv")["title"].tolist() == ["None", "NA"]


def test_empty_lines_are_no_ratings_and_are_counted(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("movie,title,rating\n\n1,Toy Story (1995),4\n\n")
    assert load_my_ratings(path)["rating"].tolist() == [4.0]
    path.write_text("movie,title,rating\n\n1,Toy Story (1995),4\n\n2,Jumanji (1995),7\n")
    with pytest.raises(ValueError, match="line 5"):
        load_my_ratings(path)


@pytest.mark.parametrize("wrong", [{"rating": 9.0}, {"movie": 1}, {"title": ""}])
def test_what_could_not_be_read_again_is_not_saved(tmp_path, wrong):
    path = tmp_path / "mine.csv"
    mine = load_my_ratings("none").head(2)
    save_my_ratings(mine, path)
    with pytest.raises(ValueError, match=r"is no rating.*nothing was saved"):
        save_my_ratings(mine.assign(**wrong), path)
    assert len(load_my_ratings(path)) == 2


def test_two_may_save_at_once_and_a_reader_sees_whole_files(tmp_path):
    path = tmp_path / "mine.csv"
    guest = load_my_ratings("none")
    tables = [guest.head(2), guest]
    save_my_ratings(guest, path)

    def save(table):
        for _ in range(40):
            save_my_ratings(table, path)

    with ThreadPoolExecutor() as pool:
        saving = [pool.submit(save, table) for table in tables]
        while not all(one.done() for one in saving):
            assert len(load_my_ratings(path)) in (2, 10)
    for one in saving:
        one.result()
    assert [one.name for one in tmp_path.iterdir()] == ["mine.csv"]


def test_a_save_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    def refuse(old, new):
        raise OSError("no room")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(OSError, match="no room"):
        save_my_ratings(load_my_ratings("none"), tmp_path / "mine.csv")
    assert not list(tmp_path.iterdir())
