/**
 * Sends files and folders straight from one computer to another, over iroh, on Deno and Node.js. The wire protocol is
 * `/iroh-bytes/4`, which sendme and AltSendMe speak too. Every byte is verified by BLAKE3 before it is used. An interrupted
 * download resumes, and a lost connection is opened again.
 *
 * ```ts
 * import { generateSecretKey, openEngine, parseTicket } from "@pli/engine";
 * import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const folder = await mkdtemp(join(tmpdir(), "engine-example-"));
 * await writeFile(join(folder, "greeting.txt"), "hello");
 *
 * const engine = await openEngine();
 * // Without a relay two computers reach each other only where their addresses do.
 * const network = { relay: "disabled" as const, bindAddress: "127.0.0.1:0" };
 *
 * const share = await engine.share({
 *   ...network,
 *   paths: [join(folder, "greeting.txt")],
 *   secretKey: generateSecretKey(),
 *   ticketKind: "addresses",
 *   keep: false,
 *   onEvent: () => {},
 * });
 *
 * const fetched = await engine.fetch({
 *   ...network,
 *   ticket: parseTicket(share.ticket),
 *   secretKey: generateSecretKey(),
 *   destination: { kind: "folder", folder: join(folder, "received"), existing: "merge" },
 *   decide: (offer) => Promise.resolve(offer.bytes < 1_000_000),
 *   onEvent: (event) => event.type === "progress" && console.log(`${event.bytes} of ${event.total} bytes`),
 * });
 *
 * console.log(fetched.names, await share.ended);
 * await share.close();
 * const text = await readFile(join(folder, "received", "greeting.txt"), "utf8");
 * if (text !== "hello") throw new Error(text);
 * await rm(folder, { recursive: true });
 * ```
 *
 * The engine prints nothing, reads no environment variable and keeps nothing but the staging folder of an unfinished
 * download, in its destination. A fetch of the same ticket into the same folder resumes it. Failures are
 * {@link PliError}s with a `code` and parameters.
 *
 * @module
 */

export * from "./core.ts";
export * from "./open_engine.ts";
