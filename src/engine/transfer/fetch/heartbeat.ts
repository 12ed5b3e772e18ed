// Detects within seconds that a provider is gone; QUIC needs half a minute. After a silence the provider is sent a
// small request, and without an answer the connection is closed, so that a new one can be tried.

import { orAborted } from "../../abort.ts";
import type { Connection } from "../../ports.ts";
import { DeadlinePassed, withDeadline } from "../deadline.ts";
import { type ProviderConnection, requestFirstChunk } from "./open_request.ts";

/** Silence before the small request is sent. */
const SILENT_MS = 5_000;
/** Timeout of its answer, longer than the round trip of any usable path. */
const HEARTBEAT_ANSWER_MS = 5_000;

/**
 * The result of a task over a connection. `movedBytes` returns how much was received. When that stops and the provider
 * does not answer, the connection is closed, which makes the task fail.
 */
export async function whileAnswering<T>(
  provider: ProviderConnection,
  rootHash: Uint8Array,
  movedBytes: () => number,
  task: (connection: Connection) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const watch = closeWhenSilent(provider, rootHash, movedBytes, over.signal);
  try {
    return await task(provider.connection);
  } finally {
    over.abort();
    await watch;
  }
}

async function closeWhenSilent(
  { connection, clock }: ProviderConnection,
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

/** Whether a provider answers a small request, with data or with a refusal. */
export async function isAnswering(
  { connection, clock }: ProviderConnection,
  rootHash: Uint8Array,
): Promise<boolean> {
  const answer = requestFirstChunk({ connection, clock }, rootHash);
  // A refusal is an answer.
  return await withDeadline(clock, HEARTBEAT_ANSWER_MS, answer).then(
    () => true,
    (error) => !(error instanceof DeadlinePassed),
  );
}
