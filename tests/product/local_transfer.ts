// One whole transfer between two pli processes on loopback, relays disabled.

import assert from "node:assert/strict";
import type { Bench } from "./processes.ts";

/** Options of a transfer without a relay. */
export const LOCAL = ["--relay", "disabled"];

/** Sends paths from one pli and receives them with another, up to the end of both. */
export async function transfer(bench: Bench, paths: string[], receiveOptions: string[] = []) {
  const sender = bench.pli(["send", ...LOCAL, ...paths]);
  const ticket = await sender.ticket();
  const receiver = bench.pli(["receive", ...LOCAL, "--out", bench.path("out/"), ...receiveOptions, ticket]);
  assert.equal(await receiver.ended(), 0, receiver.output);
  assert.equal(await sender.ended(), 0, sender.output);
  return { sender, receiver, ticket };
}
