/**
 * A thread of the engine, the same in Node (worker_threads) and in a browser (Web Worker). Either it shares the memory of
 * the main thread and runs its part of a program, or, where memory cannot be shared, it owns the memory and does all
 * that is asked of it. Plain JavaScript without imports, so that it loads from the sources, from the build and through
 * any bundler. Not here: what is asked and when (worker-thread.ts, pool.ts, remote.ts).
 *
 * @typedef {import("./messages.js").Request} Request
 * @typedef {import("./messages.js").Reply} Reply
 * @typedef {(control: number, program: number, thread: number, scratch: number) => number} Execute
 * @typedef {{
 *   postMessage(message: Reply, transfer?: Transferable[]): void,
 *   on?(event: "message", listener: (message: Request) => void): void,
 *   onmessage?: ((event: { data: Request }) => void) | null,
 * }} Port
 */

// layout.ts: CONTROL and FAILED; a test compares them.
const GENERATION = 64;
const FAILED = 128;
const TRAPPED = 1;

// layout.ts: STATE
const AWAY = 0;
const INVITED = 1;
const WAITING = 2;
const CALLED = 3;
const COME = 4;
const GO = 5;

/** Milliseconds that a worker stands by for the next small program: longer than one takes without it. */
const LINGER_FOR = 1;

/** @type {WebAssembly.Memory} */
let memory;
/** @type {Execute} */
let execute;
/** @type {Uint32Array} */
let standby;

const port = findPort();
if (port.on) port.on("message", receive);
else port.onmessage = (event) => receive(event.data);

/** @returns {Port} */
function findPort() {
  const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  return /** @type {Port} */ (/** @type {unknown} */ (node?.parentPort ?? globalThis));
}

/** @param {Request} request */
function receive(request) {
  try {
    answer(request);
  } catch (error) {
    port.postMessage({ kind: "error", message: error instanceof Error ? error.message : String(error) });
  }
}

/** @param {Request} request */
function answer(request) {
  switch (request.kind) {
    case "share":
      memory = request.memory;
      standby = new Uint32Array(request.standby);
      instantiate(request.module);
      return port.postMessage({ kind: "done", value: 0 });
    case "own":
      memory = new WebAssembly.Memory({ initial: request.pages, maximum: request.maximum });
      instantiate(request.module);
      return port.postMessage({ kind: "done", value: 0 });
    case "run":
      return run(request.control, request.program, request.thread, request.scratch, false);
    case "linger":
      return linger();
    case "runAlone": {
      for (const { address, words } of request.writes) new Uint32Array(memory.buffer, address, words.length).set(words);
      return run(request.control, request.program, 0, request.scratch, false, request.controlBytes);
    }
    case "grow":
      memory.grow(request.pages);
      return port.postMessage({ kind: "done", value: memory.buffer.byteLength });
    case "write":
      new Uint8Array(memory.buffer, request.address, request.bytes.length).set(request.bytes);
      return port.postMessage({ kind: "done", value: 0 });
    case "zero":
      new Uint8Array(memory.buffer, request.address, request.length).fill(0);
      return port.postMessage({ kind: "done", value: 0 });
    case "read": {
      const bytes = new Uint8Array(request.length);
      bytes.set(new Uint8Array(memory.buffer, request.address, request.length));
      return port.postMessage({ kind: "bytes", bytes }, [bytes.buffer]);
    }
    case "ping":
      return port.postMessage({ kind: "pong" });
  }
}

/** @param {WebAssembly.Module} module */
function instantiate(module) {
  const instance = new WebAssembly.Instance(module, { env: { memory, now: () => performance.now() } });
  execute = /** @type {Execute} */ (instance.exports.execute);
}

/** Stands by: comes when it is called and runs what it is told to, until nobody has called for a moment. Messages wait. */
function linger() {
  // What came behind the invitation may not wait: it was taken back.
  if (Atomics.compareExchange(standby, 0, INVITED, WAITING) !== INVITED) return;
  for (;;) {
    const until = performance.now() + LINGER_FOR;
    // The clock is looked at now and then.
    for (let i = 1; Atomics.load(standby, 0) === WAITING; i++) {
      if (i % 100 > 0 || performance.now() < until) continue;
      if (Atomics.compareExchange(standby, 0, WAITING, AWAY) === WAITING) return;
    }
    // Whoever called may have given it up, or released it without.
    if (Atomics.compareExchange(standby, 0, CALLED, COME) !== CALLED) return;
    while (Atomics.load(standby, 0) !== GO);
    const [, control = 0, program = 0, thread = 0, scratch = 0] = standby;
    run(control, program, thread, scratch, true);
    // All but this may have gone on meanwhile, and a message may wait.
    if (Atomics.compareExchange(standby, 0, GO, WAITING) !== GO) return;
  }
}

/**
 * Runs as one thread of a program. A trap is told to the other threads at once: they may be waiting for this one.
 * @param {number} control
 * @param {number} program
 * @param {number} thread
 * @param {number} scratch
 * @param {boolean} quiet whether nothing is said unless it traps
 * @param {number} [controlBytes] how much of the control block to send back
 */
function run(control, program, thread, scratch, quiet, controlBytes = 0) {
  let trap = "";
  try {
    execute(control, program, thread, scratch);
  } catch (error) {
    trap = error instanceof Error ? error.message : String(error);
    const words = new Int32Array(memory.buffer);
    // Whatever else ended the job: a thread that trapped does not leave as others do.
    Atomics.store(words, (control + FAILED) / 4, TRAPPED);
    Atomics.notify(words, (control + GENERATION) / 4);
  }
  if (quiet && trap === "") return;
  /** @type {Uint8Array<ArrayBuffer>} */
  const block = new Uint8Array(controlBytes);
  block.set(new Uint8Array(memory.buffer, control, controlBytes));
  port.postMessage({ kind: "ran", trap, thread, control: block });
}
