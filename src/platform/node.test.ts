import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FileError, StateError } from "../core/errors.js";
import { builtin } from "./builtin.js";
import { currentPlatform } from "./current.js";
import { fetchBytes } from "./fetch-bytes.js";

const { files, ...platform } = currentPlatform();
let folder = "";

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "fovea-")));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

describe("files", () => {
  it("writes a file whole, over an older one, and leaves nothing else", async () => {
    const path = join(folder, "report.json");
    await files.writeWhole(path, "a longer first version");
    await files.writeWhole(path, "second");
    await files.writeWhole(join(folder, "weights"), Uint8Array.of(1, 2, 3).subarray(1));
    expect(readFileSync(path, "utf8")).toBe("second");
    expect([...readFileSync(join(folder, "weights"))]).toEqual([2, 3]);
    expect(readdirSync(folder).sort()).toEqual(["report.json", "weights"]);
  });

  it.each(["writeFileSync", "fsyncSync", "closeSync", "renameSync"] as const)(
    "keeps the old file and removes the temporary one when %s fails",
    async (step) => {
      const path = join(folder, "report.json");
      await files.writeWhole(path, "first");
      const full = Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
      const fs = builtin("node:fs");
      const real = fs.closeSync;
      const spy = vi.spyOn(fs, step).mockImplementation(((descriptor: number) => {
        if (step === "closeSync") real(descriptor);
        throw full;
      }) as never);
      await expect(files.writeWhole(path, "second")).rejects.toThrow(
        new FileError(`Cannot write ${path}: the disk is full (ENOSPC).`),
      );
      expect(spy).toHaveBeenCalled();
      expect(readFileSync(path, "utf8")).toBe("first");
      expect(readdirSync(folder)).toEqual(["report.json"]);
    },
  );

  it("is not interrupted while it writes", async () => {
    const path = join(folder, "report.json");
    const writing = files.writeWhole(path, "x");
    expect(readdirSync(folder)).toEqual(["report.json"]);
    await writing;
  });

  it("names the path and the reason when it cannot write", async () => {
    await expect(files.writeWhole(join(folder, "no", "file"), "x")).rejects.toThrow(
      `Cannot write ${join(folder, "no", "file")}: there is no such file or folder (ENOENT).`,
    );
    await files.mkdir(join(folder, "taken"));
    await expect(files.writeWhole(join(folder, "taken"), "x")).rejects.toThrow(FileError);
    expect(readdirSync(folder)).toEqual(["taken"]);
  });

  it("reads, appends, looks and makes folders", async () => {
    const path = join(folder, "a", "b", "log.txt");
    expect(await files.exists(path)).toBe(false);
    await files.mkdir(join(folder, "a", "b"));
    await files.mkdir(join(folder, "a", "b"));
    await files.append(path, "one\n");
    await files.append(path, "two\n");
    expect(await files.exists(path)).toBe(true);
    const bytes = await files.readFile(path);
    expect(bytes.constructor).toBe(Uint8Array);
    expect(new TextDecoder().decode(bytes)).toBe("one\ntwo\n");
    expect((await files.readFile(pathToFileURL(path))).length).toBe(8);
    expect((await files.readFile(path, { limit: 8 })).length).toBe(8);
    await expect(files.readFile(path, { limit: 7 })).rejects.toThrow(
      new FileError(`Cannot read ${path}: expected at most 7 bytes, found 8.`),
    );
    await expect(files.readFile(join(folder, "none"))).rejects.toThrow(FileError);
    await expect(files.readFile(folder)).rejects.toThrow("it is a folder (EISDIR)");
    await expect(files.mkdir(join(path, "x"))).rejects.toThrow(FileError);
  });

  it("finds a file inside an installed package, from a module or from the current folder", async () => {
    const asset = join(folder, "node_modules", "some-data", "data", "x");
    await files.mkdir(join(folder, "node_modules", "some-data", "data"));
    writeFileSync(asset, "");
    writeFileSync(join(folder, "node_modules", "some-data", "package.json"), '{"name":"some-data","version":"1.0.0"}');
    const from = pathToFileURL(join(folder, "module.js")).href;
    expect(await files.findPackageFile("some-data/data/x", from)).toBe(asset);
    expect(await files.findPackageFile("some-data/data/y", from)).toBeUndefined();
    expect(await files.findPackageFile("some-data/data/x", import.meta.url)).toBeUndefined();
    vi.spyOn(process, "cwd").mockReturnValue(folder);
    expect(await files.findPackageFile("some-data/data/x", "")).toBe(asset);
    expect(existsSync(asset)).toBe(true);
  });
});

describe("the platform of Node", () => {
  it("knows the version, the cores, the time and the terminal", () => {
    expect(platform.environment).toMatchObject({ runtime: "node", version: `Node ${process.versions.node}` });
    expect(platform.isolated).toBe(true);
    expect(platform.availableParallelism()).toBeGreaterThanOrEqual(1);
    const before = platform.now();
    expect(platform.now()).toBeGreaterThanOrEqual(before);
    expect(platform.terminal.columns).toBeGreaterThan(0);
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    platform.terminal.write("1/5\r");
    expect(write).toHaveBeenCalledWith("1/5\r");
  });

  it("is the same object each time", () => {
    expect(currentPlatform()).toBe(currentPlatform());
  });
});

describe("builtin", () => {
  it("names the Node it needs and the one it found", () => {
    expect(() => builtin("node:fs", { versions: { node: "18.19.0" } })).toThrow(
      new StateError("fovea needs Node 20.19 or newer for node:fs, found Node 18.19.0; install a newer Node."),
    );
    expect(() => builtin("node:fs", {})).toThrow("found no Node");
    expect(() => builtin("node:v8", { getBuiltinModule: () => undefined })).toThrow("needs the module node:v8");
  });
});

describe("fetchBytes", () => {
  it("gives the bytes, and says why it cannot", async () => {
    const server = createServer((request, response) => {
      if (request.url === "/data") response.end(Buffer.from([1, 2, 3]));
      else if (request.url === "/broken") {
        response.writeHead(200, { "content-length": "10" });
        response.write("abc", () => response.destroy());
      } else response.writeHead(404).end();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const base = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    expect([...(await fetchBytes(`${base}/data`, { limit: 3 }))]).toEqual([1, 2, 3]);
    await expect(fetchBytes(`${base}/data`, { limit: 2 })).rejects.toThrow("expected at most 2 bytes");
    await expect(fetchBytes(`${base}/no`, { limit: 2 })).rejects.toThrow(
      new FileError(`Cannot fetch ${base}/no: the server answered 404 Not Found.`),
    );
    await expect(fetchBytes(`${base}/broken`, { limit: 99 })).rejects.toThrow(
      /^Cannot fetch .*\/broken: .* after 3 bytes/,
    );
    await expect(fetchBytes(base, { limit: 2, signal: AbortSignal.abort() })).rejects.toThrow("aborted");
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    await expect(fetchBytes(`${base}/data`, { limit: 2 })).rejects.toThrow(
      /^Cannot fetch http\S+\/data: (?!fetch failed).+\.$/,
    );
  });

  it("reads a data URL and cuts a long one in messages", async () => {
    expect([...(await fetchBytes("data:application/octet-stream;base64,AQI=", { limit: 2 }))]).toEqual([1, 2]);
    const long = `data:,${"a".repeat(1000)}`;
    const error = await fetchBytes(long, { limit: 10 }).catch((caught: Error) => caught);
    expect(error).toBeInstanceOf(FileError);
    expect((error as Error).message.length).toBeLessThan(300);
  });
});
