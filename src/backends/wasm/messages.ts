/** What the main thread and a worker say to each other. One request has one reply, in order. But
 * lingering has none, unless a program that runs then traps. */

/** Words to be written at an address before a program runs. */
export interface WordWrite {
  readonly address: number;
  readonly words: Uint32Array;
}

/** To a worker. */
export type Request =
  | {
      readonly kind: "share";
      readonly module: WebAssembly.Module;
      readonly memory: WebAssembly.Memory;
      readonly standby: SharedArrayBuffer;
    }
  | {
      readonly kind: "own";
      readonly module: WebAssembly.Module;
      readonly pages: number;
      readonly maximum: number;
    }
  | {
      readonly kind: "run";
      readonly control: number;
      readonly program: number;
      readonly thread: number;
      readonly scratch: number;
    }
  /** To stand by for small programs for a moment. */
  | { readonly kind: "linger" }
  | {
      readonly kind: "runAlone";
      readonly control: number;
      readonly controlBytes: number;
      readonly program: number;
      readonly scratch: number;
      readonly writes: readonly WordWrite[];
    }
  | { readonly kind: "grow"; readonly pages: number }
  | { readonly kind: "write"; readonly address: number; readonly bytes: Uint8Array }
  | { readonly kind: "zero"; readonly address: number; readonly length: number }
  | { readonly kind: "read"; readonly address: number; readonly length: number }
  | { readonly kind: "ping" };

/** From a worker. `ran.trap` is empty where the program came to its end. */
export type Reply =
  | { readonly kind: "done"; readonly value: number }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  | {
      readonly kind: "ran";
      readonly trap: string;
      readonly thread: number;
      readonly control: Uint8Array<ArrayBuffer>;
    }
  | { readonly kind: "error"; readonly message: string }
  | { readonly kind: "pong" };
