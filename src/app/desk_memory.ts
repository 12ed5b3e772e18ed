// Which shares a desk has open, kept for the one that comes after it.

import { isAbsolute, join } from "node:path";
import type { Home } from "./home.ts";
import { readPrivate, writePrivate } from "./private_files.ts";

const FILE = "desk.json";

export interface OpenShareNote {
  paths: readonly string[];
  keep: boolean;
}

export class DeskMemory {
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(home: Home) {
    this.#path = join(home.path, FILE);
  }

  /** What was open; nothing when that cannot be read. Throws `home_*`. */
  async read(): Promise<OpenShareNote[]> {
    const text = await readPrivate(this.#path);
    if (text === null) return [];
    try {
      const { shares } = JSON.parse(text);
      return Array.isArray(shares) ? shares.filter(isNote) : [];
    } catch {
      return [];
    }
  }

  /** Keeps what is open, soon. What cannot be written costs the next desk its shares, and nothing else. */
  write(shares: readonly OpenShareNote[]): void {
    const text = JSON.stringify({ version: 1, shares }, null, 2) + "\n";
    this.#writing = this.#writing.then(() => writePrivate(this.#path, text)).catch(() => {});
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.#writing;
  }
}

function isNote(value: unknown): value is OpenShareNote {
  if (typeof value !== "object" || value === null) return false;
  const { paths, keep } = value as Record<keyof OpenShareNote, unknown>;
  return typeof keep === "boolean" && Array.isArray(paths) && paths.length > 0 &&
    paths.every((path) => typeof path === "string" && isAbsolute(path));
}
