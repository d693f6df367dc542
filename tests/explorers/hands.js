// What hands do to an explorer, looked at in its page: two views of one model, and somebody outside who changes it too.
// Every wait is for rounds of a timer and a frame. The page's own timers are cut to `SOON` ms, so that each that was
// set before a round comes before its end, however slow the machine is.

const SOON = 4; // ms, the longest timer of the page
const ROUNDS = 9; // from a hand to the model, the other view and the last words are three
const RUN = 12; // rounds of a run, each of which takes a step at least
const later = window.setTimeout;
window.setTimeout = (f, ms = 0, ...more) => later(f, Math.min(ms, SOON), ...more);

async function round() {
  await new Promise((done) => later(done, SOON + 1));
  await new Promise(requestAnimationFrame);
}

/** Long enough for all that was begun to end. */
async function rest(rounds = ROUNDS / 3) { for (let i = 0; i < rounds; i++) await round(); }

/** Does it come true? */
async function within(f) {
  for (let i = 0; i < ROUNDS && !f(); i++) await round();
  return f();
}

/** What a control shows. */
const valueOf = (e) => [e.value, e.checked, ...["aria-valuenow", "aria-valuetext", "cx", "cy", "transform"]
  .map((name) => e.getAttribute(name))].join(" ");

/** Whatever keys may move: first what is set, then what is drawn. */
const controlsOf = (root) => ["input, select", "[role=slider]"].flatMap((kind) => [...root.querySelectorAll(kind)]);

/** Is it there to be moved? */
const isFree = (e) => e.getClientRects().length > 0 && !e.disabled && !(e.type === "radio" && e.checked);

/** How a person would call a control. */
function nameOf(e) {
  const { param } = e.closest("[data-param]")?.dataset ?? {};
  const name = param ?? e.dataset.action ?? e.getAttribute("aria-label") ?? e.closest("label")?.textContent;
  return `${name} (${e.type ?? "handle"})`;
}

/** The lines in which two looks differ. */
function difference(is, was) {
  const [a, b] = [is, was].map((text) => text.split("\n"));
  const i = a.findIndex((line, n) => line !== b[n]);
  return i < 0 ? `${b.slice(a.length)} is gone` : `“${a[i]}”, not “${b[i]}”`;
}

/** @param {(root: Element) => string} lookAt @param {string} kept a selector of what Reset keeps */
window.handsOn = async (lookAt, kept) => {
  const look = (root) => lookAt(root).replace(/-?\d\S*e-1[5-9]\b/g, "0"); // but for rounding
  await rest();
  const [model] = window.models.values(), roots = [...document.querySelectorAll(".nnf-explorer")];
  // A kernel that is quick
  model.save_changes = (told) => told?.iopub?.status({ content: { execution_state: "idle" } });

  /** What a view shows but for what Reset keeps. */
  function seen(n) {
    const kin = kept ? [...roots[n].querySelectorAll(kept)] : [], spots = kin.map(() => new Comment());
    kin.forEach((e, i) => e.replaceWith(spots[i]));
    const found = look(roots[n]);
    spots.forEach((spot, i) => spot.replaceWith(kin[i]));
    return found;
  }
  const now = () => ({ state: { ...model.state }, seen: [seen(0), seen(1)] });
  const whole = look(roots[0]), first = now();
  const other = (state) => Object.keys(model.state).filter((key) => model.state[key] !== state[key]);
  const shows = (was) => was.seen.every((text, n) => seen(n) === text);
  const moved = (was) => other(was.state).length > 0 && seen(0) !== was.seen[0];
  const still = (was) => !other(was.state).length && shows(was);
  const button = (n, action) => roots[n].querySelector(`[data-action="${action}"]`);

  /** Python, say, sets all back as it was. */
  function speak(state) {
    const names = other(state);
    Object.assign(model.state, state);
    for (const name of names) model.fire(`change:${name}`, model, state[name]);
  }

  /** A step shows. Reset brings back what the views showed, after a step and while it runs. */
  async function reset() {
    const again = button(0, "reset");
    for (const action of (again ? ["step", "run"] : ["step"]).filter((a) => button(0, a))) {
      const was = now();
      button(0, action).click();
      if (!await within(() => moved(was))) return `${action} changes nothing`;
      if (!again) return "";
      if (action === "run") await rest(RUN);
      again.click();
      const came = () => [0, 1].map((n) => seen(n)).find((text, n) => text !== first.seen[n]);
      if (!await within(() => !came())) return `after ${action}, Reset leaves ${difference(came(), first.seen[0])}`;
      await rest();
      if (came()) return `after ${action} and Reset it goes on: ${difference(came(), first.seen[0])}`;
    }
    const keeps = look(roots[0]) !== whole;
    return kept && !keeps ? `Reset keeps nothing of ${kept}` : "";
  }

  /** Run runs on, until Pause, or until somebody else sets the state, outside or in the other view. */
  async function run() {
    const go = button(0, "run"), is = (word) => go.textContent === word;
    if (!go) return "";
    const starts = async () => {
      const was = now();
      go.click();
      return within(() => moved(was) && is("Pause"));
    };
    if (!await starts()) return "Run changes nothing";
    const begun = now();
    if (!await within(() => moved(begun))) return "Run takes one step";
    go.click();
    await rest();
    const paused = now();
    await rest();
    if (!still(paused) || !is("Run")) return "it runs on after Pause";
    if (!await starts()) return "it does not run again after Pause";
    speak(first.state);
    await rest();
    if (other(first.state).length || !is("Run")) return "it runs on when the state is set from outside";
    if (!button(1, "reset")) return "";
    if (!await starts()) return "it does not run again after it was stopped from outside";
    button(1, "reset").click();
    await rest();
    const ended = now();
    await rest();
    return still(ended) && is("Run") ? "" : "it runs on after Reset in the other view";
  }

  let held = [], was = first, value = "";

  /** Take the first control from `i` on that is free; nothing where there is none. */
  function take(i) {
    const [all, others] = roots.map(controlsOf), at = all.findIndex((e, n) => n >= i && isFree(e));
    if (at < 0) return null;
    held = [all[at], others[at]];
    held[0].focus({ preventScroll: true });
    [was, value] = [now(), valueOf(held[0])];
    return { at, name: nameOf(held[0]), kind: held[0].type ?? "slider", value: held[0].value ?? "" };
  }

  /** Did the key move it? Not where it is at its end, or the number is refused. */
  async function turned() {
    for (let i = 0; i < ROUNDS && !other(was.state).length; i++) {
      if (i > ROUNDS / 4 && valueOf(held[0]) === value) return false;
      await round();
    }
    return true;
  }

  /** What is wrong with the control, now that it was moved. */
  async function wrong() {
    if (!await within(() => seen(0) !== was.seen[0])) return "a key changes nothing that shows";
    if (!other(was.state).length) return "the model does not hear of it";
    const values = () => held.map(valueOf), alike = () => values()[0] === values()[1];
    return await within(alike) ? "" : `the views show ${values().join(" and ")}`;
  }

  /** All is set back from outside: what is wrong with the control then. */
  async function back() {
    speak(was.state);
    const others = () => held.map(valueOf).filter((o) => o !== value);
    return await within(() => !others().length) ? "" : `set from outside to ${value}, a view shows ${others()[0]}`;
  }

  /** Does Reset bring back what the views showed before the control was moved? */
  async function undone() {
    button(0, "reset").click();
    const came = await within(() => shows(first));
    await back();
    return came;
  }
  const alone = Boolean(button(0, "reset")) && !button(0, "step") && !button(0, "run");
  const among = (selectors) => selectors.find((one) => held[0].matches(one)) ?? "";
  return { reset, run, take, turned, wrong, back, undone, alone, among };
};
