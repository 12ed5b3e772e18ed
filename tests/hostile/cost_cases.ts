// The worst messages for each reader of a peer's bytes, for measuring the cost of a byte.

import { BlobDecoder } from "../../src/engine/bao/decoder.ts";
import { BLOCK_CHUNKS, GROUP_CHUNKS } from "../../src/engine/bao/geometry.ts";
import { PostcardReader } from "../../src/engine/bytes/postcard.ts";
import { Texts } from "../../src/engine/bytes/texts.ts";
import { buildTree } from "../../src/engine/store/file_tree.ts";
import { localNames } from "../../src/engine/store/local_names.ts";
import { summarizingNames } from "../../src/engine/store/name_summary.ts";
import { checkNames } from "../../src/engine/store/names.ts";
import { decodeNames, decodingNames, encodeNames, splitHashes } from "../../src/engine/wire/collection.ts";
import { EVERYTHING, LAST_CHUNK, RangeSpec } from "../../src/engine/wire/range_spec.ts";
import { RangesSequence } from "../../src/engine/wire/ranges_sequence.ts";
import { decodeReceipt, encodeReceipt } from "../../src/engine/wire/receipt.ts";
import { decodeRequest } from "../../src/engine/wire/request.ts";
import { parseSocketAddress } from "../../src/engine/wire/socket_address.ts";
import {
  formatTicket,
  normalizeRelayUrl,
  parseTicket,
  readPastedTicket,
} from "../../src/engine/wire/ticket.ts";
import { complete } from "../../src/engine/work.ts";
import { findTicket } from "../../src/tickets/find_ticket.ts";
import { blockTree, decodeSteps, encodeAll } from "../engine/bao/encoding.ts";
import { REQUESTS } from "../engine/wire/worst_requests.ts";
import { hasher } from "./false_provider.ts";

export interface CostCase {
  /** Its name in docs/peer-costs.md. */
  reader: string;
  name: string;
  bytes: number;
  /** Reads the message. Returns the result that is kept. */
  run: () => unknown;
}

/** The start of the ranges of a Get: after its kind and its hash. */
const RANGES_OFFSET = 33;

function ofBytes(reader: string, messages: Record<string, Uint8Array>, read: (bytes: Uint8Array) => unknown) {
  return Object.entries(messages).map(([name, bytes]): CostCase => ({
    reader,
    name,
    bytes: bytes.length,
    run: () => read(bytes),
  }));
}

function ofText(reader: string, texts: Record<string, string>, read: (text: string) => unknown): CostCase[] {
  return Object.entries(texts).map(([name, text]) => ({
    reader,
    name,
    bytes: text.length,
    run: () => attempt(() => read(text)),
  }));
}

/** The result or the error, which has a cost too. */
function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error;
  }
}

function ofNames(reader: string, lists: Record<string, string[]>, read: (names: string[]) => unknown) {
  return Object.entries(lists).map(([name, names]): CostCase => ({
    reader,
    name,
    bytes: encodeNames(names).length,
    run: () => read(names),
  }));
}

const range = <T>(count: number, of: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => of(at));

/** Within the bounds of `checkNames`. */
export const NAMES: Record<string, string[]> = {
  "10,000 files in one folder": range(10_000, (at) => `folder/${at}`),
  "16 folders for each file": range(2_000, (at) => `${at}/` + "a/".repeat(15) + "f"),
  "the same 250 folders for each file": range(500, (at) => "abcdefghi/".repeat(250) + at),
  "parts of 255 bytes": range(500, (at) => range(15, () => "x".repeat(255)).join("/") + `/${at}`),
};
const DOTS = { ...NAMES, "10,000 dot names": range(10_000, (at) => `.${at}`) };
/** Names that are equal on a volume that folds case. */
const TWINS = {
  ...NAMES,
  "4,096 names in all ways of upper and lower case": range(4_096, (at) => {
    return range(12, (bit) => (at >> bit) % 2 === 0 ? "a" : "A").join("");
  }),
};
const FOLDING = { foldsCase: true, normalizes: true, restrictsNames: true };

const WIDTHS = "a million widths of one byte";
const ENTRIES = "entries that differ in one number";

const address = (at: number) => `10.${at >> 16 & 255}.${at >> 8 & 255}.${at & 255}:${1 + at % 65_000}`;
const ticketOf = (count: number, relayUrl: string | null) =>
  formatTicket({
    endpointId: new Uint8Array(32),
    relayUrl,
    addresses: range(count, address),
    format: "hash_sequence",
    hash: new Uint8Array(32),
  });
const TICKETS = {
  "1,250 addresses": ticketOf(1_250, null),
  "a relay of 9,000 characters": ticketOf(0, `https://${"a.".repeat(4_490)}b/`),
  "the longest text that is no ticket": "blob" + "a".repeat(16_380),
};
const PASTED = {
  ...TICKETS,
  "many beginnings": "blob ".repeat(50_000),
  "letters": "a".repeat(250_000),
  "beginnings whose addresses are in the next lines": "blobaaaacaeaaiaacaiaaaaq\n".repeat(10_000),
  "a ticket in quoted lines, again and again": ("> " + "bloba".repeat(14) + "\n").repeat(3_500),
};

const DATA = new Uint8Array(4 * 1024 * 1024 + 1);
const TREE = blockTree(hasher, DATA);
const WHOLE = encodeAll(hasher, DATA, TREE, EVERYTHING.select(2 ** 40)).encoded;
const PROOF = encodeAll(hasher, DATA, TREE, LAST_CHUNK.select(4097)).encoded;

function decodeBlob(select: RangeSpec, leafChunks: number, encoded: Uint8Array) {
  const maximumBytes = Number.MAX_SAFE_INTEGER;
  const decoder = new BlobDecoder({
    hasher,
    hash: TREE.top,
    select: (chunks) => select.select(chunks),
    maximumBytes,
    leafChunks,
  });
  for (const _ of decodeSteps(decoder, encoded));
  return decoder;
}

export const CASES: readonly CostCase[] = [
  ...ofBytes("decodeRequest", REQUESTS, decodeRequest),
  ...ofBytes("RangesSequence.read", { [WIDTHS]: REQUESTS[WIDTHS], [ENTRIES]: REQUESTS[ENTRIES] }, (bytes) => {
    return RangesSequence.read(new PostcardReader(bytes, "ranges", RANGES_OFFSET));
  }),
  ...ofBytes("RangeSpec.next", { [WIDTHS]: REQUESTS[WIDTHS] }, (bytes) => {
    const reader = new PostcardReader(bytes, "ranges", RANGES_OFFSET);
    reader.u64();
    reader.u64();
    return RangeSpec.next(reader).select(2 ** 30);
  }),
  ...ofBytes("splitHashes", { "32,768 hashes": new Uint8Array(1024 * 1024) }, splitHashes),
  ...ofBytes("decodingNames", { "10,000 empty names": encodeNames(range(10_000, () => "")) }, (bytes) => {
    return complete(decodingNames(bytes));
  }),
  ...ofBytes("decodeNames", {
    "100,000 empty names": encodeNames(range(100_000, () => "")),
    "100,000 names of one letter": encodeNames(range(100_000, () => "a")),
    "500 names of 4,096 bytes": encodeNames(range(500, () => "é".repeat(2_048))),
  }, decodeNames),
  ...ofBytes("decodeReceipt", {
    "100,000 files of no bytes": encodeReceipt({
      rootHash: new Uint8Array(32),
      outcome: "selection",
      verified: range(100_000, () => ({ child: 0, bytes: 0 })),
    }),
    "100,000 files that were lost": encodeReceipt({
      rootHash: new Uint8Array(32),
      outcome: "incomplete",
      verified: [],
      lost: range(100_000, () => 0),
    }),
  }, decodeReceipt),
  ...ofText("parseTicket", TICKETS, parseTicket),
  ...ofText("readPastedTicket", TICKETS, readPastedTicket),
  ...ofText("findTicket", PASTED, findTicket),
  ...ofText("normalizeRelayUrl", {
    "a host of 8,000 labels": `https://${"a.".repeat(8_000)}b/`,
    "a path of 16,000 characters that are escaped": `https://a/${"é".repeat(16_000)}`,
    "a host of 16,000 characters that are no ASCII": `https://${"é".repeat(16_000)}/`,
  }, normalizeRelayUrl),
  ...ofText("parseSocketAddress", {
    "16,000 digits": "1".repeat(16_000),
    "16,000 colons": ":".repeat(16_000),
    "16,000 brackets": "[".repeat(16_000),
  }, parseSocketAddress),
  ...ofNames("checkNames", NAMES, (names) => checkNames(Texts.of(names))),
  ...ofNames("summarizingNames", DOTS, (names) => complete(summarizingNames(Texts.of(names)))),
  ...ofNames("buildTree", NAMES, (names) => buildTree(names, names)),
  ...ofNames("localNames", TWINS, (names) => localNames(names, FOLDING)),
  ...[GROUP_CHUNKS, BLOCK_CHUNKS].flatMap((leafChunks) => [
    ...ofBytes("BlobDecoder", { [`a blob in leaves of ${leafChunks} chunks`]: WHOLE }, (bytes) => {
      return decodeBlob(EVERYTHING, leafChunks, bytes);
    }),
    ...ofBytes("BlobDecoder", { [`a proof of a size, leaves of ${leafChunks} chunks`]: PROOF }, (bytes) => {
      return decodeBlob(LAST_CHUNK, leafChunks, bytes);
    }),
  ]),
];

/** Two lists of names with the most folders for each byte of a manifest. */
export const MOST_FOLDERS: Record<string, string[]> = {
  "as deep as can be": range(17, (at) => `${String.fromCharCode(97 + at)}/` + "a/".repeat(254) + "f"),
  "16 for each file": range(60_000, (at) => `${at.toString(36)}/` + "a/".repeat(15) + "f"),
};

/** The size of the manifest of empty files: their names, a hash and a proof of the size for each. */
export function manifestBytes(names: readonly string[]): number {
  return encodeNames(names).length + 32 * (names.length + 1) + 8 * names.length;
}
