/**
 * Starting a worker, in Node or in a browser, behind one small interface. Not here: what is said to it.
 */

import { builtin } from "../../platform/builtin.js";
import { currentPlatform } from "../../platform/current.js";
import { configuredAsset } from "./configure.js";
import type { Reply, Request } from "./messages.js";

/** A worker that runs worker.js. */
export interface Spawned {
  post(request: Request, transfer?: Transferable[]): void;
  /** Keeps the process alive, or no longer. Nothing in a browser. */
  ref(): void;
  unref(): void;
  /** Ends it; resolves when it has ended, as far as the platform says. */
  terminate(): Promise<void>;
}

/** What its owner is told. */
export interface SpawnHandlers {
  reply(reply: Reply): void;
  /** It ended or failed without being asked to; in Node whatever the reason, in a browser only script errors. */
  death(reason: string): void;
}

/** Starts a worker. It is unref'd. */
export function spawn(handlers: SpawnHandlers): Spawned {
  return currentPlatform().environment.isBrowser ? spawnInBrowser(handlers) : spawnInNode(handlers);
}

function spawnInNode({ reply, death }: SpawnHandlers): Spawned {
  const { Worker: NodeWorker } = builtin("node:worker_threads");
  const configured = configuredAsset("worker") as string | URL | undefined;
  const url = configured === undefined ? new URL("./worker.js", import.meta.url) : new URL(configured);
  // Loaders and inspector flags of the main thread are not for it.
  const worker = new NodeWorker(url, { execArgv: [], name: "fovea" });
  worker.on("message", reply);
  worker.on("error", (error) => death(error instanceof Error ? error.message : String(error)));
  worker.on("exit", (code) => death(`it ended with code ${code}`));
  worker.unref();
  return {
    post: (request, transfer = []) => worker.postMessage(request, transfer as never),
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    terminate: async () => {
      await worker.terminate();
    },
  };
}

function spawnInBrowser({ reply, death }: SpawnHandlers): Spawned {
  const configured = configuredAsset("worker") as string | URL | undefined;
  // The literal form is what bundlers look for.
  const worker =
    configured === undefined
      ? new Worker(new URL("./worker.js", import.meta.url), { type: "module" })
      : new Worker(sameOrigin(new URL(configured)), { type: "module" });
  worker.onmessage = (event: MessageEvent<Reply>) => reply(event.data);
  const script = configured === undefined ? "its script, worker.js beside fovea's code," : `its script ${configured}`;
  worker.onerror = (event) =>
    death(event.message || `${script} could not be loaded; name its place with configure({ assets })`);
  worker.onmessageerror = () => death("a message could not be read");
  return {
    post: (request, transfer = []) => worker.postMessage(request, transfer),
    ref: () => undefined,
    unref: () => undefined,
    terminate: async () => worker.terminate(),
  };
}

/** A browser starts no worker from another origin, but lets one import from there. */
function sameOrigin(url: URL): URL {
  if (url.origin === globalThis.location?.origin || url.protocol === "blob:" || url.protocol === "data:") return url;
  const script = new Blob([`import ${JSON.stringify(url.href)};`], { type: "text/javascript" });
  return new URL(URL.createObjectURL(script));
}
