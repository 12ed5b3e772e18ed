// Answers the streams that a peer opens on one connection concurrently, up to a limit. Further streams stay in QUIC,
// where they use no memory of pli.

import type { BiStream, Connection } from "../../ports.ts";

/**
 * Answers the streams of a connection until it is closed. Resolves when every answer has ended.
 *
 * @param limit maximum number of concurrent answers
 * @param answer must not reject
 * @param onClosed called when the connection is closed, before the running answers have ended
 */
export async function answerStreams(
  connection: Connection,
  limit: number,
  answer: (stream: BiStream) => Promise<void>,
  onClosed: () => void,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let isClosed = false;
  let wake = () => {};
  // One reaction for all waits: a pending promise keeps every reaction that is added to it.
  connection.closed.then(() => {
    isClosed = true;
    wake();
  });
  for (let stream = await connection.acceptBi(); stream !== null; stream = await connection.acceptBi()) {
    const task = answer(stream).finally(() => {
      running.delete(task);
      wake();
    });
    running.add(task);
    if (running.size >= limit && !isClosed) await new Promise<void>((resolve) => wake = resolve);
  }
  onClosed();
  await Promise.all(running);
}
