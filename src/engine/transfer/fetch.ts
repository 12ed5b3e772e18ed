// One download from ticket to published files, and the look at a ticket that stops before the data.

import { orAborted, throwIfAborted } from "../abort.ts";
import { PliError } from "../errors.ts";
import type { OfferedFile } from "../events.ts";
import type { Fetched, FetchOptions, InspectOptions, NetworkOptions, Offer, Ports } from "../options.ts";
import type { Connection, Endpoint, EndpointAddress } from "../ports.ts";
import { BLOBS_ALPN } from "../wire/request.ts";
import { parseTicket, type Ticket } from "../wire/ticket.ts";
import { fetchFiles } from "./getter.ts";
import type { Sink } from "./segment_download.ts";
import { fetchManifest, type Manifest, type RemoteFile } from "./manifest.ts";
import { watchPath } from "./path_watch.ts";
import { Progress } from "./progress.ts";
import { Receipts } from "./receipts.ts";
import { openTarget, type Target } from "./target.ts";

/** See Engine.fetch. */
export async function fetchCollection(ports: Ports, options: FetchOptions): Promise<Fetched> {
  const startMs = ports.clock.nowMs();
  const ticket = fetchableTicket(options.ticket);
  return await withProvider(ports, options, ticket, async (connection, endpoint, provider) => {
    const receipts = new Receipts(ports.clock, endpoint, provider);
    try {
      const manifest = await fetchManifest({ connection, clock: ports.clock }, ports.hasher, ticket.hash);
      options.onEvent({ type: "manifest", files: manifest.files.map(offered), bytes: manifest.sizeBytes });
      const files = manifest.files.filter((file) => options.only?.(file.name) ?? true);
      const target = await openTarget(ports, options, ticket.hash);
      try {
        const { wanted, names, isPart } = await fetchInto(target, {
          ports,
          options,
          connection,
          manifest,
          files,
        });
        const verified = isPart || files.length < manifest.files.length ? wanted : null;
        await orAborted(tellOutcome(receipts, ticket.hash, verified), options.signal);
        const bytes = sizeOf(wanted);
        const seconds = (ports.clock.nowMs() - startMs) / 1000;
        options.onEvent({ type: "done", bytes, files: wanted.length, seconds, resumedBytes: 0 });
        return { files: wanted.length, bytes, seconds, names };
      } finally {
        await target.abandon();
      }
    } finally {
      receipts.close();
    }
  });
}

/** See Engine.inspect. */
export async function inspectCollection(ports: Ports, options: InspectOptions): Promise<Offer> {
  const ticket = fetchableTicket(options.ticket);
  return await withProvider(ports, options, ticket, async (connection) => {
    const provision = { connection, clock: ports.clock };
    const { files, sizeBytes } = await fetchManifest(provision, ports.hasher, ticket.hash);
    return { files: files.map(offered), bytes: sizeBytes, consents: [] };
  });
}

interface Download {
  ports: Ports;
  options: FetchOptions;
  connection: Connection;
  manifest: Manifest;
  /** What is to arrive: everything, or what `only` chose. */
  files: readonly RemoteFile[];
}

async function fetchInto(target: Target, { ports, options, connection, manifest, files }: Download) {
  const { wanted, overwritten, isPart } = await target.plan(files);
  await askConsent(options, files, overwritten);
  const totalBytes = sizeOf(wanted.map((index) => files[index]));
  const progress = new Progress({ clock: ports.clock, onEvent: options.onEvent, totalBytes });
  progress.flush();
  const sink: Sink = {
    write: async (index, offsetBytes, bytes) => {
      throwIfAborted(options.signal);
      await target.write(index, offsetBytes, bytes);
      progress.add(bytes.length);
    },
    finish: async (index) => {
      await target.finish(index);
      progress.fileDone();
    },
    writeWhole: async (batch) => {
      throwIfAborted(options.signal);
      await target.writeWhole(batch);
      for (const { bytes } of batch) {
        progress.fileDone();
        progress.add(bytes.length);
      }
    },
  };
  const { clock, hasher } = ports;
  const isOrdered = options.destination.kind === "bytes";
  const { rootHash } = manifest;
  await fetchFiles({ connection, clock, hasher, rootHash, files, sink, isOrdered }, wanted);
  progress.flush();
  return { wanted: wanted.map((index) => files[index]), names: await target.publish(), isPart };
}

async function askConsent(
  { decide, destination }: FetchOptions,
  files: readonly RemoteFile[],
  overwritten: readonly string[],
): Promise<void> {
  const dotted = destination.kind === "folder" ? files.filter((file) => file.name.startsWith(".")) : [];
  const consents = [
    ...dotted.map(({ name }) => ({ name, reason: "dot_file" as const })),
    ...overwritten.map((name) => ({ name, reason: "overwrite" as const })),
  ];
  const isAccepted = await decide({ files: files.map(offered), bytes: sizeOf(files), consents });
  if (!isAccepted) throw new PliError("declined", {});
}

/** `verified` are the files that were taken, null when all of the collection is here. */
async function tellOutcome(
  receipts: Receipts,
  rootHash: Uint8Array,
  verified: RemoteFile[] | null,
): Promise<void> {
  await receipts.tell({
    rootHash,
    outcome: verified === null ? "all" : "part",
    verified: (verified ?? []).map((file) => ({ child: file.offset - 1, bytes: file.sizeBytes })),
  });
}

/** Binds, connects, and takes both down again whatever happens. */
async function withProvider<T>(
  { bind, clock }: Ports,
  { secretKey, relay, bindAddress, onEvent, signal }: NetworkOptions,
  ticket: Ticket,
  use: (connection: Connection, endpoint: Endpoint, provider: EndpointAddress) => Promise<T>,
): Promise<T> {
  const provider = { id: ticket.endpointId, relayUrl: ticket.relayUrl, directAddresses: ticket.addresses };
  const isIdOnly = ticket.relayUrl === null && ticket.addresses.length === 0;
  const lookup = isIdOnly && relay !== "disabled" ? "resolve" : "none";
  const endpoint = await bind({ secretKey, relay, bindAddress, lookup, accept: new Map() });
  try {
    onEvent({ type: "waiting", reason: "connecting" });
    const connection = await endpoint.connect(provider, BLOBS_ALPN, signal);
    const watch = watchPath(connection, clock, onEvent);
    const abort = () => connection.close(0);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      return await use(connection, endpoint, provider);
    } catch (error) {
      throwIfAborted(signal);
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
      connection.close(0);
      await watch;
    }
  } finally {
    await endpoint.close();
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

function sizeOf(files: readonly RemoteFile[]): number {
  return files.reduce((sum, file) => sum + file.sizeBytes, 0);
}
