// What pli remembers of a download until it is complete: its key, by which the provider knows the receiver
// again when it comes back, whatever folder it then receives into. A second process with the same ticket is a
// receiver of its own, of which nothing is remembered.

import type { Home } from "./home.ts";
import { HeldRecord, recordKey } from "./records.ts";
import { newSecretKey, parseSecretKey } from "./secret_key.ts";

const FOLDER = "downloads";
const VERSION = 1;

export interface DownloadTarget {
  /** As `formatTicket` prints it: what makes two downloads the same one. */
  ticket: string;
  /** Where it goes, as an absolute path that need not exist; null for standard output. */
  folder: string | null;
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
  readonly #held: HeldRecord | null;
  readonly #record: DownloadRecord;

  constructor(secretKey: Uint8Array, held: HeldRecord | null, record: DownloadRecord) {
    this.secretKey = secretKey;
    this.#held = held;
    this.#record = record;
  }

  /** Remembers the download from now on: what it brings was accepted. Throws `home_*`. */
  async accepted(): Promise<void> {
    await this.#held?.write(this.#record);
  }

  /** Forgets the download: everything is there. Throws `home_*`. */
  async finished(): Promise<void> {
    await this.#held?.remove();
  }

  [Symbol.dispose](): void {
    this.#held?.[Symbol.dispose]();
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
    return new OpenDownload(secretKey, held, {
      version: VERSION,
      ...target,
      secretKey: givenKey === null ? secretKey.toHex() : null,
      startedAtMs: earlier?.startedAtMs ?? Date.now(),
    });
  } catch (error) {
    held?.[Symbol.dispose]();
    throw error;
  }
}

/** The fields that are used again, checked: the file may be of another version or edited by hand. */
function asDownloadRecord(value: unknown): DownloadRecord | null {
  const record = value as Partial<DownloadRecord> | null | undefined;
  if (typeof record !== "object" || record === null || record.version !== VERSION) return null;
  const { secretKey, startedAtMs } = record;
  const isKey = secretKey === null || typeof secretKey === "string";
  return isKey && typeof startedAtMs === "number" ? record as DownloadRecord : null;
}
