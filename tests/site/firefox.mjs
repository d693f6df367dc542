// Pages of the site in Firefox, over WebDriver BiDi: `node firefox.mjs '{"puppeteer", "firefox", "origin", "pages"}'`.
// Each explorer is moved once by key or mouse; what was seen goes to stdout as JSON.
const { puppeteer, firefox, origin, pages } = JSON.parse(process.argv[2]);
const { default: driver } = await import(puppeteer);

const LOOK = (root) => [root.innerText, ...[...root.querySelectorAll("input")].map((i) => i.value),
  ...[...root.querySelectorAll("svg *")].map((e) => ["d", "cx", "cy", "transform", "style"].map((n) => e.getAttribute(n)).join()),
].join("\n");
// Boxes of a page's text that can be scrolled up and down, but for the rows of a sheet, which are there to be
const SCROLLING = () => [...document.querySelectorAll("article *")].filter((e) => e.clientHeight
  && !e.matches(".nnf-sheet") && ["auto", "scroll"].includes(getComputedStyle(e).overflowY) && e.scrollHeight > e.clientHeight
  && getComputedStyle(e).maxHeight === "none").map((e) => `${e.className}: ${e.innerText.slice(0, 60)}`);

const INTO_VIEW = (e) => e.scrollIntoView({ block: "center", behavior: "instant" });

/** A key on the first slider, else a click on Step, Reveal or Hint, else a stroke, else a click on the first button. */
async function move(page, root) {
  const slider = await root.$("input[type=range]");
  if (slider) return slider.press("ArrowRight");
  const button = await root.$('[data-action="step"], [data-action="reveal"], [data-action="hint"]');
  if (button) return button.click();
  const pad = await root.$(".nnf-pad");
  if (!pad) return (await root.$("button")).click();
  await pad.evaluate(INTO_VIEW);
  const { x, y, width, height } = await pad.boundingBox();
  await page.mouse.move(x + 0.3 * width, y + 0.2 * height);
  await page.mouse.down();
  await page.mouse.move(x + 0.6 * width, y + 0.8 * height, { steps: 8 });
  return page.mouse.up();
}

async function drive(page, root) {
  await root.evaluate(INTO_VIEW);
  const before = await root.evaluate(LOOK);
  await move(page, root);
  const changed = (e, [look, old]) => new Function(`return ${look}`)()(e) !== old;
  await page.waitForFunction(changed, { timeout: 60_000 }, root, [LOOK.toString(), before]);
  return root.evaluate((e) => e.dataset.explorer);
}

async function visit(browser, name) {
  const page = await browser.newPage(), seen = { name, problems: [], outside: [] };
  page.on("console", (m) => m.type() === "error" && seen.problems.push(m.text()));
  page.on("pageerror", (e) => seen.problems.push(String(e)));
  page.on("request", (r) => /^(data|blob):/.test(r.url()) || r.url().startsWith(origin) || seen.outside.push(r.url()));
  await page.setViewport({ width: 1280, height: 900 });
  await page.goto(`${origin}${name}.html`);
  await page.waitForFunction(() => document.documentElement.dataset.explorers);
  seen.moved = [];
  for (const root of await page.$$(".nnf-mount > .nnf-explorer")) seen.moved.push(await drive(page, root));
  Object.assign(seen, await page.evaluate(() => ({
    mounts: [...document.querySelectorAll(".nnf-mount")].map((e) => e.dataset.explorer),
    wide: document.documentElement.scrollWidth > innerWidth })));
  seen.scrolling = await page.evaluate(SCROLLING);
  await page.close();
  return seen;
}

const browser = await driver.launch({ browser: "firefox", executablePath: firefox, headless: true });
try {
  const seen = [];
  for (const name of pages) seen.push(await visit(browser, name));
  console.log(JSON.stringify(seen));
} finally { await browser.close(); }
