// Inputs mutated from others: flipped, truncated, spliced, with the integers at which a varint or a limit changes. The
// mutations follow from a seed, so that a campaign can be repeated.

/** Pseudorandom numbers from a seed (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer from 0 to before `end`. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ this.#state >>> 15, this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return Math.floor(((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32 * end);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}

const LARGEST_BYTES = 64 * 1024;
const MOST_EDITS = 4;
/** One input of so many is random, and not mutated from another one. */
const NOISE_IN = 16;

/** The boundaries of 1 to 10 bytes of a varint, of u32, of the safe integers, of u64; and values beyond. */
const VARINTS: readonly Uint8Array[] = [
  ...[0n, 1n, 2n, 0x7fn, 0x80n, 0x3fffn, 0x4000n, 1_000_000n, 1_000_001n, 2n ** 20n, 2n ** 25n],
  ...[2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 64n],
].map(varint).concat([
  Uint8Array.of(0x80, 0x00),
  Uint8Array.of(0x81, 0x80, 0x00),
  Uint8Array.of(...Array(9).fill(0x80), 0x00),
  Uint8Array.of(...Array(9).fill(0xff), 0x7f),
  Uint8Array.of(...Array(10).fill(0x80), 0x00),
  new Uint8Array(12).fill(0xff),
]);

const EDITS: ((bytes: Uint8Array, chance: Chance, others: readonly Uint8Array[]) => Uint8Array)[] = [
  function flipBit(bytes, chance) {
    const changed = bytes.slice();
    if (changed.length > 0) changed[chance.below(changed.length)] ^= 1 << chance.below(8);
    return changed;
  },
  function setByte(bytes, chance) {
    const changed = bytes.slice();
    if (changed.length > 0) changed[chance.below(changed.length)] = chance.pick([0, 1, 0x7f, 0x80, 0xff]);
    return changed;
  },
  function cutEnd(bytes, chance) {
    return bytes.slice(0, chance.below(bytes.length + 1));
  },
  function cutMiddle(bytes, chance) {
    const start = chance.below(bytes.length + 1);
    return joined(bytes.subarray(0, start), bytes.subarray(start + chance.below(64)));
  },
  function repeat(bytes, chance) {
    const start = chance.below(bytes.length + 1);
    const end = start + chance.below(64);
    return joined(bytes.subarray(0, end), bytes.subarray(start));
  },
  function insertNoise(bytes, chance) {
    return inserted(bytes, chance.bytes(1 + chance.below(12)), chance.below(bytes.length + 1));
  },
  function insertVarint(bytes, chance) {
    return inserted(bytes, chance.pick(VARINTS), chance.below(bytes.length + 1));
  },
  function replaceByVarint(bytes, chance) {
    const start = chance.below(bytes.length + 1);
    const rest = bytes.subarray(start + 1 + chance.below(3));
    return joined(bytes.subarray(0, start), chance.pick(VARINTS), rest);
  },
  function splice(bytes, chance, others) {
    const other = chance.pick(others);
    return joined(
      bytes.subarray(0, chance.below(bytes.length + 1)),
      other.subarray(chance.below(other.length + 1)),
    );
  },
  function insertOther(bytes, chance, others) {
    return inserted(bytes, chance.pick(others), chance.below(bytes.length + 1));
  },
];

/** An input mutated from those of a corpus; `others` are also inserted unchanged. */
export function mutated(
  chance: Chance,
  corpus: readonly Uint8Array[],
  others: readonly Uint8Array[],
): Uint8Array {
  if (chance.below(NOISE_IN) === 0) return chance.bytes(chance.below(200));
  let bytes = chance.pick(corpus);
  const pieces = others.length > 0 ? others : corpus;
  for (let edits = 1 + chance.below(MOST_EDITS); edits > 0; edits--) {
    bytes = chance.pick(EDITS)(bytes, chance, pieces);
  }
  return bytes.subarray(0, LARGEST_BYTES);
}

function inserted(bytes: Uint8Array, piece: Uint8Array, at: number): Uint8Array {
  return joined(bytes.subarray(0, at), piece, bytes.subarray(at));
}

function joined(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 0x80n; value >>= 7n) bytes.push(Number(value & 0x7fn) | 0x80);
  return Uint8Array.of(...bytes, Number(value));
}
