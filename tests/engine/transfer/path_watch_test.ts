// The network path of a connection, and of a receiver that connects again before its old connection is closed.

import assert from "node:assert/strict";
import type { TransferEvent } from "../../../src/engine/mod.ts";
import { watchPath } from "../../../src/engine/transfer/path_watch.ts";
import { ProviderConnections } from "../../../src/engine/transfer/provide/provider_connections.ts";
import { VirtualClock } from "../../fakes/virtual_clock.ts";
import { directPath, FakeConnection } from "./fake_connection.ts";

/** Longer than the interval of the watch. */
const WHILE_MS = 1_000;
const ID = "00".repeat(32);

/** The addresses of the reported paths. */
function addressesOf(events: readonly TransferEvent[]): string[] {
  return events.flatMap((event) => event.type === "path" && event.id === ID ? [event.address] : []);
}

Deno.test("a path is reported when it is established, and when it changes, until the connection is closed", async () => {
  const clock = new VirtualClock();
  const events: TransferEvent[] = [];
  const connection = new FakeConnection();
  const watch = watchPath(connection.port, clock, (event) => events.push(event));
  await clock.pass(WHILE_MS);
  assert.deepEqual(events, []);
  connection.route = { kind: "relay", address: "https://relay.example", rttMs: 80 };
  await clock.pass(WHILE_MS);
  connection.route = { ...connection.route, rttMs: 90 };
  await clock.pass(WHILE_MS);
  connection.route = null;
  await clock.pass(WHILE_MS);
  connection.route = directPath("192.0.2.1:9");
  await clock.pass(WHILE_MS);
  assert.deepEqual(events, [
    { type: "path", id: ID, kind: "relay", address: "https://relay.example", rttMs: 80 },
    { type: "path", id: ID, ...directPath("192.0.2.1:9") },
  ]);
  connection.close();
  await watch;
  assert.ok(!clock.isAwaited);
});

Deno.test("the path of a receiver is that of its newest connection, also while an older one is open", async () => {
  const clock = new VirtualClock();
  const events: TransferEvent[] = [];
  const all = new ProviderConnections(clock, (event) => events.push(event));
  const enter = (connection: FakeConnection) => all.enter(connection.port, ID, true);
  const [first, second, receipts] = ["1", "2", "3"].map((digit) =>
    new FakeConnection(directPath(`192.0.2.${digit}:9`))
  );
  const entered = [enter(first)];
  await clock.pass(WHILE_MS);
  entered.push(enter(second), all.enter(receipts.port, ID, false));
  await clock.pass(WHILE_MS);
  assert.deepEqual(addressesOf(events), ["192.0.2.1:9", "192.0.2.2:9"]);

  // The binding finds another path for the lost connection, which is ignored.
  first.route = directPath("192.0.2.4:9");
  await clock.pass(WHILE_MS);
  assert.deepEqual(addressesOf(events).slice(2), []);

  // The newest is closed first: then the older one is the current one.
  second.close();
  await entered[1];
  all.leave(second.port, ID, true);
  await clock.pass(WHILE_MS);
  assert.deepEqual(addressesOf(events).slice(2), ["192.0.2.4:9"]);
  first.close();
  receipts.close();
  await Promise.all(entered);
});
