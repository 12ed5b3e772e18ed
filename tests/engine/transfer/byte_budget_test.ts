import assert from "node:assert/strict";
import { isPliError } from "../../../src/engine/errors.ts";
import { BudgetClient, ByteBudget } from "../../../src/engine/transfer/provide/byte_budget.ts";
import fc from "fast-check";
import type { BlockMemory } from "../../../src/engine/store/block_pool.ts";
import { VirtualClock } from "../../fakes/virtual_clock.ts";

const MIB = 1024 * 1024;

function budgetOf(blocks: number) {
  const clock = new VirtualClock();
  const order: string[] = [];
  const budget = new ByteBudget(blocks * MIB, clock);
  const client = (backlogBytes?: () => number) => new BudgetClient(budget, backlogBytes);
  const request = async (name: string, from: BudgetClient, sizeBytes = MIB) => {
    await from.reserve(sizeBytes);
    order.push(name);
  };
  return { clock, order, budget, client, request };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("the client that holds least is served next, regardless of the time in the queue", async () => {
  const { order, client, request } = budgetOf(3);
  const [greedy, modest] = [client(), client()];
  for (const name of ["g1", "g2", "g3", "g4", "g5"]) request(name, greedy);
  request("m1", modest);
  await turn();
  assert.deepEqual(order, ["g1", "g2", "g3"]);
  greedy.release(MIB);
  await turn();
  assert.deepEqual(order.slice(3), ["m1"]);
});

Deno.test("of clients that hold the same, the one that released last is served", async () => {
  const { clock, order, client, request } = budgetOf(2);
  const [sitting, moving, next] = [client(), client(), client()];
  request("sitting", sitting);
  request("moving", moving);
  await turn();
  request("next", next);
  request("again", moving);
  await clock.pass(5);
  moving.release(MIB);
  await turn();
  assert.deepEqual(order.slice(2), ["again"]);
});

Deno.test("a large reservation is overtaken by a bounded number of small ones", async () => {
  const { order, client, request } = budgetOf(1);
  const [a, b, c] = [client(), client(), client()];
  request("small", a, 64 * 1024);
  request("large", b);
  request("small too", c, 64 * 1024);
  await turn();
  assert.deepEqual(order, ["small"]);
  a.release(64 * 1024);
  await turn();
  assert.deepEqual(order, ["small", "large"]);
});

Deno.test("the time in the queue of a reservation, and its end with its client", async () => {
  const { clock, budget, client, request } = budgetOf(1);
  const [a, b] = [client(), client()];
  request("a", a);
  assert.equal(budget.queuedBesidesMs(a), 0);
  const waiting = b.reserve(MIB);
  await clock.pass(700);
  assert.equal(budget.queuedBesidesMs(a), 700);
  assert.equal(budget.queuedBesidesMs(b), 0, "a client is not contended by itself");
  b.close();
  await assert.rejects(waiting, (error) => isPliError(error, "connection_lost"));
  await assert.rejects(b.reserve(1), (error) => isPliError(error, "connection_lost"));
  assert.equal(budget.queuedBesidesMs(a), 0);
});

Deno.test("E.17 bytes that QUIC holds for a client count, and their release is detected by polling", async () => {
  const { clock, order, budget, client, request } = budgetOf(3);
  let backlogBytes = 2 * MIB;
  const [slow, other] = [client(() => backlogBytes), client()];
  request("s1", slow);
  request("s2", slow).catch(() => {});
  request("o1", other);
  await turn();
  assert.deepEqual(order, ["s1"], "three blocks are held");
  assert.equal(budget.heldBytes, 3 * MIB);
  await clock.pass(1_000);
  assert.deepEqual(order, ["s1"]);
  backlogBytes = MIB;
  await clock.pass(50);
  assert.deepEqual(order, ["s1", "o1"], "the client that holds less is first");
  slow.close();
  assert.equal(budget.heldBytes, 2 * MIB, "bytes of a closed client are not counted");
});

Deno.test("blocks are reused", async () => {
  const { client } = budgetOf(2);
  const a = client();
  const block = await a.take();
  a.give(block);
  assert.equal(await a.take(), block);
});

Deno.test("a block that is returned while others are queued is passed to the next, and none is allocated", async () => {
  const { client } = budgetOf(1);
  const [a, b] = [client(), client()];
  const block = await a.take();
  const next = b.take();
  a.give(block);
  assert.equal(await next, block);
});

Deno.test("E.17 returned blocks count: a limit of 24 MiB holds 24 MiB, and not twice as much", async () => {
  const { budget, client } = budgetOf(24);
  const [a, b] = [client(), client()];
  const blocks = await Promise.all(Array.from({ length: 24 }, () => a.take()));
  for (const block of blocks) a.give(block);
  assert.equal(budget.heldBytes, 0);
  for (let i = 0; i < 24; i++) {
    await b.reserve(MIB);
    assert.ok(budget.allocatedBytes <= 24 * MIB, `${budget.allocatedBytes / MIB} MiB with ${i + 1} reserved`);
  }
  assert.equal(budget.allocatedBytes, 24 * MIB);
});

Deno.test("E.17 a block that is returned while QUIC holds its bytes is dropped where the limit is reached", async () => {
  let backlogBytes = 0;
  const { budget, client } = budgetOf(3);
  const a = client(() => backlogBytes);
  const blocks = await Promise.all([a.take(), a.take(), a.take()]);
  backlogBytes = 2 * MIB;
  for (const block of blocks) a.give(block);
  assert.equal(budget.allocatedBytes, 3 * MIB);
});

/** A step of a client: takes a block, reserves bytes, or returns its oldest ones. */
const step = fc.record({
  client: fc.nat({ max: 3 }),
  kind: fc.constantFrom("take", "reserve", "return", "return"),
  sizeBytes: fc.integer({ min: 1, max: MIB }),
});

Deno.test("E.17 for all steps of clients a budget allocates at most its limit, and all is released", async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
    const { budget, client } = budgetOf(4);
    const clients = Array.from({ length: 4 }, () => client());
    const held: (BlockMemory | number)[][] = clients.map(() => []);
    const giveBack = (at: number) => {
      const first = held[at].shift();
      if (typeof first === "number") clients[at].release(first);
      else if (first !== undefined) clients[at].give(first);
      return first !== undefined;
    };
    for (const { client: at, kind, sizeBytes } of steps) {
      if (kind === "take") clients[at].take().then((block) => held[at].push(block));
      else if (kind === "reserve") clients[at].reserve(sizeBytes).then(() => held[at].push(sizeBytes));
      else giveBack(at);
      await Promise.resolve();
      assert.ok(budget.allocatedBytes <= budget.limitBytes, `${budget.allocatedBytes} bytes`);
    }
    for (let isAny = true; isAny;) {
      await turn();
      isAny = clients.map((_, at) => giveBack(at)).includes(true);
    }
    assert.equal(budget.heldBytes, 0);
    assert.ok(clients.every(({ queue }) => queue.length === 0), "a reservation is left in the queue");
  }));
});
