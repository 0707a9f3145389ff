"""What the site's pages get beyond Sphinx: panels, links, previews, a policy."""

import json
import re

import pytest

from collab_lib.kit.controls import slider
from collab_lib.kit.panel import Panel
from collab_lib.kit.picture import picture
from tools import pages
from tools.places import Places, read_places
from tools.stills import NotLive, _as_stored, walk

PUBLISHED = Places("teacher/course", site="https://teacher.github.io/course/")


@picture(width=3, height=2)
def line(axes, n):
    """A line."""
    axes.plot([0, n], label="a")
    return f'A line to {n} & <not> "markup".'


@pytest.fixture
def made(tmp_path):
    """A panel as it is stored in a notebook, and its stills."""
    panel = Panel(line, n=slider("Height", 1, 3, 2), stills={"n": [1, 2, 3]})
    html = panel._repr_mimebundle_()[0]["text/html"]
    return html, [_as_stored(walk(panel, folder=tmp_path / "0"), [], 0.0)], tmp_path


def test_a_panel_gets_its_place(made):
    html, panels, _ = made
    body = f"<h1>One</h1><div>{html}</div><p>after</p>"
    page = pages.with_panels(body, panels, "../_static/p", "Elsewhere.", "01_one")
    assert page.startswith('<h1>One</h1><div><div class="collab-panel"><div class="panel"')
    assert page.endswith("</div></div></div><p>after</p>")
    assert page.count("<div") == page.count("</div>")
    (source,) = set(re.findall(r'<img [^>]*src="([^"]*)"', page))
    assert source == f"../_static/p/0/{panels[0]['pictures'][1]}.webp"
    assert 'alt="A line to 2 &amp; &lt;not&gt; &quot;markup&quot;."' in page
    assert "These 3 pictures were computed beforehand. Elsewhere." in page
    assert "<summary>The numbers in this picture</summary>" in page


def test_two_panels_that_start_alike_get_a_place_each(made):
    html, panels, _ = made
    page = pages.with_panels(html + html, panels * 2, "p", "", "01_one")
    assert re.findall(r'data-panel="(\d)"', page) == ["0", "1"]


def test_a_panel_that_the_page_does_not_show_stops_the_build(made):
    html, panels, _ = made
    stale = html.replace("A line to 2", "A line to 7")
    with pytest.raises(NotLive, match="01_one: the page doesn't show what panel 0 starts with"):
        pages.with_panels(stale, panels, "p", "", "01_one")


def test_the_scripts_hold_what_was_walked(made):
    _, panels, folder = made
    pages.write_panels(panels, folder, folder / "site", "../p")
    (told,) = _value_of(folder / "site" / "panels.js")
    assert told["sentences"] == panels[0]["sentences"] and told["folder"] == "../p/0"
    tables = _value_of(folder / "site" / "0" / "numbers-0.js")
    assert [tables[n] for n in told["numbers"]] == [
        panels[0]["tables"][n] for n in panels[0]["numbers"]
    ]


def _value_of(script):
    return json.loads(script.read_text(encoding="utf-8").partition("=")[2].rstrip(";\n"))


def test_without_a_place_only_the_download_is_left():
    assert pages.launch_links(Places(), "05_dot_model") == (
        '<p class="launch"><a href="05_dot_model.ipynb" download>Download the notebook</a></p>'
    )


def test_launch_links_come_from_one_setting():
    links = pages.launch_links(PUBLISHED, "05_dot_model")
    inside = "github/teacher/course/blob/colab/notebooks/05_dot_model.ipynb"
    assert f"https://colab.research.google.com/{inside}" in links
    assert "mybinder.org/v2/gh/teacher/course/main?urlpath=lab%2Ftree%2Fnotebooks" in links
    assert "https://codespaces.new/teacher/course?ref=main" in links
    for name in ("Colab", "Binder", "Codespaces"):
        assert name in pages.where_to_run(PUBLISHED, "05_dot_model", "index.html#start")


def test_a_repository_that_publishes_itself_needs_no_setting(tmp_path):
    settings = tmp_path / "places.toml"
    settings.write_text('repository = ""\nsite = ""\n')
    assert read_places(settings, {}) == Places()
    itself = read_places(settings, {"GITHUB_REPOSITORY": "Teacher/course"})
    assert itself.site == "https://teacher.github.io/course/"
    settings.write_text('site = "https://course.example"\n')
    assert read_places(settings, {}).site == "https://course.example/"
    settings.write_text('repo = "slip"\n')
    with pytest.raises(ValueError, match="'repo'"):
        read_places(settings, {})


def test_the_settings_of_the_project_are_read():
    assert isinstance(read_places(environment={}), Places)


def test_a_description_says_what_a_lesson_teaches():
    body = (
        "<h1>5. The dot model</h1><p><strong>You will be able to</strong></p>\n<ul>\n"
        "<li><p>turn a <em>number</em> into stars;</p></li><li><p>write a loop.</p></li></ul>"
    )
    assert pages.description(body) == "You will be able to turn a number into stars; write a loop."
    assert pages.description(f"<p>short</p><p>{'word ' * 20}</p>") == ("word " * 20).strip()
    assert len(pages.description(f"<p>{'word ' * 200}</p>")) <= 200


def test_previews_need_the_whole_address():
    assert "og:image" not in pages.preview_tags("One", "About <it>", "", "one.html")
    tags = pages.preview_tags("One", "About <it>", PUBLISHED.site, "one.html")
    assert 'og:url" content="https://teacher.github.io/course/one.html"' in tags
    assert 'name="description" content="About &lt;it&gt;"' in tags


def test_the_policy_lets_the_page_s_own_scripts_run_and_no_others():
    page = '<head><meta charset="utf-8"></head><script src="a.js"></script><script>run()</script>'
    policy = re.search(r'Policy" content="([^"]*)"', pages.with_policy(page))[1]
    # echo -n 'run()' | openssl dgst -sha256 -binary | base64
    digest = "AvyuiL0SD1mVY3NNxR+V2uo+lhk6RMFrytWmRt6CrJQ="
    assert f"script-src 'self' 'sha256-{digest}'" in policy and policy.count("sha256-") == 1
    assert "unsafe-inline" not in policy.partition("script-src")[2]
    assert "default-src 'self'" in policy and "http" not in policy


def test_a_sitemap_has_whole_addresses():
    text = pages.sitemap(PUBLISHED.site, ["a.html", "b/c.html"])
    assert "<loc>https://teacher.github.io/course/b/c.html</loc>" in text


def test_a_missing_page_finds_its_links_from_any_address():
    page = pages.with_base('<meta charset="utf-8">', PUBLISHED.site)
    assert '<base href="/course/">' in page
    assert '<base href="/">' in pages.with_base('<meta charset="utf-8">', "")
