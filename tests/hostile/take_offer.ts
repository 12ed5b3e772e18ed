// A separate process that starts a download, declines the offer, and prints the costs: the longest time in which the
// thread was blocked, and the peak growth of its memory.
//
//   deno run -A tests/hostile/take_offer.ts TICKET FOLDER

import { threadCpuUsage } from "node:process";
import { wasmHasher } from "../../src/engine/blake3/wasm_hasher.ts";
import { systemClock } from "../../src/engine/clock.ts";
import { isPliError } from "../../src/engine/errors.ts";
import { Engine, type Offer, parseTicket } from "../../src/engine/mod.ts";
import { report } from "../report.ts";
import { residentBytes } from "./raw.ts";
import { bindIroh, realDisk } from "../system_ports.ts";

const [ticket, folder] = Deno.args;

/** CPU time, which does not include other processes. */
function processorMs(): number {
  const { user, system } = threadCpuUsage();
  return (user + system) / 1000;
}

const engine = new Engine({ bind: bindIroh, hasher: wasmHasher(), disk: realDisk, clock: systemClock });
const beforeBytes = residentBytes(Deno.pid);
let [longestMs, lastMs] = [0, processorMs()];
const timer = setInterval(() => {
  const nowMs = processorMs();
  longestMs = Math.max(longestMs, nowMs - lastMs);
  lastMs = nowMs;
}, 1);
let offer: Offer | null = null;
let code: string | null = null;
try {
  await engine.fetch({
    ticket: parseTicket(ticket),
    secretKey: crypto.getRandomValues(new Uint8Array(32)),
    relay: "disabled",
    bindAddress: "127.0.0.1:0",
    destination: { kind: "folder", folder, existing: "merge" },
    decide: (given) => {
      offer = given;
      return Promise.resolve(false);
    },
    onEvent: () => {},
  });
} catch (error) {
  if (!isPliError(error)) throw error;
  code = error.code;
}
clearInterval(timer);
const peakBytes = Number(/VmHWM:\s+(\d+) kB/.exec(Deno.readTextFileSync("/proc/self/status"))?.[1]) * 1024;
const { files = null, folders = null } = offer as Offer | null ?? {};
report(JSON.stringify({
  code,
  files: files?.length,
  folders,
  longestMs,
  growthBytes: peakBytes - beforeBytes,
}));
