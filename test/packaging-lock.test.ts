/** Proves that a fresh machine can install: exact versions, and a lock file that is whole on every platform. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const root = path.join(import.meta.dirname, "..");
const readJson = (name: string) => JSON.parse(readFileSync(path.join(root, name), "utf8"));

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const manifest: Record<string, Record<string, string>> = readJson("package.json");
const lock: { packages: Record<string, LockedPackage> } = readJson("package-lock.json");

it("package.json names exact versions only", () => {
  for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    expect(`${name} ${version}`).toMatch(/ (npm:.+@)?\d+\.\d+\.\d+$/);
  }
});

it("the lock file has every package with its checksum, and names no registry", () => {
  for (const [name, locked] of Object.entries(lock.packages)) {
    if (name === "") continue;
    expect([name, typeof locked.version, typeof locked.integrity]).toEqual([name, "string", "string"]);
    expect(locked).not.toHaveProperty("resolved");
  }
});

it("the lock file has the binaries of every platform, which npm ci asks for and npm install may leave out", () => {
  for (const [name, locked] of Object.entries(lock.packages)) {
    for (const optional of Object.keys(locked.optionalDependencies ?? {})) {
      expect(lock.packages, `${name} needs ${optional}`).toHaveProperty([`node_modules/${optional}`]);
    }
  }
});
