/**
 * What a lowering writes into: calls of kernels in order, scratch blocks, constants, and results that several ops share
 * (a packed matrix). Not here: which calls an op becomes (lowerings/).
 */

import type { TypedArray } from "../../core/dtype.js";
import type { Variable } from "../../graph/tensor.js";
import { type AddressWord, type Call, type CallValues, isPlace } from "./call.js";
import { isFixed } from "./kept.js";
import type { KernelName } from "./kernels.js";
import { type Block, type Place, startOf } from "./place.js";
import { written } from "./written.js";

/** What a call is for. */
export interface Origin {
  readonly op: string;
  readonly effect?: number;
  readonly output?: string;
}

/** What is special about a call. */
export interface EmitOptions {
  /** It may end the step: writes to variables by later effects wait for it. */
  readonly check?: boolean;
}

/** Collects the calls of a program. */
export class Builder {
  readonly calls: Call[] = [];
  private origin: Origin = { op: "" };
  private readonly shared = new Map<string, Place>();
  private raised: Place | undefined;
  private readonly ids = new Map<Block, number>();
  /** Whether a block of the arena has been given the same values by every step. */
  private readonly steady = new Map<Block, boolean>();

  /** `capacity`: the most rows of a step; `changing`: the variables that the program writes, or counts as written. */
  constructor(
    readonly capacity: number,
    private readonly changing: ReadonlySet<Variable> = new Set(),
  ) {}

  /** Whether what is made of this value can be kept from step to step: kept.ts. */
  keeps({ block }: Place): boolean {
    if (block.kind === "variable") return !this.changing.has(block.variable);
    return this.steady.get(block) ?? false;
  }

  /** What the calls that follow are for. */
  begin(origin: Origin): void {
    this.origin = origin;
  }

  /** Adds a call. */
  emit<N extends KernelName>(kernel: N, values: CallValues<N>, { check = false }: EmitOptions = {}): void {
    const reads = new Set<Block>();
    const writes = new Set<Block>();
    const out = written[kernel] as readonly AddressWord<N>[];
    for (const [word, value] of Object.entries(values as Call["values"])) {
      if (isPlace(value)) (out.includes(word as AddressWord<N>) ? writes : reads).add(value.block);
    }
    const { op, effect, output } = this.origin;
    const call = { kernel, values: values as Call["values"], op, reads, writes, effect, check, output };
    this.calls.push(call);
    const same = isFixed(call) && [...reads].every((block) => block.kind === "constant" || this.keeps(startOf(block)));
    for (const block of writes) this.steady.set(block, same && (this.steady.get(block) ?? true));
  }

  /** A block of the arena. */
  scratch(bytes: number): Place {
    return startOf({ kind: "arena", bytes });
  }

  /** The int32 that updates raise when a number is not finite; `finish` adds the look at it. */
  flag(): Place {
    this.raised ??= this.constant(new Int32Array(1));
    return this.raised;
  }

  /** Adds what comes behind all effects. */
  finish(): void {
    if (this.raised === undefined) return;
    this.begin({ op: "checkFlag" });
    this.emit("checkFlag", { flag: this.raised });
  }

  /** Numbers that are written with the program. */
  constant(data: TypedArray): Place {
    return startOf({ kind: "constant", data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice() });
  }

  /**
   * A result that depends on one place and `how` it is treated, made once: the same weights packed the same way. Only
   * for what is derived from values, never from what an effect has written.
   */
  once(from: Place, how: string, make: () => Place): Place {
    const id = this.ids.get(from.block) ?? this.ids.size;
    this.ids.set(from.block, id);
    const key = `${id}+${from.offset} ${how}`;
    const place = this.shared.get(key) ?? make();
    this.shared.set(key, place);
    return place;
  }
}
