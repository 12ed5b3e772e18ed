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
  const want = async (name: string, from: BudgetClient, sizeBytes = MIB) => {
    await from.reserve(sizeBytes);
    order.push(name);
  };
  return { clock, order, budget, client, want };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("the client that holds least is served next, however long others have been queued", async () => {
  const { order, client, want } = budgetOf(3);
  const [greedy, modest] = [client(), client()];
  for (const name of ["g1", "g2", "g3", "g4", "g5"]) want(name, greedy);
  want("m1", modest);
  await turn();
  assert.deepEqual(order, ["g1", "g2", "g3"]);
  greedy.release(MIB);
  await turn();
  assert.deepEqual(order.slice(3), ["m1"]);
});

Deno.test("of those that hold the same, the one that released something last is served", async () => {
  const { clock, order, client, want } = budgetOf(2);
  const [sitting, moving, next] = [client(), client(), client()];
  want("sitting", sitting);
  want("moving", moving);
  await turn();
  want("next", next);
  want("again", moving);
  await clock.pass(5);
  moving.release(MIB);
  await turn();
  assert.deepEqual(order.slice(2), ["again"]);
});

Deno.test("a large reservation is not overtaken by small ones for ever", async () => {
  const { order, client, want } = budgetOf(1);
  const [a, b, c] = [client(), client(), client()];
  want("small", a, 64 * 1024);
  want("large", b);
  want("small too", c, 64 * 1024);
  await turn();
  assert.deepEqual(order, ["small"]);
  a.release(64 * 1024);
  await turn();
  assert.deepEqual(order, ["small", "large"]);
});

Deno.test("how long a reservation has been queued, and that it ends with its client", async () => {
  const { clock, budget, client, want } = budgetOf(1);
  const [a, b] = [client(), client()];
  want("a", a);
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

Deno.test("E.17 what QUIC keeps for a client counts, and what it releases is seen without a sign", async () => {
  const { clock, order, budget, client, want } = budgetOf(3);
  let backlogBytes = 2 * MIB;
  const [slow, other] = [client(() => backlogBytes), client()];
  want("s1", slow);
  want("s2", slow).catch(() => {});
  want("o1", other);
  await turn();
  assert.deepEqual(order, ["s1"], "three blocks are held");
  assert.equal(budget.heldBytes, 3 * MIB);
  await clock.pass(1_000);
  assert.deepEqual(order, ["s1"]);
  backlogBytes = MIB;
  await clock.pass(50);
  assert.deepEqual(order, ["s1", "o1"], "the one that holds less is first");
  slow.close();
  assert.equal(budget.heldBytes, 2 * MIB, "what is kept for one that is gone is not counted");
});

Deno.test("blocks are used again", async () => {
  const { client } = budgetOf(2);
  const a = client();
  const block = await a.take();
  a.give(block);
  assert.equal(await a.take(), block);
});

Deno.test("a block that is returned while others are queued goes to the next one, and no new one is made", async () => {
  const { client } = budgetOf(1);
  const [a, b] = [client(), client()];
  const block = await a.take();
  const next = b.take();
  a.give(block);
  assert.equal(await next, block);
});

Deno.test("E.17 returned blocks count: a limit of 24 MiB holds 24 MiB, and not as much again", async () => {
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

Deno.test("E.17 a block that is returned while QUIC keeps its bytes is dropped where the limit has no room", async () => {
  let backlogBytes = 0;
  const { budget, client } = budgetOf(3);
  const a = client(() => backlogBytes);
  const blocks = await Promise.all([a.take(), a.take(), a.take()]);
  backlogBytes = 2 * MIB;
  for (const block of blocks) a.give(block);
  assert.equal(budget.allocatedBytes, 3 * MIB);
});

/** What a client does next: takes a block, reserves bytes, or gives back what it got first. */
const step = fc.record({
  client: fc.nat({ max: 3 }),
  kind: fc.constantFrom("take", "reserve", "return", "return"),
  sizeBytes: fc.integer({ min: 1, max: MIB }),
});

Deno.test("E.17 whatever its clients do, a budget allocates no more than its limit, and all is released", async () => {
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
