// What an explorer shows, as a link: its values as JSON, made short, in the fragment of an address. A fragment stays with
// the browser: no server sees it. What comes in by one may come from anybody, so `shared/told.js` checks each value.

import { floats } from "./numbers.js";

const VERSION = "1";
const LETTERS = 16_000; // of a link: what messengers and address bars still carry whole
const UNPACKED = 400_000; // bytes that a link may grow to: a small one can hide a huge one
const SHAPE = /^#?share=([^.]*)\.([^.]*)\.([^.]*)\.(.*)$/s;

/** @typedef {{name: string, nth: number, values: Record<string, unknown>}} Told which explorer of a page, from 1 */

/** @param {Uint8Array} bytes */
const base64 = (bytes) => btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join("")).replaceAll("+", "-")
  .replaceAll("/", "_").replaceAll("=", "");

/** @param {string} text */
const bytesIn = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

/**
 * Bytes through a stream, and no more than `most` of them.
 * @param {Uint8Array} bytes @param {any} stream @param {number} most
 */
async function through(bytes, stream, most) {
  const reader = new Blob([/** @type {BlobPart} */ (bytes)]).stream().pipeThrough(stream).getReader();
  const parts = /** @type {Uint8Array[]} */ ([]);
  for (let size = 0; ;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > most) {
      await reader.cancel();
      throw new Error("it holds too much");
    }
    parts.push(value);
  }
  return new Uint8Array(await new Blob(/** @type {BlobPart[]} */ (parts)).arrayBuffer());
}

/** Values that JSON can carry: numbers packed as bytes become a list. @param {string} _ @param {any} v */
export const plain = (_, v) => (v instanceof DataView ? { f: [...floats(v)] } : v);

/**
 * The fragment of a link, without its `#`; an error where it would be too long.
 * @param {Told} told @returns {Promise<string>}
 */
export async function fragmentOf({ name, nth, values }) {
  const json = new TextEncoder().encode(JSON.stringify(values, plain));
  const short = typeof CompressionStream === "function"
    ? `z${base64(await through(json, new CompressionStream("deflate-raw"), UNPACKED))}` : `j${base64(json)}`;
  const text = `share=${VERSION}.${name}.${nth}.${short}`;
  if (text.length > LETTERS) {
    const [long, most] = [text.length, LETTERS].map((n) => n.toLocaleString("en"));
    throw new Error(`${long} letters are too long for a link, ${most} at most. Fewer points make it shorter.`);
  }
  return text;
}

/** @param {string} short @returns {Promise<Uint8Array>} */
async function unpacked(short) {
  if (!/^[zj][\w-]+$/.test(short)) throw new Error("it is damaged");
  const bytes = bytesIn(short.slice(1));
  if (short[0] === "j") return bytes;
  if (typeof DecompressionStream !== "function") throw new Error("this browser is too old to read it");
  return through(bytes, new DecompressionStream("deflate-raw"), UNPACKED);
}

/** @param {string} short @returns {Promise<Record<string, unknown>>} */
async function valuesOf(short) {
  let bytes;
  try { bytes = await unpacked(short); } catch (e) {
    const { message } = /** @type {Error} */ (e);
    throw new Error(/^(it|this) /.test(message) ? message : "it is damaged");
  }
  try {
    const values = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (values && typeof values === "object" && !Array.isArray(values)) return values;
  } catch { /* said below */ }
  throw new Error("it is damaged");
}

/**
 * What a fragment tells, not checked yet; an error says why it cannot be read.
 * @param {string} fragment @returns {Promise<Told>}
 */
export async function toldBy(fragment) {
  if (fragment.length > LETTERS + 1) throw new Error("it is too long");
  const [, version, name, nth, short] = SHAPE.exec(fragment) ?? [];
  if (short === undefined) throw new Error("it is damaged");
  if (version !== VERSION) throw new Error(`it is of version ${version.slice(0, 10)}, this page reads ${VERSION}`);
  if (!/^\w{1,40}$/.test(name) || !/^[1-9]\d{0,2}$/.test(nth)) throw new Error("it is damaged");
  return { name, nth: Number(nth), values: await valuesOf(short) };
}
