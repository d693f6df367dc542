// An order that depends on nothing but a seed, the same in Python: `shuffled` of explorers/net.

/** Whole numbers below 2³², by Tommy Ettinger's mulberry32. @param {number} seed @returns {() => number} */
export function mulberry(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6D2B79F5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}

/** 0 to n - 1 in the order of a seed, by Fisher and Yates. @param {number} n @param {number} seed */
export function shuffled(n, seed) {
  const order = Int32Array.from({ length: n }, (_, i) => i), next = mulberry(seed);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(next() / 2 ** 32 * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
