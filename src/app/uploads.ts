// Files that a browser uploads, because a page does not get their paths: staged in a folder of PLI_HOME, and shared
// from there. The folder is removed with its share; what a killed process left is removed by the next one that opens
// the home.

import { dirname, join } from "node:path";
import { systemCode } from "../engine/disk/system_code.ts";
import type { Clock } from "../engine/mod.ts";
import { homeFault } from "./errors.ts";
import { ProcessFolder } from "./process_folder.ts";
import type { Home } from "./home.ts";
import { newShareView } from "./transfers/share_view.ts";
import { isUploadPart } from "./upload_name.ts";
import type { ShareView, Skipped } from "./views.ts";

const FOLDER = "uploads";

/** Reason for which an upload, or a file of it, is refused. */
export type UploadFault = "name" | "unknown" | "twice" | "incomplete";

export class UploadRefused extends Error {
  constructor(readonly fault: UploadFault) {
    super(`upload refused: ${fault}`);
  }
}

/** The announced files of an upload. */
export interface UploadPlan {
  files: number;
  bytes: number;
  /** The only name at the top; null for several. */
  title: string | null;
  keep: boolean;
  /** Names that the browser leaves out. */
  skipped: readonly Skipped[];
}

interface Upload {
  view: ShareView;
  folder: ProcessFolder;
  /** Names of files that are being staged or complete. */
  taken: Set<string>;
  done: number;
  reportedMs: number;
  /** Stops the timer that cancels an idle upload. */
  stopTimer: () => void;
}

/** A complete upload, to be shared. */
export interface StagedFiles {
  id: string;
  paths: string[];
  keep: boolean;
  skipped: readonly Skipped[];
  remove: () => Promise<void>;
}

/** Listener for the changes of uploads. */
export interface UploadListener {
  onView: (view: ShareView) => void;
  /** The upload was cancelled. */
  onCancelled: (id: string) => void;
}

/** Minimum interval of the progress reports. */
const INTERVAL_MS = 100;
/** Maximum idle time of an upload. A longer one means that the page was closed or reloaded. */
export const UPLOAD_IDLE_MS = 15_000;

export class Uploads implements AsyncDisposable {
  readonly #folder: string;
  readonly #uploads = new Map<string, Upload>();
  readonly #listener: UploadListener;
  readonly #clock: Clock;

  private constructor(folder: string, listener: UploadListener, clock: Clock) {
    this.#folder = folder;
    this.#listener = listener;
    this.#clock = clock;
  }

  /** Opens the folder for uploads. Throws `home_*`. */
  static async open(home: Home, listener: UploadListener): Promise<Uploads> {
    const folder = await home.folder(FOLDER);
    return new Uploads(folder, listener, home.clock);
  }

  get views(): ShareView[] {
    return [...this.#uploads.values()].map(({ view }) => view);
  }

  /** Begins an upload. Throws `home_*`. */
  async begin({ files, bytes, title, keep, skipped }: UploadPlan): Promise<string> {
    const folder = await ProcessFolder.create(this.#folder);
    const id = crypto.randomUUID();
    const about = newShareView(id, this.#clock.epochMs(), { title, keep, skipped, isStaged: true });
    const view: ShareView = { ...about, state: "staging", files, bytes };
    const upload = {
      view,
      folder,
      taken: new Set<string>(),
      done: 0,
      reportedMs: -Infinity,
      stopTimer: () => {},
    };
    this.#uploads.set(id, upload);
    this.#listener.onView(view);
    this.#startIdleTimer(upload);
    return id;
  }

  /**
   * Takes one whole file; its name has `/` between its parts. Throws UploadRefused, `home_*`, and the error of the
   * stream: then the file may be sent again.
   */
  async take(id: string, name: string, stream: ReadableStream<Uint8Array>): Promise<void> {
    const upload = this.#find(id);
    if (!name.split("/").every((part) => isUploadPart(part, Deno.build.os))) throw new UploadRefused("name");
    if (upload.taken.has(name)) throw new UploadRefused("twice");
    upload.taken.add(name);
    upload.stopTimer();
    const path = join(upload.folder.path, name);
    let takenBytes = 0;
    try {
      await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const file = await Deno.open(path, { createNew: true, write: true, mode: 0o600 });
      const counted = stream.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform: (piece, controller) => {
            takenBytes += piece.length;
            this.#add(upload, piece.length);
            controller.enqueue(piece);
          },
        }),
      );
      await counted.pipeTo(file.writable);
      upload.done++;
    } catch (error) {
      this.#add(upload, -takenBytes);
      upload.taken.delete(name);
      // The name of a file is that of a folder, or the reverse.
      if (isPathConflict(error)) throw new UploadRefused("name");
      await Deno.remove(path).catch(() => {});
      throw systemCode(error) !== "" ? homeFault(error, path) : error;
    } finally {
      this.#startIdleTimer(upload);
    }
  }

  /** The staged files, to be shared. Removes the upload. Throws UploadRefused while files are missing. */
  complete(id: string): StagedFiles {
    const upload = this.#find(id);
    if (upload.done === 0 || upload.done !== upload.view.files) throw new UploadRefused("incomplete");
    this.#forget(upload);
    const tops = new Set([...upload.taken].map((name) => name.split("/", 1)[0]));
    return {
      id,
      paths: [...tops].map((top) => join(upload.folder.path, top)),
      keep: upload.view.keep,
      skipped: upload.view.skipped,
      remove: () => removeStaged(upload),
    };
  }

  /** Cancels an upload. */
  async cancel(id: string): Promise<void> {
    const upload = this.#find(id);
    this.#forget(upload);
    await removeStaged(upload);
    this.#listener.onCancelled(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of [...this.#uploads.keys()]) await this.cancel(id);
  }

  #add(upload: Upload, bytes: number): void {
    upload.view = { ...upload.view, doneBytes: upload.view.doneBytes + bytes };
    // Data of a cancelled upload is not reported.
    if (!this.#uploads.has(upload.view.id)) return;
    const nowMs = this.#clock.nowMs();
    if (nowMs - upload.reportedMs < INTERVAL_MS && upload.view.doneBytes < upload.view.bytes) return;
    upload.reportedMs = nowMs;
    this.#listener.onView(upload.view);
  }

  /** Cancels an upload unless a file of it arrives in time. */
  #startIdleTimer(upload: Upload): void {
    const { taken, done, view: { id } } = upload;
    if (taken.size > done || !this.#uploads.has(id)) return;
    upload.stopTimer = this.#clock.timer(UPLOAD_IDLE_MS, () => void this.cancel(id));
  }

  #forget({ view: { id }, stopTimer }: Upload): void {
    stopTimer();
    this.#uploads.delete(id);
  }

  #find(id: string): Upload {
    const upload = this.#uploads.get(id);
    if (upload === undefined) throw new UploadRefused("unknown");
    return upload;
  }
}

/** What cannot be removed now is removed by the next process. */
async function removeStaged({ folder }: Upload): Promise<void> {
  await folder[Symbol.asyncDispose]().catch(() => {});
}

function isPathConflict(error: unknown): boolean {
  return ["EEXIST", "ENOTDIR", "EISDIR"].includes(systemCode(error));
}
