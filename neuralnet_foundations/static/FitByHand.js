// FitByHand: a function's curve over points, a slider per parameter. Python hears of changes every 100 ms and once at
// rest.
import { fitView } from "./parts/fit_view.js";
import { Life, makeRoot } from "./shared/dom.js";

/** @param {{model: WidgetModel, el: HTMLElement}} o */
function render({ model, el }) {
  const life = new Life(), label = `Fit by hand: ${model.get("spec").names.join(", ")}`;
  fitView({ model, root: makeRoot({ el, name: "FitByHand", label, life }), life });
  return life.end;
}

export default { render };
