import assert from "node:assert/strict";
import {
  Admission,
  MAXIMUM_CONNECTIONS,
  MAXIMUM_PER_ID,
} from "../../../src/engine/transfer/provide/admission.ts";

/** Admits `count` connections of different ids, named by number, one each millisecond. */
function enterMany(admission: Admission<string>, count: number): string[] {
  return Array.from({ length: count }, (_, i) => admission.enter(`c${i}`, `id${i}`, i)).flat();
}

Deno.test("beyond the maximum the connection that was served longest ago is closed", () => {
  const admission = new Admission<string>();
  assert.deepEqual(enterMany(admission, MAXIMUM_CONNECTIONS), []);
  assert.deepEqual(admission.enter("new", "new", 1000), ["c0"]);
  admission.leave("c0", "id0");
  assert.deepEqual(
    admission.enter("newer", "newer", 1001),
    ["c1"],
    "one is closed for the one that was admitted",
  );
});

Deno.test("unserved ids are closed first, then served ones in the order of their last service", () => {
  const admission = new Admission<string>();
  enterMany(admission, MAXIMUM_CONNECTIONS);
  for (let i = 0; i < MAXIMUM_CONNECTIONS; i++) if (i !== 77) admission.served(`id${i}`, 2000 - i);
  assert.deepEqual(admission.enter("x", "x", 3000), ["c77"]);
  admission.served("x", 3000);
  assert.deepEqual(
    admission.enter("y", "y", 3001),
    ["c127"],
    "those that receive nothing any more exclude no other",
  );
});

Deno.test("the connections of an id are closed together, and the holder's never", () => {
  const admission = new Admission<string>();
  admission.enter("blobs", "holder", 0);
  admission.enter("a1", "a", 1);
  admission.enter("a2", "a", 2);
  enterMany(admission, MAXIMUM_CONNECTIONS - 3);
  assert.deepEqual(admission.enter("new", "new", 1000, "holder"), ["c0"]);
  assert.deepEqual(admission.enter("newer", "newer", 1000, "holder"), ["a1", "a2"]);
});

Deno.test("an id has at most eight connections: a ninth closes the oldest", () => {
  const admission = new Admission<string>();
  for (let i = 0; i < MAXIMUM_PER_ID; i++) assert.deepEqual(admission.enter(`c${i}`, "a", i), []);
  assert.deepEqual(admission.enter("ninth", "a", 9), ["c0"]);
  admission.leave("c0", "a");
  admission.leave("c1", "a");
  assert.deepEqual(admission.enter("tenth", "a", 10), []);
});

Deno.test("an id is unserved if nothing was sent to it, and no answer is pending", () => {
  const admission = new Admission<string>();
  admission.enter("c", "a", 0);
  assert.ok(admission.isUnserved("a"));
  admission.began("a");
  assert.ok(!admission.isUnserved("a"));
  admission.ended("a");
  assert.ok(admission.isUnserved("a"));
  admission.served("a", 1);
  assert.ok(!admission.isUnserved("a"));
  admission.leave("c", "a");
  assert.ok(!admission.isUnserved("a"), "it is closed");
});
