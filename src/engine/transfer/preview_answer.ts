// Answers AltSendMe's request for a preview. It needs no hash: whoever knows a share's endpoint id can see its
// names and sizes in this way, as long as the share is open to them.

import { PliError } from "../errors.ts";
import type { BiStream, Clock } from "../ports.ts";
import { encodePreview, PREVIEW_REQUEST } from "../wire/preview.ts";
import { withDeadline } from "./deadline.ts";
import type { SharedCollection } from "./shared_collection.ts";
import { STALL_MS, StreamReader } from "./stream_reader.ts";

/** Bytes written at a time, each time within the limit for a stalled peer. */
const WRITE_BYTES = 64 * 1024;

export class PreviewAnswer {
  readonly #collection: SharedCollection;
  readonly #clock: Clock;
  /** Made when it is asked for first. */
  #bytes: Uint8Array | undefined;

  constructor(collection: SharedCollection, clock: Clock) {
    this.#collection = collection;
    this.#clock = clock;
  }

  /** Throws `peer_refused` for another request, or when the share may not be seen. */
  async answer({ send, receive }: BiStream, maySee: () => boolean): Promise<void> {
    const [request] = await new StreamReader(receive, this.#clock).take(1);
    if (request !== PREVIEW_REQUEST || !maySee()) throw new PliError("peer_refused", {});
    receive.stop(0);
    const bytes = this.#encoded();
    for (let start = 0; start < bytes.length; start += WRITE_BYTES) {
      await withDeadline(this.#clock, STALL_MS, send.write(bytes.subarray(start, start + WRITE_BYTES)));
    }
    await send.finish();
    await send.stopped();
  }

  #encoded(): Uint8Array {
    const { title, files } = this.#collection;
    return this.#bytes ??= encodePreview(
      title,
      files.map(({ name, blob }) => ({ name, sizeBytes: blob.sizeBytes })),
    );
  }
}
