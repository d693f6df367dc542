// On the site: what an explorer shows as a link, a link opened again, one explorer alone. `host.js` calls it. How a
// link is written and read is loaded when somebody asks for one.

const reading = () => Promise.all([import("./link.js"), import("./told.js")]);

/** @typedef {Record<string, any>} State */
/** @typedef {{place: HTMLElement, name: string, nth: number, saved: State, model: {state: State}}} Shown */

/** @param {string} tag @param {Record<string, string>} attributes @param {(Node | string)[]} children */
function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** A line above an explorer, or above all of them. @param {HTMLElement} place @param {string} text */
function note(place, text) {
  const fresh = element("a", { href: location.pathname + location.search }, "Show it as the page has it");
  fresh.addEventListener("click", (event) => { // without its fragment the address leads nowhere else
    event.preventDefault();
    history.replaceState(null, "", location.pathname + location.search);
    location.reload();
  });
  place.before(element("p", { class: "nnf-shared", role: "status" }, `${text} `, fresh));
}

/**
 * The values that the page's address brings, checked, into the model of their explorer; a note says so, or what was
 * wrong.
 * @param {Shown[]} all @returns {Promise<Shown | null>} the explorer whose values they are
 */
export async function opened(all) {
  if (!location.hash.startsWith("#share=")) return null;
  const [{ toldBy }, { canTell, take }] = await reading();
  let [shown] = all;
  try {
    const told = await toldBy(decodeURIComponent(location.hash));
    const found = all.find(({ name, nth }) => name === told.name && nth === told.nth);
    if (!found) throw new Error(`there is no ${told.name} ${told.nth} here`);
    shown = found;
    if (!canTell(shown.name, shown.saved)) throw new Error("this explorer takes no link");
    Object.assign(shown.model.state, take(shown.name, told.values, shown.saved));
    note(shown.place, "As the link shows it.");
    return shown;
  } catch (error) {
    refuse(shown.place, /** @type {Error} */ (error).message);
    return null;
  }
}

/** A link could not be opened. @param {HTMLElement} place @param {string} why */
export const refuse = (place, why) =>
  note(place, `The link cannot be opened: ${why}. This is what the page itself has.`);

/** This page's address with another fragment, and another query. @param {string} hash @param {string} search */
const address = (hash, search = location.search) => location.origin + location.pathname + search + hash;

/** Text into the clipboard; false where the browser does not let. @param {string} text */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { return false; }
}

/** A link to what an explorer shows now. @param {Shown} shown */
async function linkTo({ name, nth, saved, model }) {
  const [{ fragmentOf }, { canTell, tell }] = await reading();
  if (!canTell(name, saved)) throw new Error("A link cannot tell what this explorer shows.");
  return address(`#${await fragmentOf({ name, nth, values: tell(name, model.state, saved) })}`);
}

/** The way to see an explorer alone, and back. @param {Shown} shown @param {boolean} alone */
function otherWay({ name, nth }, alone) {
  if (alone) return element("a", { href: address("", ""), "data-action": "whole" }, "The whole page");
  const query = `?only=${name}${nth > 1 ? `.${nth}` : ""}`;
  return element("a", { href: address("", query), "aria-label": `${name} alone` }, "Alone");
}

/** Below an explorer: copy a link, and the way to see it alone. @param {Shown} shown @param {boolean} alone */
export function bar(shown, alone) {
  const said = element("span", { role: "status" }), label = `Copy link to this ${shown.name}`;
  const plain = { type: "text", readonly: "", "aria-label": "The link" };
  const field = /** @type {HTMLInputElement} */ (element("input", plain));
  const copy = element("button", { type: "button", "data-action": "link", "aria-label": label }, "Copy link");
  const line = element("p", { class: "nnf-share" }, said, copy, otherWay(shown, alone));
  copy.addEventListener("click", async () => {
    field.remove();
    try {
      const link = await linkTo(shown);
      if (await copied(link)) return said.replaceChildren("Copied: it opens just this.");
      field.value = link;
      copy.before(field);
      field.select();
      said.replaceChildren("Copy it from here:");
    } catch (error) { said.replaceChildren(/** @type {Error} */ (error).message); }
  });
  shown.place.append(line);
}

/** The explorer that `?only=Name` or `?only=Name.2` asks for. @param {Shown[]} all */
export function only(all) {
  const [, name, nth = "1"] = /^(\w+)(?:\.(\d+))?$/.exec(new URLSearchParams(location.search).get("only") ?? "") ?? [];
  return all.find((shown) => shown.name === name && shown.nth === Number(nth)) ?? null;
}

/**
 * The page without all but one explorer; `&hide=step,a` leaves out controls, by the names of their actions or
 * parameters.
 * @param {Shown} shown
 */
export function alone({ place }) {
  const main = element("main", { class: "nnf-alone" }, place);
  const asked = (new URLSearchParams(location.search).get("hide") ?? "").split(",");
  const names = asked.filter((name) => /^[\w-]{1,40}$/.test(name));
  const rules = names.map((name) => `.nnf-alone :is([data-param="${name}"], [data-action="${name}"]),
    .nnf-alone :is(.nnf-field, .nnf-toggle, .nnf-knob, .nnf-choice):has([data-action="${name}"])
    { display: none !important; }`);
  const hidden = names.map((name) => `[data-action="${name}"]`).join(", ");
  if (hidden) rules.push(`.nnf-alone .nnf-foot:not(:has(> :not(${hidden}))) { display: none; }`); // nothing is left in it
  document.head.append(element("style", {}, rules.join("\n")));
  document.body.append(main);
  document.body.dataset.only = "";
}
