/** jax-js on its wasm backend, in a page: products alone. */

/** A library that cannot do something: the other half knows it by its name. */
class Unsupported extends Error {
  /** @override */
  name = "Unsupported";
}

const folder = "/packages/@jax-js/jax";

/** @type {any} */
let jax;

/** @param {number} threads */
export async function hello(threads) {
  // It takes all the cores there are.
  Object.defineProperty(navigator, "hardwareConcurrency", { value: threads });
  jax = await import(`${folder}/dist/index.js`);
  const devices = await jax.init("wasm");
  if (!devices.includes("wasm")) throw new Error("there is no wasm backend");
  jax.defaultDevice("wasm");
  const { version } = await (await fetch(`${folder}/package.json`)).json();
  return { versions: { "jax-js": version }, threads };
}

/** @param {any} request */
export async function make({ kind, op, m, k, n, transposeA }) {
  if (kind !== "kernel" || op !== "matmul") throw new Unsupported("it is measured on products alone");
  const { numpy, jit } = jax;
  const multiply = jit((/** @type {any} */ a, /** @type {any} */ b) =>
    numpy.matmul(transposeA ? numpy.transpose(a) : a, b),
  );
  const random = (/** @type {number} */ rows, /** @type {number} */ columns) =>
    numpy.array(Float32Array.from({ length: rows * columns }, Math.random)).reshape([rows, columns]);
  const a = transposeA ? random(k, m) : random(m, k);
  const b = random(k, n);
  return {
    sample: async (/** @type {string} */ _measure, /** @type {number} */ count) => {
      const start = performance.now();
      for (let i = 0; i < count; i++) {
        const c = multiply(a.ref, b.ref);
        await c.blockUntilReady();
        c.dispose();
      }
      return performance.now() - start;
    },
    drop: () => {
      a.dispose();
      b.dispose();
    },
  };
}
