// A HashCache in a Map.

import type { FileValues, HashCache, HashKey } from "../../src/engine/ports.ts";

export class MemoryHashes implements HashCache {
  readonly entries = new Map<string, { key: HashKey; values: FileValues }>();
  /** Numbers of its calls. */
  finds = 0;
  keeps = 0;

  find(keys: readonly HashKey[]): (FileValues | null)[] {
    this.finds++;
    return keys.map((key) => {
      const entry = this.entries.get(key.path.toHex());
      return entry !== undefined && statusOf(entry.key) === statusOf(key) ? entry.values : null;
    });
  }

  keep(entries: readonly { key: HashKey; values: FileValues }[]): void {
    this.keeps++;
    for (const entry of entries) this.entries.set(entry.key.path.toHex(), entry);
  }

  forget(paths: readonly Uint8Array[]): void {
    for (const path of paths) this.entries.delete(path.toHex());
  }
}

function statusOf({ path: _path, ...status }: HashKey): string {
  return JSON.stringify(status);
}
