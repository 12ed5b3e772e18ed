// What pli remembers of a share until it has been delivered: its key and its ports, so that sending the same
// paths again gives the same ticket. A share whose paths are being sent by another process, and one with the
// user's own key, is served without a record.

import { type ClaimHolder, PliError, type Share } from "../engine/mod.ts";
import type { Home } from "./home.ts";
import { HeldRecord, pruneRecords, recordKey } from "./records.ts";
import { newSecretKey, parseSecretKey } from "./secret_key.ts";

const FOLDER = "shares";
const VERSION = 1;
const MAXIMUM_AGE_MS = 90 * 24 * 60 * 60 * 1000;

/** What makes two shares the same one: the paths, and the options that change what is in the collection. */
export interface ShareSource {
  paths: readonly string[];
  exclude: readonly string[];
}

/** Who has claimed a share, and the hash of its collection: what was changed meanwhile is nobody's. */
export type EarlierHolder = ClaimHolder & { hash: string };

interface ShareRecord extends ShareSource {
  version: typeof VERSION;
  secretKey: string;
  sockets: readonly string[];
  createdAtMs: number;
  /** Null while nobody has claimed it; records of earlier versions of pli do not say. */
  holder?: EarlierHolder | null;
}

/** A share that is being served by this process. */
export class OpenShare implements Disposable {
  /** What it was bound to last time; nothing when it is new. */
  readonly sockets: readonly string[];
  readonly secretKey: Uint8Array;
  /** Who held it last time; null when nobody did. */
  readonly earlierHolder: EarlierHolder | null;
  #made: { sockets: readonly string[]; hash: string } | null = null;
  #holder: ClaimHolder | null = null;
  readonly #source: ShareSource | null;
  readonly #held: HeldRecord | null;
  readonly #createdAtMs: number;

  constructor(secretKey: Uint8Array, source?: ShareSource, held?: HeldRecord, earlier?: ShareRecord) {
    this.secretKey = secretKey;
    this.sockets = earlier?.sockets ?? [];
    this.earlierHolder = earlier?.holder ?? null;
    this.#source = source ?? null;
    this.#held = held ?? null;
    this.#createdAtMs = earlier?.createdAtMs ?? Date.now();
  }

  /** Remembers the share from now on: its ticket is about to be shown. Throws `home_*`. */
  async ticketMade({ sockets, hash }: Pick<Share, "sockets" | "hash">): Promise<void> {
    this.#made = { sockets, hash: hash.toHex() };
    await this.#write();
  }

  /** Remembers who holds it now, so that the same receiver can go on when it is taken up again. */
  claimed({ id, isPli }: ClaimHolder): void {
    this.#holder = { id, isPli };
    // What is not written costs the receiver its right to come first, and only if this process ends early.
    this.#write().catch(() => {});
  }

  /** Forgets the share: it was delivered. Throws `home_*`. */
  async finished(): Promise<void> {
    await this.#held?.remove();
  }

  /** Resolves when nothing is being written: before it is disposed. */
  async settled(): Promise<void> {
    await this.#held?.settled();
  }

  [Symbol.dispose](): void {
    this.#held?.[Symbol.dispose]();
  }

  async #write(): Promise<void> {
    if (this.#source === null || this.#made === null) return;
    const { sockets, hash } = this.#made;
    const earlierHolder = this.earlierHolder?.hash === hash ? this.earlierHolder : null;
    const record: ShareRecord = {
      version: VERSION,
      paths: this.#source.paths,
      exclude: this.#source.exclude,
      secretKey: this.secretKey.toHex(),
      sockets,
      createdAtMs: this.#createdAtMs,
      holder: this.#holder === null ? earlierHolder : { hash, ...this.#holder },
    };
    await this.#held?.write(record);
  }
}

/** A share that nothing is remembered of. */
export function shareWithoutRecord(givenKey: Uint8Array | null): OpenShare {
  return new OpenShare(givenKey ?? newSecretKey());
}

/**
 * Goes on with the unfinished share of the same paths, or begins a new one, also in its place (`isNew`). Records of shares that were not
 * sent for 90 days are removed. Throws `path_missing`, `home_*`.
 */
export async function takeUpShare(
  home: Home,
  source: ShareSource,
  givenKey: Uint8Array | null,
  isNew = false,
): Promise<OpenShare> {
  if (givenKey !== null) return shareWithoutRecord(givenKey);
  await pruneRecords(home, FOLDER, MAXIMUM_AGE_MS);
  const real: ShareSource = { paths: await Promise.all(source.paths.map(realPath)), exclude: source.exclude };
  const held = await HeldRecord.tryHold(
    await home.folder(FOLDER),
    await recordKey([real.paths, real.exclude]),
  );
  if (held === null) return shareWithoutRecord(null);
  try {
    const earlier = isNew ? null : asShareRecord(await held.read());
    const key = earlier === null ? null : parseSecretKey(earlier.secretKey);
    if (earlier === null || key === null) return new OpenShare(newSecretKey(), real, held);
    return new OpenShare(key, real, held, earlier);
  } catch (error) {
    held[Symbol.dispose]();
    throw error;
  }
}

async function realPath(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) throw new PliError("path_missing", { path }, { cause });
    throw new PliError("disk_denied", { path }, { cause });
  }
}

/** The fields that are used again, checked: the file may be of another version or edited by hand. */
function asShareRecord(value: unknown): ShareRecord | null {
  const record = value as Partial<ShareRecord> | null;
  if (typeof record !== "object" || record === null || record.version !== VERSION) return null;
  const { secretKey, sockets, createdAtMs } = record;
  if (typeof secretKey !== "string" || typeof createdAtMs !== "number") return null;
  const known = Array.isArray(sockets) ? sockets.filter((socket) => typeof socket === "string") : [];
  return { ...record, sockets: known, holder: asHolder(record.holder) } as ShareRecord;
}

function asHolder(value: unknown): EarlierHolder | null {
  const { hash, id, isPli } = (value ?? {}) as Partial<EarlierHolder>;
  const isHolder = isHex(hash) && isHex(id) && typeof isPli === "boolean";
  return isHolder ? { hash: hash!, id: id!, isPli: isPli! } : null;
}

function isHex(value: unknown): boolean {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}
