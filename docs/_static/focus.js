// Code that is wider than the screen can be scrolled by keyboard too, and its tables as well.
const reach = () => {
  const boxes = "div.highlight pre, .cell_output, div.math, .table-wrapper, pre.literal-block";
  for (const box of document.querySelectorAll(boxes)) {
    const wide = box.scrollWidth > box.clientWidth + 1;
    if (wide) box.tabIndex = 0; else box.removeAttribute("tabindex");
  }
};
// "Show the code" is what it says; MyST-NB gives it another name for screen readers.
for (const fold of document.querySelectorAll("details.hide > summary[aria-label]")) fold.removeAttribute("aria-label");
reach();
addEventListener("load", reach);
addEventListener("resize", reach);
