// Free names beside others: the first number that neither the folder on disk nor the collection uses.

import { join } from "../paths.ts";
import type { Disk } from "../ports.ts";
import type { TreeFolder } from "./file_tree.ts";
import { numberedName } from "./numbered_name.ts";
import { nameKey, type Volume } from "./volume.ts";

/** The existing and the planned names of a folder. */
export class SiblingNames {
  #coming: Set<string> | null = null;

  constructor(
    readonly disk: Disk,
    readonly volume: Volume,
    /** Path of the folder, which may not exist yet. */
    readonly path: string,
    readonly folder: TreeFolder,
  ) {}

  /** `part (2)`, or the next free number. The name counts as taken from now on. */
  async choose(part: string, kind: "file" | "folder"): Promise<string> {
    for (let number = 2;; number++) {
      const candidate = numberedName(part, number, kind);
      const key = nameKey(candidate, this.volume);
      if (this.#comingKeys().has(key)) continue;
      // Taken before the disk query, because other calls choose names meanwhile.
      this.#comingKeys().add(key);
      if (await this.disk.status(join(this.path, candidate)) === null) return candidate;
    }
  }

  /** Created for the first taken name; most folders have none. */
  #comingKeys(): Set<string> {
    return this.#coming ??= new Set(
      [...this.folder.folders, ...this.folder.files].map(({ part }) => nameKey(part, this.volume)),
    );
  }
}
