// The licences in a release: those of its content, and no others.

import assert from "node:assert/strict";
import { packages, runtime } from "../../scripts/components.ts";
import { written } from "../../scripts/licences.ts";

Deno.test("licences: every package of the bundle has its text, and no package of development has", async () => {
  const found = await packages();
  const names = found.map(({ name }) => name);
  for (const expected of ["hono", "preact", "@preact/signals-core", "valibot"]) {
    assert.ok(names.includes(expected), expected);
  }
  for (const other of ["@number0/iroh", "playwright-core", "deno"]) assert.ok(!names.includes(other), other);
  for (const { name, texts } of [...found, await runtime()]) assert.ok(texts.length > 0, name);
});

Deno.test("licences: a text of several packages is written once", () => {
  const text = written([
    { kind: "npm", name: "a", version: "1", licence: "MIT", texts: ["same"] },
    { kind: "npm", name: "b", version: "2", licence: "MIT", texts: ["same", "more"] },
    { kind: "cargo", name: "c", version: "3", licence: "ISC", texts: [] },
  ]);
  assert.match(text, /^a 1: MIT\nb 2: MIT\nc 3: ISC\n/m);
  assert.match(text, /\n=+\na 1, b 2\n\nsame\n\n=+\nb 2\n\nmore\n$/);
});
