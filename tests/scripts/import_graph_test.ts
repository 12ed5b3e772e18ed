import assert from "node:assert/strict";
import { join } from "node:path";
import { cyclesOf, type Import, importsOf } from "../import_graph.ts";

const FILES: Record<string, string> = {
  "a.ts": `import {
  b,
} from "./b.ts";
// import "./missing.ts";
const text = 'import "./missing.ts"';
import type { C } from "./c.ts";
import { type Stats } from "node:fs";
export const a: [typeof b, C, string, Stats?] = [b, 1, text];`,
  "b.ts": `export { c as b } from './c.ts'; export const later = () => import("./d.ts");`,
  "c.ts": `export const c = 1; export type C = number;`,
  "d.ts": `export type D = import("./a.ts").A;`,
};

async function withFiles(files: Record<string, string>, use: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "pli-graph-" });
  try {
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(join(root, name), text);
    await use(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("imports of every form are read, and none from comments or texts", async () => {
  await withFiles(FILES, async (root) => {
    const graph = await importsOf(root, Object.keys(FILES));
    const told = (path: string) => graph.get(path)!.map(({ specifier, ...rest }) => [specifier, rest]);
    assert.deepEqual(told("a.ts"), [
      ["./b.ts", { target: "b.ts", isType: false, isDynamic: false }],
      ["./c.ts", { target: "c.ts", isType: true, isDynamic: false }],
      ["node:fs", { target: null, isType: false, isDynamic: false }],
    ]);
    assert.deepEqual(told("b.ts"), [
      ["./c.ts", { target: "c.ts", isType: false, isDynamic: false }],
      ["./d.ts", { target: "d.ts", isType: false, isDynamic: true }],
    ]);
    assert.deepEqual(told("c.ts"), []);
    assert.deepEqual(told("d.ts"), [["./a.ts", { target: "a.ts", isType: true, isDynamic: false }]]);
    // Through a dynamic import and a type import.
    assert.deepEqual(cyclesOf(graph), [["a.ts", "b.ts", "d.ts"]]);
  });
  await withFiles({ "a.ts": `import "./missing.ts";` }, async (root) => {
    await assert.rejects(importsOf(root, ["a.ts", "b.ts"]), /b\.ts/);
  });
});

Deno.test("cycles are found without the files that lead to them", () => {
  const graph = (edges: Record<string, string[]>) =>
    new Map(
      Object.entries(edges).map(([path, targets]) => [
        path,
        targets.map((target): Import => ({ specifier: target, target, isType: false, isDynamic: false })),
      ]),
    );
  assert.deepEqual(cyclesOf(graph({ a: ["b", "c"], b: ["c"], c: [] })), []);
  assert.deepEqual(
    cyclesOf(graph({ a: ["b"], b: ["c"], c: ["d", "b"], d: ["b"], e: ["e"], f: ["a", "gone"] })),
    [
      ["b", "c", "d"],
      ["e"],
    ],
  );
});
