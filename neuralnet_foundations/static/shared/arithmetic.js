// Functions from expressions of arithmetic, and from nothing else.

const FUNCTIONS = ["abs", "exp", "log", "log10", "sqrt", "sin", "cos", "tanh", "sign", "min", "max", "pow", "PI", "E",
  "tan", "floor", "ceil", "cosh", "sinh", "log1p", "expm1", "hypot", "cbrt", "trunc", "atan"];
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const CONSTANTS = new Set(["Infinity", "NaN"]);
const TOKENS = [/\s+/, /Math\.[A-Za-z0-9_]+/, /[A-Za-z_][A-Za-z0-9_]*/, /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/,
  /===|!==|==|!=|<=|>=|&&|\|\||[-+*/%()<>?:,!]/];
const TOKEN = new RegExp(TOKENS.map((one) => one.source).join("|"), "y");

/** @type {Map<string, Function>} */
const compiled = new Map();

/** @param {string} token @param {string[]} names */
function known(token, names) {
  if (token.startsWith("Math.")) return FUNCTIONS.includes(token.slice(5));
  return !/^[A-Za-z_]/.test(token) || names.includes(token) || CONSTANTS.has(token);
}

/**
 * Refuses whatever is no arithmetic: every token must be a number, an operator, a name in `names`, or a function of
 * Math in the list above.
 * @param {string} expression @param {string[]} names
 */
function check(expression, names) {
  for (const name of names) if (!IDENTIFIER.test(name)
    || name === "Math") throw new Error(`not a usable name: ${name}`);
  for (let at = 0; at < expression.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(expression)?.[0];
    if (!token) throw new Error(`not arithmetic: ${expression.slice(at, at + 20)}`);
    if (!known(token, names)) throw new Error(`unknown name: ${token}`);
  }
}

/**
 * A JavaScript function from an arithmetic expression. With `variable`, it takes the other arguments first and gives a
 * function of the variable: called for many values of it, that is the quick way. The same expression is compiled once.
 * @param {string} expression @param {string[]} names the arguments, in order @param {string} [variable]
 * @returns {Function}
 */
export function compile(expression, names, variable) {
  const key = JSON.stringify([expression, names, variable]), ready = compiled.get(key);
  if (ready) return ready;
  check(expression, variable === undefined ? names : [...names, variable]);
  const body = variable === undefined ? `(${expression})` : `(${variable}) => (${expression})`;
  const made = new Function(...names, `"use strict"; return ${body};`);
  compiled.set(key, made);
  return made;
}
