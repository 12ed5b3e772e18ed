// A program of addon_test.ts that calls the addon with invalid input, which has to throw or to have no effect. It prints
// `alive` at its end.

import assert from "node:assert/strict";
import type { BindingSendStream } from "../../../src/engine/net/binding.ts";
import { randomBytes, soon } from "../net/two_bindings.ts";
import { ALPN, binding, rawPair } from "./raw_pair.ts";

type Call = (...given: unknown[]) => unknown;
type Name = "hashLeaf" | "hashParents" | "hashSubtree" | "hashBlocks" | "readWhole" | "createFiles";
const addon = binding as unknown as Record<Name, Call>;
const bytes = () => new Uint8Array(32);

/** Values that are no Uint8Array. */
function aliens(): unknown[] {
  const buffer = new ArrayBuffer(32);
  const gone = new ArrayBuffer(32);
  structuredClone(gone, { transfer: [gone] });
  return [
    buffer,
    gone,
    new DataView(buffer),
    new Float64Array(4),
    new Int8Array(32),
    new Uint8ClampedArray(32),
    new Proxy(bytes(), {}),
    "0".repeat(32),
    { length: 32 },
    [0],
    [[0]],
    2 ** 53,
    NaN,
    2n ** 200n,
    null,
    undefined,
    Symbol("a"),
    () => bytes(),
    binding.RelayMode.disabled(),
  ];
}

function detached(): Uint8Array {
  const view = bytes();
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
}

/** Asserts that a call throws or rejects. */
async function fails(call: () => unknown, what: string): Promise<void> {
  await assert.rejects(soon((async () => await call())()), (error: Error) => {
    return !error.message.includes("not done");
  }, what);
}

// Like a defect in Rust: a panic inside the hash functions.
assert.throws(() => addon.hashLeaf(new Uint8Array(0), 0, false, bytes()), /empty subtrees/);
assert.throws(() => addon.hashParents(new Uint8Array(10), false, bytes()), Error);
for (const length of [0, 31, 33]) {
  assert.throws(() => addon.hashLeaf(bytes(), 0, false, new Uint8Array(length)), Error);
}
for (const length of [1, 64]) {
  assert.throws(() => addon.hashSubtree(bytes(), 0, false, new Uint8Array(length), bytes()), Error);
}

if (Deno.build.os === "linux") {
  // Nothing is created, because its folder is missing.
  const missing = "/nowhere/file\0";
  await fails(() => addon.createFiles(missing, Uint32Array.of(31), bytes()), "too many bytes");
  await fails(() => addon.createFiles(missing, Uint32Array.of(33), bytes()), "too few bytes");
  await fails(() => addon.createFiles(missing, Uint32Array.of(16, 16), bytes()), "too few paths");
  await fails(() => addon.readWhole("/nowhere", bytes(), new Float64Array(6)), "a short status");
  for (const alien of aliens()) {
    const name = Deno.inspect(alien);
    if (typeof alien !== "string") {
      await fails(() => addon.createFiles(alien, Uint32Array.of(32), bytes()), name);
    }
    await fails(() => addon.createFiles(missing, alien, bytes()), name);
    await fails(() => addon.createFiles(missing, Uint32Array.of(32), alien), name);
    await fails(() => addon.readWhole("/nowhere", alien, new Float64Array(7)), name);
    await fails(() => addon.readWhole("/nowhere", bytes(), alien), name);
  }
}

for (const alien of aliens()) {
  const name = Deno.inspect(alien);
  await fails(() => addon.hashLeaf(alien, 0, true, bytes()), name);
  await fails(() => addon.hashLeaf(bytes(), 0, true, alien), name);
  await fails(() => addon.hashBlocks(alien, 0, bytes()), name);
  await fails(() => addon.hashParents(alien, false, bytes()), name);
  await fails(() => addon.hashSubtree(bytes(), 0, true, alien, bytes()), name);
  await fails(() => binding.EndpointId.fromBytes(alien as never), name);
  await fails(() => binding.Endpoint.builder().secretKey(alien as never), name);
  await fails(() => binding.Endpoint.builder().alpns([alien] as never), name);
  await fails(() => binding.presetMinimal(alien as never), name);
  await fails(() => new binding.EndpointAddr(alien as never, null, []), name);
}

// A detached buffer has no bytes; a shared one has them.
const { near, far, nearEndpoint, farEndpoint } = await rawPair();
const { send, recv } = await near.openBi();
await send.writeAll([detached(), new Uint8Array(new SharedArrayBuffer(3)), bytes().subarray(0, 2)]);
assert.equal(send.takenBytes, 5);
const stream = await far.acceptBi();
const receive = stream.recv;
assert.equal(await receive.ready(5), 5);
assert.throws(() => receive.take([bytes()]), Error);
receive.take([detached(), new Uint8Array(5)]);

for (const alien of aliens()) {
  const name = Deno.inspect(alien);
  await fails(() => send.writeAll([alien] as never), name);
  await fails(() => receive.take([alien] as never), name);
  await fails(() => nearEndpoint.connect(alien as never, ALPN), name);
  if (typeof alien !== "bigint") await fails(() => send.reset(alien as never), name);
}
for (const count of [-1, 2 ** 32, 2 ** 53, Infinity, NaN]) {
  await fails(() => receive.ready(count), `ready(${count})`);
}
for (const code of [-1n, 2n ** 62n, 2n ** 64n + 3n, 2n ** 200n]) {
  await fails(() => send.reset(code), `${code}`);
  await fails(() => recv.stop(code), `${code}`);
}
await givenAwayWhilePending(send);

await nearEndpoint.close();
await farEndpoint.close();
await Deno.stdout.write(new TextEncoder().encode("alive\n"));
// The addon's threads keep the process running.
Deno.exit(0);

/** The buffer of a pending write is transferred to another owner, which overwrites it. */
async function givenAwayWhilePending(send: BindingSendStream): Promise<void> {
  const sent = randomBytes(16 * 1024 * 1024);
  const kept = sent.slice();
  const writing = send.writeAll([sent]);
  new Uint8Array(structuredClone(sent.buffer, { transfer: [sent.buffer] })).fill(0);
  assert.equal(sent.length, 0);
  assert.ok(await soon(receive.ready(kept.length)) >= kept.length);
  await writing;
  const received = new Uint8Array(kept.length);
  receive.take([received]);
  assert.ok(Buffer.from(received.buffer).equals(kept));
}
