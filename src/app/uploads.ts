// Files that a browser uploads, because a page does not get their paths: staged in a folder of PLI_HOME, and shared
// from there. The folder is removed when its share ends. A complete upload has a record, with which the next process of
// the page shares it again; an incomplete one that a killed process left is removed by the next one that opens the home.

import { dirname, join } from "node:path";
import * as v from "valibot";
import { systemCode } from "../engine/disk/system_code.ts";
import type { Clock } from "../engine/mod.ts";
import { homeFault } from "./errors.ts";
import { ProcessFolder } from "./process_folder.ts";
import type { Home } from "./home.ts";
import { isNewer } from "./records.ts";
import { COUNT, storedAs } from "./stored.ts";
import { newShareView } from "./transfers/share_view.ts";
import { isUploadPart } from "./upload_name.ts";
import { NAMES_KEPT, type ShareView, type Skipped, type Title } from "./views.ts";
import { writeWhole } from "./whole_writes.ts";

const FOLDER = "uploads";
const VERSION = 1;

/** The reasons for which a browser leaves names out. */
export const UPLOAD_SKIPS = [
  "unreadable",
  "empty_folder",
  "name_not_portable",
  "name_too_long",
  "too_deep",
] as const;

const SKIPPED = v.object({
  reason: v.picklist(UPLOAD_SKIPS),
  count: COUNT,
  names: v.pipe(v.array(v.string()), v.maxLength(NAMES_KEPT)),
});

/** The record of a complete upload. */
const RECORD = v.object({
  version: v.literal(VERSION),
  /** The names at the top. */
  names: v.pipe(
    v.array(v.pipe(v.string(), v.check((name) => isUploadPart(name, Deno.build.os)))),
    v.minLength(1),
  ),
  keep: v.boolean(),
  skipped: v.fallback(v.array(SKIPPED), []),
});
type UploadRecord = v.InferOutput<typeof RECORD>;

/** Reason for which an upload, or a file of it, is refused. */
export type UploadFault = "name" | "unknown" | "twice" | "incomplete";

export class UploadRefused extends Error {
  constructor(readonly fault: UploadFault) {
    super(`upload refused: ${fault}`);
  }
}

/** The announced files of an upload. */
export interface UploadPlan extends Title {
  files: number;
  bytes: number;
  keep: boolean;
  /** Names that the browser leaves out. */
  skipped: readonly Skipped[];
}

interface Upload {
  view: ShareView;
  folder: ProcessFolder;
  /** Names of files that are being staged or complete. */
  taken: Set<string>;
  /** The paths of its folders that exist. */
  folders: Set<string>;
  done: number;
  reportedMs: number;
  /** Stops the timer that cancels an idle upload. */
  stopTimer: () => void;
}

/** The content of a file: whole if it is small, which is written by one call of the system's threads. */
export type UploadContent = Uint8Array | AsyncIterable<Uint8Array>;

export interface UploadedFile {
  name: string;
  content: UploadContent;
}

/** A complete upload, to be shared. */
export interface StagedFiles {
  id: string;
  paths: string[];
  keep: boolean;
  skipped: readonly Skipped[];
  /** Removes them: their share has ended. */
  remove: () => Promise<void>;
  /** Leaves them to the next process. */
  leave: () => void;
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
  readonly #home: Home;
  readonly #folder: string;
  readonly #uploads = new Map<string, Upload>();
  readonly #listener: UploadListener;
  readonly #clock: Clock;

  private constructor(home: Home, folder: string, listener: UploadListener) {
    this.#home = home;
    this.#folder = folder;
    this.#listener = listener;
    this.#clock = home.clock;
  }

  /** Opens the folder for uploads. Throws `home_*`. */
  static async open(home: Home, listener: UploadListener): Promise<Uploads> {
    const folder = await home.folder(FOLDER);
    return new Uploads(home, folder, listener);
  }

  get views(): ShareView[] {
    return [...this.#uploads.values()].map(({ view }) => view);
  }

  /** The complete uploads of an earlier process whose shares have not ended. Throws `home_*`. */
  async left(): Promise<StagedFiles[]> {
    const all: StagedFiles[] = [];
    let unreadable = 0;
    for (const { folder, record: value } of await ProcessFolder.reopenLeft(this.#folder, this.#home.notify)) {
      const record = storedAs(RECORD, value);
      if (record !== null) {
        // Its age begins again.
        await folder.record(record);
        all.push(stagedFiles(crypto.randomUUID(), folder, record));
      } else if (isNewer(value, VERSION)) {
        folder.leave();
      } else {
        unreadable++;
        await removeStaged(folder);
      }
    }
    if (unreadable > 0) this.#home.notify({ code: "shares_unreadable", parameters: { count: unreadable } });
    return all;
  }

  /** Begins an upload. Throws `home_*`. */
  async begin({ files, bytes, title, otherNames, keep, skipped }: UploadPlan): Promise<string> {
    const folder = await ProcessFolder.create(this.#folder);
    const id = crypto.randomUUID();
    const about = newShareView(id, this.#clock.epochMs(), {
      title,
      otherNames,
      keep,
      skipped,
      isStaged: true,
    });
    const view: ShareView = { ...about, state: "staging", files, bytes };
    const upload = {
      view,
      folder,
      taken: new Set<string>(),
      folders: new Set<string>(),
      done: 0,
      reportedMs: -Infinity,
      stopTimer: () => {},
    };
    this.#uploads.set(id, upload);
    this.#listener.onView(view);
    this.#startIdleTimer(upload);
    return id;
  }

  /** Takes several files at the same time. Throws as `take`, after all have ended. */
  async takeAll(id: string, files: readonly UploadedFile[]): Promise<void> {
    const results = await Promise.allSettled(files.map(({ name, content }) => this.take(id, name, content)));
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  /**
   * Takes one whole file; its name has `/` between its parts. Throws UploadRefused, `home_*`, and the error of the
   * content: then the file may be sent again.
   */
  async take(id: string, name: string, content: UploadContent): Promise<void> {
    const upload = this.#find(id);
    if (!name.split("/").every((part) => isUploadPart(part, Deno.build.os))) throw new UploadRefused("name");
    if (upload.taken.has(name)) throw new UploadRefused("twice");
    upload.taken.add(name);
    upload.stopTimer();
    const path = join(upload.folder.path, name);
    let takenBytes = 0;
    const count = (bytes: number) => {
      takenBytes += bytes;
      this.#add(upload, bytes);
    };
    try {
      await makeFolder(upload, dirname(path));
      await writeNew(path, content, count);
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

  /**
   * The staged files, to be shared. Ends the upload. Throws UploadRefused while files are missing, and `home_*`: then
   * they are removed.
   */
  async complete(id: string): Promise<StagedFiles> {
    const upload = this.#find(id);
    const { folder, taken, view: { files, keep, skipped } } = upload;
    if (upload.done === 0 || upload.done !== files) throw new UploadRefused("incomplete");
    this.#forget(upload);
    const names = [...new Set([...taken].map((name) => name.split("/", 1)[0]))];
    const record = { version: VERSION, names, keep, skipped } as const;
    try {
      await folder.record(record);
    } catch (error) {
      await removeStaged(folder);
      this.#listener.onCancelled(id);
      throw error;
    }
    return stagedFiles(id, folder, record);
  }

  /** Cancels an upload. */
  async cancel(id: string): Promise<void> {
    const upload = this.#find(id);
    this.#forget(upload);
    await removeStaged(upload.folder);
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

async function makeFolder({ folders }: Upload, path: string): Promise<void> {
  if (folders.has(path)) return;
  await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  folders.add(path);
}

async function writeNew(
  path: string,
  content: UploadContent,
  onWritten: (bytes: number) => void,
): Promise<void> {
  const options = { createNew: true, mode: 0o600 };
  if (content instanceof Uint8Array) {
    await Deno.writeFile(path, content, options);
    return onWritten(content.length);
  }
  using file = await Deno.open(path, { ...options, write: true });
  for await (const piece of content) {
    await writeWhole(file, piece);
    onWritten(piece.length);
  }
}

function stagedFiles(
  id: string,
  folder: ProcessFolder,
  { names, keep, skipped }: Pick<UploadRecord, "names" | "keep"> & { skipped: readonly Skipped[] },
): StagedFiles {
  return {
    id,
    paths: names.map((name) => join(folder.path, name)),
    keep,
    skipped,
    remove: () => removeStaged(folder),
    leave: () => folder.leave(),
  };
}

/** What cannot be removed now is removed by the next process. */
async function removeStaged(folder: ProcessFolder): Promise<void> {
  await folder[Symbol.asyncDispose]().catch(() => {});
}

function isPathConflict(error: unknown): boolean {
  return ["EEXIST", "ENOTDIR", "EISDIR"].includes(systemCode(error));
}
