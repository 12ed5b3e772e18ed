// A raw client: endpoints on loopback that send arbitrary bytes to a pli in another process.

import type { BiStream, Connection, Endpoint, EndpointAddress } from "../../src/engine/ports.ts";
import type { RangeSpec } from "../../src/engine/wire/range_spec.ts";
import { RangesSequence } from "../../src/engine/wire/ranges_sequence.ts";
import { BLOBS_ALPN, encodeRequest } from "../../src/engine/wire/request.ts";
import { parseTicket } from "../../src/engine/wire/ticket.ts";
import { readSome } from "../fakes/streams.ts";
import { bindIroh } from "../system_ports.ts";

export const MIB = 1024 * 1024;

/** An endpoint with a new key. */
export async function bindRaw(
  accept: ReadonlyMap<string, (connection: Connection) => Promise<void>> = new Map(),
): Promise<Endpoint> {
  return await bindIroh({
    secretKey: crypto.getRandomValues(new Uint8Array(32)),
    relay: "disabled",
    bindAddresses: ["127.0.0.1:0"],
    lookup: "none",
    accept,
  });
}

/** The loopback address of a ticket, so that nothing of these tests is sent elsewhere. */
export function addressOf(ticket: string): EndpointAddress {
  const { endpointId, addresses } = parseTicket(ticket);
  const directAddresses = addresses.filter((address) => address.startsWith("127.0.0.1:"));
  return { id: endpointId, relayUrl: null, directAddresses };
}

export async function connectRaw(endpoint: Endpoint, ticket: string): Promise<Connection> {
  return await endpoint.connect(addressOf(ticket), BLOBS_ALPN);
}

export function get(hash: Uint8Array, ...pairs: [offset: number, spec: RangeSpec][]): Uint8Array {
  return encodeRequest({ kind: "get", hash, ranges: RangesSequence.of(...pairs) });
}

/** Opens a stream and writes bytes to it; finishes it unless `isAll` is false. */
export async function openWith(connection: Connection, bytes: Uint8Array, isAll = true): Promise<BiStream> {
  const stream = await connection.openBi();
  await stream.send.write([bytes]);
  if (isAll) await stream.send.finish();
  return stream;
}

/** The whole answer to a request; a reset is thrown. */
export async function fetchAnswer(connection: Connection, request: Uint8Array): Promise<Uint8Array> {
  const { receive } = await openWith(connection, request);
  const pieces: Uint8Array[] = [];
  for (let bytes = await readSome(receive, MIB); bytes; bytes = await readSome(receive, MIB)) {
    pieces.push(bytes);
  }
  return Buffer.concat(pieces);
}

/** Memory of a process that is in RAM now, in bytes; 0 when it has ended. */
export function residentBytes(pid: number): number {
  return statusBytes(pid, "VmRSS");
}

/** Peak resident memory of a process since its start, in bytes; 0 when it has ended. */
export function peakResidentBytes(pid: number): number {
  return statusBytes(pid, "VmHWM");
}

/** Watches the memory of a process until `stop`, which returns the peak. */
export function watchMemory(pid: number, read = residentBytes): { stop: () => number } {
  let peakBytes = read(pid);
  const timer = setInterval(() => peakBytes = Math.max(peakBytes, read(pid)), 50);
  return {
    stop: () => {
      clearInterval(timer);
      return Math.max(peakBytes, read(pid));
    },
  };
}

function statusBytes(pid: number, field: "VmRSS" | "VmHWM"): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}
