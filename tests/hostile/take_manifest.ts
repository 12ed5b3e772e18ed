// A process of its own that fetches a manifest and prints by how many bytes its memory grew at most: what a receiver
// has of a collection before the decision about it.
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
