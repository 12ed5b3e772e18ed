// One download from ticket to published files, and the look at a ticket that stops before the data.

import { join } from "node:path";
import { throwIfAborted } from "../abort.ts";
import { PliError } from "../errors.ts";
import type { OfferedFile } from "../events.ts";
import type {
  DiscardOptions,
  Fetched,
  FetchOptions,
  InspectOptions,
  NetworkOptions,
  Offer,
  Ports,
} from "../options.ts";
import type { Clock } from "../ports.ts";
import { pieceBytes } from "../store/pieces.ts";
import { Staging } from "../store/staging.ts";
import { stagingName } from "../staging_name.ts";
import { parseTicket, type Ticket } from "../wire/ticket.ts";
import { withDeadline } from "./deadline.ts";
import { fetchFiles } from "./getter.ts";
import { isAnswering } from "./heartbeat.ts";
import { Link } from "./link.ts";
import type { Listed } from "../listed.ts";
import { fetchManifest, type Manifest } from "./manifest.ts";
import { Progress } from "./progress.ts";
import type { RemoteFile } from "./remote_files.ts";
import { Remaining } from "./remaining.ts";
import type { Sink } from "./segment_download.ts";
import { openTarget, type Target } from "./target.ts";

/** How long a receiver tries to reach its provider for the first time. */
const FIRST_CONTACT_MS = 30_000;
/** How long a receiver that has everything tries to tell its provider. */
const TELLING_MS = 30_000;
/** How long closing the socket of a download that failed may take. */
const FAILED_CLOSING_MS = 500;

/** See Engine.fetch. */
export async function fetchCollection(ports: Ports, options: FetchOptions): Promise<Fetched> {
  const startMs = ports.clock.nowMs();
  const ticket = fetchableTicket(options.ticket);
  // Before connecting: a folder that cannot be written to is told at once.
  const target = await openTarget(ports, options, ticket.hash);
  try {
    return await withProvider(ports, options, ticket, async (link) => {
      const manifest = await link.run((connection) =>
        fetchManifest({ connection, clock: ports.clock }, ports.hasher, ticket.hash)
      );
      options.onEvent({
        type: "manifest",
        files: Array.from(manifest.files, offered),
        bytes: manifest.sizeBytes,
      });
      const files = options.only === undefined ? manifest.files : manifest.files.choose(options.only);
      const { wanted, names, isPart, resumedBytes } = await fetchInto(target, {
        ports,
        options,
        link,
        manifest,
        files,
      });
      const verified = isPart || files.length < manifest.files.length ? wanted : null;
      await tellOutcome(link, ports.clock, ticket.hash, verified);
      throwIfAborted(options.signal);
      const bytes = sizeOf(wanted);
      const seconds = (ports.clock.nowMs() - startMs) / 1000;
      options.onEvent({ type: "done", bytes, files: wanted.length, seconds, resumedBytes });
      return { files: wanted.length, bytes, resumedBytes, seconds, names };
    });
  } finally {
    await target.abandon();
  }
}

/** See Engine.inspect. */
export async function inspectCollection(ports: Ports, options: InspectOptions): Promise<Offer> {
  const ticket = fetchableTicket(options.ticket);
  return await withProvider(ports, options, ticket, async (link) => {
    const { files, sizeBytes } = await link.run((connection) =>
      fetchManifest({ connection, clock: ports.clock }, ports.hasher, ticket.hash)
    );
    return { files: Array.from(files, offered), bytes: sizeBytes, consents: [] };
  });
}

/** See Engine.discard. */
export async function discardDownload({ disk }: Ports, { ticket, folder }: DiscardOptions): Promise<void> {
  const path = await disk.realPath(folder);
  if (path === null) return;
  const { hash } = fetchableTicket(ticket);
  if (await disk.status(join(path, stagingName(hash))) === null) return;
  await (await Staging.take(disk, path, hash)).remove();
}

interface Download {
  ports: Ports;
  options: FetchOptions;
  link: Link;
  manifest: Manifest;
  /** What is to arrive: everything, or what `only` chose. */
  files: Listed<RemoteFile>;
}

async function fetchInto(target: Target, { ports, options, link, manifest, files }: Download) {
  const { onEvent, signal, limit } = options;
  const { wanted, overwritten, isPart } = await target.plan(files);
  await askConsent(options, files, overwritten);
  let checkedBytes = 0;
  const pieces = await target.resume((bytes) => {
    checkedBytes += bytes;
    onEvent({ type: "checking", bytes: checkedBytes });
  });
  const neededBytes = pieces.reduce((sum, piece) => sum + pieceBytes(piece, files), 0);
  const freeBytes = await target.freeBytes();
  if (freeBytes !== null && freeBytes < neededBytes) {
    onEvent({ type: "space_short", neededBytes, freeBytes });
  }
  const totalBytes = sizeOf(wanted.map((index) => files.at(index)!));
  const resumedBytes = totalBytes - neededBytes;
  const progress = new Progress({ clock: ports.clock, onEvent, totalBytes });
  progress.bytes = resumedBytes;
  progress.files = wanted.length - new Set(pieces.map(({ index }) => index)).size;
  const remaining = new Remaining(files, pieces);
  options.onBegun?.((index) => remaining.doneBytesOf(index));
  progress.flush();
  const sink: Sink = {
    prove: (index, pair) => target.prove(index, pair),
    write: async (index, offsetBytes, bytes) => {
      throwIfAborted(signal);
      await target.write(index, offsetBytes, bytes);
      progress.add(bytes.length);
    },
    finish: async (index) => {
      await target.finish(index);
      progress.fileDone();
    },
    writeWhole: async (batch) => {
      throwIfAborted(signal);
      await target.writeWhole(batch);
      for (const { index, bytes } of batch) {
        remaining.written(index, bytes.length);
        progress.fileDone();
        progress.add(bytes.length);
      }
    },
  };
  const { clock, hasher } = ports;
  const isOrdered = options.destination.kind === "bytes";
  const { rootHash } = manifest;
  await link.run((connection) =>
    fetchFiles({ connection, clock, hasher, rootHash, files, sink, remaining, isOrdered, limit })
  );
  progress.flush();
  return {
    wanted: wanted.map((index) => files.at(index)!),
    names: await target.publish(),
    isPart,
    resumedBytes,
  };
}

async function askConsent(
  { decide, destination }: FetchOptions,
  files: Listed<RemoteFile>,
  overwritten: readonly string[],
): Promise<void> {
  const offer = Array.from(files, offered);
  const dotted = destination.kind === "folder" ? offer.filter(({ name }) => name.startsWith(".")) : [];
  const consents = [
    ...dotted.map(({ name }) => ({ name, reason: "dot_file" as const })),
    ...overwritten.map((name) => ({ name, reason: "overwrite" as const })),
  ];
  const isAccepted = await decide({ files: offer, bytes: sizeOf(files), consents });
  if (!isAccepted) throw new PliError("declined", {});
}

/**
 * Tells the provider, if it can be told. `verified` are the files that were taken, null when all of the
 * collection is here.
 */
async function tellOutcome(
  link: Link,
  clock: Clock,
  rootHash: Uint8Array,
  verified: RemoteFile[] | null,
): Promise<void> {
  const telling = link.run(async (connection, receipts) => {
    let isClosed = false;
    connection.closed.then(() => isClosed = true);
    const isNoted = await receipts.tell({
      rootHash,
      outcome: verified === null ? "all" : "part",
      verified: (verified ?? []).map((file) => ({ child: file.offset - 1, bytes: file.sizeBytes })),
    });
    // A provider that was killed just now may be started again, and would wait for this receiver.
    const isGone = isNoted === null && !await isAnswering({ connection, clock }, rootHash);
    if (!isNoted && (isClosed || isGone)) throw new PliError("connection_lost", {});
  });
  // Everything is here: what the provider does not learn costs the receiver nothing.
  await withDeadline(clock, TELLING_MS, telling).catch(() => {});
}

/** Binds, gives a way to the provider, and takes both down again whatever happens. */
async function withProvider<T>(
  { bind, clock }: Ports,
  { secretKey, relay, bindAddress, onEvent, signal, patience }:
    & NetworkOptions
    & Pick<FetchOptions, "patience">,
  ticket: Ticket,
  use: (link: Link) => Promise<T>,
): Promise<T> {
  const provider = { id: ticket.endpointId, relayUrl: ticket.relayUrl, directAddresses: ticket.addresses };
  const isIdOnly = ticket.relayUrl === null && ticket.addresses.length === 0;
  const lookup = isIdOnly && relay !== "disabled" ? "resolve" : "none";
  const bindAddresses = bindAddress === undefined ? [] : [bindAddress];
  const endpoint = await bind({ secretKey, relay, bindAddresses, lookup, accept: new Map() });
  const link = new Link({
    clock,
    endpoint,
    provider,
    patience: { firstMs: FIRST_CONTACT_MS, laterMs: Infinity, ...patience },
    onEvent,
    signal,
  });
  let isDone = false;
  try {
    onEvent({ type: "waiting", reason: "connecting" });
    const result = await use(link);
    isDone = true;
    return result;
  } finally {
    await link.close();
    const closing = endpoint.close();
    // An attempt to connect that is under way would be waited for.
    if (!isDone) await withDeadline(clock, FAILED_CLOSING_MS, closing).catch(() => {});
    else await closing;
  }
}

function fetchableTicket(text: string): Ticket {
  const ticket = parseTicket(text);
  if (ticket.format !== "hash_sequence") throw new PliError("ticket_unsupported", {});
  return ticket;
}

function offered({ name, sizeBytes }: RemoteFile): OfferedFile {
  return { name, bytes: sizeBytes };
}

function sizeOf(files: Iterable<RemoteFile>): number {
  let bytes = 0;
  for (const { sizeBytes } of files) bytes += sizeBytes;
  return bytes;
}
