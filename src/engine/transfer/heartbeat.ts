// Notices within seconds that a provider is gone: QUIC itself waits for half a minute. When nothing moves for a
// while the provider is asked for something small; where no answer comes either the connection is given up, so
// that a new one can be tried.

import { orAborted } from "../abort.ts";
import type { Connection } from "../ports.ts";
import { NOTHING, RangeSpec } from "../wire/range_spec.ts";
import { RangesSequence } from "../wire/ranges_sequence.ts";
import { DeadlinePassed, withDeadline } from "./deadline.ts";
import { openRequest, type Provision } from "./open_request.ts";

/** So long nothing may move before the provider is asked. */
const SILENT_MS = 5_000;
/** So long it may take to answer: longer than any path that is of use. */
const ANSWER_MS = 5_000;
/** The first chunk of the root, with the values above it, takes less. */
const ANSWER_BYTES = 4 * 1024;

/**
 * The result of a task over a connection. `movedBytes` says how much it has brought so far. When it has come to a
 * halt and the provider does not answer, the connection is closed, by which the task fails.
 */
export async function whileAnswering<T>(
  provision: Provision,
  rootHash: Uint8Array,
  movedBytes: () => number,
  task: (connection: Connection) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const watch = closeWhenSilent(provision, rootHash, movedBytes, over.signal);
  try {
    return await task(provision.connection);
  } finally {
    over.abort();
    await watch;
  }
}

async function closeWhenSilent(
  { connection, clock }: Provision,
  rootHash: Uint8Array,
  movedBytes: () => number,
  signal: AbortSignal,
): Promise<void> {
  let isAlive = true;
  while (isAlive && !signal.aborted) {
    const markBytes = movedBytes();
    await clock.sleep(SILENT_MS, signal).catch(() => {});
    if (signal.aborted || movedBytes() > markBytes) continue;
    const answer = isAnswering({ connection, clock }, rootHash);
    isAlive = await orAborted(answer, signal).catch(() => true) || movedBytes() > markBytes;
  }
  if (!signal.aborted) connection.close(0);
}

/** Whether a provider answers, to whatever effect, when it is asked for something small. */
export async function isAnswering({ connection, clock }: Provision, rootHash: Uint8Array): Promise<boolean> {
  const answer = askSomething({ connection, clock }, rootHash);
  // A refusal is an answer too.
  return await withDeadline(clock, ANSWER_MS, answer).then(
    () => true,
    (error) => !(error instanceof DeadlinePassed),
  );
}

async function askSomething(provision: Provision, rootHash: Uint8Array): Promise<void> {
  const ranges = RangesSequence.of([0, RangeSpec.of(0, 1)], [1, NOTHING]);
  const { stream } = await openRequest(provision, { kind: "get", hash: rootHash, ranges });
  await stream.rest(ANSWER_BYTES, "answer");
}
