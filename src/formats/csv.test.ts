import { describe, expect, it } from "vitest";
import { DataError } from "../core/errors.js";
import { writeCsv } from "./csv.js";

describe("writeCsv", () => {
  it("writes a history", () => {
    const rows = [
      [0, 0.9026, 0.1],
      [1, 1, null],
    ];
    expect(writeCsv(["epoch", "acc", "val_loss"], rows)).toBe("epoch,acc,val_loss\n0,0.9026,0.1\n1,1,\n");
  });

  it("quotes commas, quotes and line ends, as RFC 4180 says", () => {
    expect(writeCsv(["a,b", 'say "x"'], [["one\ntwo", "a\rb"]])).toBe('"a,b","say ""x"""\n"one\ntwo","a\rb"\n');
  });

  it("writes numbers so that they read back as they were", () => {
    const value = 0.1 + 0.2;
    expect(Number(writeCsv(["x"], [[value]]).split("\n")[1])).toBe(value);
    expect(writeCsv(["x"], [[Number.NaN], [-1e-7], [true]])).toBe("x\nNaN\n-1e-7\ntrue\n");
  });

  it("keeps a row whose only cell is empty", () => {
    expect(writeCsv(["x"], [[null], [""]])).toBe('x\n""\n""\n');
  });

  it("refuses a row of another length", () => {
    expect(() => writeCsv(["a", "b"], [[1, 2], [1]])).toThrow(
      new DataError("writeCsv: expected 2 values a row (a, b), received 1 in row 1."),
    );
  });
});
