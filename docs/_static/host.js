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

function restore({ state, buffers = [] }) {
  for (const { path, data } of buffers) {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    let at = state;
    for (const key of path.slice(0, -1)) at = at[key];
    at[path.at(-1)] = new DataView(bytes.buffer);
  }
  return state;
}

const saved = JSON.parse(document.querySelector("script.nnf-state")?.textContent || "{}");
const models = new Map();

function modelOf(id) {
  if (!models.has(id)) models.set(id, new PageModel(restore(saved[id])));
  return models.get(id);
}

/** An explorer in its place; what goes wrong is said there, in one line, and the others go on. */
async function mount(place) {
  const { explorer } = saved[place.dataset.model];
  try {
    const module = await import(new URL(`explorers/${explorer}.js`, import.meta.url));
    const root = document.createElement("div");
    await module.default.render({ model: modelOf(place.dataset.model), el: root });
    place.replaceChildren(...root.childNodes);
  } catch (error) {
    console.error(error);
    const line = document.createElement("p");
    line.className = "nnf-wait nnf-failed";
    const why = `${explorer} could not start here (${error.message}).`;
    line.textContent = `${why} It runs where Python does: open the notebook.`;
    place.replaceChildren(line);
  }
}

// What the reader sees comes first; the rest follow one at a time, so that scrolling stays smooth.
const places = [...document.querySelectorAll(".nnf-mount[data-model]")].filter((p) => saved[p.dataset.model]);
const distance = new Map(places.map((p) => [p, Math.abs(p.getBoundingClientRect().top)]));
for (const place of [...places].sort((a, b) => distance.get(a) - distance.get(b))) await mount(place);
document.documentElement.dataset.explorers = String(places.length);
