// Points, a function to choose among several, and the fit by hand of the one that is chosen. All of it in the page.
import { fitModel, freshState } from "./parts/fit_model.js";
import { fitView } from "./parts/fit_view.js";
import { Life, h, makeRoot, say, silence } from "./shared/dom.js";
import { outbox } from "./shared/outbox.js";

/** @typedef {import("./parts/fit_model.js").Ready} Ready */

/** @param {{model: WidgetModel, el: HTMLElement}} o */
function render({ model, el }) {
  const life = new Life(), box = outbox(model, life), ready = /** @type {Ready[]} */ (box.get("page").functions);
  const root = makeRoot({ el, name: "FitAnything", label: "Fit anything", life });
  const says = h("span", { class: "nnf-note" }), place = h("div", { class: "nnf-anything-fit" });
  const options = ready.map(({ name, label }) => h("option", { value: name, text: label }));
  const select = h("select", { "data-action": "function", onchange: () => choose(select.selectedIndex) }, options);
  let inner = new Life(), shown = "", fit = /** @type {import("./parts/fit.js").Fit | null} */ (null);
  root.append(h("div", { class: "nnf-bar nnf-anything" },
    h("label", { class: "nnf-field" }, h("span", { text: "Function" }), select), says), place);

  /** @param {number} i */
  function choose(i) {
    inner.end(); // it says what it has not said yet
    box.put({ state: freshState(ready[i]) });
    show();
    if (box.get("own_data").points) fit?.put({ ranges: fit.reach() });
  }
  /** The fit of the function that is chosen, made when it is another. */
  function show() {
    const { chosen } = box.get("state"), one = ready.find(({ name }) => name === chosen);
    if (!one || chosen === shown) return;
    inner.end();
    shown = select.value = chosen;
    inner = new Life();
    inner.add(() => {
      silence(place);
      place.replaceChildren();
    });
    say(says, one.says);
    fit = fitView({ model: fitModel(outbox(model, inner), one), root: place, life: inner });
  }
  box.on("state", show);
  life.add(() => inner.end());
  show();
  return life.end;
}

export default { render };
