// What pli remembers of a download until it is complete: its key, by which the provider knows the receiver
// again when it comes back. One process at a time receives a ticket into a folder.

import { PliError } from "../engine/mod.ts";
import type { Home } from "./home.ts";
import { HeldRecord, recordKey } from "./records.ts";
import { newSecretKey, parseSecretKey } from "./secret_key.ts";

const FOLDER = "downloads";
const VERSION = 1;

/** What makes two downloads the same one. */
export interface DownloadTarget {
  /** As `formatTicket` prints it. */
  ticket: string;
  /** Absolute; it need not exist. */
  folder: string;
}

interface DownloadRecord extends DownloadTarget {
  version: typeof VERSION;
  /** Null when the key was the user's own. */
  secretKey: string | null;
  startedAtMs: number;
}

/** A download that runs in this process. */
export class OpenDownload implements Disposable {
  readonly secretKey: Uint8Array;
  readonly #held: HeldRecord;
  readonly #record: DownloadRecord;

  constructor(secretKey: Uint8Array, held: HeldRecord, record: DownloadRecord) {
    this.secretKey = secretKey;
    this.#held = held;
    this.#record = record;
  }

  /** Remembers the download from now on: what it brings was accepted. Throws `home_*`. */
  accepted(): Promise<void> {
    return this.#held.write(this.#record);
  }

  /** Forgets the download: everything is there. Throws `home_*`. */
  finished(): Promise<void> {
    return this.#held.remove();
  }

  [Symbol.dispose](): void {
    this.#held[Symbol.dispose]();
  }
}

/**
 * Begins a download, with the key of an earlier try where there was one. Throws `destination_busy` when
 * another process receives the same into the same folder, `home_*`.
 */
export async function beginDownload(
  home: Home,
  target: DownloadTarget,
  givenKey: Uint8Array | null,
): Promise<OpenDownload> {
  const folder = await realFolder(target.folder);
  const held = await HeldRecord.tryHold(await home.folder(FOLDER), await recordKey([target.ticket, folder]));
  if (held === null) throw new PliError("destination_busy", { path: target.folder });
  try {
    const earlier = asDownloadRecord(await held.read());
    const earlierKey = parseSecretKey(earlier?.secretKey ?? "");
    const secretKey = givenKey ?? earlierKey ?? newSecretKey();
    return new OpenDownload(secretKey, held, {
      version: VERSION,
      ticket: target.ticket,
      folder,
      secretKey: givenKey === null ? secretKey.toHex() : null,
      startedAtMs: earlier?.startedAtMs ?? Date.now(),
    });
  } catch (error) {
    held[Symbol.dispose]();
    throw error;
  }
}

/** The folder under its real name; as it was given when it is not there yet. */
async function realFolder(folder: string): Promise<string> {
  try {
    return await Deno.realPath(folder);
  } catch {
    // What is wrong with it, if anything, the engine's disk says.
    return folder;
  }
}

/** The fields that are used again, checked: the file may be of another version or edited by hand. */
function asDownloadRecord(value: unknown): DownloadRecord | null {
  const record = value as Partial<DownloadRecord> | null;
  if (typeof record !== "object" || record === null || record.version !== VERSION) return null;
  const { secretKey, startedAtMs } = record;
  const isKey = secretKey === null || typeof secretKey === "string";
  return isKey && typeof startedAtMs === "number" ? record as DownloadRecord : null;
}
