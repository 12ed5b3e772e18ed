import assert from "node:assert/strict";
import { PliError } from "../../../src/engine/errors.ts";
import type { BiStream, Connection } from "../../../src/engine/ports.ts";
import {
  CONTENDED_ACKNOWLEDGED,
  CONTENDED_THROUGHPUT,
  DeadlinePassed,
  MINIMUM_THROUGHPUT,
} from "../../../src/engine/transfer/deadline.ts";
import { endFailedAnswer } from "../../../src/engine/transfer/provide/failed_answer.ts";
import { ForbiddenRequest } from "../../../src/engine/transfer/provide/read_request.ts";
import { UnexpectedEnd } from "../../../src/engine/transfer/stream_reader.ts";
import { ResetCode } from "../../../src/engine/wire/request.ts";

/** The effect of an error on the stream and the connection, and its report. */
function fail(error: unknown) {
  const log: string[] = [];
  const stream = {
    send: { reset: (code: number) => log.push(`reset ${code}`) },
    receive: { stop: (code: number) => log.push(`stop ${code}`) },
  } as unknown as BiStream;
  const connection = { close: () => log.push("close") } as unknown as Connection;
  return { failure: endFailedAnswer(stream, connection, error), log };
}

const INTERNAL = [`stop ${ResetCode.INTERNAL}`, `reset ${ResetCode.INTERNAL}`];

Deno.test("a failed answer resets its stream with a code, and a forbidden request with another one", () => {
  assert.deepEqual(fail(new PliError("peer_refused", {})), { failure: null, log: INTERNAL });
  assert.deepEqual(fail(new UnexpectedEnd()), { failure: null, log: INTERNAL });
  const { log } = fail(new ForbiddenRequest());
  assert.deepEqual(log, [`stop ${ResetCode.PERMISSION}`, `reset ${ResetCode.PERMISSION}`]);
});

Deno.test("a connection is closed only for a peer that was too slow with a contended budget", () => {
  for (const minimum of [CONTENDED_THROUGHPUT, CONTENDED_ACKNOWLEDGED]) {
    assert.deepEqual(fail(new DeadlinePassed(minimum)).log, [...INTERNAL, "close"]);
  }
  for (const minimum of [MINIMUM_THROUGHPUT, undefined]) {
    assert.deepEqual(fail(new DeadlinePassed(minimum)).log, INTERNAL);
  }
});

Deno.test("a changed source and a defect are reported, and no other error", () => {
  const changed = fail(new PliError("source_changed", { name: "a/b" })).failure;
  assert.deepEqual(changed, { kind: "source_changed", name: "a/b" });
  assert.equal(fail(new TypeError("not a function")).failure?.kind, "mistake");
  assert.equal(fail(new PliError("internal", { what: "x" })).failure?.kind, "mistake");
  assert.equal(fail(new PliError("connection_lost", {})).failure, null);
});
