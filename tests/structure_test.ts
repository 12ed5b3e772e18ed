// The arrows between the rooms, the rules of style that a program can check, and the parts of the project
// that must stay complete.

import assert from "node:assert/strict";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Which rooms a room may import, besides itself. `base` is errors, events, ports and options. */
const ARROWS: Record<string, string[]> = {
  base: ["base"],
  bytes: ["base"],
  bao: ["base", "bytes"],
  wire: ["base", "bytes", "bao"],
  store: ["base", "bytes", "bao"],
  transfer: ["base", "bytes", "bao", "wire", "store"],
  engine: ["base", "wire", "transfer"],
  native: ["base"],
  blake3: ["base", "bao", "native"],
  disk: ["base", "native"],
  net: ["base", "bytes", "native"],
  app: ["engine", "disk"],
  words: ["engine", "app"],
  /** What the page and its server tell each other. */
  contract: ["engine", "app", "web"],
  ui: ["contract", "words"],
  web: ["engine", "app", "contract"],
  cli: ["engine", "app", "web", "words"],
  main: ["engine", "net", "disk", "blake3", "native", "base", "cli"],
};
/** Rooms without a world outside: no Deno, no promises of their own, no clock, no chance. */
const PURE = ["bytes", "bao", "wire"];
/** The packages that a room may import; every room may use the platform's own modules. */
const PACKAGES: Record<string, string[]> = {
  wire: ["@scure/base"],
  net: ["@number0/iroh"],
  app: ["@scure/base"],
  ui: ["preact", "preact/hooks", "@preact/signals", "uqr"],
  web: ["hono", "hono/utils/http-status", "@hono/node-server", "valibot"],
  cli: ["uqr"],
};
const LONGEST_FILE_LINES = 300;

const sources = ["main.ts", ...filesBelow("src")].filter((path) => /\.tsx?$/.test(path));

function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

function read(path: string): string {
  return Deno.readTextFileSync(join(ROOT, path));
}

function roomOf(path: string): string {
  if (path === "main.ts") return "main";
  if (path === "src/web/contract.ts") return "contract";
  if (path.startsWith("src/web/ui/")) return "ui";
  const [, first, second, third] = path.split("/");
  if (first !== "engine") return first;
  if (third !== undefined) return second;
  return second === "mod.ts" ? "engine" : "base";
}

function importsOf(path: string): string[] {
  const statement = /(?:^|\n)\s*(?:import|export)\b[^;]*?from\s+"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/g;
  const specifiers = [...read(path).matchAll(statement)].map(([, from, dynamic]) => from ?? dynamic);
  return specifiers.filter((specifier) => !specifier.endsWith(".json"));
}

/** The kernel is AssemblyScript, built apart, and its compiled form is data. */
const isBuilt = (path: string) => path.includes("/kernel/") || path.endsWith("kernel_wasm.ts");
const isBuildScript = (path: string) => path.endsWith("build_kernel.ts");

Deno.test("rooms import only the rooms that they may", () => {
  for (const path of sources.filter((path) => !isBuilt(path))) {
    const room = roomOf(path);
    for (const specifier of importsOf(path).filter((specifier) => specifier.startsWith("."))) {
      const target = normalize(join(dirname(path), specifier));
      const other = roomOf(target);
      const allowed = ARROWS[room];
      assert.ok(allowed !== undefined, `${path} is in a room without a place in the plan: ${room}`);
      assert.ok(other === room || allowed.includes(other), `${path} imports ${target}: ${room} -> ${other}`);
    }
  }
});

Deno.test("rooms import only the packages that they may", () => {
  for (const path of sources.filter((path) => !isBuilt(path) && !isBuildScript(path))) {
    for (const specifier of importsOf(path)) {
      if (specifier.startsWith(".") || specifier.startsWith("node:")) continue;
      const allowed = PACKAGES[roomOf(path)] ?? [];
      assert.ok(allowed.includes(specifier), `${path} imports ${specifier}`);
    }
  }
});

Deno.test("the page and the words take only types from the other rooms, and the commands load it when they need it", () => {
  const fromElsewhere = /^(?:import|export)\b(?! type\b)[^;]*?from\s+"(\.[^"]+)"/gm;
  for (const path of sources.filter((path) => ["ui", "words", "cli"].includes(roomOf(path)))) {
    for (const [, specifier] of read(path).matchAll(fromElsewhere)) {
      const other = roomOf(normalize(join(dirname(path), specifier)));
      const isOfPage = ["ui", "words"].includes(roomOf(path));
      if (isOfPage) assert.ok([roomOf(path), "words"].includes(other), `${path} imports ${specifier}`);
      else assert.notEqual(other, "web", `${path} imports ${specifier}`);
    }
  }
});

Deno.test("pure rooms touch no world outside", () => {
  const outside =
    /\bDeno\.|\basync\b|\bawait\b|\bDate\b|performance\.|Math\.random|crypto\.|setTimeout|node:fs/;
  for (const path of sources.filter((path) => PURE.includes(roomOf(path)))) {
    const code = read(path).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    assert.doesNotMatch(code, outside, path);
  }
});

Deno.test("only disk and app touch files, and only cli and main print or exit", () => {
  const files =
    /\bDeno\.(open|readFile|writeFile|readTextFile|writeTextFile|mkdir|remove|rename|link|readDir|stat|lstat)(Sync)?\b|node:fs/;
  const terminal = /\bconsole\.|\bDeno\.(exit|stdout|stderr|stdin)\b/;
  for (const path of sources.filter((path) => !isBuilt(path) && !isBuildScript(path))) {
    const room = roomOf(path);
    // Whether the addon's file is there is asked, no more.
    const code = room === "native" ? read(path).replaceAll("Deno.statSync(url).isFile", "") : read(path);
    if (!["disk", "app"].includes(room)) assert.doesNotMatch(code, files, path);
    if (!["cli", "main"].includes(room)) assert.doesNotMatch(read(path), terminal, path);
  }
});

Deno.test("only net, native and blake3 load machine code", () => {
  const machineCode = /\bcreateRequire\b|\bWebAssembly\.|\bDeno\.dlopen\b/;
  for (const path of sources.filter((path) => !isBuilt(path) && !isBuildScript(path))) {
    if (["net", "native", "blake3"].includes(roomOf(path))) continue;
    assert.doesNotMatch(read(path), machineCode, path);
  }
});

Deno.test("every file says at its head what it is, and none is long", () => {
  for (const path of sources.filter((path) => !path.endsWith("kernel_wasm.ts"))) {
    const lines = read(path).split("\n");
    const head = lines.findIndex((line) => !line.startsWith("//"));
    assert.ok(head >= 1, `${path} has no head`);
    assert.ok(lines.length <= LONGEST_FILE_LINES, `${path} has ${lines.length} lines`);
  }
});

Deno.test("the lock file has every platform's packages, so that no system is left without a binding", () => {
  const { packages } = JSON.parse(read("package-lock.json"));
  for (const parent of ["@number0/iroh", "deno"]) {
    for (const name of Object.keys(packages[`node_modules/${parent}`].optionalDependencies)) {
      assert.ok(packages[`node_modules/${name}`] !== undefined, `${name}: run node scripts/lock.mjs`);
    }
  }
});

Deno.test("dependencies have exact versions, and licences that fit the AGPL", () => {
  const { dependencies, devDependencies } = JSON.parse(read("package.json"));
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    assert.match(String(version), /^\d+\.\d+\.\d+$/, name);
  }
  const { packages } = JSON.parse(read("package-lock.json"));
  for (const name of Object.keys(dependencies)) {
    assert.match(
      packages[`node_modules/${name}`].license,
      /^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|CC0-1\.0|\(?MIT OR .*)$/,
      name,
    );
  }
});

Deno.test("every test file lies where its room lies", () => {
  for (
    const path of filesBelow("tests").filter((path) => /^tests\/(engine|app|web|words|cli)\//.test(path))
  ) {
    const room = relative("tests", dirname(path));
    const source = join(ROOT, "src", room);
    assert.ok(Deno.statSync(source).isDirectory, path);
  }
});
