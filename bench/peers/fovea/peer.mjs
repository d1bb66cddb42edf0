/** fovea as a peer: `node peer.mjs --threads 2`; with `--train` it trains a network as a whole process. */

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { threads: { type: "string", default: "1" }, train: { type: "string" } } });
const threads = Number(values.threads);

if (values.train !== undefined) {
  // Nothing else is loaded: the start of the process counts.
  const { train } = await import("./train.mjs");
  console.log(JSON.stringify(await train(JSON.parse(values.train), threads)));
  process.exit(0);
}

const { describeEngine } = await import("../../../dist/index.js");
const { readPictures } = await import("../pictures.mjs");
const { serve, Unsupported } = await import("../serve.mjs");
const { FoveaKernel } = await import("./kernel.mjs");
const { FoveaModel, picturesOf } = await import("./model.mjs");

await serve({
  hello: async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
    const { simd } = await describeEngine();
    return { versions: { fovea: version, node: process.version }, threads, simd };
  },
  make: async (what) => {
    if (what.kind === "network") {
      const { images, labels } = readPictures(what.data);
      return new FoveaModel(what, picturesOf(images, labels, what.data.shape), threads);
    }
    if (what.kind === "kernel") return FoveaKernel.make(what, threads);
    throw new Unsupported(`there is no ${what.kind} here`);
  },
});
