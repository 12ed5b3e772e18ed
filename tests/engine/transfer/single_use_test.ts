import assert from "node:assert/strict";
import { SingleUse } from "../../../src/engine/transfer/single_use.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

Deno.test("the first who asks for data claims the share, and others are sent away", () => {
  const rule = new SingleUse(false);
  rule.connected("a");
  rule.connected("b");
  assert.ok(rule.mayTake("a", 0));
  assert.ok(!rule.mayTake("b", 0));
  assert.ok(rule.mayTake("a", 1));
  assert.ok(rule.maySee("a", 1));
  assert.ok(!rule.maySee("b", 1), "to others a claimed share is as unknown as its hash");
});

Deno.test("the claim is free ten seconds after the holder's last connection closed", () => {
  const rule = new SingleUse(false);
  rule.connected("a");
  rule.connected("a");
  rule.connected("b");
  rule.mayTake("a", 0);
  rule.disconnected("a", 1 * SECOND);
  assert.ok(!rule.mayTake("b", 20 * SECOND), "one connection is left");
  rule.took("a", 20 * SECOND);
  rule.disconnected("a", 21 * SECOND);
  assert.ok(!rule.mayTake("b", 30 * SECOND));
  assert.ok(rule.mayTake("b", 31 * SECOND));
  assert.ok(!rule.mayTake("a", 32 * SECOND), "now it is b's");
});

Deno.test("a holder that takes no byte for 30 seconds loses the claim", () => {
  const rule = new SingleUse(false);
  rule.connected("a");
  rule.connected("b");
  rule.mayTake("a", 0);
  rule.took("a", 5 * SECOND);
  assert.ok(!rule.mayTake("b", 34 * SECOND));
  assert.ok(rule.mayTake("b", 35 * SECOND));
});

Deno.test("a pli that went away keeps its claim for ten minutes", () => {
  const rule = new SingleUse(false);
  rule.connected("a");
  rule.isPli("a");
  rule.connected("b");
  rule.mayTake("a", 0);
  rule.disconnected("a", 0);
  assert.ok(!rule.mayTake("b", 10 * MINUTE - 1));
  assert.ok(rule.mayTake("b", 10 * MINUTE));
});

Deno.test("the holder's receipt ends the share, a stranger's does not", () => {
  const rule = new SingleUse(false);
  rule.connected("a");
  rule.connected("b");
  rule.mayTake("a", 0);
  assert.ok(!rule.receipt("b", 1));
  assert.equal(rule.ended(1), undefined);
  assert.ok(rule.receipt("a", 2));
  assert.equal(rule.ended(2), "delivered");
  assert.ok(!rule.maySee("a", 3));
  assert.ok(!rule.mayTake("a", 3));
});

Deno.test("a receiver that has everything already may say so without taking a byte", () => {
  const rule = new SingleUse(false);
  rule.connected("a");
  assert.ok(rule.receipt("a", 0));
  assert.equal(rule.ended(0), "delivered");
});

Deno.test("when everything was sent, the share ends after a minute in which nobody asks", () => {
  const rule = new SingleUse(false);
  rule.connected("a");
  rule.mayTake("a", 0);
  rule.allSent(10 * SECOND);
  assert.equal(rule.quietUntilMs, 70 * SECOND);
  assert.equal(rule.ended(69 * SECOND), undefined);
  assert.ok(rule.mayTake("a", 50 * SECOND), "the holder may ask again");
  assert.equal(rule.ended(109 * SECOND), undefined);
  assert.equal(rule.ended(110 * SECOND), "sent");
  assert.ok(!rule.maySee("a", 110 * SECOND));
});

Deno.test("a kept share is open to everybody and never ends", () => {
  const rule = new SingleUse(true);
  rule.connected("a");
  rule.connected("b");
  assert.ok(rule.mayTake("a", 0) && rule.mayTake("b", 0));
  rule.allSent(0);
  assert.ok(rule.receipt("a", 1));
  assert.equal(rule.ended(60 * MINUTE), undefined);
  assert.ok(rule.mayTake("b", 60 * MINUTE));
});

Deno.test("a pli that took everything and gave no receipt gets ten minutes to come back", () => {
  const rule = new SingleUse(false);
  rule.connected("a");
  rule.isPli("a");
  rule.mayTake("a", 0);
  rule.allSent(0);
  rule.disconnected("a", 1 * SECOND);
  assert.equal(rule.ended(9 * MINUTE), undefined);
  assert.ok(rule.mayTake("a", 9 * MINUTE));
  assert.equal(rule.ended(19 * MINUTE - 1), undefined);
  assert.equal(rule.ended(19 * MINUTE), "sent");
});

Deno.test("the holder of an earlier run of the share has its ten minutes, and nobody is before it", () => {
  const earlierHolder = { id: "a", isPli: true };
  const rule = new SingleUse(false, { earlierHolder, nowMs: 5 * MINUTE });
  rule.connected("b");
  assert.ok(!rule.maySee("b", 5 * MINUTE));
  assert.ok(!rule.mayTake("b", 15 * MINUTE - 1));
  rule.connected("a");
  assert.ok(rule.mayTake("a", 15 * MINUTE - 1));
  assert.ok(!rule.mayTake("b", 16 * MINUTE), "it is a's again");

  const left = new SingleUse(false, { earlierHolder, nowMs: 5 * MINUTE });
  left.connected("b");
  assert.ok(left.mayTake("b", 15 * MINUTE));
  const other = new SingleUse(false, { earlierHolder: { id: "a", isPli: false }, nowMs: 0 });
  assert.ok(!other.mayTake("b", 10 * SECOND - 1));
  assert.ok(other.mayTake("b", 10 * SECOND), "another program does not come back by itself");
  assert.ok(new SingleUse(true, { earlierHolder, nowMs: 0 }).mayTake("b", 0), "a kept share is nobody's");
});

Deno.test("who holds the share is told when that changes, and when it turns out to be a pli", () => {
  const told: string[] = [];
  const rule = new SingleUse(false, { onClaimed: ({ id, isPli }) => told.push(`${id} ${isPli}`) });
  rule.connected("a");
  rule.isPli("a");
  assert.deepEqual(told, []);
  rule.mayTake("a", 0);
  rule.mayTake("a", 1);
  assert.deepEqual(told, ["a true"]);
  rule.disconnected("a", 1);
  rule.connected("b");
  rule.mayTake("b", 11 * MINUTE);
  rule.isPli("b");
  rule.isPli("b");
  assert.deepEqual(told.slice(1), ["b false", "b true"]);
  const kept = new SingleUse(true, { onClaimed: () => assert.fail("nobody claims it") });
  kept.connected("a");
  kept.mayTake("a", 0);
});
