// Reports to a provider, by receipts (docs/receipt.md), the existing data when a download begins, and its outcome.

import { PliError } from "../../errors.ts";
import type { Listed } from "../../listed.ts";
import type { Clock } from "../../ports.ts";
import type { Receipt } from "../../wire/receipt.ts";
import { withDeadline } from "../deadline.ts";
import { isAnswering } from "./heartbeat.ts";
import type { Link } from "./link.ts";
import type { Manifest } from "./manifest.ts";
import { RECEIPT_ANSWER_MS, type ReceiptOutcome, type Receipts } from "./receipts.ts";
import type { Remaining } from "./remaining.ts";
import type { RemoteFile } from "./remote_files.ts";
import { takeChunk } from "./take_chunk.ts";

/**
 * Time in which a complete receiver tries to deliver its receipt, besides some round trips: 10 s for an answer, 5 s to
 * detect a silent connection, and the rest over another one. Without the receipt the sender's share stays open.
 */
const DELIVERY_MS = 20_000;
const DELIVERY_ROUND_TRIPS = 8;

/** Maximum number of files of which the existing data is reported. More would cost more time than it is worth. */
const TAKEN_FILES = 10_000;

/**
 * Reports the existing data in the background, so that the sender's figures continue from there. Does nothing if there
 * is none or the provider does not support the protocol.
 */
export function reportTaken(
  channel: Receipts,
  rootHash: Uint8Array,
  files: Listed<RemoteFile>,
  remaining: Remaining,
): void {
  if (files.length > TAKEN_FILES) return;
  const verified: Receipt["verified"] = [];
  for (let index = 0; index < files.length; index++) {
    const bytes = remaining.doneBytesOf(index);
    if (bytes > 0) verified.push({ child: files.at(index)!.offset - 1, bytes });
  }
  if (verified.length > 0) void channel.send({ rootHash, outcome: "unfinished", verified });
}

/** The outcome of a download. */
export interface DownloadOutcome {
  /** The verified files; null if the collection is complete. */
  verified: readonly RemoteFile[] | null;
  /** The files that the provider could not send. */
  lost: readonly RemoteFile[];
}

/**
 * Reports the outcome of a download over successive connections. A path that does not deliver the receipt is given up,
 * because everything is on disk already. After its delivery the answer has a long timeout, because closing the
 * connection earlier can lose the receipt. Never rejects.
 */
export async function reportOutcome(
  link: Link,
  clock: Clock,
  { rootHash, files }: Manifest,
  outcome: DownloadOutcome,
): Promise<void> {
  const receipts = receiptsOf(rootHash, outcome);
  const taken: Listed<RemoteFile> = outcome.verified ?? files;
  let current: Receipts | undefined;
  const reporting = link.run(async (connection, channel) => {
    current = channel;
    let isClosed = false;
    connection.closed.then(() => isClosed = true);
    let noted = await sendReadable(channel, receipts);
    // Everything was present already, or was sent before the provider was started again.
    if (noted === "refused" && await takeChunk({ connection, clock }, rootHash, taken)) {
      noted = await sendReadable(channel, receipts);
    }
    // A provider that was killed may be started again, and would then wait for this receiver.
    const isGone = noted === "unanswered" && !await isAnswering({ connection, clock }, rootHash);
    if (noted !== "noted" && (isClosed || isGone)) throw new PliError("connection_lost", {});
  });
  const limitMs = DELIVERY_MS + DELIVERY_ROUND_TRIPS * link.rttMs;
  await withDeadline(clock, limitMs, reporting).catch(async () => {
    if (current?.isDelivered) await withDeadline(clock, RECEIPT_ANSWER_MS, reporting).catch(() => {});
  });
}

/**
 * The receipts for an outcome, the exact one first. A pli of the first version may reset the stream of one that it
 * cannot parse.
 */
function receiptsOf(rootHash: Uint8Array, { verified, lost }: DownloadOutcome): Receipt[] {
  const childOf = ({ offset }: RemoteFile) => offset - 1;
  const taken = (verified ?? []).map((file) => ({ child: childOf(file), bytes: file.sizeBytes }));
  if (lost.length === 0) {
    return [{ rootHash, outcome: verified === null ? "everything" : "selection", verified: taken }];
  }
  const children = lost.map(childOf).sort((a, b) => a - b);
  const exact: Receipt = { rootHash, outcome: "incomplete", verified: taken, lost: children };
  // The first version cannot express an outcome without files.
  return taken.length === 0 ? [exact] : [exact, { rootHash, outcome: "selection", verified: taken }];
}

/** Sends the first of the receipts that the provider can read. */
async function sendReadable(channel: Receipts, receipts: readonly Receipt[]): Promise<ReceiptOutcome> {
  let outcome: ReceiptOutcome = "failed";
  for (const receipt of receipts) {
    outcome = await channel.send(receipt);
    if (outcome !== "failed") break;
  }
  return outcome;
}
