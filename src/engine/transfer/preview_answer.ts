// Answers AltSendMe's request for a preview. It needs no hash: whoever knows a share's endpoint id can see its
// names and sizes in this way, as long as the share is open to them.

import { PliError } from "../errors.ts";
import type { BiStream, Clock } from "../ports.ts";
import { encodePreview, PREVIEW_REQUEST } from "../wire/preview.ts";
import type { SharedCollection } from "./shared_collection.ts";
import { StreamReader } from "./stream_reader.ts";
import { StreamWriter } from "./stream_writer.ts";

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
    const writer = new StreamWriter(send, this.#clock);
    await writer.write([this.#encoded()]);
    await writer.flush();
    await send.finish();
    await send.stopped();
  }

  #encoded(): Uint8Array {
    const { title, files } = this.#collection;
    return this.#bytes ??= encodePreview(
      title,
      Array.from(files, ({ name, blob }) => ({ name, sizeBytes: blob.sizeBytes })),
    );
  }
}
