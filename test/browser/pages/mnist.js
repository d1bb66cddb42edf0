/** Loads fovea and MNIST in a page from a static server, trains, and measures whether the page stays awake. */
import * as fovea from "/dist/index.js";
import { trainOnDigits } from "./digits.js";

const digits = fovea.datasets.mnist.load({
  trainImages: "/mnist/train-images-idx3-ubyte",
  trainLabels: "/mnist/train-labels-idx1-ubyte",
  testImages: "/mnist/t10k-images-idx3-ubyte",
  testLabels: "/mnist/t10k-labels-idx1-ubyte",
});

/** @param {Parameters<typeof trainOnDigits>[2]} options */
export async function train(options) {
  const { train } = await digits;
  const watch = watchTimer();
  const trained = await trainOnDigits(fovea, train, options);
  const { longestGap, ticks } = watch.stop();
  const { name, threads, simd, notes } = await fovea.describeEngine();
  return { trained, longestGap, ticks, engine: { name, threads, simd, notes } };
}

export const { describeEngine } = fovea;

/** A 16 ms timer, and the longest time between two of its ticks. */
function watchTimer() {
  let last = performance.now();
  let longestGap = 0;
  let ticks = 0;
  const note = () => {
    const now = performance.now();
    longestGap = Math.max(longestGap, now - last);
    last = now;
    ticks++;
  };
  const timer = setInterval(note, 16);
  return {
    stop() {
      note();
      clearInterval(timer);
      return { longestGap, ticks };
    },
  };
}
