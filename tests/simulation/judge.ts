// The invariants of a simulation, checked at every change of the receiver's disk.

import type { MemoryDisk } from "../fakes/memory_disk.ts";
import type { Watch } from "./process_disk.ts";
import type { Scenario } from "./scenario.ts";

const STAGED = /^\/dst\/\.pli-[0-9a-f]{16}-[0-9a-f]{32}\/files\/(.*)$/;

export class Judge implements Watch {
  /** The permitted contents of a name in the destination. */
  readonly #files: Scenario["files"];
  /** The first violation. Kept, because the engine may swallow an exception. */
  violation: Error | null = null;

  constructor(readonly scenario: Scenario, readonly disk: MemoryDisk) {
    this.#files = new Map(scenario.files);
  }

  changes(path: string): void {
    this.must(/^\/dst(\/|$)/.test(path), () => `${path} is outside of the destination`);
  }

  writes(path: string, bytes: Uint8Array, offsetBytes: number): void {
    const [, name] = STAGED.exec(path) ?? [];
    if (name === undefined) return;
    const right = this.#files.get(name);
    const part = right?.subarray(offsetBytes, offsetBytes + bytes.length);
    this.must(
      part !== undefined && isSame(part, bytes),
      () => `unverified bytes for ${name} at ${offsetBytes}`,
    );
  }

  appeared(path: string): void {
    if (!path.startsWith("/dst/.pli-")) this.judgeBelow(path);
  }

  /** Checks that every file below a path is a complete one of the share, or existed before. */
  judgeBelow(path: string): void {
    for (const file of filesBelow(this.disk, path)) {
      const name = file.slice("/dst/".length);
      if (name.startsWith(".pli-")) continue;
      const bytes = this.disk.bytesOf(file)!;
      const { before, hasLinks } = this.scenario;
      const share = this.#files.get(withoutNumbers(name));
      const isRight = (share !== undefined && isSame(share, bytes)) || isSame(before.get(name), bytes);
      // Without hard links a name is claimed by an empty file first.
      this.must(isRight || (!hasLinks && bytes.length === 0), () => `${name} has wrong bytes`);
    }
  }

  /** Checks that all selected files exist, except lost ones. */
  judgeComplete(lost: ReadonlySet<string> = new Set()): void {
    const { existing, before, wanted } = this.scenario;
    this.judgeBelow("/dst");
    const names = filesBelow(this.disk, "/dst").map((file) => file.slice("/dst/".length));
    for (const [name, bytes] of this.#files) {
      if (lost.has(name) || (wanted !== null && !wanted.has(name))) continue;
      if (existing === "skip" && before.has(name)) continue;
      const isThere = names.some((each) =>
        withoutNumbers(each) === name && isSame(this.disk.bytesOf(`/dst/${each}`)!, bytes)
      );
      this.must(isThere, () => `${name} is not there`);
    }
    if (existing === "overwrite") return;
    for (const [name, bytes] of before) {
      this.must(
        isSame(this.disk.bytesOf(`/dst/${name}`), bytes),
        () => `${name}, which was there, has changed`,
      );
    }
  }

  must(isSo: boolean, what: () => string): void {
    if (isSo) return;
    this.violation ??= new Error(what());
    throw this.violation;
  }
}

function isSame(a: Uint8Array | undefined | null, b: Uint8Array): boolean {
  return a !== undefined && a !== null && Buffer.compare(a, b) === 0;
}

function withoutNumbers(name: string): string {
  return name.replaceAll(/ \(\d+\)/g, "");
}

/** The paths of all files below one. */
export function filesBelow(disk: MemoryDisk, path: string): string[] {
  const names = disk.names(path);
  if (names === null) return disk.bytesOf(path) === null ? [] : [path];
  return names.flatMap((name) => filesBelow(disk, `${path}/${name}`));
}
