// Files that a browser brings, because a page may not tell where they lie: staged once, in a folder of pli's home,
// and shared from there. The folder goes with its share; what a process that died has left goes when the next
// one opens.

import { dirname, join } from "node:path";
import { homeFault } from "./errors.ts";
import { HeldFolder } from "./held_folder.ts";
import type { Home } from "./home.ts";
import { newShareView } from "./share_view.ts";
import type { ShareView, Skipped } from "./views.ts";

const FOLDER = "uploads";
const PART_MAXIMUM_BYTES = 255;

/** Why an upload, or a part of it, is refused. */
export type UploadFault = "name" | "unknown" | "twice" | "incomplete";

export class UploadRefused extends Error {
  constructor(readonly fault: UploadFault) {
    super(`upload refused: ${fault}`);
  }
}

/** What is to come. */
export interface UploadPlan {
  files: number;
  bytes: number;
  /** The only name at the top; null for several. */
  title: string | null;
  keep: boolean;
  /** What the browser leaves out of it. */
  skipped: readonly Skipped[];
}

interface Upload {
  view: ShareView;
  folder: HeldFolder;
  /** Names of files that are under way or there. */
  taken: Set<string>;
  done: number;
  toldMs: number;
  /** Gives it up when nothing comes. */
  timer?: ReturnType<typeof setTimeout>;
}

/** What becomes of an upload that is complete: a share of these paths. */
export interface StagedFiles {
  id: string;
  paths: string[];
  keep: boolean;
  skipped: readonly Skipped[];
  remove: () => Promise<void>;
}

/** Told of what becomes of uploads. */
export interface UploadListener {
  onView: (view: ShareView) => void;
  /** It was given up. */
  onGone: (id: string) => void;
}

/** How often it is told how far one is. */
const INTERVAL_MS = 100;
/** How long a page may be without a file under way. One that is longer was closed, or loaded again. */
const PATIENCE_MS = 15_000;

export class Uploads implements AsyncDisposable {
  readonly #folder: string;
  readonly #uploads = new Map<string, Upload>();
  readonly #listener: UploadListener;
  readonly #patienceMs: number;

  private constructor(folder: string, listener: UploadListener, patienceMs: number) {
    this.#folder = folder;
    this.#listener = listener;
    this.#patienceMs = patienceMs;
  }

  /** Opens the place for uploads, and clears what earlier processes have left there. Throws `home_*`. */
  static async open(home: Home, listener: UploadListener, patienceMs = PATIENCE_MS): Promise<Uploads> {
    const folder = await home.folder(FOLDER);
    await HeldFolder.removeLeftovers(folder);
    return new Uploads(folder, listener, patienceMs);
  }

  get views(): ShareView[] {
    return [...this.#uploads.values()].map(({ view }) => view);
  }

  /** Begins one. Throws `home_*`. */
  async begin({ files, bytes, title, keep, skipped }: UploadPlan): Promise<string> {
    const folder = await HeldFolder.create(this.#folder);
    const id = crypto.randomUUID();
    const about = newShareView(id, Date.now(), { title, keep, skipped, isStaged: true });
    const view: ShareView = { ...about, state: "staging", files, bytes };
    const upload = { view, folder, taken: new Set<string>(), done: 0, toldMs: 0 };
    this.#uploads.set(id, upload);
    this.#listener.onView(view);
    this.#expect(upload);
    return id;
  }

  /**
   * Takes one file, whole; its name has `/` between its parts. Throws UploadRefused, `home_*`, and what the stream
   * ends with: then it may be brought again.
   */
  async take(id: string, name: string, stream: ReadableStream<Uint8Array>): Promise<void> {
    const upload = this.#find(id);
    if (!name.split("/").every(isPlainPart)) throw new UploadRefused("name");
    if (upload.taken.has(name)) throw new UploadRefused("twice");
    upload.taken.add(name);
    clearTimeout(upload.timer);
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
      // A file where another has its folder, or the other way round.
      if (isInTheWay(error)) throw new UploadRefused("name");
      await Deno.remove(path).catch(() => {});
      throw isSystemError(error) ? homeFault(error, path) : error;
    } finally {
      this.#expect(upload);
    }
  }

  /** What is to be shared now; the upload is no longer one. Throws UploadRefused while files are missing. */
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

  /** Gives one up. */
  async cancel(id: string): Promise<void> {
    const upload = this.#find(id);
    this.#forget(upload);
    await removeStaged(upload);
    this.#listener.onGone(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of [...this.#uploads.keys()]) await this.cancel(id);
  }

  #add(upload: Upload, bytes: number): void {
    upload.view = { ...upload.view, doneBytes: upload.view.doneBytes + bytes };
    // What still comes for one that was given up is no news.
    if (!this.#uploads.has(upload.view.id)) return;
    const nowMs = performance.now();
    if (nowMs - upload.toldMs < INTERVAL_MS && upload.view.doneBytes < upload.view.bytes) return;
    upload.toldMs = nowMs;
    this.#listener.onView(upload.view);
  }

  /** Gives an upload up unless a file of it comes soon. */
  #expect(upload: Upload): void {
    const { taken, done, view: { id } } = upload;
    if (taken.size > done || !this.#uploads.has(id)) return;
    upload.timer = setTimeout(() => void this.cancel(id), this.#patienceMs);
  }

  #forget({ view: { id }, timer }: Upload): void {
    clearTimeout(timer);
    this.#uploads.delete(id);
  }

  #find(id: string): Upload {
    const upload = this.#uploads.get(id);
    if (upload === undefined) throw new UploadRefused("unknown");
    return upload;
  }
}

/** What cannot be removed now is a leftover for the next one. */
async function removeStaged({ folder }: Upload): Promise<void> {
  await folder[Symbol.asyncDispose]().catch(() => {});
}

/** What a browser calls a file is not trusted. */
function isPlainPart(part: string): boolean {
  if (part === "" || part === "." || part === ".." || /[\\\0]/.test(part) || !part.isWellFormed()) {
    return false;
  }
  return new TextEncoder().encode(part).length <= PART_MAXIMUM_BYTES;
}

function isInTheWay(error: unknown): boolean {
  return isSystemError(error) && ["EEXIST", "ENOTDIR", "EISDIR"].includes((error as { code: string }).code);
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}
