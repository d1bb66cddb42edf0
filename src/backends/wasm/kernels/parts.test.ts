import { describe, expect, it } from "vitest";
import { call, KernelMachine, moduleNames, randomFloats } from "../../../../test/support/kernel-machine.js";
import { windowGeometry } from "../../../graph/ops/window.js";
import { type Parts, partedConvolution } from "../kernels.js";

type Pair = readonly [number, number];

interface PartedCase {
  readonly size: Pair;
  readonly channels: number;
  readonly filters: number;
  readonly groups: number;
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilation: Pair;
  readonly same: boolean;
}

const base = { size: [9, 10], channels: 6, filters: 9, kernel: [3, 2], strides: [1, 1], same: false } as const;
const cases: readonly PartedCase[] = [
  { ...base, groups: 1, dilation: [2, 3] },
  { ...base, groups: 3, dilation: [1, 1], same: true },
  { ...base, groups: 3, dilation: [2, 2], same: true },
  { ...base, groups: 1, dilation: [2, 4], strides: [4, 2], same: true },
  { ...base, groups: 3, dilation: [3, 2], strides: [2, 2] },
  { ...base, groups: 1, dilation: [8, 1], same: true, channels: 5 },
];

function partedOf({ size, channels, filters, groups, kernel, strides, dilation, same }: PartedCase) {
  const attributes = { strides, dilationRate: dilation, padding: same ? "same" : "valid" } as const;
  const { height, width } = windowGeometry("test", size[0], size[1], kernel, attributes);
  const g = {
    ...{ n: { perRow: 1 }, height: size[0], width: size[1], channels },
    ...{ outHeight: height.output, outWidth: width.output, padTop: height.before, padLeft: width.before },
    ...{ kernelHeight: kernel[0], kernelWidth: kernel[1], strideHeight: strides[0], strideWidth: strides[1] },
  };
  return { g, parted: partedConvolution(g, filters, { dilation, groups }) };
}

/** For each number of all parts, which of the pictures it is; -1 outside. */
function places(parts: Parts, rows: number): number[] {
  const result: number[] = [];
  const each = parts.channels / parts.groups;
  for (let group = 0; group < parts.groups; group++) {
    for (let n = 0; n < rows; n++) {
      for (let f = 0; f < parts.phasesDown; f++) {
        for (let e = 0; e < parts.phasesAcross; e++) {
          for (let v = 0; v < parts.partHeight; v++) {
            for (let u = 0; u < parts.partWidth; u++) {
              const h = v * parts.stepDown + f * parts.shiftDown - parts.padTop;
              const w = u * parts.stepAcross + e * parts.shiftAcross - parts.padLeft;
              const inside = h >= 0 && h < parts.height && w >= 0 && w < parts.width;
              const first = ((n * parts.height + h) * parts.width + w) * parts.channels + group * each;
              for (let c = 0; c < each; c++) result.push(inside ? first + c : -1);
            }
          }
        }
      }
    }
  }
  return result;
}

describe("a convolution in parts", () => {
  it.each(cases)("sees in each part what it saw: %j", (sample) => {
    const { g, parted } = partedOf(sample);
    const { window, x, y } = parted;
    let met = 0;
    for (let f = 0; f < y.phasesDown; f++) {
      for (let u = 0; u < window.outHeight; u++) {
        const o = u * y.stepDown + f;
        if (o >= g.outHeight) continue;
        met++;
        for (let i = 0; i < g.kernelHeight; i++) {
          const row = (u * window.strideHeight + i) * x.stepDown + f * x.shiftDown - x.padTop;
          expect(u * window.strideHeight + i).toBeLessThan(window.height);
          expect(row).toBe(o * g.strideHeight + i * sample.dilation[0] - g.padTop);
        }
      }
    }
    expect(met).toBe(g.outHeight);
    // Each has results.
    expect(y.phasesDown).toBeLessThanOrEqual(g.outHeight);
    expect(y.phasesAcross).toBeLessThanOrEqual(g.outWidth);
  });
});

describe.each(moduleNames)("parts of pictures, %s", (module) => {
  it.each(cases)("%j", async (sample) => {
    const machine = await KernelMachine.of(module);
    const rows = 3;
    const { parted } = partedOf(sample);
    for (const parts of [parted.x, parted.y]) {
      const size = rows * parts.height * parts.width * parts.channels;
      const [values, mask] = [randomFloats(size, 1), randomFloats(size, 2)];
      const found = places(parts, rows);
      const words = { ...parts, groupBytes: (found.length / parts.groups) * 4 };
      const [x, maskAt] = [machine.put(values), machine.put(mask)];
      const room = (length: number) => machine.put(new Float32Array(length + 1).fill(7));
      const [split, masked, joined] = [room(found.length), room(found.length), room(size)];
      const failed = machine.run(
        [
          call("splitPictures", { x, y: split, ...words }),
          call("splitPictures", { x, mask: maskAt, y: masked, ...words }),
          call("joinPictures", { y: split, x: joined, ...words }),
        ],
        { rows },
      );
      expect(failed).toBe(0);
      const expected = found.map((at) => (at < 0 ? 0 : values[at]!));
      expect([...machine.floats(split, found.length + 1)]).toEqual([...expected, 7]);
      const above = found.map((at) => (at < 0 || !(mask[at]! > 0) ? 0 : values[at]!));
      expect([...machine.floats(masked, found.length + 1)]).toEqual([...above, 7]);
      const back = new Set(found);
      const whole = Array.from(values, (value, at) => (back.has(at) ? value : 0));
      expect([...machine.floats(joined, size + 1)]).toEqual([...whole, 7]);
    }
  });
});
