// Shares and downloads of a fake engine.

import { join } from "node:path";
import {
  type Fetched,
  type FetchOptions,
  type Offer,
  PliError,
  type Share,
  type ShareEnd,
  type ShareOptions,
} from "../../src/engine/mod.ts";
import { TICKET } from "./cli_fixture.ts";

export interface FakeShare extends Share {
  options: ShareOptions;
  end: (how: ShareEnd) => void;
  isClosed: boolean;
}

/** Makes a share of two files, and sends the events of an engine up to the ticket. */
export function fakeShare(options: ShareOptions, relayReached = true): FakeShare {
  const { promise, resolve } = Promise.withResolvers<ShareEnd>();
  options.onEvent({ type: "hashing", bytes: 3_000, total: 3_000, files: 2 });
  options.onEvent({
    type: "ticket",
    ticket: TICKET,
    hash: "09".repeat(32),
    files: 2,
    bytes: 3_000,
    relayReached,
    relayMissed: options.relay !== "disabled" && !relayReached,
    relayUrl: relayReached ? "https://relay.example./" : null,
    addresses: relayReached || options.ticketKind === "id" ? [] : ["127.0.0.1:4433", "192.168.7.4:4433"],
  });
  const share: FakeShare = {
    options,
    ticket: TICKET,
    hash: new Uint8Array(32).fill(9),
    files: 2,
    bytes: 3_000,
    sockets: ["0.0.0.0:4433", "[::]:4434"],
    ended: promise,
    end: resolve,
    isClosed: false,
    close: () => {
      share.isClosed = true;
      return Promise.resolve();
    },
  };
  return share;
}

export const OFFER: Offer = {
  files: [{ name: "holiday/a.jpg", bytes: 1_000 }, { name: "holiday/b.jpg", bytes: 2_000 }],
  bytes: 3_000,
  folders: 1,
  tops: 1,
  hiddenFiles: 0,
  consents: [],
};

/** Makes an offer, and delivers it when it is accepted. */
export async function fakeFetch(options: FetchOptions, offer: Offer = OFFER): Promise<Fetched> {
  const { onEvent, decide, destination } = options;
  onEvent({ type: "waiting", reason: "connecting" });
  onEvent({ type: "path", id: "07".repeat(32), kind: "direct", address: "203.0.113.7:4433", rttMs: 12 });
  const { files, folders, bytes, hiddenFiles } = offer;
  onEvent({ type: "manifest", files, bytes, folders, hiddenFiles });
  // It is more than one file.
  const place = destination.kind === "folder" &&
    { place: { folder: join(destination.folder, destination.name ?? ""), name: null } };
  if (!await decide({ ...offer, ...place })) throw new PliError("declined", {});
  onEvent({ type: "progress", bytes: offer.bytes, total: offer.bytes, files: offer.files.length });
  const fetched = { files: offer.files.length, bytes: offer.bytes, seconds: 2 };
  const amounts = { ...fetched, resumedBytes: 0, lostFiles: 0, keptBytes: 0 };
  onEvent({ type: "done", ...amounts });
  return { ...amounts, names: Array.from(offer.files, ({ name }) => name), lost: [] };
}
