// Compares docs/peer-costs.md with the code: every reader of a peer's bytes has a row, and does not exceed it.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Texts } from "../../src/engine/bytes/texts.ts";
import { complete } from "../../src/engine/work.ts";
import { summarizingNames } from "../../src/engine/store/name_summary.ts";
import { checkNames } from "../../src/engine/store/names.ts";
import {
  COLLECTION_MAXIMUM_FILES,
  METADATA_MAXIMUM_BYTES,
  ROOT_MAXIMUM_BYTES,
} from "../../src/engine/wire/collection.ts";
import { receiptMaximumBytes } from "../../src/engine/wire/receipt.ts";
import { REQUEST_MAXIMUM_BYTES } from "../../src/engine/wire/request.ts";
import { TICKET_MAXIMUM_LENGTH } from "../../src/tickets/find_ticket.ts";
import { needing, NOT_FULL } from "../left_out.ts";
import { report } from "../report.ts";
import { CASES, manifestBytes, MOST_FOLDERS } from "./cost_cases.ts";
import type { Cost } from "./measure_costs.ts";

const ROOT = new URL("../../", import.meta.url);
const MEASURE = fileURLToPath(new URL("./measure_costs.ts", import.meta.url));
/** Minimum size of a folder or a file on common file systems. */
const BLOCK_BYTES = 4_096;

/** Readers outside of the searched rooms. */
const OTHER_READERS = ["BlobDecoder", "checkNames", "summarizingNames", "localNames", "buildTree"];
/** Exports of the searched rooms that do not get a peer's bytes directly, and the reason. */
const NO_READERS: Record<string, string> = {
  checkRanges: "the inside of RangesSequence.read",
  areSameNumbers: "compares what RangesSequence.read has checked",
  isForbiddenKind: "looks at one byte",
  receiptMaximumBytes: "takes the number of one's own files",
  receiptPrefixBytes: "takes the name of a protocol",
  isPrivateAddress: "takes what parseSocketAddress has read",
  hostsOf: "takes the addresses of this computer",
  isUnreachableRelay: "takes what normalizeRelayUrl has read",
  ticketSizeBytes: "the inside of findTicket",
  readableText: "the inside of findTicket",
  readings: "the inside of findTicket",
  stretches: "the inside of findTicket",
};
/** Exports with these names write. */
const WRITES = /^(encode|format|join|compare)[A-Z]/;

const LONGEST: Record<string, number> = {
  decodeRequest: REQUEST_MAXIMUM_BYTES + 1,
  "RangesSequence.read": REQUEST_MAXIMUM_BYTES + 1,
  "RangeSpec.next": REQUEST_MAXIMUM_BYTES + 1,
  decodeReceipt: receiptMaximumBytes(COLLECTION_MAXIMUM_FILES),
  splitHashes: ROOT_MAXIMUM_BYTES,
  decodeNames: METADATA_MAXIMUM_BYTES,
  decodingNames: METADATA_MAXIMUM_BYTES,
  checkNames: METADATA_MAXIMUM_BYTES,
  summarizingNames: METADATA_MAXIMUM_BYTES,
  localNames: METADATA_MAXIMUM_BYTES,
  buildTree: METADATA_MAXIMUM_BYTES,
  parseTicket: TICKET_MAXIMUM_LENGTH,
  normalizeRelayUrl: TICKET_MAXIMUM_LENGTH,
};

interface Row {
  longest: number;
  memory: number;
  time: number;
  inodes: number;
  disk: number;
}

async function tables(): Promise<{ readers: Map<string, Row>; protocols: string[] }> {
  const readers = new Map<string, Row>();
  const protocols: string[] = [];
  for (const line of (await Deno.readTextFile(new URL("docs/peer-costs.md", ROOT))).split("\n")) {
    const cells = line.split("|").slice(1, -1).map((cell) => cell.trim());
    if (cells[0]?.match(/^(-+|reader|protocol)$/)) continue;
    if (cells.length === 8) {
      const numbers = cells.slice(3).map((cell) => cell === "none" ? Infinity : Number(cell));
      assert.ok(numbers.every((number) => number >= 0), line);
      const [longest, memory, time, inodes, disk] = numbers;
      readers.set(cells[0], { longest, memory, time, inodes, disk });
    } else if (cells.length === 4) protocols.push(cells[0].replaceAll("`", ""));
  }
  return { readers, protocols };
}

/** The exports of the rooms `wire` and `tickets`: functions, static methods of classes, and protocols. */
async function exported(): Promise<{ functions: string[]; protocols: string[] }> {
  const functions: string[] = [];
  const protocols: string[] = [];
  for (const folder of ["src/engine/wire/", "src/tickets/"]) {
    for await (const { name } of Deno.readDir(new URL(folder, ROOT))) {
      if (!name.endsWith(".ts")) continue;
      const module: Record<string, unknown> = await import(new URL(folder + name, ROOT).href);
      for (const [key, value] of Object.entries(module)) {
        if (key.endsWith("_ALPN")) protocols.push(String(value));
        if (typeof value !== "function") continue;
        const statics = Object.getOwnPropertyNames(value).filter((one) =>
          one !== "of" && typeof Object.getOwnPropertyDescriptor(value, one)?.value === "function" &&
          one !== "prototype"
        );
        if (/^class\b/.test(String(value))) functions.push(...statics.map((one) => `${key}.${one}`));
        else functions.push(key);
      }
    }
  }
  return { functions, protocols };
}

Deno.test("E.16 every reader of a peer's bytes, and every protocol, has a row of its cost", async () => {
  const { readers, protocols } = await tables();
  const found = await exported();
  const needed = found.functions.filter((name) => !WRITES.test(name) && !(name in NO_READERS));
  assert.ok(
    needed.includes("decodeRequest") && needed.includes("RangesSequence.read"),
    "no reader was found",
  );
  assert.deepEqual([...readers.keys()].sort(), [...needed, ...OTHER_READERS].sort());
  for (const name of Object.keys(NO_READERS)) assert.ok(found.functions.includes(name), `${name} is gone`);
  for (const protocol of found.protocols) assert.ok(protocols.includes(protocol), `${protocol} has no row`);
  for (const [name, { longest }] of readers) assert.equal(longest, LONGEST[name] ?? Infinity, name);
  for (const name of readers.keys()) {
    assert.ok(CASES.some(({ reader }) => reader === name), `${name}: no case`);
  }
});

Deno.test({
  // This takes a quarter of a minute of one core.
  ...needing(
    "E.16 the worst messages of every reader have the cost of its row, in memory and time",
    NOT_FULL,
  ),
  fn: async () => {
    const { readers } = await tables();
    const { stdout, success } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--v8-flags=--expose-gc", MEASURE],
      env: { DENO_NO_UPDATE_CHECK: "1" },
      stderr: "inherit",
    }).output();
    assert.ok(success);
    const costs = new TextDecoder().decode(stdout).trim().split("\n").map((line): Cost => JSON.parse(line));
    assert.equal(costs.length, CASES.length);
    const worst = new Map<string, Cost>();
    for (const cost of costs) {
      const { reader, name, keptBytesPerByte, nanosecondsPerByte } = cost;
      const { memory, time } = readers.get(reader)!;
      assert.ok(keptBytesPerByte <= memory, `${reader}, ${name}: keeps ${keptBytesPerByte} bytes for each`);
      assert.ok(
        nanosecondsPerByte <= time,
        `${reader}, ${name}: takes ${nanosecondsPerByte} ns for each byte`,
      );
      const before = worst.get(reader);
      worst.set(reader, {
        ...cost,
        keptBytesPerByte: Math.max(keptBytesPerByte, before?.keptBytesPerByte ?? 0),
        nanosecondsPerByte: Math.max(nanosecondsPerByte, before?.nanosecondsPerByte ?? 0),
      });
    }
    for (const [reader, { keptBytesPerByte, nanosecondsPerByte }] of worst) {
      report(
        `E.16: ${reader}: ${keptBytesPerByte.toFixed(1)} bytes, ${nanosecondsPerByte.toFixed(0)} ns a byte`,
      );
    }
  },
});

Deno.test("E.16 the most folders of a manifest have the cost of its row, in inodes and disk", async () => {
  const { inodes, disk } = (await tables()).readers.get("buildTree")!;
  for (const [name, names] of Object.entries(MOST_FOLDERS)) {
    checkNames(names);
    const { folders } = complete(summarizingNames(Texts.of(names)));
    const bytes = manifestBytes(names);
    const [inodesPerByte, diskPerByte] = [(folders + names.length) / bytes, folders * BLOCK_BYTES / bytes];
    report(`E.16: ${name}: ${folders} folders of ${bytes} bytes, ${inodesPerByte.toFixed(2)} inodes a byte`);
    assert.ok(inodesPerByte <= inodes, `${name}: ${inodesPerByte}`);
    assert.ok(diskPerByte <= disk, `${name}: ${diskPerByte}`);
  }
});
