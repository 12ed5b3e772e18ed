// Opens a stream with one request, and says what it means when the answer ends early: before anything came,
// the provider does not serve this; later, it has lost the file that was on its way.

import { PliError } from "../errors.ts";
import type { Connection } from "../ports.ts";
import { encodeRequest, type Request } from "../wire/request.ts";
import { StreamReader, UnexpectedEnd } from "./stream_reader.ts";

export async function openRequest(connection: Connection, request: Request): Promise<ResponseReader> {
  const { send, receive } = await connection.openBi();
  await send.write(encodeRequest(request));
  await send.finish();
  return new ResponseReader(new StreamReader(receive));
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
    await this.stream.end("response");
  }
}
