// The time in which a provider that does not answer is tried.

import assert from "node:assert/strict";
import { isPliError } from "../../../src/engine/errors.ts";
import type { Endpoint } from "../../../src/engine/ports.ts";
import { Link } from "../../../src/engine/transfer/fetch/link.ts";
import { VirtualClock } from "../../fakes/virtual_clock.ts";

/** The number of attempts for a limit, and the time until the error. `afterMs`: time before the first attempt. */
async function tried(limitMs: number, afterMs: number) {
  const clock = new VirtualClock();
  let attempts = 0;
  const endpoint = {
    connect: () => {
      attempts++;
      return new Promise<never>(() => {});
    },
  };
  const link = new Link({
    clock,
    endpoint: endpoint as unknown as Endpoint,
    provider: { id: new Uint8Array(32), relayUrl: null, directAddresses: [] },
    waitLimits: { firstMs: limitMs, laterMs: limitMs },
    onEvent: () => {},
  });
  await clock.pass(afterMs);
  const begunMs = clock.nowMs();
  let endedMs = Infinity;
  const running = link.run(() => Promise.reject(new Error("there is no connection"))).catch((error) => {
    endedMs = clock.nowMs();
    return error;
  });
  await clock.pass(60_000);
  assert.ok(isPliError(await running, "peer_unreachable"));
  return { attempts, tookMs: endedMs - begunMs };
}

Deno.test("link: the time limit bounds also the attempts, and a short one is that of the only attempt", async () => {
  for (const afterMs of [0, 5]) {
    for (const limitMs of [1, 3]) {
      assert.deepEqual(await tried(limitMs, afterMs), { attempts: 1, tookMs: limitMs });
    }
  }
  assert.deepEqual(await tried(500, 0), { attempts: 1, tookMs: 500 });
  assert.deepEqual(await tried(10_100, 0), { attempts: 2, tookMs: 20_100 });
});

Deno.test("link: a limit of 0 is one attempt of ordinary length", async () => {
  assert.deepEqual(await tried(0, 0), { attempts: 1, tookMs: 10_000 });
});
