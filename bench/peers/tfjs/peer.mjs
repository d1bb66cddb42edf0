/**
 * TensorFlow.js on its wasm backend in Node as a peer: `node peer.mjs --threads 2`. There it has no threads, whatever it is
 * asked for.
 */

import { createRequire } from "node:module";
import path from "node:path";
import { parseArgs } from "node:util";
import { readPictures } from "../pictures.mjs";
import { serve, Unsupported } from "../serve.mjs";
import { make, use } from "./model.mjs";

const { values } = parseArgs({ options: { threads: { type: "string", default: "1" } } });
const folder = process.env.FOVEA_BENCH_PACKAGES ?? ".";

await serve({
  hello: async () => {
    const load = createRequire(path.join(folder, "package.json"));
    const [core, layers, wasm] = ["tfjs-core", "tfjs-layers", "tfjs-backend-wasm"].map((name) =>
      load(`@tensorflow/${name}`),
    );
    wasm.setWasmPaths(path.join(folder, "node_modules/@tensorflow/tfjs-backend-wasm/dist/"));
    await core.setBackend("wasm");
    await core.ready();
    use({ ...core, ...layers });
    const simd = await core.env().getAsync("WASM_HAS_SIMD_SUPPORT");
    const versions = { tfjs: core.version_core, simd: String(simd), threads: wasm.getThreadsCount() };
    return { versions: { ...versions, node: process.version }, threads: Number(values.threads) };
  },
  make: async (what) => {
    const made = await make(what, what.data === undefined ? undefined : readPictures(what.data));
    return {
      ...made,
      sample: async (measure, count) => {
        try {
          return await made.sample(measure, count);
        } catch (error) {
          // What the library cannot do, in this side's words.
          const { name, message } = /** @type {Error} */ (error);
          throw name === "Unsupported" ? new Unsupported(message) : error;
        }
      },
    };
  },
});
