// The journal of a download: the verified hash pairs above the blocks of its large files, appended as they arrive. With
// them a later run verifies its part files block by block without a network. Each pair is verified against its parent
// (bao/block_proofs.ts), so a damaged or forged record is ignored, and its blocks are fetched again. The file is a
// header of 48 bytes, then records of 76 bytes:
//
//   "pli journal 1\n", zeros up to 16 bytes, the collection's hash
//   the first 4 bytes of the file's hash, the pair's first and end block (3 x u32, little-endian), the two values

import { join } from "../paths.ts";
import type { BlockPair } from "../bao/block_proofs.ts";
import { HASH_BYTES } from "../bao/geometry.ts";
import { equalBytes } from "../bytes/equal.ts";
import { isPliError, PliError } from "../errors.ts";
import type { Disk, DiskFile } from "../ports.ts";
import type { Anchor } from "./anchor.ts";
import { readFully } from "./read_fully.ts";

const NAME = "journal";
const MAGIC = new TextEncoder().encode("pli journal 1\n");
const MAGIC_BYTES = 16;
const HEADER_BYTES = MAGIC_BYTES + HASH_BYTES;
const RECORD_BYTES = 3 * 4 + 2 * HASH_BYTES;
/** A larger journal, of more than 14 TB of files, is not read; everything is fetched again. */
const MAXIMUM_BYTES = 1024 * 1024 * 1024;
/** Records per read. */
const READ_RECORDS = 8192;

export class Journal {
  readonly #disk: Disk;
  readonly #folder: Anchor;
  readonly #header: Uint8Array;
  #file: DiskFile | null = null;
  #endBytes = HEADER_BYTES;
  #waiting: Uint8Array[] = [];
  #writing: Promise<void> | null = null;
  /** A write has failed. The download continues, but a later run will find less. */
  #isBroken = false;

  /** @param folder its folder, which may be created later */
  constructor(disk: Disk, folder: Anchor, rootHash: Uint8Array) {
    this.#disk = disk;
    this.#folder = folder;
    this.#header = new Uint8Array(HEADER_BYTES);
    this.#header.set(MAGIC);
    this.#header.set(rootHash, MAGIC_BYTES);
  }

  /**
   * Reads the records of an earlier run and appends after them. A journal of another collection, or anything that is
   * no file, is removed. Throws `disk_*`.
   */
  async load(): Promise<JournalPairs> {
    const path = join(this.#folder.path, NAME);
    await this.#folder.check();
    const file = await this.#disk.open(path, "update");
    const records = await this.#recordsOrClose(file);
    if (records !== null) {
      this.#file = file;
      this.#endBytes = HEADER_BYTES + records.length;
      return new JournalPairs(records);
    }
    await file?.close();
    await this.#disk.removeTree(path);
    return new JournalPairs(new Uint8Array(0));
  }

  /** Queues a verified hash pair of a file for writing. */
  note(fileKey: number, pair: BlockPair): void {
    if (this.#isBroken) return;
    this.#waiting.push(encodeRecord(fileKey, pair));
    this.#writing ??= this.#write();
  }

  /** Writes the queued records, if possible, and closes the file. */
  async close(): Promise<void> {
    await this.#writing;
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  async #recordsOrClose(file: DiskFile | null): Promise<Uint8Array | null> {
    try {
      return file === null ? null : await this.#records(file);
    } catch (error) {
      await file?.close();
      throw error;
    }
  }

  /** The complete records of a journal; null if it belongs to another collection. */
  async #records(file: DiskFile): Promise<Uint8Array | null> {
    const { sizeBytes, links } = file.opened ?? await file.status();
    // A file with a second hard link may be a user's copy, which must not be written to.
    if (links > 1) return null;
    if (sizeBytes < HEADER_BYTES || sizeBytes > MAXIMUM_BYTES) return null;
    const header = new Uint8Array(HEADER_BYTES);
    await readFully(file, header, 0);
    if (!equalBytes(header, this.#header)) return null;
    const whole = Math.floor((sizeBytes - HEADER_BYTES) / RECORD_BYTES) * RECORD_BYTES;
    const records = new Uint8Array(whole);
    const step = READ_RECORDS * RECORD_BYTES;
    for (let at = 0; at < whole; at += step) {
      await readFully(file, records.subarray(at, at + step), HEADER_BYTES + at);
    }
    return records;
  }

  /** Writes the queued records, and those queued meanwhile, in as few calls as possible. */
  async #write(): Promise<void> {
    try {
      // Includes what else is queued in this turn.
      await Promise.resolve();
      this.#file ??= await this.#make();
      while (this.#waiting.length > 0) {
        const records = joined(this.#waiting.splice(0));
        await this.#file.writeAt(records, this.#endBytes);
        this.#endBytes += records.length;
      }
    } catch (error) {
      if (!isPliError(error)) throw error;
      this.#isBroken = true;
    } finally {
      this.#writing = null;
    }
  }

  /** Throws `destination_busy` when its name is taken. */
  async #make(): Promise<DiskFile> {
    const path = join(this.#folder.path, NAME);
    await this.#folder.check();
    const file = await this.#disk.open(path, "create");
    if (file === null) throw new PliError("destination_busy", { path });
    try {
      await file.writeAt(this.#header, 0);
    } catch (error) {
      await file.close();
      throw error;
    }
    return file;
  }
}

/**
 * The key of a file in a journal, which does not depend on the other files. Files with equal keys are distinguished by
 * what their pairs prove.
 */
export function fileKeyOf(hash: Uint8Array): number {
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0, true);
}

/** The records of a journal, ordered so that the pairs of a node are found. */
export class JournalPairs {
  readonly #records: DataView;
  /** Record numbers, sorted by file and node. */
  readonly #order: Uint32Array;

  constructor(records: Uint8Array) {
    this.#records = new DataView(records.buffer, records.byteOffset, records.length);
    this.#order = new Uint32Array(records.length / RECORD_BYTES).map((_, record) => record);
    const field = (record: number, at: number) => this.#field(record, at);
    this.#order.sort((a, b) => this.#compare(a, field(b, 0), field(b, 1), field(b, 2)));
  }

  /** The claimed pairs of the node over the blocks [firstBlock, endBlock) of a file. */
  *of(fileKey: number, firstBlock: number, endBlock: number): Generator<BlockPair, undefined> {
    const order = this.#order;
    let [low, high] = [0, order.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(order[middle], fileKey, firstBlock, endBlock) < 0) low = middle + 1;
      else high = middle;
    }
    for (; low < order.length && this.#compare(order[low], fileKey, firstBlock, endBlock) === 0; low++) {
      const at = order[low] * RECORD_BYTES + 3 * 4;
      yield { firstBlock, endBlock, left: this.#value(at), right: this.#value(at + HASH_BYTES) };
    }
  }

  #value(at: number): Uint8Array {
    return new Uint8Array(this.#records.buffer, this.#records.byteOffset + at, HASH_BYTES);
  }

  #field(record: number, at: number): number {
    return this.#records.getUint32(record * RECORD_BYTES + 4 * at, true);
  }

  #compare(record: number, fileKey: number, firstBlock: number, endBlock: number): number {
    return this.#field(record, 0) - fileKey || this.#field(record, 1) - firstBlock ||
      this.#field(record, 2) - endBlock;
  }
}

function encodeRecord(fileKey: number, { firstBlock, endBlock, left, right }: BlockPair): Uint8Array {
  const record = new Uint8Array(RECORD_BYTES);
  const view = new DataView(record.buffer);
  [fileKey, firstBlock, endBlock].forEach((value, field) => view.setUint32(4 * field, value, true));
  record.set(left, 3 * 4);
  record.set(right, 3 * 4 + HASH_BYTES);
  return record;
}

function joined(records: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(records.length * RECORD_BYTES);
  records.forEach((record, at) => whole.set(record, at * RECORD_BYTES));
  return whole;
}
