// A Disk in memory: folders, files with several names, symlinks and special files. Options make it a volume that folds
// case or normalises names, or that has Windows' naming rules, no hard links, or a capacity.

import type {
  Disk,
  DiskFile,
  DiskLock,
  FileIdentity,
  FileKind,
  FileStatus,
  FolderAccess,
  NewFile,
  OpenMode,
  PathOutcome,
  ReadOutcome,
  VolumeRoom,
} from "../../src/engine/ports.ts";
import { readFilesBy } from "./hooked_disk.ts";
import { sep } from "../../src/engine/paths.ts";
import { slashed } from "./slashes.ts";
import { type ErrorCode, isPliError, PliError } from "../../src/engine/errors.ts";

export interface MemoryDiskOptions {
  foldsCase?: boolean;
  normalizes?: boolean;
  /** Names by Windows' rules: device names, `a:b` as a stream of `a`, no final dots and spaces. */
  restrictedNames?: boolean;
  /** Whether it supports hard links; true if undefined. */
  links?: boolean;
  capacityBytes?: number;
  /** With a capacity: the reported number of free inodes. */
  freeInodes?: number;
  /** With a capacity: the reported maximum size of a file. */
  largestFileBytes?: number;
  /** With a capacity: the reported block size. */
  blockBytes?: number;
  /** Whether it reports the owners of folders; true if undefined. */
  tellsAccess?: boolean;
  /** Whether folders can be closed to others; true if undefined. */
  modes?: boolean;
  /** Whether links and renames out of a folder are made through its descriptor. */
  publishesByDescriptor?: boolean;
  /** Whether it can be flushed by one call; true if undefined. */
  syncsVolume?: boolean;
  /** Whether it tracks unflushed writes, which `cutPower` can lose. */
  losesPower?: boolean;
}

interface Node {
  kind: FileKind;
  inode: number;
  /** The volume that it is on. */
  device: number;
  links: number;
  modifiedMs: number;
  changedMs: number;
  /** Of a folder: its entries, by the volume's key of a name. */
  entries: Map<string, { name: string; node: Node }>;
  /** Of a file: at least `sizeBytes` long. */
  bytes: Uint8Array;
  sizeBytes: number;
  /** Of a symlink. */
  target: string;
  /** Of a folder: its owner, and whether others can enter it. */
  isOwn: boolean;
  isClosed: boolean;
}

interface Place {
  folder: Node;
  name: string;
}

/** An unflushed write, and the content that it has overwritten. */
interface UnflushedWrite {
  bytes: Uint8Array;
  offsetBytes: number;
  before: Uint8Array;
  sizeBefore: number;
}

/** An unflushed change of a folder. Those of one step survive together or not at all. */
interface UnflushedEntry {
  step: number;
  folder: Node;
  key: string;
  before: { name: string; node: Node } | undefined;
}

const MAXIMUM_SYMLINKS = 40;
/** The unit of a device's writes. */
const SECTOR_BYTES = 512;

export class MemoryDisk implements Disk {
  readonly #options: MemoryDiskOptions;
  readonly #root: Node;
  readonly #locked = new Set<Node>();
  #usedBytes = 0;
  #inodes = 1;
  #timeMs = 1_700_000_000_000;
  readonly #unflushedWrites = new Map<Node, UnflushedWrite[]>();
  /** In the order of their creation, in which file systems write them. */
  #unflushedEntries: UnflushedEntry[] = [];
  #step = 0;

  constructor(options: MemoryDiskOptions = {}) {
    this.#options = options;
    this.#root = this.#node("folder");
  }

  // --- the port ----------------------------------------------------------------------------------------

  // deno-lint-ignore require-await
  async status(path: string): Promise<FileStatus | null> {
    const node = this.#find(path);
    return node === null ? null : toStatus(node);
  }

  statuses(paths: readonly string[]): Promise<PathOutcome[]> {
    return eachInTurn(paths, false, (path) => this.status(path));
  }

  // deno-lint-ignore require-await
  async realPath(path: string): Promise<string | null> {
    const parts: string[] = [];
    let folder: Node = this.#root;
    const rest = split(path);
    let symlinks = 0;
    const above: Node[] = [];
    for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
      if (part === "..") {
        parts.pop();
        folder = above.pop() ?? this.#root;
        continue;
      }
      const entry = folder.entries.get(this.#key(part));
      if (entry === undefined) return null;
      if (entry.node.kind === "symlink") {
        if (++symlinks > MAXIMUM_SYMLINKS) return null;
        rest.unshift(...split(entry.node.target));
        if (entry.node.target.startsWith("/")) {
          parts.length = above.length = 0;
          folder = this.#root;
        }
        continue;
      }
      if (rest.length > 0 && entry.node.kind !== "folder") return null;
      parts.push(entry.name);
      above.push(folder);
      folder = entry.node;
    }
    return sep + parts.join(sep);
  }

  async statusBehind(path: string): Promise<FileStatus | null> {
    const real = await this.realPath(path);
    return real === null ? null : await this.status(real);
  }

  // deno-lint-ignore require-await
  async list(path: string): Promise<string[]> {
    const node = this.#find(path);
    if (node?.kind !== "folder") throw fault("disk_failed", path);
    return [...node.entries.values()].map((entry) => entry.name);
  }

  // deno-lint-ignore require-await
  async open(path: string, mode: OpenMode): Promise<DiskFile | null> {
    this.#step++;
    const place = this.#place(path);
    const existing = place?.folder.entries.get(this.#key(place.name))?.node;
    if (mode !== "create") {
      return existing?.kind === "file" ? this.#file(existing, path, toStatus(existing)) : null;
    }
    if (place === null) throw fault("disk_failed", path);
    if (existing !== undefined) return null;
    return this.#file(this.#add(place, this.#node("file"), path), path, null);
  }

  // deno-lint-ignore require-await
  async makeFolder(path: string, isPrivate = false): Promise<boolean> {
    this.#step++;
    const place = this.#place(path);
    if (place === null) throw fault("disk_failed", path);
    if (place.folder.entries.has(this.#key(place.name))) return false;
    const made = this.#add(place, this.#node("folder"), path);
    if (this.#options.modes !== false) made.isClosed = isPrivate;
    return true;
  }

  // deno-lint-ignore require-await
  async folderAccess(path: string): Promise<FolderAccess | null> {
    const node = this.#find(path);
    if (node?.kind !== "folder") return null;
    return {
      status: toStatus(node),
      isOwn: node.isOwn,
      isClosed: node.isClosed,
      isKnown: this.#options.tellsAccess !== false,
    };
  }

  createFolders(paths: readonly string[]): Promise<PathOutcome[]> {
    return eachInTurn(paths, true, async (path) => await this.makeFolder(path) ? this.status(path) : null);
  }

  readFiles(paths: readonly string[], maximumBytes: number): Promise<ReadOutcome[]> {
    return readFilesBy((path, mode) => this.open(path, mode), paths, maximumBytes);
  }

  createFiles(files: readonly NewFile[]): Promise<PathOutcome[]> {
    return eachInTurn(files, true, async ({ path, bytes }) => {
      const file = await this.open(path, "create");
      if (file === null) return null;
      try {
        await file.writeAt(bytes, 0);
      } catch (error) {
        await this.remove(path);
        throw error;
      }
      return await file.status();
    });
  }

  // deno-lint-ignore require-await
  async link(existing: string, name: string, within?: FileIdentity): Promise<boolean | null> {
    this.#step++;
    this.#checkWithin(existing, within);
    const node = this.#find(existing);
    const place = this.#place(name);
    if (node === null || node.kind === "folder" || place === null) throw fault("disk_failed", name);
    if (place.folder.device !== node.device) throw fault("disk_other_volume", name);
    if (this.#options.links === false) return null;
    if (place.folder.entries.has(this.#key(place.name))) return false;
    this.#add(place, node, name);
    node.links++;
    return true;
  }

  // deno-lint-ignore require-await
  async rename(from: string, to: string, within?: FileIdentity): Promise<boolean> {
    this.#step++;
    this.#checkWithin(from, within);
    const [source, target] = [this.#place(from), this.#place(to)];
    const moved = source?.folder.entries.get(this.#key(source.name))?.node;
    if (source === null || target === null || moved === undefined) throw fault("disk_failed", to);
    if (target.folder.device !== moved.device) throw fault("disk_other_volume", to);
    const replaced = target.folder.entries.get(this.#key(target.name))?.node;
    if (replaced === moved) return true;
    if (replaced !== undefined) {
      if ((replaced.kind === "folder") !== (moved.kind === "folder")) return false;
      if (replaced.entries.size > 0) return false;
      this.#unlink(target);
    }
    this.#add(target, moved, to);
    this.#setEntry(source.folder, this.#key(source.name), undefined);
    return true;
  }

  // deno-lint-ignore require-await
  async remove(path: string): Promise<void> {
    this.#step++;
    const place = this.#place(path);
    const node = place?.folder.entries.get(this.#key(place.name))?.node;
    if (place === null || node === undefined) return;
    if (node.entries.size > 0) throw fault("disk_failed", path);
    this.#unlink(place);
  }

  // deno-lint-ignore require-await
  async removeTree(path: string): Promise<void> {
    const place = this.#place(path);
    if (place !== null) this.#removeBelow(place);
  }

  // deno-lint-ignore require-await
  async syncFolder(path: string): Promise<void> {
    const node = this.#find(path);
    if (node?.kind !== "folder") throw fault("disk_failed", path);
    const last = this.#unflushedEntries.findLast(({ folder }) => folder === node);
    if (last === undefined) return;
    this.#unflushedEntries = this.#unflushedEntries.filter(({ step }) => step > last.step);
  }

  // deno-lint-ignore require-await
  async syncVolume(path: string): Promise<boolean> {
    if (this.#find(path) === null) throw fault("disk_failed", path);
    if (this.#options.syncsVolume === false) return false;
    this.flush();
    return true;
  }

  // deno-lint-ignore require-await
  async room(): Promise<VolumeRoom | null> {
    const { capacityBytes, freeInodes = null, blockBytes = 0, largestFileBytes = null } = this.#options;
    if (capacityBytes === undefined) return null;
    return { freeBytes: capacityBytes - this.#usedBytes, freeInodes, blockBytes, largestFileBytes };
  }

  async lock(path: string): Promise<DiskLock | null> {
    await (await this.open(path, "create"))?.close();
    const node = this.#find(path);
    // Removed by another process meanwhile.
    if (node === null && this.#place(path) !== null) return await this.lock(path);
    if (node?.kind !== "file") throw fault("disk_failed", path);
    if (this.#locked.has(node)) return null;
    this.#locked.add(node);
    return { release: () => void this.#locked.delete(node) };
  }

  #checkWithin(path: string, within: FileIdentity | undefined): void {
    if (this.#options.publishesByDescriptor !== true || within === undefined) return;
    const folder = this.#place(path)?.folder;
    if (folder?.inode !== within.inode) throw new PliError("destination_changed", { path: slashed(path) });
  }

  // --- for tests ---------------------------------------------------------------------------------------

  /** Makes a folder the root of another volume. */
  mount(path: string, device = 2): void {
    this.#find(path)!.device = device;
  }

  /** Makes a folder another user's, or open to others. */
  setAccess(path: string, access: { isOwn: boolean; isClosed: boolean }): void {
    Object.assign(this.#find(path)!, access);
  }

  /** Flushes everything. */
  flush(): void {
    this.#unflushedWrites.clear();
    this.#unflushedEntries = [];
  }

  /**
   * Simulates a power failure. Of the unflushed changes of folders a random prefix survives; of the writes any subset,
   * some in part, and some as zeros. Locks are released. `below` returns random numbers.
   */
  cutPower(below: (end: number) => number): void {
    const lastStep = this.#unflushedEntries[below(this.#unflushedEntries.length + 1)]?.step ?? Infinity;
    for (const { step, folder, key, before } of this.#unflushedEntries.toReversed()) {
      if (step < lastStep) break;
      if (before === undefined) folder.entries.delete(key);
      else folder.entries.set(key, before);
    }
    for (const [node, writes] of this.#unflushedWrites) {
      for (const { before, offsetBytes, sizeBefore } of writes.toReversed()) {
        node.bytes.set(before, offsetBytes);
        node.bytes.fill(0, sizeBefore, node.sizeBytes);
        node.sizeBytes = sizeBefore;
      }
      for (const { bytes, offsetBytes } of writes) {
        const fate = below(4);
        const length = fate === 2 ? below(bytes.length / SECTOR_BYTES + 1) * SECTOR_BYTES : bytes.length;
        if (fate === 0) continue;
        const end = Math.min(offsetBytes + length, offsetBytes + bytes.length);
        if (fate !== 3) node.bytes.set(bytes.subarray(0, end - offsetBytes), offsetBytes);
        node.sizeBytes = Math.max(node.sizeBytes, end);
      }
    }
    this.flush();
    this.#locked.clear();
    this.#count();
  }

  /** Makes, or replaces the content of, a file, with the folders above it. */
  writeFile(path: string, content: Uint8Array | string): void {
    const place = this.#placeMakingFolders(path);
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content.slice();
    const node = place.folder.entries.get(this.#key(place.name))?.node ??
      this.#add(place, this.#node("file"), path);
    this.#usedBytes += bytes.length - node.sizeBytes;
    [node.bytes, node.sizeBytes] = [bytes, bytes.length];
    this.#touch(node);
  }

  /** Sets the times of a file. */
  setTimes(path: string, modifiedMs: number, changedMs: number): void {
    Object.assign(this.#find(path)!, { modifiedMs, changedMs });
  }

  /** The content of a file, null when there is none. */
  readFile(path: string): string | null {
    const node = this.#find(path);
    return node?.kind === "file" ? new TextDecoder().decode(node.bytes.subarray(0, node.sizeBytes)) : null;
  }

  /** The bytes of a file, null when there is none. */
  bytesOf(path: string): Uint8Array | null {
    const node = this.#find(path);
    return node?.kind === "file" ? node.bytes.subarray(0, node.sizeBytes) : null;
  }

  /** The names in a folder; null when it is none. */
  names(path: string): string[] | null {
    const node = this.#find(path);
    return node?.kind === "folder" ? [...node.entries.values()].map(({ name }) => name) : null;
  }

  /** Whether the name exists. */
  has(path: string): boolean {
    return this.#find(path) !== null;
  }

  symlink(target: string, path: string): void {
    const node = this.#node("symlink");
    node.target = target;
    this.#add(this.#placeMakingFolders(path), node, path);
  }

  /** Creates a special file: a FIFO, a socket, a device. */
  special(path: string): void {
    this.#add(this.#placeMakingFolders(path), this.#node("other"), path);
  }

  makeFolders(path: string): void {
    this.#placeMakingFolders(`${path}/x`);
  }

  /** All that is below a folder, a line each: `path/`, `path -> target`, `path = content`, `path !`. */
  tree(path = "/"): string[] {
    const lines: string[] = [];
    const visit = (node: Node, prefix: string): void => {
      for (const { name, node: child } of node.entries.values()) {
        const at = prefix + name;
        if (child.kind === "folder") {
          lines.push(`${at}/`);
          visit(child, `${at}/`);
        } else if (child.kind === "symlink") lines.push(`${at} -> ${child.target}`);
        else if (child.kind === "other") lines.push(`${at} !`);
        else lines.push(`${at} = ${new TextDecoder().decode(child.bytes.subarray(0, child.sizeBytes))}`);
      }
    };
    const node = this.#find(path);
    if (node !== null) visit(node, "");
    return lines.sort();
  }

  // --- inside ------------------------------------------------------------------------------------------

  #node(kind: FileKind): Node {
    const timeMs = this.#timeMs++;
    return {
      kind,
      inode: this.#inodes++,
      links: 1,
      modifiedMs: timeMs,
      changedMs: timeMs,
      entries: new Map(),
      bytes: new Uint8Array(0),
      sizeBytes: 0,
      device: 1,
      target: "",
      isOwn: true,
      isClosed: false,
    };
  }

  #touch(node: Node): void {
    node.modifiedMs = node.changedMs = this.#timeMs++;
  }

  /** The volume's key of a name. */
  #key(name: string): string {
    let key = name;
    if (this.#options.restrictedNames) key = key.replace(/:.*$/s, "").replace(/[. ]+$/, "");
    if (this.#options.normalizes) key = key.normalize("NFD");
    return this.#options.foldsCase ? key.toUpperCase() : key;
  }

  #add(place: Place, node: Node, path: string): Node {
    const length = new TextEncoder().encode(place.name).length;
    if (length === 0 || length > 255 || place.name.includes("\0")) throw fault("disk_failed", path);
    let name = place.name;
    if (this.#options.restrictedNames) {
      if (isRefusedByWindows(name)) throw fault("disk_failed", path);
      name = name.replace(/:.*$/s, "").replace(/[. ]+$/, "");
    }
    if (node.links === 1 || node.kind === "folder") node.device = place.folder.device;
    this.#setEntry(place.folder, this.#key(place.name), { name, node });
    this.#touch(place.folder);
    return node;
  }

  /** Sets or removes an entry of a folder. */
  #setEntry(folder: Node, key: string, entry: { name: string; node: Node } | undefined): void {
    if (this.#options.losesPower) {
      this.#unflushedEntries.push({ step: this.#step, folder, key, before: folder.entries.get(key) });
    }
    if (entry === undefined) folder.entries.delete(key);
    else folder.entries.set(key, entry);
  }

  /** Counts names and bytes again. */
  #count(): void {
    const links = new Map<Node, number>();
    const visit = (folder: Node): void => {
      for (const { node } of folder.entries.values()) {
        links.set(node, (links.get(node) ?? 0) + 1);
        if (node.kind === "folder") visit(node);
      }
    };
    visit(this.#root);
    this.#usedBytes = 0;
    for (const [node, count] of links) {
      node.links = count;
      this.#usedBytes += node.sizeBytes;
    }
  }

  #unlink(place: Place): void {
    const node = place.folder.entries.get(this.#key(place.name))?.node;
    this.#setEntry(place.folder, this.#key(place.name), undefined);
    this.#touch(place.folder);
    if (node !== undefined && --node.links === 0) this.#usedBytes -= node.sizeBytes;
  }

  #removeBelow(place: Place): void {
    const node = place.folder.entries.get(this.#key(place.name))?.node;
    for (const { name } of [...node?.entries.values() ?? []]) this.#removeBelow({ folder: node!, name });
    this.#step++;
    if (node !== undefined) this.#unlink(place);
  }

  /** The node at a path, its last part not followed. */
  #find(path: string): Node | null {
    if (split(path).length === 0) return this.#root;
    const place = this.#place(path);
    return place?.folder.entries.get(this.#key(place.name))?.node ?? null;
  }

  /** The folder that a path's last part is in, symlinks followed; null when there is none. */
  #place(path: string): Place | null {
    const rest = split(path);
    const name = rest.pop() ?? "";
    const above: Node[] = [];
    let folder = this.#root;
    let symlinks = 0;
    for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
      if (part === "..") {
        folder = above.pop() ?? this.#root;
        continue;
      }
      const node = folder.entries.get(this.#key(part))?.node;
      if (node?.kind === "symlink") {
        if (++symlinks > MAXIMUM_SYMLINKS) return null;
        if (node.target.startsWith("/")) {
          above.length = 0;
          folder = this.#root;
        }
        rest.unshift(...split(node.target));
      } else if (node?.kind === "folder") {
        above.push(folder);
        folder = node;
      } else return null;
    }
    return { folder, name };
  }

  #placeMakingFolders(path: string): Place {
    const parts = split(path);
    for (let length = 1; length < parts.length; length++) {
      const at = "/" + parts.slice(0, length).join("/");
      if (this.#find(at) === null) this.#add(this.#place(at)!, this.#node("folder"), at);
    }
    return this.#place(path)!;
  }

  #file(node: Node, path: string, opened: FileStatus | null): DiskFile {
    let isOpen = true;
    const guard = (): void => {
      if (!isOpen) throw fault("disk_failed", path);
    };
    return {
      opened,
      // deno-lint-ignore require-await
      status: async () => (guard(), toStatus(node)),
      // deno-lint-ignore require-await
      readAt: async (buffer, offsetBytes) => {
        guard();
        const part = node.bytes.subarray(0, node.sizeBytes).subarray(
          offsetBytes,
          offsetBytes + buffer.length,
        );
        buffer.set(part);
        return part.length;
      },
      // deno-lint-ignore require-await
      writeAt: async (bytes, offsetBytes) => {
        guard();
        this.#write(node, bytes, offsetBytes, path);
      },
      // deno-lint-ignore require-await
      sync: async () => {
        guard();
        this.#unflushedWrites.delete(node);
      },
      // deno-lint-ignore require-await
      close: async () => {
        guard();
        isOpen = false;
      },
    };
  }

  #write(node: Node, bytes: Uint8Array, offsetBytes: number, path: string): void {
    const end = Math.max(node.sizeBytes, offsetBytes + bytes.length);
    const used = this.#usedBytes + end - node.sizeBytes;
    if (used > (this.#options.capacityBytes ?? Infinity)) throw fault("disk_full", path);
    if (end > node.bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * node.bytes.length));
      grown.set(node.bytes.subarray(0, node.sizeBytes));
      node.bytes = grown;
    }
    if (this.#options.losesPower) {
      const before = node.bytes.slice(offsetBytes, offsetBytes + bytes.length);
      const write = { bytes: bytes.slice(), offsetBytes, before, sizeBefore: node.sizeBytes };
      const writes = this.#unflushedWrites.get(node) ?? [];
      writes.push(write);
      this.#unflushedWrites.set(node, writes);
    }
    node.bytes.set(bytes, offsetBytes);
    [node.sizeBytes, this.#usedBytes] = [end, used];
    this.#touch(node);
  }
}

/** The result or error of each item; with `stops` the first error is that of all later items too. */
async function eachInTurn<T>(
  items: readonly T[],
  stops: boolean,
  operation: (item: T) => Promise<FileStatus | null>,
): Promise<PathOutcome[]> {
  const outcomes: PathOutcome[] = [];
  for (const item of items) {
    const last = outcomes.at(-1);
    if (stops && isPliError(last)) outcomes.push(last);
    else {outcomes.push(
        await operation(item).catch((error) => isPliError(error) ? error : Promise.reject(error)),
      );}
  }
  return outcomes;
}

function split(path: string): string[] {
  return slashed(path).split("/").filter((part) => part !== "" && part !== ".");
}

function fault(code: Extract<ErrorCode, `disk_${string}`>, path: string): PliError {
  return new PliError(code, { path: slashed(path) });
}

function isRefusedByWindows(name: string): boolean {
  // deno-lint-ignore no-control-regex
  return /[<>"|?*\\\u0000-\u001f]|^:|^[. ]*$/.test(name) ||
    /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *([.:]|$)/i.test(name);
}

function toStatus(node: Node): FileStatus {
  return {
    kind: node.kind,
    sizeBytes: node.sizeBytes,
    modifiedMs: node.modifiedMs,
    changedMs: node.changedMs,
    inode: node.inode,
    device: node.device,
    links: node.links,
  };
}
