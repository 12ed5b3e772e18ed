// Opens a stream with one request, and says what it means when the answer breaks off: before anything came,
// the provider does not serve this; later, it has lost the file that was on its way.

import { isPliError, PliError } from "../errors.ts";
import type { Clock, Connection } from "../ports.ts";
import { EVERYTHING, NOTHING } from "../wire/range_spec.ts";
import { RangesSequence } from "../wire/ranges_sequence.ts";
import { encodeRequest, type Request } from "../wire/request.ts";
import { StreamReader, UnexpectedEnd } from "./stream_reader.ts";

/** A connection for requests, and the time in which it must move. */
export interface Provision {
  connection: Connection;
  clock: Clock;
}

export async function openRequest(
  { connection, clock }: Provision,
  request: Request,
): Promise<ResponseReader> {
  const { send, receive } = await connection.openBi();
  const response = new ResponseReader(new StreamReader(receive, clock));
  await response.inside(null, async () => {
    await send.write([encodeRequest(request)]);
    await send.finish();
  });
  return response;
}

/**
 * The result of reading a response. A refusal by a provider that still serves the share's root is `source_lost`:
 * a reset takes with it what was on its way before it, so that a file that changed can look like a refusal.
 * `name` tells the file's afterwards, null when it is not known.
 */
export async function toldApart<T>(
  provision: Provision,
  rootHash: Uint8Array,
  name: () => string | null,
  reading: Promise<T>,
): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!isPliError(error, "peer_refused") || !await servesRoot(provision, rootHash)) throw error;
    throw new PliError("source_lost", { name: name() }, { cause: error });
  }
}

/** Whether the provider serves a share's root to us now. */
async function servesRoot(provision: Provision, rootHash: Uint8Array): Promise<boolean> {
  try {
    const ranges = RangesSequence.of([0, EVERYTHING], [1, NOTHING]);
    const response = await openRequest(provision, { kind: "get", hash: rootHash, ranges });
    await response.inside(null, (stream) => stream.take(1));
    return true;
  } catch {
    return false;
  }
}

export class ResponseReader {
  constructor(readonly stream: StreamReader) {}

  /** Reads a part of the response. `name` is the file that it belongs to, if it is one's. */
  async inside<T>(name: string | null, read: (stream: StreamReader) => Promise<T>): Promise<T> {
    try {
      return await read(this.stream);
    } catch (cause) {
      const isCutShort = cause instanceof UnexpectedEnd ||
        (cause instanceof PliError && cause.code === "stream_reset");
      if (!isCutShort) throw cause;
      throw this.stream.hasBegun && name !== null
        ? new PliError("source_lost", { name }, { cause })
        : new PliError("peer_refused", {}, { cause });
    }
  }

  /** Nothing more may come. */
  async end(): Promise<void> {
    await this.inside(null, (stream) => stream.end("response"));
  }
}
