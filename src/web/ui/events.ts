// The stream of events, by fetch, because that can send the token. A broken stream is requested again from its last
// event, with growing pauses.

import type { PageEvent } from "../contract.ts";
import { ask, isClosed } from "./api.ts";
import { EventParser } from "./event_parser.ts";

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** The server sends at least a comment every 15 s. */
const SILENCE_MS = 45_000;

export interface EventSink {
  onEvent: (event: PageEvent) => void;
  /** Whether the server is reachable. */
  onConnection: (isThere: boolean) => void;
}

/** Follows the events until the signal is aborted or the session has ended. */
export async function followEvents({ onEvent, onConnection }: EventSink, signal: AbortSignal): Promise<void> {
  let after: string | null = null;
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted && !isClosed.value) {
    try {
      for await (const { id, data } of eventsAfter(after, signal, () => onConnection(true))) {
        pauseMs = FIRST_PAUSE_MS;
        onEvent(JSON.parse(data));
        after = id ?? after;
      }
    } catch {
      // The connection reports it below.
    }
    if (signal.aborted || isClosed.value) return;
    // The first attempt after a broken stream often succeeds, so only a second failure counts.
    if (pauseMs > FIRST_PAUSE_MS) onConnection(false);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}

async function* eventsAfter(after: string | null, signal: AbortSignal, onOpen: () => void) {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const path = after === null ? "/events" : `/events?after=${encodeURIComponent(after)}`;
    const response = await ask("GET", path, { signal: AbortSignal.any([signal, silence.signal]) });
    onOpen();
    const parser = new EventParser();
    const reader = response.body!.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      yield* parser.read(value);
    }
  } finally {
    clearTimeout(timer);
  }
}
