// Answers AltSendMe's request for a preview (wire/preview.ts). The request needs only the endpoint id, which relays
// know, and proves nothing. So the answer contains amounts and no name, unless the sender has chosen otherwise.

import { PliError } from "../../errors.ts";
import type { BiStream } from "../../ports.ts";
import { encodePreview, PREVIEW_REQUEST } from "../../wire/preview.ts";
import type { Peer } from "./peer.ts";
import type { SharedCollection } from "./shared_collection.ts";

/** The title of a share whose names are hidden. The format needs one, and it must suit every language. */
const NEUTRAL_TITLE = "pli";

export class PreviewAnswer {
  readonly #collection: SharedCollection;
  readonly #hasNames: boolean;
  /** Created at the first request. */
  #bytes: Uint8Array | undefined;

  /** @param hasNames whether the answer contains the title and the names of the files */
  constructor(collection: SharedCollection, hasNames: boolean) {
    this.#collection = collection;
    this.#hasNames = hasNames;
  }

  /** Throws `peer_refused` for another request, or if `maySee` returns false. */
  async answer({ send, receive }: BiStream, peer: Peer, maySee: () => boolean): Promise<void> {
    const [request] = await peer.reader(receive).take(1);
    if (request !== PREVIEW_REQUEST || !maySee()) throw new PliError("peer_refused", {});
    receive.stop(0);
    await peer.write(send, this.#encoded());
    await peer.finish(send);
  }

  #encoded(): Uint8Array {
    return this.#bytes ??= this.#encode();
  }

  #encode(): Uint8Array {
    const { title, files, sizeBytes } = this.#collection;
    const amount = { files: files.length, sizeBytes };
    if (!this.#hasNames) return encodePreview({ title: NEUTRAL_TITLE, ...amount });
    return encodePreview({ title, ...amount }, named(files));
  }
}

function* named(files: SharedCollection["files"]) {
  for (const { name, blob: { sizeBytes } } of files) yield { name, sizeBytes };
}
