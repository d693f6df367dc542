// Runs the course's modules in plain Node: a line that comes in is a job, {module, function, args}, one that goes out
// its result.
// What JSON has no word for travels as {"$": kind, "of": text}: numbers that are not finite, −0, and bytes in base 64.
import { createInterface } from "node:readline";

const base64 = (view) => Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString("base64");
const plain = (v) => typeof v === "number" && Number.isFinite(v) && !Object.is(v, -0);

function tagged(_, value) {
  if (ArrayBuffer.isView(value)) return { $: value.constructor.name, of: base64(value) };
  if (typeof value === "number" && !plain(value)) return { $: "Number", of: Object.is(value, -0) ? "-0" : String(value) };
  if (value instanceof Map) return Object.fromEntries(value);
  if (typeof value === "function") throw new TypeError(`the result holds a function, ${value.name || "without a name"}`);
  return value;
}

function untagged(_, value) {
  if (typeof value?.$ !== "string") return value;
  if (value.$ === "Number") return Number(value.of);
  const { buffer } = Uint8Array.from(Buffer.from(value.of, "base64"));
  return new globalThis[value.$](buffer);
}

async function run({ module, function: name, args }) {
  const { [name]: f } = await import(module);
  if (typeof f !== "function") throw new TypeError(`${module} exports no function ${name}`);
  return await f(...args);
}

console.log = console.error; // what a module says must not mix with the results
for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try { answer = JSON.stringify({ result: (await run(JSON.parse(line, untagged))) ?? null }, tagged); }
  catch (error) { answer = JSON.stringify({ error: String(error?.stack ?? error) }); }
  process.stdout.write(`${answer}\n`);
}
