// The JSON schema of pli's JSON lines, `docs/json-lines.schema.json`, which `deno run -A scripts/json_lines.ts` writes.
// The compiler compares it with `JsonLine`, and tests/product/json_lines_test.ts with what the program prints.

import { toJsonSchema } from "@valibot/to-json-schema";
import { writeFile } from "node:fs/promises";
import * as v from "valibot";
import type { JsonLine } from "../src/cli/report/output.ts";
import { runCommand } from "./command.ts";
import { EXISTING_POLICIES, type Listed } from "../src/engine/mod.ts";

const SCHEMA_FILE = new URL("../docs/json-lines.schema.json", import.meta.url);

const text = v.string();
const flag = v.boolean();
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const amount = v.pipe(v.number(), v.minValue(0));
/** Of an endpoint: its public key. */
const id = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const list = <S extends v.GenericSchema>(item: S) => v.array(item);
const line = <T extends string, E extends v.ObjectEntries>(type: T, entries: E) =>
  v.strictObject({ v: v.literal(1), type: v.literal(type), ...entries });

const offeredFile = v.strictObject({ name: text, bytes: count });
const sentences = { message: text, advice: text };
const fetched = {
  files: count,
  bytes: count,
  resumedBytes: count,
  seconds: amount,
  lostFiles: count,
  keptBytes: count,
};
const refused = { id, reason: v.picklist(["held", "ended"]), holder: v.nullable(id) };
const reach = { relayReached: flag, relayMissed: flag, relayUrl: v.nullable(text), addresses: list(text) };
const notice = <C extends string, E extends v.ObjectEntries>(code: C, parameters: E) =>
  line("notice", { code: v.literal(code), parameters: v.strictObject(parameters), message: text });

/** Every line. */
export const LINES = [
  line("hashing", { bytes: count, total: count, files: count }),
  line("ticket", { ticket: text, hash, files: count, bytes: count, ...reach }),
  line("receiver", { id, state: v.picklist(["connected", "receiving", "gone"]) }),
  line("claimed", { id, isPli: flag }),
  line("path", { id, kind: v.picklist(["direct", "relay"]), address: text, rttMs: amount }),
  line("manifest", { files: list(offeredFile), bytes: count, folders: count, hiddenFiles: count }),
  line("progress", { bytes: count, total: count, files: count, id: v.optional(id) }),
  line("stalled", { seconds: count, id: v.optional(id) }),
  line("checking", { bytes: count }),
  line("space_short", { neededBytes: count, freeBytes: count }),
  line("inodes_short", { needed: count, free: count }),
  line("volume_crossed", { path: text }),
  line("staging_refused", {
    path: text,
    reason: v.picklist(["not_folder", "other_owner", "open_to_others"]),
  }),
  line("addresses_cut", { count, tried: count }),
  line("waiting", { reason: v.picklist(["connecting", "relay", "sender", "reconnecting"]) }),
  line("skipped", {
    name: text,
    reason: v.picklist([
      "symlink",
      "symlink_broken",
      "symlink_to_folder",
      "special_file",
      "unreadable",
      "size_unknown",
      "name_not_portable",
      "name_not_unicode",
      "name_too_long",
      "too_deep",
      "empty_folder",
      "unfinished_download",
      "excluded",
      "already_there",
      "kept_existing",
    ]),
  }),
  line("renamed", { from: text, to: text, reason: v.picklist(["exists", "unsupported"]) }),
  line("refused", refused),
  line("refused", { ...refused, ...sentences }),
  line("source_changed", { name: text }),
  line("all_lost", {}),
  line("source_lost", { name: text }),
  line("answer_failed", { id, reason: text }),
  line("sent", {}),
  line("delivered", { id, bytes: count, files: count, lost: v.optional(list(text)) }),
  line("done", fetched),
  line("done", { ...fetched, folder: v.nullable(text), paths: list(text) }),
  line("ended", {
    state: v.picklist([
      "staging",
      "hashing",
      "serving",
      "delivered",
      "partial",
      "sent",
      "stopped",
      "failed",
    ]),
  }),
  line("inspection", {
    ticket: text,
    id,
    hash,
    relayUrl: v.nullable(text),
    addresses: list(text),
    format: v.picklist(["raw", "hash_sequence"]),
  }),
  line("download", {
    number: count,
    sender: id,
    folder: text,
    name: v.optional(v.nullable(text)),
    existing: v.picklist(EXISTING_POLICIES),
    only: list(text),
    title: text,
    otherNames: count,
    files: count,
    bytes: count,
    receivedBytes: count,
    isExact: flag,
    startedAtMs: count,
    updatedAtMs: count,
    isRunning: flag,
    lostFiles: count,
    lostNames: list(text),
  }),
  line("entry", {
    id: count,
    kind: v.picklist(["sent", "received"]),
    title: v.nullable(text),
    files: count,
    bytes: count,
    missing: count,
    notChosen: count,
    endedAtMs: count,
    paths: list(text),
    isThere: flag,
  }),
  line("glob_unmatched", {
    option: v.picklist(["--exclude", "--only"]),
    glob: text,
    nearest: v.nullable(text),
  }),
  line("options_unused", { options: list(text) }),
  line("option_is_file", { option: text }),
  line("listening", { url: text, file: text, code: text }),
  notice("code_reused", {}),
  notice("code_guessed", {}),
  notice("user_refused", { uid: text }),
  notice("file_set_aside", { path: text, kept: text }),
  notice("history_newer", { path: text }),
  notice("history_unavailable", { path: text }),
  notice("shared_elsewhere", {}),
  notice("entries_unreadable", { count }),
  notice("shares_unreadable", { count }),
  notice("download_gone", { title: v.nullable(text), otherNames: count, files: count, folder: text }),
  notice("settings_invalid", { path: text, names: text }),
  notice("nothing_remembered", {
    reason: v.picklist([
      "home_unknown",
      "home_denied",
      "home_read_only",
      "home_full",
      "home_file_too_large",
      "home_foreign",
      "home_shared",
      "home_unusable",
    ]),
    path: v.optional(text),
  }),
  notice("binding_slow", {}),
  line("removed", { id: count, title: v.nullable(text) }),
  line("cleared", { entries: count, isNewer: flag, setAside: count }),
  line("integration", { path: text, state: v.picklist(["written", "unchanged", "removed", "foreign"]) }),
  line("discarded", { number: count, title: text, folder: text }),
  line("error", { code: text, parameters: v.record(text, v.unknown()), ...sentences }),
] as const;

/** A value as it is read back from JSON. */
type Read<T> = T extends readonly (infer E)[] ? readonly Read<E>[]
  : T extends Listed<infer E> & object ? (T extends string ? T : readonly Read<E>[])
  : T extends object ? { readonly [K in keyof T]: Read<T[K]> }
  : T;
type Printed = Read<JsonLine & { v: 1 }>;
type Described = Read<v.InferOutput<(typeof LINES)[number]>>;
type NotDescribed = Exclude<Printed, Described>;
type NotPrinted = Exclude<Described, Printed>;
// It does not compile when a line or a field is in one of the two alone; the error names the line.
true satisfies [NotDescribed | NotPrinted] extends [never] ? true : NotDescribed | NotPrinted;

/** The schema as text. */
export function jsonLinesSchema(): string {
  const schema = toJsonSchema(v.union(LINES), { target: "draft-2020-12" });
  const titled = { $id: "json-lines.schema.json", title: "A line of pli --json", ...schema };
  return `${JSON.stringify(titled, null, 2)}\n`;
}

if (import.meta.main) {
  await runCommand(
    { usage: "deno run -A scripts/json_lines.ts", operands: [0, 0] },
    async () => await writeFile(SCHEMA_FILE, jsonLinesSchema()),
  );
}
