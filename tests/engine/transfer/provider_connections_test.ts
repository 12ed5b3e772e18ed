import assert from "node:assert/strict";
import type { TransferEvent } from "../../../src/engine/mod.ts";
import { MAXIMUM_PER_ID, UNSERVED_MS } from "../../../src/engine/transfer/provide/admission.ts";
import { ProviderConnections } from "../../../src/engine/transfer/provide/provider_connections.ts";
import { VirtualClock } from "../../fakes/virtual_clock.ts";
import { FakeConnection } from "./fake_connection.ts";

function connections() {
  const clock = new VirtualClock();
  const events: TransferEvent[] = [];
  return { clock, events, connections: new ProviderConnections(clock, (event) => events.push(event)) };
}

Deno.test("a receiver is reported once, and is connected until its last connection for data is closed", async () => {
  const { connections: all, events } = connections();
  const [first, second, receipts] = [new FakeConnection(), new FakeConnection(), new FakeConnection()];
  const entered = [
    all.enter(receipts.port, "a", false),
    all.enter(first.port, "a", true),
    all.enter(second.port, "a", true),
  ];
  assert.deepEqual(events, [{ type: "receiver", id: "a", state: "connected" }]);
  for (const each of [receipts, first, second]) each.close();
  await Promise.all(entered);
  all.leave(receipts.port, "a", false);
  all.leave(first.port, "a", true);
  assert.ok(all.hasReceiver("a"));
  all.leave(second.port, "a", true);
  assert.ok(!all.hasReceiver("a"));
});

Deno.test("a connection that is never served is closed, and one that is served or has a pending answer is kept", async () => {
  const { connections: all, clock } = connections();
  const [idle, served, waiting] = [new FakeConnection(), new FakeConnection(), new FakeConnection()];
  const entered = [
    all.enter(idle.port, "idle", true),
    all.enter(served.port, "served", true),
    all.enter(waiting.port, "waiting", true),
  ];
  all.served("served");
  const answer = Promise.withResolvers<void>();
  const answered = all.whileAnswering("waiting", answer.promise);
  await clock.pass(UNSERVED_MS + 1);
  assert.deepEqual([idle.isClosed, served.isClosed, waiting.isClosed], [true, false, false]);
  answer.resolve();
  await answered;
  await clock.pass(UNSERVED_MS + 1);
  assert.ok(waiting.isClosed);
  served.close();
  await Promise.all(entered);
});

Deno.test("beyond the maximum of an id its oldest connection is closed", async () => {
  const { connections: all } = connections();
  const many = Array.from({ length: MAXIMUM_PER_ID + 1 }, () => new FakeConnection());
  const entered = many.map((each) => all.enter(each.port, "a", true));
  assert.deepEqual(many.map(({ isClosed }) => isClosed), many.map((_, at) => at === 0));
  many.forEach((each) => each.close());
  await Promise.all(entered);
});
