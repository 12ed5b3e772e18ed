// Registers pli with the user's desktop, and removes exactly that again: `pli integrate`. What was written is recorded
// in PLI_HOME, with digests, before it is written. A file or a key that is not as pli wrote it belongs to another
// program or was changed by the user: it is neither replaced nor removed.

import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { textFrom, type Tool } from "./desktop.ts";
import {
  type EntryFile,
  entryFiles,
  type EntryWords,
  type RegistryKey,
  registryKeys,
} from "./desktop_entries.ts";
import type { Environment, Home } from "./home.ts";
import { readJson, removePrivate, writePrivate } from "./private_files.ts";
import { HEX_32, storedAs } from "./stored.ts";

const FILE = "integration.json";
/** Timeout of a tool of the system. */
const TOOL_MS = 20_000;
const MAXIMUM_ENTRY_BYTES = 64 * 1024;

/** By path or key the digests of everything that pli wrote there, and the folders that it created. */
const RECORD = v.object({
  written: v.record(v.string(), v.array(HEX_32)),
  folders: v.array(v.string()),
});
type Record = v.InferOutput<typeof RECORD>;

/** What happened to a file or a key. `foreign`: it is not as pli wrote it, and is left as it is. */
export type IntegrationState = "written" | "unchanged" | "removed" | "foreign";

export interface Integrated {
  path: string;
  state: IntegrationState;
}

/** How a kind of place is read and written. */
interface Place {
  /** The content, or for a key what stands for it; null if there is none, undefined if it cannot be of pli. */
  read(): Promise<string | null | undefined>;
  write(): Promise<void>;
  remove(): Promise<void>;
}

export interface IntegrationContext {
  home: Home;
  environment: Environment;
  /** The command line that starts pli, with absolute paths. */
  command: readonly string[];
  words: EntryWords;
  os: typeof Deno.build.os;
  /** Runs reg.exe; tests pass their own. The output; null if it failed. */
  registry?: (args: readonly string[]) => Promise<string | null>;
}

/** Whether a system has something to register with. macOS opens links by application bundles only. */
export function canIntegrate(os: typeof Deno.build.os): boolean {
  return os === "windows" || (os !== "darwin" && os !== "android");
}

/** Registers pli. A second call changes nothing. Throws `home_*`, and errors of the system. */
export async function integrate(context: IntegrationContext): Promise<Integrated[]> {
  const record = await readRecord(context.home);
  const planned = await placesOf(context);
  const obsolete = Object.keys(record.written).filter((path) => !planned.has(path));
  const results: Integrated[] = [];
  for (const path of obsolete) results.push(await removed(path, placeAt(path, context), record));
  for (const [path, { place, text }] of planned) {
    const found = await place.read();
    if (found === text) {
      record.written[path] = [digestOf(text)];
      results.push({ path, state: "unchanged" });
    } else if (found !== null && !isOwn(found, record.written[path])) {
      results.push({ path, state: "foreign" });
    } else {
      // A process that is killed now leaves a record of both contents.
      record.written[path] = [...record.written[path] ?? [], digestOf(text)];
      record.folders.push(...await missingFolders(path, context));
      await writeRecord(context.home, record);
      await place.write();
      record.written[path] = [digestOf(text)];
      results.push({ path, state: "written" });
    }
  }
  await writeRecord(context.home, record);
  await refresh(context);
  return results;
}

/** Removes what `integrate` wrote and nothing has changed since. Throws `home_*`, and errors of the system. */
export async function undoIntegration(context: IntegrationContext): Promise<Integrated[]> {
  const record = await readRecord(context.home);
  const results: Integrated[] = [];
  for (const path of Object.keys(record.written)) {
    results.push(await removed(path, placeAt(path, context), record));
  }
  await refresh(context);
  // The inner ones first; those that other programs use meanwhile stay.
  for (const folder of record.folders.toReversed()) {
    await removeEmptyTable(join(folder, "mimeinfo.cache"));
    await Deno.remove(folder).catch(() => {});
  }
  await removePrivate(join(context.home.path, FILE));
  return results;
}

async function removed(path: string, place: Place, record: Record): Promise<Integrated> {
  const found = await place.read();
  const own = isOwn(found, record.written[path]);
  if (found !== null && own) await place.remove();
  delete record.written[path];
  return { path, state: found === null || own ? "removed" : "foreign" };
}

function isOwn(found: string | null | undefined, digests: readonly string[] = []): boolean {
  return typeof found === "string" && digests.includes(digestOf(found));
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

async function readRecord(home: Home): Promise<Record> {
  const stored = storedAs(RECORD, await readJson(join(home.path, FILE), home.notify));
  return stored ?? { written: {}, folders: [] };
}

async function writeRecord(home: Home, record: Record): Promise<void> {
  await writePrivate(join(home.path, FILE), `${JSON.stringify(record, null, 2)}\n`);
}

/** The places that are written, in their order, each with its content. */
async function placesOf(
  context: IntegrationContext,
): Promise<Map<string, { place: Place; text: string }>> {
  const { command, words, os } = context;
  if (os === "windows") {
    return new Map(
      registryKeys(command, words).map((key) => {
        return [key.key, { place: keyPlace(key, context), text: markOf(key) }];
      }),
    );
  }
  const data = dataFolder(context.environment);
  const scripts = join(data, "nautilus/scripts");
  // Nautilus creates its folder when it is first used.
  const hasNautilus = await Deno.stat(join(data, "nautilus")).then(
    ({ isDirectory }) => isDirectory,
    () => false,
  );
  return new Map(
    entryFiles(data, command, words, hasNautilus ? scripts : null).map((file) => {
      return [file.path, { place: filePlace(file.path, file), text: file.text }];
    }),
  );
}

/** The user's folder for data of programs, by the specification of freedesktop.org. */
function dataFolder(environment: Environment): string {
  const data = environment("XDG_DATA_HOME");
  return data?.startsWith("/") ? data : join(environment("HOME") || "/", ".local/share");
}

function placeAt(path: string, context: IntegrationContext): Place {
  return context.os === "windows" ? keyPlace({ key: path, values: [] }, context) : filePlace(path, null);
}

// --- files -----------------------------------------------------------------------------------------------

function filePlace(path: string, file: EntryFile | null): Place {
  return {
    async read() {
      try {
        const { isFile, size } = await Deno.lstat(path);
        return isFile && size <= MAXIMUM_ENTRY_BYTES ? await Deno.readTextFile(path) : undefined;
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return null;
        throw error;
      }
    },
    async write() {
      const { text, mode } = file!;
      await Deno.mkdir(dirname(path), { recursive: true });
      const temporary = `${path}.pli-new`;
      await Deno.remove(temporary).catch(() => {});
      await Deno.writeTextFile(temporary, text, { createNew: true, mode });
      await Deno.rename(temporary, path);
    },
    remove: () => Deno.remove(path),
  };
}

/** The folders of a path that do not exist yet, the outer ones first. */
async function missingFolders(path: string, { os }: IntegrationContext): Promise<string[]> {
  if (os === "windows") return [];
  const missing: string[] = [];
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if (await Deno.stat(folder).then(() => true, () => false)) break;
    missing.unshift(folder);
  }
  return missing;
}

/** Updates the table from which desktops know who opens a link. Without the tool they read the entries themselves. */
async function refresh({ os, environment }: IntegrationContext): Promise<void> {
  if (os === "windows") return;
  const tool: Tool = ["update-desktop-database", join(dataFolder(environment), "applications")];
  await textFrom(tool, TOOL_MS);
}

/** Removes the table of a folder that pli created, if no other entry is in it. */
async function removeEmptyTable(path: string): Promise<void> {
  const text = await Deno.readTextFile(path).catch(() => null);
  if (text?.trim() === "[MIME Cache]") await Deno.remove(path);
}

// --- registry --------------------------------------------------------------------------------------------

/** A value of each key that pli wrote: the digest of its plan. Written last, so an incomplete key has none. */
const MARK = "PliIntegration";

/** reg.exe of the system. */
function runRegistry(args: readonly string[]): Promise<string | null> {
  return textFrom(["reg.exe", ...args], TOOL_MS);
}

/** What the mark of a key is. */
function markOf({ values }: RegistryKey): string {
  return digestOf(JSON.stringify(values));
}

function keyPlace(key: RegistryKey, { registry = runRegistry }: IntegrationContext): Place {
  const add = async (inner: string, name: string, text: string) => {
    const which = name === "" ? ["/ve"] : ["/v", name];
    const printed = await registry(["add", inner, ...which, "/t", "REG_SZ", "/d", text, "/f"]);
    if (printed === null) throw new Error(`reg.exe cannot write ${inner}`);
  };
  return {
    async read() {
      if (await registry(["query", key.key]) === null) return null;
      const printed = await registry(["query", key.key, "/v", MARK]);
      return /\b[0-9a-f]{64}\b/.exec(printed ?? "")?.[0];
    },
    async write() {
      if (await registry(["query", key.key]) !== null) await this.remove();
      for (const value of key.values) await add(...value);
      await add(key.key, MARK, markOf(key));
    },
    async remove() {
      const printed = await registry(["delete", key.key, "/f"]);
      if (printed === null) throw new Error(`reg.exe cannot remove ${key.key}`);
    },
  };
}
