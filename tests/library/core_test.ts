// The entry for every runtime: it imports neither Deno nor Node.js, nor anything newer than Node.js 20.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { importsOf } from "../import_graph.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ENTRY = "src/library/core.ts";

/** Packages for any runtime. */
const PORTABLE = ["@scure/base"];
/** The common features of Node.js 20 and current browsers. `isWellFormed` is the only one of ES2024. */
const LIB = ["es2023", "es2024.string", "dom", "dom.iterable", "dom.asynciterable"];

async function reachableFrom(entry: string) {
  const seen = new Map<string, string[]>();
  for (let wave = [entry]; wave.length > 0;) {
    const graph = await importsOf(ROOT, wave);
    for (const [path, imports] of graph) {
      seen.set(path, imports.filter(({ target }) => target === null).map(({ specifier }) => specifier));
    }
    const targets = [...graph.values()].flat().flatMap(({ target }) => target ?? []);
    wave = [...new Set(targets)].filter((target) => !seen.has(target));
  }
  return seen;
}

Deno.test("the core imports no module of Deno or Node.js, directly or indirectly", async () => {
  const reached = await reachableFrom(ENTRY);
  assert.ok(reached.has("src/engine/store/walk.ts") && reached.has("src/engine/transfer/provide/share.ts"));
  for (const [path, outside] of reached) {
    for (const specifier of outside) assert.ok(PORTABLE.includes(specifier), `${path} imports ${specifier}`);
  }
});

Deno.test("the core compiles without Deno and Node.js, with ES2023 and web APIs", async () => {
  const config = `${ROOT}.core-${crypto.randomUUID()}.json`;
  await Deno.writeTextFile(
    config,
    JSON.stringify({
      nodeModulesDir: "manual",
      lock: false,
      compilerOptions: { lib: LIB, types: [], strict: true },
    }),
  );
  try {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "-q", "--config", config, ENTRY],
      cwd: ROOT,
      env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
      stdin: "null",
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(config);
  }
});
