import assert from "node:assert/strict";
import { isPliError } from "../../../src/engine/errors.ts";
import { Account, FairPool } from "../../../src/engine/store/fair_pool.ts";

const MIB = 1024 * 1024;

function pool(blocks: number) {
  const clock = { nowMs: 0 };
  const order: string[] = [];
  const fair = new FairPool(blocks * MIB, () => clock.nowMs);
  const account = () => new Account(fair);
  const want = async (name: string, from: Account, sizeBytes = MIB) => {
    await from.reserve(sizeBytes);
    order.push(name);
  };
  return { clock, order, fair, account, want };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("who holds least is served next, however long others have been waiting", async () => {
  const { order, account, want } = pool(3);
  const [greedy, modest] = [account(), account()];
  for (const name of ["g1", "g2", "g3", "g4", "g5"]) want(name, greedy);
  want("m1", modest);
  await turn();
  assert.deepEqual(order, ["g1", "g2", "g3"]);
  greedy.release(MIB);
  await turn();
  assert.deepEqual(order.slice(3), ["m1"]);
});

Deno.test("of those that hold the same, the one that gave something back last is served", async () => {
  const { clock, order, account, want } = pool(2);
  const [sitting, moving, next] = [account(), account(), account()];
  want("sitting", sitting);
  want("moving", moving);
  await turn();
  want("next", next);
  want("again", moving);
  clock.nowMs = 5;
  moving.release(MIB);
  await turn();
  assert.deepEqual(order.slice(2), ["again"]);
});

Deno.test("a large wish is not overtaken by small ones for ever", async () => {
  const { order, account, want } = pool(1);
  const [a, b, c] = [account(), account(), account()];
  want("small", a, 64 * 1024);
  want("large", b);
  want("small too", c, 64 * 1024);
  await turn();
  assert.deepEqual(order, ["small"]);
  a.release(64 * 1024);
  await turn();
  assert.deepEqual(order, ["small", "large"]);
});

Deno.test("how long somebody has been waiting, and that it ends with the owner", async () => {
  const { clock, fair, account, want } = pool(1);
  const [a, b] = [account(), account()];
  want("a", a);
  assert.equal(fair.waitingBesidesMs(a), 0);
  const waiting = b.reserve(MIB);
  clock.nowMs = 700;
  assert.equal(fair.waitingBesidesMs(a), 700);
  assert.equal(fair.waitingBesidesMs(b), 0, "nobody presses himself");
  b.close();
  await assert.rejects(waiting, (error) => isPliError(error, "connection_lost"));
  await assert.rejects(b.reserve(1), (error) => isPliError(error, "connection_lost"));
  assert.equal(fair.waitingBesidesMs(a), 0);
});

Deno.test("blocks are used again", async () => {
  const { account } = pool(2);
  const a = account();
  const block = await a.take();
  a.give(block);
  assert.equal(await a.take(), block);
});
