/**
 * SHA-256, by which a file is seen to be as it was written. Written here because it has to work at once, in Node and in a
 * page alike: the one that browsers have is asynchronous and not there outside of secure pages.
 *
 * FIPS 180-4, Secure Hash Standard (2015).
 */

/** The first `count` primes. */
function primes(count: number): readonly number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}

/** The first 32 bits behind the point of the cube root (or square root) of a whole number, by whole numbers alone. */
function fraction(n: number, power: 2 | 3): number {
  const scaled = BigInt(n) << BigInt(32 * power);
  let [low, high] = [0n, 1n << 40n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** BigInt(power) <= scaled) low = middle;
    else high = middle;
  }
  return Number(BigInt.asIntN(32, low));
}

const BLOCK = 64;
let constants: { readonly start: Int32Array; readonly rounds: Int32Array } | undefined;

/** Where a hash begins, and what each of the 64 rounds adds: made when first needed. */
function tables() {
  constants ??= {
    start: Int32Array.from(primes(8), (prime) => fraction(prime, 2)),
    rounds: Int32Array.from(primes(64), (prime) => fraction(prime, 3)),
  };
  return constants;
}

/**
 * The hash of bytes, as 64 hexadecimal digits in lower case.
 * @param parts - the bytes, cut anywhere.
 */
export function sha256(...parts: readonly Uint8Array[]): string {
  const state = Int32Array.from(tables().start);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const tail = new Uint8Array(BLOCK);
  let filled = 0;
  for (const part of parts) {
    let at = 0;
    if (filled > 0) {
      at = Math.min(BLOCK - filled, part.length);
      tail.set(part.subarray(0, at), filled);
      filled += at;
      if (filled < BLOCK) continue;
      addBlocks(state, tail, 0, BLOCK);
    }
    const whole = part.length - ((part.length - at) % BLOCK);
    addBlocks(state, part, at, whole);
    tail.set(part.subarray(whole));
    filled = part.length - whole;
  }
  // A one, zeros, and the number of bits.
  const end = new Uint8Array(filled < BLOCK - 8 ? BLOCK : 2 * BLOCK);
  end.set(tail.subarray(0, filled));
  end[filled] = 0x80;
  new DataView(end.buffer).setBigUint64(end.length - 8, BigInt(length) * 8n);
  addBlocks(state, end, 0, end.length);
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

const words = new Int32Array(BLOCK);

function rotated(x: number, by: number): number {
  return (x >>> by) | (x << (32 - by));
}

/** Takes the blocks from `from` up to `to` into the state. */
function addBlocks(state: Int32Array, bytes: Uint8Array, from: number, to: number): void {
  const { rounds } = tables();
  for (let block = from; block < to; block += BLOCK) {
    for (let i = 0; i < 16; i++) {
      const at = block + 4 * i;
      words[i] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    }
    for (let i = 16; i < BLOCK; i++) {
      const [x, y] = [words[i - 15]!, words[i - 2]!];
      const low = rotated(x, 7) ^ rotated(x, 18) ^ (x >>> 3);
      const high = rotated(y, 17) ^ rotated(y, 19) ^ (y >>> 10);
      words[i] = words[i - 16]! + low + words[i - 7]! + high;
    }
    let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
    for (let i = 0; i < BLOCK; i++) {
      const choice = (e & f) ^ (~e & g);
      const first = (h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + choice + rounds[i]! + words[i]!) | 0;
      const majority = (a & b) ^ (a & c) ^ (b & c);
      const second = ((rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + majority) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    state[0]! += a;
    state[1]! += b;
    state[2]! += c;
    state[3]! += d;
    state[4]! += e;
    state[5]! += f;
    state[6]! += g;
    state[7]! += h;
  }
}
