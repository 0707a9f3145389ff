"""What a screen reader is given: names and values from Chromium's own accessibility tree, and axe.

axe-core is the usual checker of web pages; here it looks at the panels and not at JupyterLab around
them, which isn't ours.
"""

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

PANEL = ".jp-OutputArea-output .jupyter-widgets"
ROLES = ("slider", "spinbutton", "combobox", "checkbox", "textbox", "searchbox", "button", "radio")
(AXE,) = Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")


def controls_heard(page: Page, inside: str = PANEL) -> list[tuple[str, str, str]]:
    """Role, name and value of each control inside the elements that `inside` selects."""
    session = page.context.new_cdp_session(page)
    session.send("Accessibility.enable")
    found = []
    for place in range(page.locator(inside).count()):
        where = f"document.querySelectorAll({inside!r})[{place}]"
        element = session.send("Runtime.evaluate", {"expression": where})["result"]["objectId"]
        for role in ROLES:
            query = {"objectId": element, "role": role}
            for node in session.send("Accessibility.queryAXTree", query)["nodes"]:
                if not node.get("ignored"):
                    name, value = (node.get(key, {}).get("value", "") for key in ("name", "value"))
                    found.append((role, name, _spoken(session, node) or str(value)))
    session.detach()
    return found


def _spoken(session, node: dict) -> str | None:
    """The aria-valuetext of a control, which readers speak in place of its value.

    The tree that Chromium hands out leaves it empty, so it is asked of the element.
    """
    wanted = {"backendNodeId": node["backendDOMNodeId"]}
    element = session.send("DOM.resolveNode", wanted)["object"]["objectId"]
    call = {
        "objectId": element,
        "functionDeclaration": "function() { return this.getAttribute('aria-valuetext') }",
    }
    return session.send("Runtime.callFunctionOn", call)["result"].get("value")


def serious_faults(page: Page, inside: str) -> list[str]:
    """What axe-core finds serious or critical inside the elements that `inside` selects."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate(
        "inside => axe.run({include: [[inside]]}, {resultTypes: ['violations']})", inside
    )
    return [
        f"{fault['id']}: {node['html'][:120]}"
        for fault in result["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
