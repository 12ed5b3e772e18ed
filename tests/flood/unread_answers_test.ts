// 384 streams over 24 connections whose answers are never read, against a real pli over each binding: by unknown peers
// that request previews with only the endpoint id, and by holders of the ticket that request all data.

import assert from "node:assert/strict";
import type { Endpoint } from "../../src/engine/ports.ts";
import { PREVIEW_ALPN } from "../../src/engine/wire/preview.ts";
import { EVERYTHING } from "../../src/engine/wire/range_spec.ts";
import { BLOBS_ALPN } from "../../src/engine/wire/request.ts";
import { parseTicket } from "../../src/engine/wire/ticket.ts";
import {
  addressOf,
  bindRaw,
  delay,
  get,
  mebibytes,
  MIB,
  openWith,
  residentBytes,
  watchMemory,
} from "../hostile/raw.ts";
import { needing, NO_ADDON, NOT_LINUX, withoutStock } from "../left_out.ts";
import { Bench } from "../product/processes.ts";
import { noise } from "../product/trees.ts";
import { report } from "../report.ts";

const LOCAL = ["--relay", "disabled"];
/** The maximum number of connections of one id. */
const PER_ENDPOINT = 8;
const ENDPOINTS = 3;
const STREAMS = 16;
const FLOOD_MS = 4_000;
/**
 * The budget of answers, the copies of pending writes, and the memory of the connections. The stock binding
 * passes each byte as a number, which is collected late.
 */
const GROWTH_BYTES = { native: 96 * MIB, stock: 160 * MIB };

/** The size of the file of the receiver beside them. The stock binding is slow. */
const FILE_BYTES = { native: 32 * MIB, stock: 4 * MIB };

const BINDINGS = ["native", "stock"] as const;
const FLOODS = {
  previews: [PREVIEW_ALPN, () => Uint8Array.of(1)],
  data: [BLOBS_ALPN, (ticket: string) => get(parseTicket(ticket).hash, [0, EVERYTHING])],
} as const;

for (const binding of BINDINGS) {
  for (const [name, [alpn, requestOf]] of Object.entries(FLOODS)) {
    Deno.test({
      ...needing(
        `E.17 unread ${name} take no memory, and a receiver connects beside them, over the ${binding} binding`,
        NOT_LINUX,
        binding === "native" ? NO_ADDON : withoutStock(),
      ),
      fn: () => flood(binding, name, alpn, requestOf),
    });
  }
}

async function flood(
  binding: typeof BINDINGS[number],
  name: string,
  alpn: string,
  requestOf: (ticket: string) => Uint8Array,
): Promise<void> {
  await using bench = await Bench.make();
  await Deno.mkdir(bench.path("src"));
  // A preview of nearly 1 MiB, and a file of many blocks.
  for (let i = 0; i < 3_500; i++) await Deno.writeTextFile(bench.path(`src/${"n".repeat(230)}${i}`), "x");
  await Deno.writeFile(bench.path("src/large"), noise(FILE_BYTES[binding]));
  const env = { PLI_BINDING: binding };
  const sender = bench.pli(["send", ...LOCAL, "--keep", "--preview-names", bench.path("src")], { env });
  const ticket = await sender.ticket();
  const pid = sender.process.pid;
  const receive = async (into: string) => {
    const only = ["--only", "src/large", "-o", bench.path(into)];
    const receiver = bench.pli(["receive", ...LOCAL, ...only, ticket], { env });
    assert.equal(await receiver.ended(), 0, receiver.output);
    return (await receiver.event("done")).seconds;
  };
  const alone = await receive("alone");
  const before = residentBytes(pid);
  const watch = watchMemory(pid);
  const endpoints = await Promise.all(Array.from({ length: ENDPOINTS }, () => bindRaw()));
  const counts = await Promise.all(
    endpoints.map((endpoint) => requestUnread(endpoint, ticket, alpn, requestOf(ticket))),
  );
  const opened = counts.reduce((sum, count) => sum + count);
  assert.ok(opened >= ENDPOINTS * PER_ENDPOINT * STREAMS / 2, `only ${opened} streams were opened`);
  await delay(FLOOD_MS);
  const seconds = await receive("beside");
  const growthBytes = watch.stop() - before;
  await Promise.all(endpoints.map((endpoint) => endpoint.close()));
  report(
    `E.17: ${binding}, ${opened} unread ${name}: +${mebibytes(growthBytes)}, ` +
      `${mebibytes(FILE_BYTES[binding])} in ${alone.toFixed(1)} s alone, ${seconds.toFixed(1)} s beside them`,
  );
  assert.ok(growthBytes < GROWTH_BYTES[binding], mebibytes(growthBytes));
}

/** Sends requests on streams of connections of one endpoint, and reads nothing. Resolves to the number of streams. */
async function requestUnread(
  endpoint: Endpoint,
  ticket: string,
  alpn: string,
  request: Uint8Array,
): Promise<number> {
  let opened = 0;
  for (let i = 0; i < PER_ENDPOINT; i++) {
    try {
      const connection = await endpoint.connect(addressOf(ticket), alpn);
      for (let k = 0; k < STREAMS; k++) {
        await openWith(connection, request);
        opened++;
      }
    } catch {
      // The provider may close the connection to limit its memory.
    }
  }
  return opened;
}
