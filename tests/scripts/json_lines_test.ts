// The schema of JSON lines: it is up to date, the document describes every line, and it refuses others. The lines that
// pli prints in the product's tests are checked against it by tests/product/processes.ts.

import assert from "node:assert/strict";
import { jsonLinesSchema, LINES } from "../../scripts/json_lines.ts";
import { unknownLines } from "../product/json_lines.ts";

const read = (path: string) => Deno.readTextFile(new URL(`../../docs/${path}`, import.meta.url));
const ID = "0f".repeat(32);

Deno.test("the schema of JSON lines is up to date", async () => {
  assert.equal(
    await read("json-lines.schema.json"),
    jsonLinesSchema(),
    "run deno run -A scripts/json_lines.ts",
  );
});

Deno.test("the document has a row for each type of JSON line, and for no other", async () => {
  const rows = [...(await read("json-lines.md")).matchAll(/^\| `(\w+)` +\|/gm)].map(([, type]) => type);
  const types = new Set(LINES.map(({ entries }) => entries.type.literal));
  assert.deepEqual(rows.toSorted(), [...types].toSorted());
});

Deno.test("the schema accepts lines as they are documented, and no others", () => {
  const good = [
    { v: 1, type: "progress", bytes: 1, total: 2, files: 0 },
    { v: 1, type: "progress", bytes: 1, total: 2, files: 0, id: ID },
    { v: 1, type: "path", id: ID, kind: "relay", address: "https://relay.example.org/", rttMs: 12.5 },
    { v: 1, type: "error", code: "usage", parameters: { a: [1] }, message: "M", advice: "" },
  ];
  assert.deepEqual(unknownLines(good.map((line) => JSON.stringify(line))), []);
  const bad = [
    { v: 2, type: "sent" },
    { type: "sent" },
    { v: 1, type: "sends" },
    { v: 1, type: "sent", more: 1 },
    { v: 1, type: "progress", bytes: -1, total: 2, files: 0 },
    { v: 1, type: "progress", bytes: 1, total: 2 },
    { v: 1, type: "progress", bytes: 1, total: 2, files: 0, id: "0f" },
    { v: 1, type: "receiver", id: ID, state: "lost" },
    { v: 1, type: "notice", code: "binding_slow", parameters: { x: 1 }, message: "M" },
  ].map((line) => JSON.stringify(line));
  assert.deepEqual(unknownLines(bad), bad);
});
