// The record of a download until it is complete: its key, by which the provider recognises the receiver when it
// reconnects, whatever folder it then receives into; and for every folder its entry in the list of unfinished
// downloads. A second process with the same ticket is another receiver, without a record.

import {
  type Clock,
  type Consent,
  type ExistingPolicy,
  type Fetched,
  isPliError,
  type Offer,
  systemClock,
  type Ticket,
  type TransferEvent,
} from "../../engine/mod.ts";
import { isThere, removeIfEmpty } from "../folders.ts";
import type { Home } from "../home.ts";
import { nothingRemembered } from "../home_if_usable.ts";
import { HeldRecord, recordKey } from "../records.ts";
import { newSecretKey, parseSecretKey } from "../secret_key.ts";
import { titleOfOffer } from "../titles.ts";
import {
  asDownloadRecord,
  type DownloadPlace,
  type DownloadRecord,
  keyOfTicket,
  RECORD_VERSION,
  RECORDS_FOLDER,
  writtenRecord,
} from "./download_record.ts";

/** Interval at which the received amount is stored. */
const INTERVAL_MS = 5_000;
/** Maximum number of stored names of lost files. */
const LOST_NAMES = 20;

export interface DownloadTarget {
  ticket: Ticket;
  /** The destination, as an absolute path that need not exist; null for standard output. */
  folder: string | null;
  /** The name for one file, or of the folder for several; null for neither. */
  name?: string | null;
  existing: ExistingPolicy;
  /** Globs of the chosen names; all if empty. */
  only: readonly string[];
}

/** A download that runs in this process. */
export class OpenDownload implements Disposable {
  readonly secretKey: Uint8Array;
  readonly #held: HeldRecord | null;
  readonly #target: DownloadTarget;
  readonly #clock: Pick<Clock, "epochMs">;
  /** The stored record of the ticket. */
  readonly #record: DownloadRecord;
  readonly #earlier: DownloadPlace | null;
  /** The folder of the download, final once the offer is known. */
  #folder: string | null;
  #isFolderNew: boolean;
  #place: DownloadPlace | null = null;
  #reusableBytes: (() => number) | null = null;
  #lostFiles = 0;
  readonly #lostNames: string[] = [];

  constructor(
    secretKey: Uint8Array,
    held: HeldRecord | null,
    target: DownloadTarget,
    record: DownloadRecord,
    isFolderNew: boolean,
    clock: Pick<Clock, "epochMs">,
  ) {
    this.#clock = clock;
    this.secretKey = secretKey;
    this.#held = held;
    this.#target = target;
    this.#earlier = record.places.find(({ folder }) => folder === target.folder) ?? null;
    this.#isFolderNew = this.#earlier?.isFolderNew ?? isFolderNew;
    this.#folder = target.folder;
    this.#record = record;
  }

  /** Whether this process holds the record. */
  get hasRecord(): boolean {
    return this.#held !== null;
  }

  /** The received bytes that a later run can reuse, as far as they are known. */
  get receivedBytes(): number {
    return (this.#place ?? this.#earlier)?.receivedBytes ?? 0;
  }

  /** Whether an earlier run has consented to what needs consent in the content of an offer. */
  async hasConsent(offer: Offer): Promise<boolean> {
    return this.#earlier !== null && this.#earlier.consent === await consentKey(offer);
  }

  /** Stores the download from now on: its offer was accepted. Throws `home_*`. */
  async accepted(offer: Offer): Promise<void> {
    const { folder: requestedFolder, existing, only } = this.#target;
    const { folder, name } = offer.place ?? { folder: requestedFolder, name: null };
    this.#isFolderNew ||= folder !== requestedFolder;
    this.#folder = folder;
    if (folder !== null) {
      const nowMs = this.#clock.epochMs();
      const { title, otherNames } = titleOfOffer(offer);
      this.#place = {
        folder,
        ...(name === null ? { title: title ?? "", otherNames } : { name, title: name, otherNames: 0 }),
        files: offer.files.length,
        bytes: offer.bytes,
        receivedBytes: this.#earlier?.receivedBytes ?? 0,
        isExact: false,
        isFolderNew: this.#isFolderNew,
        existing,
        only,
        consent: await consentKey(offer),
        startedAtMs: this.#earlier?.startedAtMs ?? nowMs,
        updatedAtMs: nowMs,
      };
    }
    await this.#write();
  }

  /** The data begins to arrive; `reusableBytes` returns how much of it a later run can reuse. */
  begun(reusableBytes: () => number): void {
    this.#reusableBytes = reusableBytes;
    this.#measure();
  }

  /** Follows the events of a download: received bytes, with those of earlier runs, and lost files. */
  follow(event: TransferEvent): void {
    if (event.type === "progress") this.#arrived();
    if (event.type !== "source_lost") return;
    this.#lostFiles++;
    if (this.#lostNames.length < LOST_NAMES) this.#lostNames.push(event.name);
  }

  /** Stored at an interval. */
  #arrived(): void {
    if (this.#place === null) return;
    const earlierBytes = this.#place.receivedBytes;
    this.#measure();
    const isFirst = earlierBytes === 0 && this.#place.receivedBytes > 0;
    if (!isFirst && this.#clock.epochMs() - this.#place.updatedAtMs < INTERVAL_MS) return;
    // A list that shows too little does no harm.
    this.#write().catch(() => {});
  }

  #measure(): void {
    if (this.#place !== null) {
      this.#place.receivedBytes = this.#reusableBytes?.() ?? this.#place.receivedBytes;
    }
  }

  /** Stores the progress and the lost files after `error` has interrupted the download. Throws `home_*`. */
  async interrupted(error: unknown): Promise<void> {
    this.#measure();
    const place = this.#place ?? (isPliError(error, "source_lost") ? this.#earlier : null);
    if (place === null) return;
    this.#place = { ...place, isExact: true, ...this.#lost };
    await this.#write();
  }

  /**
   * Deletes the record of a finished download. If data of lost files is kept, it is reduced to that. Throws `home_*`.
   */
  async ended({ lost, keptBytes }: Pick<Fetched, "lost" | "keptBytes">): Promise<void> {
    if (keptBytes === 0 || this.#place === null) return await this.finished();
    this.#place = {
      ...this.#place,
      files: lost.length,
      bytes: lost.reduce((sum, { bytes }) => sum + bytes, 0),
      receivedBytes: keptBytes,
      isExact: true,
      ...this.#lost,
    };
    await this.#write();
  }

  get #lost(): Pick<DownloadPlace, "lostFiles" | "lostNames"> {
    return { lostFiles: this.#lostFiles, lostNames: this.#lostNames };
  }

  /** Deletes the record: nothing more is to be received. Throws `home_*`. */
  async finished(): Promise<void> {
    this.#place = null;
    if (this.#otherPlaces.length > 0) await this.#write();
    else await this.#held?.remove();
  }

  /** Deletes the record after its data was removed, and the folder that was created for it. Throws `home_*`. */
  async discarded(): Promise<void> {
    await this.finished();
    if (this.#earlier?.isFolderNew) await removeIfEmpty(this.#earlier.folder);
  }

  [Symbol.dispose](): void {
    this.#held?.[Symbol.dispose]();
  }

  /** The other folders that the same ticket is received into. */
  get #otherPlaces(): readonly DownloadPlace[] {
    return this.#record.places.filter(({ folder }) => folder !== this.#folder);
  }

  async #write(): Promise<void> {
    if (this.#place !== null) this.#place.updatedAtMs = this.#clock.epochMs();
    const places = [...this.#otherPlaces, ...(this.#place === null ? [] : [this.#place])];
    await this.#held?.write(writtenRecord({ ...this.#record, places }));
  }
}

/** Opens a download, with the key of an earlier attempt if there was one. Throws `home_*`. */
export async function openDownload(
  home: Home,
  target: DownloadTarget,
  givenKey: Uint8Array | null,
): Promise<OpenDownload> {
  const kind = { version: RECORD_VERSION, notify: home.notify };
  const held = await HeldRecord.tryHold(
    await home.folder(RECORDS_FOLDER),
    await keyOfTicket(target.ticket),
    kind,
  );
  try {
    const earlier = asDownloadRecord(await held?.read());
    const secretKey = givenKey ?? parseSecretKey(earlier?.secretKey ?? "") ?? newSecretKey();
    const record: DownloadRecord = {
      ticket: target.ticket,
      secretKey: givenKey === null ? secretKey.toHex() : earlier?.secretKey ?? null,
      places: earlier?.places ?? [],
    };
    const isFolderNew = target.folder !== null && !await isThere(target.folder);
    return new OpenDownload(secretKey, held, target, record, isFolderNew, home.clock);
  } catch (error) {
    held?.[Symbol.dispose]();
    throw error;
  }
}

/**
 * Opens a download as `openDownload` does. Without a home, or with an unusable record, which a notice reports, it has
 * a new key and no record.
 */
export async function openDownloadWithFallback(
  home: Home | null,
  target: DownloadTarget,
  givenKey: Uint8Array | null,
): Promise<OpenDownload> {
  if (home !== null) {
    try {
      return await openDownload(home, target, givenKey);
    } catch (error) {
      home.notify(nothingRemembered(error));
    }
  }
  const record = { ticket: target.ticket, secretKey: null, places: [] };
  return new OpenDownload(
    givenKey ?? newSecretKey(),
    null,
    target,
    record,
    false,
    home?.clock ?? systemClock,
  );
}

/** A hash of what needs consent in the content of an offer. */
function consentKey({ consents }: Offer): Promise<string> {
  return recordKey(
    consents.filter((consent) => !isOfRoom(consent)).map(({ name, reason }) => [name, reason]),
  );
}

/** Whether a consent is about the room of the volume, which changes, and not about the content. */
export function isOfRoom({ reason }: Consent): boolean {
  return reason === "space_short" || reason === "inodes_short";
}
