import assert from "node:assert/strict";
import { ShareRule } from "../../../src/engine/transfer/provide/share_rule.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

Deno.test("the first receiver that requests data claims the share, and others are refused", () => {
  const rule = new ShareRule("single");
  rule.connected("a");
  rule.connected("b");
  assert.ok(rule.mayTake("a", 0));
  assert.ok(!rule.mayTake("b", 0));
  assert.ok(rule.mayTake("a", 1));
  assert.ok(rule.maySee("a", 1));
  assert.ok(!rule.maySee("b", 1), "to others a claimed share is unknown");
});

Deno.test("the claim is free ten seconds after the holder's last connection closed", () => {
  const rule = new ShareRule("single");
  rule.connected("a");
  rule.connected("a");
  rule.connected("b");
  rule.mayTake("a", 0);
  rule.disconnected("a", 1 * SECOND);
  assert.ok(!rule.mayTake("b", 20 * SECOND), "one connection is left");
  rule.dataTaken("a", 20 * SECOND);
  rule.disconnected("a", 21 * SECOND);
  assert.ok(!rule.mayTake("b", 30 * SECOND));
  assert.ok(rule.mayTake("b", 31 * SECOND));
  assert.ok(!rule.mayTake("a", 32 * SECOND), "now b holds the claim");
});

Deno.test("a holder that reads no byte for 30 seconds loses the claim", () => {
  const rule = new ShareRule("single");
  rule.connected("a");
  rule.connected("b");
  rule.mayTake("a", 0);
  rule.dataTaken("a", 5 * SECOND);
  assert.ok(!rule.mayTake("b", 34 * SECOND));
  assert.ok(rule.mayTake("b", 35 * SECOND));
});

Deno.test("a disconnected pli keeps its claim for ten minutes", () => {
  const rule = new ShareRule("single");
  rule.connected("a");
  rule.identifiedAsPli("a");
  rule.connected("b");
  rule.mayTake("a", 0);
  rule.disconnected("a", 0);
  assert.ok(!rule.mayTake("b", 10 * MINUTE - 1));
  assert.ok(rule.mayTake("b", 10 * MINUTE));
});

Deno.test("a delivered share ends for all receivers; a kept one does not", () => {
  const rule = new ShareRule("single");
  rule.connected("a");
  rule.mayTake("a", 0);
  assert.equal(rule.ended(1), undefined);
  rule.endedByReceipt();
  assert.equal(rule.ended(2), "delivered");
  assert.ok(!rule.maySee("a", 3));
  assert.ok(!rule.mayTake("a", 3));
  const kept = new ShareRule("kept");
  kept.endedByReceipt();
  assert.equal(kept.ended(2), undefined);
});

Deno.test("when everything was sent, the share ends after a minute without requests", () => {
  const rule = new ShareRule("single");
  rule.connected("a");
  rule.mayTake("a", 0);
  rule.allSent(10 * SECOND);
  assert.equal(rule.quietUntilMs, 70 * SECOND);
  assert.equal(rule.ended(69 * SECOND), undefined);
  assert.ok(rule.mayTake("a", 50 * SECOND), "the holder may send further requests");
  assert.equal(rule.ended(109 * SECOND), undefined);
  assert.equal(rule.ended(110 * SECOND), "sent");
  assert.ok(!rule.maySee("a", 110 * SECOND));
});

Deno.test("a kept share is open to all receivers and never ends", () => {
  const rule = new ShareRule("kept");
  rule.connected("a");
  rule.connected("b");
  assert.ok(rule.mayTake("a", 0) && rule.mayTake("b", 0));
  rule.allSent(0);
  rule.endedByReceipt();
  assert.equal(rule.ended(60 * MINUTE), undefined);
  assert.ok(rule.mayTake("b", 60 * MINUTE));
});

Deno.test("a pli that received everything and sent no receipt has ten minutes to reconnect", () => {
  const rule = new ShareRule("single");
  rule.connected("a");
  rule.identifiedAsPli("a");
  rule.mayTake("a", 0);
  rule.allSent(0);
  rule.disconnected("a", 1 * SECOND);
  assert.equal(rule.ended(9 * MINUTE), undefined);
  assert.ok(rule.mayTake("a", 9 * MINUTE));
  assert.equal(rule.ended(19 * MINUTE - 1), undefined);
  assert.equal(rule.ended(19 * MINUTE), "sent");
});

Deno.test("the holder of an earlier run of the share keeps its claim for ten minutes", () => {
  const earlierHolder = { id: "a", isPli: true };
  const rule = new ShareRule("single", { earlierHolder, nowMs: 5 * MINUTE });
  rule.connected("b");
  assert.ok(!rule.maySee("b", 5 * MINUTE));
  assert.ok(!rule.mayTake("b", 15 * MINUTE - 1));
  rule.connected("a");
  assert.ok(rule.mayTake("a", 15 * MINUTE - 1));
  assert.ok(!rule.mayTake("b", 16 * MINUTE), "a holds the claim again");

  const left = new ShareRule("single", { earlierHolder, nowMs: 5 * MINUTE });
  left.connected("b");
  assert.ok(left.mayTake("b", 15 * MINUTE));
  const other = new ShareRule("single", { earlierHolder: { id: "a", isPli: false }, nowMs: 0 });
  assert.ok(!other.mayTake("b", 10 * SECOND - 1));
  assert.ok(other.mayTake("b", 10 * SECOND), "another program does not reconnect by itself");
  assert.ok(new ShareRule("kept", { earlierHolder, nowMs: 0 }).mayTake("b", 0), "a kept share is unclaimed");
});

Deno.test("the holder is reported when it changes, and when it is identified as a pli", () => {
  const reported: string[] = [];
  const rule = new ShareRule("single", { onClaimed: ({ id, isPli }) => reported.push(`${id} ${isPli}`) });
  rule.connected("a");
  rule.identifiedAsPli("a");
  assert.deepEqual(reported, []);
  rule.mayTake("a", 0);
  rule.mayTake("a", 1);
  assert.deepEqual(reported, ["a true"]);
  rule.disconnected("a", 1);
  rule.connected("b");
  rule.mayTake("b", 11 * MINUTE);
  rule.identifiedAsPli("b");
  rule.identifiedAsPli("b");
  assert.deepEqual(reported.slice(1), ["b false", "b true"]);
  const kept = new ShareRule("kept", { onClaimed: () => assert.fail("it is never claimed") });
  kept.connected("a");
  kept.mayTake("a", 0);
});

Deno.test("E.6 a share with a lost file awaits the receipt of a pli, for ten minutes if it is disconnected", () => {
  const rule = new ShareRule("single");
  rule.connected("a");
  rule.identifiedAsPli("a");
  assert.ok(rule.mayTake("a", 0));
  rule.lostFileRequested("a", 1 * SECOND);
  assert.equal(rule.ended(9 * MINUTE), undefined);
  rule.dataTaken("a", 9 * MINUTE);
  rule.disconnected("a", 10 * MINUTE);
  assert.equal(rule.ended(20 * MINUTE - 1), undefined);
  assert.equal(rule.spoiledUntilMs, 20 * MINUTE);
  assert.equal(rule.ended(20 * MINUTE), "spoiled");
});

Deno.test("a share with a lost file awaits a disconnected pli of the first receipt for a minute: it may have ended", () => {
  const rule = new ShareRule("single");
  rule.connected("a");
  rule.identifiedAsPli("a", { mayStopAtLoss: true });
  assert.ok(rule.mayTake("a", 0));
  rule.lostFileRequested("a", 1 * SECOND);
  assert.equal(rule.ended(9 * MINUTE), undefined, "it is connected");
  rule.disconnected("a", 9 * MINUTE);
  assert.equal(rule.spoiledUntilMs, 10 * MINUTE);
  rule.connected("a");
  rule.dataTaken("a", 9.5 * MINUTE);
  assert.equal(rule.ended(11 * MINUTE), undefined, "it has not ended");
  rule.disconnected("a", 11 * MINUTE);
  assert.equal(rule.ended(12 * MINUTE - 1), undefined);
  assert.equal(rule.ended(12 * MINUTE), "spoiled");

  const whole = new ShareRule("single");
  whole.connected("a");
  whole.identifiedAsPli("a", { mayStopAtLoss: true });
  whole.mayTake("a", 0);
  whole.disconnected("a", 0);
  whole.connected("b");
  assert.ok(
    !whole.mayTake("b", 10 * MINUTE - 1),
    "without a lost file its claim is kept like that of any pli",
  );
});

Deno.test("E.6 a receipt without the lost files ends the share in part", () => {
  const rule = new ShareRule("single");
  rule.connected("a");
  rule.identifiedAsPli("a");
  rule.mayTake("a", 0);
  rule.lostFileRequested("a", 1);
  rule.endedByReceipt("partial");
  assert.equal(rule.ended(2), "partial");
});

Deno.test("E.6 a share with a lost file ends when a program other than pli disconnects, or reads nothing for ten seconds", () => {
  const left = new ShareRule("single");
  left.connected("a");
  left.mayTake("a", 0);
  left.lostFileRequested("a", 1 * SECOND);
  assert.equal(left.ended(2 * SECOND), undefined);
  left.disconnected("a", 2 * SECOND);
  assert.equal(left.ended(2 * SECOND), "spoiled");
  const stays = new ShareRule("single");
  stays.connected("a");
  stays.mayTake("a", 0);
  stays.lostFileRequested("a", 1 * SECOND);
  stays.dataTaken("a", 5 * SECOND);
  assert.equal(stays.ended(15 * SECOND - 1), undefined);
  assert.equal(stays.ended(15 * SECOND), "spoiled");
});

Deno.test("E.6 a pli that only previewed a share with a lost file does not end it, another program does", () => {
  const rule = new ShareRule("single");
  rule.connected("a");
  rule.identifiedAsPli("a");
  rule.lostFileRequested("a", 0);
  rule.disconnected("a", 1);
  assert.equal(rule.ended(24 * 60 * MINUTE), undefined);
  rule.connected("b");
  rule.lostFileRequested("b", 2);
  rule.disconnected("b", 3);
  assert.equal(rule.ended(3), "spoiled");
});

Deno.test("E.6 of two receivers of a lost file the pli continues when the other program disconnects, and may claim", () => {
  const rule = new ShareRule("single");
  rule.connected("other");
  rule.connected("pli");
  rule.identifiedAsPli("pli");
  rule.lostFileRequested("other", 0);
  rule.lostFileRequested("pli", 1);
  rule.disconnected("other", 2);
  assert.equal(rule.ended(60 * SECOND), undefined, "the pli can receive the other files");
  assert.ok(rule.mayTake("pli", 61 * SECOND));
  rule.endedByReceipt("partial");
  assert.equal(rule.ended(62 * SECOND), "partial");
});

Deno.test("E.6 a share with a lost file ends when both of its receivers have disconnected, in either order", () => {
  for (const first of ["pli", "other"]) {
    for (const leaves of ["pli", "other"]) {
      const rule = new ShareRule("single");
      rule.connected("other");
      rule.connected("pli");
      rule.identifiedAsPli("pli");
      for (const id of first === "pli" ? ["pli", "other"] : ["other", "pli"]) rule.lostFileRequested(id, 0);
      rule.disconnected(leaves, 1);
      assert.equal(rule.ended(1), undefined, `${leaves} has left`);
      rule.disconnected(leaves === "pli" ? "other" : "pli", 2);
      assert.equal(rule.ended(2), "spoiled", `${first} met it first, ${leaves} left first`);
    }
  }
});

Deno.test("E.6 a lost file that another receiver requested does not end the share of its holder", () => {
  const rule = new ShareRule("single");
  rule.connected("looks");
  rule.lostFileRequested("looks", 0);
  rule.connected("holds");
  assert.ok(rule.mayTake("holds", 1 * SECOND));
  rule.disconnected("looks", 2 * SECOND);
  assert.equal(rule.spoiledUntilMs, undefined);
  assert.equal(rule.ended(20 * SECOND), undefined);
  rule.lostFileRequested("holds", 20 * SECOND);
  assert.equal(rule.ended(30 * SECOND), "spoiled");
});

Deno.test("E.6 no lost file ends a kept share", () => {
  const rule = new ShareRule("kept");
  rule.connected("a");
  rule.mayTake("a", 0);
  rule.lostFileRequested("a", 1);
  rule.disconnected("a", 2);
  assert.equal(rule.ended(24 * 60 * MINUTE), undefined);
});

Deno.test("E.6 a share that lost every file ends when the last receiver has disconnected, claimed or not", () => {
  const rule = new ShareRule("single");
  rule.connected("a");
  rule.identifiedAsPli("a");
  rule.lostFileRequested("a", 0);
  rule.lostAll(1 * SECOND);
  assert.equal(rule.ended(2 * SECOND), undefined, "it may still request the reason");
  rule.disconnected("a", 3 * SECOND);
  assert.equal(rule.ended(3 * SECOND), "spoiled");

  const stays = new ShareRule("single");
  stays.connected("a");
  stays.identifiedAsPli("a");
  stays.lostAll(0);
  assert.equal(stays.ended(10 * SECOND - 1), undefined);
  assert.equal(stays.ended(10 * SECOND), "spoiled");
});

Deno.test("E.6 a share that lost every file awaits the receipt of the pli that holds it", () => {
  const rule = new ShareRule("single");
  rule.connected("a");
  rule.identifiedAsPli("a");
  rule.mayTake("a", 0);
  rule.lostAll(0);
  assert.equal(rule.ended(9 * MINUTE), undefined);
  rule.disconnected("a", 9 * MINUTE);
  assert.equal(rule.ended(9 * MINUTE + 10 * SECOND - 1), undefined);
  assert.equal(rule.ended(9 * MINUTE + 10 * SECOND), "spoiled");
  const kept = new ShareRule("kept");
  kept.lostAll(0);
  assert.equal(kept.ended(24 * 60 * MINUTE), undefined);
});
