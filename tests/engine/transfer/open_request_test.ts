// E.20: a request to a provider that grants no stream, or does not read the request, ends. And the meaning of a refusal.

import assert from "node:assert/strict";
import { type ErrorCode, isPliError, PliError } from "../../../src/engine/errors.ts";
import type { BiStream, Connection } from "../../../src/engine/ports.ts";
import { classifyRefusal, openRequest } from "../../../src/engine/transfer/fetch/open_request.ts";
import { RangesSequence } from "../../../src/engine/wire/ranges_sequence.ts";
import { SimulatedClock } from "../../simulation/simulated_clock.ts";

const REQUEST = { kind: "get", hash: new Uint8Array(32), ranges: RangesSequence.of() } as const;
const NEVER = new Promise<never>(() => {});
const LATEST_MS = 60_000;

function connectionOf(openBi: () => Promise<BiStream>): Connection {
  const path = () => null;
  const backlog = () => ({ heldBytes: 0, releasedBytes: 0 });
  return {
    remoteId: new Uint8Array(32),
    openBi,
    acceptBi: () => NEVER,
    path,
    backlog,
    close() {},
    closed: NEVER,
  };
}

/** A stream that refuses everything or answers late; records the calls. */
function stuckStream(log: string[]): BiStream {
  return {
    send: {
      write: () => NEVER,
      takenBytes: 0,
      finish: () => NEVER,
      reset: () => void log.push("reset"),
      stopped: () => NEVER,
    },
    receive: { ready: () => NEVER, take() {}, receivedBytes: 0, stop: () => void log.push("stop") },
  };
}

Deno.test("E.20 a provider that grants no stream is abandoned, and a stream granted late is reset", async () => {
  const clock = new SimulatedClock();
  const { promise, resolve } = Promise.withResolvers<BiStream>();
  const opening = openRequest({ connection: connectionOf(() => promise), clock }, REQUEST);
  await assert.rejects(clock.settled(opening, LATEST_MS), (error) => isPliError(error, "connection_lost"));
  const log: string[] = [];
  resolve(stuckStream(log));
  await clock.runUntil(() => log.length === 2);
  assert.deepEqual(log, ["reset", "stop"]);
});

Deno.test("E.20 a provider that does not read the request is abandoned", async () => {
  const clock = new SimulatedClock();
  const stream = Promise.resolve(stuckStream([]));
  const opening = openRequest({ connection: connectionOf(() => stream), clock }, REQUEST);
  await assert.rejects(clock.settled(opening, LATEST_MS), (error) => isPliError(error, "connection_lost"));
});

/** A connection whose provider answers the probe of the root with these bytes, or with a fault. */
function answering(answer: Uint8Array | PliError): Connection {
  return connectionOf(() => {
    const { send } = stuckStream([]);
    const receivedBytes = answer instanceof PliError ? 0 : answer.length;
    const ready = () => answer instanceof PliError ? Promise.reject(answer) : Promise.resolve(answer.length);
    const take = ([into]: readonly Uint8Array[]) => into.set(answer as Uint8Array);
    return Promise.resolve({
      send: { ...send, write: () => Promise.resolve(), finish: () => Promise.resolve() },
      receive: { ready, take, receivedBytes, stop() {} },
    });
  });
}

for (
  const [what, answer, code] of [
    ["serves the root has lost a file", new Uint8Array(8), "source_lost"],
    ["refuses the root too serves nothing", new PliError("stream_reset", { streamCode: 3 }), "peer_refused"],
    ["is lost meanwhile is requested again", new PliError("connection_lost", {}), "connection_lost"],
  ] as [string, Uint8Array | PliError, ErrorCode][]
) {
  Deno.test(`D.31 a provider that has refused a request and ${what}`, async () => {
    const provider = { connection: answering(answer), clock: new SimulatedClock() };
    const error = await classifyRefusal(provider, new Uint8Array(32), "a", new PliError("peer_refused", {}));
    assert.ok(isPliError(error, code), String(error));
  });
}

Deno.test("D.31 an error other than a refusal is thrown unchanged, without a probe of the provider", async () => {
  const provider = { connection: connectionOf(() => assert.fail("requested")), clock: new SimulatedClock() };
  const fault = new PliError("wrong_bytes", { hash: "", chunk: 0 });
  assert.equal(await classifyRefusal(provider, new Uint8Array(32), "a", fault), fault);
});
