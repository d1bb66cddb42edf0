/// <reference path="../../node_modules/@jsquash/jpeg/emscripten-types.d.ts" />

/**
 * Pictures of CIFAR-10 (Krizhevsky 2009) from an archive of JPEGs in class folders, `train/airplane/0000.jpg`. It is not in
 * the repository: FOVEA_CIFAR10 names it, or it lies in ../shared/data beside it.
 */

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import decode, { init } from "@jsquash/jpeg/decode.js";
import { fromTyped, type NDArray } from "fovea";
import { createTarDecoder } from "modern-tar";

const root = path.join(import.meta.dirname, "..", "..");
const file = process.env.FOVEA_CIFAR10 ?? path.join(root, "..", "shared", "data", "cifar10-jpeg.tar");

/** So many pictures, as many of each of the ten classes, in turn: [count, 32, 32, 3] bytes and classes [count]. */
export async function cifar10(count: number): Promise<{ readonly images: NDArray; readonly labels: NDArray }> {
  if (!existsSync(file)) {
    throw new Error(`cifar10: ${file} is not there. FOVEA_CIFAR10 names an archive of train/<class>/<number>.jpg.`);
  }
  await useDecoder();
  const byClass = await jpegs(count / 10);
  const classes = [...byClass.keys()].sort();
  const [images, labels] = [new Uint8Array(count * 3072), new Uint8Array(count)];
  for (let i = 0; i < count; i++) {
    labels[i] = i % 10;
    const { data } = await decode(byClass.get(classes[i % 10]!)![Math.floor(i / 10)]!);
    for (let pixel = 0; pixel < 1024; pixel++)
      images.set(data.subarray(4 * pixel, 4 * pixel + 3), i * 3072 + 3 * pixel);
  }
  return { images: fromTyped(images, [count, 32, 32, 3]), labels: fromTyped(labels) };
}

/** The first files of each training class. */
async function jpegs(each: number): Promise<ReadonlyMap<string, readonly ArrayBuffer[]>> {
  const found = new Map<string, ArrayBuffer[]>();
  const archive = new Blob([await readFile(file)]).stream().pipeThrough(createTarDecoder());
  for await (const { header, body } of archive as unknown as AsyncIterable<{
    readonly header: { readonly name: string };
    readonly body: ReadableStream<Uint8Array>;
  }>) {
    const name = /^train\/(\w+)\/\d+\.jpg$/.exec(header.name)?.[1];
    const list = found.get(name ?? "") ?? [];
    if (name === undefined || list.length >= each) {
      await body.cancel();
      continue;
    }
    list.push(await new Response(body).arrayBuffer());
    found.set(name, list);
  }
  if (found.size !== 10 || [...found.values()].some((list) => list.length < each)) {
    throw new Error(`cifar10: ${file} does not have ${each} pictures of each of ten classes.`);
  }
  return found;
}

/** Decoders come as WebAssembly beside their code, which looks for it by fetch: not a file's way in Node. */
async function useDecoder(): Promise<void> {
  const folder = path.dirname(createRequire(import.meta.url).resolve("@jsquash/jpeg/package.json"));
  await init(await WebAssembly.compile(await readFile(path.join(folder, "codec", "dec", "mozjpeg_dec.wasm"))));
}
