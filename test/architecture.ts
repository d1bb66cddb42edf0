/**
 * The rules of src/ as functions over its files: which room may import which, cycles, foreign imports, long files.
 * Imports are read from the files' own syntax trees, not by searching text. The proofs are in architecture.test.ts.
 */
import path from "node:path";
import ts from "typescript";

/** Path below src, with forward slashes → text. */
export type SourceFiles = ReadonlyMap<string, string>;

/** Which rooms (or single files) a room may import, besides itself. */
const below: Readonly<Record<string, readonly string[]>> = {
  core: [],
  platform: ["core"],
  formats: ["core"],
  graph: ["core"],
  backends: ["core", "platform", "graph"],
  nn: ["core", "graph"],
  data: ["core", "platform", "formats"],
  models: ["core", "platform", "formats", "graph", "nn", "data", "backends/backend.ts"],
  callbacks: ["core", "nn", "models"],
  evaluation: ["core"],
  explain: ["core", "graph", "nn", "models", "evaluation"],
  plot: ["core", "platform"],
  "index.ts": [
    "core",
    "platform",
    "formats",
    "graph",
    "backends",
    "nn",
    "data",
    "models",
    "callbacks",
    "evaluation",
    "explain",
  ],
  cli: ["index.ts", "plot", "platform"],
};

/** Rooms that no page loads, and that may import packages and Node's modules. */
const foreignAllowed = ["cli", "plot"];

interface Import {
  readonly specifier: string;
  /** Erased by the compiler: nothing is left of it at run time. */
  readonly typeOnly: boolean;
}

/** Every import of a file: static, passed on, of types in place, late with a literal name, and by require. */
function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node | undefined, typeOnly: boolean): void => {
    if (node !== undefined && ts.isStringLiteralLike(node)) found.push({ specifier: node.text, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true);
    } else if (ts.isCallExpression(node)) {
      const isRequire = ts.isIdentifier(node.expression) && node.expression.text === "require";
      if (isRequire || node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return found;
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith(".");
}

/** The file below src that a relative import means: the ".js" of an import is the ".ts" of a source. */
function resolveImport(files: SourceFiles, from: string, specifier: string): string | undefined {
  const target = path.posix.join(path.posix.dirname(from), specifier);
  return [target, target.replace(/\.js$/, ".ts")].find((candidate) => files.has(candidate));
}

function roomOf(file: string): string {
  return file.split("/")[0]!;
}

/** Imports that the table of rooms does not allow, each as a sentence. */
export function findUpwardImports(files: SourceFiles): string[] {
  const problems: string[] = [];
  for (const [file, text] of files) {
    const room = roomOf(file);
    const allowed = below[room];
    if (allowed === undefined) {
      problems.push(`${file} lies in a room that the table of rooms lacks: ${room}`);
      continue;
    }
    for (const { specifier } of importsOf(file, text)) {
      if (!isRelative(specifier)) continue;
      const target = resolveImport(files, file, specifier);
      if (target === undefined) {
        problems.push(`${file} imports ${specifier}, which is not there`);
      } else if (roomOf(target) !== room && !allowed.includes(roomOf(target)) && !allowed.includes(target)) {
        problems.push(`${file} imports ${target}, but ${room} may import: ${allowed.join(" ") || "nothing"}`);
      }
    }
  }
  return problems;
}

/** Cycles of imports (of types too), each once, as `a → b → a`, beginning with its first file in order of names. */
export function findCycles(files: SourceFiles): string[] {
  const targets = new Map<string, string[]>();
  for (const [file, text] of files) {
    const resolved = importsOf(file, text).map(({ specifier }) =>
      isRelative(specifier) ? resolveImport(files, file, specifier) : undefined,
    );
    targets.set(
      file,
      resolved.filter((target) => target !== undefined),
    );
  }
  const cycles = new Set<string>();
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (file: string): void => {
    const at = way.indexOf(file);
    if (at >= 0) {
      const ring = way.slice(at);
      const first = ring.indexOf([...ring].sort()[0]!);
      const turned = [...ring.slice(first), ...ring.slice(0, first)];
      cycles.add([...turned, turned[0]!].join(" → "));
      return;
    }
    if (done.has(file)) return;
    way.push(file);
    for (const target of targets.get(file) ?? []) visit(target);
    way.pop();
    done.add(file);
  };
  for (const file of [...files.keys()].sort()) visit(file);
  return [...cycles].sort();
}

/** Imports of packages and of Node's modules in rooms that a page loads. Types are erased and may stay. */
export function findForeignImports(files: SourceFiles): string[] {
  const problems: string[] = [];
  for (const [file, text] of files) {
    if (foreignAllowed.includes(roomOf(file))) continue;
    for (const { specifier, typeOnly } of importsOf(file, text)) {
      if (!isRelative(specifier) && !typeOnly) problems.push(`${file} imports ${specifier}`);
    }
  }
  return problems;
}

/** Files of more than `most` lines. */
export function findLongFiles(files: SourceFiles, most: number): string[] {
  const problems: string[] = [];
  for (const [file, text] of files) {
    const lines = text.replace(/\n$/, "").split("\n").length;
    if (lines > most) problems.push(`${file} has ${lines} lines`);
  }
  return problems;
}

/**
 * Views of a WebAssembly memory that outlive the statement they are made for: kept in a field, in a module's variable or in
 * an object that is returned. After the memory has grown, such a view is a view of the past.
 */
export function findStoredViews(files: SourceFiles): string[] {
  const view = /new (?:\w+Array|DataView)\([^()]*memory\.buffer/;
  const problems: string[] = [];
  for (const [file, text] of files) {
    text.split("\n").forEach((line, i) => {
      if (!view.test(line) && !/=\s*[\w.#]*memory\.buffer\b(?!\.)/.test(line)) return;
      // A local name, an argument, a result: gone with the call, which nothing interrupts.
      const kept =
        /^(?:export )?(?:const|let|var) /.test(line) ||
        /(?:this\.[\w#]+|^ {2}(?:(?:private|readonly|static|#)[\w# ]*))\s*=[^=>]/.test(line);
      if (kept) problems.push(`${file}:${i + 1} keeps a view: ${line.trim()}`);
    });
  }
  return problems;
}
