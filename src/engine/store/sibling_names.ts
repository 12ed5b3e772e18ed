// Free names beside others: the first number that neither the folder on the disk nor the collection uses.

import { join } from "node:path";
import type { Disk } from "../ports.ts";
import type { LandingFolder } from "./landing_tree.ts";
import { numberedName } from "./numbered_name.ts";
import { nameKey, type Volume } from "./volume.ts";

/** The names in a folder, present and coming. */
export class SiblingNames {
  #coming: Set<string> | null = null;

  constructor(
    readonly disk: Disk,
    readonly volume: Volume,
    /** Where the folder is, or will be. */
    readonly path: string,
    readonly folder: LandingFolder,
  ) {}

  /** `part (2)`, or the next number that is free. The name counts as taken from now on. */
  async choose(part: string, kind: "file" | "folder"): Promise<string> {
    for (let number = 2;; number++) {
      const candidate = numberedName(part, number, kind);
      const key = nameKey(candidate, this.volume);
      if (this.#comingKeys().has(key)) continue;
      // Taken before it is looked for: others choose in the meantime.
      this.#comingKeys().add(key);
      if (await this.disk.status(join(this.path, candidate)) === null) return candidate;
    }
  }

  /** Made when the first name is taken, which in most folders never happens. */
  #comingKeys(): Set<string> {
    return this.#coming ??= new Set(
      [...this.folder.folders, ...this.folder.files].map(({ part }) => nameKey(part, this.volume)),
    );
  }
}
