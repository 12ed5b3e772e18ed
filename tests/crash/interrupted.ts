// Shared by the suites of crashes: a download that is interrupted repeatedly, the number of its right bytes on the disk,
// and the number of attempts, which PLI_LONG=1 and the variables of the suites increase.

import assert from "node:assert/strict";
import type { PliEvent, RunningPli } from "../product/processes.ts";
import { assertSameTree, noise, readTree, type Tree } from "../product/trees.ts";

export const LOCAL = ["--relay", "disabled"];
export const MIB = 1024 * 1024;
/** The unit in which right bytes on the disk are counted. */
const GROUP_BYTES = 16 * 1024;

export const IS_LONG = Deno.env.get("PLI_LONG") !== undefined;

/** A number of attempts or a size: that of an environment variable, or the default of quick or long runs. */
export function amount(variable: string, quick: number, long: number): number {
  return Number(Deno.env.get(variable) ?? (IS_LONG ? long : quick));
}

/** Wraps a command so that strace injects an error or a signal into calls, by the syntax of its `inject`. */
export function injecting(calls: string, what: string): string[] {
  return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", `trace=${calls}`, "-e", `inject=${calls}:${what}`];
}

/** A large file, middling ones and 300 small ones, in folders. */
export function crashTree(largeBytes: number): Tree {
  const tree: Tree = { "large.bin": noise(largeBytes, 11) };
  for (let i = 1; i <= 5; i++) tree[`middling/${i}.bin`] = noise(i * 700_000, i);
  for (let i = 0; i < 300; i++) tree[`small/${i % 7}/${i}`] = noise((i * 37) % 9000, i + 100);
  return tree;
}

export function sizeOf(tree: Tree): number {
  return Object.values(tree).reduce((sum, bytes) => sum + bytes.length, 0);
}

/**
 * The number of bytes of a tree that are right on the disk: published below `folder` under `name`, or staged. Those of
 * them that a later run fetches again were written in vain.
 */
export async function rightBytes(folder: string, name: string, tree: Tree): Promise<number> {
  const staging = await stagingFolders(folder);
  let right = 0;
  for (const [part, bytes] of Object.entries(tree)) {
    const places = [`${folder}/${name}/${part}`, ...staging.map((each) => `${each}/files/${name}/${part}`)];
    const found = await Promise.all(places.map((path) => Deno.readFile(path).catch(() => null)));
    right += Math.max(...found.map((content) => content === null ? 0 : rightIn(content, bytes)));
  }
  return right;
}

/** The staging folders in a destination. */
export async function stagingFolders(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) if (name.startsWith(".pli-")) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.map((name) => `${folder}/${name}`);
}

function rightIn(content: Uint8Array, expected: Uint8Array): number {
  let right = 0;
  for (let at = 0; at < expected.length; at += GROUP_BYTES) {
    const group = expected.subarray(at, at + GROUP_BYTES);
    if (Buffer.compare(content.subarray(at, at + group.length), group) === 0) right += group.length;
  }
  return right;
}

/** Asserts that the tree is complete under its name, byte for byte, and alone. */
export async function assertArrived(folder: string, name: string, tree: Tree): Promise<void> {
  assert.deepEqual([...Deno.readDirSync(folder)].map((entry) => entry.name), [name]);
  assertSameTree(await readTree(`${folder}/${name}`), tree);
}

/**
 * The part of `allBytes` that a receiver had verified on the disk when it began to fetch; null if it ended before.
 */
export function verifiedBytes({ events }: RunningPli, allBytes: number): number | null {
  const first = events.find((event) => event.type === "progress");
  return first === undefined ? null : allBytes - (first.total - first.bytes);
}

/** Resolves at the first event of a type, or when the process has ended without one. */
export async function eventOrEnd(pli: RunningPli, type: PliEvent["type"]): Promise<void> {
  await pli.event(type).catch(() => {});
}

/** The bytes that a process has read from files so far. For a sender: those that it served, and those read before. */
export async function readBytesOf(pid: number): Promise<number> {
  const io = await Deno.readTextFile(`/proc/${pid}/io`);
  return Number(/rchar: (\d+)/.exec(io)![1]);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** One line of figures. */
export function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

export function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(2)} MiB`;
}
