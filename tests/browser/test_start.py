"""The course opens without a pop-up over the lesson."""

from playwright.sync_api import expect

from tests.browser.lab import TOKEN, jupyterlab
from tests.notebooks.lessons import FOLDER


def test_nothing_pops_up_over_the_start_page(browser, tmp_path):
    with jupyterlab(FOLDER, tmp_path, overrides=None) as address:
        page = browser.new_page()
        page.goto(f"{address}/lab/tree/notebooks/00_start_here.ipynb?token={TOKEN}&reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        page.wait_for_timeout(3000)
        expect(page.locator(".Toastify__toast, .jp-Dialog")).to_have_count(0)
        page.close()


def test_a_word_leads_to_the_glossary(browser, tmp_path):
    with jupyterlab(FOLDER, tmp_path, overrides=None) as address:
        page = browser.new_page()
        page.goto(f"{address}/lab/tree/notebooks/04_embeddings.ipynb?token={TOKEN}&reset")
        page.locator(".jp-RenderedMarkdown a", has_text="gradient descent").first.click()
        glossary = page.locator(".jp-MarkdownViewer")
        expect(glossary.get_by_role("heading", name="gradient descent")).to_be_in_viewport()
        page.close()
