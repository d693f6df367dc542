// Brings the explorers of a page to life without a kernel: each `.nnf-mount[data-model]` gets a model made from the
// page's saved widget state (`script.nnf-state`, JSON) and the explorer's own module from `explorers/`.

/** The part of Jupyter's widget model that explorers use, with no kernel behind it. */
class PageModel {
  constructor(state) { this.state = state; this.handlers = new Map(); this.static = true; }
  get(name) { return this.state[name]; }
  set(name, value) {
    const changes = typeof name === "object" ? name : { [name]: value };
    for (const [key, v] of Object.entries(changes)) {
      if (this.state[key] === v) continue;
      this.state[key] = v;
      this.fire(`change:${key}`, this, v);
    }
    this.fire("change", this);
  }
  on(names, f) { for (const n of names.split(" ")) this.handlers.set(n, [...(this.handlers.get(n) || []), f]); }
  off(names, f) {
    if (names == null) return this.handlers.clear();
    const left = (n) => (f ? (this.handlers.get(n) || []).filter((g) => g !== f) : []);
    for (const n of names.split(" ")) this.handlers.set(n, left(n));
  }
  fire(name, ...args) { for (const f of this.handlers.get(name) || []) f(...args); }
  save_changes() {}
  send() {}
}

/** Packed numbers, which may stand at another explorer that has the same. */
const packedIn = ({ data, same: [id, k] = [] }) => data ?? saved[id].buffers[k].data;

function restore({ state, buffers = [] }) {
  for (const { path, ...packed } of buffers) {
    const bytes = Uint8Array.from(atob(packedIn(packed)), (c) => c.charCodeAt(0));
    let at = state;
    for (const key of path.slice(0, -1)) at = at[key];
    at[path.at(-1)] = new DataView(bytes.buffer);
  }
  return state;
}

const text = document.querySelector("script.nnf-state")?.textContent || "{}";
const saved = JSON.parse(text);
const states = (id) => restore(structuredClone(saved[id]));
const models = new Map();

function modelOf(id) {
  if (!models.has(id)) models.set(id, new PageModel(states(id)));
  return models.get(id);
}

/** The explorer's view, in a node of its own. */
async function viewOf({ name, model }) {
  const module = await import(new URL(`explorers/${name}.js`, import.meta.url));
  const root = document.createElement("div");
  await module.default.render({ model, el: root });
  return root;
}

/** An explorer in its place; what goes wrong is said there, in one line, and the others go on. */
async function mount(shown) {
  const { place, name } = shown;
  try { place.replaceChildren(...(await viewOf(shown)).childNodes); } catch (error) {
    console.error(error);
    const line = document.createElement("p");
    line.className = "nnf-wait nnf-failed";
    const why = `${name} could not start here (${error.message}).`;
    line.textContent = `${why} It runs where Python does: open the notebook.`;
    place.replaceChildren(line);
  }
}

/** An explorer with what a link brought; where it cannot show that, as the page has it. */
async function mountLinked(shown, refuse) {
  try { shown.place.replaceChildren(...(await viewOf(shown)).childNodes); } catch (error) {
    shown.place.previousElementSibling?.remove();
    refuse(shown.place, error.message);
    shown.model = new PageModel(states(shown.place.dataset.model));
    models.set(shown.place.dataset.model, shown.model);
    await mount(shown);
  }
}

const counts = {};
const all = [...document.querySelectorAll(".nnf-mount[data-model]")].filter((p) => saved[p.dataset.model]).map((place) => {
  const id = place.dataset.model, name = saved[id].explorer;
  counts[name] = (counts[name] ?? 0) + 1;
  return { place, name, nth: counts[name], model: modelOf(id), saved: states(id) };
});

// What the reader sees comes first; the rest follow one at a time, so that scrolling stays smooth.
async function mountAll(list, linked, refuse) {
  const distance = new Map(list.map((shown) => [shown, Math.abs(shown.place.getBoundingClientRect().top)]));
  for (const shown of [...list].sort((a, b) => distance.get(a) - distance.get(b))) {
    await (shown === linked ? mountLinked(shown, refuse) : mount(shown));
  }
}

addEventListener("hashchange", () => { if (location.hash.startsWith("#share=")) location.reload(); });

if (all.length) {
  const sharing = import(new URL("explorers/shared/share.js", import.meta.url));
  const asked = location.hash.startsWith("#share=") || new URLSearchParams(location.search).has("only");
  const { only, alone, opened, refuse } = asked ? await sharing : {}, one = asked ? only(all) : null;
  const list = one ? [one] : all, linked = asked ? await opened(list) : null;
  if (one) alone(one);
  await mountAll(list, linked, refuse);
  linked?.place.scrollIntoView({ block: "center", behavior: "instant" });
  for (const shown of list) (await sharing).bar(shown, Boolean(one));
}
document.documentElement.dataset.explorers = String(all.length);
