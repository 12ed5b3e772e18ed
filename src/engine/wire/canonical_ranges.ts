// Whether the entries of a ranges sequence are canonical, in one pass without allocations: a request may have a
// million integers, and the pass blocks the provider's thread. So an integer is two numbers and no BigInt; a sum over a
// whole message is still exact.

/** The bits in four bytes of a varint. */
const LOW_BITS = 28;

/**
 * Checks as many entries as `starts` has elements, each an offset's delta, a number of widths and the widths, and stores
 * the position of each. Returns the end of the last; null if the bytes end before it, an integer or a sum is over 64 bits,
 * a delta or a width after the first is 0, or a spec repeats the previous one (before the first: the empty spec).
 */
export function checkRanges(bytes: Uint8Array, start: number, starts: Uint32Array): number | null {
  const number: Varint = { low: 0, high: 0 };
  let offsetLow = 0;
  let offsetHigh = 0;
  let previousStart = 0;
  let previousCount = 0;
  let at = start;
  for (let entry = 0; entry < starts.length; entry++) {
    starts[entry] = at;
    at = readVarint(bytes, at, number);
    if (entry > 0 && number.low === 0 && number.high === 0) return null;
    offsetLow += number.low;
    offsetHigh += number.high;
    at = readVarint(bytes, at, number);
    const count = number.low;
    if (number.high > 0 || count > bytes.length - at) return null;
    const specStart = at;
    let boundaryLow = 0;
    let boundaryHigh = 0;
    for (let i = 0; i < count; i++) {
      const byte = bytes[at];
      if (byte > 0 && byte < 0x80) {
        boundaryLow += byte;
        at++;
        continue;
      }
      at = readVarint(bytes, at, number);
      if (i > 0 && number.low === 0 && number.high === 0) return null;
      boundaryLow += number.low;
      boundaryHigh += number.high;
    }
    if (at > bytes.length || isOver64Bits(boundaryLow, boundaryHigh)) return null;
    const mayRepeat = count === previousCount;
    if (mayRepeat && areSameNumbers(bytes, specStart, bytes, previousStart, count)) return null;
    previousStart = specStart;
    previousCount = count;
  }
  return isOver64Bits(offsetLow, offsetHigh) ? null : at;
}

function isOver64Bits(low: number, high: number): boolean {
  return high + Math.floor(low / 2 ** LOW_BITS) >= 2 ** (64 - LOW_BITS);
}

/** An integer, split into its lowest 28 bits and the others. */
interface Varint {
  low: number;
  high: number;
}

/** Reads the varint at a position. Returns its end: past the bytes if they end before it, or if it is over 64 bits. */
function readVarint(bytes: Uint8Array, start: number, into: Varint): number {
  let at = start;
  let byte = bytes[at++];
  into.low = byte & 0x7f;
  into.high = 0;
  for (let shift = 7; byte >= 0x80; shift += 7) {
    byte = bytes[at++];
    if (shift === 63 && byte > 1) return bytes.length + 1;
    if (shift < LOW_BITS) into.low |= (byte & 0x7f) << shift;
    else into.high += (byte & 0x7f) * 2 ** (shift - LOW_BITS);
  }
  return at;
}

/**
 * Whether `count` varints at one position encode the same integers as those at another. A varint may be longer than
 * necessary: it then ends in groups of zeros.
 */
export function areSameNumbers(
  a: Uint8Array,
  aStart: number,
  b: Uint8Array,
  bStart: number,
  count: number,
): boolean {
  let aAt = aStart;
  let bAt = bStart;
  for (let left = count; left > 0; left--) {
    let aByte = 0x80;
    let bByte = 0x80;
    while (aByte >= 0x80 || bByte >= 0x80) {
      aByte = aByte >= 0x80 ? a[aAt++] : 0;
      bByte = bByte >= 0x80 ? b[bAt++] : 0;
      if ((aByte & 0x7f) !== (bByte & 0x7f)) return false;
    }
  }
  return true;
}
