// A separate process that fetches a manifest and prints the growth of its memory in bytes: the memory of a receiver
// before the decision about the offer.
//
//   deno run -A tests/hostile/take_manifest.ts TICKET

import { wasmHasher } from "../../src/engine/blake3/wasm_hasher.ts";
import { systemClock } from "../../src/engine/clock.ts";
import { fetchManifest } from "../../src/engine/transfer/fetch/manifest.ts";
import { parseTicket } from "../../src/engine/wire/ticket.ts";
import { bindRaw, connectRaw, residentBytes } from "./raw.ts";
import { report } from "../report.ts";

const [ticket] = Deno.args;
const endpoint = await bindRaw();
const connection = await connectRaw(endpoint, ticket);
const beforeBytes = residentBytes(Deno.pid);
const { files } = await fetchManifest(
  { connection, clock: systemClock },
  wasmHasher(),
  parseTicket(ticket).hash,
);
const status = Deno.readTextFileSync("/proc/self/status");
const peakBytes = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
report(JSON.stringify({ files: files.length, growthBytes: peakBytes - beforeBytes }));
connection.close(0);
await endpoint.close();
