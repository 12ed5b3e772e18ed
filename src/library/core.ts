/**
 * The engine for every JavaScript runtime, browsers included. It imports nothing of Deno or Node.js: files and network
 * are handed in as ports ({@link Disk}, {@link BindEndpoint}), the hasher in WebAssembly and a clock are here.
 *
 * ```ts
 * import { type BindEndpoint, type Disk, Engine, generateSecretKey, isPliError, parseTicket } from "@pli/engine/core";
 * import { systemClock, wasmHasher } from "@pli/engine/core";
 *
 * // Stand-ins: a program has a disk and a network of its own here.
 * const disk = {} as Disk;
 * const bind: BindEndpoint = () => Promise.reject(new Error("no network"));
 *
 * const engine = new Engine({ bind, disk, hasher: wasmHasher(), clock: systemClock });
 * try {
 *   const offer = await engine.inspect({
 *     ticket: parseTicket("not a ticket"),
 *     secretKey: generateSecretKey(),
 *     relay: "disabled",
 *     onEvent: (event) => console.log(event.type),
 *   });
 *   console.log(offer.bytes);
 * } catch (error) {
 *   if (!isPliError(error, "ticket_malformed")) throw error;
 * }
 * ```
 *
 * Tickets are read and made without ports.
 *
 * ```ts
 * import { formatTicket, generateSecretKey, parseTicket, wasmHasher } from "@pli/engine/core";
 *
 * const ticket = formatTicket({
 *   endpointId: generateSecretKey(), // 32 bytes that stand for an endpoint here
 *   relayUrl: null,
 *   addresses: ["192.0.2.1:4433"],
 *   format: "hash_sequence",
 *   hash: wasmHasher().leaf(new TextEncoder().encode("content"), 0, true),
 * });
 * if (parseTicket(ticket).addresses[0] !== "192.0.2.1:4433") throw new Error(ticket);
 * ```
 *
 * @module
 */

export * from "../engine/mod.ts";
export * from "../engine/blake3/wasm_hasher.ts";
