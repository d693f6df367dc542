"Checks that every explorer has to pass, whatever it shows."

# Renders explorer `name` with a model whose listeners are counted, drives it, cleans up, and counts what is left
# anywhere.
LIFE = ("""async ([name, state, drive]) => {
  const bytes = (v) => (v?.base64 !== undefined ? new DataView("""
        """Uint8Array.from(atob(v.base64), (c) => c.charCodeAt(0)).buffer)
    : Array.isArray(v) ? v.map(bytes) : v?.constructor === Object """
        """? Object.fromEntries(Object.entries(v).map(([k, o]) => [k, bytes(o)])) : v);
  const values = Object.fromEntries(Object.entries(state).map(([k, v]) => [k, bytes(v)]));
  const handlers = [], far = [], observers = new Set();
  const model = { static: true, get: (k) => values[k], save_changes() {}, send() {},
    set(k, v) { for (const [key, value] of Object.entries(typeof k === "object" ? k : { [k]: v })) {
      if (values[key] === value) continue;
      values[key] = value;
      for (const [n, f] of [...handlers]) if (n === `change:${key}`) f();
    } },
    on(n, f) { for (const one of n.split(" ")) handlers.push([one, f]); },
    off(n, f) { for (const one of n.split(" ")) {
      const i = handlers.findIndex(([a, b]) => a === one && b === f);
      if (i >= 0) handlers.splice(i, 1);
    } } };
  const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype, Resize = window.ResizeObserver;
  const lasting = (target) => !(target instanceof Node) || target === document || target === document.body;
  EventTarget.prototype.addEventListener = function (n, f, o) { if (lasting(this)) far.push([this, n, f]); """
        """return add.call(this, n, f, o); };
  EventTarget.prototype.removeEventListener = function (n, f, o) {
    const i = far.findIndex(([t, a, b]) => t === this && a === n && b === f);
    if (i >= 0) far.splice(i, 1);
    return remove.call(this, n, f, o); };
  window.ResizeObserver = class extends Resize {
    constructor(f) { super(f); observers.add(this); }
    disconnect() { observers.delete(this); super.disconnect(); } };
  const el = document.createElement("div"); document.body.append(el);
  const errors = []; const oops = (e) => errors.push(String(e.message || e.reason)); add.call(window, "error", oops);
  const { default: explorer } = await import(`http://course.test/explorers/${name}.js`);
  const end = await explorer.render({ model, el });
  const during = { handlers: handlers.length, children: el.childElementCount };
  await new Promise((r) => setTimeout(r, 50));
  for (const action of drive) el.querySelector(`[data-action="${action}"]`).click();
  end();
  const after = { handlers: handlers.length, far: far.length, observers: observers.size, children: el.childElementCount };
  const state1 = JSON.stringify(values); await new Promise((r) => setTimeout(r, 400));
  Object.assign(EventTarget.prototype, { addEventListener: add, removeEventListener: remove }); """
        """window.ResizeObserver = Resize;
  remove.call(window, "error", oops); el.remove();
  return { during, after, errors, still: state1 === JSON.stringify(values) };
}""")


def check_clean_up(page, name, state, drive=()):
    "Render, click the buttons `drive`, clean up: no listener, observer, node or timer that changes the model may be left."
    found = page.evaluate(LIFE, [name, state, list(drive)])
    assert found["during"]["handlers"] > 0 and found["during"]["children"] == 1, found
    assert found["after"] == {"handlers": 0, "far": 0, "observers": 0, "children": 0}, found
    assert found["still"] and not found["errors"], found


def check_fits(page, width):
    "Nothing makes the page scroll sideways."
    assert page.evaluate("document.documentElement.scrollWidth") <= width
