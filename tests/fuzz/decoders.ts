// Every decoder of bytes or text from outside, with the invariants of its results. A further one is a line of TARGETS and
// a folder in `corpus/`.

import assert from "node:assert/strict";
import { base32nopad } from "@scure/base";
import { PostcardReader, PostcardWriter } from "../../src/engine/bytes/postcard.ts";
import type { Texts } from "../../src/engine/bytes/texts.ts";
import { isPliError } from "../../src/engine/errors.ts";
import { checkNames } from "../../src/engine/store/names.ts";
import { decodeNames, encodeNames, joinHashes, splitHashes } from "../../src/engine/wire/collection.ts";
import { encodePreview } from "../../src/engine/wire/preview.ts";
import type { RangeSpec } from "../../src/engine/wire/range_spec.ts";
import { RangesSequence } from "../../src/engine/wire/ranges_sequence.ts";
import { decodeReceipt, encodeReceipt, RECEIPT_1_ALPN } from "../../src/engine/wire/receipt.ts";
import { decodeRequest, encodeRequest } from "../../src/engine/wire/request.ts";
import { formatSocketAddress, parseSocketAddress } from "../../src/engine/wire/socket_address.ts";
import { formatTicket, normalizeRelayUrl, parseTicket, type Ticket } from "../../src/engine/wire/ticket.ts";
import { findTicket, TICKET_MAXIMUM_LENGTH } from "../../src/tickets/find_ticket.ts";
import { parseCommandLine } from "../../src/cli/command_line.ts";
import { COMMAND_NAMES, loadCommands } from "../../src/cli/commands/table.ts";
import { UsageError } from "../../src/cli/errors.ts";
import { decodeDamagedBlob } from "./blob.ts";
import type { Target } from "./campaign.ts";
import { readJournalRecords } from "./journal.ts";

const isPli = (error: unknown): boolean => isPliError(error);
/** The error of decoders that return null for invalid input. */
class Nothing extends Error {}
const isNothing = (error: unknown): boolean => error instanceof Nothing;
const isUsage = (error: unknown): boolean => error instanceof UsageError;
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const URL_WORDS = ["http://", "https://", "[::1]", "[", "]", "%", "@", ":", "/", "\\", "..", "é", "xn--"];
const ADDRESS_WORDS = ["127.0.0.1:1", "[::1]:1", "[::ffff:1.2.3.4]:80", "::", "[", "]", ":65535", ":65536"];
const COMMANDS = await loadCommands();
const OPTION_WORDS = [
  "\0",
  "\0--\0",
  "\0-",
  "=",
  "\0--__proto__\0",
  "\0--constructor=x\0",
  ...COMMAND_NAMES.map((name) => `${name}\0`),
  ...COMMAND_NAMES.flatMap((name) => Object.keys(COMMANDS[name].OPTIONS)).map((name) => `\0--${name}\0`),
];

export const TARGETS: readonly Target[] = [
  { name: "varint", refuses: isPli, decode: messages(readVarints, writeVarints) },
  {
    name: "ranges_sequence",
    refuses: isPli,
    decode: framed(messages(whole(RangesSequence.read), writeRanges, useRanges)),
  },
  { name: "request", refuses: isPli, decode: framed(messages(decodeRequest, encodeRequest)) },
  { name: "names", refuses: isPli, decode: framed(messages(decodeNames, encodeNames, judgeNames)) },
  { name: "hashes", refuses: isPli, decode: messages(splitHashes, joinHashes) },
  { name: "receipt", refuses: isPli, decode: framed(messages(decodeReceipt, encodeReceipt)) },
  {
    name: "receipt_1",
    refuses: isPli,
    decode: framed(messages(
      (bytes) => decodeReceipt(bytes, RECEIPT_1_ALPN),
      (receipt) => encodeReceipt(receipt, RECEIPT_1_ALPN),
    )),
  },
  { name: "blob", refuses: isPli, decode: decodeDamagedBlob },
  { name: "journal", refuses: isPli, decode: readJournalRecords },
  { name: "preview", refuses: () => false, decode: previewed },
  { name: "ticket", refuses: isPli, decode: (bytes) => readTicket(text(bytes)), words: ["blob"] },
  {
    name: "ticket_content",
    refuses: isPli,
    decode: (bytes) => readTicket(ticketOf(bytes)),
    words: URL_WORDS,
  },
  {
    name: "pasted_ticket",
    refuses: (error) => isPli(error) || isNothing(error),
    decode: readPasted,
    words: [" ", "\n> ", "BLOB", "blobaa", "\u2003", "\u200b", "=\r\n", "pli receive "],
  },
  { name: "socket_address", refuses: isNothing, decode: readAddress, words: ADDRESS_WORDS },
  { name: "relay_url", refuses: isNothing, decode: readRelayUrl, words: URL_WORDS },
  { name: "arguments", refuses: isUsage, decode: readArguments, words: OPTION_WORDS },
];

/**
 * A decoder of a message of varints and raw bytes, with its encoder. A varint may be longer than necessary, so the encoding
 * of the value may differ from the message; but it is never longer, is equal if it has the same length, and has the same
 * meaning.
 */
function messages<T>(
  decode: (bytes: Uint8Array) => T,
  encode: (value: T) => Uint8Array,
  use: (value: T) => void = () => {},
): Target["decode"] {
  return (bytes) => {
    const value = decode(bytes);
    const written = encode(value);
    assert.ok(written.length <= bytes.length);
    if (written.length === bytes.length) assert.ok(Buffer.from(written).equals(bytes));
    else assert.ok(Buffer.from(encode(decode(written))).equals(written));
    use(value);
  };
}

/** The same for a message with a length: a byte less and a byte more are refused. */
function framed(decode: Target["decode"]): Target["decode"] {
  return (bytes) => {
    decode(bytes);
    assert.throws(() => decode(bytes.subarray(0, -1)), isPli);
    assert.throws(() => decode(Uint8Array.of(...bytes, 0)), isPli);
  };
}

/** A reader of a part of a message, as one of a whole message. */
function whole<T>(read: (reader: PostcardReader) => T): (bytes: Uint8Array) => T {
  return (bytes) => {
    const reader = new PostcardReader(bytes, "test");
    const value = read(reader);
    reader.end();
    return value;
  };
}

function readVarints(bytes: Uint8Array): bigint[] {
  const reader = new PostcardReader(bytes, "test");
  const values: bigint[] = [];
  while (reader.remainingBytes > 0) values.push(reader.u64());
  return values;
}

function writeVarints(values: readonly bigint[]): Uint8Array {
  const writer = new PostcardWriter();
  for (const value of values) writer.u64(value);
  return writer.finish();
}

function writeRanges(ranges: RangesSequence): Uint8Array {
  const writer = new PostcardWriter();
  ranges.write(writer);
  return writer.finish();
}

function useRanges(ranges: RangesSequence): void {
  for (const offsets of [0, 2, 1_000_002]) {
    let end = 0;
    for (const run of ranges.runs(offsets)) {
      assert.ok(run.start >= end && run.end > run.start && run.end <= offsets);
      assert.ok(!run.spec.isEmpty);
      end = run.end;
    }
  }
  for (const { spec } of ranges.entries()) useSpec(spec);
}

function useSpec(spec: RangeSpec): void {
  for (const chunks of [1, 17, 2 ** 43]) {
    const { boundaries } = spec.select(chunks);
    assert.equal(boundaries.length > 0, !spec.isEmpty);
    assert.ok(
      boundaries.every((boundary, at) => boundary > (boundaries[at - 1] ?? -1) && boundary <= chunks),
    );
  }
}

/** Decoded names are checked too, because they are also those of a peer. */
function judgeNames(names: Texts): void {
  try {
    checkNames(names);
  } catch (error) {
    assert.ok(isPliError(error, "name_refused") || isPliError(error, "limit_exceeded"), String(error));
  }
}

/** pli only writes previews: they must have their stated length, and contain the given names. */
function previewed(bytes: Uint8Array): void {
  const names = text(bytes).split("\0");
  const summary = { title: names[0], files: names.length, sizeBytes: 1 };
  const answer = encodePreview(summary, names.map((name, sizeBytes) => ({ name, sizeBytes })));
  assert.equal(new DataView(answer.buffer).getUint32(0), answer.length - 4);
  const { items, item_count } = JSON.parse(text(answer.subarray(4)));
  assert.deepEqual(items.map(({ file_name }: { file_name: string }) => file_name), names);
  assert.equal(item_count, names.length);
}

function ticketOf(content: Uint8Array): string {
  return "blob" + base32nopad.encode(content).toLowerCase();
}

/** A decoded ticket is printed in its normal form, and read again from it. */
function readTicket(given: string): Ticket {
  const ticket = parseTicket(given);
  assert.match(given, /^blob[a-z2-7]+$/i);
  const printed = formatTicket(ticket);
  // A URL in its normal form can be longer than it was.
  if (printed.length <= TICKET_MAXIMUM_LENGTH) assert.equal(formatTicket(parseTicket(printed)), printed);
  return ticket;
}

function readPasted(bytes: Uint8Array): void {
  const given = text(bytes);
  const found = findTicket(given);
  if (found.kind === "unfinished") throw new Nothing();
  if (found.kind === "ticket") {
    let at = 0;
    for (const letter of given.normalize("NFKC").toLowerCase()) {
      if (letter === found.text[at]) at++;
    }
    assert.equal(at, found.text.length);
  }
  readTicket(found.text);
}

function readAddress(bytes: Uint8Array): void {
  const address = parseSocketAddress(text(bytes));
  if (address === null) throw new Nothing();
  const printed = formatSocketAddress(address);
  assert.deepEqual(parseSocketAddress(printed), address);
}

function readRelayUrl(bytes: Uint8Array): void {
  const url = normalizeRelayUrl(text(bytes));
  if (url === null) throw new Nothing();
  assert.match(url, /^https?:\/\//);
  assert.equal(normalizeRelayUrl(url), url);
}

/** argv in the form of the system: words separated by NUL. */
function readArguments(bytes: Uint8Array): void {
  const argv = text(bytes).split("\0");
  const invocation = parseCommandLine(argv, COMMANDS);
  assert.ok(["help", "version", ...COMMAND_NAMES].includes(invocation.command));
}
