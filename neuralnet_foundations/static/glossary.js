// Searches, orders and opens the list of terms. It travels inside the list's own HTML, so it is a plain function
// that looks for lists which nobody has brought to life yet.

/** @param {Element} root */
function bringToLife(root) {
  const form = root.querySelector("form"), list = root.querySelector(".nnf-entries");
  const find = root.querySelector("input"), show = root.querySelector("select");
  const all = root.querySelector("button"), told = root.querySelector("output");
  const entries = [...root.querySelectorAll("details")];
  const text = new Map(entries.map((e) => [e, e.textContent.toLowerCase()]));
  const name = (e) => e.querySelector("summary b").textContent.toLowerCase();

  const orders = {
    lessons: (a, b) => a.dataset.lesson - b.dataset.lesson || name(a).localeCompare(name(b)),
    shuffled: (() => {
      const place = new Map(entries.map((e) => [e, Math.random()]));
      return (a, b) => place.get(a) - place.get(b);
    })(),
  };
  const byName = (a, b) => name(a).localeCompare(name(b));

  /** Those whose name holds the words come before those whose sentence does. */
  const wanted = (words, lesson) => entries.filter((e) =>
    words.every((w) => text.get(e).includes(w)) && (!Number(lesson) || e.dataset.lesson === lesson));

  function filter() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const some = wanted(words, show.value), inName = (e) => words.some((w) => name(e).includes(w));
    const order = orders[show.value] || byName;
    const sorted = some.toSorted((a, b) => Number(inName(b)) - Number(inName(a)) || order(a, b));
    for (const e of entries) e.hidden = true;
    for (const e of sorted) e.hidden = false;
    list.append(...sorted);
    told.textContent = sorted.length === 1 ? "1 term" : `${sorted.length} terms`;
  }

  /** Opens the term of a link, which may be hidden by a search. */
  function open(hash) {
    const e = entries.find((o) => hash === `#${o.id}`);
    if (!e) return false;
    if (e.hidden) {
      find.value = "";
      show.value = "a-z";
      filter();
    }
    e.open = true;
    e.scrollIntoView({ block: "center" });
    e.querySelector("summary").focus({ preventScroll: true });
    return true;
  }

  function openAll() {
    const now = all.getAttribute("aria-pressed") !== "true";
    all.setAttribute("aria-pressed", String(now));
    all.textContent = now ? "Close all" : "Open all";
    for (const e of entries) e.open = now;
  }

  find.addEventListener("input", filter);
  show.addEventListener("change", filter);
  all.addEventListener("click", openAll);
  form.addEventListener("submit", (e) => e.preventDefault());
  form.addEventListener("keydown", (e) => e.stopPropagation()); // JupyterLab takes keys for its commands
  document.addEventListener("click", (e) => {
    const link = e.target instanceof Element && e.target.closest('.nnf-glossary a[href^="#term-"]');
    if (link && root.isConnected && open(link.getAttribute("href"))) e.preventDefault();
  });
  addEventListener("hashchange", () => open(location.hash));
  form.hidden = false;
  filter();
  open(location.hash);
}

/** A sentence with a number to drag: its slider moves the number, and what follows from it. */
function live(sentence) {
  const range = sentence.querySelector("input"), f = new Function(sentence.dataset.name, `return ${sentence.dataset.js}`);
  const [number, result] = ["number", "result"].map((name) => sentence.querySelector(`[data-live-${name}]`));
  range.addEventListener("input", () => {
    number.textContent = String(range.valueAsNumber);
    result.textContent = String(+f(range.valueAsNumber).toPrecision(4));
    range.setAttribute("aria-valuetext", sentence.textContent);
  });
  range.addEventListener("keydown", (e) => e.stopPropagation()); // JupyterLab takes keys for its commands
  range.hidden = false;
}

export function glossaries() {
  for (const root of document.querySelectorAll(".nnf-glossary:not([data-live])")) {
    root.setAttribute("data-live", "");
    for (const sentence of root.querySelectorAll(".nnf-live")) live(sentence);
    if (root.querySelector("form")) bringToLife(root);
  }
}
