// Opens a stream with one request, and classifies a broken answer: before the first byte, the provider does not serve
// the hash; later, it has lost the file that was being sent.

import { isPliError, PliError } from "../../errors.ts";
import type { BiStream, Clock, Connection } from "../../ports.ts";
import { NOTHING, RangeSpec } from "../../wire/range_spec.ts";
import { RangesSequence } from "../../wire/ranges_sequence.ts";
import { encodeRequest, type Request } from "../../wire/request.ts";
import { DeadlinePassed, withDeadline } from "../deadline.ts";
import { STALL_MS, StreamReader, UnexpectedEnd } from "../stream_reader.ts";
import { StreamWriter } from "../stream_writer.ts";

/** More than the first chunk of the root with the hash pairs above it, also if a provider rounds it up to 16 KiB. */
const ANSWER_BYTES = 32 * 1024;

/** A connection to a provider, and the clock of the deadlines of its requests. */
export interface ProviderConnection {
  connection: Connection;
  clock: Clock;
}

/**
 * Opens a stream with a request. Throws `peer_refused`, and `connection_lost` also when the provider does not grant a
 * stream or does not take the request for 30 s.
 */
export async function openRequest(
  { connection, clock }: ProviderConnection,
  request: Request,
): Promise<ResponseReader> {
  const { send, receive } = await opened(connection, clock);
  const response = new ResponseReader(new StreamReader(receive, clock));
  await response.inside(null, async () => {
    const writer = new StreamWriter(send, clock);
    await orLost(writer.write([encodeRequest(request)]).then(() => writer.flush()));
    await send.finish();
  });
  return response;
}

/**
 * A new stream. A provider that does not grant one for `STALL_MS` is lost; a stream that is granted later is closed.
 */
async function opened(connection: Connection, clock: Clock): Promise<BiStream> {
  const opening = connection.openBi();
  try {
    return await orLost(withDeadline(clock, STALL_MS, opening));
  } catch (error) {
    opening.then(({ send, receive }) => {
      send.reset(0);
      receive.stop(0);
    }, () => {});
    throw error;
  }
}

async function orLost<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (cause) {
    throw cause instanceof DeadlinePassed ? new PliError("connection_lost", {}, { cause }) : cause;
  }
}

/** The result of reading a response; a refusal is classified as `classifyRefusal` does. */
export async function classifyingRefusals<T>(
  provider: ProviderConnection,
  rootHash: Uint8Array,
  name: () => string | null,
  reading: Promise<T>,
): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw await classifyRefusal(provider, rootHash, name(), error);
  }
}

/**
 * The error that a failed response stands for. A refusal by a provider that still serves the share's root is
 * `source_lost`: a reset discards the data in flight, so a changed file can look like a refusal. If the connection is
 * lost before that is known, the error is `connection_lost`, and the request can be repeated on the next connection.
 * Other errors are returned unchanged.
 *
 * @param name of the file that was requested; null if it is not known
 */
export async function classifyRefusal(
  provider: ProviderConnection,
  rootHash: Uint8Array,
  name: string | null,
  error: unknown,
): Promise<unknown> {
  if (!isPliError(error, "peer_refused")) return error;
  try {
    await requestFirstChunk(provider, rootHash);
    return new PliError("source_lost", { name }, { cause: error });
  } catch (fault) {
    return isPliError(fault, "connection_lost") ? fault : error;
  }
}

/** Requests and reads the first chunk of the root. Throws as reading a response does. */
export async function requestFirstChunk(provider: ProviderConnection, rootHash: Uint8Array): Promise<void> {
  const ranges = RangesSequence.of([0, RangeSpec.of(0, 1)], [1, NOTHING]);
  const { stream } = await openRequest(provider, { kind: "get", hash: rootHash, ranges });
  // Read to its end, because an unread stream occupies one of the few concurrent answers of a provider.
  await stream.rest(ANSWER_BYTES, "answer");
}

export class ResponseReader {
  constructor(readonly stream: StreamReader) {}

  /** Reads a part of the response. `name` is the file that the part belongs to, or null. */
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

  /** Checks that the response ends here. */
  async end(): Promise<void> {
    await this.inside(null, (stream) => stream.end("response"));
  }
}
