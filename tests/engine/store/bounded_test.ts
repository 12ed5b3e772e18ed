import assert from "node:assert/strict";
import { Backlog, eachBounded } from "../../../src/engine/store/bounded.ts";

const soon = () => new Promise<void>((resolve) => setTimeout(resolve, 1));

Deno.test("every item is visited, never more than the limit at a time", async () => {
  const visited: number[] = [];
  let running = 0;
  let most = 0;
  await eachBounded([...Array(20).keys()], 3, async (item) => {
    most = Math.max(most, ++running);
    await soon();
    running--;
    visited.push(item);
  });
  assert.equal(most, 3);
  assert.deepEqual(visited.sort((a, b) => a - b), [...Array(20).keys()]);
  await eachBounded([], 3, () => Promise.reject(new Error("not called")));
});

Deno.test("an error ends the visits, and is thrown after those in progress have ended", async () => {
  const events: string[] = [];
  const visit = async (item: number) => {
    events.push(`start ${item}`);
    await soon();
    if (item === 0) throw new Error("zero");
    await soon();
    events.push(`end ${item}`);
  };
  await assert.rejects(eachBounded([0, 1, 2, 3], 2, visit), /zero/);
  assert.deepEqual(events, ["start 0", "start 1", "end 1"]);
});

Deno.test("a backlog runs jobs concurrently with its caller, up to its limit", async () => {
  const backlog = new Backlog(2);
  let running = 0;
  let done = 0;
  for (let at = 0; at < 10; at++) {
    await backlog.add(async () => {
      assert(++running <= 2);
      await soon();
      running--;
      done++;
    });
  }
  assert(done < 10);
  await backlog.drain();
  assert.equal(done, 10);
});

Deno.test("a backlog stays within its memory, and a job that needs more runs alone", async () => {
  const backlog = new Backlog(8, 100);
  const running: number[] = [];
  let most = 0;
  for (const bytes of [40, 40, 30, 100, 250, 0, 60, 40, 10, 10]) {
    await backlog.add(async () => {
      running.push(bytes);
      most = Math.max(most, running.length);
      const sum = running.reduce((sum, each) => sum + each, 0);
      assert(sum <= 100 || running.length === 1, running.join(" "));
      await soon();
      running.splice(running.indexOf(bytes), 1);
    }, bytes);
  }
  await backlog.drain();
  assert.equal(most, 3);
});

Deno.test("the first error of a job is thrown by the next call, and again by every later one", async () => {
  const backlog = new Backlog(1);
  await backlog.add(() => Promise.reject(new Error("first")));
  await assert.rejects(backlog.add(() => Promise.reject(new Error("never runs"))), /first/);
  await assert.rejects(backlog.drain(), /first/);
  await assert.rejects(backlog.drain(), /first/);
});
