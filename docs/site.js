/* What every page needs: code that copies itself, and regions that scroll by keyboard. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  for (const code of document.querySelectorAll(".highlight")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.querySelector("pre").textContent.trimEnd());
        button.textContent = "Copied";
      } catch {
        button.textContent = "Can't copy here";
      }
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
    code.append(button);
  }

  /* A region that scrolls must be reachable by Tab: the arrow keys scroll it then. */
  const regions = document.querySelectorAll("pre, .output, .table-wrapper, table.docutils");
  const look = () => {
    for (const region of regions) {
      const scrolls = region.scrollWidth > region.clientWidth + 1;
      if (scrolls) region.tabIndex = 0;
      else if (region.tabIndex == 0) region.removeAttribute("tabindex");
    }
  };
  look();
  addEventListener("resize", look);
  addEventListener("load", look);
});
