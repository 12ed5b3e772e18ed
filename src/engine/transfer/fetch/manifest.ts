// The manifest of a ticket, fetched in one request and verified: of a collection the root, the metadata and a proof of
// every file's size; of raw data the proof of its size. It does not claim the share, so it can be shown before the
// decision. If the provider has lost files, they are found by requesting the proofs of fewer and fewer files.

import { hexOf } from "../../hex.ts";
import { isPliError, PliError } from "../../errors.ts";
import type { Hasher } from "../../ports.ts";
import { Turns } from "../../turns.ts";
import { Texts } from "../../bytes/texts.ts";
import {
  decodingNames,
  METADATA_MAXIMUM_BYTES,
  ROOT_MAXIMUM_BYTES,
  splitHashes,
} from "../../wire/collection.ts";
import { HashSequence } from "../../wire/hash_sequence.ts";
import { checkingNames } from "../../store/names.ts";
import { EVERYTHING, LAST_CHUNK, NOTHING } from "../../wire/range_spec.ts";
import { RangesSequence } from "../../wire/ranges_sequence.ts";
import type { Ticket } from "../../wire/ticket.ts";
import { FIRST_OFFSET, RemoteFiles } from "./remote_files.ts";
import {
  classifyingRefusals,
  openRequest,
  type ProviderConnection,
  type ResponseReader,
} from "./open_request.ts";
import { takeBlob, takeSize } from "./take_blob.ts";

/** Cost of proving a size, in units of `Work`. */
const PROOF_UNITS = 4_096;

/** Each lost file costs several requests. A provider that has lost more of them counts as having lost its share. */
const MAXIMUM_LOST = 256;

export interface Manifest {
  rootHash: Uint8Array;
  /** The files whose sizes are proved. */
  files: RemoteFiles;
  sizeBytes: number;
  /** The files whose sizes the provider cannot prove any more, because they were changed or removed. */
  lost: RemoteFiles;
}

/** The manifest of a ticket. A raw blob is one file whose name is its hash in hex. Throws as `fetchManifest` does. */
export async function fetchManifestOf(
  { hash, format }: Pick<Ticket, "hash" | "format">,
  provider: ProviderConnection,
  hasher: Hasher,
  signal?: AbortSignal,
): Promise<Manifest> {
  if (format === "hash_sequence") return await fetchManifest(provider, hasher, hash, signal);
  return await classifyingRefusals(provider, hash, () => hexOf(hash), requestRaw(provider, hasher, hash));
}

async function requestRaw(provider: ProviderConnection, hasher: Hasher, hash: Uint8Array): Promise<Manifest> {
  const ranges = RangesSequence.of([0, LAST_CHUNK], [1, NOTHING]);
  const reader = await openRequest(provider, { kind: "get", hash, ranges });
  const name = hexOf(hash);
  const sizeBytes = await reader.inside(name, (stream) => takeSize(stream, hasher, hash));
  await reader.end();
  const columns = {
    rootHash: hash,
    links: new HashSequence(new Uint8Array(0)),
    firstOffset: 0,
    names: Texts.of([name]),
    sizesBytes: Float64Array.of(sizeBytes),
  };
  const lost = new RemoteFiles(columns, new Uint32Array(0));
  return { rootHash: hash, files: new RemoteFiles(columns), sizeBytes, lost };
}

/**
 * The manifest of a collection. Throws `peer_refused` when the provider does not serve this hash; `source_lost` when
 * it has lost all files or too many; `wrong_bytes`, `message_malformed`, `limit_exceeded`, `name_refused`,
 * `connection_lost`, `cancelled`.
 */
export async function fetchManifest(
  provider: ProviderConnection,
  hasher: Hasher,
  rootHash: Uint8Array,
  signal?: AbortSignal,
): Promise<Manifest> {
  const turns = new Turns(signal);
  try {
    return await classifyingRefusals(
      provider,
      rootHash,
      () => null,
      requestManifest(provider, hasher, rootHash, turns),
    );
  } catch (error) {
    if (!isPliError(error, "source_lost")) throw error;
    return await requestPiecemeal(provider, hasher, rootHash, turns, error);
  }
}

async function requestManifest(
  provider: ProviderConnection,
  hasher: Hasher,
  rootHash: Uint8Array,
  turns: Turns,
): Promise<Manifest> {
  const ranges = RangesSequence.of([0, EVERYTHING], [2, LAST_CHUNK]);
  const reader = await openRequest(provider, { kind: "get", hash: rootHash, ranges });
  const { links, names } = await takeNames(reader, hasher, rootHash, turns);
  const sizesBytes = new Float64Array(names.length);
  for (let i = 0; i < names.length; i++) {
    sizesBytes[i] = await sizeOf(reader, hasher, names, links, i);
    const turn = turns.count(PROOF_UNITS);
    if (turn !== null) await turn;
  }
  await reader.end();
  const columns = { rootHash, links, firstOffset: FIRST_OFFSET, names, sizesBytes };
  const lost = new RemoteFiles(columns, new Uint32Array(0));
  return { rootHash, files: new RemoteFiles(columns), sizeBytes: sumOf(sizesBytes), lost };
}

/** Throws `limit_exceeded` if the sum is not a safe integer. */
function sumOf(sizesBytes: Float64Array): number {
  let sizeBytes = 0;
  for (const size of sizesBytes) {
    sizeBytes += size;
    if (!Number.isSafeInteger(sizeBytes)) {
      throw new PliError("limit_exceeded", { what: "total size", maximum: Number.MAX_SAFE_INTEGER });
    }
  }
  return sizeBytes;
}

/** The root, and the names in the metadata after their checks. */
async function takeNames(reader: ResponseReader, hasher: Hasher, rootHash: Uint8Array, turns: Turns) {
  const whole = { hasher, select: (chunks: number) => EVERYTHING.select(chunks) };
  const root = await reader.inside(
    null,
    (stream) => takeBlob(stream, { ...whole, hash: rootHash, maximumBytes: ROOT_MAXIMUM_BYTES }),
  );
  const links = splitHashes(root);
  if (links.length === 0) throw new PliError("message_malformed", { what: "collection" });
  const metadata = await reader.inside(
    null,
    (stream) => takeBlob(stream, { ...whole, hash: links.at(0), maximumBytes: METADATA_MAXIMUM_BYTES }),
  );
  const names = await turns.run(decodingNames(metadata));
  if (names.length !== links.length - 1) throw new PliError("message_malformed", { what: "collection" });
  await turns.run(checkingNames(names));
  return { links, names };
}

/** The proved size of the file that comes next. */
async function sizeOf(
  reader: ResponseReader,
  hasher: Hasher,
  names: Texts,
  links: HashSequence,
  index: number,
) {
  const name = names.at(index);
  return await reader.inside(name, (stream) => takeSize(stream, hasher, links.at(index + 1)));
}

/**
 * The manifest of a provider that cannot prove every size. The reset has discarded the names too, so they are
 * requested alone, then the proofs of halves of the files, recursively. Throws `cause` if no file is left.
 */
async function requestPiecemeal(
  provider: ProviderConnection,
  hasher: Hasher,
  rootHash: Uint8Array,
  turns: Turns,
  cause: PliError,
): Promise<Manifest> {
  const ask = (ranges: RangesSequence) => openRequest(provider, { kind: "get", hash: rootHash, ranges });
  const reader = await ask(RangesSequence.of([0, EVERYTHING], [2, NOTHING]));
  const { links, names } = await takeNames(reader, hasher, rootHash, turns);
  await reader.end();
  const sizesBytes = new Float64Array(names.length);
  const areProved = async (start: number, end: number): Promise<boolean> => {
    const proving = async () => {
      const reader = await ask(RangesSequence.of([start + 2, LAST_CHUNK], [end + 2, NOTHING]));
      for (let i = start; i < end; i++) {
        sizesBytes[i] = await sizeOf(reader, hasher, names, links, i);
        const turn = turns.count(PROOF_UNITS);
        if (turn !== null) await turn;
      }
      await reader.end();
      return true;
    };
    return await classifyingRefusals(provider, rootHash, () => null, proving()).catch((error) => {
      if (isPliError(error, "source_lost")) return false;
      throw error;
    });
  };
  const lost = new Set<string>();
  const ranges = halves(0, names.length);
  for (let range = ranges.pop(); range !== undefined; range = ranges.pop()) {
    const [start, end] = range;
    if (await areProved(start, end)) continue;
    if (end - start > 1) {
      ranges.push(...halves(start, end));
      continue;
    }
    sizesBytes[start] = 0;
    lost.add(names.at(start));
    if (lost.size > MAXIMUM_LOST || lost.size === names.length) {
      throw new PliError("source_lost", { name: names.at(start) }, { cause });
    }
  }
  const files = new RemoteFiles({ rootHash, links, firstOffset: FIRST_OFFSET, names, sizesBytes });
  return {
    rootHash,
    files: await turns.run(files.choosing((name) => !lost.has(name))),
    sizeBytes: sumOf(sizesBytes),
    lost: await turns.run(files.choosing((name) => lost.has(name))),
  };
}

/** The halves of a range, the first one last; the range itself where there is only one file in it. */
function halves(start: number, end: number): [start: number, end: number][] {
  const middle = Math.ceil((start + end) / 2);
  return end - start < 2 ? [[start, end]] : [[middle, end], [start, middle]];
}
