import assert from "node:assert/strict";
import { Hono } from "hono";
import * as v from "valibot";
import { composeApp } from "../../src/web/api.ts";
import { readJson } from "../../src/web/bodies.ts";
import { PliError } from "../../src/engine/mod.ts";
import { EVENT_LIMIT_MS } from "../time_limits.ts";
import { uploadRoute } from "./raw_http.ts";

const FORM = v.strictObject({ name: v.string(), sizes: v.array(v.number()) });

/** The time limit of the form, which only the test of it shortens. */
let limitMs = EVENT_LIMIT_MS;
const faults: unknown[] = [];
const app = composeApp([
  new Hono()
    .post("/api/form", async (context) => context.json(await readJson(context, FORM, { limitMs })))
    .post("/api/busy", () => {
      throw new PliError("destination_busy", { path: "/x" });
    })
    .post("/api/mistake", () => {
      throw new Error("secret words");
    }),
  uploadRoute(() => {}),
], (error) => faults.push(error));

async function post(body: BodyInit, type = "application/json") {
  const response = await app.request("/api/form", {
    method: "POST",
    headers: { "Content-Type": type },
    body,
  });
  return { status: response.status, ...await response.json() };
}

Deno.test("C.22 a JSON body is accepted as application/json alone", async () => {
  const text = JSON.stringify({ name: "a", sizes: [1] });
  assert.deepEqual(await post(text), { status: 200, name: "a", sizes: [1] });
  assert.equal((await post(text, "application/json; charset=utf-8")).status, 200);
  for (
    const type of ["text/plain", "", "application/x-www-form-urlencoded", "application/json, text/plain"]
  ) {
    assert.equal((await post(text, type)).status, 415, type);
  }
});

Deno.test("C.22 a JSON body has at most 64 KiB, with or without a length", async () => {
  const body = (length: number) => JSON.stringify({ name: "x".repeat(length), sizes: [] });
  const frame = body(0).length;
  assert.equal((await post(body(64 * 1024 - frame))).status, 200);
  const tooLong = body(64 * 1024 - frame + 1);
  assert.equal((await post(tooLong)).status, 413);
  assert.equal((await post(new Blob([tooLong]).stream())).status, 413);
});

Deno.test("C.22 a body that is no JSON, or has another shape, is answered with the path and the reason", async () => {
  for (const text of ["", "{", "\xff", "nul"]) assert.equal((await post(text)).code, "body_not_json", text);
  assert.equal((await post(new Uint8Array([0x22, 0xff, 0x22]))).code, "body_not_json");
  assert.deepEqual(await post(JSON.stringify({ name: "a", sizes: [1, "2"] })), {
    status: 422,
    code: "body_invalid",
    parameters: { path: "sizes.1", expected: "number" },
  });
  assert.equal((await post(JSON.stringify({ name: "a", sizes: [], more: 1 }))).parameters.path, "more");
  assert.equal((await post("null")).parameters.expected, "Object");
});

Deno.test("C.22 an incomplete JSON body is abandoned", async () => {
  const endless = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([0x7b])) });
  limitMs = 50;
  try {
    assert.equal((await post(endless)).code, "body_too_slow");
  } finally {
    limitMs = EVENT_LIMIT_MS;
  }
});

Deno.test("C.22 an upload states its length, and has it", async () => {
  const put = (headers: Record<string, string>, body: BodyInit) =>
    app.request("/api/test/upload", {
      method: "PUT",
      headers: { "Content-Type": "application/octet-stream", ...headers },
      body,
    });
  assert.deepEqual(await (await put({ "Content-Length": "3" }, "abc")).json(), { sizeBytes: 3 });
  assert.equal((await put({ "Content-Length": "4" }, "abc")).status, 500);
  assert.equal((await put({ "Content-Length": "2" }, "abc")).status, 500);
  assert.equal((await put({}, new Blob(["abc"]).stream())).status, 411);
  assert.equal((await put({ "Content-Length": "-1" }, "abc")).status, 411);
  assert.equal((await put({ "Content-Length": String(2 ** 21) }, "abc")).status, 413);
  assert.equal((await put({ "Content-Length": "3", "Content-Type": "text/plain" }, "abc")).status, 415);
});

Deno.test("errors of the engine are shown, defects of pli are not", async () => {
  const answerOf = async (path: string) => await (await app.request(path, { method: "POST" })).json();
  assert.deepEqual(await answerOf("/api/busy"), { code: "destination_busy", parameters: { path: "/x" } });
  faults.length = 0;
  assert.deepEqual(await answerOf("/api/mistake"), { code: "internal", parameters: {} });
  assert.equal(faults.length, 1);
  assert.deepEqual(await answerOf("/api/none"), { code: "route_unknown", parameters: {} });
});
