// Finds a ticket in pasted text: a line such as `pli receive blob…`, a mail that wraps and quotes it,
// a QR code's capitals, a URL, punctuation or markup around it. Pure: the command line, the engine and the page
// use the same function.
//
// A ticket is `blob` and base32 (RFC 4648, unpadded), here in any case and width. It begins where no letter or digit
// precedes it, and its layout determines its end, which no letter or digit may follow directly. Chinese, Japanese and
// Korean letters may, because these are written without spaces. Ignored inside a ticket:
//
//   invisible characters and terminal sequences   anywhere
//   a line break, with characters other than letters and digits around it (spaces, quote marks, `=` or `\` at the end)
//   initials that quote a line, as in `J> `
//   spaces, if the text between two of them is as long as a wrapped line: its line breaks were replaced by spaces
//   spaces, if the ticket is in groups of equal length
//
// Line breaks, spaces, `>` and invisible characters may be written in HTML. The time is linear in the length of the text.

import { type ByteAt, ticketSizeBytes } from "./layout.ts";
import { INVISIBLE, readableText, readings } from "./readable_text.ts";
import { type Stretch, stretches } from "./stretch.ts";

/** The prefix of every ticket. */
export const TICKET_PREFIX = "blob";
/** The longest ticket that is read, in characters. */
export const TICKET_MAXIMUM_LENGTH = 16 * 1024;

export type FoundTicket =
  /** `text` is the ticket as `formatTicket` prints it: in one piece, in lower case. It ends before `end` in the text. */
  | { kind: "ticket"; text: string; end: number }
  /** The text ends inside a ticket. No ticket that more text completes begins before `from`. */
  | { kind: "unfinished"; from: number }
  /** `text` is the best candidate: the word that begins like a ticket, otherwise the whole text. `from` as above. */
  | { kind: "none"; text: string; from: number };

const CJK = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u30fc\uff70`;
/** A position where a ticket may begin; an escape of a URL or of a string literal before it does not count as a letter. */
const BEGINNING = new RegExp(
  String.raw`(?<=(?:^|[^\p{L}\p{N}${INVISIBLE}]|[${CJK}]|[%=][0-9a-f]{2}|\\[nrt])${INVISIBLE}*)b`,
  "iuy",
);
const TOUCHING = new RegExp(String.raw`${INVISIBLE}*(?![${CJK}])[\p{L}\p{N}]`, "uy");
const CUT_PREFIX = /b(?:lo?)?$/;
const NEAREST = /(?<!\S)blob\S*/i;

/** Finds the first whole ticket in a text. */
export function findTicket(text: string): FoundTicket {
  const readable = readableText(text);
  // The last line may continue, which may change how it is read.
  let from = Math.max(readable.lastIndexOf("\n"), readable.lastIndexOf("\r")) + 1;
  let isUnfinished = false;
  for (const reading of readings(readable)) {
    const found = search(reading);
    if (found.kind === "ticket") return found;
    isUnfinished ||= found.kind === "unfinished";
    from = Math.min(from, found.from);
  }
  if (isUnfinished) return { kind: "unfinished", from };
  const visible = readable.replaceAll(INVISIBLE, "");
  return { kind: "none", text: NEAREST.exec(visible)?.[0] ?? visible.trim(), from };
}

function search(text: string): FoundTicket {
  let unfinishedFrom = Infinity;
  let cutPrefixFrom = text.length;
  for (const stretch of stretches(text)) {
    const { letters, isOpen } = stretch;
    for (let at = letters.indexOf(TICKET_PREFIX); at >= 0; at = letters.indexOf(TICKET_PREFIX, at + 1)) {
      const length = ticketLength(stretch, at);
      if (length === null || !matchesAt(BEGINNING, text, stretch.placeOf(at))) continue;
      if (length === Infinity) {
        unfinishedFrom = Math.min(unfinishedFrom, stretch.placeOf(at));
        continue;
      }
      const end = stretch.placeOf(at + length - 1) + 1;
      if (matchesAt(TOUCHING, text, end)) continue;
      return { kind: "ticket", text: letters.slice(at, at + length), end };
    }
    const cutPrefix = isOpen ? CUT_PREFIX.exec(letters) : null;
    if (cutPrefix === null) continue;
    const place = stretch.placeOf(cutPrefix.index);
    if (matchesAt(BEGINNING, text, place)) cutPrefixFrom = place;
  }
  const from = Math.min(unfinishedFrom, cutPrefixFrom);
  return unfinishedFrom < Infinity ? { kind: "unfinished", from } : { kind: "none", text, from };
}

/** The length of the ticket that begins at a letter: Infinity if the text ends inside it, null if there is none. */
function ticketLength(stretch: Stretch, at: number): number | null {
  const { values } = stretch;
  const first = at + TICKET_PREFIX.length;
  // The first byte, which is 0, excludes most false candidates.
  if (first < values.length && values[first] !== 0) return null;
  const end = stretch.reachFrom(at);
  const sizeBytes = ticketSizeBytes(base32Bytes(values, first, Math.min(end, at + TICKET_MAXIMUM_LENGTH)));
  if (sizeBytes === null) return null;
  const length = TICKET_PREFIX.length + Math.ceil(sizeBytes * 8 / 5);
  if (length > TICKET_MAXIMUM_LENGTH) return null;
  if (at + length > end) return stretch.isOpen && end === values.length ? Infinity : null;
  // The spare bits of the last character are zero.
  const spareBits = (length - TICKET_PREFIX.length) * 5 - sizeBytes * 8;
  return values[at + length - 1] & ((1 << spareBits) - 1) ? null : length;
}

/** The bytes of base32 values from one to another. */
function base32Bytes(values: Uint8Array, start: number, end: number): ByteAt {
  const sizeBytes = Math.floor((end - start) * 5 / 8);
  return (index) => {
    if (index >= sizeBytes) return undefined;
    const first = start + Math.floor(index * 8 / 5);
    // A byte is in two values or in three.
    const bits = values[first] << 10 | values[first + 1] << 5 | values[first + 2];
    return bits >> (7 - index * 8 % 5) & 0xff;
  };
}

function matchesAt(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}
