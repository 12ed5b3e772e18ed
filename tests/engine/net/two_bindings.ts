// Shared by the suites of the network binding: the same test on the stock binding and on the native one, over
// two endpoints of one process on loopback. Where one of them is missing, its tests are ignored.

import type { Binding } from "../../../src/engine/net/binding.ts";
import { bindOver } from "../../../src/engine/net/iroh_endpoint.ts";
import { stockBinding } from "../../../src/engine/net/stock_binding.ts";
import { nativeAddon } from "../../../src/engine/native/addon.ts";
import type { BiStream, Connection, Endpoint, EndpointOptions } from "../../../src/engine/ports.ts";
import { needing, NO_ADDON, withoutStock } from "../../left_out.ts";
import { inTime } from "../../time_limits.ts";

export const ALPN = "pli/test/1";
export const KIB = 1024;
export const MIB = 1024 * KIB;

/**
 * The reason for ignoring tests of the stock binding: its package is not in every registry for every system, and needs a
 * newer glibc than the addon.
 */
const NO_STOCK = Deno.build.os === "linux" && Deno.build.arch === "x86_64"
  ? withoutStock()
  : await stockBinding().then(() => null, () => "the stock binding has no package for this system here");

export interface Subject {
  readonly name: "stock" | "native";
  readonly binding: Binding;
}

/** Both ends of a connection, and their endpoints. */
export interface Pair {
  near: Connection;
  far: Connection;
  nearEndpoint: Endpoint;
  farEndpoint: Endpoint;
}

/** A test of both bindings. */
export function contract(sentence: string, test: (subject: Subject) => Promise<void>): void {
  stock(sentence, test);
  native(sentence, test);
}

/** A test of the stock binding alone. */
export function stock(sentence: string, test: (subject: Subject) => Promise<void>): void {
  Deno.test(
    needing(`the stock binding: ${sentence}`, NO_STOCK),
    async () => await test({ name: "stock", binding: await stockBinding() }),
  );
}

/** A test of the native binding alone. */
export function native(sentence: string, test: (subject: Subject) => Promise<void>): void {
  Deno.test(
    needing(`the native binding: ${sentence}`, NO_ADDON),
    () => test({ name: "native", binding: nativeAddon() as Binding }),
  );
}

export async function bind(
  { binding }: Subject,
  accept: (connection: Connection) => Promise<void> = () => Promise.resolve(),
  options: Partial<EndpointOptions> = {},
): Promise<Endpoint> {
  return await bindOver(binding, {
    secretKey: crypto.getRandomValues(new Uint8Array(32)),
    relay: "disabled",
    bindAddresses: ["127.0.0.1:0"],
    lookup: "none",
    accept: new Map([[ALPN, accept]]),
    ...options,
  });
}

export async function withPair(subject: Subject, test: (pair: Pair) => Promise<void>): Promise<void> {
  const accepted = Promise.withResolvers<Connection>();
  const farEndpoint = await bind(subject, (connection) => {
    accepted.resolve(connection);
    return connection.closed;
  });
  const nearEndpoint = await bind(subject);
  try {
    const near = await nearEndpoint.connect(farEndpoint.address(), ALPN);
    await test({ near, far: await accepted.promise, nearEndpoint, farEndpoint });
  } finally {
    await nearEndpoint.close();
    await farEndpoint.close();
  }
}

/** Both ends of an open stream without data. */
export async function openStream({ near, far }: Pair): Promise<{ near: BiStream; far: BiStream }> {
  const opened = await near.openBi();
  // The peer accepts a stream only after the first byte on it.
  await opened.send.write([Uint8Array.of(1)]);
  const accepted = await far.acceptBi();
  if (accepted === null) throw new Error("the connection was closed");
  await accepted.receive.ready(1);
  accepted.receive.take([new Uint8Array(1)]);
  return { near: opened, far: accepted };
}

export async function withStream(
  subject: Subject,
  test: (stream: { near: BiStream; far: BiStream }, pair: Pair) => Promise<void>,
): Promise<void> {
  await withPair(subject, async (pair) => await test(await openStream(pair), pair));
}

/** The result of a promise, or an error when it takes too long, so that a call that never ends fails the test. */
export async function soon<T>(promise: Promise<T>, limitMs?: number): Promise<T> {
  return await inTime(promise, "a call", limitMs);
}

/** Resolves to whether a promise is pending after `waitMs`. */
export async function isPending(promise: Promise<unknown>, waitMs = 100): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = new Promise<true>((resolve) => timer = setTimeout(resolve, waitMs, true));
  const settled = promise.then(() => false, () => false);
  return await Promise.race([settled, wait]).finally(() => clearTimeout(timer));
}

export function randomBytes(sizeBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes);
  for (let i = 0; i < sizeBytes; i += 64 * KIB) crypto.getRandomValues(bytes.subarray(i, i + 64 * KIB));
  return bytes;
}
