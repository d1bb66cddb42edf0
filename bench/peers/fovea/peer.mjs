/** fovea as a peer: `node peer.mjs --threads 2`. */

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { describeEngine } from "../../../dist/index.js";
import { readPictures } from "../pictures.mjs";
import { serve, Unsupported } from "../serve.mjs";
import { FoveaKernel } from "./kernel.mjs";
import { FoveaModel, picturesOf } from "./model.mjs";

const { values } = parseArgs({ options: { threads: { type: "string", default: "1" } } });
const threads = Number(values.threads);

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
