// A program on the packed engine, for Node.js and Deno: shares a path or fetches a ticket, and prints JSON lines.
// Arguments: `share PATH`, or `fetch TICKET FOLDER BYTES_PER_SECOND`, where 0 is no limit.

import process from "node:process";
import { generateSecretKey, openEngine, parseTicket, RateLimit } from "@pli/engine";

const [command, subject, folder, bytesPerSecond] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const engine = await openEngine();
const options = {
  secretKey: generateSecretKey(),
  relay: "disabled",
  bindAddress: "127.0.0.1:0",
  onEvent: say,
};

if (command === "share") {
  // Its ticket is an event. It is served until the process ends.
  await engine.share({ ...options, paths: [subject], ticketKind: "addresses", keep: true });
} else {
  const fetched = await engine.fetch({
    ...options,
    ticket: parseTicket(subject),
    destination: { kind: "folder", folder, existing: "merge" },
    limit: Number(bytesPerSecond) > 0 ? new RateLimit(Number(bytesPerSecond)) : undefined,
    decide: () => Promise.resolve(true),
  });
  say({ type: "fetched", names: fetched.names, bytes: fetched.bytes, resumedBytes: fetched.resumedBytes });
  process.exit(0);
}
