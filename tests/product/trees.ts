// Trees of files for tests: generated from a seed, and compared byte for byte.

import assert from "node:assert/strict";
import { dirname } from "node:path";

export type Tree = Record<string, Uint8Array>;

/** Bytes that do not compress or repeat, the same for the same seed (xorshift32). */
export function noise(length: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = (seed * 2654435761 | 1) >>> 0;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}

/** Files in folders, with names that are not ASCII among them, and every tenth file empty. */
export function mixedTree(files: number, largestBytes = 5000): Tree {
  const folders = ["", "böxes/", "データ/été/", "deep/er/still/"];
  return Object.fromEntries(Array.from({ length: files }, (_, i) => [
    `${folders[i % folders.length]}ﬁle ${i} ñ.bin`,
    noise(i % 10 === 0 ? 0 : (i * 7919) % largestBytes, i + 1),
  ]));
}

export async function writeTree(folder: string, tree: Tree): Promise<void> {
  for (const [name, bytes] of Object.entries(tree)) {
    await Deno.mkdir(dirname(`${folder}/${name}`), { recursive: true });
    await Deno.writeFile(`${folder}/${name}`, bytes);
  }
}

/** Every file below a folder; an entry that is neither a file nor a folder is a failure. */
export async function readTree(folder: string, prefix = ""): Promise<Tree> {
  const tree: Tree = {};
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) {
      Object.assign(tree, await readTree(`${folder}/${entry.name}`, `${prefix}${entry.name}/`));
    } else if (entry.isFile) tree[prefix + entry.name] = await Deno.readFile(`${folder}/${entry.name}`);
    else assert.fail(`${prefix}${entry.name} is neither a file nor a folder`);
  }
  return tree;
}

/** Asserts the same names with the same bytes. */
export function assertSameTree(actual: Tree, expected: Tree): void {
  assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort());
  for (const [name, bytes] of Object.entries(expected)) {
    assert.ok(Buffer.from(actual[name]).equals(bytes), `${name} differs`);
  }
}

/** A tree inside of a folder. */
export function below(folder: string, tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).map(([name, bytes]) => [`${folder}/${name}`, bytes]));
}
