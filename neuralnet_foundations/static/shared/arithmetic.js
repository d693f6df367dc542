// Functions from expressions of arithmetic, and from nothing else.

const FUNCTIONS = ["abs", "exp", "log", "log10", "sqrt", "sin", "cos", "tanh", "sign", "min", "max", "pow", "PI", "E",
  "tan", "floor", "ceil", "cosh", "sinh", "log1p", "expm1", "hypot", "cbrt", "trunc", "atan"];
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const CONSTANTS = new Set(["Infinity", "NaN"]);

/**
 * A JavaScript function from an arithmetic expression, and from nothing else: every token must be a number, an operator,
 * a named argument, or a function of Math in the list above.
 * @param {string} expression @param {string[]} names the arguments, in order
 */
export function compile(expression, names) {
  for (const name of names) if (!IDENTIFIER.test(name) || name === "Math") throw new Error(`not a usable name: ${name}`);
  const token = /\s+|Math\.[A-Za-z0-9_]+|[A-Za-z_][A-Za-z0-9_]*|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|===|!==|==|!=|<=|>=|&&|\|\||[-+*/%()<>?:,!]/y;
  let at = 0;
  while (at < expression.length) {
    token.lastIndex = at;
    const found = token.exec(expression);
    if (!found) throw new Error(`not arithmetic: ${expression.slice(at, at + 20)}`);
    const t = found[0];
    if (t.startsWith("Math.") ? !FUNCTIONS.includes(t.slice(5)) : /^[A-Za-z_]/.test(t) && !names.includes(t) && !CONSTANTS.has(t))
      throw new Error(`unknown name: ${t}`);
    at = token.lastIndex;
  }
  return new Function(...names, `"use strict"; return (${expression});`);
}
