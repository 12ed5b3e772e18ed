// The allowed imports of each room, the rules of style that a program can check, and the parts of the project that
// must stay complete.

import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { filesOf, FULL, LONG, ON_OTHER_SYSTEMS, QUICK } from "../scripts/suites.ts";
import { namesIn } from "./document_names.ts";
import { cyclesOf, importsOf } from "./import_graph.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Which rooms a room may import, besides itself. `base` is errors, events, ports and options. */
const ARROWS: Record<string, string[]> = {
  base: ["base"],
  bytes: ["base"],
  bao: ["base", "bytes"],
  /** Tickets as texts, for the engine, the command line and the page. */
  tickets: [],
  wire: ["base", "bytes", "bao", "tickets"],
  store: ["base", "bytes", "bao"],
  /** Filters, lines and redaction of the log. */
  log: ["base"],
  transfer: ["base", "bytes", "bao", "wire", "store", "log"],
  /** The two sides of a transfer do not import each other. */
  provide: ["base", "bytes", "bao", "wire", "store", "log", "transfer"],
  fetch: ["base", "bytes", "bao", "wire", "store", "log", "transfer"],
  engine: ["base", "wire", "transfer", "provide", "fetch", "log"],
  native: ["base", "log"],
  blake3: ["base", "bao", "native"],
  disk: ["base", "native"],
  net: ["base", "bytes", "native"],
  /** The public entries of the engine as a package. */
  library: ["engine", "base", "blake3", "native", "net", "disk"],
  app: ["engine", "disk"],
  words: ["engine", "app"],
  /** The API between the page and its server. */
  contract: ["engine", "app", "web"],
  ui: ["contract", "words", "tickets"],
  web: ["engine", "app", "contract"],
  cli: ["engine", "app", "web", "words", "tickets"],
  main: ["library", "engine", "net", "disk", "blake3", "native", "base", "web", "cli"],
};
/** Rooms that access nothing outside: no Deno, no promises, no clock, no randomness. */
const PURE = ["bytes", "bao", "wire", "tickets"];
/** Pure rooms outside the engine whose code the page loads. */
const OF_PAGE = ["words", "tickets"];
/** The packages that a room may import, besides the platform's modules. */
const PACKAGES: Record<string, string[]> = {
  wire: ["@scure/base"],
  net: ["@number0/iroh"],
  app: ["@scure/base", "minimatch", "valibot"],
  ui: ["preact", "preact/hooks", "preact/jsx-runtime", "@preact/signals", "uqr"],
  web: ["hono", "hono/utils/http-status", "@hono/node-server", "valibot"],
  cli: ["uqr"],
};

/** The kernel is AssemblyScript, built separately; its compiled form and the built page are data. */
const isBuilt = (path: string) => /\/kernel\/|kernel_wasm\.ts$|built_page\.ts$/.test(path);
const isBuildScript = (path: string) => path.endsWith("build_kernel.ts");
const sources = ["main.ts", ...filesBelow("src")].filter((path) => /\.tsx?$/.test(path) && !isBuilt(path));
const graph = await importsOf(ROOT, sources);

function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

function read(path: string): string {
  return Deno.readTextFileSync(join(ROOT, path));
}

/** A file without its block comments, which have examples in them. */
function withoutExamples(path: string): string {
  return read(path).replace(/\/\*[\s\S]*?\*\//g, "");
}

function roomOf(path: string): string {
  if (path === "main.ts") return "main";
  if (path === "src/web/contract.ts") return "contract";
  if (path.startsWith("src/web/ui/")) return "ui";
  const [, first, second, third, fourth] = path.split("/");
  if (first !== "engine") return first;
  if (second === "transfer" && fourth !== undefined) return third;
  if (third !== undefined) return second;
  return second === "mod.ts" ? "engine" : "base";
}

Deno.test("rooms import only the allowed rooms", () => {
  for (const [path, imports] of graph) {
    const room = roomOf(path);
    const allowed = ARROWS[room];
    assert.ok(allowed !== undefined, `${path} is in a room without allowed imports: ${room}`);
    for (const { target } of imports) {
      if (target === null || target.endsWith(".json")) continue;
      const other = roomOf(target);
      assert.ok(other === room || allowed.includes(other), `${path} imports ${target}: ${room} -> ${other}`);
    }
  }
});

Deno.test("no import cycle exists between files, types included", () => {
  assert.deepEqual(cyclesOf(graph), []);
});

Deno.test("rooms import only the allowed packages", () => {
  for (const [path, imports] of graph) {
    if (isBuildScript(path)) continue;
    for (const { specifier, target } of imports) {
      if (target !== null || specifier.startsWith("node:")) continue;
      const allowed = PACKAGES[roomOf(path)] ?? [];
      assert.ok(allowed.includes(specifier), `${path} imports ${specifier}`);
    }
  }
});

Deno.test("the page and the words import only types of other rooms, and the commands load the page on demand", () => {
  for (const [path, imports] of graph) {
    const room = roomOf(path);
    for (const { target, isType, isDynamic } of imports) {
      if (target === null || isType) continue;
      const other = roomOf(target);
      if (room === "ui" || room === "words") {
        assert.ok([room, ...OF_PAGE].includes(other), `${path} imports ${target}`);
      } else if (room === "cli" || room === "main") {
        assert.ok(other !== "web" || isDynamic, `${path} imports ${target}`);
      }
    }
  }
});

Deno.test("pure rooms access nothing outside", () => {
  const outside =
    /\bDeno\.|\basync\b|\bawait\b|\bDate\b|performance\.|Math\.random|crypto\.|setTimeout|node:fs/;
  for (const path of sources.filter((path) => PURE.includes(roomOf(path)))) {
    const code = read(path).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    assert.doesNotMatch(code, outside, path);
  }
});

Deno.test("app takes the time from a Clock", () => {
  for (const path of sources.filter((path) => roomOf(path) === "app")) {
    const code = read(path).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    assert.doesNotMatch(
      code,
      /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/,
      path,
    );
  }
});

Deno.test("only disk and app access files, and only cli and main print or exit", () => {
  const files =
    /\bDeno\.(open|readFile|writeFile|readTextFile|writeTextFile|mkdir|remove|rename|link|readDir|stat|lstat)(Sync)?\b|node:fs/;
  const ASKED =
    /Deno\.statSync\(url\)\.isFile\s+: process\.getBuiltinModule\("node:fs"\)\.statSync\(url\)\.isFile\(\)/;
  const terminal = /\bconsole\.|\bDeno\.(exit|stdout|stderr|stdin)\b/;
  for (const path of sources.filter((path) => !isBuildScript(path))) {
    const room = roomOf(path);
    // Only the existence of the addon's file is checked.
    const written = withoutExamples(path);
    const code = room === "native" ? written.replace(ASKED, "") : written;
    if (!["disk", "app"].includes(room)) assert.doesNotMatch(code, files, path);
    if (!["cli", "main"].includes(room)) assert.doesNotMatch(code, terminal, path);
  }
});

Deno.test("the engine and its package read no environment variable", () => {
  for (
    const path of sources.filter((path) => /^src\/(engine|library)\//.test(path) && !isBuildScript(path))
  ) {
    assert.doesNotMatch(read(path), /\bDeno\.env\b|\bprocess\.env\b|\bimport\.meta\.env\b/, path);
  }
});

Deno.test("only net, native and blake3 load machine code", () => {
  const machineCode = /\bcreateRequire\b|\bWebAssembly\.|\bDeno\.dlopen\b/;
  for (const path of sources.filter((path) => !isBuildScript(path))) {
    if (["net", "native", "blake3"].includes(roomOf(path))) continue;
    assert.doesNotMatch(read(path), machineCode, path);
  }
});

Deno.test("every file has a head comment", () => {
  for (const path of sources) assert.match(read(path), /^\/[/*]/, path);
});

Deno.test("the lock file has the packages of every platform", () => {
  const { packages } = JSON.parse(read("package-lock.json"));
  for (const parent of ["@number0/iroh", "deno", "esbuild"]) {
    for (const name of Object.keys(packages[`node_modules/${parent}`].optionalDependencies)) {
      const entry = packages[`node_modules/${name}`];
      assert.ok(entry !== undefined, `${name}: run node scripts/lock.mjs`);
      // Some platforms of the stock binding are not in every registry.
      const isPinned = /^sha512-/.test(entry.integrity ?? "");
      assert.ok(isPinned || parent === "@number0/iroh", `${name} has no integrity value`);
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
      /^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0|CC0-1\.0|\(?MIT OR .*)$/,
      name,
    );
  }
});

Deno.test("every folder of tests below a room has a folder of src with the same path", () => {
  for (
    const path of filesBelow("tests").filter((path) =>
      /^tests\/(engine|library|app|web|words|tickets|cli)\//.test(path)
    )
  ) {
    const room = relative("tests", dirname(path));
    const source = join(ROOT, "src", room);
    assert.ok(Deno.statSync(source).isDirectory, path);
  }
});

Deno.test("every test file belongs to a suite, and none of the quick run to two", () => {
  const files = filesBelow("tests").filter((path) => /_test\.tsx?$/.test(path));
  const [quick, full, long] = [QUICK, FULL, LONG].map((suites) => suites.flatMap(filesOf));
  assert.deepEqual([...new Set([...quick, ...full, ...long])].sort(), files.sort());
  assert.equal(new Set(quick).size, quick.length);
});

Deno.test("the suites of other systems have tests, which those of this one have too", () => {
  const own = [...QUICK, ...FULL].flatMap(filesOf);
  for (const suite of Object.values(ON_OTHER_SYSTEMS).flat()) {
    for (const path of [...suite.paths, ...suite.except ?? []]) {
      const files = filesOf({ paths: [path] });
      assert.ok(files.length > 0 && files.every((file) => own.includes(file)), path);
    }
  }
});

/** Words of machines as persons, and names that docs/glossary.md has replaced. The catalogues speak to people. */
const RETIRED =
  /\b((some|no|any|every)body|whom?ever|toldApart|inWorld|FakeWorld|HashMemory|PassingHome|HeldFolder|Crowd|strangers?)\b/i;

Deno.test("code and comments use the field's words", () => {
  const files = ["src", "tests", "scripts"].flatMap(projectFilesBelow).filter((path) =>
    /\.(tsx?|mjs)$/.test(path) && !isBuilt(path) && !/\/words\/|structure_test/.test(path)
  );
  const found = files.flatMap((path) =>
    read(path).split("\n").flatMap((line, i) =>
      RETIRED.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : []
    )
  );
  assert.deepEqual(found, []);
});

/** Paths that may be missing in a checkout: build outputs, files of the computer, and of other projects. */
const NOT_KEPT = /^(dist|native\/(target|pli_native\.node))\b|^(web\/|src\/web\/)?built_page\.ts$/;
const FILES_ELSEWHERE = ["test_vectors.json", "relay.toml"];
const TYPES_ELSEWHERE = [
  ...["AbortSignal", "Makefile", "Containerfile", "Icon"],
  // Values of the relay's configuration.
  ...["LetsEncrypt", "Manual", "Reloading"],
];

Deno.test("the files and types that the documents name exist", () => {
  const tops = [".ci", ".github", "docs", "main.ts", "native", "scripts", "src", "static", "tests"];
  const files = [
    "deno.json",
    "main.ts",
    "package.json",
    "package-lock.json",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "CHANGELOG.md",
  ]
    .concat(tops.filter((top) => top !== "main.ts").flatMap(projectFilesBelow));
  const folders = new Set(files.map((path) => dirname(path)).flatMap(withParents));
  const known = [...files, ...folders];
  const firstParts = new Set(
    known.flatMap((path) => path.split("/").slice(0, 4)).filter((part) => part !== "."),
  );
  const code = sources.map(read).join("\n");
  const missing: string[] = [];
  for (const document of files.filter((path) => path.endsWith(".md"))) {
    const { paths, types } = namesIn(read(document), firstParts);
    for (const path of paths) {
      const name = path.replace(/\/$/, "");
      if (NOT_KEPT.test(name) || FILES_ELSEWHERE.includes(name)) continue;
      const endings = name.endsWith("_test") ? [`${name}.ts`, `${name}.tsx`] : [name];
      const isThere = (ending: string) =>
        known.some((file) => file === ending || file.endsWith(`/${ending}`));
      if (!endings.some(isThere)) missing.push(`${document}: ${path}`);
    }
    for (const type of types.filter((type) => !TYPES_ELSEWHERE.includes(type))) {
      if (!new RegExp(`\\b(class|interface|type|const) ${type}\\b`).test(code)) {
        missing.push(`${document}: ${type}`);
      }
    }
  }
  assert.deepEqual(missing, []);
});

function projectFilesBelow(folder: string): string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (!isDirectory) return [path];
    return ["target", "node_modules"].includes(name) ? [] : projectFilesBelow(path);
  });
}

function withParents(folder: string): string[] {
  const parts = folder.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
