import assert from "node:assert/strict";
import type { BiStream, Connection } from "../../../src/engine/ports.ts";
import { answerStreams } from "../../../src/engine/transfer/provide/answer_streams.ts";
import { settle } from "../../fakes/virtual_clock.ts";

const LIMIT = 4;

/** A connection with `streams` streams of the peer; `end` closes it. Counts the reactions to `closed`. */
function connectionWith(streams: number) {
  const closing = Promise.withResolvers<void>();
  let reactions = 0;
  let left = streams;
  let isEnded = false;
  let lastAccept = () => {};
  const closed = Object.assign(Object.create(Promise.prototype), {
    // deno-lint-ignore no-explicit-any
    then: (...reaction: any[]) => {
      reactions++;
      return closing.promise.then(...reaction);
    },
  }) as Promise<void>;
  const acceptBi = () => {
    if (isEnded) return Promise.resolve(null);
    if (left-- > 0) return Promise.resolve({} as BiStream);
    return new Promise<BiStream | null>((resolve) => lastAccept = () => resolve(null));
  };
  const end = () => {
    isEnded = true;
    closing.resolve();
    lastAccept();
  };
  return { connection: { closed, acceptBi } as Connection, end, reactions: () => reactions };
}

Deno.test("answers run up to the limit, and the next starts when one ends", async () => {
  const { connection, end } = connectionWith(10);
  const running: (() => void)[] = [];
  let most = 0;
  let begun = 0;
  const answer = () => {
    begun++;
    const { promise, resolve } = Promise.withResolvers<void>();
    running.push(resolve);
    most = Math.max(most, running.length);
    return promise;
  };
  const answering = answerStreams(connection, LIMIT, answer, () => {});
  await settle();
  assert.equal(begun, LIMIT);
  while (begun < 10 || running.length > 0) {
    running.shift()!();
    await settle();
  }
  end();
  await answering;
  assert.deepEqual([begun, most], [10, LIMIT]);
});

Deno.test("E.31 a connection has one reaction to its end, for any number of streams beyond the limit", async () => {
  const { connection, end, reactions } = connectionWith(1_000);
  let begun = 0;
  const answer = async () => {
    begun++;
    await Promise.resolve();
  };
  const answering = answerStreams(connection, LIMIT, answer, () => {});
  while (begun < 1_000) await settle();
  assert.equal(reactions(), 1);
  end();
  await answering;
});

Deno.test("a connection closed while all answers run reports that first, and awaits their end", async () => {
  const { connection, end } = connectionWith(LIMIT + 3);
  const log: string[] = [];
  const giveUp = Promise.withResolvers<void>();
  const answering = answerStreams(connection, LIMIT, () => giveUp.promise, () => {
    log.push("closed");
    giveUp.resolve();
  }).then(() => log.push("done"));
  await settle();
  end();
  await answering;
  assert.deepEqual(log, ["closed", "done"]);
});
