// The records of unfinished shares: key and ports, so that sending the same paths again yields the same ticket. A
// share whose paths are being sent already, and one with the user's own key, has no record.

import { basename, dirname, join } from "node:path";
import * as v from "valibot";
import type { ClaimHolder, Share } from "../engine/mod.ts";
import type { Home } from "./home.ts";
import { nothingRemembered } from "./home_if_usable.ts";
import { MAXIMUM_RECORD_AGE_MS } from "./private_files.ts";
import { HeldRecord, pruneRecords, recordKey } from "./records.ts";
import { newSecretKey, parseSecretKey } from "./secret_key.ts";
import { HEX_32, storedAs, TIME } from "./stored.ts";

const FOLDER = "shares";
const VERSION = 1;

/** The identity of a share: the paths, and the options that change the content of the collection. */
export interface ShareSource {
  paths: readonly string[];
  exclude: readonly string[];
}

/** The holder of a share's claim, and the hash of its collection: a changed collection is unclaimed. */
export type EarlierHolder = ClaimHolder & { hash: string };

/** The stored part of a record that is used again. */
const STORED_SHARE = v.object({
  version: v.literal(VERSION),
  secretKey: v.string(),
  sockets: v.fallback(v.pipe(v.array(v.string()), v.readonly()), []),
  createdAtMs: TIME,
  /** Null if the share is unclaimed; records of earlier versions of pli lack it. */
  holder: v.fallback(v.nullable(v.object({ hash: HEX_32, id: HEX_32, isPli: v.boolean() })), null),
});
type StoredFields = v.InferOutput<typeof STORED_SHARE>;
type ShareRecord = StoredFields & ShareSource;

/** The stored record of a share. */
interface StoredShare {
  source: ShareSource;
  held: HeldRecord;
  createdAtMs: number;
  /** The stored values at the start; null for a new share. */
  earlier: StoredFields | null;
}

/** The key of a share and the other values that its next run needs, with its record if it has one. */
export class ShareIdentity implements Disposable {
  /** The sockets of the last run; empty if the share is new. */
  readonly sockets: readonly string[];
  readonly secretKey: Uint8Array;
  /** The holder at the end of the last run; null if there was none. */
  readonly earlierHolder: EarlierHolder | null;
  #served: { sockets: readonly string[]; hash: string } | null = null;
  #holder: ClaimHolder | null = null;
  readonly #stored: StoredShare | null;

  constructor(secretKey: Uint8Array, stored: StoredShare | null) {
    this.secretKey = secretKey;
    this.sockets = stored?.earlier?.sockets ?? [];
    this.earlierHolder = stored?.earlier?.holder ?? null;
    this.#stored = stored;
  }

  /** Stores the share from now on, because its ticket is shown next; false without a record. Throws `home_*`. */
  async ticketMade({ sockets, hash }: Pick<Share, "sockets" | "hash">): Promise<boolean> {
    this.#served = { sockets, hash: hash.toHex() };
    await this.#write();
    return this.#stored !== null;
  }

  /** Stores the holder, so that the same receiver can continue after a restart. */
  claimed({ id, isPli }: ClaimHolder): void {
    this.#holder = { id, isPli };
    // A failed write only costs the receiver its claim, and only if this process ends early.
    this.#write().catch(() => {});
  }

  /** Deletes the record: the share was delivered. Throws `home_*`. */
  async finished(): Promise<void> {
    await this.#stored?.held.remove();
  }

  /** Resolves when no write is queued. Must be awaited before disposing. */
  async settled(): Promise<void> {
    await this.#stored?.held.settled();
  }

  [Symbol.dispose](): void {
    this.#stored?.held[Symbol.dispose]();
  }

  async #write(): Promise<void> {
    if (this.#stored === null || this.#served === null) return;
    const { source, held, createdAtMs } = this.#stored;
    const { sockets, hash } = this.#served;
    const earlierHolder = this.earlierHolder?.hash === hash ? this.earlierHolder : null;
    const record: ShareRecord = {
      version: VERSION,
      paths: source.paths,
      exclude: source.exclude,
      secretKey: this.secretKey.toHex(),
      sockets,
      createdAtMs,
      holder: this.#holder === null ? earlierHolder : { hash, ...this.#holder },
    };
    await held.write(record);
  }
}

/** A share without a record. */
export function shareWithoutRecord(givenKey: Uint8Array | null): ShareIdentity {
  return new ShareIdentity(givenKey ?? newSecretKey(), null);
}

/**
 * Continues the unfinished share of the same paths, or begins a new one, with `isNew` in its place. Records of shares
 * that were not sent for 90 days are removed. If nothing can be stored, which a notice reports, and without a home,
 * the share has no record. A path that does not exist is reported by the share.
 */
export async function resumeShare(
  home: Home | null,
  source: ShareSource,
  givenKey: Uint8Array | null,
  isNew = false,
): Promise<ShareIdentity> {
  if (givenKey !== null) return shareWithoutRecord(givenKey);
  const real: ShareSource = { paths: await Promise.all(source.paths.map(placeOf)), exclude: source.exclude };
  if (home === null) return shareWithoutRecord(null);
  try {
    return await resumeRecorded(home, real, isNew);
  } catch (error) {
    home.notify(nothingRemembered(error));
    return shareWithoutRecord(null);
  }
}

async function resumeRecorded(home: Home, real: ShareSource, isNew: boolean): Promise<ShareIdentity> {
  await pruneRecords(home, FOLDER, MAXIMUM_RECORD_AGE_MS);
  const held = await HeldRecord.tryHold(
    await home.folder(FOLDER),
    await recordKey([real.paths, real.exclude]),
    { version: VERSION, notify: home.notify },
  );
  if (held === null) {
    home.notify({ code: "shared_elsewhere", parameters: {} });
    return shareWithoutRecord(null);
  }
  try {
    const earlier = isNew ? null : storedAs(STORED_SHARE, await held.read());
    const key = earlier === null ? null : parseSecretKey(earlier.secretKey);
    const createdAtMs = earlier?.createdAtMs ?? home.clock.epochMs();
    const stored = { source: real, held, createdAtMs, earlier: key === null ? null : earlier };
    return new ShareIdentity(key ?? newSecretKey(), stored);
  } catch (error) {
    held[Symbol.dispose]();
    throw error;
  }
}

/** The identity of a path: a symlink has its own name in a resolved folder. */
async function placeOf(path: string): Promise<string> {
  try {
    if (!(await Deno.lstat(path)).isSymlink) return await Deno.realPath(path);
    return join(await Deno.realPath(dirname(path)), basename(path));
  } catch {
    // The share reports errors of its paths, all together.
    return path;
  }
}
