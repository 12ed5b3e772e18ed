// A timed transfer between two processes on this machine. Dirty pages are flushed before. The time to disk includes the
// same `sync` for every program.

import type { Lab } from "./lab.ts";
import type { Measured } from "./measured.ts";
import type { Program, Sending } from "./programs.ts";

export interface TransferOptions {
  path: string;
  /** The expected size. */
  bytes: number;
  /** Whether the time includes a flush of the received files; by default true. */
  isSynced?: boolean;
  /** Whether the received files are kept until the end of the benchmark; by default false. */
  isKept?: boolean;
  /** Wrappers of the two programs, for example for two hosts. */
  wrappers?: { send: string[]; receive: string[] };
}

export interface Transfer {
  /** From the start of the sender to its ticket. */
  ticketSeconds: number;
  /** From the start of the receiver to its end, and to disk. */
  receiveSeconds: number;
  /** From the start of the sender to the end of the receiver, and to disk. */
  totalSeconds: number;
  /** Of both ends, from their start to their end; and without the sender's part before the ticket. */
  cpuSeconds: number;
  cpuAfterTicketSeconds: number;
  senderPeakBytes: number;
  receiverPeakBytes: number;
  /** The ended receiver, for its output. */
  receiver: Measured;
}

export async function transfer(lab: Lab, program: Program, options: TransferOptions): Promise<Transfer> {
  const { path, bytes, isSynced = true, isKept = false, wrappers } = options;
  const folder = lab.freshPath("received");
  await Deno.mkdir(folder);
  await lab.output("sync");
  const sender = program.send(path, { wrapper: wrappers?.send });
  const ticket = await sender.ticket;
  const ticketSeconds = (performance.now() - sender.process.startMs) / 1000;
  const cpuBeforeTicketSeconds = await sender.process.cpuSecondsNow();

  const receiver = program.receive(ticket, folder, { wrapper: wrappers?.receive });
  const received = await receiver.ended;
  if (isSynced) await lab.output("sync", "-f", folder);
  const endMs = performance.now();

  const sent = await endSender(program, sender);
  const arrived = await bytesBelow(folder);
  if (arrived !== bytes) throw new Error(`${program.name} brought ${arrived} of ${bytes} bytes`);
  if (!isKept) await Deno.remove(folder, { recursive: true });
  const cpuSeconds = sent.cpuSeconds + received.cpuSeconds;
  return {
    ticketSeconds,
    receiveSeconds: isSynced ? (endMs - receiver.startMs) / 1000 : received.wallSeconds,
    totalSeconds: (endMs - sender.process.startMs) / 1000,
    cpuSeconds,
    cpuAfterTicketSeconds: cpuSeconds - cpuBeforeTicketSeconds,
    senderPeakBytes: sent.peakBytes,
    receiverPeakBytes: received.peakBytes,
    receiver,
  };
}

export async function endSender({ endsItself }: Program, { process }: Sending) {
  return endsItself ? await process.ended : await process.interrupt();
}

/** Sum of the sizes of all files below a folder, holes included. */
async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    bytes += isDirectory ? await bytesBelow(path) : (await Deno.stat(path)).size;
  }
  return bytes;
}
