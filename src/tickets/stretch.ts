// The letters of a text that one ticket may span, and how far.
//
// A stretch ends at a character that is in no ticket: one that is not base32, or punctuation within a line. Its letters
// are in segments, between which are line breaks (with quote marks and the like around them) or spaces.

import { INVISIBLE } from "./readable_text.ts";

const BASE32 = /[a-z2-7]+/gi;
/** The value of each letter, by its code. */
const VALUES = new Uint8Array(128);
for (const [value, letter] of [..."abcdefghijklmnopqrstuvwxyz234567"].entries()) {
  VALUES[letter.charCodeAt(0)] = value;
}
const WORD_CHARACTER = /[\p{L}\p{N}]/u;
const LINE_BREAK = /[\n\v\f\r\u0085\u2028\u2029]/;
const SPACES = new RegExp(`^[\\s${INVISIBLE}]+$`);
const ONLY_INVISIBLE = new RegExp(`^${INVISIBLE}*$`);
/** The shortest line that counts as wrapped, in a text whose line breaks were replaced by spaces. */
const SHORTEST_LINE = 20;

type Gap = "none" | "break" | "spaces" | "barrier";

/** The stretches of a text in their order. */
export function* stretches(text: string): Generator<Stretch> {
  let stretch = new Stretch();
  let end = 0;
  for (const { index, 0: piece } of text.matchAll(BASE32)) {
    const gap = gapOf(text.slice(end, index));
    if (gap === "barrier" && stretch.length > 0) {
      yield stretch;
      stretch = new Stretch();
    }
    stretch.add(piece, index, gap);
    end = index + piece.length;
  }
  stretch.isOpen = !WORD_CHARACTER.test(text.slice(end));
  yield stretch;
}

function gapOf(between: string): Gap {
  if (between === "" || between === INVISIBLE || ONLY_INVISIBLE.test(between)) return "none";
  if (WORD_CHARACTER.test(between)) return "barrier";
  if (LINE_BREAK.test(between)) return "break";
  return SPACES.test(between) ? "spaces" : "barrier";
}

export class Stretch {
  /** The number of letters. */
  length = 0;
  /** No letter or digit follows it in the text. */
  isOpen = false;
  /** Where each segment begins in `letters`, and whether spaces alone are before it. */
  readonly #starts: number[] = [];
  readonly #followsSpaces: boolean[] = [];
  /** The letters as they are in the text, and where each piece of them begins in `letters` and in the text. */
  readonly #pieces: string[] = [];
  readonly #pieceStarts: number[] = [];
  readonly #piecePlaces: number[] = [];
  #letters: string | null = null;
  #values: Uint8Array | null = null;
  #reaches: { wrapped: number[]; grouped: number[] } | null = null;

  add(piece: string, place: number, gap: Gap): void {
    if (gap !== "none" || this.length === 0) {
      this.#starts.push(this.length);
      this.#followsSpaces.push(gap === "spaces");
    }
    this.#pieces.push(piece);
    this.#pieceStarts.push(this.length);
    this.#piecePlaces.push(place);
    this.length += piece.length;
  }

  /** The whole stretch, in lower case. */
  get letters(): string {
    return this.#letters ??= this.#pieces.join("").toLowerCase();
  }

  /** The base32 value of each letter. */
  get values(): Uint8Array {
    return this.#values ??= valuesOf(this.letters);
  }

  /** The position of a letter in the text. */
  placeOf(letter: number): number {
    const piece = lastAtMost(this.#pieceStarts, letter);
    return this.#piecePlaces[piece] + letter - this.#pieceStarts[piece];
  }

  /**
   * The end of the longest ticket that can begin at `letter`: one in lines, or one in groups of the length before its first
   * gap.
   */
  reachFrom(letter: number): number {
    const { wrapped, grouped } = this.#reaches ??= this.#findReaches();
    const next = lastAtMost(this.#starts, letter) + 1;
    if (next === this.#starts.length) return this.length;
    const groupLength = this.#starts[next] - letter;
    return groupLength === this.#lengthOf(next) ? Math.max(wrapped[next], grouped[next]) : wrapped[next];
  }

  /**
   * For each segment that follows another one of the same ticket, the latest end of that ticket. In lines, a short segment
   * between spaces is another word; groups have equal lengths, and only the last one may be shorter.
   */
  #findReaches() {
    const count = this.#starts.length;
    const wrapped = new Array<number>(count);
    const grouped = new Array<number>(count);
    for (let at = count - 1; at >= 0; at--) {
      const length = this.#lengthOf(at);
      const end = this.#starts[at] + length;
      const isLast = at === count - 1;
      const isWord = length < SHORTEST_LINE && this.#followsSpaces[at] && this.#followsSpaces[at + 1];
      wrapped[at] = isLast || isWord ? end : wrapped[at + 1];
      const nextLength = isLast ? Infinity : this.#lengthOf(at + 1);
      if (nextLength === length) grouped[at] = grouped[at + 1];
      else grouped[at] = nextLength < length ? end + nextLength : end;
    }
    return { wrapped, grouped };
  }

  #lengthOf(segment: number): number {
    return (this.#starts[segment + 1] ?? this.length) - this.#starts[segment];
  }
}

function valuesOf(letters: string): Uint8Array {
  const values = new Uint8Array(letters.length);
  for (let at = 0; at < values.length; at++) values[at] = VALUES[letters.charCodeAt(at)];
  return values;
}

/** The index of the last number that is not above a limit; the numbers ascend, and the first is not above it. */
function lastAtMost(numbers: readonly number[], limit: number): number {
  let [low, high] = [0, numbers.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= limit) low = middle;
    else high = middle;
  }
  return low;
}
