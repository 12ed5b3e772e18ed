// What the suites of crashes share: a download that is interrupted again and again, what of it is right on the
// disk, and how often things are tried. PLI_LONG=1 tries more often; the variables of the suites, as often as wanted.

import assert from "node:assert/strict";
import type { PliEvent, RunningPli } from "../product/processes.ts";
import { assertSameTree, noise, readTree, type Tree } from "../product/trees.ts";

export const LOCAL = ["--relay", "disabled"];
export const MIB = 1024 * 1024;
/** The granularity in which right bytes on the disk are counted. */
const GROUP_BYTES = 16 * 1024;

export const IS_LONG = Deno.env.get("PLI_LONG") !== undefined;

/** How often something is tried, or how large it is: by an environment variable, or as long runs have it. */
export function amount(variable: string, quick: number, long: number): number {
  return Number(Deno.env.get(variable) ?? (IS_LONG ? long : quick));
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
 * How many bytes of a tree are right on the disk: what is published of it below `folder` under `name`, and what
 * is staged. Whatever of it a later run fetches again has been written for nothing.
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

function rightIn(content: Uint8Array, wanted: Uint8Array): number {
  let right = 0;
  for (let at = 0; at < wanted.length; at += GROUP_BYTES) {
    const group = wanted.subarray(at, at + GROUP_BYTES);
    if (Buffer.compare(content.subarray(at, at + group.length), group) === 0) right += group.length;
  }
  return right;
}

/** All of the tree is there under its name, byte for byte, and nothing beside it. */
export async function assertArrived(folder: string, name: string, tree: Tree): Promise<void> {
  assert.deepEqual([...Deno.readDirSync(folder)].map((entry) => entry.name), [name]);
  assertSameTree(await readTree(`${folder}/${name}`), tree);
}

/**
 * How much of `allBytes` a receiver has believed to be there when it began to fetch; null when it did not come
 * to that.
 */
export function believedBytes({ events }: RunningPli, allBytes: number): number | null {
  const first = events.find((event) => event.type === "progress");
  return first === undefined ? null : allBytes - (first.total - first.bytes);
}

/** Resolves at the first event of a type, or when the process has ended without one. */
export async function eventOrEnd(pli: RunningPli, type: PliEvent["type"]): Promise<void> {
  await pli.event(type).catch(() => {});
}

/** What a process has read from files so far. Of a sender: what it served, besides what it read to begin with. */
export async function readBytesOf(pid: number): Promise<number> {
  const io = await Deno.readTextFile(`/proc/${pid}/io`);
  return Number(/rchar: (\d+)/.exec(io)![1]);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** One line of figures. */
export function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

export function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(2)} MiB`;
}
