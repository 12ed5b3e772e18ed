// The data of one download: fetches the missing pieces of its plan over successive connections, writes them to the
// target and publishes them.

import { throwIfAborted } from "../../abort.ts";
import type { FetchOptions, Ports } from "../../options.ts";
import { BLOCK_BYTES } from "../../bao/geometry.ts";
import type { Listed } from "../../listed.ts";
import type { DownloadPlan } from "../../store/download_plan.ts";
import { type Piece, pieceBytes } from "../../store/pieces.ts";
import { fetchFiles } from "./getter.ts";
import type { Link } from "./link.ts";
import type { Manifest } from "./manifest.ts";
import { Progress } from "../progress.ts";
import { Remaining } from "./remaining.ts";
import { type RemoteFile, sizeOf } from "./remote_files.ts";
import { reportTaken } from "./report_outcome.ts";
import { ReusableBytes } from "./reusable_bytes.ts";
import type { Sink } from "./segment_download.ts";
import type { Target } from "./target.ts";

export interface Download {
  ports: Ports;
  options: FetchOptions;
  link: Link;
  manifest: Manifest;
  /** The chosen files, or all files. */
  files: Listed<RemoteFile>;
  plan: DownloadPlan;
  /** The missing pieces, by ascending index. */
  pieces: readonly Piece[];
}

export interface Downloaded {
  arrived: RemoteFile[];
  /** Files that the provider was found unable to send. */
  lostNow: RemoteFile[];
  /** Published names, at the top of the destination. */
  names: string[];
  /** Whether the plan left out files that the destination has already. */
  isPart: boolean;
  resumedBytes: number;
  /** Bytes of lost files that a later download can continue with. */
  keptBytes: number;
}

/**
 * Downloads the planned files to the target and publishes those that arrived. Throws what the getter, the target and
 * the link throw.
 */
export async function downloadFiles(target: Target, download: Download): Promise<Downloaded> {
  const { ports, options, link, manifest: { rootHash }, files, plan: { indices, isPart }, pieces } = download;
  const { onEvent, signal, limit } = options;
  const totalBytes = sizeOf(indices.map((index) => files.at(index)!));
  const remaining = new Remaining(files, pieces);
  const doneBytes = () => totalBytes - remaining.unwrittenBytes;
  const progress = new Progress({ clock: ports.clock, onEvent, totalBytes, doneBytes });
  progress.files = indices.length - new Set(pieces.map(({ index }) => index)).size;
  const reusable = new ReusableBytes(files, doneBytes());
  options.onBegun?.((index) => remaining.doneBytesOf(index), () => reusable.bytes);
  if (doneBytes() > 0) link.dataArrived();
  progress.flush();
  const sink = countingSink(target, { remaining, reusable, progress, link, signal });
  const { clock, hasher } = ports;
  const isOrdered = options.destination.kind === "bytes";
  const onLost = (index: number) => onEvent({ type: "source_lost", name: files.at(index)!.name });
  const onStalled = (seconds: number | null) => progress.stalled(seconds);
  const fetching = { clock, hasher, rootHash, files, sink, remaining, isOrdered, limit, onLost, onStalled };
  await link.run((connection, receipts) => {
    reportTaken(receipts, rootHash, files, remaining);
    return fetchFiles({ connection, ...fetching });
  });
  progress.flush();
  const { lost } = remaining;
  const arrived = indices.filter((index) => !lost.has(index)).map((index) => files.at(index)!);
  const fetchedBytes = pieces.reduce((sum, piece) => {
    return lost.has(piece.index) ? sum : sum + pieceBytes(piece, files);
  }, 0);
  const keptBytes = target.canKeepLost ? resumableBytesOf(lost, remaining) : 0;
  // If everything is lost, the download ends like an interrupted one.
  const isPublished = arrived.length > 0 || lost.size === 0;
  return {
    arrived,
    lostNow: [...lost].sort((a, b) => a - b).map((index) => files.at(index)!),
    names: isPublished ? await target.publish(lost, keptBytes > 0) : [],
    isPart,
    resumedBytes: sizeOf(arrived) - fetchedBytes,
    keptBytes,
  };
}

/** What is counted of the written data. */
interface Counts {
  remaining: Remaining;
  reusable: ReusableBytes;
  progress: Progress;
  link: Link;
  signal?: AbortSignal;
}

/** A sink that writes to the target and reports the written bytes. */
function countingSink(
  target: Target,
  { remaining, reusable, progress, link, signal }: Counts,
): Sink {
  return {
    prove: (index, pair) => target.prove(index, pair),
    write: async (index, offsetBytes, bytes) => {
      throwIfAborted(signal);
      reusable.begun(index, offsetBytes);
      await target.write(index, offsetBytes, bytes);
      reusable.written(index, offsetBytes, bytes.length);
      link.dataArrived();
      progress.moved();
    },
    finish: async (index) => {
      await target.finish(index);
      progress.fileDone();
    },
    writeWhole: async (batch) => {
      throwIfAborted(signal);
      await target.writeWhole(batch);
      link.dataArrived();
      for (const { index, bytes } of batch) {
        remaining.written(index, bytes.length);
        reusable.whole(bytes.length);
        progress.fileDone();
      }
      progress.moved();
    },
  };
}

/** Bytes of lost files that a later download can continue with. A file with less than one written block has none. */
function resumableBytesOf(lost: Iterable<number>, remaining: Remaining): number {
  let bytes = 0;
  for (const index of lost) {
    const doneBytes = remaining.doneBytesOf(index);
    if (doneBytes >= BLOCK_BYTES) bytes += doneBytes;
  }
  return bytes;
}
