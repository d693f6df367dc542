// Python that makes what a page shows: a function in torch, its points, an explorer of them. Text out of values.

/** @typedef {{names: string[], variable: string, python: string}} Written a function as `Formula` tells it */
/** @typedef {{name: string, python: string}} WrittenLoss */
/**
 * @typedef {{cls: string, f: Written | null, loss: WrittenLoss, named: Record<string, string>, xs: ArrayLike<number>,
 *   ys: ArrayLike<number>, options: Record<string, string>, start: Record<string, number>}} Told `named` says how the
 *   explorer takes losses that it knows by themselves; `options` are Python already
 */

const WIDE = 88; // characters of a line
/** @type {Record<string, string>} what a user calls them */
const CALLED = { FitByHand: "fit", DescentExplorer: "descent" };

/** Parts with commas between them, over lines of their own where they are many. @param {string[]} parts */
function inLines(parts) {
  const lines = [""];
  for (const part of parts) {
    if (lines[lines.length - 1].length + part.length + 6 > WIDE) lines.push("");
    lines[lines.length - 1] += `${part}, `;
  }
  return lines.map((line) => `    ${line.trimEnd()}`).join("\n");
}

/** A call, in one line or several. @param {string} before up to its bracket @param {string[]} parts @param {string} after */
function called(before, parts, after) {
  const line = `${before}${parts.join(", ")}${after}`;
  return line.length <= WIDE ? line : `${before}\n${inLines(parts)}\n${after}`;
}

/** A text as Python writes it; JSON is so too. @param {string} text */
export const quoted = (text) => JSON.stringify(text);
/** @param {boolean} v */
export const truth = (v) => (v ? "True" : "False");
/** @param {string[]} names */
export const tuple = (names) => `(${names.map(quoted).join(", ")}${names.length === 1 ? "," : ""})`;

/** @param {string} name @param {ArrayLike<number>} values */
const tensor = (name, values) =>
  called(`${name} = torch.tensor([`, Array.from(values, (v) => `${v}`), "], dtype=torch.float64)");

/** @param {Written | null} f */
const functionOf = (f) => (f ? `def f(${[...f.names, f.variable].join(", ")}): return ${f.python}`
  : "# f is the function that this explorer was made with");

/** The whole text. @param {Told} told */
export function pythonFor({ cls, f, loss, named, xs, ys, options, start }) {
  const own = !Object.hasOwn(named, loss.name), name = CALLED[cls];
  const takes = { ...(own ? { loss: "loss" } : named[loss.name] ? { loss: named[loss.name] } : {}), ...options };
  const places = called("dict(", Object.entries(start).map(([key, v]) => `${key}=${v}`), ")");
  const parts = ["f", "x", "y", ...Object.entries(takes).map(([key, v]) => `${key}=${v}`), `start=${places}`];
  return ["import torch", `from neuralnet_foundations.explorers import ${cls}`, "", functionOf(f),
    ...(own ? [`def loss(pred, target): return ${loss.python}`] : []), "", tensor("x", xs), tensor("y", ys), "",
    called(`${name} = ${cls}(`, parts, ")"), `print(${name}.loss)`, name, ""].join("\n");
}

/** A formula for a reader, in one line of plain letters. @param {Written} f */
export const readable = ({ variable, python }) => `f(${variable}) = ${python.replaceAll(/torch\.(nn\.functional\.)?/g, "")
  .replaceAll("**2", "²").replaceAll("**3", "³").replaceAll("**", "^").replaceAll("*", "·").replaceAll("-", "−")}`;
