// What pli remembers of a download until it is complete: its key, by which the provider knows the receiver
// again when it comes back, whatever folder it then receives into; and for every folder what a list of unfinished
// downloads shows, and how to go on with it. A second process with the same ticket is a receiver of its own, of
// which nothing is remembered.

import { type ExistingPolicy, type Offer, parseTicket } from "../engine/mod.ts";
import { asDownloadRecord, type DownloadPlace, type DownloadRecord, isStaged } from "./download_record.ts";
import type { Home } from "./home.ts";
import { HeldRecord, listRecords, pruneRecords, recordKey } from "./records.ts";
import { newSecretKey, parseSecretKey } from "./secret_key.ts";
import { topsOf } from "./titles.ts";

const FOLDER = "downloads";
const MAXIMUM_AGE_MS = 90 * 24 * 60 * 60 * 1000;
/** A provider keeps a claim for so long, and so is the key that it belongs to, even if nothing has arrived. */
const CLAIM_MS = 10 * 60 * 1000;
/** How often it is written how much has arrived. */
const INTERVAL_MS = 5_000;

export interface DownloadTarget {
  /** As `formatTicket` prints it: what makes two downloads the same one. */
  ticket: string;
  /** Where it goes, as an absolute path that need not exist; null for standard output. */
  folder: string | null;
  existing: ExistingPolicy;
  /** Globs; none is everything. */
  only: readonly string[];
}

/** A download that was interrupted, or runs in another process. */
export interface UnfinishedDownload extends DownloadTarget {
  folder: string;
  /** The first name at the top of what it brings. */
  title: string;
  /** How many more there are. */
  otherNames: number;
  files: number;
  bytes: number;
  receivedBytes: number;
  /** Whether that is all that had arrived: not after a process was killed, or while it runs. */
  isExact: boolean;
  startedAtMs: number;
  updatedAtMs: number;
  isRunning: boolean;
}

/** A download that runs in this process. */
export class OpenDownload implements Disposable {
  readonly secretKey: Uint8Array;
  readonly #held: HeldRecord | null;
  readonly #target: DownloadTarget;
  /** What is remembered of the ticket besides this download. */
  readonly #record: DownloadRecord;
  readonly #earlier: DownloadPlace | null;
  readonly #isFolderNew: boolean;
  #place: DownloadPlace | null = null;

  constructor(
    secretKey: Uint8Array,
    held: HeldRecord | null,
    target: DownloadTarget,
    record: DownloadRecord,
    isFolderNew: boolean,
  ) {
    this.secretKey = secretKey;
    this.#held = held;
    this.#target = target;
    this.#earlier = record.places.find(({ folder }) => folder === target.folder) ?? null;
    this.#isFolderNew = this.#earlier?.isFolderNew ?? isFolderNew;
    this.#record = { ...record, places: record.places.filter(({ folder }) => folder !== target.folder) };
  }

  /** Whether it is this process that goes on with it, and remembers it; else another one does. */
  get isRemembered(): boolean {
    return this.#held !== null;
  }

  /** How much is there, as far as it is known. */
  get receivedBytes(): number {
    return (this.#place ?? this.#earlier)?.receivedBytes ?? 0;
  }

  /** Whether what needs consent in an offer was consented to when this download began. */
  async hasConsent(offer: Offer): Promise<boolean> {
    return this.#earlier !== null && this.#earlier.consent === await consentKey(offer);
  }

  /** Remembers the download from now on: what it brings was accepted. Throws `home_*`. */
  async accepted(offer: Offer): Promise<void> {
    const { folder, existing, only } = this.#target;
    if (folder !== null) {
      this.#place = {
        folder,
        ...namesOf(offer),
        files: offer.files.length,
        bytes: offer.bytes,
        receivedBytes: this.#earlier?.receivedBytes ?? 0,
        isExact: false,
        isFolderNew: this.#isFolderNew,
        existing,
        only,
        consent: await consentKey(offer),
        startedAtMs: this.#earlier?.startedAtMs ?? Date.now(),
        updatedAtMs: Date.now(),
      };
    }
    await this.#write();
  }

  /** Notes how much is there, earlier runs included. It is written now and then. */
  arrived(receivedBytes: number): void {
    if (this.#place === null) return;
    const isFirst = this.#place.receivedBytes === 0 && receivedBytes > 0;
    this.#place.receivedBytes = receivedBytes;
    if (!isFirst && Date.now() - this.#place.updatedAtMs < INTERVAL_MS) return;
    // A list that shows less than there is harms nothing.
    this.#write().catch(() => {});
  }

  /** Remembers how far it came: it ends here for now. Throws `home_*`. */
  async interrupted(): Promise<void> {
    if (this.#place === null) return;
    this.#place.isExact = true;
    await this.#write();
  }

  /** Forgets the download: everything is there, or nothing is to be. Throws `home_*`. */
  async finished(): Promise<void> {
    this.#place = null;
    if (this.#record.places.length > 0) await this.#write();
    else await this.#held?.remove();
  }

  /** Forgets the download, what it left being removed, and removes the folder that was made for it. Throws `home_*`. */
  async discarded(): Promise<void> {
    await this.finished();
    if (this.#earlier?.isFolderNew) await removeIfEmpty(this.#earlier.folder);
  }

  [Symbol.dispose](): void {
    this.#held?.[Symbol.dispose]();
  }

  async #write(): Promise<void> {
    if (this.#place !== null) this.#place.updatedAtMs = Date.now();
    const { places } = this.#record;
    await this.#held?.write({
      ...this.#record,
      places: this.#place === null ? places : [...places, this.#place],
    });
  }
}

/** Begins a download, with the key of an earlier try where there was one. Throws `home_*`. */
export async function beginDownload(
  home: Home,
  target: DownloadTarget,
  givenKey: Uint8Array | null,
): Promise<OpenDownload> {
  const held = await HeldRecord.tryHold(await home.folder(FOLDER), await recordKey([target.ticket]));
  try {
    const earlier = asDownloadRecord(await held?.read());
    const secretKey = givenKey ?? parseSecretKey(earlier?.secretKey ?? "") ?? newSecretKey();
    const record: DownloadRecord = {
      version: 2,
      ticket: target.ticket,
      secretKey: givenKey === null ? secretKey.toHex() : null,
      places: earlier?.places ?? [],
    };
    const isFolderNew = target.folder !== null && !await isThere(target.folder);
    return new OpenDownload(secretKey, held, target, record, isFolderNew);
  } catch (error) {
    held?.[Symbol.dispose]();
    throw error;
  }
}

/**
 * The downloads that can be gone on with, the oldest first. What is remembered of those whose folder is gone, or
 * what was in it, and of those that nobody went on with for 90 days, is removed. Throws `home_*`.
 */
export async function listDownloads(home: Home): Promise<UnfinishedDownload[]> {
  await pruneRecords(home, FOLDER, MAXIMUM_AGE_MS);
  const downloads: UnfinishedDownload[] = [];
  for (const { key, record: value, isHeld, modifiedMs } of await listRecords(home, FOLDER)) {
    const record = asDownloadRecord(value);
    if (record === null) continue;
    const staged = await stagedPlaces(record);
    for (const { consent: _, isFolderNew: __, ...place } of staged) {
      const isExact = place.isExact && !isHeld;
      const { otherNames = 0 } = place;
      downloads.push({ ...place, otherNames, ticket: record.ticket, isExact, isRunning: isHeld });
    }
    const isOver = staged.length === 0 && Date.now() - modifiedMs >= CLAIM_MS;
    if (!isHeld && (isOver || staged.length < record.places.length)) await pruneRecord(home, key, isOver);
  }
  return downloads.sort((a, b) => a.startedAtMs - b.startedAtMs);
}

/** Removes what is no longer there from a record, or all of it, unless another process works on it now. */
async function pruneRecord(home: Home, key: string, isOver: boolean): Promise<void> {
  using held = await HeldRecord.tryHold(await home.folder(FOLDER), key);
  const record = asDownloadRecord(await held?.read());
  if (held === null || record === null) return;
  const places = await stagedPlaces(record);
  if (isOver && places.length === 0) await held.remove();
  else if (places.length < record.places.length) await held.write({ ...record, places });
}

async function stagedPlaces({ ticket, places }: DownloadRecord): Promise<DownloadPlace[]> {
  const { hash } = parseTicket(ticket);
  const staged = await Promise.all(places.map(({ folder }) => isStaged(folder, hash)));
  return places.filter((_, index) => staged[index]);
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await Deno.remove(folder);
  } catch {
    // Something is in it, or it is somebody else's now: then it stays.
  }
}

/** What an offer asks consent for, as one value. */
function consentKey({ consents }: Offer): Promise<string> {
  return recordKey(consents.map(({ name, reason }) => [name, reason]));
}

/** The first name at the top of an offer, and how many more there are. */
function namesOf({ files }: Offer): { title: string; otherNames: number } {
  const [title = "", ...others] = topsOf(files.map(({ name }) => name));
  return { title, otherNames: others.length };
}
